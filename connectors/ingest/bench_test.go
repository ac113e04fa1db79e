package ingest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/habeas-data/habeas/connectors/ingest"
	"github.com/habeas-data/habeas/events"
)

// idleVault and idleJournal cost next to nothing, so that what is left is the
// gateway's own.
type idleVault struct{ *fakeVault }

func (idleVault) Resolve(_ context.Context, l []ingest.Lookup) ([]ingest.Found, uint64, error) {
	out := make([]ingest.Found, len(l))
	for i := range l {
		out[i].Ref = events.Ref{Handle: events.Handle{byte(i), byte(i >> 8), 1}, Kind: l[i].ID.Kind}
	}
	return out, 1, nil
}

func (idleVault) EventID(events.Code, events.Plaintext) events.EventID { return events.EventID{1} }

type idleJournal struct{}

func (idleJournal) Append(_ context.Context, e []*events.Event, _ uint64, _ uint32) ([]ingest.Stored, error) {
	return make([]ingest.Stored, len(e)), nil
}

// A declared catalogue looks codes up as the real one does.
type declared struct{ words map[events.Code]bool }

func (d declared) Declared(_ string, c events.Code) bool { return d.words[c] }
func (d declared) PrimaryKind(s events.Code) events.Code { return s + ".person" }
func (d declared) Number() uint32                        { return 1 }

// BenchmarkSubmit submits batches without a vault and a journal; an operation is
// one event.
func BenchmarkSubmit(b *testing.B) {
	for _, size := range []int{1, 512} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			cat := declared{map[events.Code]bool{"customer": true}}
			obs := make([]*events.Observation, 2048)
			for i := range obs {
				o := stored(fmt.Sprint("id-", i), id(events.Code(fmt.Sprintf("system-%02d.person", i%20)), fmt.Sprint("p", i)))
				if i%2 == 0 {
					o.Subject = append(o.Subject, id("email", fmt.Sprintf("p%d@example.org", i)))
				}
				e := &o.Event
				e.Source, e.SubjectType, e.Dataset = events.Code(fmt.Sprintf("system-%02d", i%20)), "customer", "records"
				e.Activity.Code, e.Categories = events.Code(fmt.Sprintf("activity-%02d", i%12)), nil
				for k := range 1 + i%3 {
					e.Categories = append(e.Categories, events.Category{Code: events.Code(fmt.Sprintf("category-%02d", (i*5+k)%30))})
				}
				cat.words[e.Activity.Code] = true
				for _, c := range e.Categories {
					cat.words[c.Code] = true
				}
				obs[i] = o
			}
			g := ingest.New(ingest.Config{Vault: idleVault{newFakeVault()}, Journal: idleJournal{},
				Catalogue: func() ingest.Catalogue { return cat }, MaxInFlight: 1 << 16})
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; i < b.N; i += size {
				at := i % len(obs)
				if _, err := g.Submit(b.Context(), ingest.Caller{Any: true}, obs[at:min(at+size, len(obs))]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
