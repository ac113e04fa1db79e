package console

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

//go:embed pages/*.html pages/style.css
var files embed.FS

// Desk is what the console asks.
type Desk interface {
	api.Looker
	api.Decider
	Systems(context.Context, access.Caller) (desk.Survey, error)
	Quarantine(context.Context, access.Caller) (desk.QuarantineList, error)
	QuarantineOpen(context.Context, access.Caller, events.Position) (desk.QuarantineBody, error)
	api.Examiner
}

// Config is what a Console is made of. All but Cases, Tasks, Audit, Zone, Now and Log
// are required.
type Config struct {
	Desk      Desk
	Cases     api.CaseDesk // nil: no pages about cases
	Tasks     api.TaskDesk // nil: no pages about tasks
	Access    *access.Store
	Sessions  *access.Sessions
	Links     *access.Links
	Catalogue func() *catalogue.Catalogue
	// Record appends to the audit log what is about to happen; if it fails, it
	// does not happen.
	Record func(ctx context.Context, who access.Caller, act, target events.Code) error
	// Audit lists the record before an index; nil: not offered.
	Audit func(ctx context.Context, before int64, limit int) (api.AuditPage, error)
	Zone  *time.Location
	// Note stands at the top of every page, such as a word that this is a
	// rehearsal.
	Note string
	Now  func() time.Time
	Log  *slog.Logger
}

// A Console makes pages. It is safe for concurrent use.
type Console struct {
	cfg   Config
	pages map[string]*template.Template
	style []byte
	tries *access.Limit // wrong tokens and links, by address
}

// pageNames are the templates; each is laid into layout.html.
var pageNames = []string{"signin", "open", "opened", "home", "search", "person", "decide", "history", "candidates", "nobody", "systems", "quarantine", "quarantined", "audit", "findings", "finding", "cases", "case", "casenew", "plan", "tasks", "task", "problem"}

// New reads the templates.
func New(cfg Config) (*Console, error) {
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	c := &Console{cfg: cfg, pages: map[string]*template.Template{}, tries: access.NewLimit(6, 10*time.Second, cfg.Now)}
	for _, name := range pageNames {
		t, err := template.New("layout.html").Option("missingkey=error").ParseFS(files, "pages/layout.html", "pages/parts.html", "pages/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("read the page %s: %w", name, err)
		}
		c.pages[name] = t
	}
	var err error
	if c.style, err = files.ReadFile("pages/style.css"); err != nil {
		return nil, fmt.Errorf("read the style sheet: %w", err)
	}
	return c, nil
}

// Routes are the console's rows of the table.
func (c *Console) Routes() []api.Route {
	page := func(method, pattern string, p access.Permission, h http.HandlerFunc, summary string) api.Route {
		return api.Route{Method: method, Pattern: pattern, Permission: p, Handler: h, Summary: summary, Face: api.Page}
	}
	return append(append(c.caseRoutes(), c.taskRoutes()...), []api.Route{
		page("GET", "/{$}", access.SelfRead, c.home, "The first page."),
		page("GET", "/style.css", access.Public, c.css, "How pages look."),
		page("GET", "/sign-in", access.Public, c.signInForm, "Sign in."),
		page("POST", "/sign-in", access.Public, c.signIn, "Sign in with a token."),
		page("POST", "/sign-out", access.Public, c.signOut, "Sign out."),
		page("GET", "/setup/{code}", access.Public, c.openForm, "The one-time link of a new server."),
		page("POST", "/setup/{code}", access.Public, c.open, "Make the first tokens."),
		page("GET", "/signin/{code}", access.Public, c.openForm, "A one-time link to sign in."),
		page("POST", "/signin/{code}", access.Public, c.open, "Use a one-time link."),
		page("GET", "/search", access.FootprintRead, c.searchForm, "Look a person up."),
		page("POST", "/search", access.FootprintRead, c.search, "Look a person up."),
		page("GET", "/person/{word}", access.FootprintRead, c.person, "What is held about a person."),
		page("POST", "/person/{word}", access.FootprintRead, c.personAt, "The same as at another day."),
		page("GET", "/person/{word}/history", access.HistoryRead, c.history, "A person's timeline."),
		page("GET", "/person/{word}/decide", access.IdentityDecide, c.decideForm, "Who is who: the forms."),
		page("POST", "/person/{word}/decide", access.IdentityDecide, c.decide, "Decide who is who."),
		page("GET", "/audit", access.AuditRead, c.audit, "Who looked, and who decided."),
		page("GET", "/audit/{before}", access.AuditRead, c.audit, "What is older of the record."),
		page("GET", "/systems", access.SystemsRead, c.systems, "Systems and whether they report."),
		page("GET", "/findings", access.FindingsRead, c.findings, "Where observed and declared disagree."),
		page("GET", "/findings/{status}", access.FindingsRead, c.findings, "Those that were accepted, or called mended, or all."),
		page("POST", "/finding", access.FindingsRead, c.findingPage, "One finding."),
		page("POST", "/finding/decide", access.FindingsDecide, c.decideFinding, "Decide about one finding."),
		page("GET", "/quarantine", access.QuarantineRead, c.quarantine, "Events that could not be understood."),
		page("POST", "/quarantine/{position}", access.QuarantineOpen, c.quarantined, "One of them, opened."),
	}...)
}

// A frame is what every page has around its own part.
type frame struct {
	Title string
	Here  string // which entry of the menu this is
	Who   string // name code of who is signed in; empty if nobody
	Menu  []entry
	Note  string
	Main  any
}

type entry struct{ Path, Text string }

var menu = []struct {
	entry
	needs access.Permission
}{
	{entry{"/search", "Look somebody up"}, access.FootprintRead},
	{entry{"/cases", "Cases"}, access.CasesList},
	{entry{"/tasks", "Tasks"}, access.TasksRead},
	{entry{"/systems", "Systems"}, access.SystemsRead},
	{entry{"/findings", "Findings"}, access.FindingsRead},
	{entry{"/quarantine", "Not understood"}, access.QuarantineRead},
	{entry{"/audit", "Who looked"}, access.AuditRead},
}

// offers reports whether the console was made with what a page needs.
func (c *Console) offers(path string) bool {
	return (path != "/cases" || c.cfg.Cases != nil) && (path != "/tasks" || c.cfg.Tasks != nil)
}

// show writes a page. It is made whole before the first byte goes out.
func (c *Console) show(w http.ResponseWriter, r *http.Request, status int, name, title string, main any) {
	who := api.CallerOf(r.Context())
	f := frame{Title: title, Here: r.URL.Path, Who: string(who.Name), Note: c.cfg.Note, Main: main, Menu: []entry{}}
	for _, m := range menu {
		if !who.IsZero() && who.May(m.needs) && c.offers(m.Path) {
			f.Menu = append(f.Menu, m.entry)
		}
	}
	var b bytes.Buffer
	if err := c.pages[name].Execute(&b, f); err != nil {
		// What went wrong may quote the page: only its name is told.
		c.cfg.Log.ErrorContext(r.Context(), "a page could not be made", "page", name, "request", api.RequestID(r.Context()))
		http.Error(w, "Something went wrong here. The server's log has the details.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

func (c *Console) css(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "max-age=300")
	_, _ = w.Write(c.style)
}

// refusal is the part of the problem page.
type refusal struct{ Head, Detail, Remedy, Request string }

// Refuse shows a problem as a page.
func (c *Console) Refuse(w http.ResponseWriter, r *http.Request, p *api.Problem) {
	c.show(w, r, p.Status, "problem", "There is a problem", refusal{p.Title, p.Detail, api.Remedy(p.Code), api.RequestID(r.Context())})
}

// SignIn shows the sign-in page in the place of one that needs it.
func (c *Console) SignIn(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
}

// fail shows an error of the desk.
func (c *Console) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := api.DeskProblem(w, err)
	if p.Status >= 500 {
		c.cfg.Log.ErrorContext(r.Context(), "a page went wrong", "request", api.RequestID(r.Context()), "route", r.Pattern, "error", err)
	}
	c.Refuse(w, r, p)
}

// home is the first page: where one may go.
func (c *Console) home(w http.ResponseWriter, r *http.Request) {
	who := api.CallerOf(r.Context())
	type door struct{ Path, Text, Means string }
	doors := []door{}
	for _, d := range []struct {
		door
		needs access.Permission
	}{
		{door{"/search", "Look somebody up", "What is held about a person, why, until when, and who received it."}, access.FootprintRead},
		{door{"/cases", "Cases", "What people asked for, by when it must be answered, and how far it is."}, access.CasesList},
		{door{"/tasks", "Tasks", "What systems and recipients were told to do, and what waits for somebody."}, access.TasksRead},
		{door{"/systems", "Systems", "Which systems report, and which have fallen silent."}, access.SystemsRead},
		{door{"/findings", "Findings", "Where what systems report and what the catalogue declares disagree."}, access.FindingsRead},
		{door{"/quarantine", "Not understood", "Events that systems sent and that could not be understood."}, access.QuarantineRead},
		{door{"/audit", "Who looked", "The record of every look at a person and every decision."}, access.AuditRead},
	} {
		if who.May(d.needs) && c.offers(d.Path) {
			doors = append(doors, d.door)
		}
	}
	may := []string{}
	for _, p := range who.Permissions() {
		may = append(may, p.Does())
	}
	c.show(w, r, http.StatusOK, "home", "Start", struct {
		Doors []door
		May   []string
	}{doors, may})
}
