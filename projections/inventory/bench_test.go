package inventory_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/projectionstest"
)

// onePerson draws events of one person until she has so many rows.
func onePerson(b *testing.B, rows int) ([]inventory.Row, *projectionstest.Memory, events.Handle) {
	mem := projectionstest.NewMemory()
	r := rand.New(rand.NewPCG(1, 2))
	h := projectionstest.HandleOf("crm", "c1")
	at := events.InstantOf(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC))
	for i := 0; ; i++ {
		at += events.Instant(r.IntN(5)) * 86_400_000_000
		e := &events.Event{
			ID: projectionstest.IDOf(fmt.Sprint(i)), Kind: events.RecordStored, Source: "crm", Time: at,
			Flags: events.Anchored, Subject: []events.Ref{{Handle: h, Kind: "crm.id"}}, SubjectType: "customer",
			Dataset: "records", Activity: events.Activity{Code: events.Code(fmt.Sprintf("activity%02d", r.IntN(12)))},
		}
		first := r.IntN(30)
		for j := range 1 + r.IntN(3) {
			e.Categories = append(e.Categories, events.Category{Code: events.Code(fmt.Sprintf("category%02d", (first+7*j)%30))})
		}
		if r.IntN(5) == 0 {
			e.Kind, e.Recipient.Code = events.RecordShared, events.Code(fmt.Sprintf("recipient%02d", r.IntN(15)))
		}
		if err := mem.Apply(at, e); err != nil {
			b.Fatal(err)
		}
		if i+1 >= rows && (i%100 == 99 || rows < 100) {
			rs, err := inventory.Rows(mem, h)
			if err != nil {
				b.Fatal(err)
			}
			if len(rs) >= rows {
				return rs, mem, h
			}
		}
	}
}

// The cost of folding grows with the rows and no faster.
func BenchmarkFold(b *testing.B) {
	for _, n := range []int{20, 300, 3000} {
		rows, _, _ := onePerson(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				inventory.Fold(rows, inventory.Query{})
			}
		})
	}
}

// Rows without the store: what decoding costs.
func BenchmarkRows(b *testing.B) {
	rows, mem, h := onePerson(b, 20)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := inventory.Rows(mem, h); err != nil {
			b.Fatal(err)
		}
	}
	_ = rows
}
