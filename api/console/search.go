package console

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/api/textview"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

// A kind is an entry of the list of kinds of identifier.
type kind struct {
	Code, Name string
	Chosen     bool
}

// searching is the part of the search page.
type searching struct {
	Value  string
	Reason string
	Kinds  []kind
	Errors []fault
}

// A fault names a field and what was wrong with it.
type fault struct{ Field, Text string }

// For returns what was wrong with a field.
func (s searching) For(field string) string {
	for _, f := range s.Errors {
		if f.Field == field {
			return f.Text
		}
	}
	return ""
}

// auto lets the console guess the kind.
const auto = "auto"

func (c *Console) kinds(chosen string) []kind {
	cat := c.cfg.Catalogue()
	names := textview.NewNames(systemWords(cat), "")
	out := []kind{{auto, "Guess from what I type", chosen == "" || chosen == auto}}
	for _, k := range textview.CommonKinds() {
		out = append(out, kind{k, names.Kind(k), chosen == k})
	}
	for _, s := range cat.AllSystems() {
		if k := string(s.Primary); k != "" && s.Owner != catalogue.OwnedRecipient && !slices.ContainsFunc(out, func(o kind) bool { return o.Code == k }) {
			out = append(out, kind{k, names.Kind(k), chosen == k})
		}
	}
	return out
}

func systemWords(cat *catalogue.Catalogue) events.Glossary {
	g := events.Glossary{}
	for _, s := range cat.AllSystems() {
		g["system/"+string(s.ID)] = s.Name
	}
	return g
}

func (c *Console) searchForm(w http.ResponseWriter, r *http.Request) {
	c.show(w, r, http.StatusOK, "search", "Look somebody up", searching{Kinds: c.kinds(auto)})
}

// guess tells the kind of what was typed, if it is plain.
func guess(value string) string {
	if strings.Contains(value, "@") {
		return "email"
	}
	digits := 0
	for _, r := range value {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case strings.ContainsRune(" +-()/.", r):
		default:
			return ""
		}
	}
	if digits >= 7 {
		return "phone"
	}
	return ""
}

// search keeps the question in the session and shows the answer under an
// opaque word, so that nothing of it stands in a URL.
func (c *Console) search(w http.ResponseWriter, r *http.Request) {
	if !c.parse(w, r) {
		return
	}
	value, reason := strings.TrimSpace(r.PostForm.Get("value")), strings.TrimSpace(r.PostForm.Get("reason"))
	q := desk.Query{Reason: events.NewPlaintext(reason), Ref: r.PostForm.Get("ref")}
	if q.Ref == "" {
		id, bad := c.identifier(r.PostForm.Get("kind"), value)
		if reason == "" {
			bad = append(bad, fault{"reason", "Say why you look. It is kept with the record of the look."})
		}
		if len(bad) > 0 {
			c.show(w, r, http.StatusUnprocessableEntity, "search", "Look somebody up",
				searching{Value: value, Reason: reason, Kinds: c.kinds(r.PostForm.Get("kind")), Errors: bad})
			return
		}
		q.Identifier = id
	}
	c.keep(w, r, asked{Query: q})
}

// asked is a question kept in a session, and what was decided just before it.
type asked struct {
	desk.Query
	Done string
}

func (c *Console) keep(w http.ResponseWriter, r *http.Request, q asked) {
	word, err := api.SessionOf(r.Context()).Keep(q)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/person/"+word, http.StatusSeeOther)
}

func (c *Console) identifier(chosen, value string) (events.Identifier, []fault) {
	if value == "" {
		return events.Identifier{}, []fault{{"value", "Type an e-mail address, a telephone number, or another identifier."}}
	}
	if chosen == "" || chosen == auto {
		chosen = guess(value)
	}
	k, err := events.ParseCode(chosen)
	if err != nil {
		return events.Identifier{}, []fault{{"kind", "Choose what kind of identifier this is: it does not show from what you typed."}}
	}
	return events.Identifier{Kind: k, Value: events.NewPlaintext(value)}, nil
}

// kept returns the question that the word of a URL stands for.
func (c *Console) kept(w http.ResponseWriter, r *http.Request) (asked, bool) {
	v, ok := api.SessionOf(r.Context()).Kept(r.PathValue("word"))
	q, isQuery := v.(asked)
	if !ok || !isQuery {
		c.Refuse(w, r, api.NewProblem("reference.unknown", "the search is not kept any more"))
		return q, false
	}
	q.Caller = api.CallerOf(r.Context())
	return q, true
}

// found is the part of the footprint page.
type found struct {
	Word string
	At   string // the day asked for, as the form shows it
	Page textview.Page
	May  bool // see the timeline
	// Decide is set if the reader may decide who is who.
	Decide bool
	Done   string // what was decided just before
	Open   bool   // open a case
}

func (c *Console) person(w http.ResponseWriter, r *http.Request) {
	q, ok := c.kept(w, r)
	if !ok {
		return
	}
	f, err := c.cfg.Desk.Footprint(r.Context(), q.Query)
	if err != nil {
		c.nobody(w, r, q, err)
		return
	}
	at := ""
	if !q.AsOfDay.IsZero() {
		at = q.AsOfDay.String()
	}
	c.show(w, r, http.StatusOK, "person", "What is held", found{r.PathValue("word"), at, textview.NewNames(f.Words, f.AsOf.Zone).Footprint(f), q.Caller.May(access.HistoryRead), mayDecide(q.Caller), q.Done, c.mayOpen(q.Caller)})
}

// personAt asks the same as at the end of another day.
func (c *Console) personAt(w http.ResponseWriter, r *http.Request) {
	q, ok := c.kept(w, r)
	if !ok || !c.parse(w, r) {
		return
	}
	q.AsOf, q.AsOfDay, q.Done = 0, 0, ""
	if text := r.PostForm.Get("at"); text != "" {
		day, err := events.ParseDate(text)
		if err != nil {
			c.Refuse(w, r, api.NewProblem("request.malformed", "want a day such as 2025-03-14"))
			return
		}
		if day < events.DateOf(c.cfg.Now().In(c.cfg.Zone)) {
			q.AsOfDay = day
		}
	}
	c.keep(w, r, q)
}

// unsure is the part of the pages of candidates and of nobody.
type unsure struct {
	Word     string
	Choices  []textview.Choice
	Waiting  []textview.Contest
	Decided  []textview.Contest
	Decide   bool
	Done     string
	Reason   string
	Gaps     []textview.Gap
	Position string
}

// nobody shows that an answer is not about one person, or that there is none.
func (c *Console) nobody(w http.ResponseWriter, r *http.Request, q asked, err error) {
	var many *desk.Ambiguous
	var none *desk.NotFound
	var bad *desk.Fault
	switch {
	case errors.As(err, &bad) && bad.Part == "identifier/value":
		c.show(w, r, http.StatusUnprocessableEntity, "search", "Look somebody up", searching{Value: q.Identifier.Value.Expose(), Reason: q.Reason.Expose(),
			Kinds: c.kinds(string(q.Identifier.Kind)), Errors: []fault{{"value", "This is not understood as what was chosen: " + bad.Text + "."}}})
	case errors.As(err, &many):
		n := textview.NewNames(many.Words, many.AsOf.Zone)
		v := unsure{Word: r.PathValue("word"), Choices: n.Candidates(many.Candidates, many.Contested), Decide: mayDecide(q.Caller), Done: q.Done, Reason: q.Reason.Expose(),
			Gaps: n.Gaps(many.Unknown, false), Position: many.AsOf.Position}
		v.Waiting, v.Decided = n.Contests(many.Contested)
		c.show(w, r, http.StatusOK, "candidates", "Several people", v)
	case errors.As(err, &none):
		n := textview.NewNames(none.Words, none.AsOf.Zone)
		c.show(w, r, http.StatusOK, "nobody", "Nobody found", unsure{Choices: []textview.Choice{}, Gaps: n.Gaps(none.Unknown, false), Position: none.AsOf.Position})
	default:
		c.fail(w, r, err)
	}
}

// told is the part of the timeline page.
type told struct {
	Word        string
	Identifiers []textview.Identifier
	UpTo        string
	Position    string
	Days        []textview.Day
	Gaps        []textview.Gap
}

func (c *Console) history(w http.ResponseWriter, r *http.Request) {
	q, ok := c.kept(w, r)
	if !ok {
		return
	}
	h, err := c.cfg.Desk.History(r.Context(), q.Query)
	if err != nil {
		c.nobody(w, r, q, err)
		return
	}
	n := textview.NewNames(h.Words, h.AsOf.Zone)
	c.show(w, r, http.StatusOK, "history", "Timeline", told{r.PathValue("word"), n.Identifiers(h.Subject.Identifiers), n.UpTo(h.AsOf), h.AsOf.Position, n.Days(h.Entries), n.Gaps(h.Unknown, true)})
}
