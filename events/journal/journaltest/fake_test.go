package journaltest_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/journal"
	"github.com/habeas-data/habeas/events/journal/journaltest"
)

func TestFakeKeepsTheContract(t *testing.T) {
	journaltest.Run(t, func(t *testing.T, clock *journaltest.Clock) journaltest.Set {
		f := journaltest.New(t)
		f.SetClock(clock.Now)
		var set func(*testing.T) journaltest.Set
		set = func(t *testing.T) journaltest.Set {
			l, err := f.Events(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			r, err := f.Raw(context.Background(), "vault")
			if err != nil {
				t.Fatal(err)
			}
			return journaltest.Set{Events: l, Raw: r, Reopen: set}
		}
		return set(t)
	})
}

// recorder stands for the test that the fake must fail.
type recorder struct {
	testing.TB
	said []string
	last []func()
}

func (r *recorder) Errorf(format string, a ...any) { r.said = append(r.said, format) }
func (r *recorder) Cleanup(f func())               { r.last = append(r.last, f) }

func TestFakeSeesAnAddressInACode(t *testing.T) {
	r := &recorder{TB: t}
	l, _ := journaltest.New(r).Events(context.Background())
	e := journaltest.Event(1)
	e.Recipient.Code = "priya@example.org"
	if _, err := l.Append(context.Background(), []*events.Event{e}, 0, 1); !errors.Is(err, journal.ErrRefused) {
		t.Errorf("append: %v, want ErrRefused", err)
	}
	if len(r.said) == 0 || !strings.Contains(r.said[0], "where a code belongs") {
		t.Errorf("the fake said %q", r.said)
	}
}

func TestFakeSeesAChangedFrame(t *testing.T) {
	r := &recorder{TB: t}
	l, _ := journaltest.New(r).Events(context.Background())
	if _, err := l.Append(context.Background(), journaltest.Events(0, 3), 0, 1); err != nil {
		t.Fatal(err)
	}
	_ = l.Replay(context.Background(), journal.Checkpoint{}, func(_ uint64, f *events.Frame) error {
		f.Record(0)[5] ^= 1
		return nil
	})
	for _, f := range r.last {
		f()
	}
	if len(r.said) == 0 {
		t.Error("the fake did not notice that a reader changed a frame")
	}
}

func TestFakeStops(t *testing.T) {
	f := journaltest.New(t)
	l, _ := f.Events(context.Background())
	f.Stop(errors.New("the disk is full"))
	<-f.Stopped()
	if _, err := l.Append(context.Background(), journaltest.Events(0, 1), 0, 1); !errors.Is(err, journal.ErrStopped) {
		t.Errorf("append after the stop: %v", err)
	}
}
