package catalogue

import (
	"fmt"
	"slices"
	"strings"
)

// oneOf checks a word of a closed list.
func oneOf[T ~string](v *T, text []byte, list ...T) error {
	if slices.Contains(list, T(text)) {
		*v = T(text)
		return nil
	}
	words := make([]string, len(list))
	for i, w := range list {
		words[i] = string(w)
	}
	return fmt.Errorf("want one of %s", strings.Join(words, ", "))
}

// Status says how a fact is known from the notice. Where the format leaves a
// fact out its status is not_stated; where it gives one, stated, unless said
// otherwise.
type Status string

const (
	Stated      Status = "stated"
	Pooled      Status = "pooled"      // several given, not told apart
	Conditional Status = "conditional" // one or another, depending on something
	Inferred    Status = "inferred"
	NotStated   Status = "not_stated"
)

func (s *Status) UnmarshalText(b []byte) error {
	return oneOf(s, b, Stated, Pooled, Conditional, Inferred, NotStated)
}

// BasisStatus says how the lawful basis of an activity is known.
type BasisStatus string

const (
	BasisStated      BasisStatus = "stated"
	BasisPooled      BasisStatus = "pooled"      // a list for many purposes, not mapped
	BasisConditional BasisStatus = "conditional" // one or another, depending on the law
	BasisInferred    BasisStatus = "inferred"
	BasisNoneStated  BasisStatus = "none_stated"
)

func (s *BasisStatus) UnmarshalText(b []byte) error {
	return oneOf(s, b, BasisStated, BasisPooled, BasisConditional, BasisInferred, BasisNoneStated)
}

// Role is the organisation's part in the processing.
type Role string

const (
	Controller      Role = "controller"
	JointController Role = "joint_controller"
	Processor       Role = "processor"
)

func (r *Role) UnmarshalText(b []byte) error {
	return oneOf(r, b, Controller, JointController, Processor)
}

// Owner says whose a system is.
type Owner string

const (
	Own            Owner = "own"
	OwnedRecipient Owner = "recipient"
)

func (o *Owner) UnmarshalText(b []byte) error { return oneOf(o, b, Own, OwnedRecipient) }

// Medium is what a system keeps its records on.
type Medium string

const (
	Electronic Medium = "electronic"
	Paper      Medium = "paper"
)

func (m *Medium) UnmarshalText(b []byte) error { return oneOf(m, b, Electronic, Paper) }

// Structure says whether a system can find records by person.
type Structure string

const (
	Structured   Structure = "yes"
	Unstructured Structure = "no"
)

func (s *Structure) UnmarshalText(b []byte) error { return oneOf(s, b, Structured, Unstructured) }

// Connection says whether a system is meant to report events.
type Connection string

const (
	Expected    Connection = "expected"
	NotExpected Connection = "not_expected"
)

func (c *Connection) UnmarshalText(b []byte) error { return oneOf(c, b, Expected, NotExpected) }

// SourceKind is what sort of origin a source is.
type SourceKind string

func (k *SourceKind) UnmarshalText(b []byte) error {
	return oneOf(k, b, "subject", "automatic", "third_party", "public", "individual",
		"authority", "controller", "self", "unspecified")
}

// RecipientKind is the role in which a recipient takes data.
type RecipientKind string

const (
	KindController  RecipientKind = "controller"
	KindProcessor   RecipientKind = "processor"
	KindAuthority   RecipientKind = "authority"
	KindIndividual  RecipientKind = "individual"
	KindPublic      RecipientKind = "public"
	KindUnspecified RecipientKind = "unspecified"
	KindNone        RecipientKind = "none" // the notice says that nobody receives it
)

func (k *RecipientKind) UnmarshalText(b []byte) error {
	return oneOf(k, b, KindController, KindProcessor, KindAuthority, KindIndividual, KindPublic, KindUnspecified, KindNone)
}

// Scope says what a milestone speaks of.
type Scope string

const (
	ScopePerson   Scope = "person"
	ScopeActivity Scope = "activity"
	ScopeItem     Scope = "item"
)

func (s *Scope) UnmarshalText(b []byte) error {
	return oneOf(s, b, ScopePerson, ScopeActivity, ScopeItem)
}

// Join says which of several triggers counts.
type Join string

const (
	Later   Join = "later"
	Earlier Join = "earlier"
	// JoinNoneStated: the notice names several and does not say which counts; a
	// person decides.
	JoinNoneStated Join = "none_stated"
)

func (j *Join) UnmarshalText(b []byte) error { return oneOf(j, b, Later, Earlier, JoinNoneStated) }

// Effect is what a retention rule asks for.
type Effect string

const (
	EffectErase         Effect = "erase"
	EffectEraseOrReturn Effect = "erase_or_return"
	EffectReturn        Effect = "return"
	EffectStop          Effect = "stop"
	EffectReview        Effect = "review"
	EffectAnonymise     Effect = "anonymise"
	EffectExtend        Effect = "extend" // keeps longer than the other rules say
)

func (e *Effect) UnmarshalText(b []byte) error {
	return oneOf(e, b, EffectErase, EffectEraseOrReturn, EffectReturn, EffectStop,
		EffectReview, EffectAnonymise, EffectExtend)
}
