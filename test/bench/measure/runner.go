package measure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

// Shape is the phase that every run begins with: it says what the load is and
// whom to ask for.
var Shape = Phase{Name: "load", Says: "the load and its people", Run: TakeCensus}

// endToEnd is what the sizes are compared by.
var endToEnd = Phase{Name: "habeas.e2e", Says: "end to end, with look-ups", Run: EndToEnd}

// Phases are what `habeas bench` measures, in the order of one round.
var Phases = []Phase{
	{Name: "raw.journal", Says: "JetStream alone, durable", Run: RawJournal},
	{Name: "raw.badger", Says: "Badger alone, synced", Run: RawBadger},
	{Name: "habeas.journal", Says: "the journal alone, durable; the map and its rebuild", Run: JournalAlone},
	{Name: "habeas.ingest", Says: "the gateway, durable", Run: Gateway},
	endToEnd,
}

// A Runner makes a whole run: the census once, then rounds of all phases.
type Runner struct {
	Phases  []Phase
	Options Options
	Rounds  int
	// Child is the flag by which this program, started again, serves one phase.
	Child []string
	Log   io.Writer // progress, for people
	// Scale also compares half a million events with five million, once.
	Scale bool
}

// Run measures and reports. The directory that it makes is gone afterwards.
func (r *Runner) Run(ctx context.Context, command string) (rep *Report, err error) {
	if err := r.Options.Check(); err != nil {
		return nil, err
	}
	began := time.Now()
	rep = &Report{Made: began.UTC().Truncate(time.Second), Command: command, Options: r.Options, Machine: ThisMachine()}
	dir, err := os.MkdirTemp(r.Options.Dir, "habeas-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a directory for the run: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	// The user that runs PostgreSQL has to walk through it.
	if err := os.Chmod(dir, 0o711); err != nil {
		return nil, fmt.Errorf("open the directory of the run: %w", err)
	}
	o := r.Options
	o.Dir = dir
	shape, err := r.spawn(ctx, 0, Shape, o)
	if err != nil {
		return nil, err
	}
	var rounds Rounds
	for n := range r.Rounds {
		m, err := r.round(ctx, n, o)
		if err != nil {
			return nil, err
		}
		if err := m.Add(shape); err != nil {
			return nil, err
		}
		rounds = append(rounds, m)
	}
	if r.Scale && len(rounds) > 0 {
		m, err := r.scale(ctx, o)
		if err != nil {
			return nil, err
		}
		if err := rounds[len(rounds)-1].Add(m); err != nil {
			return nil, err
		}
	}
	rep.Finish(rounds, time.Since(began))
	return rep, nil
}

// round runs every phase once; every second round goes backwards, so that
// what changes slowly on the machine meets both sides alike.
func (r *Runner) round(ctx context.Context, n int, o Options) (Metrics, error) {
	list := slices.Clone(r.Phases)
	if n%2 == 1 {
		slices.Reverse(list)
	}
	all := Metrics{}
	for _, p := range list {
		m, err := r.spawn(ctx, n, p, o)
		if err != nil {
			return nil, err
		}
		if err := all.Add(m); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (r *Runner) spawn(ctx context.Context, n int, p Phase, o Options) (Metrics, error) {
	start := time.Now()
	if n < r.Rounds {
		fmt.Fprintf(r.Log, "round %d of %d: ", n+1, r.Rounds)
	}
	fmt.Fprintf(r.Log, "%s, %s events ... ", p.Says, apart(fmt.Sprint(o.Events)))
	m, err := Spawn(ctx, r.Child, p.Name, o, r.Log)
	if err != nil {
		fmt.Fprintln(r.Log)
		return nil, err
	}
	fmt.Fprintf(r.Log, "%.1f s\n", time.Since(start).Seconds())
	return m, nil
}
