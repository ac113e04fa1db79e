package retention

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// decideDays is how long after the use of data has ended a person has to decide
// what becomes of what is left.
const decideDays = 30

// pausing lists the rights whose requests need the data to be there until the
// answer is sent. Erasing data that was asked for can be an offence (Data
// Protection Act 2018, section 173). Who asks for erasure, or for an end of use,
// loses nothing when it goes.
var pausing = map[events.Code]string{
	"access": "access", "portability": "portability", "rectification": "correction", "restriction": "restriction",
	"automated-decision": "review of an automated decision", "complaint": "complaint",
}

// stand adds the day, the holds and the open requests to what the rule says.
func (e *Engine) stand(s *Status, p *Person, h *Holding, on events.Date) {
	var held []*Hold
	for i := range p.Holds {
		x := &p.Holds[i]
		if !x.Covers(h) || x.Placed > on {
			continue
		}
		if x.Stands(on) {
			held = append(held, x)
			s.Holds = append(s.Holds, x.ID)
			continue
		}
		s.LiftedOn = max(s.LiftedOn, x.Lifted)
		if !s.Due.IsZero() && x.Lifted > s.Due {
			// What a hold outlasted ends when it is lifted, and not before.
			s.Due = x.Lifted
			s.Why += "; a hold kept it until " + catalogue.PlainDate(x.Lifted)
		}
	}
	slices.Sort(s.Holds)
	if s.Due.IsZero() {
		if len(held) > 0 {
			s.Why += "; and " + heldWords(held)
		}
		return
	}
	switch {
	case s.Due > on:
		s.State = Running
	case s.Due == on:
		s.State = Due
	default:
		s.State = Overdue
	}
	if s.AtEnd == catalogue.AtEndStop {
		s.DecideBy = s.Due + decideDays
	}
	if q := needed(p, h, on); q != nil && s.State != Running {
		s.State = Paused
		s.Why += "; it waits until the answer to the request of " + catalogue.PlainDate(q.Received) + " (" + pausing[q.Right] + ") is sent"
	}
	if len(held) > 0 {
		s.State = OnHold
		s.Why += "; " + heldWords(held)
	}
}

// needed finds the earliest open request that needs the holding.
func needed(p *Person, h *Holding, on events.Date) (first *Request) {
	for i := range p.Requests {
		q := &p.Requests[i]
		if pausing[q.Right] != "" && q.Open(on) && q.Scope.Covers(h) && (first == nil || q.Received < first.Received) {
			first = q
		}
	}
	return first
}

func heldWords(list []*Hold) string {
	grounds := []string{}
	for _, x := range list {
		g := string(x.Ground)
		if w, ok := groundWords[x.Ground]; ok {
			g = w
		}
		if !slices.Contains(grounds, g) {
			grounds = append(grounds, g)
		}
	}
	return "a hold keeps it (" + strings.Join(grounds, ", ") + ") until it is lifted"
}

// Grounds lists the grounds of a hold.
func Grounds() []events.Code {
	return []events.Code{"claims", "law", "inquiry", "regulator", "crime", "audit"}
}

var groundWords = map[events.Code]string{
	"claims": "legal claims", "law": "a legal duty", "inquiry": "an inquiry", "regulator": "a regulator",
	"crime": "crime or fraud", "audit": "an audit",
}
