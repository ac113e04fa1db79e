// Program rights measures what is done about the requests of people, on the real
// server in a process of its own, over HTTP: the plan of one person with many
// holdings, many erasures at many targets, long lists of cases, and large packages.
//
//	go run ./test/bench/rights [-only holdings,erasures,lists,copies] [-dir DIR] ...
//
// It owns nothing that outlives it and writes to standard output only.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "rights:", err)
		os.Exit(1)
	}
}

// A bench is what all phases share.
type bench struct {
	out    io.Writer
	habeas string // the program
	dir    string

	holdings          int
	erasures, targets int
	perMinute, atOnce int
	dead              bool
	cases, open       int
	copies, megabytes int
}

func (b *bench) say(format string, a ...any) { fmt.Fprintf(b.out, format+"\n", a...) }

func run(ctx context.Context, args []string, out io.Writer) error {
	b := &bench{out: out}
	f := flag.NewFlagSet("rights", flag.ContinueOnError)
	only := f.String("only", "holdings,erasures,lists,copies", "phases to run")
	dir := f.String("dir", "", "where to put the data of the run; default a temporary directory")
	f.IntVar(&b.holdings, "holdings", 10_000, "holdings of one person")
	f.IntVar(&b.erasures, "erasures", 1000, "requests for erasure")
	f.IntVar(&b.targets, "targets", 20, "targets of each")
	f.IntVar(&b.perMinute, "per-minute", 1<<30, "tasks a target is given in a minute")
	f.IntVar(&b.atOnce, "at-once", 64, "tasks a target has in hand at once")
	f.BoolVar(&b.dead, "dead", false, "one target takes tasks and never reports, and one never comes")
	f.IntVar(&b.cases, "cases", 100_000, "cases of the long list")
	f.IntVar(&b.open, "open", 5000, "of them not answered")
	f.IntVar(&b.copies, "copies", 8, "copies in the package")
	f.IntVar(&b.megabytes, "megabytes", 256, "size of each copy")
	if err := f.Parse(args); err != nil {
		return err
	}
	tools, err := os.MkdirTemp(*dir, "habeas-rights")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tools)
	if b.habeas, err = build(ctx, tools); err != nil {
		return err
	}
	b.say("%d processors, %s, %s; load before it %s", runtime.NumCPU(), runtime.Version(), time.Now().UTC().Format(time.DateTime), load())
	phases := map[string]func(context.Context) error{"holdings": b.oneWithMany, "erasures": b.manyErasures, "lists": b.longLists, "copies": b.largePackage}
	for _, name := range strings.Split(*only, ",") {
		do := phases[name]
		if do == nil {
			return fmt.Errorf("no phase %q", name)
		}
		at, err := os.MkdirTemp(*dir, "habeas-rights")
		if err != nil {
			return err
		}
		b.dir = at
		b.say("\n== %s", name)
		err = do(ctx)
		if rm := os.RemoveAll(at); err == nil {
			err = rm
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	b.say("\nload after it %s", load())
	return nil
}

func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}
