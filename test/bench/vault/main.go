// Command vault measures the vault: allocation, look-up, forgetting, rotation.
//
//	go run ./test/bench/vault [-entries N] [-dir DIR] [-forget 1,1000,100000]
//	go run ./test/bench/vault -events N [-people N] [-profile FILE]
//
// The second form measures what ingest asks of the vault, alone.
//
// The vault's log is kept in memory without an fsync, so that the numbers are
// the vault's own; its index and key table are synced as in service.
package main

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/test/bench/measure"
	"github.com/habeas-data/habeas/vault"
)

func main() {
	entries := flag.Int("entries", 1_000_000, "pairs to allocate")
	root := flag.String("dir", "", "where to work; default a temporary directory")
	forget := flag.String("forget", "1,1000,100000", "how many to forget together, one after the other; a rotation follows each")
	l := load{Options: measure.Options{Seed: 1}}
	flag.IntVar(&l.Events, "events", 0, "measure the look-ups of so many events of the load instead")
	flag.IntVar(&l.People, "people", 200_000, "about how many people the load has")
	flag.StringVar(&l.profile, "profile", "", "write a processor profile of the load into this file")
	flag.Parse()
	if err := inDir(*root, func(root string) error {
		if l.Events > 0 {
			return l.run(root)
		}
		return run(*entries, root, *forget)
	}); err != nil {
		log.Fatal(err)
	}
}

// inDir calls fn with the directory, or with a temporary one.
func inDir(root string, fn func(root string) error) error {
	if root != "" {
		return fn(root)
	}
	root, err := os.MkdirTemp("", "habeas-vault-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(root)
	return fn(root)
}

func run(entries int, root, forget string) error {
	b := &bench{root: root, log: &memory{}, entries: entries, ctx: context.Background()}
	if err := b.open(); err != nil {
		return err
	}
	steps := []func() error{b.allocate, b.lookups, b.reopen, b.rotate}
	for n := range strings.SplitSeq(forget, ",") {
		count, err := strconv.Atoi(n)
		if err != nil {
			return fmt.Errorf("flag -forget: want numbers: %w", err)
		}
		steps = append(steps, func() error { return b.forget(count) }, b.rotate)
	}
	for _, step := range append(steps, b.rebuild) {
		if err := step(); err != nil {
			return err
		}
	}
	return b.v.Close()
}

type bench struct {
	ctx     context.Context
	root    string
	log     *memory
	v       *vault.Vault
	entries int
	handles []events.Handle
	gone    int
}

func (b *bench) open() (err error) {
	b.v, err = vault.Open(b.ctx, vault.Config{
		Dir: filepath.Join(b.root, "data", "vault"), KeyDir: filepath.Join(b.root, "keys"), LedgerDir: filepath.Join(b.root, "ledger"),
		Log: b.log, Create: true,
	})
	return err
}

func identifier(i int) events.Identifier {
	return events.Identifier{Kind: "email", Value: events.NewPlaintext(fmt.Sprintf("Person.%d@host%d.example", i, i%977))}
}

// allocate gives every identifier a handle, 64 callers at once with 16 each.
func (b *bench) allocate() error {
	const callers, each = 64, 16
	b.handles = make([]events.Handle, b.entries)
	start, cpu := time.Now(), cpuTime()
	var wg sync.WaitGroup
	var first error
	var mu sync.Mutex
	next := 0
	for range callers {
		wg.Go(func() {
			for {
				mu.Lock()
				from := next
				next += each
				stop := first != nil || from >= b.entries
				mu.Unlock()
				if stop {
					return
				}
				to := min(from+each, b.entries)
				ids := make([]events.Identifier, 0, each)
				for i := from; i < to; i++ {
					ids = append(ids, identifier(i))
				}
				out, err := b.v.Resolver().Resolve(b.ctx, "crm", ids)
				if err != nil {
					mu.Lock()
					first = err
					mu.Unlock()
					return
				}
				for i := range out {
					b.handles[from+i] = out[i].Ref.Handle
				}
			}
		})
	}
	wg.Wait()
	took, used := time.Since(start), cpuTime()-cpu
	n := float64(b.entries)
	fmt.Printf("allocate   %d pairs in %s: %.0f/s, %.1f us CPU each; log %.0f B each, %d frames; index %.0f B each; peak RSS %d MB\n",
		b.entries, round(took), n/took.Seconds(), used.Seconds()*1e6/n, float64(b.log.bytes)/n, len(b.log.frames), float64(size(filepath.Join(b.root, "data")))/n, peakMB())
	return first
}

func (b *bench) lookups() error {
	rng := rand.New(rand.NewPCG(1, 2))
	r := b.v.Resolver()
	pick := func() int { return rng.IntN(b.entries) }
	hot := make([]events.Identifier, 10_000)
	for i := range hot {
		hot[i] = identifier(pick())
	}
	var failed error
	measure := func(name string, n int, fn func(i int) error) {
		took := make([]time.Duration, n)
		for i := range n {
			start := time.Now()
			if err := fn(i); err != nil {
				failed = err
			}
			took[i] = time.Since(start)
		}
		slices.Sort(took)
		fmt.Printf("%-10s p50 %s  p99 %s  p99.9 %s\n", name, took[n/2], took[n*99/100], took[n*999/1000])
	}
	cold := make([]events.Identifier, 100_000)
	for i := range cold {
		cold[i] = identifier(pick())
	}
	measure("find, cold", len(cold), func(i int) error { _, err := r.Find(b.ctx, cold[i]); return err })
	for _, id := range hot {
		if _, err := r.Find(b.ctx, id); err != nil {
			return err
		}
	}
	measure("find, hot", 200_000, func(i int) error { _, err := r.Find(b.ctx, hot[i%len(hot)]); return err })
	one := make([]events.Identifier, 1)
	measure("resolve, hot", 200_000, func(i int) error {
		one[0] = hot[i%len(hot)]
		_, err := r.Resolve(b.ctx, "crm", one)
		return err
	})
	measure("event id", 200_000, func(i int) error { r.EventID("crm", hot[i%len(hot)].Value); return nil })
	h := make([]events.Handle, 1)
	measure("reveal", 50_000, func(int) error {
		h[0] = b.handles[pick()]
		_, err := b.v.Revealer().Reveal(b.ctx, h)
		return err
	})
	return failed
}

func (b *bench) reopen() error {
	if err := b.v.Close(); err != nil {
		return err
	}
	start := time.Now()
	if err := b.open(); err != nil {
		return err
	}
	fmt.Printf("open       %s\n", round(time.Since(start)))
	return nil
}

func (b *bench) forget(n int) error {
	n = min(n, b.entries-b.gone)
	guard := vault.ForgetGuard{
		Fence:  func(context.Context) error { return nil },
		Living: func(context.Context, events.Handle) (bool, error) { return false, nil },
	}
	// Spread over the whole vault: the dearest case.
	rng := rand.New(rand.NewPCG(uint64(n), 3))
	left := b.handles[b.gone:]
	rng.Shuffle(len(left), func(i, k int) { left[i], left[k] = left[k], left[i] })
	start, cpu := time.Now(), cpuTime()
	stop, stall := make(chan bool), make(chan time.Duration)
	go b.allocating(n, stop, stall)
	_, err := b.v.Forget(b.ctx, left[:n], guard)
	took, used := time.Since(start), cpuTime()-cpu
	close(stop)
	b.gone += n
	fmt.Printf("forget     %d in %s: %.2f ms each, %.2f ms CPU each; slowest allocation meanwhile %s\n",
		n, round(took), took.Seconds()*1e3/float64(n), used.Seconds()*1e3/float64(n), round(<-stall))
	return err
}

// allocating allocates one pair after the other until it is stopped and tells
// the longest that one took.
func (b *bench) allocating(run int, stop <-chan bool, stall chan<- time.Duration) {
	var worst time.Duration
	for i := 0; ; i++ {
		select {
		case <-stop:
			stall <- worst
			return
		default:
		}
		start := time.Now()
		id := events.Identifier{Kind: "crm.contact", Value: events.NewPlaintext(fmt.Sprintf("meanwhile-%d-%d", run, i))}
		if _, err := b.v.Resolver().Resolve(b.ctx, "crm", []events.Identifier{id}); err != nil {
			log.Print(err)
		}
		worst = max(worst, time.Since(start))
		time.Sleep(time.Millisecond)
	}
}

func (b *bench) rotate() error {
	start := time.Now()
	if err := b.v.Rotate(b.ctx, nil); err != nil {
		return err
	}
	took := time.Since(start)
	s, err := b.v.Status(b.ctx)
	if err != nil {
		return err
	}
	fmt.Printf("rotate     %s with %d forgotten so far; key table %d nodes, %.1f MB on disk\n",
		round(took), s.Forgotten, s.KeyNodes, float64(size(filepath.Join(b.root, "keys")))/1e6)
	return nil
}

func (b *bench) rebuild() error {
	start := time.Now()
	if err := b.v.Rebuild(b.ctx); err != nil {
		return err
	}
	fmt.Printf("rebuild    index from the log in %s\n", round(time.Since(start)))
	start = time.Now()
	c, err := b.v.Check(b.ctx)
	if err != nil {
		return err
	}
	fmt.Printf("check      %d entries, %d forgotten, %d problems in %s; peak RSS %d MB\n", c.Entries, c.Forgotten, len(c.Problems), round(time.Since(start)), peakMB())
	return nil
}

// memory is a log in memory for one process.
type memory struct {
	mu     sync.Mutex
	frames [][][]byte
	bytes  int
	sync   time.Duration // what an append waits
}

func (m *memory) Append(_ context.Context, records [][]byte, expect uint64) (uint64, error) {
	time.Sleep(m.sync)
	m.mu.Lock()
	defer m.mu.Unlock()
	if expect != uint64(len(m.frames)) {
		return 0, vault.ErrStale
	}
	f := make([][]byte, len(records))
	for i, r := range records {
		f[i] = slices.Clone(r)
		m.bytes += len(r)
	}
	m.frames = append(m.frames, f)
	return uint64(len(m.frames)), nil
}

func (m *memory) Replay(_ context.Context, from vault.Mark, fn func(uint64, events.Instant, [][]byte) error) error {
	for seq := from.Seq + 1; seq <= m.Last().Seq; seq++ {
		if err := fn(seq, 0, m.frames[seq-1]); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) Last() vault.Mark {
	m.mu.Lock()
	defer m.mu.Unlock()
	return vault.Mark{Seq: uint64(len(m.frames))}
}

func round(d time.Duration) time.Duration { return d.Round(time.Millisecond / 10) }

// size is what the files of a directory take on disk.
func size(dir string) int64 {
	var n int64
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if info, err := d.Info(); err == nil {
			if st, ok := info.Sys().(*syscall.Stat_t); ok {
				n += st.Blocks * 512
			}
		}
		return nil
	})
	return n
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func peakMB() int64 {
	runtime.GC()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Maxrss / 1024
}
