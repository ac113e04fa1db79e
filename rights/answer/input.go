package answer

import (
	"errors"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/decide"
)

var (
	// ErrUndecided is returned while a holding waits for a person.
	ErrUndecided = errors.New("not everything is decided")
	// ErrContested is returned while it is open whose records some are.
	ErrContested = errors.New("it is contested whose records these are")
	// ErrNoCopy is returned where a system holds data to give, has sent no copy,
	// and nobody said why.
	ErrNoCopy = errors.New("a system has sent no copy and no reason is on record")
)

// A Decided is what was decided about one holding under one right.
type Decided struct {
	Holding string
	Right   catalogue.RightKind
	Outcome decide.Outcome
	Code    decide.Code
	Silent  bool
}

// An Input is all that an answer is made of.
type Input struct {
	Case           string
	Received, Made events.Date
	Jurisdiction   decide.Jurisdiction
	Catalogue      *catalogue.Catalogue
	Footprint      *events.Footprint
	Decided        []Decided
	// Rights finds the rights about a holding by the law of the day, by its id.
	Rights func(holding string) []decide.RightOf
	// Copies are the files that systems sent, with the names they have in the
	// package.
	Copies []Copy
	// NoCopy says why a system sent none, by system: a sentence.
	NoCopy    map[string]string
	Automated []AutomatedFact
	// Identity names the evidence of who asks, never shows it; Authority likewise
	// where somebody asks for the person.
	Identity, Authority string
	// Fee is set where one was asked, in words.
	Fee string
	// Scope is what the person narrowed the request to, in words; empty: all.
	Scope string
}

// An AutomatedFact is a decision that a system reported.
type AutomatedFact struct {
	decide.AutomatedDecision
	Logic, Meaning string // in words; empty where nothing is recorded
	Special        bool
}

// fate is what becomes of a holding in the answer.
type fate struct {
	show, withhold, refer bool
	code                  decide.Code
}

// fates sorts the decisions about one right by holding. What is left out without
// a word has a fate that does nothing, and is no different from what was not
// asked about.
func (in *Input) fates(right catalogue.RightKind) (map[string]fate, error) {
	out := map[string]fate{}
	for _, d := range in.Decided {
		if d.Right != right {
			continue
		}
		f := fate{code: d.Code}
		switch d.Outcome {
		case decide.Disclose:
			f.show = true
		case decide.Withhold:
			f.withhold = !d.Silent && !secret(d.Code)
		case decide.Refer:
			f.refer = true
		case decide.None:
		default:
			return nil, fmt.Errorf("make an answer: a holding is to %s: %w", d.Outcome, ErrUndecided)
		}
		if _, twice := out[d.Holding]; twice {
			return nil, fmt.Errorf("make an answer: a holding was decided twice: %w", ErrUndecided)
		}
		out[d.Holding] = f
	}
	return out, nil
}

// secret reports whether a code withholds by a rule that speaking of can defeat.
func secret(c decide.Code) bool {
	return slices.ContainsFunc(decide.Exemptions(), func(x decide.ExemptionRule) bool { return x.Secret && x.Withholds() == c })
}

// check refuses what cannot be answered yet. A holding without a decision stops
// it where the law wants it in the answer: what was held at receipt, and in the
// Union also what was stored since.
func (in *Input) check(fates map[string]fate) error {
	if in.Footprint == nil || in.Catalogue == nil || in.Rights == nil {
		return errors.New("make an answer: want a footprint, a catalogue and the rights of each holding")
	}
	for _, c := range in.Footprint.Contested {
		if !c.Decided {
			return fmt.Errorf("make an answer: %w", ErrContested)
		}
	}
	atAnswer := decide.InForce(decide.CopiesAtAnswer, in.Jurisdiction, in.Made)
	for i := range in.Footprint.Holdings {
		h := &in.Footprint.Holdings[i]
		if _, ok := fates[h.ID]; ok || gone(h) {
			continue
		}
		if atAnswer || events.DateOf(h.FirstSeen.Time()) <= in.Received {
			return fmt.Errorf("make an answer: a holding has no decision: %w", ErrUndecided)
		}
	}
	return nil
}

// gone reports whether nothing is held any more.
func gone(h *events.Holding) bool { return h.State == "erased" || h.State == "removed" }
