// Program bench measures habeas beside PostgreSQL and beside the raw limits of
// what it is built on, in one run on one machine, and writes the tables of
// docs/performance.md. `habeas bench` is the same without PostgreSQL.
//
//	go run ./test/bench [-events N] [-people N] [-rounds N] [-skip postgres] [-scale] [-out docs/performance.md] [-json FILE]
//
// It owns nothing that outlives it but what -out, -json and -profile name, and
// may never print a number from another run.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/habeas-data/habeas/test/bench/measure"
	"github.com/habeas-data/habeas/test/bench/postgres"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o measure.Options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.IntVar(&o.Events, "events", 1_000_000, "events of the load")
	f.IntVar(&o.People, "people", 200_000, "people of the load")
	f.Uint64Var(&o.Seed, "seed", 1, "seed of the load")
	f.IntVar(&o.LookUps, "look-ups", 200, "footprints a second asked beside full ingest")
	f.StringVar(&o.Dir, "dir", "", "where to put the data of the run; default the system's temporary directory")
	f.StringVar(&o.Profile, "profile", "", "directory for a processor profile of each phase")
	f.DurationVar(&o.AskFor, "ask-for", 8*time.Second, "how long to ask an idle system, each time")
	rounds := f.Int("rounds", 3, "how often everything is measured; medians are reported")
	skip := f.String("skip", "", "phases to leave out, by name, with commas between")
	only := f.String("only", "", "phases to run, by name, with commas between")
	scale := f.Bool("scale", false, "also compare half a million events with five million (minutes, gigabytes)")
	out := f.String("out", "", "also write the page of docs/performance.md to this file")
	file := f.String("json", "", "also write everything measured to this file")
	child := f.String("phase", "", "internal: serve one phase")
	if err := f.Parse(args); err != nil {
		return err
	}
	phases := append(slices.Clone(measure.Phases), postgres.Phases...)
	if *child != "" {
		return measure.Serve(ctx, *child, phases, stdout)
	}
	phases, err := choose(phases, *only, *skip)
	if err != nil {
		return err
	}
	r := &measure.Runner{Phases: phases, Options: o, Rounds: *rounds, Child: []string{"-phase"}, Log: stderr, Scale: *scale}
	rep, err := r.Run(ctx, strings.Join(append([]string{"go run ./test/bench"}, args...), " "))
	if err != nil {
		return err
	}
	if slices.ContainsFunc(phases, func(p measure.Phase) bool { return strings.HasPrefix(p.Name, "postgres") }) {
		rep.With = map[string]string{"PostgreSQL": postgres.Version(ctx)}
	}
	return errors.Join(rep.Text(stdout), save(*out, rep.Page), save(*file, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(rep)
	}))
}

// choose keeps the phases asked for; a name that is none is an error.
func choose(phases []measure.Phase, only, skip string) ([]measure.Phase, error) {
	names := func(list string) []string {
		return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
	}
	// A name stands for itself and for what is below it: postgres is both runs.
	is := func(p measure.Phase, name string) bool { return p.Name == name || strings.HasPrefix(p.Name, name+".") }
	known := func(name string) bool {
		return slices.ContainsFunc(phases, func(p measure.Phase) bool { return is(p, name) })
	}
	among := func(p measure.Phase, list []string) bool {
		return slices.ContainsFunc(list, func(name string) bool { return is(p, name) })
	}
	for _, name := range append(names(only), names(skip)...) {
		if !known(name) {
			var all []string
			for _, p := range phases {
				all = append(all, p.Name)
			}
			return nil, fmt.Errorf("phase %q is not known; want some of %s", name, strings.Join(all, ", "))
		}
	}
	return slices.DeleteFunc(slices.Clone(phases), func(p measure.Phase) bool {
		return among(p, names(skip)) || (only != "" && !among(p, names(only)))
	}), nil
}

// save writes a file whole or not at all; no name, no file.
func save(name string, write func(io.Writer) error) error {
	if name == "" {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".bench-")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer os.Remove(f.Name())
	if err := errors.Join(write(f), f.Chmod(0o644), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return os.Rename(f.Name(), name)
}
