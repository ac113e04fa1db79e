// Command retention measures the due list over a map of its own making: how long
// until the first page, and how long for everything that is due. It needs an
// empty directory and leaves the map there.
package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/rights/desk"
)

func main() {
	dir := flag.String("dir", "", "where the map is built, or lies from before")
	people := flag.Int("people", 770_000, "people; each has 13 holdings")
	gone := flag.Int("gone", 50, "per cent of those with an end whose data is gone already")
	flag.Parse()
	if err := measure(*dir, *people, *gone); err != nil {
		log.Fatal(err)
	}
}

func measure(dir string, people, gone int) error {
	cat, err := catalogue.LoadShipped("instant-connect")
	if err != nil {
		return err
	}
	ctx := context.Background()
	cfg := projections.Config{Dir: dir, Source: crowd{people, gone}}
	if _, err := os.Stat(dir); err != nil {
		began := time.Now()
		if err := projections.Rebuild(ctx, cfg, nil); err != nil {
			return err
		}
		fmt.Printf("built in %s\n", time.Since(began).Round(time.Second))
	}
	m, err := projections.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer m.Close()
	fmt.Printf("%d people, %d holdings\n", people, people*13)
	d, err := desk.Open(ctx, desk.Deps{Map: m, View: func() desk.View { return m.View() }, Finder: alone{}, Revealer: alone{}, Sealer: alone{}, Allocator: alone{},
		Appender: silent{}, Audit: alone{}, Catalogue: func() *catalogue.Catalogue { return cat }, Rand: rand.Reader,
		Now: func() time.Time { return today }})
	if err != nil {
		return err
	}
	return ask(ctx, d)
}

// ask measures pages, then everything, then the forecast.
func ask(ctx context.Context, d *desk.Desk) error {
	who := access.Caller{Token: "bench", Roles: []access.Role{access.DPO}}
	after, n := "", 0
	for page := range 3 {
		began := time.Now()
		p, err := d.Due(ctx, desk.DueQuery{Caller: who, Limit: 500, After: after}, func(*desk.DueItem) error {
			if n++; n == 1 {
				fmt.Printf("first item after %s\n", time.Since(began).Round(time.Microsecond))
			}
			return nil
		})
		if err != nil {
			return err
		}
		fmt.Printf("page %d of 500 in %s\n", page+1, time.Since(began).Round(time.Microsecond))
		after = p.Next
	}
	began := time.Now()
	n = 0
	if _, err := d.Due(ctx, desk.DueQuery{Caller: who}, func(*desk.DueItem) error { n++; return nil }); err != nil {
		return err
	}
	took := time.Since(began)
	fmt.Printf("all %d that are due in %s, %.0f a second\n", n, took.Round(time.Millisecond), float64(n)/took.Seconds())
	began = time.Now()
	f, err := d.Forecast(ctx, who, 0)
	if err != nil {
		return err
	}
	fmt.Printf("forecast of %d rows in %s\n", len(f.Rows), time.Since(began).Round(time.Millisecond))
	return nil
}

var today = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// crowd is a log of people that is made as it is read: every third has an end,
// spread over sixteen years, and of those some are gone.
type crowd struct{ people, gone int }

const perFrame = 200

func (c crowd) Follow(ctx context.Context, _ []byte, _ func(uint64, *events.Frame, []byte) error) error {
	<-ctx.Done()
	return ctx.Err()
}

func (c crowd) Replay(_ context.Context, _ []byte, fn func(uint64, *events.Frame, []byte) error) error {
	var prev events.Hash
	first := uint64(0)
	for seq := uint64(1); int(seq-1)*perFrame < c.people; seq++ {
		var b events.FrameBuilder
		for i := int(seq-1) * perFrame; i < min(int(seq)*perFrame, c.people); i++ {
			c.add(&b, uint64(i))
		}
		n := uint64(b.Count())
		raw, hash := b.Seal(events.FrameHeader{Body: events.EventBody, Generation: 1, Previous: prev, First: first, Recorded: events.InstantOf(today), Catalogue: 1})
		prev, first = hash, first+n
		f, err := events.DecodeFrame(raw)
		if err != nil {
			return err
		}
		if err := fn(seq, f, binary.BigEndian.AppendUint64(nil, seq)); err != nil {
			return err
		}
	}
	return nil
}

func (c crowd) add(b *events.FrameBuilder, i uint64) {
	day := time.Date(2009, 1, 1, 12, 0, 0, 0, time.UTC).AddDate(0, 0, int(mix(i)%5800))
	e := events.Event{Kind: events.RecordStored, Source: "platform", Time: events.InstantOf(day), Flags: events.Anchored, SubjectType: "locum",
		Provenance: events.Provided, Subject: []events.Ref{{Handle: handle(i), Kind: "platform.member"}}}
	put := func(k uint64, change func()) {
		binary.BigEndian.PutUint64(e.ID[:], mix(i*8+k))
		binary.BigEndian.PutUint64(e.ID[8:], i*8+k)
		change()
		one := e
		b.Add(&one)
	}
	put(1, func() {
		e.Activity.Code, e.Dataset, e.Categories = "ic-a03", "members", list("identity", "contact", "career_education", "employment_status", "worker_profile")
	})
	put(2, func() {
		e.Activity.Code, e.Categories = "ic-a04", list("identity", "contact", "financial", "services", "career_education", "employment_status", "worker_profile", "community")
	})
	if i%3 > 0 {
		return
	}
	left := day.AddDate(0, int(mix(i+7)%24), 0)
	e.Categories, e.Provenance, e.SubjectType, e.Activity, e.Dataset = nil, 0, "", events.Activity{}, ""
	e.Time = events.InstantOf(left)
	put(3, func() { e.Kind, e.Milestone, e.Date = events.MilestoneReached, "account_deleted", events.DateOf(left) })
	if int(mix(i+9)%100) < c.gone {
		e.Milestone, e.Date = "", 0
		put(4, func() {
			e.Kind, e.SubjectType, e.Removal, e.Time = events.RecordRemoved, "locum", events.RemovalDeleted, events.InstantOf(left.AddDate(7, 0, 1))
		})
	}
}

func list(codes ...events.Code) (out []events.Category) {
	for _, c := range codes {
		out = append(out, events.Category{Code: c})
	}
	return out
}

func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func handle(i uint64) (h events.Handle) {
	binary.BigEndian.PutUint64(h[:], mix(i))
	binary.BigEndian.PutUint64(h[8:], mix(i+1<<40))
	return h
}

// alone is a vault in which every handle is one person of one system.
type alone struct{}

func (alone) Find(context.Context, events.Identifier) ([]identity.Member, error) { return nil, nil }
func (alone) Siblings(_ context.Context, h events.Handle) ([]identity.Member, error) {
	return []identity.Member{{Handle: h, System: "platform", Kind: "platform.member"}}, nil
}
func (alone) Reveal(context.Context, []events.Handle) (map[events.Handle]events.Identifier, error) {
	return nil, nil
}
func (alone) OpenNote(context.Context, events.EventID) ([]byte, error)  { return nil, nil }
func (alone) Seal(context.Context, []byte) (events.EventID, error)      { return events.EventID{}, nil }
func (alone) Append(context.Context, audit.Entry) (int64, error)        { return 0, nil }
func (alone) EventID(events.Code, events.Plaintext) (id events.EventID) { return id }
func (alone) Allocate(context.Context, events.Code, []events.Identifier) ([]events.Ref, uint64, error) {
	return nil, 0, nil
}

// silent takes no facts: nothing is decided here.
type silent struct{}

func (silent) Append(context.Context, *events.Event, uint64) (events.Position, error) {
	return events.Position{}, nil
}
