package cases

import (
	"errors"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/clock"
	"github.com/habeas-data/habeas/rights/decide"
)

// A World is what bears on an act and does not stand in the facts of the case.
type World struct {
	Today     events.Date // where the organisation is
	Calendars *clock.Set
	Settings  clock.Settings
	// Joined are the handles that the map joins to the person now, and Contested
	// reports that a join of them is contested.
	Joined    []events.Handle
	Contested bool
	// Judged is the plan as it is computed now: for approved and started.
	Judged *Judged
	// Tasks are all of the case, with what a person chose: for settled, completed
	// and closed.
	Tasks []Task
	// OwesCopy is set while a request of the same person for a copy is unanswered
	// and what is about to be done erases: for rerun.
	OwesCopy bool
}

// Codes of a refusal of the whole request, in Body.Code.
const (
	RefusedUnfounded events.Code = "unfounded" // Article 12(5)
	RefusedExcessive events.Code = "excessive" // Article 12(5)
	RefusedIdentity  events.Code = "identity"  // Articles 12(6), 11(2)
	RefusedAuthority events.Code = "authority" // nobody showed that they may ask for the person
)

// RefusalGrounds lists them.
func RefusalGrounds() []events.Code {
	return []events.Code{RefusedUnfounded, RefusedExcessive, RefusedIdentity, RefusedAuthority}
}

// Codes of a start, in Body.Code.
const (
	// StartBinding starts what binds from receipt and needs no approval.
	StartBinding events.Code = "binding"
	// RerunDue starts what was kept until a day that has come.
	RerunDue events.Code = "due"
)

// Check says whether an act may follow: nil, or a Refusal with its code. What the
// facts alone can tell is tried first; the same rules hold when they are folded.
func (c *Case) Check(act Act, b *Body, on events.Date, w *World) error {
	if on > w.Today || act == Opened && b.Opening != nil && max(b.Opening.Received, b.Opening.Answered) > w.Today {
		return refuse(DateInFuture, "%s lies after today, %s; what has not happened cannot be recorded", max(on, received(b)), w.Today)
	}
	if err := c.follows(act, b, on); err != nil {
		return err
	}
	if m := markOf(act); m != "" && act != Opened {
		if err := c.clockAllows(b, on, m, w); err != nil {
			return err
		}
	}
	return c.worldAllows(act, b, w)
}

// CheckOpening says whether a case may be opened.
func CheckOpening(b *Body, on events.Date, w *World) error {
	c := &Case{}
	return c.Check(Opened, b, on, w)
}

func received(b *Body) events.Date {
	if b.Opening == nil {
		return 0
	}
	return max(b.Opening.Received, b.Opening.Answered)
}

// worldAllows tries the rules that need more than the facts of the case.
func (c *Case) worldAllows(act Act, b *Body, w *World) error {
	switch act {
	case Approved, Packaged, Started, Rerun, Answered:
		if err := c.joinsAllow(act, b, w); err != nil {
			return err
		}
	}
	switch act {
	case Approved:
		return c.mayApprove(b, w.Judged)
	case Started:
		return c.mayStart(b, w)
	case Rerun:
		if w.OwesCopy {
			return refuse(CopiesFirst, "")
		}
	case Settled:
		return maySettle(b.Settle, w.Tasks)
	case Completed, Closed:
		return c.mayEnd(act, w)
	}
	return nil
}

// joinsAllow refuses what rests on joins that nobody confirmed, or that are
// contested: no plan is approved, no package and no answer leaves, and nothing is
// erased or corrected.
func (c *Case) joinsAllow(act Act, b *Body, w *World) error {
	if !c.NeedsApproval() || b.Code == StartBinding && act == Started || act == Rerun && (b.Code == RerunDue || !c.hasNew(b.Tasks)) {
		return nil
	}
	if n := len(c.Unconfirmed(w.Joined)); n > 0 {
		return refuse(JoinsUnconfirmed, "%d of %d joined identifiers were not confirmed by a person; look at them and confirm which are this person's", n, len(w.Joined))
	}
	if w.Contested {
		return refuse(JoinsContested, "")
	}
	return nil
}

// mayApprove is four eyes over a plan that is whole and that has not changed since
// it was looked at.
func (c *Case) mayApprove(b *Body, now *Judged) error {
	if now == nil {
		return refuse(PlanUnknown, "")
	}
	if n := len(now.Open); n > 0 {
		if !slices.ContainsFunc(now.Open, func(o Open) bool { return o.Code != TwoPersons }) {
			return refuse(TwoPersons, "%d items are left out without a word, and one person decided that; a second has to decide the same", n)
		}
		return refuse(Undecided, "%d items wait for a person's decision", n)
	}
	// What is carried out later are the items of the approval: they have to be those
	// that the digest stands for.
	if b.Approval.Digest != now.Digest || PlanDigest(b.Approval.Finals, nil, c.Members()) != now.Digest {
		return refuse(PlanStale, "")
	}
	if c.Approval != nil && !c.Redecided && c.Approval.Digest == now.Digest {
		return refuse(AlreadyApproved, "")
	}
	return nil
}

// mayStart refuses tasks from a plan that is no longer what was approved, and
// erasing before copies that are owed were given.
func (c *Case) mayStart(b *Body, w *World) error {
	if b.Code == StartBinding {
		return nil
	}
	if w.Judged == nil {
		return refuse(PlanUnknown, "")
	}
	if w.Judged.Digest != c.Approval.Digest {
		return refuse(PlanStale, "")
	}
	if len(b.Tasks) == 0 && w.Judged.Deferred > 0 {
		return refuse(CopiesFirst, "")
	}
	return nil
}

// maySettle takes a person's word about tasks that have ended without proof, or
// that have a long tail.
func maySettle(s *Settle, tasks []Task) error {
	for _, id := range s.Tasks.Events() {
		i := slices.IndexFunc(tasks, func(t Task) bool { return t.ID == id })
		if i < 0 {
			return refuse(NotSettleable, "a task that is not of this case cannot be settled here")
		}
		if !tasks[i].maySettle(s.Choice) {
			return refuse(NotSettleable, "a task in state %s cannot be settled as %s", tasks[i].State, s.Choice)
		}
	}
	return nil
}

// mayEnd refuses to call a case complete, or to close it, while a target is
// neither verified nor ended in a state that a person approved.
func (c *Case) mayEnd(act Act, w *World) error {
	if c.Over() && act == Closed && len(c.Tasks) == 0 {
		return nil
	}
	if w.Judged != nil && w.Judged.Deferred > 0 && len(c.Unanswered()) > 0 {
		return refuse(CopiesFirst, "")
	}
	p := Complete(w.Tasks)
	known := 0
	for _, id := range c.Tasks {
		if slices.ContainsFunc(w.Tasks, func(t Task) bool { return t.ID == id }) {
			known++
		}
	}
	if missing := len(c.Tasks) - known; missing > 0 {
		return refuse(TargetsUnproven, "%d tasks of the case are not known to have been made", missing)
	}
	if !p.Done {
		return refuse(TargetsUnproven, "%d of %d targets are neither verified nor ended in a state that a person accepted", len(p.Missing), p.Total)
	}
	return nil
}

// clockAllows passes on what the clocks refuse: an extension told after the first
// month (Article 12(3)), a pause that the law does not know (Article 12A). It
// refuses where no clock that is concerned takes the act.
func (c *Case) clockAllows(b *Body, on events.Date, m clock.Mark, w *World) error {
	var first *Refusal
	taken := 0
	for i, r := range c.Opening.Rights {
		if !c.about(b, r) || !c.answered[r].IsZero() {
			continue
		}
		no, err := tryMark(&c.ledgers[i], clock.Entry{Mark: m, On: on, Ref: b.Ref}, w)
		switch {
		case err != nil:
			return err
		case no == nil:
			taken++
		case first == nil:
			first = no
		}
	}
	if taken == 0 && first != nil {
		return first
	}
	return nil
}

// passedOn are the remarks of a clock that refuse an act.
var passedOn = []clock.Code{clock.ExtensionTooLate, clock.ExtensionUnknown, clock.PauseNotInLaw, clock.PauseTooLate}

func tryMark(l *clock.Ledger, e clock.Entry, w *World) (*Refusal, error) {
	before, err := remarks(l, w, e.On)
	if errors.Is(err, clock.ErrNoClock) {
		return nil, nil
	}
	if err != nil {
		return nil, refuse(DateOutOfOrder, "%s", cause(err))
	}
	next := *l
	next.Entries = append(slices.Clip(l.Entries), e)
	after, err := remarks(&next, w, e.On)
	if err != nil {
		return nil, refuse(DateOutOfOrder, "%s", cause(err))
	}
	for _, r := range after {
		if slices.Contains(passedOn, r.Code) && !slices.Contains(before, r) {
			return refuse(events.Code(r.Code), "%s", r.Text), nil
		}
	}
	return nil, nil
}

func remarks(l *clock.Ledger, w *World, on events.Date) ([]clock.Remark, error) {
	f, _, err := l.Facts()
	if err != nil {
		return nil, err
	}
	f.On = on
	a, err := clock.Deadline(f, w.Calendars, w.Settings)
	if err != nil {
		return nil, err
	}
	return append(slices.Clone(a.Warnings), a.Refused...), nil
}

// cause is what a clock says, without the sentinel before it. Clocks speak of days
// and never of people.
func cause(err error) string {
	return strings.TrimPrefix(err.Error(), clock.ErrFacts.Error()+": ")
}

// copyOf reports whether a right is about a copy.
func copyOf(r catalogue.RightKind) bool {
	return r == catalogue.RightAccess || r == catalogue.RightPortability
}

func identityProven(c *Case) error {
	switch {
	case c.Identity == decide.IdentityDoubted:
		return refuse(IdentityNotProven, "it is in doubt who asks, and what was asked for has not come (Article 12(6))")
	case c.Identity == decide.IdentityFailed:
		return refuse(IdentityNotProven, "who asks was not proven; refuse the request, or record what came since (Article 12(6))")
	case c.AuthorityOpen:
		return refuse(AuthorityNotShown, "")
	}
	return nil
}
