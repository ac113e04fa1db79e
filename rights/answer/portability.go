package answer

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// A Portable is what a person takes with them, or has sent to somebody else: what
// they gave and what was observed of them, on consent or a contract (Article 20).
// It says what each file means and nothing about the organisation's own work.
type Portable struct {
	Version      int        `json:"version"`
	Kind         string     `json:"kind"` // portability
	Case         string     `json:"case"`
	Language     string     `json:"language"`
	Received     string     `json:"received"`
	Made         string     `json:"made"`
	Organisation Party      `json:"organisation"`
	Person       Person     `json:"person"`
	AsOf         AsOf       `json:"as_of"`
	Records      []Record   `json:"records"`
	Withheld     []Withheld `json:"withheld"`
	Copies       []Copy     `json:"copies"`
	// WithoutCopy are the systems of which there is no file, with the reason.
	WithoutCopy []WithoutCopy `json:"without_copy"`
	Simulated   bool          `json:"simulated,omitempty"`
}

// A WithoutCopy is a system of which there is no file.
type WithoutCopy struct {
	System string `json:"system"`
	Name   string `json:"name"`
	Why    string `json:"why"`
}

// A Record says what one kind of data is: the metadata that makes its copy of use
// to somebody else.
type Record struct {
	ID         string         `json:"id"`
	System     string         `json:"system"`
	Name       string         `json:"name"`
	Category   string         `json:"category"`
	What       string         `json:"what"`
	Purpose    string         `json:"purpose"`
	Activity   string         `json:"activity"`
	Provenance string         `json:"provenance"` // provided | observed
	Item       string         `json:"item,omitempty"`
	RecordDate string         `json:"record_date,omitempty"`
	Collected  events.Instant `json:"collected_at"`
	LastSeen   string         `json:"last_seen"`
}

// BuildPortable makes the copy for portability from what was decided to be given
// under that right. A pooled lawful basis is no ground to refuse: until somebody
// has said which one is meant the holding waits, and ErrUndecided is returned.
// Errors as for Build.
func BuildPortable(in Input) (*Portable, error) {
	fates, err := in.fates(catalogue.RightPortability)
	if err != nil {
		return nil, err
	}
	if err := in.check(fates); err != nil {
		return nil, err
	}
	b := builder{in: &in, cat: in.Catalogue, fates: fates}
	b.sort()
	p := &Portable{Version: Version, Kind: "portability", Case: in.Case, Language: "en-GB", Received: in.Received.String(), Made: in.Made.String(),
		Organisation: party(b.cat), Person: b.person(), AsOf: asOf(in.Footprint), Records: []Record{}, Withheld: b.withheld(), Simulated: in.Footprint.Simulated}
	for _, s := range b.systems() {
		for _, h := range s.Holdings {
			p.Records = append(p.Records, Record{ID: h.ID, System: s.System, Name: s.Name, Category: h.Category, What: h.What, Purpose: h.Purpose, Activity: h.Activity,
				Provenance: h.Provenance, Item: h.Item, RecordDate: h.RecordDate, Collected: h.FirstSeen, LastSeen: h.LastSeen})
		}
	}
	if p.Copies, err = b.copies(); err != nil {
		return nil, err
	}
	p.WithoutCopy = b.withoutCopy(p.Copies)
	return p, nil
}

// Write writes an Answer or a Portable as JSON, indented, ending in a line feed.
func Write(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("write an answer: %w", err)
	}
	return nil
}
