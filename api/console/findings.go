package console

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

// findingsShown bounds the findings about single people on the page; the command
// line lists all.
const findingsShown = 200

// A shown finding is one in words. Its id travels in the body of a form, for it
// may hold the reference of a person.
type shown struct {
	ID, Where, Since, People, Status string
	Person                           bool
}

// foundBy is the findings of one rule.
type foundBy struct {
	Rule, Title, Verdict, Text string
	Bad                        bool
	Items                      []shown
}

// foundPage is the part of the page of findings.
type foundPage struct {
	Status   string // which of them
	Choices  []entry
	Groups   []foundBy
	More     bool
	LeftOut  []string
	Position string
	Law      string // which catalogue
}

// verdictWords says a verdict to people.
var verdictWords = map[string]string{
	"error": "Must be settled", "conflict": "Contradiction", "gap": "Something is missing", "review": "Somebody has to decide", "warn": "Look at it", "info": "Worth knowing",
}

// statusPages are the pages of the list, by status.
var statusPages = []struct{ status, path, text string }{
	{"open", "/findings", "Open"}, {"accepted", "/findings/accepted", "Accepted"}, {"resolved", "/findings/resolved", "Mended"}, {"all", "/findings/all", "All"},
}

func (c *Console) findings(w http.ResponseWriter, r *http.Request) {
	status := r.PathValue("status")
	if status == "" {
		status = "open"
	}
	v := foundPage{Status: status, Choices: []entry{}, Groups: []foundBy{}}
	known := false
	for _, p := range statusPages {
		known = known || p.status == status
		v.Choices = append(v.Choices, entry{p.path, p.text})
	}
	if !known {
		c.Refuse(w, r, api.NewProblem("route.unknown", ""))
		return
	}
	page, err := c.cfg.Desk.Findings(r.Context(), desk.FindingQuery{Caller: api.CallerOf(r.Context()), Status: status, Limit: findingsShown}, func(f *desk.FindingLine) error {
		v.add(c.cfg.Catalogue(), f)
		return nil
	})
	if err != nil {
		c.fail(w, r, err)
		return
	}
	v.More, v.LeftOut, v.Position, v.Law = page.Next != "", page.LeftOut, page.AsOf.Position, page.Catalogue
	c.show(w, r, http.StatusOK, "findings", "Findings", v)
}

// add puts a finding with the others of its rule and verdict.
func (p *foundPage) add(cat *catalogue.Catalogue, f *desk.FindingLine) {
	i := 0
	for i < len(p.Groups) && (p.Groups[i].Rule != f.Rule || p.Groups[i].Verdict != verdictWords[f.Verdict]) {
		i++
	}
	if i == len(p.Groups) {
		p.Groups = append(p.Groups, foundBy{Rule: f.Rule, Title: upper(f.Title), Verdict: verdictWords[f.Verdict], Bad: f.Verdict == "error", Items: []shown{}})
	}
	p.Groups[i].Items = append(p.Groups[i].Items, foundIn(cat, f))
}

func foundIn(cat *catalogue.Catalogue, f *desk.FindingLine) shown {
	out := shown{ID: f.ID, Where: strings.Join(aboutWords(cat, f.About), "; "), Since: catalogue.PlainDate(f.At.Day()), People: peopleWords(f), Status: statusWords(f), Person: f.About["subject"] != ""}
	return out
}

// aboutWords says the codes of a finding in plain words.
func aboutWords(cat *catalogue.Catalogue, about map[string]string) []string {
	var out []string
	add := func(before, text string) {
		if text != "" {
			out = append(out, before+text)
		}
	}
	code := func(name string) events.Code { return events.Code(about[name]) }
	add("", cat.Name(catalogue.FieldSystem, code("system")))
	if a, sub, _ := strings.Cut(about["activity"], "/"); a != "" {
		add("for: ", cat.ActivityName(events.Activity{Code: events.Code(a), SubPurpose: events.Code(sub)}))
	}
	if k, element, _ := strings.Cut(about["category"], "/"); k != "" {
		add("data: ", cat.CategoryName(events.Category{Code: events.Code(k), Element: events.Code(element)}))
	}
	add("people: ", cat.Name(catalogue.FieldSubjectType, code("subject_type")))
	if about["recipient"] == "person" {
		add("to ", "a person")
	} else if about["recipient"] != "" {
		add("to ", cat.RecipientName(code("recipient")))
	}
	for _, x := range [][2]string{{"source", catalogue.FieldSource}, {"milestone", catalogue.FieldMilestone}, {"basis", catalogue.FieldBasis}, {"place", catalogue.FieldPlace},
		{"country", catalogue.FieldCountry}, {"channel", catalogue.FieldChannel}, {"legal_duty", catalogue.FieldLegalDuty}} {
		add(strings.ReplaceAll(x[0], "_", " ")+": ", cat.Name(x[1], code(x[0])))
	}
	return out
}

func upper(s string) string { return strings.ToUpper(s[:min(1, len(s))]) + s[min(1, len(s)):] }

func peopleWords(f *desk.FindingLine) string {
	switch {
	case f.About["subject"] != "":
		return "one person"
	case f.People == nil:
		return "not counted"
	case f.AtMost:
		return fmt.Sprintf("at most %d", *f.People)
	}
	return fmt.Sprint(*f.People)
}

func statusWords(f *desk.FindingLine) string {
	switch {
	case f.ReviewDue:
		return "Open: the day of review has come"
	case f.Status == "open" && len(f.Decisions) > 0 && f.Decisions[len(f.Decisions)-1].Outcome == "resolved":
		return "Open: seen again after it was called mended"
	case f.Status == "accepted":
		return "Accepted until " + catalogue.PlainDate(f.Decisions[len(f.Decisions)-1].Review)
	case f.Status == "resolved":
		return "Mended"
	}
	return "Open"
}

// aFinding is the part of the page of one finding.
type aFinding struct {
	shown
	Rule, Title, Verdict, Text, Source, Remedy, Last, Now, Breach string
	Aliases                                                       []string
	About                                                         []string
	Decided                                                       []string
	MayDecide, Reopen                                             bool
	Done, Reason, Review                                          string
	Errors                                                        []fault
}

// For returns what was wrong with a field.
func (d aFinding) For(field string) string { return searching{Errors: d.Errors}.For(field) }

// findingPage shows one finding: by a button, so that no reference of a person
// stands in a URL.
func (c *Console) findingPage(w http.ResponseWriter, r *http.Request) {
	if !c.parse(w, r) {
		return
	}
	v, err := c.cfg.Desk.Finding(r.Context(), api.CallerOf(r.Context()), r.PostForm.Get("id"))
	c.oneFinding(w, r, http.StatusOK, v, err, aFinding{})
}

func (c *Console) oneFinding(w http.ResponseWriter, r *http.Request, status int, v *desk.FindingView, err error, p aFinding) {
	if errors.Is(err, desk.ErrGone) {
		c.Refuse(w, r, api.NewProblem("finding.unknown", ""))
		return
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	f, cat := &v.Finding, c.cfg.Catalogue()
	p.shown = foundIn(cat, f)
	p.Rule, p.Title, p.Verdict, p.Text, p.Source, p.Remedy = f.Rule, upper(f.Title), verdictWords[f.Verdict], upper(f.Text)+".", f.Source, f.Remedy
	p.Aliases, p.About = f.Aliases, aboutWords(cat, f.About)
	p.MayDecide, p.Reopen = api.CallerOf(r.Context()).May(access.FindingsDecide), len(f.Decisions) > 0 && f.Status != "open"
	if !f.Last.IsZero() {
		p.Last = catalogue.PlainDate(f.Last)
	}
	if f.PeopleNow != nil {
		p.Now = fmt.Sprint(*f.PeopleNow)
	}
	if f.Breach != nil {
		p.Breach = plain(f.Breach.Due.Time(), c.cfg.Zone)
	}
	for _, d := range f.Decisions {
		text := plain(d.At.Time(), c.cfg.Zone) + ": " + map[string]string{"accepted": "accepted", "resolved": "called mended", "reopened": "opened again"}[d.Outcome]
		if !d.Review.IsZero() {
			text += " until " + catalogue.PlainDate(d.Review)
		}
		if d.Reason != "" {
			text += ". " + d.Reason
		}
		p.Decided = append(p.Decided, text)
	}
	c.show(w, r, status, "finding", "A finding", p)
}

// decideFinding records a decision and shows the finding as it stands then.
func (c *Console) decideFinding(w http.ResponseWriter, r *http.Request) {
	if !c.parse(w, r) {
		return
	}
	who, id, reason, day := api.CallerOf(r.Context()), r.PostForm.Get("id"), strings.TrimSpace(r.PostForm.Get("reason")), strings.TrimSpace(r.PostForm.Get("review"))
	outcome := events.Code(r.PostForm.Get("outcome"))
	o := desk.FindingOrder{Caller: who, ID: id, Outcome: outcome, Reason: events.NewPlaintext(reason)}
	var bad []fault
	if reason == "" {
		bad = append(bad, fault{"reason", "Say why. It is sealed with the record of the decision."})
	}
	if day != "" && outcome == events.FindingAccepted {
		var err error
		if o.Review, err = events.ParseDate(day); err != nil {
			bad = append(bad, fault{"review", "Give the day as 2027-01-31."})
		}
	}
	var v *desk.FindingView
	var err error
	if len(bad) == 0 {
		v, err = c.cfg.Desk.DecideFinding(r.Context(), o)
		var f *desk.Fault
		if errors.As(err, &f) && f.Part != "id" {
			field := "reason"
			if f.Part == "review" {
				field = "review"
			}
			bad = append(bad, fault{field, "Nothing was recorded: " + f.Text + "."})
		}
	}
	if len(bad) > 0 {
		v, err = c.cfg.Desk.Finding(r.Context(), who, id)
		c.oneFinding(w, r, http.StatusUnprocessableEntity, v, err, aFinding{Errors: bad, Reason: reason, Review: day})
		return
	}
	c.oneFinding(w, r, http.StatusOK, v, err, aFinding{Done: "Recorded."})
}
