package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/test/bench/measure"
	"github.com/habeas-data/habeas/vault"
)

// A load is what ingest asks of the vault and nothing else of ingest: the
// identifiers of the load of all measurements, from as many callers and in as
// large batches as those use.
type load struct {
	measure.Options
	profile string // file for a processor profile; empty: none
}

const (
	loadCallers = 4
	loadBatch   = 512
	// loadSync stands for the fsync of the log, which decides how many callers
	// share a frame.
	loadSync = time.Millisecond
)

// run prints the processor time an event, without that of the generator.
func (l load) run(root string) error {
	ctx := context.Background()
	log := &memory{sync: loadSync}
	v, err := vault.Open(ctx, vault.Config{
		Dir: filepath.Join(root, "data", "vault"), KeyDir: filepath.Join(root, "keys"), LedgerDir: filepath.Join(root, "ledger"),
		Log: log, Create: true,
	})
	if err != nil {
		return err
	}
	done := make(chan struct{})
	defer close(done)
	stop, err := startProfile(l.profile)
	if err != nil {
		return err
	}
	feed := measure.NewFeed(done, l.Options, loadBatch, nil)
	callers, ctx := errgroup.WithContext(ctx)
	meter := measure.StartMeter()
	for range loadCallers {
		callers.Go(func() error {
			for list := range feed.Chunks {
				if err := resolve(ctx, v, list); err != nil {
					return err
				}
				feed.Reuse(list)
			}
			return nil
		})
	}
	err = callers.Wait()
	s := meter.Stop()
	stop()
	if err != nil {
		return err
	}
	s.CPU -= feed.CPU()
	n := float64(l.Events)
	fmt.Printf("load       %d events in %s: %.2f us CPU each; log %.0f B each, %d frames; peak RSS %d MB\n",
		l.Events, round(s.Wall), s.CPU.Seconds()*1e6/n, float64(log.bytes)/n, len(log.frames), measure.PeakRSS()>>20)
	return v.Close()
}

// resolve asks for the handles of a batch, each identifier by itself, as the
// gateway does.
func resolve(ctx context.Context, v *vault.Vault, list []*events.Observation) error {
	requests := make([]vault.Request, 0, 2*len(list))
	for _, o := range list {
		for k := range o.Subject {
			requests = append(requests, vault.Request{System: o.Event.Source, IDs: o.Subject[k : k+1]})
		}
	}
	_, _, err := v.Resolver().ResolveBatch(ctx, requests)
	return err
}

func startProfile(path string) (stop func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); f.Close() }, pprof.StartCPUProfile(f)
}
