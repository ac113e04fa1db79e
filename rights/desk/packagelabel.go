package desk

import (
	"encoding/json"
	"strings"

	"github.com/habeas-data/habeas/events"
)

const labelVersion = 1

// The kinds of sealed files.
const (
	labelPackage = "package"
	labelCopy    = "copy"
)

// A label is what is sealed beside a file: whose it is, and until when.
type label struct {
	V       int         `json:"v"`
	Kind    string      `json:"kind"`
	Of      string      `json:"of"` // the case of a package, the task of a copy
	Expires events.Date `json:"expires"`
	// Name and Media are those that the system gave its copy.
	Name  string `json:"name,omitempty"`
	Media string `json:"media,omitempty"`
}

func fileLabel(kind string, of events.EventID, expires events.Date) string {
	return label{Kind: kind, Of: of.String(), Expires: expires}.String()
}

// CopyLabel is the label of a copy of an export.
func CopyLabel(task events.EventID, name, media string, expires events.Date) string {
	return label{Kind: labelCopy, Of: task.String(), Expires: expires, Name: name, Media: media}.String()
}

func (l label) String() string {
	l.V = labelVersion
	b, _ := json.Marshal(l) // plain strings and a day always encode
	return string(b)
}

// readLabel reads what String wrote; false for anything else.
func readLabel(s string) (label, bool) {
	var l label
	d := json.NewDecoder(strings.NewReader(s))
	d.DisallowUnknownFields()
	if d.Decode(&l) != nil || l.V != labelVersion || l.Kind != labelPackage && l.Kind != labelCopy || l.Expires.IsZero() {
		return label{}, false
	}
	if _, err := events.ParseEventID(l.Of); err != nil {
		return label{}, false
	}
	return l, true
}

// CopyKey is what the id of a copy is a keyed digest of: one file for each task
// and name, so that sending it again takes the place of the one before.
func CopyKey(task events.EventID, name string) events.Plaintext {
	return events.NewPlaintext("copy/" + task.String() + "/" + name)
}
