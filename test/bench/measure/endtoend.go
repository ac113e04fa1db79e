package measure

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/sync/errgroup"
)

// Gateway measures durable ingest with everything a source waits for, and
// nothing that it does not wait for: no map follows.
func Gateway(ctx context.Context, o Options, dir string) (m Metrics, err error) {
	s, err := openSystem(ctx, o, dir, false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	m = Metrics{}
	var last latest
	took, err := submit(ctx, o, nil, s.send(&last))
	if err != nil {
		return nil, err
	}
	took.Report(m, "habeas.ingest", o.Events)
	m["habeas.ingest.memory_mb"] = float64(PeakRSS()) / (1 << 20)
	if got := s.log.Last().Next; got != uint64(o.Events) {
		return nil, fmt.Errorf("the journal holds %d of %d events", got, o.Events)
	}
	return m, nil
}

// EndToEnd measures ingest until the map has committed the last position, with
// look-ups beside it; then look-ups alone; then what is on disk.
func EndToEnd(ctx context.Context, o Options, dir string) (Metrics, error) {
	census, err := ReadCensus(o)
	if err != nil {
		return nil, err
	}
	s, err := openSystem(ctx, o, dir, true)
	if err != nil {
		return nil, err
	}
	m := Metrics{}
	err = s.busy(ctx, o, census, m)
	if err == nil {
		err = s.idle(ctx, o, census, m)
	}
	m["habeas.memory_mb"] = float64(PeakRSS()) / (1 << 20)
	if err := errors.Join(err, s.close()); err != nil {
		return nil, err
	}
	s.sizes(o, m)
	return m, nil
}

// busy sends everything, asks meanwhile, and waits until all can be found.
func (s *system) busy(ctx context.Context, o Options, census Census, m Metrics) error {
	done := make(chan struct{})
	var asking errgroup.Group
	var b Beside
	asking.Go(func() (err error) {
		b, err = AskBeside(ctx, done, census.Head, o.LookUps, s.footprint)
		return err
	})
	var last latest
	meter := StartMeter()
	sent, err := submit(ctx, o, nil, s.send(&last))
	if err == nil {
		err = s.m.WaitFor(ctx, last.position())
	}
	took := meter.Stop()
	close(done)
	if err := errors.Join(err, asking.Wait()); err != nil {
		return err
	}
	took.CPU -= sent.Generated + b.CPU
	took.Report(m, "habeas.e2e", o.Events)
	m["habeas.e2e.behind_s"] = (took.Wall - sent.Wall).Seconds()
	b.Latency.Report(m, "habeas.busy")
	if st := s.m.Stats(); st.Events != uint64(o.Events) || st.Quarantined != 0 {
		return fmt.Errorf("the map applied %d of %d events and put %d into quarantine", st.Events, o.Events, st.Quarantined)
	}
	return nil
}

// questions are those put to an idle system, of two sizes.
func (s *system) questions(c Census, name string) []question {
	return []question{{name + ".small", c.Tail}, {name + ".large", c.Head}}
}

type question struct {
	name   string
	people []string
}

func (s *system) idle(ctx context.Context, o Options, census Census, m Metrics) error {
	for _, q := range s.questions(census, "habeas.idle") {
		l, err := AskIdle(ctx, q.people, s.footprint, o.AskFor)
		if err != nil {
			return err
		}
		l.Report(m, q.name)
	}
	// A fast answer that leaves something out is no answer.
	if got := m["habeas.idle.large.rows"]; got < headFrom*3/4 || got > headTo*5/4 {
		return fmt.Errorf("people with %d to %d rows were answered with %.0f on average", headFrom, headTo, got)
	}
	return s.looks(ctx, o, census, m)
}

// sizes reads what each store takes on disk. Everything is closed.
func (s *system) sizes(o Options, m Metrics) {
	var total int64
	streams := filepath.Join(s.dir, "journal", "nats", "jetstream", "$G", "streams")
	for name, dirs := range map[string][]string{
		"journal": {filepath.Join(streams, "HABEAS_EVENTS_0")},
		"map":     {filepath.Join(s.dir, "map")},
		"vault":   {filepath.Join(s.dir, "vault"), filepath.Join(s.dir, "keys"), filepath.Join(s.dir, "ledger"), filepath.Join(streams, "HABEAS_VAULT_0")},
	} {
		var n int64
		for _, d := range dirs {
			n += DiskBytes(d)
		}
		m["habeas.disk."+name] = float64(n) / float64(o.Events)
	}
	total = DiskBytes(s.dir)
	m["habeas.disk"] = float64(total) / float64(o.Events)
}
