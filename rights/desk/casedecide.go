package desk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/decide"
)

// minHolding is how much of a holding's id names it.
const minHolding = 6

// Codes of a word that cannot stand, beside those of rights/cases.
const (
	decisionReview  events.Code = "REVIEW_NOT_ACCEPTED"
	decisionBinding events.Code = "CANNOT_BE_REFUSED"
	decisionHeld    events.Code = "ON_HOLD"
	decisionNoEnd   events.Code = "NO_END"
	decisionMisfit  events.Code = "OUTCOME_DOES_NOT_FIT"
	totalsDiffer    events.Code = "TOTALS_DIFFER"
)

// refusalOf gives the errors of a decision their codes.
func refusalOf(err error) error {
	for _, x := range []struct {
		of   error
		code events.Code
		text string
	}{
		{decide.ErrNoPerson, cases.NoPerson, "the decision does not say who took it"},
		{decide.ErrNoReason, cases.NoReason, "a decision needs its reason"},
		{decide.ErrReview, decisionReview, "a review cannot be accepted: say what is decided"},
		{decide.ErrTwoPersons, cases.TwoPersons, "two people have to decide what is left out without a word"},
		{decide.ErrBinding, decisionBinding, "this binds from receipt and cannot be refused"},
		{decide.ErrHeld, decisionHeld, "a hold keeps it; lift the hold first"},
		{decide.ErrNoEnd, decisionNoEnd, "what is kept or left out needs a last day, or an event at which it is looked at again"},
	} {
		if errors.Is(err, x.of) {
			return &cases.Refusal{Code: x.code, Text: x.text}
		}
	}
	if errors.Is(err, decide.ErrOutcome) {
		// It holds codes only, and ends in what is wrong with them.
		_, text, _ := strings.Cut(err.Error(), decide.ErrOutcome.Error()+": ")
		return &cases.Refusal{Code: decisionMisfit, Text: strings.TrimSuffix(text, "; nothing was decided")}
	}
	return err
}

// DecideCase takes a person's word about items of the plan as it is now. What two
// have to agree on is decided by each in turn. Errors: those of ConfirmCase.
func (d *Desk) DecideCase(ctx context.Context, o CaseDecideOrder) (CaseDone, error) {
	var left []string
	f, done, err := d.step(ctx, o.CaseStep, access.CasesDecide, func(ctx context.Context, view View, f *caseFile) (cases.Act, cases.Body, error) {
		p, err := d.casePlan(ctx, view, f, d.today())
		if err != nil {
			return "", cases.Body{}, err
		}
		body := cases.Body{By: cases.Person{Token: o.Caller.Token, Name: cases.Text(o.Caller.Name)}, Reason: textOf(o.Reason)}
		body.Decisions, left, err = p.decisions(&o, &body)
		return cases.Decided, body, err
	})
	if err != nil {
		return done, err
	}
	return d.afterDecision(ctx, f, done, left)
}

// afterDecision says what still waits.
func (d *Desk) afterDecision(ctx context.Context, f *caseFile, done CaseDone, left []string) (CaseDone, error) {
	view := d.d.View()
	defer d.shut(ctx, view)
	p, err := d.casePlan(ctx, view, f, d.today())
	if err != nil {
		return done, err
	}
	n := p.undecided()
	done.Undecided, done.Left, done.Digest = &n, left, p.judged.Digest.String()
	for _, o := range p.judged.Open {
		if o.Code == cases.TwoPersons {
			done.Remarks = append(done.Remarks, "a second person has to decide the same about holding "+o.Holding)
		}
	}
	return done, nil
}

// decisions are the words that an order speaks, each tried on its item.
func (p *casePlan) decisions(o *CaseDecideOrder, body *cases.Body) (out []cases.Decision, left []string, err error) {
	items, err := p.chosenItems(o)
	if err != nil {
		return nil, nil, err
	}
	for _, x := range items {
		w := cases.Decision{Holding: x.Holding.ID, Right: x.Right, Outcome: o.Outcome, Code: o.Code, Until: o.Until, WaitsFor: string(o.WaitsFor),
			Value: textOf(o.Value)}
		if o.AcceptProposed {
			if x.Outcome == decide.Review {
				left = append(left, x.Holding.ID)
				continue
			}
			w = cases.Decision{Holding: x.Holding.ID, Right: x.Right, Accept: true, Outcome: x.Outcome, Code: x.Code, Until: x.Until, WaitsFor: x.WaitsFor}
		}
		if err := cases.TryDecision(x, w, body, p.on); err != nil {
			return nil, nil, fmt.Errorf("decide %s of holding %s: %w", x.Right, x.Holding.ID, refusalOf(err))
		}
		out = append(out, w)
	}
	if len(out) == 0 && len(left) > 0 {
		return nil, left, refusalOf(decide.ErrReview)
	}
	if len(out) == 0 {
		return nil, nil, &cases.Refusal{Code: cases.NothingToDo, Text: "no item waits for a person"}
	}
	return out, left, nil
}

// chosenItems are those named, or all that wait where the proposal is accepted.
func (p *casePlan) chosenItems(o *CaseDecideOrder) ([]*decide.Item, error) {
	rights := p.file.opening().Rights
	right := o.Right
	switch {
	case right != "" && !slices.Contains(rights, right):
		return nil, &Fault{Part: "right", Text: "the case is not about it"}
	case len(o.Items) == 0 && !o.AcceptProposed:
		return nil, &Fault{Part: "items", Text: "want the holdings that are decided"}
	case right == "" && len(rights) > 1 && len(o.Items) > 0 && !o.AcceptProposed:
		return nil, &Fault{Part: "right", Text: "the case is about several; want one of " + list(texts(rights))}
	}
	if len(o.Items) == 0 {
		return p.waiting(right), nil
	}
	var out []*decide.Item
	for _, id := range o.Items {
		found, err := p.itemsOf(id, right)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// waiting are the items that a person has to decide and nobody has.
func (p *casePlan) waiting(right catalogue.RightKind) (out []*decide.Item) {
	for i := range p.proposed {
		x := &p.proposed[i]
		if _, waits := p.open[cases.ItemKey{Holding: x.Holding.ID, Right: x.Right}]; waits && (right == "" || x.Right == right) {
			out = append(out, x)
		}
	}
	return out
}

// itemsOf finds the items of a holding by its id, or the beginning of one.
func (p *casePlan) itemsOf(id string, right catalogue.RightKind) (out []*decide.Item, err error) {
	whole := ""
	for i := range p.proposed {
		x := &p.proposed[i]
		if x.Holding.ID != id && (len(id) < minHolding || !strings.HasPrefix(x.Holding.ID, id)) {
			continue
		}
		if whole != "" && whole != x.Holding.ID {
			return nil, &Fault{Part: "items", Text: "several holdings begin so; give more of the id"}
		}
		whole = x.Holding.ID
		if right == "" || x.Right == right {
			out = append(out, x)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: the plan has no such holding; see habeas case plan", ErrGone)
	}
	return out, nil
}

// ApproveCase approves the plan as it is now: by somebody who decided nothing of
// it, only if it is whole, rests on confirmed joins and is the one that the caller
// looked at. Errors: those of ConfirmCase.
func (d *Desk) ApproveCase(ctx context.Context, o CaseApproveOrder) (CaseDone, error) {
	f, done, err := d.step(ctx, o.CaseStep, access.CasesApprove, func(ctx context.Context, view View, f *caseFile) (cases.Act, cases.Body, error) {
		p, err := d.casePlan(ctx, view, f, d.today())
		if err != nil {
			return "", cases.Body{}, err
		}
		a, err := p.approval(&o)
		if err == nil {
			o.Digest = a.Digest.String() // if somebody is first, that plan is the one that was meant
		}
		return cases.Approved, cases.Body{Approval: a}, err
	})
	if err != nil {
		return done, err
	}
	done.Digest = f.c.Approval.Digest.String()
	n := 0
	done.Undecided = &n
	return done, nil
}

func (p *casePlan) approval(o *CaseApproveOrder) (*cases.Approval, error) {
	a := &cases.Approval{Digest: p.judged.Digest, On: p.on, Position: p.position, Totals: p.judged.Totals, Finals: p.judged.Finals}
	if o.Digest != "" {
		// What the caller looked at is held against the plan of now by the rules.
		seen, err := cases.ParseDigest(o.Digest)
		if err != nil {
			return nil, &Fault{Part: "digest", Text: "want the digest that the plan shows"}
		}
		a.Digest = seen
	}
	if o.Totals == nil {
		return a, nil
	}
	totals := map[string]int{}
	for k, n := range p.judged.Totals {
		if n > 0 {
			totals[string(k)] = n
		}
	}
	seen := maps.Clone(o.Totals)
	maps.DeleteFunc(seen, func(_ string, n int) bool { return n == 0 })
	if !maps.Equal(seen, totals) {
		return nil, &cases.Refusal{Code: totalsDiffer, Text: "the numbers are not those of the plan as it is now; look at it again"}
	}
	return a, nil
}

func approvalView(c *cases.Case) *CaseApprovalView {
	if c.Approval == nil {
		return nil
	}
	v := &CaseApprovalView{By: personName(c.ApprovedBy), On: c.ApprovedOn, Digest: c.Approval.Digest.String(), Totals: map[string]int{}}
	for k, n := range c.Approval.Totals {
		v.Totals[string(k)] = n
	}
	return v
}
