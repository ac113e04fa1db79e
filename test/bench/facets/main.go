// Program facets measures the facets of the map alone: what they cost to keep,
// how much memory they take, and how long questions take. Beside them it measures the form that was weighed against
// them, one compressed bitmap for each cell and day.
//
//	go run ./test/bench/facets [-people N] [-holdings N] [-asks N] [-bitmaps]
//
// It owns nothing and writes to standard output only.
package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/facets"
	"github.com/habeas-data/habeas/projections/inventory"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "facets:", err)
		os.Exit(1)
	}
}

type options struct{ people, holdings, asks int }

func run(args []string, out io.Writer) error {
	var o options
	f := flag.NewFlagSet("facets", flag.ContinueOnError)
	f.IntVar(&o.people, "people", 1_000_000, "people")
	f.IntVar(&o.holdings, "holdings", 10_000_000, "holdings of them all")
	f.IntVar(&o.asks, "asks", 500, "questions of each kind")
	bitmaps := f.Bool("bitmaps", false, "measure the form with a bitmap for each cell and day instead")
	if err := f.Parse(args); err != nil {
		return err
	}
	if *bitmaps {
		return perDay(out, o)
	}
	return spans(out, o)
}

// A crowd draws the holdings of people: each is known to two or three systems of
// twenty, by one handle each, for activities and categories of that system, over
// ten years. One in seven is also shared.
type crowd struct {
	o options
	r *rand.Rand
}

func newCrowd(o options) *crowd { return &crowd{o, rand.New(rand.NewPCG(1, 2))} }

type fact struct {
	handle                     events.Handle
	system, activity, category int
	recipient                  int // -1: held
	day                        int
}

const days = 3650

func (c *crowd) next() fact {
	p := c.r.IntN(c.o.people)
	s := (p*7 + c.r.IntN(3)*(1+p%5)) % 20
	f := fact{system: s, activity: s%4*3 + c.r.IntN(3), category: (s*3 + c.r.IntN(10)) % 30, recipient: -1, day: c.r.IntN(days)}
	if c.r.IntN(7) == 0 {
		f.recipient = c.r.IntN(15)
	}
	binary.BigEndian.PutUint64(f.handle[:], (uint64(p)*31+uint64(s)+1)*0x9e3779b97f4a7c15)
	binary.BigEndian.PutUint64(f.handle[8:], uint64(p)<<8|uint64(s))
	for i := range 8 { // the table looks at the first eight bytes in the other order
		f.handle[i] ^= byte(f.handle[7-i])
	}
	return f
}

func (f *fact) body() uint64 {
	return uint64(1+((f.recipient+1)*20+f.system)*12+f.activity)<<32 | uint64(1+f.category)
}

var begin = time.Date(2016, 1, 1, 12, 0, 0, 0, time.UTC)

func (f *fact) event(e *events.Recorded) {
	at := events.InstantOf(begin.AddDate(0, 0, f.day))
	*e = events.Recorded{Event: events.Event{Kind: events.RecordStored, Source: code("system", f.system), Time: at, Flags: events.Anchored, Dataset: "records",
		SubjectType: "customer", Provenance: events.Provided}}
	e.Subject = []events.Ref{{Handle: f.handle, Kind: "crm.id"}}
	e.Activity.Code = code("activity", f.activity)
	e.Categories = []events.Category{{Code: code("category", f.category)}}
	if f.recipient >= 0 {
		e.Kind, e.Recipient.Code, e.Provenance = events.RecordShared, code("recipient", f.recipient), 0
	}
}

var codes = map[string][]events.Code{}

func code(what string, n int) events.Code {
	for len(codes[what]) <= n {
		codes[what] = append(codes[what], events.Code(fmt.Sprintf("%s%02d", what, len(codes[what]))))
	}
	return codes[what][n]
}

// nowhere takes rows that nobody keeps: of what is measured here none are written.
type nowhere struct{}

func (nowhere) Set(_, _ []byte) {}

func spans(out io.Writer, o options) error {
	gone := inventory.NewRetractions()
	a, c := facets.NewApplier(facets.NewIndex()), newCrowd(o)
	var e events.Recorded
	spent, drawn := time.Duration(0), make([]fact, 1000)
	for n := 0; n < o.holdings; n += len(drawn) {
		recs := make([]events.Recorded, len(drawn))
		for i := range drawn {
			drawn[i] = c.next()
			drawn[i].event(&e)
			recs[i] = e
		}
		start := cpu()
		for i := range recs {
			a.Apply(&recs[i], inventory.Noted{Changed: true, Body: drawn[i].body()}, gone, nil)
		}
		if err := a.Flush(nowhere{}, nil, events.Position{Generation: 1, Seq: uint64(n)}, false); err != nil {
			return err
		}
		spent += cpu() - start
	}
	x := a.Index()
	x.Read(func(g *facets.Reading) {
		s := g.Size()
		fmt.Fprintf(out, "%d facts, %d spans in %d cells of %d handles\n", o.holdings, s.Spans, s.Cells, s.Handles)
		fmt.Fprintf(out, "keep: %.0f ns CPU a fact\n", float64(spent.Nanoseconds())/float64(o.holdings))
		fmt.Fprintf(out, "memory: %.1f bytes a person (%.1f MB)\n", float64(s.Bytes)/float64(o.people), float64(s.Bytes)/1e6)
	})
	questions(out, x, o)
	return nil
}

func questions(out io.Writer, x *facets.Index, o options) {
	r := rand.New(rand.NewPCG(3, 4))
	system := func() events.Code { return code("system", r.IntN(20)) }
	category := func() []events.Category { return []events.Category{{Code: code("category", r.IntN(30))}} }
	recipient := func() events.Code { return code("recipient", r.IntN(15)) }
	window := func(f facets.Filter) facets.Filter {
		from := events.DateOf(begin) + events.Date(r.IntN(days))
		f.From, f.To = from, from+events.Date(1+r.IntN(120))
		return f
	}
	for _, q := range []struct {
		what string
		ask  func() facets.Filter
	}{
		{"system", func() facets.Filter { return facets.Filter{System: system()} }},
		{"category", func() facets.Filter { return facets.Filter{Categories: category()} }},
		{"recipient", func() facets.Filter { return facets.Filter{Recipient: recipient()} }},
		{"system and category", func() facets.Filter { return facets.Filter{System: system(), Categories: category()} }},
		{"system and recipient", func() facets.Filter { return facets.Filter{System: system(), Recipient: recipient()} }},
		{"category and recipient", func() facets.Filter { return facets.Filter{Categories: category(), Recipient: recipient()} }},
		{"system and category, window", func() facets.Filter { return window(facets.Filter{System: system(), Categories: category()}) }},
		{"category and recipient, window", func() facets.Filter { return window(facets.Filter{Categories: category(), Recipient: recipient()}) }},
		{"system, window", func() facets.Filter { return window(facets.Filter{System: system()}) }},
		{"window", func() facets.Filter { return window(facets.Filter{}) }},
		{"everything", func() facets.Filter { return facets.Filter{} }},
	} {
		n := o.asks
		if q.what == "window" || q.what == "everything" {
			n = min(n, 20)
		}
		took, people := make([]time.Duration, n), uint64(0)
		for i := range took {
			f := q.ask()
			start := time.Now()
			x.Read(func(g *facets.Reading) { people += g.Ask(&f).Handles.GetCardinality() })
			took[i] = time.Since(start)
		}
		slices.Sort(took)
		fmt.Fprintf(out, "%-32s p50 %8.2f ms  p99 %8.2f ms  (%d handles on average)\n", q.what, ms(took[n/2]), ms(took[n*99/100]), people/uint64(n))
	}
}

// perDay is the form with bitmaps: started for each cell and day, held now and
// held at each month's end for each cell.
func perDay(out io.Writer, o options) error {
	type cell struct {
		now    *roaring.Bitmap
		months map[int]*roaring.Bitmap
		days   map[int]*roaring.Bitmap
	}
	cells, ords := map[uint64]*cell{}, map[events.Handle]uint32{}
	c := newCrowd(o)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	at := func(m map[int]*roaring.Bitmap, n int) *roaring.Bitmap {
		if m[n] == nil {
			m[n] = roaring.New()
		}
		return m[n]
	}
	var spent time.Duration
	for n := 0; n < o.holdings; n += 1000 {
		drawn := make([]fact, 1000)
		for i := range drawn {
			drawn[i] = c.next()
		}
		start := cpu()
		for i := range drawn {
			f := &drawn[i]
			ord, ok := ords[f.handle]
			if !ok {
				ord = uint32(len(ords))
				ords[f.handle] = ord
			}
			x := cells[f.body()]
			if x == nil {
				x = &cell{roaring.New(), map[int]*roaring.Bitmap{}, map[int]*roaring.Bitmap{}}
				cells[f.body()] = x
			}
			at(x.days, f.day).Add(ord)
			if f.recipient < 0 {
				x.now.Add(ord)
				for m := f.day / 30; m < days/30; m++ { // it is held at the end of every month since
					at(x.months, m).Add(ord)
				}
			}
		}
		spent += cpu() - start
	}
	var stored [3]uint64
	count := 0
	for _, x := range cells {
		x.now.RunOptimize()
		stored[0] += x.now.GetSerializedSizeInBytes()
		for i, m := range []map[int]*roaring.Bitmap{x.months, x.days} {
			for _, b := range m {
				b.RunOptimize()
				stored[i+1] += b.GetSerializedSizeInBytes()
				count++
			}
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	fmt.Fprintf(out, "bitmaps: %d for %d cells; keep %.0f ns CPU a fact\n", count, len(cells), float64(spent.Nanoseconds())/float64(o.holdings))
	fmt.Fprintf(out, "memory: %.1f bytes a person\n", float64(after.HeapAlloc-before.HeapAlloc)/float64(o.people))
	fmt.Fprintf(out, "serialised, bytes a fact: now %.1f, months %.1f, days %.1f\n", float64(stored[0])/float64(o.holdings), float64(stored[1])/float64(o.holdings), float64(stored[2])/float64(o.holdings))
	runtime.KeepAlive(cells)
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
