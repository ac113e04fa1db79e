package decide

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/events"
)

// A Final is a decision that may be carried out. There is no other way to get one
// than Item.Settle, which refuses what needs a person, and Item.Decide, which
// asks who decided and why.
type Final struct {
	item Item
	by   string
	why  string
	on   events.Date
}

// Item is what was decided.
func (f *Final) Item() Item { return f.item }

// By is who decided; empty where no person had to.
func (f *Final) By() string { return f.by }

// Why is the reason given.
func (f *Final) Why() string { return f.why }

// On is the day of the decision.
func (f *Final) On() events.Date { return f.on }

// A Decision is a person's word about one item.
type Decision struct {
	By  string
	Why string
	On  events.Date
	// Second is the other person who agrees, where two have to.
	Second string
	// Accept takes the item as it was proposed. It never takes a review: one must
	// say what is decided.
	Accept bool
	// Outcome, Code, Until and WaitsFor are what is decided otherwise.
	Outcome  Outcome
	Code     Code
	Until    events.Date
	WaitsFor string
}

// Errors of Settle and Decide.
var (
	// ErrNeedsPerson is returned for a proposal that only a person can make final.
	ErrNeedsPerson = errors.New("a person has to decide this")
	// ErrNoPerson is returned for a decision that does not say who took it.
	ErrNoPerson = errors.New("the decision does not say who took it")
	// ErrNoReason is returned for a decision without a reason.
	ErrNoReason = errors.New("the decision gives no reason")
	// ErrReview is returned when a review is accepted instead of decided.
	ErrReview = errors.New("a review cannot be accepted: say what is decided")
	// ErrTwoPersons is returned when what is left out without a word was decided
	// by fewer than two people.
	ErrTwoPersons = errors.New("two people have to decide what is left out without a word")
	// ErrBinding is returned for a decision against what cannot be refused.
	ErrBinding = errors.New("this cannot be refused")
	// ErrHeld is returned for a decision to erase what a hold keeps.
	ErrHeld = errors.New("a hold keeps it; lift the hold first")
	// ErrNoEnd is returned for a decision to keep something without saying until
	// when or until what.
	ErrNoEnd = errors.New("what is kept needs a last day, or an event at which it is looked at again")
	// ErrOutcome is returned for an outcome or a code that does not exist, or that
	// does not fit the other.
	ErrOutcome = errors.New("the outcome does not fit")
)

// Settle makes a proposal final that needs no person.
func (x *Item) Settle(on events.Date) (Final, error) {
	if x.NeedsPerson || x.Outcome == Review {
		return Final{}, fmt.Errorf("settle %s of a holding: %w (%s)", x.Right, ErrNeedsPerson, strings.Join(x.Because, ", "))
	}
	return Final{item: *x, on: on}, nil
}

// Decide makes a proposal final by a person's word.
func (x *Item) Decide(d Decision) (Final, error) {
	if err := x.allows(&d); err != nil {
		return Final{}, fmt.Errorf("decide %s of a holding: %w; nothing was decided", x.Right, err)
	}
	y := *x
	y.NeedsPerson = false
	if !d.Accept {
		y.Outcome, y.Code, y.Until, y.WaitsFor = d.Outcome, d.Code, d.Until, d.WaitsFor
		m, _ := d.Code.Meaning()
		y.Article, y.Reason, y.ProposedBy, y.Proposal = m.Article, m.Says, "a person", nil
		y.Also = slices.DeleteFunc(slices.Clone(y.Also), func(a Also) bool { return a == TakeDown })
		if y.Outcome != Erase {
			y.Keep, y.Detached = nil, nil
		}
		y.Restricted = y.Restricted && y.Outcome == Retain || strings.HasPrefix(m.Article, "17(3)")
		y.Recipients = slices.Clone(y.Recipients)
		y.Findings = slices.Clone(y.Findings)
		y.speak()
	}
	return Final{item: y, by: d.By, why: d.Why, on: d.On}, nil
}

func (x *Item) allows(d *Decision) error {
	outcome, code, until, waits := d.Outcome, d.Code, d.Until, d.WaitsFor
	if d.Accept {
		outcome, code, until, waits = x.Outcome, x.Code, x.Until, x.WaitsFor
	}
	switch {
	case strings.TrimSpace(d.By) == "":
		return ErrNoPerson
	case strings.TrimSpace(d.Why) == "":
		return ErrNoReason
	case d.Accept && x.Outcome == Review:
		return ErrReview
	case !slices.Contains(Outcomes(), outcome) || outcome == Review:
		return fmt.Errorf("%w: %q is no decision", ErrOutcome, outcome)
	case x.Binding && outcome != x.Outcome:
		return ErrBinding
	case outcome == Erase && x.held:
		return ErrHeld
	case outcome == Retain && waits == "" && (until.IsZero() || until <= d.On):
		return ErrNoEnd
	case x.Silent && outcome == Withhold && until.IsZero() && waits == "":
		return ErrNoEnd
	case (x.Silent || secret(code)) && (d.Second == "" || d.Second == d.By):
		return ErrTwoPersons
	}
	if _, ok := code.Meaning(); !ok {
		return fmt.Errorf("%w: code %q is not known", ErrOutcome, code)
	}
	if !fits(outcome, code) {
		return fmt.Errorf("%w: %s is not a reason to %s", ErrOutcome, code, outcome)
	}
	return nil
}

// secret reports whether a code withholds by a rule that speaking of can defeat.
func secret(c Code) bool {
	w, ok := strings.CutPrefix(string(c), string(WithholdPrefix))
	if !ok {
		return false
	}
	x, _ := exemptionWord(w)
	return x.Secret
}

// fits reports whether a code can be the reason of an outcome.
func fits(o Outcome, c Code) bool {
	prefix := map[Outcome][]string{
		Erase: {"ERASE_"}, Retain: {"KEEP_"}, Restrict: {"RESTRICT_", "KEEP_"}, Stop: {"STOP_", string(AutomatedBar)},
		Rectify: {string(RectifyWrong)}, Disclose: {string(DiscloseAll)}, Withhold: {string(WithholdPrefix)}, Refer: {string(ReferController)},
		None: {"NOT_", "REFUSE_", "WAIT_", string(AutomatedCheck)},
	}
	return slices.ContainsFunc(prefix[o], func(p string) bool { return strings.HasPrefix(string(c), p) })
}
