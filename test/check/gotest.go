package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// testEvent is one line of `go test -json` (cmd/test2json).
type testEvent struct {
	Action      string
	Package     string
	ImportPath  string
	Test        string
	Output      string
	Elapsed     float64
	FailedBuild string
}

// goTest runs `go test -json` in dir and counts every test in it. The output of
// a test is shown only if it failed.
func (r *run) goTest(ctx context.Context, dir string, env []string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-json"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stdout
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start go test: %w", err)
	}
	failed := r.failed
	r.count(out)
	if err := cmd.Wait(); err != nil && r.failed == failed {
		return fmt.Errorf("go test %s: %w", strings.Join(args, " "), err)
	}
	return nil
}

// count reads the events of one go test. A package that fails without a failed
// test (it did not build, or its TestMain stopped) counts as one failure.
func (r *run) count(from io.Reader) {
	said := map[string]*strings.Builder{}
	keep := func(key, text string) {
		if said[key] == nil {
			said[key] = &strings.Builder{}
		}
		said[key].WriteString(text)
	}
	failedIn := map[string]int{}
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e testEvent
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Println(lines.Text())
			continue
		}
		key := e.Package + " " + e.Test
		switch e.Action {
		case "output":
			keep(key, e.Output)
		case "build-output":
			fmt.Print(e.Output)
		case "pass", "skip", "fail":
			switch {
			case e.Test != "" && e.Action == "pass":
				r.passed++
			case e.Test != "" && e.Action == "skip":
				keep(key, "")
				r.skipTest(e, said[key].String())
			case e.Test != "":
				failedIn[e.Package]++
				r.fail(e.Package + " " + e.Test)
				keep(key, "")
				fmt.Print(said[key].String())
			default:
				r.endPackage(e, failedIn[e.Package], said[key])
			}
			delete(said, key)
		}
	}
}

func (r *run) skipTest(e testEvent, said string) {
	fmt.Print(said)
	if r.ci {
		r.fail(e.Package + " " + e.Test + " was skipped, and HABEAS_CI=1 allows none")
		return
	}
	r.skipped++
	r.left = append(r.left, e.Package+" "+e.Test)
}

func (r *run) endPackage(e testEvent, failedTests int, said *strings.Builder) {
	switch {
	case e.Action == "fail" && failedTests == 0:
		r.fail("package " + e.Package)
		if said != nil {
			fmt.Print(said.String())
		}
	case e.Action != "skip":
		fmt.Printf("%-4s %s %.1fs\n", e.Action, e.Package, e.Elapsed)
	}
}
