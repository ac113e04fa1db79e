// Program check is what ./test.sh and CI run: it builds, vets, lints, tests and
// fuzzes the whole project, group by group, and counts every test and every
// group.
//
// What a group needs beyond Go it installs when it may (apt, as root);
// otherwise the group is left out by name, never silently. With HABEAS_CI=1 a
// group that is left out is a failure, because CI that skips proves nothing.
// Its last line is "N passed, N failed", and its exit code is 1 unless the
// second number is zero. It upholds no invariant; it runs the tests that do.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

// A group is one kind of check. Run reports through the run it is given and
// returns an error when the group as such failed.
type group struct {
	name  string
	what  string
	needs []need
	run   func(context.Context, *run) error
	// optional groups depend on something CI cannot provide either, such as a
	// public database: leaving them out is told, and is no failure.
	optional bool
}

var groups = []group{
	{name: "build", what: "every package, and the static binary", run: build},
	{name: "vet", what: "go vet", run: vet},
	{name: "gofmt", what: "formatting", run: gofmt},
	{name: "modules", what: "go.mod and go.sum are tidy and unaltered", run: modules},
	{name: "staticcheck", what: "honnef.co/go/tools " + staticcheckVersion, run: staticcheck},
	{name: "govulncheck", what: "known vulnerabilities that our code reaches", run: govulncheck, optional: true},
	{name: "house", what: "house rules of test/", run: houseRules},
	{name: "unit", what: "all package tests under the race detector", needs: []need{cCompiler, postgres}, run: unit},
	{name: "scripts", what: "the built command, and the README's own commands", run: scripts},
	{name: "pdf", what: "the PDFs, read by another program", needs: []need{poppler}, run: pdfs},
	{name: "browser", what: "the pages in a real browser", needs: []need{chromium}, run: browser},
	{name: "fuzz", what: "every decoder, a few seconds each", run: fuzz},
}

func main() {
	only := flag.String("only", "", "run only these groups, separated by commas")
	list := flag.Bool("list", false, "list the groups and stop")
	flag.DurationVar(&fuzzTime, "fuzztime", fuzzTime, "how long to fuzz each decoder")
	flag.Parse()
	if *list {
		for _, g := range groups {
			fmt.Printf("%-12s %s\n", g.name, g.what)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	code, err := checkAll(ctx, *only)
	if err != nil {
		fmt.Fprintln(os.Stderr, "check:", err)
	}
	os.Exit(code)
}

// checkAll runs the groups and prints the closing line. A group that fails
// does not stop the others, except build: without it nothing else can speak.
func checkAll(ctx context.Context, only string) (int, error) {
	chosen, err := choose(only)
	if err != nil {
		return 2, err
	}
	tmp, err := os.MkdirTemp("", "habeas-check-")
	if err != nil {
		return 3, fmt.Errorf("make a folder for the binary: %w", err)
	}
	defer os.RemoveAll(tmp)
	r := &run{tmp: tmp, bin: filepath.Join(tmp, "habeas"), ci: os.Getenv("HABEAS_CI") == "1"}
	if r.mods, err = moduleDirs("."); err != nil {
		return 3, err
	}
	begin := time.Now()
	for _, g := range chosen {
		r.group(ctx, g)
		if ctx.Err() != nil {
			r.fail("interrupted")
			break
		}
		if g.name == "build" && r.failed > 0 {
			break
		}
	}
	fmt.Printf("\nin %s\n", time.Since(begin).Round(time.Second))
	for _, s := range r.left {
		fmt.Println("left out:", s)
	}
	for _, f := range r.failures {
		fmt.Println("failed:", f)
	}
	line := fmt.Sprintf("%d passed, %d failed", r.passed, r.failed)
	if r.skipped > 0 {
		line += fmt.Sprintf(", %d skipped", r.skipped)
	}
	fmt.Println(line)
	if r.failed > 0 {
		return 1, nil
	}
	return 0, nil
}

func choose(only string) ([]group, error) {
	if only == "" {
		return groups, nil
	}
	var out []group
	for _, name := range strings.Split(only, ",") {
		found := false
		for _, g := range groups {
			if g.name == name {
				out, found = append(out, g), true
			}
		}
		if !found {
			return nil, fmt.Errorf("no group %q; -list names them", name)
		}
	}
	return out, nil
}

// A run is one call of check. It is used by one goroutine.
type run struct {
	tmp, bin string
	ci       bool
	mods     []string // folders with a go.mod

	passed, failed, skipped int
	failures                []string
	left                    []string
}

func (r *run) fail(what string) {
	r.failed++
	r.failures = append(r.failures, what)
}

// group runs one group and counts it as one check beside its tests.
func (r *run) group(ctx context.Context, g group) {
	fmt.Printf("\n=== %s: %s\n", g.name, g.what)
	begin, failed := time.Now(), r.failed
	for _, n := range g.needs {
		if err := n.provide(ctx); err != nil {
			if n.onlyPart { // the group's runner leaves that part out and says so
				continue
			}
			r.leave(g, err)
			return
		}
	}
	err := g.run(ctx, r)
	if left := (*leftOut)(nil); asLeftOut(err, &left) {
		r.leave(g, left)
		return
	}
	if err != nil {
		fmt.Printf("%v\n", err)
		r.fail("group " + g.name)
	} else if r.failed > failed {
		r.fail("group " + g.name)
	} else {
		r.passed++
	}
	fmt.Printf("--- %s: %s\n", g.name, time.Since(begin).Round(time.Second/10))
}

// leave tells that a group was not run.
func (r *run) leave(g group, why error) {
	msg := fmt.Sprintf("%s: %v", g.name, why)
	fmt.Println("--- left out:", msg)
	r.left = append(r.left, msg)
	if r.ci && !g.optional {
		r.fail("group " + g.name + " was left out, and HABEAS_CI=1 allows none")
		return
	}
	r.skipped++
}

// output runs a command in dir and returns everything it printed.
func output(ctx context.Context, dir string, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	b, err := cmd.CombinedOutput()
	return string(b), err
}

// moduleDirs lists the folders that hold a go.mod, the main module first.
func moduleDirs(root string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), "habeas-data")) {
			return filepath.SkipDir
		}
		if d.Name() == "go.mod" {
			out = append(out, filepath.Dir(path))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for modules: %w", err)
	}
	return out, nil
}
