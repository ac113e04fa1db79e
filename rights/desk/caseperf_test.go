package desk_test

import (
	"fmt"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

// many gives one person n holdings: as many documents of a few kinds.
func many(tb testing.TB, n int) *desktest.World {
	w := desktest.New(tb)
	kinds := []struct {
		activity events.Code
		category events.Category
	}{{"ic-a03", desktest.Cat("identity")}, {"ic-a04", desktest.Cat("financial", "bank_account")}, {"ic-a11", desktest.Cat("contact", "email")}, {"ic-a09", desktest.Cat("criminal_offences")}}
	for i := range n {
		k := kinds[i%len(kinds)]
		w.Report(events.RecordStored, "platform", "2024-01-02", []string{"platform.member=IC-1"}, desktest.All(desktest.Codes(k.activity, "locum", k.category),
			func(e *events.Event) { e.Item = w.Item("platform", fmt.Sprintf("platform.document=D%d", i)) }))
	}
	return w
}

func BenchmarkPlanOfTenThousand(b *testing.B) {
	w := many(b, 10_000)
	c, err := w.Desk.OpenCase(ctx, order("platform.member=IC-1", catalogue.RightErasure))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		p, err := w.Desk.PlanCase(ctx, worker, c.Case, 0)
		if err != nil || len(p.Items) != 10_000 {
			b.Fatal(len(p.Items), err)
		}
	}
}
