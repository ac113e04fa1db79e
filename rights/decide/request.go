package decide

import (
	"errors"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/retention"
)

// A Case is what a person asked, and what is known of the asking.
type Case struct {
	Rights   []catalogue.RightKind
	Received events.Date
	// Due is the last day of the answer; zero if it is not known. An objection
	// that nobody has weighed by then is upheld.
	Due events.Date
	// Scope is what was asked about, each part on its own; none is everything.
	Scope []retention.Scope
	// Channels are those an objection or a withdrawal names; none is all.
	Channels []events.Code
	States   []Statement
	Asker    Asker
	Identity Identity
	Refusal  *Refusal
}

// A Statement is something that the person said and that changes what follows.
type Statement string

const (
	PersonalReasons    Statement = "personal-reasons"    // Article 21(1): grounds of their own situation
	PrefersRestriction Statement = "prefers-restriction" // Article 18(1)(b)
	OwnClaim           Statement = "own-claim"           // Article 18(1)(c)
	ContestsAccuracy   Statement = "contests-accuracy"   // Article 18(1)(a)
)

// Identity is how far it is settled who asks.
type Identity uint8

const (
	IdentityClear   Identity = iota // never in doubt, or proven
	IdentityDoubted                 // Article 12(6): information was asked for and has not come
	IdentityFailed                  // it did not come, and a person ended the wait
)

// An Asker is who asks for the person.
type Asker struct {
	As Role
	// Evidence is set when authority or parental responsibility was shown.
	Evidence bool
	// Nation is where the child is: scotland presumes competence at 12.
	Nation events.Code
	// Competent is set when the child was found able to decide, or not.
	Competent *bool
}

// Role is in what part somebody asks.
type Role string

const (
	Self     Role = ""
	Agent    Role = "agent"
	Attorney Role = "attorney"
	Deputy   Role = "deputy"
	Parent   Role = "parent"
	Relative Role = "relative" // of somebody who died
)

// A Refusal is a named person's word that the whole request is refused
// (Article 12(5)); the controller bears the burden of showing it.
type Refusal struct {
	Excessive bool // else manifestly unfounded
	By, Why   string
	On        events.Date
}

// Errors of Plan.
var (
	// ErrBeforeReceipt is returned for a plan on a day before the request came.
	ErrBeforeReceipt = errors.New("the day lies before the receipt of the request")
	// ErrCase is returned for a case or for holdings that cannot be judged.
	ErrCase = errors.New("the case cannot be judged")
)

// Rights lists the rights that a plan can be about, in the order of its items.
func Rights() []catalogue.RightKind {
	return []catalogue.RightKind{catalogue.RightAccess, catalogue.RightPortability, catalogue.RightRectification, catalogue.RightErasure,
		catalogue.RightRestriction, catalogue.RightObjection, catalogue.RightMarketing, catalogue.RightWithdrawConsent,
		catalogue.RightAutomated, catalogue.RightComplaint}
}

func (c *Case) check(list []Holding, on events.Date) error {
	switch {
	case c.Received.IsZero():
		return fmt.Errorf("%w: the day of receipt is missing; nothing was decided", ErrCase)
	case on < c.Received:
		return fmt.Errorf("%w: it came on %s; ask for that day or a later one", ErrBeforeReceipt, c.Received)
	case len(c.Rights) == 0:
		return fmt.Errorf("%w: it names no right; nothing was decided", ErrCase)
	}
	for i, r := range c.Rights {
		if !slices.Contains(Rights(), r) {
			return fmt.Errorf("%w: %q is not a right that can be planned", ErrCase, r)
		}
		if slices.Contains(c.Rights[:i], r) {
			return fmt.Errorf("%w: the right %q stands twice", ErrCase, r)
		}
	}
	if c.Refusal != nil && (c.Refusal.By == "" || c.Refusal.Why == "") {
		return fmt.Errorf("%w: a refusal needs who decided it and why", ErrCase)
	}
	seen := make(map[string]bool, len(list))
	for i := range list {
		if id := list[i].ID; id == "" || seen[id] {
			return fmt.Errorf("%w: holding %d has no id of its own", ErrCase, i+1)
		}
		seen[list[i].ID] = true
	}
	return nil
}

func (c *Case) says(s Statement) bool { return slices.Contains(c.States, s) }

// asks reports whether the scope of the case reaches the holding.
func (c *Case) asks(h *Holding) bool {
	return len(c.Scope) == 0 || slices.ContainsFunc(c.Scope, func(s retention.Scope) bool { return s.Covers(&h.Holding) })
}

// requests are those of the person with the case's own among them: what it asks
// may itself be a moment that clocks count from, and a copy that is asked for
// comes before the end of what is copied.
func (c *Case) requests(p *Person) []retention.Request {
	out := slices.Clone(p.Requests)
	for _, r := range Rights() {
		if !slices.Contains(c.Rights, r) || slices.ContainsFunc(out, func(q retention.Request) bool { return q.Right == events.Code(r) && q.Received == c.Received }) {
			continue
		}
		scopes := c.Scope
		if len(scopes) == 0 {
			scopes = []retention.Scope{{}}
		}
		for _, s := range scopes {
			out = append(out, retention.Request{Right: events.Code(r), Received: c.Received, Scope: s})
		}
	}
	return out
}
