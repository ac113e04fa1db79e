package measure

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/journal"
	"github.com/habeas-data/habeas/projections"
)

// follower is a map that follows a log.
type follower struct {
	*projections.Map
	stop func() error
}

// follow opens the map in dir and runs it until stop.
func follow(ctx context.Context, dir string, log *journal.EventLog) (*follower, error) {
	m, err := projections.Open(ctx, projections.Config{Dir: filepath.Join(dir, "map"), Source: source{log}})
	if err != nil {
		return nil, err
	}
	run, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- m.Run(run) }()
	return &follower{m, func() error {
		cancel()
		return errors.Join(<-ended, m.Close())
	}}, nil
}

// measureMap has a map catch up with a full journal, and then rebuilds it.
func measureMap(ctx context.Context, o Options, dir string, log *journal.EventLog, last events.Position, m Metrics) error {
	meter := StartMeter()
	f, err := follow(ctx, dir, log)
	if err != nil {
		return err
	}
	err = f.WaitFor(ctx, last)
	s := meter.Stop()
	if err == nil {
		s.Report(m, "habeas.apply", o.Events)
		m["habeas.apply.events"] = float64(f.Stats().Events)
		meter = StartMeter()
		err = f.Rebuild(ctx, nil)
		s = meter.Stop()
	}
	if err := errors.Join(err, f.stop()); err != nil {
		return err
	}
	s.Report(m, "habeas.rebuild", o.Events)
	m["habeas.rebuild.s_per_million"] = s.perMillion(o.Events)
	return nil
}
