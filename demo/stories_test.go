package demo_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/demo"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/observed"
)

var update = flag.Bool("update", false, "write testdata anew")

// eachStory runs a test once for each notice that has a story.
func eachStory(t *testing.T, fn func(t *testing.T, s *demo.Story)) {
	for _, notice := range demo.Notices() {
		t.Run(notice, func(t *testing.T) {
			s, err := demo.Of(notice)
			if err != nil {
				t.Fatal(err)
			}
			fn(t, s)
		})
	}
}

func told(t *testing.T, s *demo.Story, cfg demo.Config) []*events.Observation {
	t.Helper()
	g, err := s.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return g.Observations()
}

func declared(t *testing.T, s *demo.Story) *catalogue.Catalogue {
	t.Helper()
	cat, err := s.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

// Every shipped notice has a story, and an unknown one is an error that names
// those there are.
func TestEveryNoticeHasAStory(t *testing.T) {
	shipped := catalogue.Shipped()
	slices.Sort(shipped)
	notices := demo.Notices()
	slices.Sort(notices)
	if !slices.Equal(shipped, notices) {
		t.Errorf("stories of %v, notices shipped are %v", notices, shipped)
	}
	if _, err := demo.Of("nobody"); err == nil || !strings.Contains(err.Error(), "osjct") {
		t.Errorf("an unknown notice: %v", err)
	}
}

func TestStoriesAreSeeded(t *testing.T) {
	eachStory(t, func(t *testing.T, s *demo.Story) {
		run := func(seed uint64) []byte {
			return lines(t, told(t, s, demo.Config{Until: until, People: 60, Seed: seed}))
		}
		a := run(7)
		if !bytes.Equal(a, run(7)) {
			t.Error("two runs of one seed differ")
		}
		if bytes.Equal(a, run(8)) {
			t.Error("another seed tells the same story")
		}
	})
}

// Every event is one that a source could have sent, in form and in its values:
// nothing in it can belong to a real person.
func TestStoriesAreWellFormed(t *testing.T) {
	eachStory(t, func(t *testing.T, s *demo.Story) {
		list := told(t, s, demo.Config{Until: until, Seed: 1})
		if len(list) < 1500 {
			t.Errorf("%d events in nine months of 200 people", len(list))
		}
		for i, o := range list {
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
			for _, id := range append(slices.Clone(o.Subject), o.Item, o.Within, o.RecipientRef) {
				switch re := fictional[id.Kind]; {
				case id.IsZero():
				case re != nil && !re.MatchString(id.Value.Expose()):
					t.Fatalf("%s %q is not from a range kept for fiction", id.Kind, id.Value.Expose())
				case re == nil && id.Kind.System() == "" && id.Kind != "cookie":
					t.Fatalf("the story sends identifiers of kind %s", id.Kind)
				}
			}
		}
	})
}

// The named people are in every run, the same whatever crowd is around them.
func TestNamedPeopleAreStable(t *testing.T) {
	eachStory(t, func(t *testing.T, s *demo.Story) {
		if len(s.Guests()) != 3 {
			t.Errorf("%d people to look up first, want 3", len(s.Guests()))
		}
		small, large := toldOf(t, s, 40), toldOf(t, s, 200)
		keys := map[string]bool{}
		for _, p := range s.Personas() {
			if keys[p.Key] || p.Key == "" || p.Story == "" {
				t.Errorf("persona %q: want a key of its own and a story", p.Key)
			}
			keys[p.Key] = true
			if len(small[p.Find]) < 2 {
				t.Errorf("persona %s: %s is in %d events", p.Key, p.Find, len(small[p.Find]))
			}
			if s.Notice() != demo.Notice && !maps.Equal(small[p.Find], large[p.Find]) {
				t.Errorf("persona %s: another crowd changes what happens to them", p.Key)
			}
		}
	})
}

// toldOf is what is told of each identifier, each event once.
func toldOf(t *testing.T, s *demo.Story, people int) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, o := range told(t, s, demo.Config{Until: until, People: people, Seed: 3}) {
		b, err := events.EncodeCloudEvent(o)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range o.Subject {
			add(out, string(id.Kind)+"="+id.Value.Expose(), string(b))
		}
	}
	return out
}

func TestStoriesShareNothing(t *testing.T) {
	eachStory(t, func(t *testing.T, s *demo.Story) {
		one := told(t, s, demo.Config{Until: until, People: 40, Seed: 1})
		before := string(lines(t, one))
		for _, o := range told(t, s, demo.Config{Until: until, People: 40, Seed: 1}) {
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
		if string(lines(t, one)) != before || string(lines(t, told(t, s, demo.Config{Until: until, People: 40, Seed: 1}))) != before {
			t.Error("changing the events of one run changed those of another")
		}
	})
}

func TestSmallAndShortStoriesOfAll(t *testing.T) {
	eachStory(t, func(t *testing.T, s *demo.Story) {
		for _, cfg := range []demo.Config{{Until: until, People: 1}, {Until: until, People: 40, Months: 1}, {Until: until, People: 600, Months: 12}} {
			list := told(t, s, cfg)
			if len(list) < 40 {
				t.Errorf("%+v: %d events", cfg, len(list))
			}
			for _, o := range list {
				if at := o.Event.Time.Time(); at.After(until) {
					t.Fatalf("%+v: %s happens at %s, after the end", cfg, o.Event.Kind, at)
				}
			}
		}
	})
}

// raised is which rules one report shows, with the identifiers of the people
// whose reports they are.
func raised(t *testing.T, s *demo.Story) map[string]map[string]bool {
	cat, out := declared(t, s), map[string]map[string]bool{}
	for _, o := range told(t, s, demo.Config{Until: until, Seed: 1}) {
		if len(o.Subject) == 0 {
			continue
		}
		if cat.Anchors(o.Event.Source, o.Subject[0].Kind) {
			o.Event.Flags |= events.Anchored // as the gateway does
		}
		for _, f := range observed.Judge(cat, &o.Event, o.Event.Categories) {
			for _, id := range o.Subject {
				add(out, f.Rule.ID, string(id.Kind)+"="+id.Value.Expose())
			}
		}
	}
	return out
}

// Each story raises at least ten kinds of finding, each by the person it names;
// and nothing is found that the story does not mean to show. Articles 5(2) and
// 24: what differs from what was declared has to come to light.
func TestStoriesRaiseWhatTheyMean(t *testing.T) {
	eachStory(t, func(t *testing.T, s *demo.Story) {
		got, meant, rules := raised(t, s), map[string]bool{}, map[string]bool{}
		same := aliases(t, s)
		for _, want := range s.Findings() {
			rules[want.Rule] = true
			if _, ok := observed.Named(want.Rule); !ok {
				t.Errorf("%s is no rule", want.Rule)
			}
			if want.By != demo.ByReport {
				continue
			}
			meant[want.Rule] = true
			shown := want.Who == "" && len(got[want.Rule]) > 0
			for name := range same[want.Who] {
				shown = shown || got[want.Rule][name]
			}
			if !shown {
				t.Errorf("%s does not raise %s (%s)", want.Who, want.Rule, want.Why)
			}
		}
		if len(rules) < 10 {
			t.Errorf("%d kinds of finding, want ten or more", len(rules))
		}
		for rule := range got {
			if !meant[rule] && rule != "NOT_ANCHORED" {
				t.Errorf("%s is raised and is in no table: %v", rule, slices.Sorted(maps.Keys(got[rule])))
			}
		}
	})
}

// aliases is, for each identifier by which a persona is found, all that stand
// beside it in some event.
func aliases(t *testing.T, s *demo.Story) map[string]map[string]bool {
	var groups [][]string
	seen := map[string]bool{}
	for _, o := range told(t, s, demo.Config{Until: until, Seed: 1}) {
		var names []string
		for _, id := range o.Subject {
			names = append(names, string(id.Kind)+"="+id.Value.Expose())
		}
		if key := strings.Join(names, " "); len(names) > 1 && !seen[key] {
			seen[key] = true
			groups = append(groups, names)
		}
	}
	out := map[string]map[string]bool{}
	for _, p := range s.Personas() {
		add(out, p.Find, p.Find)
		for range 2 {
			for _, names := range groups {
				if slices.ContainsFunc(names, func(n string) bool { return out[p.Find][n] }) {
					for _, n := range names {
						add(out, p.Find, n)
					}
				}
			}
		}
	}
	return out
}

// The crowd lives as the notice says: what it raises is what the table says of
// nobody in particular, and what every organisation shows, such as recipients
// known by their class only.
func TestTheCrowdKeepsToTheNotice(t *testing.T) {
	eachStory(t, func(t *testing.T, s *demo.Story) {
		if s.Notice() == demo.Notice {
			return // its crowd has rare events of its own
		}
		named, allowed := map[string]bool{}, map[string]bool{"RECIPIENT_UNNAMED": true, "TRANSFER_SAFEGUARD_MISSING": true}
		for _, list := range aliases(t, s) {
			maps.Copy(named, list)
		}
		for _, f := range s.Findings() {
			if f.Who == "" {
				allowed[f.Rule] = true
			}
		}
		for rule, who := range raised(t, s) {
			for name := range who {
				if !named[name] && !allowed[rule] {
					t.Errorf("one of the crowd (%s) raises %s", name, rule)
				}
			}
		}
	})
}

// Each story goes through most of the notice: seven activities of ten happen.
func TestStoriesCoverTheNotice(t *testing.T) {
	eachStory(t, func(t *testing.T, s *demo.Story) {
		cat, seen := declared(t, s), map[events.Code]bool{}
		sources, milestones := map[events.Code]bool{}, map[events.Code]bool{}
		for _, o := range told(t, s, demo.Config{Until: until, Seed: 1}) {
			seen[o.Event.Activity.Code], sources[o.Event.Source], milestones[o.Event.Milestone] = true, true, true
		}
		var never []events.Code
		for _, a := range cat.Activities {
			if !seen[a.ID] {
				never = append(never, a.ID)
			}
		}
		if len(never)*10 > len(cat.Activities)*3 {
			t.Errorf("%d of %d activities never happen: %v", len(never), len(cat.Activities), never)
		}
		for _, x := range cat.Systems {
			if !sources[x.ID] {
				t.Errorf("%s never reports", x.ID)
			}
		}
		if len(milestones) < 2 {
			t.Error("no milestone is reached")
		}
	})
}

// testdata/findings has what each story is there to show, for whoever tests that
// it is found.
func TestFindingsOfStories(t *testing.T) {
	eachStory(t, func(t *testing.T, s *demo.Story) {
		var b strings.Builder
		for _, f := range s.Findings() {
			fmt.Fprintf(&b, "%s\t%s\t%s\t%s\n", f.Rule, f.By, f.Who, f.Why)
		}
		path := filepath.Join("testdata", "findings", s.Notice()+".tsv")
		if *update {
			if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || string(want) != b.String() {
			t.Errorf("%s is not what the story shows (%v); look at the difference, then run with -update", path, err)
		}
	})
}
