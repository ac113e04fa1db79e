package console

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/api/caseview"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/rights/desk"
)

// caseRoutes are the pages about cases; none without a desk of cases.
func (c *Console) caseRoutes() []api.Route {
	if c.cfg.Cases == nil {
		return nil
	}
	page := func(method, pattern string, p access.Permission, h http.HandlerFunc, summary string) api.Route {
		return api.Route{Method: method, Pattern: pattern, Permission: p, Handler: h, Summary: summary, Face: api.Page}
	}
	routes := []api.Route{
		page("GET", "/cases", access.CasesList, c.caseList, "The cases, what is due soonest first."),
		page("POST", "/cases", access.CasesList, c.caseList, "Some of them."),
		page("GET", "/cases/new", access.CasesOpen, c.caseForm, "Record a request."),
		page("POST", "/cases/new", access.CasesOpen, c.caseOpen, "Record a request."),
		page("GET", "/person/{word}/case", access.CasesOpen, c.caseForm, "Record a request of a person who was looked up."),
		page("POST", "/person/{word}/case", access.CasesOpen, c.caseOpen, "Record a request of a person who was looked up."),
		page("GET", "/case/{id}", access.CasesRead, c.casePage, "One case."),
		page("GET", "/case/{id}/plan", access.CasesRead, c.planPage, "What is proposed and decided for each holding."),
		page("POST", "/case/{id}/plan", access.CasesRead, c.planAt, "The same as on another day."),
	}
	routes = append(routes, page("POST", "/case/{id}/fetch", access.CasesAnswer, c.fetchPackage, "Fetch a package."))
	for _, form := range []string{"pdf", "json"} {
		routes = append(routes, page("GET", "/case/{id}/certificate."+form, access.CertificateRead, c.certificate, "The certificate of a case."))
	}
	for _, a := range caseActs() {
		routes = append(routes, page("POST", "/case/{id}/"+a.name, a.needs, c.caseAct(a), a.summary))
	}
	return routes
}

// caseRow is one case of the list in words.
type caseRow struct {
	ID, Number, Rights, Received, Due, Status, Tasks string
	Overdue                                          bool
}

// caseRows is the part of the page of cases.
type caseRows struct {
	Rows     []caseRow
	Statuses []kind
	Rights   []kind
	Overdue  bool
	More     string // the path of what follows
	Open     bool   // the reader may open one
	Position string
}

func chosen(list []string, words func(string) string, is string) []kind {
	out := []kind{{"", "All", is == ""}}
	for _, code := range list {
		out = append(out, kind{code, words(code), code == is})
	}
	return out
}

func (c *Console) caseList(w http.ResponseWriter, r *http.Request) {
	who := api.CallerOf(r.Context())
	if !c.parse(w, r) {
		return
	}
	v := r.Form
	q := desk.CaseQuery{Caller: who, Status: v.Get("status"), Right: catalogue.RightKind(v.Get("right")), After: v.Get("after"), Overdue: v.Get("overdue") != "", Limit: 100}
	if (q.Status != "" && !slices.Contains(caseview.Statuses(), q.Status)) || (q.Right != "" && !slices.Contains(caseview.Rights(), string(q.Right))) {
		c.Refuse(w, r, api.NewProblem("request.malformed", "want a state and a right of the lists"))
		return
	}
	list, err := c.cfg.Cases.ListCases(r.Context(), q)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	p := caseRows{Rows: []caseRow{}, Statuses: chosen(caseview.Statuses(), caseview.Status, q.Status), Rights: chosen(caseview.Rights(), caseview.Right, string(q.Right)),
		Overdue: q.Overdue, Open: who.May(access.CasesOpen), Position: list.AsOf.Position}
	for i := range list.Cases {
		p.Rows = append(p.Rows, rowOf(&list.Cases[i]))
	}
	if list.Next != "" {
		v.Set("after", list.Next)
		p.More = "/cases?" + v.Encode()
	}
	c.show(w, r, http.StatusOK, "cases", "Cases", p)
}

func rowOf(x *desk.CaseLine) caseRow {
	l := caseview.OfLine(x)
	return caseRow{ID: x.Case, Number: l.Number, Rights: l.Rights, Received: l.Received, Due: l.Due, Status: l.Status, Tasks: l.Tasks, Overdue: x.Overdue}
}

// may says what the reader of a page may do, so that no button is offered that is
// refused.
type may struct {
	Identity, Decide, Approve, Run, Answer, Close, Refuse, Clock, Settle, Certificate bool
}

func mayOf(who access.Caller) may {
	return may{who.May(access.CasesIdentity), who.May(access.CasesDecide), who.May(access.CasesApprove), who.May(access.CasesRun), who.May(access.CasesAnswer),
		who.May(access.CasesClose), who.May(access.CasesRefuse), who.May(access.CasesOpen), who.May(access.TasksSettle), who.May(access.CertificateRead)}
}

// aCase is the part of the page of one case.
type aCase struct {
	caseview.Case
	May    may
	Today  string
	Done   string
	Letter string // a draft, shown and kept nowhere
	Kind   string // of that draft
	Errors []fault
	Over   bool // nothing more can be done
	// Both is set where the case is about access and portability: two packages.
	Both bool
	// Several are the rights that can be answered one by one.
	Several []kind
	// Certified is set once a certificate was drawn.
	Certified bool
}

// For returns what was wrong with a field.
func (d aCase) For(field string) string { return searching{Errors: d.Errors}.For(field) }

func (c *Console) casePage(w http.ResponseWriter, r *http.Request) {
	c.oneCase(w, r, http.StatusOK, aCase{})
}

// oneCase shows a case as it stands, with what was done just before.
func (c *Console) oneCase(w http.ResponseWriter, r *http.Request, status int, p aCase) {
	who := api.CallerOf(r.Context())
	v, err := c.cfg.Cases.ShowCase(r.Context(), who, r.PathValue("id"))
	if err != nil {
		c.caseFail(w, r, err)
		return
	}
	p.Case, p.May, p.Today = caseview.OfCase(v), mayOf(who), c.cfg.Now().In(c.cfg.Zone).Format("2006-01-02")
	p.Next = pageSteps(p.Next)
	p.Both = slices.Contains(v.Rights, "access") && slices.Contains(v.Rights, "portability")
	p.Several = severalRights(v.Rights)
	p.Certified = slices.ContainsFunc(v.Timeline, func(e desk.CaseEvent) bool { return e.Act == "certified" })
	p.Over = v.Closed != nil || slices.Contains([]string{"withdrawn", "duplicate", "closed"}, v.Status)
	c.show(w, r, status, "case", "A case", p)
}

// caseFail is fail for pages about one case, which may not be there.
func (c *Console) caseFail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, desk.ErrGone) {
		c.Refuse(w, r, api.NewProblem("case.unknown", ""))
		return
	}
	c.fail(w, r, err)
}

// certificate gives the certificate of a case as a file.
func (c *Console) certificate(w http.ResponseWriter, r *http.Request) {
	v, err := c.cfg.Cases.Certificate(r.Context(), desk.CertificateQuery{Caller: api.CallerOf(r.Context()), Case: r.PathValue("id")})
	if err != nil {
		c.caseFail(w, r, err)
		return
	}
	name, media, file := "certificate.json", "application/json", v.File
	if strings.HasSuffix(r.URL.Path, ".pdf") {
		name, media, file = "certificate.pdf", "application/pdf", v.PDF
	}
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = w.Write(file)
}

// fetchPackage gives a package, by a button: each download is recorded.
func (c *Console) fetchPackage(w http.ResponseWriter, r *http.Request) {
	p, err := c.cfg.Cases.DownloadPackage(r.Context(), desk.DownloadOrder{CaseStep: desk.CaseStep{Caller: api.CallerOf(r.Context()), Case: r.PathValue("id")}})
	if err != nil {
		c.caseFail(w, r, err)
		return
	}
	api.SendPackage(w, r, p, c.cfg.Log)
}
