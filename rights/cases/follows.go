package cases

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/clock"
	"github.com/habeas-data/habeas/rights/decide"
)

// follows tries the rules that the facts alone can tell.
func (c *Case) follows(act Act, b *Body, on events.Date) error {
	row, ok := actRow(act)
	switch {
	case !ok:
		return refuse(BodyIncomplete, "there is no act %q", act)
	case (act == Opened) != (c.Version == 0):
		return refuse(AlreadyOpen, "a case is opened once, first of all")
	}
	if err := row.needs(b); err != nil {
		return err
	}
	if act == Opened {
		return mayOpen(b.Opening)
	}
	if on < c.Opening.Received {
		return refuse(DateBeforeReceipt, "the request was received on %s; %s cannot have happened before", c.Opening.Received, act)
	}
	if err := c.notOver(&row, b); err != nil {
		return err
	}
	return c.stepAllows(act, b, on)
}

// needs refuses a body without what its act rests on.
func (r *ActRow) needs(b *Body) error {
	for _, part := range r.Needs {
		has, ok := bodyParts[part]
		if ok && has(b) {
			continue
		}
		switch part {
		case "by":
			return refuse(NoPerson, "")
		case "reason":
			return refuse(r.NoReason, "")
		}
		return refuse(BodyIncomplete, "%s needs %s", r.Act, part)
	}
	return nil
}

var bodyParts = map[string]func(*Body) bool{
	"by":         func(b *Body) bool { return b.By.Token != "" },
	"reason":     func(b *Body) bool { return strings.TrimSpace(string(b.Reason)) != "" },
	"opening":    func(b *Body) bool { return b.Opening != nil },
	"assessment": func(b *Body) bool { return b.Assessment != nil && b.Assessment.Kind != "" },
	"decisions":  func(b *Body) bool { return len(b.Decisions) > 0 },
	"approval":   func(b *Body) bool { return b.Approval != nil && !b.Approval.Digest.IsZero() },
	"letter":     func(b *Body) bool { return b.Letter != nil },
	"package":    func(b *Body) bool { return b.Package != nil },
	"settle":     func(b *Body) bool { return b.Settle != nil && len(b.Settle.Tasks) > 0 },
	"of":         func(b *Body) bool { return !b.Of.IsZero() },
	"code":       func(b *Body) bool { return b.Code != "" },
}

func mayOpen(o *Opening) error {
	if len(o.Rights) == 0 {
		return refuse(NothingAsked, "")
	}
	for i, r := range o.Rights {
		if !slices.Contains(decide.Rights(), r) || slices.Contains(o.Rights[:i], r) {
			return refuse(NotARequest, "%q is no right that a case can be about, or it stands twice", r)
		}
	}
	switch {
	case o.Received.IsZero():
		return refuse(BodyIncomplete, "the day of receipt is missing")
	case len(o.Subject) == 0:
		return refuse(NothingAsked, "a case needs at least one identifier of the person")
	case o.Historic && o.Answered.IsZero():
		return refuse(BodyIncomplete, "a case of the past needs the day of its answer")
	case !o.Answered.IsZero() && !o.Historic:
		return refuse(BodyIncomplete, "only a case of the past is opened with its answer")
	case o.Historic && o.Answered < o.Received:
		return refuse(DateBeforeReceipt, "the answer on %s lies before the receipt on %s", o.Answered, o.Received)
	}
	if _, err := clock.ParseRegime(string(o.Regime)); err != nil {
		return refuse(BodyIncomplete, "the case needs the law that sets its clock: uk, eu, ccpa or lgpd")
	}
	return nil
}

// notOver refuses what cannot follow an end.
func (c *Case) notOver(row *ActRow, b *Body) error {
	switch {
	case !c.Closed.IsZero() && !row.AfterClosed:
		return refuse(AlreadyClosed, "the case was closed on %s", c.Closed)
	case !c.Closed.IsZero() && row.Act == Rerun && b.Code != RerunDue:
		return refuse(AlreadyClosed, "the case was closed on %s; only what was kept until a day is carried out after that", c.Closed)
	case c.Over() && c.Closed.IsZero() && !row.AfterEnd:
		return refuse(AlreadyEnded, "the case has ended as %s", c.Status())
	}
	return nil
}

// stepAllows is the order of the acts.
func (c *Case) stepAllows(act Act, b *Body, on events.Date) error {
	if m := markOf(act); m != "" {
		if err := c.mayMark(act, b, on, m); err != nil {
			return err
		}
	}
	switch act {
	case IdentityAsked, IdentityReceived, IdentityChecked, IdentityFailed:
		return c.mayIdentify(act)
	case Approved:
		return c.mayBeApproved(b)
	case Packaged, Answered:
		return c.mayAnswer(act)
	case Downloaded:
		if len(c.Packages) == 0 {
			return refuse(NoPackage, "")
		}
	case Started, Rerun:
		return c.mayRun(act, b)
	case Settled:
		if !slices.Contains(Choices(), b.Settle.Choice) {
			return refuse(NotSettleable, "%q is no way to settle a task", b.Settle.Choice)
		}
	case RefusedRequest:
		return c.mayRefuse(b)
	case Withdrawn, Duplicate:
		return c.mayStop(act, b)
	case Completed, Certified, Closed:
		return c.mayFinish(act)
	}
	return nil
}

// mayMark tries the act on every ledger that it is about.
func (c *Case) mayMark(act Act, b *Body, on events.Date, m clock.Mark) error {
	for _, r := range b.Rights {
		if !slices.Contains(c.Opening.Rights, r) {
			return refuse(NotARequest, "the case is not about %q", r)
		}
	}
	tried := 0
	for i, r := range c.Opening.Rights {
		if !c.about(b, r) || !c.answered[r].IsZero() {
			continue
		}
		tried++
		l := c.ledgers[i]
		l.Entries = append(slices.Clip(l.Entries), clock.Entry{Mark: m, On: on, Ref: b.Ref})
		if _, _, err := l.Facts(); err != nil {
			return c.markRefused(act, b, err)
		}
	}
	if tried == 0 {
		return refuse(AlreadyAnswered, "")
	}
	return nil
}

// markRefused gives a code to what a ledger would not take.
func (c *Case) markRefused(act Act, b *Body, err error) error {
	_, waits := c.Questions[b.Ref]
	switch {
	case act == IdentityReceived && c.Identity == decide.IdentityClear:
		return refuse(IdentityNotInDoubt, "")
	case act == FeePaid && !c.FeeOpen, act == ClarificationCame && !waits:
		return refuse(NotAsked, "")
	case act == ClarificationAsked && waits:
		return refuse(AlreadyAsked, "%s", cause(err))
	case act == ExtensionTold && c.extended():
		return refuse(ExtensionGiven, "")
	}
	return refuse(DateOutOfOrder, "%s", cause(err))
}

func (c *Case) extended() bool {
	return slices.ContainsFunc(c.ledgers, func(l clock.Ledger) bool {
		return slices.ContainsFunc(l.Entries, func(e clock.Entry) bool { return e.Mark == clock.ExtensionTold })
	})
}

func (c *Case) mayIdentify(act Act) error {
	switch {
	case act == IdentityAsked && c.Identity == decide.IdentityDoubted:
		return refuse(AlreadyAsked, "what proves who asks was asked for already, and has not come")
	case act == IdentityChecked && c.Identity != decide.IdentityClear:
		return refuse(IdentityInDoubt, "")
	case act == IdentityReceived && c.Identity == decide.IdentityClear, act == IdentityFailed && c.Identity != decide.IdentityDoubted:
		return refuse(IdentityNotInDoubt, "")
	}
	return nil
}

// mayBeApproved is four eyes: whoever decided approves nothing of it, with
// whichever token.
func (c *Case) mayBeApproved(b *Body) error {
	if err := identityProven(c); err != nil {
		return err
	}
	if slices.ContainsFunc(c.Deciders(), func(p Person) bool { return SamePerson(p, b.By) }) {
		return refuse(SelfApproval, "")
	}
	if c.NeedsApproval() && c.Joins == nil {
		return refuse(JoinsUnconfirmed, "")
	}
	if c.Approval != nil && !c.Redecided && c.Approval.Digest == b.Approval.Digest {
		return refuse(AlreadyApproved, "")
	}
	return nil
}

// mayAnswer lets nothing of a person out while it is in doubt who asks, while
// joins are unconfirmed, or before four eyes.
func (c *Case) mayAnswer(act Act) error {
	if err := identityProven(c); err != nil {
		return err
	}
	if act == Packaged && !slices.ContainsFunc(c.Opening.Rights, copyOf) {
		return refuse(NotARequest, "a package answers a request for access or portability; this case is about neither")
	}
	if !c.NeedsApproval() {
		return nil
	}
	switch {
	case c.Joins == nil:
		return refuse(JoinsUnconfirmed, "")
	case c.Approval == nil:
		return refuse(NothingApproved, "")
	case c.Redecided:
		return refuse(NothingApproved, "a later decision changed the plan; it has to be approved again")
	}
	return nil
}

func (c *Case) mayRun(act Act, b *Body) error {
	binding := act == Started && b.Code == StartBinding
	switch {
	case binding && !c.Binds():
		return refuse(NotBinding, "")
	case binding && !c.Bound.IsZero():
		return refuse(AlreadyStarted, "what binds from receipt was sent out on %s", c.Bound)
	case binding:
		return nil
	case act == Started && !c.Started.IsZero():
		return refuse(AlreadyStarted, "tasks were started on %s; run again what is left", c.Started)
	case c.Approval == nil && (act == Started || c.Bound.IsZero()):
		return refuse(NothingApproved, "")
	case act == Rerun && c.Started.IsZero() && c.Bound.IsZero():
		return refuse(NothingStarted, "")
	case act == Rerun && len(b.Tasks) == 0:
		return refuse(NothingToDo, "")
	}
	if act == Rerun && b.Code == RerunDue {
		return nil
	}
	if err := identityProven(c); err != nil {
		return err
	}
	if c.Approval == nil && c.hasNew(b.Tasks) {
		return refuse(NothingApproved, "")
	}
	if c.Redecided && (act == Started || c.hasNew(b.Tasks)) {
		return refuse(NothingApproved, "a later decision changed the plan; it has to be approved again")
	}
	return nil
}

// hasNew reports whether a task among these is not of the case yet.
func (c *Case) hasNew(tasks IDs) bool {
	return slices.ContainsFunc(tasks.Events(), func(id events.EventID) bool { return !slices.Contains(c.Tasks, id) })
}

// mayRefuse refuses a request only for a reason that the law knows, and never what
// cannot be refused.
func (c *Case) mayRefuse(b *Body) error {
	switch {
	case !slices.Contains(RefusalGrounds(), b.Code):
		return refuse(RefusalNeedsReason, "a request is refused as unfounded, excessive, or because identity or authority was not shown")
	case len(c.Unanswered()) < len(c.Opening.Rights):
		return refuse(AlreadyAnswered, "")
	case !c.Started.IsZero():
		return refuse(AlreadyStarted, "tasks were started on %s; the request can no longer be refused as a whole", c.Started)
	case !slices.ContainsFunc(c.Opening.Rights, func(r catalogue.RightKind) bool { return !binds(r) }):
		return refuse(RefusalNotPossible, "an objection to marketing and a withdrawal of consent cannot be refused (Articles 21(3), 7(3))")
	case b.Code == RefusedIdentity && c.Identity != decide.IdentityFailed:
		return refuse(RefusalNotPossible, "nobody ended the wait for a proof of who asks")
	case b.Code == RefusedAuthority && !c.AuthorityOpen:
		return refuse(RefusalNotPossible, "nobody waits for a proof of authority")
	}
	return nil
}

func (c *Case) mayStop(act Act, b *Body) error {
	switch {
	case !c.Answered.IsZero():
		return refuse(AlreadyAnswered, "")
	case !c.Started.IsZero():
		return refuse(AlreadyStarted, "tasks were started on %s; what runs cannot be taken back", c.Started)
	case act == Duplicate && events.EventID(b.Of) == c.ID:
		return refuse(NotADuplicate, "")
	}
	return nil
}

// mayFinish keeps answered, complete and closed apart.
func (c *Case) mayFinish(act Act) error {
	switch {
	case act == Certified && c.Completed.IsZero():
		return refuse(NotComplete, "")
	case act == Certified:
		return nil
	case c.Over() && act == Closed:
		return nil
	case len(c.Unanswered()) > 0:
		return refuse(NotAnswered, "%d of %d requests of the case are not answered", len(c.Unanswered()), len(c.Opening.Rights))
	case act == Completed && !c.Completed.IsZero():
		return refuse(AlreadyComplete, "")
	case c.Redecided:
		return refuse(NothingApproved, "a later decision changed the plan; it has to be approved and carried out")
	case c.Started.IsZero() && c.Approval != nil && slices.ContainsFunc(c.Approval.Finals, func(f Final) bool { return f.acts() }):
		return refuse(NothingStarted, "the approved plan was not carried out")
	case c.Bound.IsZero() && c.Started.IsZero() && c.Binds() && c.Opening.Answered.IsZero():
		return refuse(NothingStarted, "what binds from receipt was not sent out")
	}
	return nil
}
