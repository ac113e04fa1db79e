package console

import (
	"net/http"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/api/caseview"
	"github.com/habeas-data/habeas/events"
)

// planShown bounds how many items of one outcome a page shows.
const planShown = 200

// aPlan is the part of the page of a plan.
type aPlan struct {
	caseview.Plan
	ID       string
	May      may
	On       string
	Today    bool // the plan of today: the one that may be decided and approved
	Waiting  []caseview.Item
	Outcomes []kind
	Codes    []kind         // on what a decision can rest
	Finds    []kind         // what somebody may have found out
	Scopes   []kind         // about which data
	Hidden   map[string]int // how many items of a group are not shown
	Done     string
	Errors   []fault
}

// For returns what was wrong with a field.
func (d aPlan) For(field string) string { return searching{Errors: d.Errors}.For(field) }

func (c *Console) planPage(w http.ResponseWriter, r *http.Request) {
	c.onePlan(w, r, http.StatusOK, aPlan{})
}

// planAt shows the plan as on another day.
func (c *Console) planAt(w http.ResponseWriter, r *http.Request) {
	if !c.parse(w, r) {
		return
	}
	c.onePlan(w, r, http.StatusOK, aPlan{On: r.PostForm.Get("on")})
}

func (c *Console) onePlan(w http.ResponseWriter, r *http.Request, status int, p aPlan) {
	who := api.CallerOf(r.Context())
	var on events.Date
	if p.On != "" {
		var err error
		if on, err = events.ParseDate(p.On); err != nil {
			p.Errors, p.On, status = append(p.Errors, fault{"on", "Give the day as 2027-01-31."}), "", http.StatusUnprocessableEntity
		}
	}
	v, err := c.cfg.Cases.PlanCase(r.Context(), who, r.PathValue("id"), on)
	if err != nil {
		c.caseFail(w, r, err)
		return
	}
	p.Plan, p.ID, p.May, p.On, p.Today = caseview.OfPlan(v), v.Case, mayOf(who), v.On.String(), !v.Forecast && v.On == events.DateOf(c.cfg.Now().In(c.cfg.Zone))
	p.Hidden = map[string]int{}
	for i := range p.Groups {
		g := &p.Groups[i]
		for _, x := range g.Items {
			if x.Waits != "" && len(p.Waiting) < planShown {
				p.Waiting = append(p.Waiting, x)
			}
		}
		if n := len(g.Items) - planShown; n > 0 {
			p.Hidden[g.Code], g.Items = n, g.Items[:planShown]
		}
	}
	for _, code := range []string{"erase", "retain", "restrict", "stop", "rectify", "disclose", "withhold", "refer", "none"} {
		p.Outcomes = append(p.Outcomes, kind{Code: code, Name: caseview.Outcome(code)})
	}
	p.Codes, p.Finds, p.Scopes = restsOn(), questions(), scopesOf(v)
	c.show(w, r, status, "plan", "The plan of a case", p)
}

// mayOpen says whether a case may be opened from the page of a person.
func (c *Console) mayOpen(who access.Caller) bool {
	return c.cfg.Cases != nil && who.May(access.CasesOpen)
}
