// Command journal measures the journal against raw JetStream on this machine,
// side by side in rounds: durable events per second by number of callers, and
// frames of the same size published straight to a stream.
//
//	go run ./test/bench/journal -events 300000 -rounds 3
package main

import (
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/pprof"
	"slices"
	"sort"
	"sync"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/journal"
)

var (
	total  = flag.Int("events", 200_000, "events per run")
	rounds = flag.Int("rounds", 3, "rounds; the table shows medians and ranges")
	only   = flag.String("only", "", "measure only the rows that match this expression")
	prof   = flag.String("profile", "", "write a processor profile of everything measured to this file")
	dir    = flag.String("dir", "", "where to put the data; default a temporary directory")
)

// A run measures one way of writing; it returns the number of events written.
type run struct {
	name string
	do   func(dir string, evs []*events.Event) (int, error)
}

func main() {
	flag.Parse()
	if *prof != "" {
		f, err := os.Create(*prof)
		if err != nil {
			log.Fatal(err)
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			log.Fatal(err)
		}
		defer pprof.StopCPUProfile()
	}
	evs := generate(*total)
	runs := []run{
		{"journal, 1 caller x 256 events", callers(1, 256, 1)},
		{"journal, 1 caller x 1024 events", callers(1, 1024, 1)},
		{"journal, 4 callers x 256 events", callers(4, 256, 1)},
		{"journal, 16 callers x 16 events", callers(16, 16, 1)},
		{"journal, 64 callers x 4 events", callers(64, 4, 1)},
		{"journal, 256 callers x 1 event", callers(256, 1, 1)},
		{"journal, 1024 callers x 1 event", callers(1024, 1, 1)},
		{"journal, 4096 callers x 1 event", callers(4096, 1, 1)},
		{"journal, 2 callers x 1 event", callers(2, 1, 20)},
		{"journal, 1 caller x 1 event", callers(1, 1, 40)},
		{"write, open again, verify, replay", reading},
		{"raw frames of 256 events, 1 in flight", raw(256, 1, 1)},
		{"raw frames of 256 events, 16 in flight", raw(256, 16, 1)},
		{"raw frames of 1024 events, 1 in flight", raw(1024, 1, 1)},
		{"raw frames of 1024 events, 16 in flight", raw(1024, 16, 1)},
		{"raw, one event per message, 256 in flight", raw(1, 256, 20)},
	}
	match := regexp.MustCompile(*only)
	runs = slices.DeleteFunc(runs, func(r run) bool { return !match.MatchString(r.name) })
	rate, cpu := map[string][]float64{}, map[string][]float64{}
	for round := range *rounds {
		for _, r := range runs {
			d, err := os.MkdirTemp(*dir, "habeas-bench-")
			if err != nil {
				log.Fatal(err)
			}
			runtime.GC() // what was there before is not measured
			used, began := cpuTime(), time.Now()
			n, err := r.do(d, evs)
			if err != nil {
				log.Fatalf("%s: %v", r.name, err)
			}
			took := time.Since(began)
			rate[r.name] = append(rate[r.name], float64(n)/took.Seconds())
			cpu[r.name] = append(cpu[r.name], float64(cpuTime()-used)/1e3/float64(n))
			fmt.Fprintf(os.Stderr, "round %d: %-45s %9.0f events/s\n", round+1, r.name, float64(n)/took.Seconds())
			os.RemoveAll(d)
		}
	}
	fmt.Printf("| durable append (fsync before acknowledgement) | events/s median [min-max] | CPU us/event median |\n|---|---|---|\n")
	for _, r := range runs {
		v := sorted(rate[r.name])
		fmt.Printf("| %s | %.0f [%.0f-%.0f] | %.2f |\n", r.name, v[len(v)/2], v[0], v[len(v)-1], sorted(cpu[r.name])[*rounds/2])
	}
}

func sorted(v []float64) []float64 { sort.Float64s(v); return v }

func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// callers appends with n callers, each size events at a time, the share 1/part
// of all events.
func callers(n, size, part int) func(string, []*events.Event) (int, error) {
	return func(dir string, evs []*events.Event) (int, error) {
		ctx := context.Background()
		evs = evs[:len(evs)/part]
		j, err := journal.Open(ctx, journal.Config{Dir: dir})
		if err != nil {
			return 0, err
		}
		defer j.Close()
		l, err := j.Events(ctx)
		if err != nil {
			return 0, err
		}
		work := make(chan []*events.Event, len(evs)/size+1)
		for i := 0; i < len(evs); i += size {
			work <- evs[i:min(i+size, len(evs))]
		}
		close(work)
		var wg sync.WaitGroup
		errs := make(chan error, n)
		for range n {
			wg.Go(func() {
				for b := range work {
					if _, err := l.Append(ctx, b, 0, 1); err != nil {
						errs <- err
						return
					}
				}
			})
		}
		wg.Wait()
		select {
		case err := <-errs:
			return 0, err
		default:
		}
		s := l.Stats()
		fmt.Fprintf(os.Stderr, "  %d frames, %.0f events each, %.0f us each\n", s.Frames, float64(s.Records)/float64(s.Frames),
			float64(s.AppendSum.Microseconds())/float64(s.Frames))
		return len(evs), nil
	}
}

// reading measures the way back: opening again, which fills the table of
// repeats, and reading everything with every hash checked.
func reading(dir string, evs []*events.Event) (int, error) {
	if _, err := callers(1, 1024, 1)(dir, evs); err != nil {
		return 0, err
	}
	ctx := context.Background()
	began := time.Now()
	j, err := journal.Open(ctx, journal.Config{Dir: dir})
	if err != nil {
		return 0, err
	}
	defer j.Close()
	l, err := j.Events(ctx)
	if err != nil {
		return 0, err
	}
	opened := time.Now()
	if _, err := l.Verify(ctx, nil); err != nil {
		return 0, err
	}
	read := time.Now()
	var e events.Event
	err = l.Replay(ctx, journal.Checkpoint{}, func(_ uint64, f *events.Frame) error {
		for i := range int(f.Count) {
			if err := f.Event(i, &e); err != nil {
				return err
			}
		}
		return nil
	})
	rate := func(d time.Duration) float64 { return float64(len(evs)) / d.Seconds() }
	fmt.Fprintf(os.Stderr, "  open %.0f events/s, verify %.0f events/s, replay and decode %.0f events/s, %.1f bytes per event on disk\n",
		rate(opened.Sub(began)), rate(read.Sub(opened)), rate(time.Since(read)), float64(onDisk(dir))/float64(len(evs)))
	return len(evs), err
}

func onDisk(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if st, e := d.Info(); err == nil && e == nil && !d.IsDir() {
			n += st.Size()
		}
		return nil
	})
	return n
}

// raw publishes sealed frames of size events to a stream with the same
// settings and nothing else.
func raw(size, window, part int) func(string, []*events.Event) (int, error) {
	return func(dir string, evs []*events.Event) (int, error) {
		ctx := context.Background()
		evs = evs[:len(evs)/part]
		s, err := server.NewServer(&server.Options{DontListen: true, NoSigs: true, JetStream: true, StoreDir: filepath.Join(dir, "nats"),
			SyncAlways: true, NoLog: true, StreamMaxBufferedMsgs: 10_000, StreamMaxBufferedSize: 64 << 20})
		if err != nil {
			return 0, err
		}
		s.Start()
		defer func() { s.Shutdown(); s.WaitForShutdown() }()
		if !s.ReadyForConnections(10 * time.Second) {
			return 0, fmt.Errorf("server not ready")
		}
		nc, err := nats.Connect("", nats.InProcessServer(s))
		if err != nil {
			return 0, err
		}
		defer nc.Close()
		js, err := jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(window))
		if err != nil {
			return 0, err
		}
		if _, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: "RAW", Subjects: []string{"raw"},
			Storage: jetstream.FileStorage, Compression: jetstream.S2Compression}); err != nil {
			return 0, err
		}
		var b events.FrameBuilder
		var h events.FrameHeader
		h.Body = events.EventBody
		for i, e := range evs {
			b.Add(e)
			if b.Count() < size && i < len(evs)-1 {
				continue
			}
			frame, hash := b.Seal(h)
			h.Previous, h.First = hash, h.First+uint64(b.Count())
			b.Reset()
			if _, err := js.PublishAsync("raw", frame, jetstream.WithStallWait(30*time.Second)); err != nil {
				return 0, err
			}
		}
		<-js.PublishAsyncComplete()
		return len(evs), nil
	}
}

// generate makes events of 20 systems about 200,000 people by a Zipf law.
func generate(n int) []*events.Event {
	r := rand.New(rand.NewPCG(1, 2))
	z := rand.NewZipf(r, 1.1, 10, 200_000)
	// Each word once, as sources that have just been decoded share theirs: what is
	// measured is not memory that nobody has touched for a million events.
	words := map[string]events.Code{}
	code := func(prefix string, n int) events.Code {
		name := fmt.Sprintf("%s-%d", prefix, r.IntN(n))
		if _, ok := words[name]; !ok {
			words[name] = events.Code(name)
		}
		return words[name]
	}
	evs := make([]*events.Event, n)
	for i := range evs {
		e := &events.Event{Kind: events.RecordStored, Source: code("system", 20), Flags: events.Anchored, SubjectType: "client",
			Time:     events.InstantOf(time.Date(2025, 1, 1, 0, 0, i%80_000, 0, time.UTC)),
			Activity: events.Activity{Code: code("activity", 12)}, Dataset: code("dataset", 5), Provenance: 1,
			Categories: []events.Category{{Code: code("category", 30)}, {Code: code("category", 30)}}}
		binary.BigEndian.PutUint64(e.ID[:], r.Uint64())
		binary.BigEndian.PutUint64(e.ID[8:], r.Uint64())
		var h events.Handle
		binary.BigEndian.PutUint64(h[:], (z.Uint64()+1)*0x9e3779b97f4a7c15)
		e.Subject = []events.Ref{{Handle: h, Kind: "crm.customer"}}
		if i%3 == 0 {
			e.Kind, e.Provenance = events.RecordShared, 0
			e.Recipient.Code = code("recipient", 15)
		}
		evs[i] = e
	}
	return evs
}
