package measure

import (
	"context"
	"testing"
	"time"
)

func small(t *testing.T) Options {
	t.Helper()
	return Options{Events: 30_000, People: 1000, Seed: 1, Dir: t.TempDir(), LookUps: 50, AskFor: 300 * time.Millisecond}
}

func TestRawJournal(t *testing.T) {
	m, err := RawJournal(context.Background(), small(t), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"raw.frames256.per_s", "raw.frames1024.cpu_us", "raw.singles.per_s"} {
		if m[k] <= 0 {
			t.Errorf("%s = %v, want a positive number", k, m[k])
		}
	}
	if m["raw.singles.per_s"] > m["raw.frames1024.per_s"] {
		t.Errorf("one event to a message is faster than 1024: %v and %v", m["raw.singles.per_s"], m["raw.frames1024.per_s"])
	}
	t.Log(m)
}

func TestRawBadger(t *testing.T) {
	m, err := RawBadger(context.Background(), small(t), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Log(m)
}
