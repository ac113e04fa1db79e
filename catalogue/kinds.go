package catalogue

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// AtEnd is what is done with data when its period ends.
type AtEnd string

const (
	AtEndErase     AtEnd = "erase"
	AtEndStop      AtEnd = "stop" // no further use; a person decides what becomes of it
	AtEndReview    AtEnd = "review"
	AtEndReturn    AtEnd = "return"
	AtEndAnonymise AtEnd = "anonymise"
)

func (e *AtEnd) UnmarshalText(b []byte) error {
	return oneOf(e, b, AtEndErase, AtEndStop, AtEndReview, AtEndReturn, AtEndAnonymise)
}

// Round moves the day a period is counted from.
type Round string

// RoundFinancialYear counts from the end of the financial year that the trigger
// falls in. The day on which that year ends is a decision.
const RoundFinancialYear Round = "financial_year_end"

func (r *Round) UnmarshalText(b []byte) error { return oneOf(r, b, RoundFinancialYear) }

// Modality says what a period is: the least, the exact or the greatest time.
type Modality string

const (
	ModalityFixed   Modality = "fixed"
	ModalityMinimum Modality = "minimum"
	ModalityMaximum Modality = "maximum"
)

func (m *Modality) UnmarshalText(b []byte) error {
	return oneOf(m, b, ModalityFixed, ModalityMinimum, ModalityMaximum)
}

// Place says where in the notice a fact of a row stands.
type Place string

const (
	PlaceRow   Place = "row"
	PlaceProse Place = "prose"
)

func (p *Place) UnmarshalText(b []byte) error { return oneOf(p, b, PlaceRow, PlaceProse) }

// Actor is who makes a milestone happen.
type Actor string

const (
	BySubject      Actor = "subject" // it may never happen
	ByOrganisation Actor = "organisation"
	ByAuthority    Actor = "authority"
	ByNature       Actor = "nature" // it happens to everybody
)

func (a *Actor) UnmarshalText(b []byte) error {
	return oneOf(a, b, BySubject, ByOrganisation, ByAuthority, ByNature)
}

// Region is a part of the world where a notice names no country.
type Region string

const (
	Worldwide  Region = "worldwide"
	InsideUK   Region = "uk"
	InsideEU   Region = "eu"
	InsideEEA  Region = "eea"
	OutsideUK  Region = "outside_uk"
	OutsideEU  Region = "outside_eu"
	OutsideEEA Region = "outside_eea"
)

func (r *Region) UnmarshalText(b []byte) error {
	return oneOf(r, b, Worldwide, InsideUK, InsideEU, InsideEEA, OutsideUK, OutsideEU, OutsideEEA)
}

// Sensitivity is what a category that is plain by itself may bring in.
type Sensitivity string

const (
	MayBeSpecial  Sensitivity = "special"
	MayBeCriminal Sensitivity = "criminal"
)

func (s *Sensitivity) UnmarshalText(b []byte) error {
	return oneOf(s, b, MayBeSpecial, MayBeCriminal)
}

// Officer is who a notice names for data protection.
type Officer string

const (
	OfficerNamed     Officer = "named"  // a data protection officer with a name
	OfficerExists    Officer = "exists" // a data protection officer without one
	OfficerOther     Officer = "other"  // somebody else to write to
	OfficerNotStated Officer = "not_stated"
)

func (o *Officer) UnmarshalText(b []byte) error {
	return oneOf(o, b, OfficerNamed, OfficerExists, OfficerOther, OfficerNotStated)
}

// Profiling says whether an activity judges people by machine.
type Profiling string

const (
	ProfilingStated  Profiling = "stated"
	ProfilingLikely  Profiling = "likely" // the wording describes it without the word
	ProfilingDenied  Profiling = "denied"
	DecisionsByAlone Profiling = "solely_automated" // Article 22(1)
)

func (p *Profiling) UnmarshalText(b []byte) error {
	return oneOf(p, b, ProfilingStated, ProfilingLikely, ProfilingDenied, DecisionsByAlone)
}

// ChannelUse says when a channel may be used for an activity.
type ChannelUse string

const (
	UseByDefault ChannelUse = "default" // unless the person objects
	UseIfAgreed  ChannelUse = "agreed"  // after the person agreed
	UseIfConsent ChannelUse = "consent" // on consent under Article 7
	UseIfAsked   ChannelUse = "requested"
)

func (u *ChannelUse) UnmarshalText(b []byte) error {
	return oneOf(u, b, UseByDefault, UseIfAgreed, UseIfConsent, UseIfAsked)
}

// RightKind is a right of the law, by the word that requests use.
type RightKind string

const (
	RightInformed        RightKind = "informed"
	RightAccess          RightKind = "access"
	RightRectification   RightKind = "rectification"
	RightErasure         RightKind = "erasure"
	RightRestriction     RightKind = "restriction"
	RightPortability     RightKind = "portability"
	RightObjection       RightKind = "objection"
	RightMarketing       RightKind = "objection-marketing"
	RightWithdrawConsent RightKind = "withdraw-consent"
	RightAutomated       RightKind = "automated-decision"
	RightComplaint       RightKind = "complaint"           // to the organisation
	RightAuthority       RightKind = "complaint-authority" // Article 77
	RightOther           RightKind = "other"
)

func (k *RightKind) UnmarshalText(b []byte) error {
	return oneOf(k, b, RightInformed, RightAccess, RightRectification, RightErasure, RightRestriction, RightPortability,
		RightObjection, RightMarketing, RightWithdrawConsent, RightAutomated, RightComplaint, RightAuthority, RightOther)
}

// A MonthDay is a day of every year, such as the end of a financial year. The
// zero MonthDay is "none given".
type MonthDay struct {
	Month time.Month
	Day   int
}

// IsZero serves omitzero: none given.
func (d MonthDay) IsZero() bool { return d.Month == 0 }

func (d MonthDay) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%02d-%02d", d.Month, d.Day)
}

// MarshalText writes MM-DD.
func (d MonthDay) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads MM-DD. 29 February is refused: it is not in every year.
func (d *MonthDay) UnmarshalText(b []byte) error {
	t, err := time.Parse("2006-01-02", "2025-"+string(b))
	if err != nil || len(b) != 5 {
		return fmt.Errorf("want a month and a day that every year has, such as 03-31")
	}
	*d = MonthDay{t.Month(), t.Day()}
	return nil
}

// An IRI names a term of a published vocabulary. In YAML it may be written with
// the prefix of the Data Privacy Vocabulary: pd:Name.
type IRI string

// prefixes are those of the Data Privacy Vocabulary 2.3.
var prefixes = map[string]string{
	"dpv":           "https://w3id.org/dpv#",
	"pd":            "https://w3id.org/dpv/pd#",
	"eu-gdpr":       "https://w3id.org/dpv/legal/eu/gdpr#",
	"legal-gb":      "https://w3id.org/dpv/legal/gb#",
	"sector-health": "https://w3id.org/dpv/sector/health#",
}

// UnmarshalText reads an absolute IRI or a prefixed term.
func (i *IRI) UnmarshalText(b []byte) error {
	s := string(b)
	if p, term, ok := strings.Cut(s, ":"); ok && prefixes[p] != "" && term != "" {
		s = prefixes[p] + term
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.ContainsAny(s, " <>\"{}|\\^`") {
		return fmt.Errorf("want an absolute IRI, or a term such as pd:Name or dpv:DirectMarketing")
	}
	*i = IRI(s)
	return nil
}
