package cases

import (
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/decide"
)

// A Final is what was decided for one holding under one right, as an approval
// keeps it: codes, days and handles, and no words but a
// corrected value. The names of its fields are
// short because a plan may have ten thousand of them.
type Final struct {
	Right      catalogue.RightKind `json:"r"`
	Holding    string              `json:"h"`
	Handle     events.Handle       `json:"n"`
	System     events.Code         `json:"s"`
	Dataset    events.Code         `json:"d,omitempty"`
	Activity   string              `json:"a,omitempty"`
	Category   string              `json:"c,omitempty"`
	Item       *Ref                `json:"i,omitempty"`
	RecordDate events.Date         `json:"rd,omitzero"`
	Outcome    decide.Outcome      `json:"o"`
	Code       decide.Code         `json:"w"`
	Until      events.Date         `json:"u,omitzero"`
	WaitsFor   string              `json:"e,omitempty"`
	Also       []decide.Also       `json:"al,omitempty"`
	Channels   []events.Code       `json:"ch,omitempty"`
	Keep       *Keep               `json:"k,omitempty"`
	BlockedBy  []string            `json:"bl,omitempty"`
	Detached   bool                `json:"dt,omitempty"` // the purpose ends and the bytes stay
	Restricted bool                `json:"rs,omitempty"`
	Binding    bool                `json:"bi,omitempty"`
	Silent     bool                `json:"si,omitempty"`
	DecideBy   events.Date         `json:"db,omitzero"`
	By         events.Code         `json:"by,omitempty"` // the token of who decided; empty: nobody had to
	Recipients []Told              `json:"to,omitempty"`
	Value      Text                `json:"v,omitempty"` // rectify: what is written instead
}

// A Ref is a handle and the kind of what stands behind it.
type Ref struct {
	Handle events.Handle `json:"h"`
	Kind   events.Code   `json:"k,omitempty"`
}

// Keep names what stays of a holding that goes, for others that are kept.
type Keep struct {
	Elements []string    `json:"el"`
	Until    events.Date `json:"u,omitzero"`
	WaitsFor string      `json:"e,omitempty"`
}

// Told is one recipient of a holding and what it is told.
type Told struct {
	Recipient  events.Code             `json:"r,omitempty"` // or a person
	Person     *Ref                    `json:"p,omitempty"`
	ActingAs   catalogue.RecipientKind `json:"as,omitempty"`
	Action     decide.Action           `json:"a"`
	Verb       decide.Verb             `json:"v,omitempty"`
	Impossible bool                    `json:"im,omitempty"` // known before that it, or a part of it, cannot be done
	Silent     bool                    `json:"si,omitempty"`
}

// erases reports whether bytes go because of it.
func (f *Final) erases() bool { return f.Outcome == decide.Erase && !f.Detached }

// acts reports whether a system or a recipient has something to do because of it,
// beside giving a copy.
func (f *Final) acts() bool {
	return ownVerb(f) != "" && ownVerb(f) != VerbExport || len(f.Also) > 0 && !slices.Equal(f.Also, []decide.Also{decide.OfferObjection}) ||
		slices.ContainsFunc(f.Recipients, func(t Told) bool { return t.Action != decide.NoAction })
}

// ownVerb is what the system that holds it does; empty for nothing.
func ownVerb(f *Final) Verb {
	switch {
	case f.Outcome == decide.Erase && f.Detached:
		// The purpose ends and the bytes stay for another: closed to this one.
		return VerbSuppress
	case f.Outcome == decide.Erase:
		return VerbErase
	case f.Outcome == decide.Restrict, f.Outcome == decide.Retain && f.Restricted:
		return VerbRestrict
	case f.Outcome == decide.Stop:
		return VerbSuppress
	case f.Outcome == decide.Rectify:
		return VerbRectify
	case f.Outcome == decide.Disclose:
		return VerbExport
	}
	return ""
}
