package console

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/api/textview"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

// An option is one entry of a list of people or identifiers to decide about. Its
// value travels in the body of a form, never in a URL.
type option struct{ Value, Text string }

// deciding is the part of the page on which joins are decided.
type deciding struct {
	Word     string
	Waiting  []textview.Contest
	Decided  []textview.Contest
	People   []option // whom a merge or a split may name
	Unmark   bool     // one of them is marked
	Marks    []option // which identifiers may be marked as shared
	Other    string   // typed by hand
	Kinds    []kind
	Reasons  map[string]string // by form, as it was typed
	Picked   map[string]string // by field, as it was chosen
	Errors   []fault
	Position string
}

// For returns what was wrong with a field.
func (d deciding) For(field string) string { return searching{Errors: d.Errors}.For(field) }

// Forms of the page, and what they record.
const (
	mergeForm = "merge"
	splitForm = "split"
	markForm  = "mark"
)

// done says what was decided.
var done = map[string]string{
	mergeForm: "Recorded: the two are one person.", splitForm: "Recorded: the two are different people.",
	markForm: "Recorded: the identifier is shared by several people, and nothing is joined by it.", "unmark": "Recorded: the identifier is not shared after all.",
}

func (c *Console) decideForm(w http.ResponseWriter, r *http.Request) {
	if q, ok := c.kept(w, r); ok {
		c.deciding(w, r, q, http.StatusOK, nil)
	}
}

// deciding asks anew who is meant, which is recorded like any look, and shows
// the forms.
func (c *Console) deciding(w http.ResponseWriter, r *http.Request, q asked, status int, bad []fault) {
	v := deciding{Word: r.PathValue("word"), Errors: bad, Kinds: c.kinds(r.PostForm.Get("kind")), Other: r.PostForm.Get("other"), Reasons: map[string]string{}, Picked: map[string]string{}}
	act := r.PostForm.Get("act")
	v.Reasons[act] = r.PostForm.Get("reason")
	for _, name := range []string{"a", "b", "id"} {
		v.Picked[act+"-"+name] = r.PostForm.Get(name)
	}
	f, err := c.cfg.Desk.Footprint(r.Context(), q.Query)
	var many *desk.Ambiguous
	switch {
	case err == nil:
		n := textview.NewNames(f.Words, f.AsOf.Zone)
		v.own(n, f.Subject.Identifiers)
		v.sides(n, f.Contested, nil)
		v.Position = f.AsOf.Position
	case errors.As(err, &many):
		v.sides(textview.NewNames(many.Words, many.AsOf.Zone), many.Contested, many.Candidates)
		v.Position = many.AsOf.Position
	default:
		c.nobody(w, r, q, err)
		return
	}
	c.show(w, r, status, "decide", "Decide who is who", v)
}

// own offers the identifiers of the person who was found.
func (d *deciding) own(n textview.Names, list []events.IdentifierView) {
	for i, t := range n.Identifiers(list) {
		id := list[i]
		o := option{Value: "id:" + id.Kind + "=" + id.Value, Text: t.Kind + " " + t.Value + " (" + t.Systems + ")"}
		switch events.StrengthOf(events.Code(id.Kind)) {
		case events.Shareable:
			d.Marks = append(d.Marks, o)
			d.People = append(d.People, o)
		case events.Unique:
			d.People = append(d.People, o)
		}
	}
}

// sides offers those on the sides of contested joins, and candidates.
func (d *deciding) sides(n textview.Names, contested []events.Contest, candidates []events.Candidate) {
	d.Waiting, d.Decided = n.Contests(contested)
	for _, x := range slices.Concat(d.Waiting, d.Decided) {
		for _, s := range x.Sides {
			d.person("ref:"+s.Ref, s.Name+": "+s.Known)
		}
	}
	for _, x := range n.Candidates(candidates, contested) {
		d.person("ref:"+x.Ref, x.Why+": "+x.Known)
	}
	for _, x := range contested {
		d.Unmark = d.Unmark || slices.Contains(x.Decide, "unmark")
		o := option{Value: "id:" + x.On.Kind + "=" + x.On.Value, Text: n.Kind(x.On.Kind) + " " + x.On.Value}
		if x.On.Value != "" && events.StrengthOf(events.Code(x.On.Kind)) == events.Shareable &&
			!slices.ContainsFunc(d.Marks, func(m option) bool { return m.Value == o.Value }) {
			d.Marks = append(d.Marks, o)
		}
	}
}

func (d *deciding) person(value, text string) {
	if !slices.ContainsFunc(d.People, func(o option) bool { return o.Value == value }) {
		d.People = append(d.People, option{Value: value, Text: text})
	}
}

// decide records what was decided and shows the answer as it is then.
func (c *Console) decide(w http.ResponseWriter, r *http.Request) {
	q, ok := c.kept(w, r)
	if !ok || !c.parse(w, r) {
		return
	}
	d, bad := c.decision(r)
	if len(bad) > 0 {
		c.deciding(w, r, q, http.StatusUnprocessableEntity, bad)
		return
	}
	act, said := r.PostForm.Get("act"), r.PostForm.Get("act")
	do := map[string]func(context.Context, desk.Decision) (events.Position, error){mergeForm: c.cfg.Desk.Merge, splitForm: c.cfg.Desk.Split, markForm: c.cfg.Desk.Mark}[act]
	if act == markForm && !d.Shared {
		said = "unmark"
	}
	at, err := do(r.Context(), d)
	switch {
	case errors.Is(err, desk.ErrQuestion), errors.Is(err, desk.ErrGone):
		c.deciding(w, r, q, http.StatusUnprocessableEntity, []fault{{act + "-reason", "Nothing was recorded: " + refused(err) + "."}})
		return
	case err != nil:
		c.fail(w, r, err)
		return
	}
	// What was decided just now is not in an answer about the past.
	next := asked{Query: q.Query, Done: done[said] + " Journal position " + at.String() + "."}
	next.Min, next.AsOf, next.AsOfDay, next.AsKnown = at, 0, 0, desk.AsKnown{}
	if act == mergeForm && d.A != "" {
		next.Ref, next.Identifier = d.A, events.Identifier{}
	}
	c.keep(w, r, next)
}

// refused says why a decision was not taken, without a value of it.
func refused(err error) string {
	var f *desk.Fault
	switch {
	case errors.As(err, &f):
		return f.Text
	case errors.Is(err, desk.ErrGone):
		return "no system has reported one of the two"
	}
	return strings.TrimPrefix(err.Error(), desk.ErrQuestion.Error()+": ")
}

// decision reads one of the forms.
func (c *Console) decision(r *http.Request) (desk.Decision, []fault) {
	act, reason := r.PostForm.Get("act"), strings.TrimSpace(r.PostForm.Get("reason"))
	d := desk.Decision{Caller: api.CallerOf(r.Context()), Reason: events.NewPlaintext(reason)}
	var bad []fault
	ok := false
	switch act {
	case mergeForm, splitForm:
		if d.A, d.IdentifierA, ok = end(r.PostForm.Get("a")); !ok {
			bad = append(bad, fault{act + "-a", "Choose the first of the two."})
		}
		if other := strings.TrimSpace(r.PostForm.Get("other")); act == mergeForm && r.PostForm.Get("b") == "" && other != "" {
			var wrong []fault
			if d.IdentifierB, wrong = c.identifier(r.PostForm.Get("kind"), other); len(wrong) > 0 {
				bad = append(bad, fault{"merge-other", wrong[0].Text})
			}
		} else if d.B, d.IdentifierB, ok = end(r.PostForm.Get("b")); !ok {
			bad = append(bad, fault{act + "-b", "Choose the second of the two."})
		}
		if a := r.PostForm.Get("a"); a != "" && a == r.PostForm.Get("b") {
			bad = append(bad, fault{act + "-b", "Choose two that are not the same."})
		}
	case markForm:
		if _, d.Identifier, ok = end(r.PostForm.Get("id")); !ok || d.Identifier.IsZero() {
			bad = append(bad, fault{"mark-id", "Choose the identifier."})
		}
		d.Shared = r.PostForm.Get("shared") != "no"
	default:
		return d, []fault{{"merge-a", "Choose what to decide."}}
	}
	if reason == "" {
		bad = append(bad, fault{act + "-reason", "Say why. It is sealed with the record of the decision."})
	}
	return d, bad
}

// end reads one side of a decision: a reference or an identifier.
func end(text string) (ref string, id events.Identifier, ok bool) {
	if r, is := strings.CutPrefix(text, "ref:"); is {
		return r, id, r != ""
	}
	rest, is := strings.CutPrefix(text, "id:")
	k, value, has := strings.Cut(rest, "=")
	code, err := events.ParseCode(k)
	if !is || !has || err != nil || value == "" {
		return "", id, false
	}
	return "", events.Identifier{Kind: code, Value: events.NewPlaintext(value)}, true
}

// mayDecide says whether the page that decides is offered.
func mayDecide(who access.Caller) bool { return who.May(access.IdentityDecide) }
