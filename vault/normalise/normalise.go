// Package normalise owns the matching form of identifiers: two spellings that
// mean the same identifier have the same form, and nothing else has. The rules
// are versioned per kind, because what was indexed or suppressed under an older
// rule must still be found under it.
//
// It does no I/O. Its errors name the kind and what was expected, never the
// value (I1).
package normalise

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/habeas-data/habeas/events"
)

// MaxValue is the greatest length of an identifier in bytes.
const MaxValue = 2048

// A Rule turns a value, already trimmed, into its matching form. Its error says
// what was expected and holds nothing of the value.
type Rule func(value string) (string, error)

// Rules are the rules in force. Create them with New.
type Rules struct {
	byKind map[events.Code][]Rule // version 1 first
}

// A Form is the matching form of a value under one version of the rule.
type Form struct {
	Version uint8
	Text    string
}

// An Error says that a value is not an identifier of its kind.
type Error struct {
	Kind events.Code
	Want string // such as "ten digits with a valid check digit"
}

func (e *Error) Error() string { return fmt.Sprintf("identifier of kind %s: want %s", e.Kind, e.Want) }

// New returns the rules. Region is where a phone number without a country
// prefix belongs, such as GB.
func New(region string) (*Rules, error) {
	phone, err := phoneRule(region)
	if err != nil {
		return nil, err
	}
	text := Rule(foldText)
	return &Rules{byKind: map[events.Code][]Rule{
		"email":          {email},
		"phone":          {phone},
		"nhs_number":     {nhsNumber},
		"ni_number":      {niNumber},
		"passport":       {passport},
		"postcode":       {postcode},
		"name":           {text},
		"postal_address": {text},
		"date_of_birth":  {dateOfBirth},
		"ip":             {ip},
	}}, nil
}

// Extend adds a newer version of the rule of a kind.
func (r *Rules) Extend(kind events.Code, rule Rule) {
	if len(r.byKind[kind]) == 0 {
		r.byKind[kind] = []Rule{exact}
	}
	r.byKind[kind] = append(r.byKind[kind], rule)
}

// Forms returns the forms of a value, that of the newest rule first. An older
// rule that does not take the value is left out; the newest must take it. The
// error is an *Error.
func (r *Rules) Forms(id events.Identifier) ([]Form, error) { return r.Append(nil, id) }

// Append is Forms that appends to dst; after an error dst is what it was.
func (r *Rules) Append(dst []Form, id events.Identifier) ([]Form, error) {
	value, want := trim(id.Value.Expose())
	if want != "" {
		return dst, &Error{id.Kind, want}
	}
	rules := r.byKind[id.Kind]
	if len(rules) == 0 {
		// Local identifiers (crm.contact) and kinds without a rule of their own
		// match exactly: only the system that made them knows what they mean.
		return append(dst, Form{1, value}), nil
	}
	for v := len(rules); v > 0; v-- {
		text, err := rules[v-1](value)
		switch {
		case err == nil:
			dst = append(dst, Form{uint8(v), text})
		case v == len(rules):
			return dst, &Error{id.Kind, err.Error()}
		}
	}
	return dst, nil
}

func trim(s string) (trimmed, want string) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return "", "a value, got none"
	case len(s) > MaxValue:
		return "", fmt.Sprintf("at most %d bytes, got %d", MaxValue, len(s))
	case !utf8.ValidString(s):
		return "", "UTF-8 text"
	}
	return s, ""
}

func exact(s string) (string, error) { return s, nil }
