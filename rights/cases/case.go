package cases

import (
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/clock"
	"github.com/habeas-data/habeas/rights/decide"
)

// A Case is what its facts make of it. Nobody sets a field of it: With adds a fact
// and gives another case. It is read-only and safe to share.
type Case struct {
	ID       events.EventID
	Version  uint32
	Opening  Opening
	OpenedBy Person
	Opened   events.Instant
	Touched  events.Instant
	Facts    []Fact

	// Identity is how far it is settled who asks; AuthorityOpen and FeeOpen are set
	// while they are waited for; Questions are the clarifications that wait.
	Identity      decide.Identity
	AuthorityOpen bool
	FeeOpen       bool
	Questions     map[int]events.Date

	// Joins is what a person confirmed, nil before.
	Joins       *Joins
	Assessments []decide.Assessment
	Decisions   map[ItemKey]Ruling
	// Approval is the one in force: nil before, and after something that changed
	// what it rests on, unless tasks have started.
	Approval   *Approval
	ApprovedBy Person
	ApprovedOn events.Date
	// Redecided is set where something changed after tasks were started: what runs
	// goes on, and further tasks need another approval.
	Redecided bool

	Bound     events.Date // what binds from receipt was sent out
	Started   events.Date
	Tasks     []events.EventID
	Settled   map[events.EventID]events.Code // by task: what a person chose
	Letters   []Letter
	Packages  []Package
	Downloads int

	Answered    events.Date // the whole request
	Refused     events.Date
	RefusalCode events.Code
	Withdrawn   events.Date
	DuplicateOf events.EventID
	Completed   events.Date
	Certified   events.Date
	Closed      events.Date

	reopened  bool // tasks after it was closed: the day of something kept has come
	ledgers   []clock.Ledger
	answered  map[catalogue.RightKind]events.Date
	assessors []Person
	refusal   Fact
}

// Joins is what a named person confirmed.
type Joins struct {
	By      Person
	On      events.Date
	Members []Member
}

// An ItemKey names an item of the plan.
type ItemKey struct {
	Holding string
	Right   catalogue.RightKind
}

// A Ruling is a decision with who took it, and who agreed.
type Ruling struct {
	Decision
	By     Person
	Second Person // zero: nobody else decided the same
	Why    Text
	On     events.Date
}

// SamePerson reports whether two are one: a person with two tokens is still one
// person, and approves nothing that they decided.
func SamePerson(a, b Person) bool {
	if a.Token != "" && a.Token == b.Token {
		return true
	}
	return foldName(a.Name) != "" && foldName(a.Name) == foldName(b.Name)
}

// Members are the handles confirmed as the person's.
func (c *Case) Members() (out []Member) {
	if c.Joins == nil {
		return nil
	}
	for _, m := range c.Joins.Members {
		if !m.Other {
			out = append(out, m)
		}
	}
	return out
}

// Unconfirmed are those of the handles that nobody has looked at.
func (c *Case) Unconfirmed(joined []events.Handle) (out []events.Handle) {
	for _, h := range joined {
		if c.Joins == nil || !slices.ContainsFunc(c.Joins.Members, func(m Member) bool { return m.Handle == h }) {
			out = append(out, h)
		}
	}
	return out
}

// Deciders are those whose word the plan rests on: who decided, who agreed, who
// assessed. None of them approves it.
func (c *Case) Deciders() (out []Person) {
	add := func(p Person) {
		if (p.Token != "" || p.Name != "") && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	for _, d := range c.Decisions {
		add(d.By)
		add(d.Second)
	}
	for _, p := range c.assessors {
		add(p)
	}
	slices.SortFunc(out, comparePersons)
	return out
}

// NeedsApproval reports whether the case is about a right that is carried out only
// after four eyes. Marketing objections and withdrawals bind from receipt
// (Articles 21(3), 7(3)), and a complaint touches no holding.
func (c *Case) NeedsApproval() bool {
	return slices.ContainsFunc(c.Opening.Rights, func(r catalogue.RightKind) bool { return !binds(r) && r != catalogue.RightComplaint })
}

// Binds reports whether the case is about a right that binds from receipt.
func (c *Case) Binds() bool { return slices.ContainsFunc(c.Opening.Rights, binds) }

func binds(r catalogue.RightKind) bool {
	return r == catalogue.RightMarketing || r == catalogue.RightWithdrawConsent
}

// OwesCopy reports whether the case is about a copy that was not given yet: until
// it is, nothing in its scope is erased (Data Protection Act 2018,
// section 173).
func (c *Case) OwesCopy() bool {
	if c.Over() {
		return false
	}
	return slices.ContainsFunc(c.Unanswered(), func(r catalogue.RightKind) bool {
		return r == catalogue.RightAccess || r == catalogue.RightPortability
	})
}

// Unanswered lists the rights that were not answered.
func (c *Case) Unanswered() (out []catalogue.RightKind) {
	for _, r := range c.Opening.Rights {
		if c.answered[r].IsZero() {
			out = append(out, r)
		}
	}
	return out
}

// AnsweredOn is the day on which a right was answered; zero: it was not.
func (c *Case) AnsweredOn(r catalogue.RightKind) events.Date { return c.answered[r] }

// Over reports whether nothing is owed to the person any more: it was refused,
// withdrawn, a duplicate, or closed.
func (c *Case) Over() bool {
	return !c.Refused.IsZero() || !c.Withdrawn.IsZero() || !c.DuplicateOf.IsZero() || !c.Closed.IsZero()
}

// A Status says where a case stands.
type Status string

// The statuses.
const (
	StatusWaiting   Status = "waiting" // for identity, authority, a fee or a clarification
	StatusOpen      Status = "open"
	StatusApproved  Status = "approved"
	StatusRunning   Status = "running"
	StatusAnswered  Status = "answered" // and not closed
	StatusComplete  Status = "complete"
	StatusRefused   Status = "refused"
	StatusWithdrawn Status = "withdrawn"
	StatusDuplicate Status = "duplicate"
	StatusClosed    Status = "closed"
)

// Statuses lists them all.
func Statuses() []Status {
	return []Status{StatusWaiting, StatusOpen, StatusApproved, StatusRunning, StatusAnswered, StatusComplete, StatusRefused, StatusWithdrawn, StatusDuplicate, StatusClosed}
}

// Status is derived from the facts.
func (c *Case) Status() Status {
	switch {
	case !c.Closed.IsZero() && !c.reopened:
		return StatusClosed
	case !c.DuplicateOf.IsZero():
		return StatusDuplicate
	case !c.Withdrawn.IsZero():
		return StatusWithdrawn
	case !c.Refused.IsZero():
		return StatusRefused
	case !c.Completed.IsZero():
		return StatusComplete
	case c.reopened:
		return StatusRunning
	case !c.Answered.IsZero():
		return StatusAnswered
	case !c.Started.IsZero():
		return StatusRunning
	case len(c.Waits()) > 0:
		return StatusWaiting
	case c.Approval != nil:
		return StatusApproved
	}
	return StatusOpen
}

// Waits names what was asked for and has not come.
func (c *Case) Waits() (out []events.Code) {
	add := func(is bool, what events.Code) {
		if is {
			out = append(out, what)
		}
	}
	add(c.Identity == decide.IdentityDoubted, "identity")
	add(c.AuthorityOpen, "authority")
	add(c.FeeOpen, "fee")
	add(len(c.Questions) > 0, "clarification")
	return out
}

// Decide is the case as rights/decide reads it. Due is the last day of the answer.
func (c *Case) Decide(due events.Date) *decide.Case {
	o := &c.Opening
	out := &decide.Case{Rights: o.Rights, Received: o.Received, Due: due, Channels: o.Channels, States: o.States, Asker: o.Asker, Identity: c.Identity}
	for _, s := range o.Scope {
		out.Scope = append(out.Scope, s.Retention())
	}
	if f := &c.refusal; !c.Refused.IsZero() && (c.RefusalCode == RefusedUnfounded || c.RefusalCode == RefusedExcessive) {
		out.Refusal = &decide.Refusal{Excessive: c.RefusalCode == RefusedExcessive, By: string(f.Body.By.Token), Why: string(f.Body.Reason), On: f.On}
	}
	return out
}
