package clock

import (
	"fmt"
	"slices"
	"strings"
)

// A Regime is the law that sets the clock.
type Regime string

// The regimes.
const (
	UK   Regime = "uk"
	EU   Regime = "eu"
	CCPA Regime = "ccpa"
	LGPD Regime = "lgpd"
)

// Regimes lists them all.
var Regimes = []Regime{UK, EU, CCPA, LGPD}

// ParseRegime reads a regime's name.
func ParseRegime(s string) (Regime, error) { return parse("regime", s, Regimes) }

func (r Regime) String() string { return string(r) }

// A Right is what is asked for or, for a complaint, a breach and a notice, what
// has to be done.
type Right string

// The rights and duties that have a clock.
const (
	Access      Right = "access"
	Portability Right = "portability"
	Erasure     Right = "erasure"
	Rectify     Right = "rectification"
	Restrict    Right = "restriction"
	Objection   Right = "objection"
	Marketing   Right = "objection-marketing"
	Withdraw    Right = "withdraw-consent"
	Automated   Right = "automated-decision"
	Complaint   Right = "complaint"
	Breach      Right = "breach"
	Notice      Right = "notice"
)

// Rights lists them all.
var Rights = []Right{Access, Portability, Erasure, Rectify, Restrict, Objection, Marketing, Withdraw, Automated, Complaint, Breach, Notice}

// ParseRight reads a right's name.
func ParseRight(s string) (Right, error) { return parse("right", s, Rights) }

func (r Right) String() string { return string(r) }

// A Nation is a part of the United Kingdom with bank holidays of its own.
type Nation string

// The nations.
const (
	EnglandWales    Nation = "england-wales"
	Scotland        Nation = "scotland"
	NorthernIreland Nation = "northern-ireland"
)

// Nations lists them all.
var Nations = []Nation{EnglandWales, Scotland, NorthernIreland}

// ParseNation reads a nation's name.
func ParseNation(s string) (Nation, error) {
	if s == "england-and-wales" { // as gov.uk writes it
		return EnglandWales, nil
	}
	return parse("nation", s, Nations)
}

func (n Nation) String() string { return string(n) }

func parse[T ~string](what, s string, all []T) (T, error) {
	if slices.Contains(all, T(s)) {
		return T(s), nil
	}
	return "", fmt.Errorf("%q is no %s; want one of %s", s, what, join(all))
}

func join[T ~string](all []T) string {
	list := make([]string, len(all))
	for i, v := range all {
		list[i] = string(v)
	}
	return strings.Join(list, ", ")
}
