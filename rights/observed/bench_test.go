package observed

import (
	"testing"

	"github.com/habeas-data/habeas/events"
)

// What one body costs: a person's map judges each of theirs once.
func BenchmarkJudge(b *testing.B) {
	c := load(b, declaredYAML+promises)
	for _, x := range []struct {
		name string
		e    *events.Event
	}{
		{"nothing found", said(events.RecordStored, "sell", nil)},
		{"a recipient", said(events.RecordShared, "sell", to("undeclared.0a"))},
	} {
		list := cats("contact", "orders")
		b.Run(x.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Judge(c, x.e, list)
			}
		})
	}
}
