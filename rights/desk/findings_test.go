package desk_test

import (
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

// What was done with data after somebody said stop, and before they took it
// back, is found; what was done before is not. Keeping what is restricted is no
// use of it.
func TestProcessedAfterStop(t *testing.T) {
	me := []string{"platform.member=IC-1"}
	for _, c := range []struct {
		name        string
		stop, again events.Kind
		rule        string
		did         events.Kind
		when        string
		lifted      bool
		want        int
	}{
		{"stored after an objection", events.ObjectionMade, events.ObjectionLifted, "PROCESSED_AFTER_OBJECTION", events.RecordStored, "2024-03-01", false, 1},
		{"used after an objection", events.ObjectionMade, events.ObjectionLifted, "PROCESSED_AFTER_OBJECTION", events.RecordUsed, "2024-03-01", false, 1},
		{"used before it", events.ObjectionMade, events.ObjectionLifted, "PROCESSED_AFTER_OBJECTION", events.RecordUsed, "2024-01-20", false, 0},
		{"used after it was lifted", events.ObjectionMade, events.ObjectionLifted, "PROCESSED_AFTER_OBJECTION", events.RecordUsed, "2024-05-01", true, 0},
		{"shared after consent ended", events.ConsentWithdrawn, events.ConsentGiven, "PROCESSED_AFTER_WITHDRAWAL", events.RecordShared, "2024-03-01", false, 1},
		{"shared before", events.ConsentWithdrawn, events.ConsentGiven, "PROCESSED_AFTER_WITHDRAWAL", events.RecordShared, "2024-01-20", false, 0},
		{"used while restricted", events.RestrictionSet, events.RestrictionLifted, "PROCESSED_WHILE_RESTRICTED", events.RecordUsed, "2024-03-01", false, 1},
		{"kept while restricted", events.RestrictionSet, events.RestrictionLifted, "PROCESSED_WHILE_RESTRICTED", events.RecordStored, "2024-03-01", false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := desktest.New(t)
			about := desktest.Codes("ic-a11", "locum", desktest.Cat("contact"))
			say := func(kind events.Kind, when string) {
				w.Report(kind, "platform", when, me, func(e *events.Event) {
					switch e.Activity.Code = "ic-a11"; kind {
					case events.ConsentWithdrawn, events.ConsentGiven:
						e.Method, e.GivenBy = 1, 1
					case events.RestrictionSet:
						e.Ground = "accuracy"
					case events.RecordShared:
						e.Recipient.Code = "gocardless"
						about(e)
					case events.RecordStored, events.RecordUsed:
						about(e)
					}
				})
			}
			say(events.RecordStored, "2024-01-02")
			say(c.stop, "2024-02-01")
			say(c.did, c.when)
			if c.lifted {
				say(c.again, "2024-04-01")
			}
			if got := rules(footprint(t, w, ask("platform.member=IC-1"))); got[c.rule] != c.want {
				t.Errorf("%v, want %s %d times", got, c.rule, c.want)
			}
		})
	}
}

// Codes that the catalogue does not know are told, each by its place, and so is
// a report that does not name the person by the system's own number.
func TestUndeclaredAndUnanchored(t *testing.T) {
	w := desktest.New(t)
	w.Report(events.RecordStored, "platform", "2024-01-02", []string{"email=a@example.org"}, desktest.All(
		desktest.Codes("undeclared.aa", "undeclared.bb", desktest.Cat("undeclared.cc")), func(e *events.Event) { e.Flags &^= events.Anchored }))
	f := footprint(t, w, ask("email=a@example.org"))
	got := map[string]string{}
	for _, x := range f.Findings {
		switch x.Rule {
		case "UNDECLARED_CODE":
			for _, k := range []string{"activity", "category", "subject_type"} {
				if x.About[k] != "" {
					got[k] = x.About[k] + " " + x.Verdict
				}
			}
		case "NOT_ANCHORED":
			got["system"] = x.About["system"] + " " + x.Verdict
		}
	}
	for k, want := range map[string]string{"activity": "undeclared.aa warn", "category": "undeclared.cc warn", "subject_type": "undeclared.bb warn", "system": "platform info"} {
		if got[k] != want {
			t.Errorf("%s: %q, want %q", k, got[k], want)
		}
	}
	w = desktest.New(t)
	w.Priya()
	if got := rules(footprint(t, w, ask("email=priya@example.org"))); got["NOT_ANCHORED"]+got["UNDECLARED_CODE"] != 0 {
		t.Errorf("a plain person: %v", got)
	}
}

// Article 21(3): after an objection to direct marketing the data is no longer
// processed for it, whatever activity the objection named.
func TestMarketingAfterObjection(t *testing.T) {
	me := []string{"platform.member=IC-1"}
	w := desktest.New(t)
	about := desktest.Codes("ic-a11", "locum", desktest.Cat("contact"))
	w.Report(events.RecordStored, "platform", "2024-01-02", me, about)
	w.Report(events.ObjectionMade, "platform", "2024-02-01", me, func(e *events.Event) { e.Flags |= events.DirectMarketing })
	before := footprint(t, w, ask("platform.member=IC-1"))
	if got := rules(before); got["PROCESSED_AFTER_OBJECTION"] != 0 {
		t.Errorf("nothing was done after it yet: %v", got)
	}
	if h := before.Holdings[0]; h.State != "restricted" || len(h.RestrictedBy) != 1 || h.RestrictedBy[0] != "objection:direct_marketing" {
		t.Errorf("the holding is %s by %v", h.State, h.RestrictedBy)
	}
	w.Report(events.RecordUsed, "platform", "2024-03-01", me, about)
	if got := rules(footprint(t, w, ask("platform.member=IC-1"))); got["PROCESSED_AFTER_OBJECTION"] != 1 {
		t.Errorf("a promotion sent after the objection: %v", got)
	}
}
