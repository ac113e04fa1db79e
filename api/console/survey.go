package console

import (
	"net/http"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

// A row is one system in words.
type row struct {
	Name, ID, Status, Last, Through string
	Bad                             bool
	Events, Quarantined             uint64
}

// surveyed is the part of the page of systems.
type surveyed struct {
	Own, Recipients []row
	Position        string
}

// statuses says how a system stands, and whether somebody should act.
var statuses = map[string]struct {
	words string
	bad   bool
}{
	"reporting": {"Reports", false}, "silent": {"Has fallen silent", true}, "behind": {"Has not reported everything", true},
	"never_connected": {"Never reported", true}, "not_expected": {"Never reported; not expected to", false},
	"paper": {"On paper", false}, "unstructured": {"Cannot be searched by person", false},
}

func (c *Console) systems(w http.ResponseWriter, r *http.Request) {
	s, err := c.cfg.Desk.Systems(r.Context(), api.CallerOf(r.Context()))
	if err != nil {
		c.fail(w, r, err)
		return
	}
	v := surveyed{Own: []row{}, Recipients: []row{}, Position: s.AsOf.Position}
	for _, x := range s.Systems {
		st, ok := statuses[x.Status]
		if !ok {
			st.words = x.Status
		}
		line := row{Name: x.Name, ID: x.ID, Status: st.words, Bad: st.bad, Events: x.Events, Quarantined: x.Quarantined, Last: c.moment(x.LastSeen), Through: c.moment(x.Through)}
		if x.Owner == "undeclared" {
			line.Status, line.Bad = line.Status+"; not in the catalogue", true
		}
		if x.Owner == "recipient" {
			v.Recipients = append(v.Recipients, line)
		} else {
			v.Own = append(v.Own, line)
		}
	}
	c.show(w, r, http.StatusOK, "systems", "Systems", v)
}

// moment writes a time as people do.
func (c *Console) moment(t *events.Instant) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return plain(t.Time(), c.cfg.Zone)
}

func plain(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("2 January 2006, 15:04 MST")
}

// A waiting event is one in quarantine, in words.
type waiting struct{ Position, System, Why, At string }

type quarantine struct {
	Items   []waiting
	MayOpen bool
}

func (c *Console) waiting(i desk.QuarantineItem) waiting {
	name := i.System
	if s, ok := c.cfg.Catalogue().System(events.Code(i.System)); ok {
		name = s.Name
	}
	at := i.At
	return waiting{i.Position, name, i.Why, c.moment(&at)}
}

func (c *Console) quarantine(w http.ResponseWriter, r *http.Request) {
	who := api.CallerOf(r.Context())
	list, err := c.cfg.Desk.Quarantine(r.Context(), who)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	v := quarantine{Items: []waiting{}, MayOpen: who.May(access.QuarantineOpen)}
	for _, i := range list.Items {
		v.Items = append(v.Items, c.waiting(i))
	}
	c.show(w, r, http.StatusOK, "quarantine", "Not understood", v)
}

// openedEvent is the part of the page of one such event.
type openedEvent struct {
	waiting
	Body string
}

// quarantined opens one: by a button, so that no crawler or prefetch does.
func (c *Console) quarantined(w http.ResponseWriter, r *http.Request) {
	at, err := events.ParsePosition(r.PathValue("position"))
	if err != nil {
		c.Refuse(w, r, api.NewProblem("quarantine.gone", ""))
		return
	}
	v, err := c.cfg.Desk.QuarantineOpen(r.Context(), api.CallerOf(r.Context()), at)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.show(w, r, http.StatusOK, "quarantined", "Not understood", openedEvent{c.waiting(v.Item), v.Body})
}
