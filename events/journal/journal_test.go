package journal_test

import (
	"context"
	"testing"

	"github.com/habeas-data/habeas/events/journal"
	"github.com/habeas-data/habeas/events/journal/journaltest"
)

var ctx = context.Background()

// open opens a journal and closes it when the test ends.
func open(t testing.TB, c journal.Config) *journal.Journal {
	t.Helper()
	j, err := journal.Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return j
}

func eventLog(t testing.TB, j *journal.Journal) *journal.EventLog {
	t.Helper()
	l, err := j.Events(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func rawLog(t testing.TB, j *journal.Journal, name string) *journal.RawLog {
	t.Helper()
	l, err := j.Raw(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func set(t *testing.T, c journal.Config) journaltest.Set {
	j := open(t, c)
	return journaltest.Set{
		Events: eventLog(t, j), Raw: rawLog(t, j, "vault"),
		Reopen: func(t *testing.T) journaltest.Set {
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			return set(t, c)
		},
	}
}

func TestEmbeddedKeepsTheContract(t *testing.T) {
	journaltest.Run(t, func(t *testing.T, clock *journaltest.Clock) journaltest.Set {
		return set(t, journal.Config{Dir: t.TempDir(), Now: clock.Now})
	})
}
