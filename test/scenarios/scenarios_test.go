package scenarios

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/habeas-data/habeas/test/scenarios/play"
)

// bin is the built program.
var bin string

func TestMain(m *testing.M) { os.Exit(withCommand(m)) }

// withCommand runs the tests with the command that HABEAS_TEST_BIN names, or
// builds it.
func withCommand(m *testing.M) int {
	if bin = os.Getenv("HABEAS_TEST_BIN"); bin != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "habeas-scenarios-")
	if err == nil {
		defer os.RemoveAll(dir)
		bin, err = play.Build(context.Background(), dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// TestScenarios replays every story: every due date, state and finding is the one
// that was worked out by hand (Articles 5(1)(e), 13(2)(a); I10).
func TestScenarios(t *testing.T) {
	each(t, func(*play.Scenario) {})
}

// TestBackwards sends the events of every story in the opposite order and makes
// the map anew before it is read. What is known in the end depends neither on what
// came first nor on when the map was made (I4).
func TestBackwards(t *testing.T) {
	each(t, func(s *play.Scenario) { s.Order, s.Rebuild = slices.Reverse[[][]byte], true })
}

// TestDayByDay sends each event on its own day, as sources do, with the clock set
// to it.
func TestDayByDay(t *testing.T) {
	each(t, func(s *play.Scenario) { s.DayByDay = true }, "s1-maria-keane", "s3-priya-nair")
}

// each plays the scenarios that are named, or all.
func each(t *testing.T, change func(*play.Scenario), only ...string) {
	list, err := play.All(".")
	if err != nil || len(list) < 12 {
		t.Fatalf("%d scenarios (%v)", len(list), err)
	}
	for _, dir := range list {
		if len(only) > 0 && !slices.Contains(only, filepath.Base(dir)) {
			continue
		}
		t.Run(filepath.Base(dir), func(t *testing.T) {
			s, err := play.Load(dir)
			if err != nil {
				t.Fatal(err)
			}
			change(s)
			w, err := play.Start(t.Context(), bin, t.TempDir(), s)
			if err != nil {
				t.Fatal(err)
			}
			p := play.Player{World: w, Scenario: s, Tell: t.Output()}
			faults, err := p.Play(t.Context())
			for _, f := range faults {
				t.Error(f)
			}
			if err != nil {
				t.Error(err)
			}
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
