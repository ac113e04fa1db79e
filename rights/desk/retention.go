package desk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// The words of retention.status in the published JSON.
const (
	running           = "running"
	dueToday          = "due"
	overdue           = "overdue"
	waitingForTrigger = "waiting_for_trigger"
	openEnded         = "open_ended"
	noneStated        = "none_stated"
	undetermined      = "undetermined"
)

// A rule is what applies to one holding: where it stands and what it counts
// from. It is read from the catalogue only.
type rule struct {
	id       catalogue.RuleID
	triggers []catalogue.Trigger
	join     catalogue.Join
	period   catalogue.Period
	said     bool // the notice says something, if not a period
}

// until says until when a holding is kept, by which rule, and why. today is the
// day the answer speaks of. It never guesses: what the notice leaves open is
// undetermined.
func (a *answer) until(h *inventory.Holding) events.RetentionView {
	v := events.RetentionView{Status: undetermined, Rule: string(h.Activity.Code)}
	if h.State == inventory.Removed {
		v.Why = "the system reported it as removed on " + catalogue.PlainDate(h.Removal.At.Day()) + ", so nothing is left to time"
		return v
	}
	act, ok := a.cat.Activity(h.Activity.Code)
	if !ok {
		v.Why = "the activity is not declared in the catalogue, so no rule applies"
		return v
	}
	r, why := a.ruleFor(act, h)
	if r.id != "" {
		v.Rule = string(r.id)
	}
	if len(r.triggers) > 0 {
		names := triggerNames(r.triggers, r.join)
		v.Trigger = &names
	}
	switch {
	case why != "":
		v.Why = why
		if !r.said {
			v.Status = noneStated
		}
	case !r.period.Given() && r.said:
		v.Status, v.Why = openEnded, a.cat.RetentionText(act.ID)
	case !r.period.Given():
		v.Status, v.Why = noneStated, "the notice states no period for this activity"
	case len(r.triggers) == 0:
		v.Why = "the notice states " + r.period.Plain() + " and does not say from when"
	default:
		a.count(&v, r, h)
	}
	return v
}

// ruleFor finds the rule of a holding. A rule that names the subject's role
// beats the row's generic one; a rule that names other roles does not reach it.
// why is set when no rule can be told.
func (a *answer) ruleFor(act *catalogue.Activity, h *inventory.Holding) (r rule, why string) {
	own := rule{id: act.Retention.Rule, triggers: act.Retention.AllTriggers(), join: act.Retention.Join, period: act.Retention.Period,
		said: act.Retention.Rule != "" || len(act.Retention.AllTriggers()) > 0}
	general, named := a.cat.RetentionRule(act.Retention.Rule)
	forRoles := named && len(general.Applies) > 0
	reaches := !forRoles || h.SubjectType == "" || a.isOneOf(h.SubjectType, general.Applies)
	if reaches && (forRoles || own.period.Given()) {
		return own, ""
	}
	fit := a.roleRules(h)
	person := strings.ToLower(a.cat.Name(catalogue.FieldSubjectType, h.SubjectType))
	switch {
	case len(fit) == 1:
		return rule{id: fit[0].ID, triggers: fit[0].AllTriggers(), join: fit[0].Join, period: fit[0].Period, said: true}, ""
	case len(fit) > 1:
		return own, "the notice has several rules for " + person + " and does not say which applies here"
	case !reaches:
		return rule{id: own.id}, fmt.Sprintf("rule %s is for %s, and the notice states none for %s", own.id, a.typeNames(general.Applies), person)
	}
	return own, ""
}

// roleRules lists the general rules that name the holding's kind of person.
func (a *answer) roleRules(h *inventory.Holding) (fit []*catalogue.RetentionRule) {
	for i := range a.cat.RetentionRules {
		g := &a.cat.RetentionRules[i]
		if h.SubjectType != "" && len(g.Applies) > 0 && a.isOneOf(h.SubjectType, g.Applies) && g.Effect != catalogue.EffectExtend &&
			(len(g.Categories) == 0 || slices.Contains(g.Categories, h.Category.Code)) {
			fit = append(fit, g)
		}
	}
	return fit
}

func (a *answer) isOneOf(t events.Code, list []events.Code) bool {
	return slices.ContainsFunc(list, func(p events.Code) bool { return a.cat.IsA(t, p) })
}

func (a *answer) typeNames(list []events.Code) string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = strings.ToLower(a.cat.Name(catalogue.FieldSubjectType, t))
	}
	return strings.Join(out, " and ")
}

func triggerNames(list []catalogue.Trigger, join catalogue.Join) string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = t.String()
	}
	sep := " "
	if join != "" {
		sep = " " + string(join) + " "
	}
	return strings.Join(out, sep)
}

// count finds the day the period counts from and the day it ends.
func (a *answer) count(v *events.RetentionView, r rule, h *inventory.Holding) {
	if len(r.triggers) > 1 && r.join == "" {
		v.Why = "the notice names several moments to count from and does not say which counts"
		return
	}
	var from events.Date
	missing := ""
	for _, t := range r.triggers {
		day, can := a.reached(t, h)
		switch {
		case !can:
			v.Why = "no system reports when " + a.when(t) + ", so the end cannot be computed"
			return
		case day.IsZero():
			missing = a.when(t)
		case from.IsZero() || (r.join == catalogue.Earlier && day < from) || (r.join != catalogue.Earlier && day > from):
			from = day
		}
	}
	if from.IsZero() || (missing != "" && r.join != catalogue.Earlier) {
		v.Status = waitingForTrigger
		v.Why = "kept for " + r.period.Plain() + " after " + missing + "; that has not been reported"
		if r.period.Immediate() {
			v.Why = "kept until " + missing + "; that has not been reported"
		}
		return
	}
	end := r.period.AfterDate(from)
	v.TriggerDate, v.Due = text(from), text(end)
	v.Why = fmt.Sprintf("%s after %s, which was on %s", r.period.Plain(), a.whens(r), catalogue.PlainDate(from))
	if r.period.Immediate() {
		v.Why = fmt.Sprintf("until %s, which was on %s", a.whens(r), catalogue.PlainDate(from))
	}
	switch today := a.today(); {
	case end > today:
		v.Status = running
	case end == today:
		v.Status = dueToday
	default:
		v.Status = overdue
	}
}

func text(d events.Date) *string {
	s := d.String()
	return &s
}

// when says a trigger in words that follow "after": "the account is deleted".
func (a *answer) when(t catalogue.Trigger) string {
	if m, ok := a.cat.Milestone(t.Code); ok {
		return m.When
	}
	for _, c := range a.cat.Circumstances {
		if c.ID == t.Code {
			return c.When
		}
	}
	if w, ok := builtinWhen[t.Code]; ok {
		return w
	}
	return strings.ReplaceAll(string(t.Code), "_", " ")
}

func (a *answer) whens(r rule) string {
	words := make([]string, len(r.triggers))
	for i, t := range r.triggers {
		words[i] = a.when(t)
	}
	if len(words) == 1 {
		return words[0]
	}
	return "the " + string(r.join) + " of: " + strings.Join(words, "; ")
}

// The moments every system knows, in words and as a date of a holding.
const (
	onRecordDate       events.Code = "record_date"
	onStored           events.Code = "stored"
	onConsentWithdrawn events.Code = "consent_withdrawn"
	onRequestClosed    events.Code = "request_closed"
	onHoldLifted       events.Code = "hold_lifted"
)

var builtinWhen = map[events.Code]string{
	onRecordDate: "the date of the record", onStored: "the data is stored", onConsentWithdrawn: "consent is withdrawn",
	onRequestClosed: "the request is closed", onHoldLifted: "the hold is lifted", catalogue.RequestReceived: "the request is received",
}

// reached is the day a trigger fired for a holding; zero if it has not. can is
// false for a circumstance that no system reports.
func (a *answer) reached(t catalogue.Trigger, h *inventory.Holding) (day events.Date, can bool) {
	switch t.Code {
	case onRecordDate:
		if n := len(h.RecordDates); n > 0 {
			return h.RecordDates[n-1], true // for what moves, the latest counts
		}
		return 0, true
	case onStored:
		return h.First.Day(), true
	case onConsentWithdrawn:
		return a.withdrawn(h), true
	case onRequestClosed, onHoldLifted, catalogue.RequestReceived:
		return 0, true
	}
	m, ok := a.cat.Milestone(t.Code)
	if !ok {
		return 0, false
	}
	for _, x := range a.folded.Milestones {
		if x.Code == t.Code && x.Date > day && concerns(m.Scope, &x, h) {
			day = x.Date
		}
	}
	return day, true
}

// concerns reports whether a milestone speaks of the holding: of the whole
// person, of an activity in the system that reported it, or of one item.
func concerns(scope catalogue.Scope, m *inventory.Milestone, h *inventory.Holding) bool {
	switch scope {
	case catalogue.ScopePerson:
		return true
	case catalogue.ScopeActivity:
		return m.System == h.System && (m.Activity.Code == "" || m.Activity.Code == h.Activity.Code)
	case catalogue.ScopeItem:
		return !m.Item.IsZero() && m.Item == h.Item
	}
	return false
}

// withdrawn is the day the last consent for the holding's activity ended; zero
// while one stands or none was ever given.
func (a *answer) withdrawn(h *inventory.Holding) (day events.Date) {
	for _, c := range a.folded.Consents {
		if c.Activity.Code != h.Activity.Code || (!c.Item.IsZero() && c.Item != h.Item) {
			continue
		}
		switch c.State {
		case inventory.Given:
			return 0
		case inventory.Withdrawn:
			day = max(day, c.At.Day())
		}
	}
	return day
}
