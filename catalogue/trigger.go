package catalogue

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/habeas-data/habeas/events"
)

// A Trigger is what a retention period is counted from: a milestone or a
// circumstance of the catalogue by its code, or one of the moments every system
// knows.
type Trigger struct {
	Code events.Code // milestone, circumstance or built-in word
	// Right is set for request_received only: request_received:erasure.
	Right events.Code
}

// RequestReceived counts from the receipt of a person's request.
const RequestReceived events.Code = "request_received"

// builtinTriggers need no milestone; their words complete "... after".
var builtinTriggers = map[events.Code]string{
	"record_date":       "the date of the record",
	"stored":            "the data is stored",
	"consent_withdrawn": "consent is withdrawn",
	"request_closed":    "the request is closed",
	"hold_lifted":       "the hold is lifted",
	RequestReceived:     "the request is received",
}

// Builtin reports whether the trigger is a moment every system knows.
func (t Trigger) Builtin() bool { _, ok := builtinTriggers[t.Code]; return ok }

// IsZero reports whether no trigger is given.
func (t Trigger) IsZero() bool { return t.Code == "" }

func (t Trigger) String() string {
	if t.Right != "" {
		return string(t.Code) + ":" + string(t.Right)
	}
	return string(t.Code)
}

// MarshalText writes the trigger as its code, with ":right" where it has one.
func (t Trigger) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (t *Trigger) UnmarshalText(b []byte) error {
	word, right, has := strings.Cut(string(b), ":")
	code, err := events.ParseCode(word)
	if err != nil {
		return err
	}
	v := Trigger{Code: code}
	if has {
		if v.Right, err = events.ParseCode(right); err != nil {
			return err
		}
	}
	if has != (code == RequestReceived) {
		return fmt.Errorf("want a milestone, a circumstance, request_received:<right> or one of %s",
			strings.Join(builtinNames(), ", "))
	}
	*t = v
	return nil
}

func builtinNames() []string {
	var names []string
	for c := range builtinTriggers {
		if c != RequestReceived {
			names = append(names, string(c))
		}
	}
	slices.Sort(names)
	return names
}

// A RuleID names a retention rule. It has the form of a code but keeps its case,
// because no event carries it: R2.
type RuleID string

// UnmarshalText checks the form of a code.
func (r *RuleID) UnmarshalText(b []byte) error {
	if _, err := events.ParseCode(string(b)); err != nil {
		return err
	}
	*r = RuleID(b)
	return nil
}

// Lines are ranges of line numbers in the text of the notice: "60-61, 75".
type Lines []LineRange

// A LineRange is a first and a last line, counted from 1.
type LineRange struct{ From, To int }

// IsZero serves omitzero.
func (l Lines) IsZero() bool { return len(l) == 0 }

func (l Lines) String() string {
	parts := make([]string, len(l))
	for i, r := range l {
		parts[i] = strconv.Itoa(r.From)
		if r.To != r.From {
			parts[i] += "-" + strconv.Itoa(r.To)
		}
	}
	return strings.Join(parts, ", ")
}

// MarshalText writes "60-61, 75".
func (l Lines) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (l *Lines) UnmarshalText(b []byte) error {
	bad := fmt.Errorf(`want line numbers of the notice, such as "60-61, 75"`)
	var out Lines
	for _, part := range strings.Split(string(b), ",") {
		from, to, ranged := strings.Cut(strings.TrimSpace(part), "-")
		if !ranged {
			to = from
		}
		a, err1 := strconv.Atoi(from)
		z, err2 := strconv.Atoi(to)
		if err1 != nil || err2 != nil || a < 1 || z < a {
			return bad
		}
		out = append(out, LineRange{a, z})
	}
	*l = out
	return nil
}
