package decide_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/retention"
)

// A story is a person of the worked scenarios, folded from the events that their
// systems report. The folding here is the plainest that will do: no two reports of
// these stories contradict each other.
type story struct {
	cat      *catalogue.Catalogue
	person   decide.Person
	holdings []decide.Holding
}

type named struct{ Kind, Value string }

type reported struct {
	Type   string
	Source string
	Time   string
	Data   struct {
		Subject    []named
		Type       string `json:"subject_type"`
		Activity   string
		Categories []string
		Dataset    string
		Item       *named
		Within     *named
		Date       string
		RecordDate string `json:"record_date"`
		Milestone  string
		Provenance string
		Medium     string
		Recipient  json.RawMessage
		Channels   []string `json:"for_channels"`
		Marks      []string
		State      string
	}
}

func handle(n named) (h events.Handle) {
	sum := sha256.Sum256([]byte(n.Kind + "=" + n.Value))
	copy(h[:], sum[:])
	return h
}

func ref(n *named) events.Ref {
	if n == nil {
		return events.Ref{}
	}
	return events.Ref{Handle: handle(*n), Kind: events.Code(n.Kind)}
}

func day(s string) events.Date {
	d, err := events.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func shipped(t testing.TB, name string, members ...catalogue.Instance) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.LoadShipped(name)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = c.WithInstances(members...); err != nil {
		t.Fatal(err)
	}
	return c
}

// tell reads a story up to the end of a day; who lists the local identifiers that
// are the person's.
func tell(t testing.TB, cat *catalogue.Catalogue, folder, until string, who ...string) *story {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "test", "scenarios", folder, "events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := &story{cat: cat}
	for in := bufio.NewScanner(f); in.Scan(); {
		var e reported
		if err := json.Unmarshal(in.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		if len(e.Time) < 10 || e.Time[:10] > until || !slices.ContainsFunc(e.Data.Subject, func(n named) bool { return slices.Contains(who, n.Value) }) {
			continue
		}
		s.take(&e)
	}
	return s
}

func (s *story) take(e *reported) {
	act := events.Activity{Code: events.Code(strings.ToLower(e.Data.Activity))}
	on := day(e.Time[:10])
	switch kind := strings.TrimSuffix(strings.TrimPrefix(e.Type, "habeas."), ".v1"); kind {
	case "record.stored":
		s.store(e, act, on)
	case "record.shared":
		s.share(e, act)
	case "record.removed":
		for i := range s.holdings {
			if h := &s.holdings[i]; h.Activity == act && string(h.System) == e.Source && (e.Data.Dataset == "" || e.Data.Dataset == string(h.Dataset)) &&
				(len(e.Data.Categories) == 0 || slices.Contains(e.Data.Categories, h.Category.String())) {
				h.Removed = true
			}
		}
	case "milestone.reached":
		s.person.Milestones = append(s.person.Milestones, retention.Milestone{Code: events.Code(e.Data.Milestone), System: events.Code(e.Source),
			Activity: act, Item: ref(e.Data.Item), Date: day(e.Data.Date)})
	case "consent.given", "consent.withdrawn":
		channels := e.Data.Channels
		if len(channels) == 0 {
			channels = []string{""}
		}
		at, _ := events.ParseInstant(e.Time)
		for _, c := range channels {
			s.person.Consents = append(s.person.Consents, retention.Consent{Activity: act, Item: ref(e.Data.Item), Channel: events.Code(c),
				Withdrawn: kind == "consent.withdrawn", At: at, On: on})
		}
	}
}

func (s *story) store(e *reported, act events.Activity, on events.Date) {
	for _, c := range e.Data.Categories {
		h := decide.Holding{Holding: retention.Holding{Handle: handle(e.Data.Subject[0]), System: events.Code(e.Source), Dataset: events.Code(e.Data.Dataset),
			Activity: act, Category: category(c), Item: ref(e.Data.Item), SubjectType: events.Code(e.Data.Type), Stored: on}, Within: ref(e.Data.Within)}
		if h.Dataset == "" {
			h.Dataset = act.Code
		}
		if d := e.Data.RecordDate; d != "" {
			h.RecordDates = []events.Date{day(d)}
			if end, _, ok := s.cat.YearEnd(); ok && h.Item.IsZero() {
				h.Item = ref(&named{"financial_year", end.Close(day(d)).String()})
			}
		}
		h.Provenance = map[string]events.Provenance{"provided": events.Provided, "observed": events.Observed, "derived": events.Derived,
			"inferred": events.Inferred, "generated": events.Generated, "third_party": events.ThirdParty}[e.Data.Provenance]
		if e.Data.Medium == "paper" {
			h.Medium = events.MediumPaper
		}
		for _, m := range e.Data.Marks {
			h.Marks |= map[string]events.Marks{"confidential_reference": events.MarkConfidentialReference, "professional_secrecy": events.MarkProfessionalSecrecy,
				"third_party_content": events.MarkThirdPartyContent, "child_iss": events.MarkChildISS, "never_output": events.MarkNeverOutput}[m]
		}
		h.ID = fmt.Sprintf("%s/%s/%s/%s/%x", h.System, h.Dataset, act.Code, h.Category, h.Item.Handle[:3])
		if i := slices.IndexFunc(s.holdings, func(o decide.Holding) bool { return o.ID == h.ID }); i >= 0 {
			s.holdings[i].RecordDates = append(s.holdings[i].RecordDates, h.RecordDates...)
			continue
		}
		s.holdings = append(s.holdings, h)
	}
}

// share gives the disclosure to what it was of: the same record, by any of the
// categories that lie over each other.
func (s *story) share(e *reported, act events.Activity) {
	d := decide.Disclosure{}
	var code string
	if json.Unmarshal(e.Data.Recipient, &code) == nil {
		d.Recipient = events.Code(code)
	}
	if e.Data.Medium == "paper" {
		d.Medium = events.MediumPaper
	}
	for i := range s.holdings {
		h := &s.holdings[i]
		if string(h.System) != e.Source || h.Activity != act || h.Item != ref(e.Data.Item) {
			continue
		}
		if slices.ContainsFunc(e.Data.Categories, func(c string) bool {
			x := category(c)
			return x.Code == h.Category.Code && (x.Element == "" || h.Category.Element == "" || x.Element == h.Category.Element)
		}) {
			h.Disclosures = append(h.Disclosures, d)
		}
	}
}

func category(s string) events.Category {
	code, element, _ := strings.Cut(s, "/")
	return events.Category{Code: events.Code(code), Element: events.Code(element)}
}

func (s *story) plan(t testing.TB, c decide.Case, on string) *decide.Plan {
	t.Helper()
	p, err := decide.New(decide.Config{Current: s.cat}).Plan(&c, &s.person, s.holdings, day(on))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// said is one line of a plan as the tables of the stories write it: what, the
// outcome and its code, the last day, what stays, what follows, who is told.
func said(x *decide.Item) string {
	h := x.Holding
	line := fmt.Sprintf("%s %s %s: %s %s", h.System, h.Activity.Code, h.Category, x.Outcome, x.Code)
	if !x.Until.IsZero() {
		line += " until " + x.Until.String()
	}
	if x.WaitsFor != "" {
		line += " waits for " + x.WaitsFor
	}
	if x.Restricted {
		line += ", restricted"
	}
	if x.Proposal != nil {
		line += fmt.Sprintf(", proposes %s %s", x.Proposal.Outcome, x.Proposal.Code)
	}
	for _, a := range x.Also {
		line += ", " + string(a)
	}
	if k := x.Keep; k != nil {
		line += fmt.Sprintf(", keeps %v until %s", k.Elements, k.Until)
	}
	for _, b := range x.BlockedBy {
		line += ", after " + b
	}
	if x.NeedsPerson {
		line += ", person"
	}
	for _, r := range x.Recipients {
		line += strings.TrimRight(fmt.Sprintf("; %s %s %s", r.Recipient, r.Action, r.Verb), " ")
		if r.Impossible {
			line += " impossible"
		}
	}
	return strings.TrimSpace(line)
}

// compare holds a plan against a table, line by line and in any order.
func compare(t *testing.T, p *decide.Plan, right catalogue.RightKind, want ...string) {
	t.Helper()
	var got []string
	for i := range p.Items {
		if p.Items[i].Right == right {
			got = append(got, said(&p.Items[i]))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("missing:\n  %s", want[i])
		case i >= len(want):
			t.Errorf("not expected:\n  %s", got[i])
		case got[i] != want[i]:
			t.Errorf("got\n  %s\nwant\n  %s", got[i], want[i])
		}
	}
}
