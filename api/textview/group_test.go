package textview_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/api/textview"
	"github.com/habeas-data/habeas/events"
)

func many(change func(i int, h *events.Holding)) string {
	f := &events.Footprint{}
	for i := range 60 {
		h := events.Holding{
			System: "shop", Activity: "orders", Category: "services", Purpose: "Deliver orders", State: "held", Medium: "electronic",
			FirstSeen: events.InstantOf(time.Date(2024, 1, 1+i, 12, 0, 0, 0, time.UTC)), LastSeen: "2024-03",
			Retention: events.RetentionView{Status: "none_stated", Why: "the notice states no period"},
			Item:      &events.ItemView{Kind: "shop.order", Value: fmt.Sprintf("O-%02d", i)},
		}
		if change != nil {
			change(i, &h)
		}
		f.Holdings = append(f.Holdings, h)
	}
	var b bytes.Buffer
	if err := textview.Footprint(&b, f); err != nil {
		panic(err)
	}
	return b.String()
}

// What one system holds for one purpose and treats alike is read once.
func TestManyHoldingsAreReadable(t *testing.T) {
	s := many(nil)
	for _, want := range []string{"* services\n", "About: shop order O-00, shop order O-01, shop order O-02 and 57 more", "Held: the first of it since 1 January 2024, last reported in March 2024"} {
		if strings.Count(s, want) != 1 {
			t.Errorf("want once %q in:\n%s", want, s)
		}
	}
	s = many(func(i int, h *events.Holding) {
		h.Item = nil
		if i%2 == 1 {
			h.Category, h.Special = "health", true
		}
	})
	if strings.Count(s, "* services; health [SPECIAL CATEGORY]\n") != 1 || strings.Count(s, "Why:") != 1 {
		t.Errorf("two kinds:\n%s", s)
	}
}

// What is treated differently is told apart: another state, another end,
// another recipient, another purpose.
func TestDifferencesStandAlone(t *testing.T) {
	for name, change := range map[string]func(*events.Holding){
		"state":     func(h *events.Holding) { h.State = "restricted" },
		"retention": func(h *events.Holding) { h.Retention.Why = "another rule" },
		"recipient": func(h *events.Holding) { h.Disclosures = []events.Disclosure{{Recipient: "bank", Name: "Bank"}} },
		"purpose":   func(h *events.Holding) { h.Purpose = "Advertise" },
		"join":      func(h *events.Holding) { h.JoinedBy = "hand" },
		"basis":     func(h *events.Holding) { h.LawfulBasis = []string{"6.1.f"} },
	} {
		s := many(func(i int, h *events.Holding) {
			if i == 7 {
				change(h)
			}
		})
		if strings.Count(s, "Why:") != 2 {
			t.Errorf("%s: %d entries, want 2", name, strings.Count(s, "Why:"))
		}
	}
}
