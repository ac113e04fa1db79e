package desk_test

import (
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

// A step is one report about a person: kind, day, activity, channels.
type step struct {
	kind     events.Kind
	day      string
	activity events.Code // "dm" objects to direct marketing as such
	channels string
}

func tell(w *desktest.World, steps []step) {
	for _, s := range steps {
		w.Report(s.kind, "marketing", s.day, []string{"marketing.contact=K-1"}, func(e *events.Event) {
			var channels []events.Code
			for _, c := range strings.Fields(s.channels) {
				channels = append(channels, events.Code(c))
			}
			e.Activity.Code = s.activity
			switch s.kind {
			case events.ObjectionMade, events.ObjectionLifted:
				e.Channels = channels
				if s.activity == "dm" {
					e.Activity.Code, e.Flags = "", e.Flags|events.DirectMarketing
				}
			case events.ConsentGiven, events.ConsentWithdrawn:
				e.Channels, e.Method, e.GivenBy = channels, 1, 1
			case events.RestrictionSet, events.RestrictionLifted:
				e.Ground = "accuracy_contested"
			default:
				e.Categories = []events.Category{desktest.Cat("contact", "email")}
				if s.kind == events.RecordUsed && channels != nil {
					e.Action, e.Channel = events.ActionSent, channels[0]
				}
				if s.kind == events.RecordShared {
					e.Recipient.Code = "gocardless"
				}
			}
		})
	}
}

// What was forbidden when it was done stays a finding, whatever was said later.
// Article 21(3): where the person objects to direct marketing the data is no
// longer processed for it; Article 21(2) lets them object at any time, so also
// to one channel. Article 7(3): consent may be withdrawn at any time, which
// leaves lawful what was done before. Article 18(2): restricted data is stored,
// and used only for the reasons listed there.
func TestBreachesOfClosedWindows(t *testing.T) {
	const (
		stored, used, shared  = events.RecordStored, events.RecordUsed, events.RecordShared
		made, lifted          = events.ObjectionMade, events.ObjectionLifted
		given, withdrawn      = events.ConsentGiven, events.ConsentWithdrawn
		set, free             = events.RestrictionSet, events.RestrictionLifted
		objection, withdrawal = "PROCESSED_AFTER_OBJECTION", "PROCESSED_AFTER_WITHDRAWAL"
		restriction           = "PROCESSED_WHILE_RESTRICTED"
	)
	for _, c := range []struct {
		name  string
		steps []step
		rule  string // empty: none of the three
		text  string // a part of what is said
	}{
		{"21(1): objected, used, lifted", []step{{made, "2024-02-01", "ic-a11", ""}, {used, "2024-03-01", "ic-a11", ""}, {lifted, "2024-04-01", "ic-a11", ""}},
			objection, "objected on 1 February 2024, and the data was used on 1 March 2024, before the objection was lifted (Article 21(1))"},
		{"21(1): used before the objection and after it was lifted", []step{{used, "2024-01-01", "ic-a11", ""}, {made, "2024-02-01", "ic-a11", ""}, {lifted, "2024-04-01", "ic-a11", ""}, {used, "2024-05-01", "ic-a11", ""}}, "", ""},
		{"21(1): two windows, used between them", []step{{made, "2024-02-01", "ic-a11", ""}, {lifted, "2024-03-01", "ic-a11", ""}, {used, "2024-04-01", "ic-a11", ""}, {made, "2024-05-01", "ic-a11", ""}}, "", ""},
		{"21(1): two windows, used in the second", []step{{made, "2024-02-01", "ic-a11", ""}, {lifted, "2024-03-01", "ic-a11", ""}, {made, "2024-05-01", "ic-a11", ""}, {shared, "2024-06-01", "ic-a11", ""}, {lifted, "2024-07-01", "ic-a11", ""}},
			objection, "objected on 1 May 2024, and the data was shared on 1 June 2024"},
		{"21(1): another activity", []step{{made, "2024-02-01", "ic-a03", ""}, {used, "2024-03-01", "ic-a11", ""}}, "", ""},
		{"21(3): an e-mail after an objection to e-mail", []step{{made, "2024-02-01", "dm", "email"}, {used, "2024-03-01", "ic-a11", "email"}},
			objection, "objected to direct marketing by e-mail on 1 February 2024, and the data was sent by e-mail on 1 March 2024 (Article 21(3))"},
		{"21(3): a letter after an objection to e-mail", []step{{made, "2024-02-01", "dm", "email"}, {used, "2024-03-01", "ic-a11", "post"}}, "", ""},
		{"21(3): by a channel that was not told", []step{{made, "2024-02-01", "dm", "email"}, {used, "2024-03-01", "ic-a11", ""}}, "", ""},
		{"21(3): an e-mail after an objection to all of it", []step{{made, "2024-02-01", "dm", ""}, {used, "2024-03-01", "ic-a11", "email"}}, objection, "objected to direct marketing on 1 February 2024"},
		{"21(3): objected to all, allowed e-mail again", []step{{made, "2024-02-01", "dm", ""}, {lifted, "2024-02-10", "dm", "email"}, {used, "2024-03-01", "ic-a11", "email"}}, "", ""},
		{"21(3): and a letter all the same", []step{{made, "2024-02-01", "dm", ""}, {lifted, "2024-02-10", "dm", "email"}, {used, "2024-03-01", "ic-a11", "post"}}, objection, "sent by post"},
		{"21(3): allowed again too late", []step{{made, "2024-02-01", "dm", "email"}, {used, "2024-03-01", "ic-a11", "email"}, {lifted, "2024-04-01", "dm", "email"}}, objection, "before the objection was lifted"},
		{"21(3): what is no marketing", []step{{made, "2024-02-01", "dm", ""}, {used, "2024-03-01", "ic-a04", "email"}}, "", ""},
		{"21(3): keeping the address so as not to write to it", []step{{made, "2024-02-01", "dm", ""}, {stored, "2024-03-01", "ic-a11", ""}}, "", ""},
		{"21(2): one channel of one activity", []step{{made, "2024-02-01", "ic-a11", "email"}, {used, "2024-03-01", "ic-a11", "email"}}, objection, "objected by e-mail on 1 February 2024"},
		{"21(2): the other channel of it", []step{{made, "2024-02-01", "ic-a11", "email"}, {used, "2024-03-01", "ic-a11", "post"}}, "", ""},
		{"7(3): withdrawn, sent, given again", []step{{given, "2024-01-01", "ic-a11", "email"}, {withdrawn, "2024-02-01", "ic-a11", "email"}, {used, "2024-03-01", "ic-a11", "email"}, {given, "2024-04-01", "ic-a11", "email"}},
			withdrawal, "withdrawn by e-mail on 1 February 2024, and the data was sent by e-mail on 1 March 2024, before consent was given again (Article 7(3))"},
		{"7(3): sent while consent stood", []step{{given, "2024-01-01", "ic-a11", ""}, {used, "2024-01-15", "ic-a11", "email"}, {withdrawn, "2024-02-01", "ic-a11", ""}}, "", ""},
		{"7(3): withdrawn for the telephone only", []step{{given, "2024-01-01", "ic-a11", "email telephone"}, {withdrawn, "2024-02-01", "ic-a11", "telephone"}, {used, "2024-03-01", "ic-a11", "email"}}, "", ""},
		{"7(3): and then a call", []step{{given, "2024-01-01", "ic-a11", "email telephone"}, {withdrawn, "2024-02-01", "ic-a11", "telephone"}, {used, "2024-03-01", "ic-a11", "telephone"}}, withdrawal, "by telephone"},
		{"18(2): restricted, shared, lifted", []step{{set, "2024-02-01", "ic-a11", ""}, {shared, "2024-03-01", "ic-a11", ""}, {free, "2024-04-01", "ic-a11", ""}},
			restriction, "restricted on 1 February 2024, and the data was shared on 1 March 2024, before the restriction was lifted (Article 18(2))"},
		{"18(2): restricted and kept", []step{{set, "2024-02-01", "ic-a11", ""}, {stored, "2024-03-01", "ic-a11", ""}, {free, "2024-04-01", "ic-a11", ""}}, "", ""},
		{"18(2): another activity is restricted", []step{{set, "2024-02-01", "ic-a03", ""}, {used, "2024-03-01", "ic-a11", ""}}, "", ""},
		{"at the same moment is not after", []step{{made, "2024-02-01", "ic-a11", ""}, {used, "2024-02-01", "ic-a11", ""}}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := desktest.New(t)
			w.Report(events.RecordStored, "marketing", "2023-01-02", []string{"marketing.contact=K-1"}, desktest.Codes("ic-a11", "locum", desktest.Cat("contact", "email")))
			tell(w, c.steps)
			f := footprint(t, w, ask("marketing.contact=K-1"))
			got := ""
			for _, x := range f.Findings {
				if !strings.HasPrefix(x.Rule, "PROCESSED_") {
					continue
				}
				if got += x.Rule; x.Verdict != "error" || !strings.Contains(x.Text, c.text) || x.About["system"] != "marketing" {
					t.Errorf("%s %s about %v: %s", x.Rule, x.Verdict, x.About, x.Text)
				}
			}
			if got != c.rule {
				t.Errorf("found %q, want %q", got, c.rule)
			}
		})
	}
}

// A report that was taken back accuses nobody, and a question about the past
// knows no later deed.
func TestBreachesKnowTheirTime(t *testing.T) {
	w := desktest.New(t)
	tell(w, []step{{events.ObjectionMade, "2024-02-01", "ic-a11", ""}})
	id := events.EventID{9}
	w.Report(events.RecordUsed, "marketing", "2024-03-01", []string{"marketing.contact=K-1"}, desktest.All(desktest.Codes("ic-a11", "locum", desktest.Cat("contact")), func(e *events.Event) { e.ID = id }))
	q := ask("marketing.contact=K-1")
	if n := rules(footprint(t, w, q))["PROCESSED_AFTER_OBJECTION"]; n != 1 {
		t.Errorf("now: %d findings", n)
	}
	q.AsOfDay = date(t, "2024-02-29")
	if n := rules(footprint(t, w, q))["PROCESSED_AFTER_OBJECTION"]; n != 0 {
		t.Errorf("the day before: %d findings", n)
	}
	w.Report(events.EventRetracted, "marketing", "2024-03-02", nil, func(e *events.Event) { e.Retracts, e.RetractsSource, e.ID = id, "marketing", events.EventID{1} })
	if n := rules(footprint(t, w, ask("marketing.contact=K-1")))["PROCESSED_AFTER_OBJECTION"]; n != 0 {
		t.Errorf("taken back: %d findings", n)
	}
}

// What a report leaves out means all: it is told of each kind of data held.
func TestBreachWithoutACategory(t *testing.T) {
	w := desktest.New(t)
	me := []string{"marketing.contact=K-1"}
	w.Report(events.RecordStored, "marketing", "2024-01-02", me, desktest.Codes("ic-a11", "locum", desktest.Cat("contact"), desktest.Cat("identity")))
	tell(w, []step{{events.ObjectionMade, "2024-02-01", "ic-a11", ""}})
	w.Report(events.RecordUsed, "marketing", "2024-03-01", me, func(e *events.Event) { e.Activity.Code = "ic-a11" })
	f := footprint(t, w, ask("marketing.contact=K-1"))
	got := map[string]bool{}
	for _, x := range f.Findings {
		if x.Rule == "PROCESSED_AFTER_OBJECTION" {
			got[x.About["category"]] = true
		}
	}
	if len(got) != 2 || !got["contact"] || !got["identity"] {
		t.Errorf("told of %v", got)
	}
}

// Article 7(1): that consent was given is to be demonstrated, so a later
// withdrawal does not hide it.
func TestConsentHistory(t *testing.T) {
	w := desktest.New(t)
	tell(w, []step{{events.ConsentGiven, "2024-01-01", "ic-a11", "email telephone"}, {events.ConsentWithdrawn, "2024-02-01", "ic-a11", ""}, {events.ObjectionMade, "2024-03-01", "dm", ""}})
	f := footprint(t, w, ask("marketing.contact=K-1"))
	var got []string
	for _, c := range f.ConsentHistory {
		got = append(got, c.State+" "+c.Activity+" "+strings.Join(c.Channels, "+"))
	}
	want := "given ic-a11 email+telephone; withdrawn ic-a11 ; objected direct_marketing "
	if strings.Join(got, "; ") != want || len(f.Consents) != 2 {
		t.Errorf("history %q, standing %+v", got, f.Consents)
	}
}
