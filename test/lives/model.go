package lives

import (
	"slices"
	"sort"
	"time"
)

// A day is midnight of it.
type day = time.Time

// A row is what the model knows of one activity of testdata/lives.yaml.
type row struct {
	activity, system string
	categories       []string
	bases            string // the letters of Article 6(1); ? is data in no row
	unlawful         bool   // no basis, or special data without its condition
	special          bool
	marketing        bool
	record           bool // the period counts from the record, else from the end of the contract
	years            int
	duty             bool // a law asks for it as long
	claims           bool // somebody decided that it is kept for claims after that
}

var rows = []row{
	{activity: "serve", system: "shop", categories: []string{"contact", "orders"}, bases: "b", years: 2, claims: true},
	{activity: "news", system: "shop", categories: []string{"contact"}, bases: "a", marketing: true, record: true, years: 3},
	{activity: "promo", system: "shop", categories: []string{"contact"}, bases: "f", marketing: true, record: true, years: 1},
	{activity: "books", system: "office", categories: []string{"payments"}, bases: "c", record: true, years: 6, duty: true},
	{activity: "care", system: "office", categories: []string{"health"}, bases: "b", special: true, years: 1},
	{activity: "creed", system: "office", categories: []string{"belief"}, bases: "f", special: true, unlawful: true, years: 1},
	{activity: "profile", system: "shop", categories: []string{"habits"}, unlawful: true, years: 1},
	{activity: "mixed", system: "office", categories: []string{"notes"}, bases: "bf", years: 1},
	{activity: "listing", system: "shop", categories: []string{"contact"}, bases: "f", years: 1},
	{activity: "club", system: "shop", categories: []string{"photos"}, bases: "a", years: 1},
	{activity: "undeclared", system: "office", categories: []string{"notes"}, bases: "?"},
}

func rowOf(activity string) row {
	return rows[slices.IndexFunc(rows, func(r row) bool { return r.activity == activity })]
}

// A key names a holding: what a system has for an activity.
type key struct{ activity, category string }

func (k key) String() string { return k.activity + "/" + k.category }

// place is what lies over the same bytes.
func (k key) place() string { return rowOf(k.activity).system + " " + k.category }

// A holding is what the model knows of one.
type holding struct {
	record, stored day
	shared         map[string]bool
	gone           bool // asked for, done and not found by a later look
}

// A hold keeps what it reaches until it is lifted.
type hold struct {
	id, system, activity string
	lifted               bool
}

func (h *hold) covers(k key) bool {
	return !h.lifted && (h.system == "" || h.system == rowOf(k.activity).system) && (h.activity == "" || h.activity == k.activity)
}

// A request is a case as the model knows it.
type request struct {
	id       string
	rights   []string
	received day
	asked    day // proof of who asks
	proven   day
	paused   []pause
	extended day // the person was told of it
	answered day
	over     bool // withdrawn or closed
	// finals are what was approved; chosen is what a person decided of reviews.
	finals  map[item]answer
	chosen  map[item]answer
	started bool
	// members are the systems whose names of the person somebody confirmed; nil:
	// nobody has, and all that are joined are shown.
	members map[string]bool
}

// needsApproval: it asks for more than what binds from receipt.
func (q *request) needsApproval() bool {
	return slices.ContainsFunc(q.rights, func(r string) bool { return r != "objection-marketing" && r != "withdraw-consent" })
}

type pause struct{ from, to day } // to is zero while it lasts

type item struct {
	right string
	key   key
}

// An answer is what the law asks for a holding.
type answer struct {
	outcome, code string
	person        bool
	until         day
	restricted    bool
	detached      bool
	ended         bool // the purpose had ended
	blocked       bool
}

// A model is what ought to be so. It knows what happened and computes the rest.
type model struct {
	today    day
	holdings map[key]*holding
	ended    day // the contract
	objected map[string]bool
	holds    []*hold
	requests []*request
	seen     map[string]bool // systems that named the person
	retired  map[string]bool // systems whose names are found no more
}

func newModel() *model {
	return &model{holdings: map[key]*holding{}, objected: map[string]bool{}, seen: map[string]bool{}, retired: map[string]bool{}}
}

func (m *model) keys() (out []key) {
	for k, h := range m.holdings {
		if !h.gone {
			out = append(out, k)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].String() < out[j].String() })
	return out
}

func (m *model) held(k key) bool {
	return slices.ContainsFunc(m.holds, func(h *hold) bool { return h.covers(k) })
}

// due is the last day of a holding; zero where none follows.
func (m *model) due(k key) day {
	r, from := rowOf(k.activity), m.ended
	if r.record {
		from = m.holdings[k].record
	}
	if from.IsZero() || r.years == 0 {
		return day{}
	}
	return months(from, 12*r.years)
}

func (m *model) past(k key) bool { d := m.due(k); return !d.IsZero() && !d.After(m.today) }

// copyOwed reports whether a request for a copy is open: nothing is erased before it
// is answered.
func (m *model) copyOwed() bool {
	return slices.ContainsFunc(m.requests, func(q *request) bool {
		return !q.over && q.answered.IsZero() && (slices.Contains(q.rights, "access") || slices.Contains(q.rights, "portability"))
	})
}

// unconfirmed reports whether a name of the person has come since they were confirmed.
func (m *model) unconfirmed(q *request) bool {
	for system := range m.seen {
		if !q.needsApproval() || m.retired[system] {
			continue
		}
		if q.members == nil || !q.members[system] {
			return true
		}
	}
	return false
}

// ask is what the law asks for a holding under a right (docs/decisions.md).
func (m *model) ask(q *request, right string, k key) answer {
	h, r := m.holdings[k], rowOf(k.activity)
	var a answer
	switch {
	case m.waitsForProof(q) && right != "objection-marketing" && right != "withdraw-consent":
		return answer{outcome: "none", code: "WAIT_ID"}
	case h.stored.After(q.received) && right != "objection-marketing" && right != "withdraw-consent":
		return answer{outcome: "none", code: "NOT_HELD_AT_RECEIPT"}
	case right == "erasure":
		a = m.erasure(q, k, r)
	case right == "access":
		a = answer{outcome: "disclose", code: "DISCLOSE"}
	case right == "portability":
		switch r.bases {
		case "a", "b":
			a = answer{outcome: "disclose", code: "DISCLOSE"}
		case "bf":
			a = answer{outcome: "review", code: "BASIS_UNMAPPED"}
		case "?":
			a = answer{outcome: "review", code: "NO_ROW"}
		default:
			a = answer{outcome: "none"}
		}
	case right == "objection" && !r.marketing:
		switch {
		case r.bases != "f" && r.bases != "bf" && r.bases != "?":
			a = answer{outcome: "none", code: "NOT_AFFECTED"}
		case r.bases != "?" && m.late(q):
			a = answer{outcome: "stop", code: "STOP_OBJECTION", person: true}
		default:
			a = answer{outcome: "restrict", code: "RESTRICT_PENDING_OBJECTION", person: true}
		}
	case right == "objection" || right == "objection-marketing":
		a = answer{outcome: "none", code: "NOT_AFFECTED"}
		if r.marketing {
			return answer{outcome: "stop", code: "STOP_OBJECTION_MARKETING"}
		}
	case right == "withdraw-consent":
		a = answer{outcome: "none", code: "NOT_AFFECTED"}
		if r.bases == "a" {
			return answer{outcome: "stop", code: "STOP_CONSENT_WITHDRAWN"}
		}
	}
	a.person = a.person || a.outcome == "review" || a.outcome != "none" && r.special
	a.ended = !r.record && !m.ended.IsZero() && r.bases != "?"
	a.blocked = a.outcome == "erase" && m.copyOwed()
	return a
}

// erasure is the order of erasure.
func (m *model) erasure(q *request, k key, r row) answer {
	due := m.due(k)
	running := !due.IsZero() && due.After(m.today)
	objects := (m.objected[k.activity] || slices.Contains(q.rights, "objection")) && (r.bases == "f" || r.bases == "bf")
	switch {
	case m.past(k) && !m.held(k): // a duty ends with the period here
		return answer{outcome: "erase", code: "ERASE_RETENTION_EXPIRED"}
	case m.held(k):
		return answer{outcome: "restrict", code: "KEEP_LEGAL_CLAIMS", person: true, restricted: true}
	case r.duty && running:
		return answer{outcome: "retain", code: "KEEP_LEGAL_OBLIGATION", until: due, restricted: true}
	case r.unlawful:
		return answer{outcome: "erase", code: "ERASE_UNLAWFUL", person: true}
	case r.marketing:
		return answer{outcome: "erase", code: "ERASE_OBJECTION_MARKETING"}
	case r.bases == "a":
		return answer{outcome: "erase", code: "ERASE_CONSENT_WITHDRAWN"}
	case objects && m.late(q):
		return answer{outcome: "erase", code: "ERASE_OBJECTION", person: true}
	case objects:
		return answer{outcome: "restrict", code: "RESTRICT_PENDING_OBJECTION", person: true}
	case r.bases == "?":
		return answer{outcome: "review", code: "NO_ROW"}
	case r.bases == "bf":
		return answer{outcome: "review", code: "BASIS_UNMAPPED"}
	case due.IsZero():
		return answer{outcome: "retain", code: "KEEP_NO_GROUND"}
	case r.claims:
		return answer{outcome: "retain", code: "KEEP_AFTER_TRIGGER", until: due, restricted: true}
	}
	return answer{outcome: "review", code: "NECESSITY_UNSTATED"}
}

// plan is what the law asks for everything under every right of a request.
func (m *model) plan(q *request) map[item]answer {
	out := map[item]answer{}
	for _, right := range q.rights {
		for _, k := range m.keys() {
			if q.members != nil && !q.members[rowOf(k.activity).system] {
				continue // its name is confirmed by nobody
			}
			if m.retired[rowOf(k.activity).system] && !q.started {
				continue // its names are found no more
			}
			out[item{right, k}] = m.ask(q, right, k)
		}
	}
	detach(out)
	return out
}

// detach closes bytes to a purpose that goes where another needs them.
func detach(plan map[item]answer) {
	for i, a := range plan {
		if i.right != "erasure" || a.outcome != "erase" {
			continue
		}
		a.detached = false
		for j, b := range plan {
			if j.right == "erasure" && j.key != i.key && j.key.place() == i.key.place() && b.outcome != "erase" {
				a.detached = true
			}
		}
		plan[i] = a
	}
}

// A told is what one target is told to do, with what.
type told struct{ target, verb, of string }

// tasks is who has to be told what, once a plan is approved (docs/decisions.md).
func (m *model) tasks(q *request) map[told]map[key]bool {
	out := map[told]map[key]bool{}
	owes := slices.ContainsFunc(q.rights, func(r string) bool { return r == "access" || r == "portability" }) && q.answered.IsZero()
	for i, a := range q.finals {
		r := rowOf(i.key.activity)
		add := func(target, verb, of string) {
			t := told{target, verb, of}
			if out[t] == nil {
				out[t] = map[key]bool{}
			}
			out[t][i.key] = true
		}
		if a.blocked && owes {
			continue
		}
		verb := map[string]string{"erase": "erase", "restrict": "restrict", "stop": "suppress"}[a.outcome]
		switch {
		case a.outcome == "erase" && a.detached:
			add(r.system, "suppress", "")
		case verb != "":
			add(r.system, verb, "")
		case a.outcome == "retain" && a.restricted:
			add(r.system, "restrict", "")
		case a.outcome == "disclose":
			add(r.system, "export", "")
		}
		if r.marketing && (a.outcome == "erase" || a.outcome == "stop") {
			add(r.system, "suppress", "")
		}
		if a.outcome == "disclose" || a.outcome == "none" {
			continue
		}
		for who := range m.holdings[i.key].shared {
			switch {
			case who == "website" && verb != "" && (m.held(i.key) || m.copyOwed()): // it is not taken down yet
			case who == "website" && verb != "":
				add(r.system, "take_down", "")
			case who == "courier" && verb != "":
				add(who, verb, "")
			case who == "courier" && a.outcome == "retain" && a.ended:
				add(who, "erase", "")
			case who != "courier" && who != "website" && verb != "":
				add(who, "notify", verb)
			}
		}
	}
	return out
}

// mayGo says why a holding may not be destroyed now; empty: it may.
func (m *model) mayGo(q *request, k key, target string) string {
	a := q.finals[item{"erasure", k}]
	r := rowOf(k.activity)
	switch {
	case m.holdings[k] == nil:
		return "nobody holds it"
	case m.held(k):
		return "a hold keeps it"
	case m.copyOwed():
		return "a copy of it is owed"
	case target != r.system && a.outcome == "retain" && a.ended:
		return ""
	case a.outcome == "retain" && !a.until.IsZero() && !a.until.After(m.today):
	case (a.outcome == "retain" || a.outcome == "restrict") && m.past(k):
	case a.outcome != "erase":
		return "nobody approved that: it is to " + a.outcome + " " + a.code
	}
	if target != r.system {
		return ""
	}
	for other, h := range m.holdings {
		b, approved := q.finals[item{"erasure", other}]
		if other != k && !h.gone && other.place() == k.place() && !m.past(other) && (!approved || b.outcome != "erase") {
			return other.String() + " needs the same bytes"
		}
	}
	return ""
}

// shares reports whether bytes lie under something else that nobody has let go.
func (m *model) shares(q *request, k key) bool {
	for other, h := range m.holdings {
		if other != k && !h.gone && other.place() == k.place() && q.finals[item{"erasure", other}].outcome != "erase" {
			return true
		}
	}
	return false
}
