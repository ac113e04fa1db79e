package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"time"
)

const (
	staticcheckVersion = "v0.8.2"
	govulncheckVersion = "v1.9.0"
	module             = "github.com/habeas-data/habeas"
)

var fuzzTime = 2 * time.Second

// ownGroup names the packages that a group of their own runs.
var ownGroup = map[string]bool{module + "/test": true, module + "/test/scripts": true, module + "/test/pdf": true}

func build(ctx context.Context, r *run) error {
	for _, dir := range r.mods {
		if err := said(output(ctx, dir, nil, "go", "build", "./...")); err != nil {
			return fmt.Errorf("build %s: %w", dir, err)
		}
	}
	// The published binary is static: it must build without C.
	return said(output(ctx, ".", []string{"CGO_ENABLED=0"},
		"go", "build", "-trimpath", "-ldflags=-s -w", "-o", r.bin, "./cmd/habeas"))
}

func vet(ctx context.Context, r *run) error {
	return eachModule(ctx, r, "go", "vet", "./...")
}

func gofmt(ctx context.Context, _ *run) error {
	out, err := output(ctx, ".", nil, "gofmt", "-l", ".")
	if err == nil && strings.TrimSpace(out) != "" {
		return fmt.Errorf("gofmt would change:\n%s", out)
	}
	return err
}

func modules(ctx context.Context, r *run) error {
	for _, dir := range r.mods {
		if err := said(output(ctx, dir, nil, "go", "mod", "verify")); err != nil {
			return err
		}
		if err := said(output(ctx, dir, nil, "go", "mod", "tidy", "-diff")); err != nil {
			return fmt.Errorf("go.mod of %s is not tidy: %w", dir, err)
		}
	}
	return nil
}

func staticcheck(ctx context.Context, r *run) error {
	return eachModule(ctx, r, "go", "run", "honnef.co/go/tools/cmd/staticcheck@"+staticcheckVersion, "./...")
}

// govulncheck needs the tool from the module proxy and a public database. That
// neither can be reached is told, not failed.
func govulncheck(ctx context.Context, r *run) error {
	ctx, cancel := context.WithTimeout(ctx, 4*time.Minute)
	defer cancel()
	for _, dir := range r.mods {
		out, err := output(ctx, dir, nil, "go", "run", "golang.org/x/vuln/cmd/govulncheck@"+govulncheckVersion, "./...")
		switch {
		case err == nil:
		case strings.Contains(out, "Vulnerability #"):
			fmt.Print(out)
			return errors.New("vulnerable code is called")
		default:
			return &leftOut{why: "the tool or its database cannot be reached: " + lastLine(out)}
		}
	}
	return nil
}

func houseRules(ctx context.Context, r *run) error {
	return r.goTest(ctx, ".", nil, "-count=1", module+"/test")
}

// unit runs the tests of every package that has no group of its own.
func unit(ctx context.Context, r *run) error {
	args := []string{"-timeout=15m", "-vet=off"} // vet is a group of its own
	if cCompiler.find() {
		args = append(args, "-race")
	} else {
		r.leave(group{name: "race detector"}, &leftOut{why: cCompiler.name + " is not on this machine"})
	}
	env := []string{"HABEAS_TEST_BIN=" + r.bin}
	for _, dir := range r.mods {
		if dir == filepath.Join("test", "browser") {
			continue
		}
		out, err := output(ctx, dir, nil, "go", "list", "./...")
		if err != nil {
			return fmt.Errorf("list packages of %s: %w\n%s", dir, err, out)
		}
		pkgs := append([]string{}, args...)
		for _, p := range strings.Fields(out) {
			if !ownGroup[p] {
				pkgs = append(pkgs, p)
			}
		}
		if err := r.goTest(ctx, dir, env, pkgs...); err != nil {
			return err
		}
	}
	return nil
}

func scripts(ctx context.Context, r *run) error {
	return r.goTest(ctx, ".", []string{"HABEAS_TEST_BIN=" + r.bin}, "-count=1", "-timeout=10m", module+"/test/scripts")
}

func pdfs(ctx context.Context, r *run) error {
	return r.goTest(ctx, ".", nil, "-count=1", "-timeout=5m", module+"/test/pdf")
}

func browser(ctx context.Context, r *run) error {
	env := []string{"HABEAS_TEST_BIN=" + r.bin, "HABEAS_TEST_CHROMIUM=" + chromiumBin(), "GOWORK=off"}
	return r.goTest(ctx, filepath.Join("test", "browser"), env, "-count=1", "-timeout=5m", "./...")
}

var fuzzFunc = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(\w+ \*testing\.F\)`)

// fuzz runs each fuzz target by itself, as the go command demands.
func fuzz(ctx context.Context, r *run) error {
	targets, err := fuzzTargets()
	if err != nil {
		return err
	}
	for _, t := range targets {
		args := []string{"test", "-run=^$", "-fuzz=^" + t.name + "$", "-fuzztime=" + fuzzTime.String(), "."}
		out, err := output(ctx, t.dir, nil, "go", args...)
		// The fuzzer now and then reports its own deadline as a failure; a
		// real one names the failing input. Try such a run once more.
		if err != nil && !strings.Contains(out, "Failing input") && strings.Contains(out, "context deadline exceeded") {
			out, err = output(ctx, t.dir, nil, "go", args...)
		}
		if err != nil {
			fmt.Print(out)
			r.fail(t.dir + " " + t.name)
			continue
		}
		fmt.Printf("ok   %s %s\n", t.dir, t.name)
		r.passed++
	}
	if len(targets) == 0 {
		return errors.New("no fuzz target found")
	}
	return nil
}

type target struct{ dir, name string }

func fuzzTargets() ([]target, error) {
	var out []target
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range fuzzFunc.FindAllStringSubmatch(string(src), -1) {
			out = append(out, target{filepath.Dir(path), m[1]})
		}
		return nil
	})
	sort.Slice(out, func(i, j int) bool { return out[i].dir+out[i].name < out[j].dir+out[j].name })
	return out, err
}

func eachModule(ctx context.Context, r *run, name string, args ...string) error {
	for _, dir := range r.mods {
		if err := said(output(ctx, dir, nil, name, args...)); err != nil {
			return fmt.Errorf("%s in %s: %w", name, dir, err)
		}
	}
	return nil
}

// said shows the output of a command that failed.
func said(out string, err error) error {
	if err != nil {
		fmt.Print(out)
	}
	return err
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}
