package desk

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
)

// noteVersion is the version of the sealed note of a look or decision.
const noteVersion = 2

// A note is what is sealed in the vault beside an audit record: why, about which
// handles, and the salt that opens the record's commitment to them (and to those
// of whom something was shown beside them, who are counted only). Side by side
// the handles say which are one person, so a note must not outlive that person:
// by them it is found and shredded once all of them are forgotten, which leaves
// a record that opens to nobody. Version 1 held no handles.
type note struct {
	V        int             `json:"v"`
	Reason   string          `json:"reason"`
	Salt     string          `json:"salt"`
	Subjects int             `json:"subjects"`
	About    []events.Handle `json:"about,omitempty"`
}

func encodeNote(reason events.Plaintext, o audit.Opening, about []events.Handle) ([]byte, error) {
	b, err := json.Marshal(note{V: noteVersion, Reason: reason.Expose(), Salt: hex.EncodeToString(o.Salt[:]), Subjects: len(o.Handles), About: about})
	if err != nil {
		return nil, errors.New("encode a note: it does not fit its form")
	}
	return b, nil
}

func decodeNote(b []byte) (note, error) {
	var n note
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&n); err != nil {
		// The decoder's own words could repeat the text.
		return note{}, errors.New("decode a note: not in its form")
	}
	if n.V < 1 || n.V > noteVersion {
		return note{}, fmt.Errorf("decode a note: version %d is not known here; want at most %d", n.V, noteVersion)
	}
	salt, err := hex.DecodeString(n.Salt)
	if err != nil || len(salt) != len(audit.Opening{}.Salt) {
		return note{}, errors.New("decode a note: no salt")
	}
	return n, nil
}

// NoteAbout reads whom the sealed note of a look or decision is about, so that
// it can be shredded with them; nobody, where it does not say.
func NoteAbout(body []byte) ([]events.Handle, error) {
	n, err := decodeNote(body)
	return n.About, err
}

// record seals the reason and appends the entry. Its errors wrap
// ErrNotRecorded: the caller shows and does nothing.
func (d *Desk) record(ctx context.Context, who access.Caller, act events.Code, about []events.Handle, reason events.Plaintext, outcome events.Code, at events.Position) error {
	_, err := d.recordNote(ctx, who, act, about, nil, reason, outcome, at)
	return err
}

// recordNote is record for a look that also shows something of others, beside
// those whom it is about. The record stands for all of them; the note goes with
// those whom it is about, for it is their reason.
func (d *Desk) recordNote(ctx context.Context, who access.Caller, act events.Code, about, others []events.Handle, reason events.Plaintext, outcome events.Code, at events.Position) (events.EventID, error) {
	return d.recordEntry(ctx, who, audit.Entry{Act: act, Outcome: outcome, Position: at}, about, others, reason)
}

// recordOn is record of a look that is about a system or a recipient.
func (d *Desk) recordOn(ctx context.Context, who access.Caller, act, target events.Code, about []events.Handle, reason events.Plaintext, outcome events.Code, at events.Position) error {
	_, err := d.recordEntry(ctx, who, audit.Entry{Act: act, Target: target, Outcome: outcome, Position: at}, about, nil, reason)
	return err
}

func (d *Desk) recordEntry(ctx context.Context, who access.Caller, e audit.Entry, about, others []events.Handle, reason events.Plaintext) (events.EventID, error) {
	note, _, err := d.recordNumbered(ctx, who, e, about, others, reason)
	return note, err
}

// recordNumbered is recordEntry for whoever needs the record's place in the log.
func (d *Desk) recordNumbered(ctx context.Context, who access.Caller, e audit.Entry, about, others []events.Handle, reason events.Plaintext) (events.EventID, int64, error) {
	e.Actor, e.Name = who.Token, who.Name
	act := e.Act
	for _, r := range who.Roles {
		e.Roles = append(e.Roles, string(r))
	}
	fail := func(err error) (events.EventID, int64, error) {
		d.d.Log.ErrorContext(ctx, "a look was not recorded and so not answered", "act", string(act), "error", err)
		return events.EventID{}, 0, errors.Join(ErrNotRecorded, err)
	}
	if len(about) > 0 || !reason.IsZero() {
		commitment, opening, err := audit.Commit(d.d.Rand, distinct(about, others))
		if err != nil {
			return fail(err)
		}
		if len(about) > 0 {
			e.About = commitment
		}
		body, err := encodeNote(reason, opening, about)
		if err != nil {
			return fail(err)
		}
		// A crash after the note and before the record leaves a sealed note that no
		// record names: nobody can ask for it, and nothing was shown.
		if e.Note, err = d.d.Sealer.Seal(ctx, body); err != nil {
			return fail(fmt.Errorf("seal the reason: %w", err))
		}
	}
	// I7: durable before anything of the answer is read or done.
	n, err := d.d.Audit.Append(ctx, e)
	if err != nil {
		return fail(err)
	}
	return e.Note, n, nil
}

// distinct is the handles of both lists in their order, each once.
func distinct(a, b []events.Handle) []events.Handle {
	all := slices.Concat(a, b)
	slices.SortFunc(all, func(x, y events.Handle) int { return bytes.Compare(x[:], y[:]) })
	return slices.Compact(all)
}

// Reason opens the reason that was given for a recorded look or decision.
// Opening it is recorded first. Errors: ErrForbidden, ErrGone, ErrNotRecorded.
func (d *Desk) Reason(ctx context.Context, who access.Caller, id events.EventID) (ReasonView, error) {
	if !who.May(access.AuditOpen) {
		return ReasonView{}, ErrForbidden
	}
	if err := d.record(ctx, who, events.Code(access.AuditOpen), nil, events.Plaintext{}, audit.Done, events.Position{}); err != nil {
		return ReasonView{}, err
	}
	b, err := d.d.Revealer.OpenNote(ctx, id)
	if err != nil {
		return ReasonView{}, errors.Join(ErrGone, err)
	}
	n, err := decodeNote(b)
	if err != nil {
		return ReasonView{}, errors.Join(ErrGone, err) // a note of another kind
	}
	return ReasonView{Reason: n.Reason, Subjects: n.Subjects}, nil
}
