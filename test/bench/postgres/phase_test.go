package postgres

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/habeas-data/habeas/test/bench/measure"
)

// TestPhase runs the whole comparison on a small load: what is loaded is
// counted and found again by e-mail address.
func TestPhase(t *testing.T) {
	if _, err := Bin(); err != nil {
		t.Skip(err)
	}
	o := measure.Options{Events: 40_000, People: 1000, Seed: 1, Dir: t.TempDir(), LookUps: 100, AskFor: 300 * time.Millisecond}
	ctx := context.Background()
	if _, err := measure.TakeCensus(ctx, o, ""); err != nil {
		t.Fatal(err)
	}
	// Not t.TempDir: the user postgres must be able to walk to it.
	dir, err := os.MkdirTemp("", "habeas-bench-test-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	m, err := Phases[0].Run(ctx, o, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(m)
}
