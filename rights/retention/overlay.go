package retention

import (
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// A reader reads the decisions that a person has made where the notice leaves
// something open, and keeps which of them an answer rests on. A key that is
// absent has no default.
type reader struct {
	cat  *catalogue.Catalogue
	used []string
}

// text is the value of the first key that was decided.
func (r *reader) text(keys ...string) (string, bool) {
	for _, k := range keys {
		if v := decided(r.cat, k); len(v) > 0 {
			r.note(k)
			return v[0], true
		}
	}
	return "", false
}

// list is the values of a key.
func (r *reader) list(key string) []string {
	v := decided(r.cat, key)
	if len(v) > 0 {
		r.note(key)
	}
	return v
}

func (r *reader) note(key string) {
	if !slices.Contains(r.used, key) {
		r.used = append(r.used, key)
	}
}

// join is the decision on which of several triggers counts.
func (r *reader) join(activity events.Code, rule string, stated catalogue.Join) catalogue.Join {
	if v, ok := r.text("joins."+string(activity), "joins."+rule); ok {
		return catalogue.Join(v)
	}
	return stated
}

// triggers replaces what a rule counts from.
func (r *reader) triggers(activity events.Code, rule string, stated []catalogue.Trigger) []catalogue.Trigger {
	for _, key := range []string{"trigger." + string(activity), "trigger." + rule} {
		var out []catalogue.Trigger
		for _, word := range r.list(key) {
			var t catalogue.Trigger
			if t.UnmarshalText([]byte(word)) == nil { // checked when the decision was loaded
				out = append(out, t)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return stated
}

func (r *reader) period(activity events.Code, rule string, stated catalogue.Period) catalogue.Period {
	if v, ok := r.text("period."+string(activity), "period."+rule); ok {
		if p, err := catalogue.ParsePeriod(v); err == nil {
			return p
		}
	}
	return stated
}

// yearEnd is the last day of the organisation's financial year: a decision, or
// what the organisation itself states.
func (r *reader) yearEnd() (catalogue.MonthDay, bool) {
	end, d, ok := r.cat.YearEnd()
	if d != nil {
		r.note(d.Key)
	}
	return end, ok
}

// counts reports whether a request counts as the moment a milestone names. A
// request to erase never does: it would put off what it asks for.
func (r *reader) counts(milestone events.Code, q *Request) bool {
	return q.Right != "erasure" && slices.Contains(r.list("counts_as."+string(milestone)), catalogue.CountsRequest)
}

// sendingCounts reports whether a message that leaves counts as the moment.
func (r *reader) sendingCounts(milestone events.Code) bool {
	return slices.Contains(r.list("counts_as."+string(milestone)), catalogue.CountsOutbound)
}

// fires reports whether a request is taken as the moment itself.
func (r *reader) fires(milestone events.Code, q *Request) bool {
	return slices.Contains(r.list("request_fires."+string(milestone)), string(q.Right))
}
