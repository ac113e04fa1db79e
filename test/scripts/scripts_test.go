package scripts

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// bin is the folder of the habeas command under test.
var bin string

func TestMain(m *testing.M) { os.Exit(withCommand(m)) }

// withCommand runs the tests with the command that HABEAS_TEST_BIN names, or
// builds it.
func withCommand(m *testing.M) int {
	dir, err := os.MkdirTemp("", "habeas-scripts-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	command := filepath.Join(dir, "habeas")
	if built := os.Getenv("HABEAS_TEST_BIN"); built != "" {
		if _, err = os.Stat(built); err == nil {
			err = os.Symlink(built, command)
		}
	} else {
		var out []byte
		out, err = exec.Command("go", "build", "-o", command, "github.com/habeas-data/habeas/cmd/habeas").CombinedOutput()
		os.Stderr.Write(out)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "build the command:", err)
		return 1
	}
	bin = dir
	if err := setClusterEnvironment(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func TestScripts(t *testing.T) {
	testscript.Run(t, params("testdata"))
}

func params(dir string) testscript.Params {
	return testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("HABEAS_TEST_UPDATE") == "1",
		Setup:               setup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve-start":   serveStart,
			"demo-start":    demoStart,
			"cluster-start": clusterStart,
			"serve-stop":    stop,
			"serve-kill":    kill,
			"code":          code,
			"http":          callServer,
			"no-trace":      noTrace,
		},
	}
}

// setup gives each script a home of its own and nothing of ours from outside.
func setup(env *testscript.Env) error {
	env.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("HABEAS_DATA", filepath.Join(env.WorkDir, "data"))
	samples, err := filepath.Abs(filepath.Join("..", "..", "docs", "samples"))
	if err != nil {
		return err
	}
	env.Setenv("SAMPLES", samples) // the shipped certificate and its key
	env.Values[serverKey{}] = &place{}
	return nil
}
