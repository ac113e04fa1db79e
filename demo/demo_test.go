package demo_test

import (
	"bytes"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/demo"
	"github.com/habeas-data/habeas/events"
)

var until = time.Date(2025, 9, 30, 12, 0, 0, 0, time.UTC)

func story(t *testing.T, seed uint64) []*events.Observation {
	t.Helper()
	return demo.New(demo.Config{Until: until, Seed: seed}).Observations()
}

// lines is the story as newline-delimited CloudEvents.
func lines(t *testing.T, list []*events.Observation) []byte {
	t.Helper()
	var b bytes.Buffer
	for i, o := range list {
		line, err := events.EncodeCloudEvent(o)
		if err != nil {
			t.Fatalf("event %d (%s of %s): %v", i, o.Event.Kind, o.Event.Source, err)
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func TestSameSeedSameBytes(t *testing.T) {
	a, b := lines(t, story(t, 7)), lines(t, story(t, 7))
	if !bytes.Equal(a, b) {
		t.Fatal("two runs of one seed differ")
	}
	if bytes.Equal(a, lines(t, story(t, 8))) {
		t.Fatal("another seed tells the same story")
	}
}

// Every event of the story is one that a source could have sent.
func TestEveryEventIsACloudEvent(t *testing.T) {
	for i, o := range story(t, 1) {
		b, err := events.EncodeCloudEvent(o)
		if err != nil {
			t.Fatalf("event %d (%s of %s): %v", i, o.Event.Kind, o.Event.Source, err)
		}
		got, rej := events.DecodeCloudEvent(b, until.Add(time.Minute))
		if rej != nil {
			t.Fatalf("event %d (%s of %s): %v\n%s", i, o.Event.Kind, o.Event.Source, rej, b)
		}
		if !reflect.DeepEqual(got.Event, o.Event) {
			t.Fatalf("event %d comes back different:\n%+v\n%+v", i, got.Event, o.Event)
		}
		again, err := events.EncodeCloudEvent(got)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("event %d does not encode to the same bytes twice: %v", i, err)
		}
	}
}

func TestEveryKindAndRecipientHappens(t *testing.T) {
	cat, err := demo.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	kinds, recipients, refs := map[events.Kind]int{}, map[events.Code]int{}, map[events.Code]int{}
	sources := map[events.Code]bool{}
	for _, o := range story(t, 1) {
		kinds[o.Event.Kind]++
		recipients[o.Event.Recipient.Code]++
		if !o.RecipientRef.IsZero() {
			refs[o.Event.Recipient.Code]++
		}
		for _, c := range []events.Code{o.Event.ObtainedFrom.Code} {
			sources[c] = true
		}
	}
	for k := events.RecordStored; k <= events.SourceSynced; k++ {
		if kinds[k] == 0 {
			t.Errorf("no event of kind %s", k)
		}
	}
	for _, r := range cat.Recipients {
		if recipients[r.ID] == 0 {
			t.Errorf("nothing is shared with %s", r.ID)
		}
		for _, in := range r.Instances {
			if recipients[in.ID] == 0 || refs[in.ID] == 0 {
				t.Errorf("nothing is shared with %s under a name of its own", in.ID)
			}
		}
	}
	for _, s := range cat.Sources {
		if s.ID != "src_analytics" && !sources[s.ID] {
			t.Errorf("nothing is obtained from %s", s.ID)
		}
	}
}

// Only Kofi's events use codes that the catalogue does not know.
func TestUndeclaredCodesAreMeant(t *testing.T) {
	cat, err := demo.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	check := func(f catalogue.Field, c events.Code) {
		if c != "" && !cat.Declared(f, c) {
			got[f+" "+string(c)] = true
		}
	}
	for _, o := range story(t, 1) {
		e := &o.Event
		check(catalogue.FieldSystem, e.Source)
		check(catalogue.FieldSubjectType, e.SubjectType)
		check(catalogue.FieldRecipient, e.Recipient.Code)
		check(catalogue.FieldController, e.Controller)
		check(catalogue.FieldSource, e.ObtainedFrom.Code)
		check(catalogue.FieldMilestone, e.Milestone)
		check(catalogue.FieldCountry, e.TransferTo)
		check(catalogue.FieldCountry, e.Country)
		if e.Activity.Code != "" && !cat.DeclaredActivity(e.Activity) {
			got["activity "+e.Activity.String()] = true
		}
		for _, c := range e.Categories {
			if !cat.DeclaredCategory(c) {
				got["category "+c.String()] = true
			}
		}
	}
	want := map[string]bool{"recipient bright-smiles-crm": true, "category glove_size": true}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("undeclared: got %v, want %v", got, want)
	}
}

var fictional = map[events.Code]*regexp.Regexp{
	"email": regexp.MustCompile(`^[a-z0-9.]+@(example\.(org|net)|[a-z-]+\.example)$`),
	"phone": regexp.MustCompile(`^(\+447700900\d{3}|\+441632960\d{3})$`),
	"ip":    regexp.MustCompile(`^192\.0\.2\.\d+$`),
}

// No value of the story can be that of a real person.
func TestIdentifiersAreFictional(t *testing.T) {
	for _, o := range story(t, 1) {
		for _, id := range append(slices.Clone(o.Subject), o.Item, o.Within, o.RecipientRef, o.RecipientPerson) {
			if id.IsZero() {
				continue
			}
			switch re := fictional[id.Kind]; {
			case re != nil && !re.MatchString(id.Value.Expose()):
				t.Fatalf("%s %q is not from a range kept for fiction", id.Kind, id.Value.Expose())
			case re == nil && id.Kind.System() == "" && id.Kind != "cookie":
				t.Fatalf("the story sends identifiers of kind %s", id.Kind)
			}
		}
	}
}

func TestPersonasCanBeFound(t *testing.T) {
	seen := map[string]int{}
	for _, o := range story(t, 3) {
		for _, id := range o.Subject {
			seen[string(id.Kind)+"="+id.Value.Expose()]++
		}
	}
	keys := map[string]bool{}
	for _, p := range demo.Personas() {
		if keys[p.Key] || p.Key == "" || p.Story == "" {
			t.Errorf("persona %q: want a key of its own and a story", p.Key)
		}
		keys[p.Key] = true
		if seen[p.Find] < 2 {
			t.Errorf("persona %s: %s is in %d events", p.Key, p.Find, seen[p.Find])
		}
	}
}

// Support falls silent three weeks before the end; the others do not.
func TestSupportFallsSilent(t *testing.T) {
	last := map[events.Code]time.Time{}
	for _, o := range story(t, 1) {
		if at := o.Event.Time.Time(); at.After(last[o.Event.Source]) {
			last[o.Event.Source] = at
		}
	}
	for _, s := range []events.Code{"platform", "finance", "support", "marketing", "web"} {
		quiet := until.Sub(last[s])
		if silent := quiet > 20*24*time.Hour; silent != (s == "support") || quiet < 0 {
			t.Errorf("%s: last heard %s before the end", s, quiet)
		}
	}
}

// Late, repeated and out-of-order arrivals, shared addresses, two people in one
// item, and two systems joined by an address are all there.
func TestDisorderHappens(t *testing.T) {
	var lastAt events.Instant
	late, dup, refsOfItem := 0, 0, map[string]map[string]bool{}
	ids := map[string]bool{}
	owners := map[string]map[string]bool{} // e-mail -> local identifiers beside it
	for _, o := range story(t, 1) {
		if o.Event.Time < lastAt {
			late++
		}
		lastAt = max(lastAt, o.Event.Time)
		key := string(o.Event.Source) + o.ExternalID.Expose()
		if ids[key] {
			dup++
		}
		ids[key] = true
		if o.Item.Kind == "platform.message" && o.Event.Kind == events.RecordStored {
			add(refsOfItem, o.Item.Value.Expose(), o.Subject[0].Value.Expose())
		}
		for _, id := range o.Subject {
			if id.Kind == "email" && o.Subject[0].Kind != "email" {
				add(owners, id.Value.Expose(), string(o.Subject[0].Kind)+o.Subject[0].Value.Expose())
			}
		}
	}
	if late < 50 || dup < 20 {
		t.Errorf("%d late and %d repeated arrivals; want more", late, dup)
	}
	for item, who := range refsOfItem {
		if len(who) != 2 {
			t.Fatalf("message %s is about %d people, want 2", item, len(who))
		}
	}
	shared := owners["reception@harbour-practice.example"]
	if !shared["platform.memberM1001"] || !shared["platform.memberM1002"] {
		t.Errorf("the mailbox of the practice is not shared: %v", shared)
	}
	wren := owners["wren@example.org"]
	if !wren["platform.memberM1011"] || !wren["finance.customerC70011"] {
		t.Errorf("Wren is not known to two systems: %v", wren)
	}
}

func add(m map[string]map[string]bool, k, v string) {
	if m[k] == nil {
		m[k] = map[string]bool{}
	}
	m[k][v] = true
}

// Each caller may do with its observations what it likes: the gateway writes
// handles into them.
func TestObservationsShareNothing(t *testing.T) {
	list := story(t, 1)
	before := string(lines(t, list[:200]))
	for _, o := range list[200:] {
		for i := range o.Subject {
			o.Subject[i] = events.Identifier{Kind: "email", Value: events.NewPlaintext("x@example.org")}
		}
		for i := range o.Event.Categories {
			o.Event.Categories[i].Code = "changed"
		}
		for i := range o.Event.Channels {
			o.Event.Channels[i] = "changed"
		}
		for i := range o.Event.Covers {
			o.Event.Covers[i] = "changed"
		}
	}
	if string(lines(t, list[:200])) != before {
		t.Error("changing one observation changed another")
	}
	if !strings.Contains(before, "platform") {
		t.Error("the first events are not of the story")
	}
}

func TestSmallAndShortStories(t *testing.T) {
	for _, cfg := range []demo.Config{{Until: until, People: 1}, {Until: until, People: 40, Months: 1}, {Until: until, People: 1200, Months: 12}} {
		list := demo.New(cfg).Observations()
		if len(list) < 100 {
			t.Errorf("%+v: %d events", cfg, len(list))
		}
		for _, o := range list {
			if at := o.Event.Time.Time(); at.After(until) {
				t.Fatalf("%+v: %s happens at %s, after the end", cfg, o.Event.Kind, at)
			}
		}
	}
}
