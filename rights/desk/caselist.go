package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/rights/cases"
)

const (
	caseLimit = 100
	caseMost  = 1000
)

// CaseStatuses lists the words of a status.
func CaseStatuses() (out []string) {
	for _, s := range cases.Statuses() {
		out = append(out, string(s))
	}
	return out
}

// ListCases gives a page of cases: codes, dates and counts, and nobody's name.
// Errors: ErrForbidden, ErrQuestion, ErrNotRecorded.
func (d *Desk) ListCases(ctx context.Context, q CaseQuery) (CaseList, error) {
	out := CaseList{Cases: []CaseLine{}}
	view, f, err := d.beginList(ctx, &q)
	if err != nil {
		return out, err
	}
	defer d.shut(ctx, view)
	page, err := casebook.List(view, f, order(&q), q.After, q.Limit)
	if err != nil {
		return out, listFault(err)
	}
	for i := range page.Cases {
		out.Cases = append(out.Cases, d.caseLine(&page.Cases[i]))
	}
	out.Next = page.Next
	out.AsOf = events.AsOf{Position: view.Position().String(), Time: events.InstantOf(d.d.Now()), Zone: d.d.Zone.String()}
	return out, nil
}

// ExportCases gives every case that the question asks for, one after another, as
// of one position. Errors: those of ListCases, and those of emit.
func (d *Desk) ExportCases(ctx context.Context, q CaseQuery, emit func(*CaseLine) error) error {
	view, f, err := d.beginList(ctx, &q)
	if err != nil {
		return err
	}
	defer d.shut(ctx, view)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		page, err := casebook.List(view, f, order(&q), q.After, caseMost)
		if err != nil {
			return listFault(err)
		}
		for i := range page.Cases {
			line := d.caseLine(&page.Cases[i])
			if err := emit(&line); err != nil {
				return err
			}
		}
		if q.After = page.Next; q.After == "" {
			return nil
		}
	}
}

// beginList checks a question about cases, and records it before it is answered.
func (d *Desk) beginList(ctx context.Context, q *CaseQuery) (View, casebook.Filter, error) {
	f := casebook.Filter{Right: events.Code(q.Right), DueTo: q.DueBy, Live: q.Live}
	if err := permit(q.Caller, access.CasesList); err != nil {
		return nil, f, err
	}
	if q.Status != "" {
		s, ok := casebook.ParseStatus(q.Status)
		if !ok {
			return nil, f, &Fault{Part: "status", Text: "want one of " + list(CaseStatuses())}
		}
		f.Statuses = []casebook.Status{s}
	}
	if q.Overdue {
		f.Statuses, f.DueTo = casebook.StatusesOf(casebook.ToAnswer), d.today()-1
	}
	if q.Limit <= 0 {
		q.Limit = caseLimit
	}
	q.Limit = min(q.Limit, caseMost)
	view := d.d.View()
	err := d.record(ctx, q.Caller, "cases.list", nil, events.Plaintext{}, audit.Found, view.Position())
	if err != nil {
		d.shut(ctx, view)
		return nil, f, err
	}
	return view, f, nil
}

func order(q *CaseQuery) casebook.Order {
	if q.Newest {
		return casebook.Newest
	}
	return casebook.ByDue
}

func listFault(err error) error {
	if errors.Is(err, casebook.ErrCursor) {
		return &Fault{Part: "after", Text: "want the next of an earlier page of the same list"}
	}
	return fmt.Errorf("list the cases: %w", err)
}

func (d *Desk) caseLine(h *casebook.Head) CaseLine {
	v := CaseLine{Case: h.ID.String(), Number: h.Number, Rights: texts(h.Rights), Received: h.Received, Due: dateOrNull(h.Due), Status: h.Status().String(),
		Answered: dateOrNull(h.Answered), Closed: dateOrNull(h.Closed), Touched: h.Touched, Tasks: map[string]int{}, Simulated: h.Simulated}
	v.Overdue = h.Class() == casebook.ToAnswer && !h.Due.IsZero() && h.Due < d.today()
	for _, s := range casebook.States() {
		if n := h.Tasks.In(s); n > 0 {
			v.Tasks[string(s)] = int(n)
		}
	}
	return v
}

// promised is what the notice promises for the rights of a case: the earliest day,
// or its words where no day follows from them.
func (d *Desk) promised(rights []catalogue.RightKind, received events.Date) string {
	var day events.Date
	words := ""
	promise := func(p catalogue.Period, text string) {
		if to := p.AfterDate(received); p.Given() && !p.IsZero() && (day.IsZero() || to < day) {
			day = to
		} else if text != "" {
			words = text
		}
	}
	cat := d.d.Catalogue()
	for i := range cat.Rights {
		if r := &cat.Rights[i]; slices.Contains(rights, r.Kind) {
			promise(r.Deadline, r.DeadlineText)
		}
	}
	for _, s := range cat.StatementsAbout(catalogue.AboutRequests, "answered") {
		if len(s.Rights) == 0 || slices.ContainsFunc(rights, func(r catalogue.RightKind) bool { return slices.Contains(s.Rights, events.Code(r)) }) {
			promise(s.Period, s.Text)
		}
	}
	if !day.IsZero() {
		return day.String()
	}
	return words
}
