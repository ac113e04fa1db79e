package projections_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/projectionstest"
)

// drawn draws events of 200,000 people by a Zipf law over 20 systems, 30
// categories and 15 recipients, half of them with a second identifier.
type drawn struct {
	r    *rand.Rand
	zipf *rand.Zipf
	at   events.Instant
	n    uint64
}

func newDrawn() *drawn {
	r := rand.New(rand.NewPCG(1, 2))
	return &drawn{r: r, zipf: rand.NewZipf(r, 1.1, 10, 199_999),
		at: events.InstantOf(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC))}
}

func (d *drawn) handle(person uint64, system int, kind byte) (h events.Handle) {
	r := rand.New(rand.NewPCG(person<<16|uint64(system)<<8|uint64(kind), 7))
	binary.BigEndian.PutUint64(h[:], r.Uint64())
	binary.BigEndian.PutUint64(h[8:], r.Uint64())
	return h
}

func (d *drawn) next() *events.Event {
	d.n++
	d.at += events.Instant(15_000_000 + d.r.IntN(30_000_000))
	person := d.zipf.Uint64()
	system := int(person+uint64(d.r.IntN(3))*7) % 20
	sys := events.Code(fmt.Sprintf("system%02d", system))
	e := &events.Event{Kind: events.RecordStored, Source: sys, Time: d.at, Flags: events.Anchored, Dataset: "records"}
	binary.BigEndian.PutUint64(e.ID[:], d.r.Uint64())
	binary.BigEndian.PutUint64(e.ID[8:], d.n)
	e.Subject = append(e.Subject, events.Ref{Handle: d.handle(person, system, 1), Kind: sys + ".id"})
	if d.r.IntN(2) == 0 {
		e.Subject = append(e.Subject, events.Ref{Handle: d.handle(person, system, 2), Kind: "email"})
	}
	e.SubjectType = "customer"
	e.Activity.Code = events.Code(fmt.Sprintf("activity%02d", d.r.IntN(4)+system%10))
	for i := range 1 + d.r.IntN(3) {
		e.Categories = append(e.Categories, events.Category{Code: events.Code(fmt.Sprintf("category%02d", (d.r.IntN(10)+system+i*10)%30))})
	}
	switch d.r.IntN(10) {
	case 0, 1:
		e.Kind = events.RecordShared
		e.Recipient.Code = events.Code(fmt.Sprintf("recipient%02d", d.r.IntN(15)))
	case 2:
		e.Kind, e.Action = events.RecordUsed, 2
	default:
		e.Provenance = events.Provided
	}
	return e
}

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func diskBytes(dir string) (n int64) {
	_ = filepath.Walk(dir, func(_ string, i os.FileInfo, err error) error {
		if err == nil && strings.HasPrefix(i.Name(), "run-") {
			n += i.Size()
		}
		return nil
	})
	return n
}

// resolve measures finding a person from an e-mail address known to up to three
// systems, and folding all of it.
func resolve(b *testing.B, m *projections.Map, d *drawn) {
	var took []time.Duration
	members := 0
	for range 5_000 {
		person := d.zipf.Uint64()
		var mail []identity.Member
		for i := range 3 {
			system := int(person+uint64(i)*7) % 20
			mail = append(mail, identity.Member{Handle: d.handle(person, system, 2), System: events.Code(fmt.Sprintf("system%02d", system)), Kind: "email"})
		}
		siblings := func(_ context.Context, h events.Handle) ([]identity.Member, error) {
			for _, x := range mail {
				if x.Handle == h {
					return mail, nil
				}
			}
			return []identity.Member{{Handle: h, System: "systemxx", Kind: "systemxx.id"}}, nil
		}
		t := time.Now()
		v := m.View()
		g := &identity.MapGraph{Reader: v, SiblingsOf: siblings, MayJoinSystems: func(_, _, _ events.Code) bool { return true }}
		p, err := identity.Resolve(b.Context(), []events.Handle{mail[0].Handle, mail[1].Handle, mail[2].Handle}, g, identity.Query{})
		if err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(t))
		members += len(p.Members)
		v.Close()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "resolve-p50-ns")
	b.ReportMetric(float64(members)/float64(len(took)), "resolve-members")
}

// BenchmarkApply takes b.N events in: CPU per event, bytes per event on disk
// after closing, and the latency of a footprint of about 20 rows.
func BenchmarkApply(b *testing.B) {
	log := projectionstest.NewLog()
	d := newDrawn()
	var pos events.Position
	for n := 0; n < b.N; {
		evs := make([]*events.Event, 0, 512)
		for len(evs) < 512 && n < b.N {
			evs = append(evs, d.next())
			n++
		}
		pos = log.Append(d.at, evs...)
	}
	runtime.GC()
	dir := b.TempDir()
	cfg := projections.Config{Dir: dir, Source: log, MinFree: 1}
	b.ResetTimer()
	was := cpu()
	if err := projections.Rebuild(b.Context(), cfg, nil); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	b.ReportMetric(float64((cpu()-was).Nanoseconds())/float64(b.N), "cpu-ns/event")
	b.ReportMetric(float64(diskBytes(dir))/float64(b.N), "disk-B/event")
	m, err := projections.Open(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	if m.Applied() != pos {
		b.Fatalf("at %s, want %s", m.Applied(), pos)
	}
	if b.N < 100_000 {
		return // too few for the rest to mean anything
	}
	retraction(b, m)
	footprints(b, m, d)
	resolve(b, m, d)
	rep, err := m.Check(b.Context())
	if err != nil || len(rep.Problems) > 0 {
		b.Fatalf("check: %v %v", rep, err)
	}
	for f, n := range rep.Rows {
		if n > 1000 {
			b.ReportMetric(float64(n)/float64(b.N), "rows-"+f+"/event")
		}
	}
}

// retraction measures finding whom an event was about, which reads every row.
func retraction(b *testing.B, m *projections.Map) {
	v := m.View()
	defer v.Close()
	t := time.Now()
	ids := map[inventory.Mark]struct{}{{1}: {}}
	_, err := inventory.Observers(v, ids)
	if err == nil {
		_, err = identity.Witnesses(v, ids)
	}
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(time.Since(t).Nanoseconds())/float64(b.N), "retraction-ns/event")
}

func footprints(b *testing.B, m *projections.Map, d *drawn) {
	var people []events.Handle
	for len(people) < 500 {
		person := d.zipf.Uint64()
		h := d.handle(person, int(person)%20, 1)
		v := m.View()
		rs, err := inventory.Rows(v, h)
		if err != nil {
			b.Fatal(err)
		}
		if v.Close(); len(rs) >= 15 && len(rs) <= 25 {
			people = append(people, h)
		}
	}
	var took []time.Duration
	rows, was := 0, cpu()
	for i := range 20_000 {
		t := time.Now()
		v := m.View()
		rs, err := inventory.Rows(v, people[i%len(people)])
		if err != nil {
			b.Fatal(err)
		}
		inventory.Fold(rs, inventory.Query{})
		v.Close()
		took = append(took, time.Since(t))
		rows += len(rs)
	}
	slices.Sort(took)
	b.ReportMetric(float64((cpu()-was).Nanoseconds())/float64(len(took)), "footprint-cpu-ns")
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "footprint-p50-ns")
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds()), "footprint-p99-ns")
	b.ReportMetric(float64(rows)/float64(len(took)), "footprint-rows")
}
