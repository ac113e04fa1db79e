package files

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
)

const noteVersion = 1

// A note is what the vault keeps of a file.
type note struct {
	V      int    `json:"v"`
	Kind   string `json:"kind"` // tells it from other notes
	Key    string `json:"key"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	// Label is whatever the caller wants to find again with the file.
	Label string `json:"label,omitempty"`
}

const noteKind = "file"

func encodeNote(n note) []byte {
	n.V, n.Kind = noteVersion, noteKind
	b, _ := json.Marshal(n) // numbers and plain strings always encode
	return b
}

var errNote = errors.New("the note is not that of a file")

func decodeNote(b []byte) (note, error) {
	var n note
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	// The decoder's own words could repeat the key.
	if err := d.Decode(&n); err != nil || n.V != noteVersion || n.Kind != noteKind || n.Key == "" || n.Size < 0 {
		return note{}, errNote
	}
	if sum, err := hex.DecodeString(n.SHA256); err != nil || len(sum) != 32 {
		return note{}, errNote
	}
	return n, nil
}
