package console

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/api/caseview"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	law "github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/desk"
)

// A newCase is the part of the page on which a request is recorded.
type newCase struct {
	Path, Word                string
	Known                     bool // the person was looked up
	Rights, Vias, States, Who []kind
	Only, Channels            []kind
	Kinds                     []kind
	Value, Received, Text     string
	Asked, Came, Agent        string
	Shown                     bool
	Duplicate                 string
	Errors                    []fault
}

// For returns what was wrong with a field.
func (d newCase) For(field string) string { return searching{Errors: d.Errors}.For(field) }

// askers are who may ask for a person.
func askers() []string { return []string{"", "agent", "attorney", "deputy", "parent", "relative"} }

func (c *Console) newCase(r *http.Request) newCase {
	f := r.PostForm
	p := newCase{Path: "/cases/new", Word: r.PathValue("word"), Value: f.Get("value"), Received: f.Get("received"), Text: f.Get("text"), Asked: f.Get("asked"), Came: f.Get("came"),
		Agent: f.Get("agent"), Shown: f.Get("shown") != "", Kinds: c.kinds(f.Get("kind"))}
	if p.Word != "" {
		p.Path, p.Known = "/person/"+p.Word+"/case", true
	}
	for _, x := range []struct {
		to    *[]kind
		codes []string
		words func(string) string
		field string
	}{{&p.Rights, caseview.Rights(), caseview.Right, "right"}, {&p.Vias, caseview.Vias(), caseview.Via, "via"}, {&p.States, caseview.Statements(), caseview.Statement, "states"}, {&p.Who, askers(), asker, "as"}} {
		for _, code := range x.codes {
			*x.to = append(*x.to, kind{code, x.words(code), slices.Contains(f[x.field], code)})
		}
	}
	p.Only = c.categories(f.Get("only"))
	for _, code := range channels() {
		p.Channels = append(p.Channels, kind{code, caseview.Via(code), slices.Contains(f["channel"], code)})
	}
	return p
}

func asker(code string) string {
	if code == "" {
		return "the person"
	}
	return code
}

func (c *Console) caseForm(w http.ResponseWriter, r *http.Request) {
	if r.PathValue("word") != "" {
		if _, ok := c.kept(w, r); !ok {
			return
		}
	}
	p := c.newCase(r)
	p.Received = c.cfg.Now().In(c.cfg.Zone).Format("2006-01-02")
	c.show(w, r, http.StatusOK, "casenew", "Record a request", p)
}

// caseOrder reads the form.
func (c *Console) caseOrder(w http.ResponseWriter, r *http.Request) (o desk.CaseOrder, bad []fault, ok bool) {
	f := r.PostForm
	o = desk.CaseOrder{Caller: api.CallerOf(r.Context()), Via: events.Code(f.Get("via")), Text: events.NewPlaintext(strings.TrimSpace(f.Get("text"))), Force: f.Get("force") != ""}
	for _, right := range f["right"] {
		o.Rights = append(o.Rights, catalogue.RightKind(right))
	}
	if len(o.Rights) == 0 {
		bad = append(bad, fault{"right", "Choose what was asked for."})
	}
	for _, said := range f["states"] {
		o.States = append(o.States, law.Statement(said))
	}
	if only := f.Get("only"); only != "" {
		o.Scope = []desk.CaseScope{{Category: events.Category{Code: events.Code(only)}}}
	}
	for _, code := range f["channel"] {
		o.Channels = append(o.Channels, events.Code(code))
	}
	if as := f.Get("as"); as != "" {
		o.Agent = &desk.CaseAgent{As: law.Role(as), Name: events.NewPlaintext(f.Get("agent")), Evidence: f.Get("shown") != ""}
	}
	for _, x := range []struct {
		field string
		to    *events.Date
	}{{"received", &o.Received}, {"asked", &o.IdentityAsked}, {"came", &o.IdentityReceived}} {
		if text := strings.TrimSpace(f.Get(x.field)); text != "" || x.field == "received" {
			var err error
			if *x.to, err = events.ParseDate(text); err != nil {
				bad = append(bad, fault{x.field, "Give the day as 2027-01-31."})
			}
		}
	}
	if r.PathValue("word") != "" {
		q, found := c.kept(w, r)
		if !found {
			return o, nil, false
		}
		if q.Ref != "" {
			o.Refs = []string{q.Ref}
		} else {
			o.Identifiers = []events.Identifier{q.Identifier}
		}
		return o, bad, true
	}
	id, wrong := c.identifier(f.Get("kind"), strings.TrimSpace(f.Get("value")))
	o.Identifiers = []events.Identifier{id}
	return o, append(bad, wrong...), true
}

func (c *Console) caseOpen(w http.ResponseWriter, r *http.Request) {
	if !c.parse(w, r) {
		return
	}
	o, bad, ok := c.caseOrder(w, r)
	if !ok {
		return
	}
	p := c.newCase(r)
	if len(bad) == 0 {
		v, err := c.cfg.Cases.OpenCase(r.Context(), o)
		var fault1 *desk.Fault
		switch {
		case errors.As(err, &fault1):
			bad = append(bad, fault{openField(fault1.Part), "Nothing was recorded: " + fault1.Text + "."})
		case err != nil:
			c.caseFail(w, r, err)
			return
		case v.Case == "":
			p.Duplicate = v.DuplicateOf
			c.show(w, r, http.StatusConflict, "casenew", "Record a request", p)
			return
		default:
			http.Redirect(w, r, "/case/"+v.Case, http.StatusSeeOther)
			return
		}
	}
	p.Errors = bad
	c.show(w, r, http.StatusUnprocessableEntity, "casenew", "Record a request", p)
}

// openField is the field of the form for a part of the order.
func openField(part string) string {
	head, _, _ := strings.Cut(part, "/")
	return map[string]string{"rights": "right", "identifiers": "value", "identifier": "value", "received": "received", "identity_asked": "asked", "identity_received": "came", "via": "via", "agent": "as", "scope": "only", "channels": "channel"}[head]
}
