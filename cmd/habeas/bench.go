package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/habeas-data/habeas/test/bench/measure"
)

func (a *app) benchCmd() *cobra.Command {
	o := measure.Options{AskFor: 4 * time.Second}
	rounds := 1
	phase := ""
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure this machine: durable ingest, footprints, rebuild, and the limits beneath",
		Long: `Measure habeas on this machine against its goals and against the raw limits of
what it is built on, with invented events, in a temporary directory that is
removed afterwards. Nothing else is touched and no server is needed. It keeps
every core busy for a minute or so; other work on the machine makes the
numbers worse.

The comparison with PostgreSQL is in the source: go run ./test/bench`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if phase != "" {
				if err := measure.Serve(cmd.Context(), phase, measure.Phases, a.out); err != nil {
					return reach("%w", err)
				}
				return nil
			}
			if err := o.Check(); err != nil {
				return usage("bench: %w", err)
			}
			return a.bench(cmd.Context(), o, rounds)
		},
	}
	f := c.Flags()
	f.IntVar(&o.Events, "events", 200_000, "how many events")
	f.IntVar(&o.People, "people", 50_000, "about how many people")
	f.Uint64Var(&o.Seed, "seed", 1, "another seed gives other events")
	f.IntVar(&o.LookUps, "look-ups", 200, "footprints a second asked beside full ingest")
	f.StringVar(&o.Dir, "dir", "", "where to put the data of the run (default: the temporary directory)")
	f.StringVar(&o.Profile, "profile", "", "write a processor profile of each phase into this directory")
	f.IntVar(&rounds, "rounds", 1, "how often everything is measured; medians are shown")
	f.StringVar(&phase, "phase", "", "serve one phase, for bench itself")
	_ = f.MarkHidden("phase") // fails only for a flag that does not exist
	return c
}

// bench runs every phase in a process of its own, which is this command again.
func (a *app) bench(ctx context.Context, o measure.Options, rounds int) error {
	r := &measure.Runner{Phases: measure.Phases, Options: o, Rounds: rounds, Child: []string{"bench", "--phase"}, Log: a.errout}
	rep, err := r.Run(ctx, fmt.Sprintf("habeas bench --events %d --people %d --seed %d --look-ups %d --rounds %d",
		o.Events, o.People, o.Seed, o.LookUps, rounds))
	if err != nil {
		return reach("bench: %w", err)
	}
	if a.json {
		return a.print(rep)
	}
	if err := rep.Text(a.out); err != nil {
		return reach("write the report: %w", err)
	}
	return nil
}
