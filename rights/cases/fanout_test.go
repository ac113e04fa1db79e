package cases_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/decide"
)

func final(id string, o decide.Outcome, change ...func(*cases.Final)) cases.Final {
	f := cases.Final{Right: catalogue.RightErasure, Holding: id, Handle: hand(1), System: "crm", Outcome: o, Code: "X", Category: "email"}
	for _, c := range change {
		c(&f)
	}
	return f
}

func told(list ...cases.Told) func(*cases.Final) {
	return func(f *cases.Final) { f.Recipients = list }
}

func fanout(finals ...cases.Final) []cases.TaskBody {
	bodies, _ := cases.Fanout(&cases.Order{Finals: finals, On: day("2026-03-05"), Due: day("2026-04-02"), Knows: func(c events.Code) cases.Ability {
		return cases.Ability{Connected: c != "letters", Look: c == "crm" || c == "mailer", HostedBy: map[events.Code]events.Code{"crm": "cloud"}[c]}
	}})
	return bodies
}

// TestWhoIsAsked is the table of who does what: the system itself, a processor by
// instruction (Article 28(3)), everybody else by notice (Article 19), the public not
// at all.
func TestWhoIsAsked(t *testing.T) {
	person := &cases.Ref{Handle: hand(40), Kind: "email"}
	for name, c := range map[string]struct {
		finals []cases.Final
		want   []string // system recipient verb of: look, hand, born
	}{
		"erase":                {[]cases.Final{final("a", decide.Erase), final("b", decide.Erase)}, []string{"crm - erase look [a b]"}},
		"purpose ends":         {[]cases.Final{final("a", decide.Erase, func(f *cases.Final) { f.Detached = true })}, []string{"crm - suppress look [a]"}},
		"kept and restricted":  {[]cases.Final{final("a", decide.Retain, func(f *cases.Final) { f.Restricted = true })}, []string{"crm - restrict look [a]"}},
		"kept":                 {[]cases.Final{final("a", decide.Retain)}, nil},
		"stop":                 {[]cases.Final{final("a", decide.Stop)}, []string{"crm - suppress look [a]"}},
		"rectify":              {[]cases.Final{final("a", decide.Rectify)}, []string{"crm - rectify look [a]"}},
		"copy":                 {[]cases.Final{final("a", decide.Disclose)}, []string{"crm - export [a]"}},
		"withheld":             {[]cases.Final{final("a", decide.Withhold)}, nil},
		"also":                 {[]cases.Final{final("a", decide.Erase, func(f *cases.Final) { f.Also = []decide.Also{decide.Suppress, decide.TakeDown, decide.OfferObjection} })}, []string{"crm - erase look [a]", "crm - suppress look [a]", "crm - take_down look [a]"}},
		"processor":            {[]cases.Final{final("a", decide.Retain, told(cases.Told{Recipient: "mailer", Action: decide.Instruct, Verb: decide.VerbErase}))}, []string{"mailer mailer erase look [a]"}},
		"controller":           {[]cases.Final{final("a", decide.Erase, told(cases.Told{Recipient: "practice", Action: decide.Notify, Verb: decide.VerbErase}))}, []string{"crm - erase look [a]", "practice practice notify of erase [a]"}},
		"barred":               {[]cases.Final{final("a", decide.Retain, told(cases.Told{Recipient: "police", Action: decide.NoAction}))}, nil},
		"printed":              {[]cases.Final{final("a", decide.Retain, told(cases.Told{Recipient: "public", Action: decide.NoAction, Impossible: true}))}, []string{"public public take_down look:false born impossible [a]"}},
		"by hand":              {[]cases.Final{final("a", decide.Retain, told(cases.Told{Recipient: "letters", Action: decide.Notify, Verb: decide.VerbErase}))}, []string{"letters letters notify of erase hand born manual_waiting [a]"}},
		"a person":             {[]cases.Final{final("a", decide.Retain, told(cases.Told{Person: person, Action: decide.Notify, Verb: decide.VerbErase}))}, []string{"habeas - notify of erase hand born manual_waiting [a]"}},
		"one line for several": {[]cases.Final{final("a", decide.Retain, told(cases.Told{Recipient: "mailer", Action: decide.Instruct, Verb: decide.VerbErase})), final("b", decide.Retain, told(cases.Told{Recipient: "mailer", Action: decide.Instruct, Verb: decide.VerbErase}))}, []string{"mailer mailer erase look [a b]"}},
		"channels apart":       {[]cases.Final{final("a", decide.Stop, func(f *cases.Final) { f.Channels = []events.Code{"email"} }), final("b", decide.Stop)}, []string{"crm - suppress look [b]", "crm - suppress look [a]"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, b := range fanout(c.finals...) {
				got = append(got, sayTask(&b))
				if b.HostedBy != "" && b.System != "crm" {
					t.Errorf("hosted: %+v", b)
				}
			}
			if name == "printed" { // whether it can be looked at says nothing of what is born impossible
				c.want = []string{"public public take_down born impossible [a]"}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func sayTask(b *cases.TaskBody) string {
	s := fmt.Sprint(b.System, " ", cmpOr(string(b.Recipient), "-"), " ", b.Verb)
	if b.Of != "" {
		s += " of " + string(b.Of)
	}
	if b.Look {
		s += " look"
	}
	if b.Hand {
		s += " hand"
	}
	if b.Born != "" {
		s += " born " + string(b.Born)
	}
	var parts []string
	for _, p := range b.Scope {
		parts = append(parts, p.Holding)
	}
	return s + " " + fmt.Sprint(parts)
}

func cmpOr(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// TestFanoutOrder: the tasks and their ids are the same whatever the order of the
// plan, and the same plan makes no second task.
func TestFanoutOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	finals := manyFinals(200)
	want := fanout(finals...)
	keys := map[string]bool{}
	for i := range want {
		keys[string(want[i].Key(theCase))] = true
	}
	if len(keys) != len(want) {
		t.Fatalf("%d tasks share ids", len(want)-len(keys))
	}
	for range 20 {
		r.Shuffle(len(finals), func(i, j int) { finals[i], finals[j] = finals[j], finals[i] })
		if got := fanout(finals...); !reflect.DeepEqual(got, want) {
			t.Fatal("the order of the plan matters")
		}
	}
	again, _ := cases.Fanout(&cases.Order{Finals: finals, On: day("2026-03-05"), Due: day("2026-04-02"), Knows: able, Made: want})
	if len(again) != 0 {
		t.Errorf("%d tasks are made twice, such as %s", len(again), sayTask(&again[0]))
	}
	if slices.Equal(want[0].Key(theCase), want[0].Key(events.EventID{9})) {
		t.Error("two cases share a task")
	}
}

// TestActBefore: copies come before the answer, the rest by its last day, and what
// runs late has time of its own.
func TestActBefore(t *testing.T) {
	for _, c := range []struct {
		o       decide.Outcome
		on, due string
		want    string
	}{
		{decide.Erase, "2026-03-05", "2026-04-02", "2026-04-02"},
		{decide.Disclose, "2026-03-05", "2026-04-02", "2026-03-28"},
		{decide.Disclose, "2026-04-01", "2026-04-02", "2026-04-02"},
		{decide.Erase, "2026-04-02", "2026-04-02", "2026-04-16"},
	} {
		b, _ := cases.Fanout(&cases.Order{Finals: []cases.Final{final("a", c.o)}, On: day(c.on), Due: day(c.due)})
		if b[0].ActBefore != day(c.want) || !b[0].Hand {
			t.Errorf("%s on %s: %s, want %s", c.o, c.on, b[0].ActBefore, c.want)
		}
	}
}

// TestBytesStay: a decision to keep one holding reaches the bytes of the others over
// them, also where the plan was made before it (I10).
func TestBytesStay(t *testing.T) {
	same := func(activity events.Code) func(*decide.Item) {
		return func(x *decide.Item) {
			x.Holding.Category, x.Holding.Activity = events.Category{Code: "email"}, events.Activity{Code: activity}
		}
	}
	element := func(x *decide.Item) { x.Holding.Category.Element = "work" }
	gone := func(x *decide.Item) { x.Holding.Removed = true }
	l := live(t, opening(catalogue.RightErasure)).confirm()
	retain := cases.Decision{Holding: "b", Right: catalogue.RightErasure, Outcome: decide.Retain, Code: decide.KeepPublicTask, WaitsFor: "duty_ended"}
	for name, c := range map[string]struct {
		items    []decide.Item
		detached bool
	}{
		"both go":      {[]decide.Item{erasure("a", same("sales")), erasure("b", same("support"))}, false},
		"one is kept":  {[]decide.Item{erasure("a", same("sales")), erasure("b", same("support"), needsPerson)}, true},
		"an element":   {[]decide.Item{erasure("a", same("sales")), erasure("b", same("support"), needsPerson, element)}, true},
		"other place":  {[]decide.Item{erasure("a", same("sales")), erasure("b", needsPerson)}, false},
		"removed":      {[]decide.Item{erasure("a", same("sales")), erasure("b", same("support"), needsPerson, gone)}, false},
		"nobody asked": {[]decide.Item{erasure("a", same("sales")), item("c", catalogue.RightErasure, decide.None, decide.NotAsked, same("support"))}, true},
	} {
		l2 := *l
		if c.items[1].NeedsPerson {
			l2.do(cases.Decided, decided(clerk, retain))
		}
		l2.plan(c.items...)
		if i := slices.IndexFunc(l2.w.Judged.Finals, func(f cases.Final) bool { return f.Holding == "a" }); l2.w.Judged.Finals[i].Detached != c.detached {
			t.Errorf("%s: detached %v", name, l2.w.Judged.Finals[i].Detached)
		}
	}
}

// TestMatured: what was kept until a day goes on it, because of the same request;
// what was not approved as kept does not.
func TestMatured(t *testing.T) {
	approved := []cases.Final{final("a", decide.Retain), final("b", decide.Restrict), final("c", decide.None), final("d", decide.Retain)}
	now := &cases.Judged{Finals: []cases.Final{final("a", decide.Erase), final("b", decide.Erase), final("c", decide.Erase), final("d", decide.Retain), final("e", decide.Erase)}}
	got := cases.Matured(approved, now)
	if len(got) != 2 || got[0].Holding != "a" || got[1].Holding != "b" {
		t.Errorf("%+v", got)
	}
}

// TestBindingOnly: without an approval only what binds from receipt goes out.
func TestBindingOnly(t *testing.T) {
	b, _ := cases.Fanout(&cases.Order{Finals: []cases.Final{final("a", decide.Stop, func(f *cases.Final) { f.Binding = true }), final("b", decide.Erase)}, Binding: true, Knows: able})
	if len(b) != 1 || b[0].Verb != cases.VerbSuppress {
		t.Errorf("%+v", b)
	}
}

// manyFinals is a plan of any size, over a few systems and recipients.
func manyFinals(n int) (out []cases.Final) {
	outcomes := []decide.Outcome{decide.Erase, decide.Retain, decide.Restrict, decide.Stop, decide.Disclose, decide.None}
	for i := range n {
		f := final(fmt.Sprintf("%032x", uint64(i)*0x9e3779b97f4a7c15), outcomes[i%len(outcomes)])
		f.Handle, f.System = events.Handle{byte(i % 7), byte(i), byte(i >> 8)}, events.Code([]string{"crm", "hr", "web"}[i%3])
		f.Dataset, f.Activity, f.Category, f.Code = "contacts", "sales/outreach", "identity/email", decide.EraseConsentWithdrawn
		f.Item = &cases.Ref{Handle: events.Handle{1, byte(i)}, Kind: "crm.order"}
		f.Recipients = []cases.Told{{Recipient: events.Code(fmt.Sprint("recipient-", i%5)), ActingAs: "processor", Action: decide.Instruct, Verb: decide.VerbErase},
			{Recipient: "practice", ActingAs: "controller", Action: decide.Notify, Verb: decide.VerbErase}}
		if i%4 == 0 {
			f.Until, f.Also, f.Keep = day("2032-01-01"), []decide.Also{decide.Suppress}, &cases.Keep{Elements: []string{"identity/name"}, Until: day("2033-01-01")}
		}
		out = append(out, f)
	}
	return out
}
