package desk

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/habeas-data/habeas/events"
)

// holdNoteVersion is the version of the sealed note of a hold.
const holdNoteVersion = 1

// A holdNote is what is sealed in the vault beside a hold.
type holdNote struct {
	V     int    `json:"v"`
	Owner string `json:"owner"`
	Ref   string `json:"ref,omitempty"`
}

func encodeHoldNote(owner, ref events.Plaintext) ([]byte, error) {
	b, err := json.Marshal(holdNote{V: holdNoteVersion, Owner: owner.Expose(), Ref: ref.Expose()})
	if err != nil {
		return nil, errors.New("encode the note of a hold: it does not fit its form")
	}
	return b, nil
}

func decodeHoldNote(b []byte) (owner, ref string, err error) {
	var n holdNote
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&n); err != nil || n.V != holdNoteVersion || n.Owner == "" {
		return "", "", errors.New("decode the note of a hold: not in its form")
	}
	return n.Owner, n.Ref, nil
}
