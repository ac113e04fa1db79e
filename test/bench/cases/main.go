// Program cases measures the map with many cases and tasks alone: how fast facts
// are applied, what they take on disk, and how long pages of lists take.
//
//	go run ./test/bench/cases [-cases N] [-live N] [-asks N] [-dir DIR]
//
// It owns nothing that outlives it and writes to standard output only.
package main

import (
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections"
	"github.com/habeas-data/habeas/projections/casebook"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "cases:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	o := options{}
	f := flag.NewFlagSet("cases", flag.ContinueOnError)
	f.IntVar(&o.cases, "cases", 100_000, "cases opened, one after the other")
	f.IntVar(&o.live, "live", 2000, "cases under way at any time")
	asks := f.Int("asks", 200, "questions of each kind")
	dir := f.String("dir", "", "where to put the map; default a temporary directory")
	if err := f.Parse(args); err != nil {
		return err
	}
	at, err := os.MkdirTemp(*dir, "habeas-cases")
	if err != nil {
		return err
	}
	defer os.RemoveAll(at)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := &source{o: o, whole: make(chan events.Position, 1)}
	m, err := projections.Open(ctx, projections.Config{Dir: at, Source: s})
	if err != nil {
		return err
	}
	defer m.Close()
	done, begun := make(chan error, 1), time.Now()
	go func() { done <- m.Run(ctx) }()
	if err := m.WaitFor(ctx, <-s.whole); err != nil {
		return err
	}
	took := time.Since(begun)
	fmt.Fprintf(out, "%d facts of %d cases applied in %.1f s: %.0f a second, each durable; %d processors\n",
		s.facts, o.cases, took.Seconds(), float64(s.facts)/took.Seconds(), runtime.NumCPU())
	if err := weigh(m, out); err != nil {
		return err
	}
	if err := ask(m, out, *asks); err != nil {
		return err
	}
	cancel()
	return <-done
}

// weigh counts the rows of cases and their bytes before compression.
func weigh(m *projections.Map, out io.Writer) error {
	v := m.View()
	defer v.Close()
	rows, bytes := map[string]int{}, 0
	err := v.Scan([]byte{casebook.Family}, nil, func(k, val []byte) error {
		rows[string(k[1:2])]++
		bytes += len(k) + len(val)
		return nil
	})
	if err == nil {
		_, err = fmt.Fprintf(out, "rows %v, %d MB of keys and values\n", rows, bytes>>20)
	}
	return err
}

type options struct{ cases, live int }

// The lives of a case and of a task.
var (
	caseActs     = []events.Code{"opened", "identity_asked", "identity_received", "decided", "approved", "started", "answered", "completed", "closed"}
	caseStatuses = []events.Code{"open", "waiting", "open", "open", "approved", "running", "answered", "complete", "closed"}
	taskStates   = []events.Code{"planned", "sent", "accepted", "verified"}
)

const tasksOfCase = 3

// A source makes up a log: cases are opened one after the other, and each moves on
// a little whenever a later one is opened, until it is closed.
type source struct {
	o     options
	facts int
	whole chan events.Position
}

// Replay implements projections.Source.
func (s *source) Replay(context.Context, []byte, func(uint64, *events.Frame, []byte) error) error {
	return errors.New("this log is read once")
}

// Follow implements projections.Source.
func (s *source) Follow(ctx context.Context, _ []byte, fn func(uint64, *events.Frame, []byte) error) error {
	l := &log{fn: fn}
	for n := range s.o.cases + s.o.live {
		if err := l.moment(n, s.o); err != nil {
			return err
		}
	}
	if err := l.seal(); err != nil {
		return err
	}
	s.facts = int(l.first)
	s.whole <- events.Position{Generation: 1, Seq: l.seq, Index: l.count - 1}
	<-ctx.Done()
	return ctx.Err()
}

type log struct {
	fn    func(uint64, *events.Frame, []byte) error
	b     events.FrameBuilder
	prev  events.Hash
	at    events.Instant
	first uint64
	seq   uint64
	count uint32 // events of the last frame
}

var begin = events.InstantOf(time.Date(2020, 1, 1, 9, 0, 0, 0, time.UTC))

// moment opens the nth case and moves on those that are under way, so that each
// has gone through all of its acts by the time that o.live more were opened. One
// in fifty stays where it is for good.
func (l *log) moment(n int, o options) error {
	l.at = begin + events.Instant(n)*600_000_000
	steps := len(caseActs) + tasksOfCase*len(taskStates)
	for step := range steps {
		of := n - step*o.live/steps
		if of < 0 || of >= o.cases || of%50 == 0 && step > steps/3 && n < o.cases {
			continue
		}
		if of%50 == 0 && step > steps/3 {
			continue
		}
		l.add(of, step)
		if l.b.Count() >= 256 {
			if err := l.seal(); err != nil {
				return err
			}
		}
	}
	return nil
}

// add writes the step of a case: its acts, with those of its tasks between.
func (l *log) add(of, step int) {
	e := &events.Event{ID: id('e', of, step), Source: "habeas", Time: l.at, Of: id('c', of, 0), Note: id('n', of, step)}
	tasks := tasksOfCase * len(taskStates)
	switch act := step; {
	case step >= 6 && step < 6+tasks:
		i := step - 6
		which, version := i%tasksOfCase, i/tasksOfCase
		e.Kind, e.Digest, e.Count, e.Why = events.TaskRecorded, id('t', of, which), uint32(version+1), taskStates[version]
		e.ScopeSystem, e.Condition = events.Code(fmt.Sprintf("system%02d", (of+which)%20)), "erase"
		e.Date, e.Since = l.at.Day()+20, l.at
		if e.Why == "sent" {
			e.Through = l.at + 300_000_000
		}
	default:
		if act >= 6 {
			act -= tasks
		}
		e.Kind, e.Count, e.Why, e.Date, e.Condition = events.CaseRecorded, uint32(act+1), caseActs[act], l.at.Day(), caseStatuses[act]
		if act < 6 {
			e.Review = (begin + events.Instant(of)*600_000_000).Day() + 30
		}
		if act == 0 {
			e.Channels = [][]events.Code{{"access"}, {"erasure"}, {"access", "erasure"}}[of%3]
		}
	}
	l.b.Add(e)
}

func id(what byte, n, m int) (out events.EventID) {
	binary.BigEndian.PutUint64(out[:], (uint64(n)<<16|uint64(m)<<8|uint64(what))*0x9e3779b97f4a7c15)
	binary.BigEndian.PutUint64(out[8:], uint64(n)<<16|uint64(m)<<8|uint64(what))
	return out
}

func (l *log) seal() error {
	n := uint64(l.b.Count())
	if n == 0 {
		return nil
	}
	l.seq++
	b, hash := l.b.Seal(events.FrameHeader{Body: events.EventBody, Generation: 1, Previous: l.prev, First: l.first, Recorded: l.at, Catalogue: 1})
	l.first, l.prev, l.count = l.first+n, hash, uint32(n)
	l.b = events.FrameBuilder{}
	f, err := events.DecodeFrame(b)
	if err != nil {
		return err
	}
	return l.fn(l.seq, f, binary.BigEndian.AppendUint64(nil, l.seq))
}

// ask puts each kind of question to the map, each on a view of its own.
func ask(m *projections.Map, out io.Writer, asks int) error {
	v := m.View()
	totals, err := casebook.Counts(v)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "cases by status %v, tasks by state %v\n", totals.Statuses, totals.Tasks)
	if err := v.Close(); err != nil {
		return err
	}
	for _, q := range questions(totals.Cases) {
		times := make([]time.Duration, 0, asks)
		found := 0
		for i := range asks {
			v, begun := m.View(), time.Now()
			n, err := q.ask(v, i)
			times = append(times, time.Since(begun))
			if err := errors.Join(err, v.Close()); err != nil {
				return fmt.Errorf("%s: %w", q.name, err)
			}
			found = max(found, n)
		}
		slices.Sort(times)
		fmt.Fprintf(out, "%-52s %5d found, median %8.3f ms, 99 %% %8.3f ms\n", q.name, found, ms(times[asks/2]), ms(times[asks*99/100]))
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

type question struct {
	name string
	ask  func(v *projections.View, i int) (int, error)
}

const pageOf = 50

func questions(cases uint32) []question {
	list := func(f casebook.Filter, o casebook.Order) func(*projections.View, int) (int, error) {
		return func(v *projections.View, _ int) (int, error) {
			p, err := casebook.List(v, f, o, "", pageOf)
			if err != nil {
				return 0, err
			}
			return len(p.Cases), nil
		}
	}
	nth := func(i int) events.EventID { return id('c', (i*7919+13)%int(cases), 0) }
	today := (begin + events.Instant(cases)*600_000_000).Day()
	return []question{
		{"first page, newest first", list(casebook.Filter{}, casebook.Newest)},
		{"first page of what is to answer, by due date", list(casebook.Filter{Live: true}, casebook.ByDue)},
		{"of those that wait, by due date", list(casebook.Filter{Statuses: []casebook.Status{casebook.Waiting}}, casebook.ByDue)},
		{"of those due in a week, by due date", list(casebook.Filter{Live: true, DueFrom: today, DueTo: today + 7}, casebook.ByDue)},
		{"withdrawn ones of 98 % closed, newest first", list(casebook.Filter{Statuses: []casebook.Status{casebook.Withdrawn}}, casebook.Newest)},
		{"what has not ended, newest first", list(casebook.Filter{Live: true}, casebook.Newest)},
		{"of a right, newest first", list(casebook.Filter{Right: "erasure"}, casebook.Newest)},
		{"of a filter that lets nothing through, newest first", list(casebook.Filter{Right: "none"}, casebook.Newest)},
		{"a page from the middle, newest first", func(v *projections.View, i int) (int, error) {
			p, err := casebook.List(v, casebook.Filter{}, casebook.Newest, fmt.Sprintf("5068%08x", ^(uint32(i)*997%cases+1)), pageOf)
			if err != nil {
				return 0, err
			}
			return len(p.Cases), nil
		}},
		{"a case with its facts and tasks", func(v *projections.View, i int) (int, error) {
			h, err := casebook.Case(v, nth(i))
			if err != nil {
				return 0, err
			}
			f, err := casebook.Facts(v, h.ID)
			t, err2 := casebook.TasksOf(v, h.ID)
			return len(f) + len(t), errors.Join(err, err2)
		}},
		{"a case by six digits of its id", func(v *projections.View, i int) (int, error) {
			_, err := casebook.FindCase(v, nth(i).String()[:6])
			if errors.Is(err, casebook.ErrAmbiguous) {
				err = nil
			}
			return 1, err
		}},
		{"what a system is not done with", func(v *projections.View, i int) (int, error) {
			t, err := casebook.OpenTasks(v, events.Code(fmt.Sprintf("system%02d", i%20)), events.EventID{}, pageOf)
			return len(t), err
		}},
		{"tasks whose claim ended", func(v *projections.View, _ int) (int, error) {
			t, err := casebook.TasksDue(v, casebook.LeaseEnds, 1<<62, nil, pageOf)
			return len(t), err
		}},
		{"overdue cases, counted", func(v *projections.View, _ int) (int, error) { return casebook.CountOverdue(v, today) }},
		{"overdue tasks, counted", func(v *projections.View, _ int) (int, error) {
			return casebook.CountDue(v, casebook.MustHaveRun, events.InstantOf(today.Time()))
		}},
	}
}
