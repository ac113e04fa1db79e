package catalogue

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/events"
	"go.yaml.in/yaml/v3"
)

// ShippedDefault is who decided what comes with the program. Until a named
// person adopts such a decision, whatever rests on it is shown as assumed.
const ShippedDefault = "shipped default"

// A Decision is something that the notice leaves open and a person has to
// settle: which of two triggers counts, when the financial year ends, on what
// ground data is kept after its purpose ended. It lies over the catalogue and
// never changes what the notice is on record as saying.
type Decision struct {
	Key   string        `json:"key"` // joins.ic-a09
	Value DecisionValue `json:"value"`
	By    string        `json:"by"`
	On    events.Date   `json:"on,omitzero"`
	Ref   string        `json:"ref,omitempty"`
	kind  DecisionKind  // the part of the key before the dot
	of    string        // the part behind it
}

// Kind is what the decision settles.
func (d Decision) Kind() DecisionKind { return d.kind }

// Of is the activity, rule, milestone or system it settles it for; empty where
// it is for the whole catalogue.
func (d Decision) Of() string { return d.of }

// Assumed reports whether nobody has taken the decision yet.
func (d Decision) Assumed() bool { return d.By == ShippedDefault }

// A DecisionValue is one word, several, or a ground with its reference.
type DecisionValue struct {
	Words  []string
	Ground string // claims or law
	Ref    string // what the ground rests on
}

// String says the value as one text.
func (v DecisionValue) String() string {
	if v.Ground != "" && v.Ref != "" {
		return v.Ground + ": " + v.Ref
	}
	if v.Ground != "" {
		return v.Ground
	}
	return strings.Join(v.Words, ", ")
}

// MarshalJSON writes the value in the shape in which the file has it.
func (v DecisionValue) MarshalJSON() ([]byte, error) {
	if v.Ground != "" {
		return json.Marshal(struct {
			Ground string `json:"ground"`
			Ref    string `json:"ref,omitempty"`
		}{v.Ground, v.Ref})
	}
	if len(v.Words) == 1 {
		return json.Marshal(v.Words[0])
	}
	return json.Marshal(v.Words)
}

// Decisions are all the decisions of one file, read-only. The file is flat:
//
//	joins.res-01: {value: later, by: shipped default, on: 2026-11-21, ref: K3}
type Decisions struct {
	file  string
	list  []Decision
	byKey map[string]int
	lines map[string]int
}

// All lists the decisions in the order of the file. Read-only.
func (d *Decisions) All() []Decision {
	if d == nil {
		return nil
	}
	return d.list
}

// Get finds a decision by its key, in either case. A key that is not there has
// no default: what depends on it stays open.
func (d *Decisions) Get(key string) (Decision, bool) {
	if d == nil {
		return Decision{}, false
	}
	i, ok := d.byKey[strings.ToLower(key)]
	if !ok {
		return Decision{}, false
	}
	return d.list[i], true
}

// Digest is the SHA-256 of the decisions in their order, without layout and
// comments; zero where there are none. Two plans that rest on different
// decisions can be told apart by it.
func (d *Decisions) Digest() [sha256.Size]byte {
	if d == nil || len(d.list) == 0 {
		return [sha256.Size]byte{}
	}
	b, err := json.Marshal(d.list)
	if err != nil {
		panic("catalogue: decisions that were loaded cannot be written: " + err.Error())
	}
	return sha256.Sum256(b)
}

// LoadDecisions reads a file of decisions: every fault at once, or all of them.
// Whether the keys fit a catalogue is checked by Catalogue.WithDecisions.
func LoadDecisions(name string, r io.Reader) (*Decisions, error) {
	d, l, err := readDecisions(name, r)
	if err != nil {
		return nil, err
	}
	if err := l.err(); err != nil {
		return nil, err
	}
	return d, nil
}

// readDecisions reads what can be read; the loader has the faults of the rest.
func readDecisions(name string, r io.Reader) (*Decisions, *loader, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read decisions %s: %w", name, err)
	}
	if len(b) > MaxSize {
		return nil, nil, Errors{{name, 0, fmt.Sprintf("want at most %d bytes", MaxSize)}}
	}
	doc, err := parse(name, b, "decisions; {} for none")
	if err != nil {
		return nil, nil, err
	}
	l := newLoader(name)
	d := &Decisions{file: name, byKey: map[string]int{}, lines: map[string]int{}}
	seen := map[string]bool{}
	if doc.Kind != yaml.MappingNode {
		l.fail(doc.Line, "want keys such as joins.<activity>, got a %s", kindWord(doc))
		return d, l, nil
	}
	for i := 0; i+1 < len(doc.Content); i += 2 {
		key := strings.ToLower(doc.Content[i].Value)
		if seen[key] {
			l.fail(doc.Content[i].Line, "key %q stands twice", short(key))
			continue
		}
		seen[key] = true
		l.decision(d, doc.Content[i], doc.Content[i+1])
	}
	return d, l, nil
}

// Decide reads decisions and puts them over the catalogue in place of those it
// has, or tells every fault at once: of their form, and of what fits nothing in
// the catalogue.
func (c *Catalogue) Decide(name string, r io.Reader) (*Catalogue, error) {
	d, l, err := readDecisions(name, r)
	if err != nil {
		return nil, err
	}
	c.fit(d, l)
	if err := l.err(); err != nil {
		return nil, err
	}
	return c.WithDecisions(d)
}

// LoadDecisionsFile reads the decisions in a file.
func LoadDecisionsFile(path string) (*Decisions, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open decisions: %w", err)
	}
	defer f.Close()
	return LoadDecisions(path, f)
}

// ShippedDecisions are the defaults that come with a shipped catalogue; nil
// where none do.
func ShippedDecisions(name string) (*Decisions, error) {
	file := name + ".decisions.yaml"
	f, err := notices.Open("notices/" + file)
	if err != nil {
		return nil, nil
	}
	defer f.Close()
	return LoadDecisions(file, f)
}

// ShippedDecisionsText is how those defaults stand in their file.
func ShippedDecisionsText(name string) ([]byte, error) {
	b, err := notices.ReadFile("notices/" + name + ".decisions.yaml")
	if err != nil {
		return nil, fmt.Errorf("read the shipped decisions of %q: %w", name, err)
	}
	return b, nil
}

// decision reads one key and what stands under it.
func (l *loader) decision(d *Decisions, k, n *yaml.Node) {
	kind, of, dotted := strings.Cut(strings.ToLower(k.Value), ".")
	form, known := decisionForms[DecisionKind(kind)]
	switch {
	case k.Kind != yaml.ScalarNode || !known:
		l.fail(k.Line, "unknown key %q; want one of %s", short(k.Value), decisionKeys())
		return
	case form.of == ofNothing && dotted, form.of != ofNothing && of == "":
		l.fail(k.Line, "key %q: want %s", short(k.Value), form.key(DecisionKind(kind)))
		return
	}
	dec := Decision{Key: strings.ToLower(k.Value), kind: DecisionKind(kind), of: of}
	if n.Kind != yaml.MappingNode {
		l.fail(n.Line, "%s: want {value, by, on, ref}, got a %s", dec.Key, kindWord(n))
		return
	}
	before := len(l.faults)
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		if seen[key.Value] {
			l.fail(key.Line, "%s: key %q stands twice", dec.Key, key.Value)
			continue
		}
		seen[key.Value] = true
		l.decisionPart(&dec, form, key, val)
	}
	for _, must := range []string{"value", "by", "on"} {
		if !seen[must] {
			l.fail(n.Line, "%s: key %q is missing", dec.Key, must)
		}
	}
	if len(l.faults) > before {
		return
	}
	d.byKey[dec.Key], d.lines[dec.Key] = len(d.list), k.Line
	d.list = append(d.list, dec)
}

func (l *loader) decisionPart(dec *Decision, form decisionForm, key, val *yaml.Node) {
	if val.Kind == yaml.AliasNode || val.Anchor != "" {
		l.fail(val.Line, "%s.%s: anchors and aliases are not part of the format; write the value out", dec.Key, key.Value)
		return
	}
	text := strings.TrimSpace(val.Value)
	switch key.Value {
	case "value":
		l.decisionValue(dec, form, val)
		return
	case "by":
		dec.By = text
	case "on":
		if err := dec.On.UnmarshalText([]byte(text)); err != nil {
			l.fail(val.Line, "%s.on: %q: %v", dec.Key, short(text), err)
		}
	case "ref":
		dec.Ref = text
	default:
		l.fail(key.Line, "%s: unknown key %q; want one of value, by, on, ref", dec.Key, short(key.Value))
		return
	}
	if val.Kind != yaml.ScalarNode || (text == "" && key.Value != "ref") || !plainText(text) {
		l.fail(val.Line, "%s.%s: want text of at most %d bytes on one line", dec.Key, key.Value, maxText)
	}
}

func (l *loader) decisionValue(dec *Decision, form decisionForm, n *yaml.Node) {
	path := dec.Key + ".value"
	before := len(l.faults)
	fault := func(n *yaml.Node) { l.fail(n.Line, "%s: %q: want %s", path, short(n.Value), form.want) }
	switch {
	case form.ground && n.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, val := n.Content[i], n.Content[i+1]
			switch {
			case val.Kind != yaml.ScalarNode || !plainText(val.Value):
				l.fail(val.Line, "%s.%s: want text of at most %d bytes on one line", path, short(key.Value), maxText)
			case key.Value == "ground" && slices.Contains(grounds, val.Value):
				dec.Value.Ground = val.Value
			case key.Value == "ground":
				l.fail(val.Line, "%s.ground: %q: want one of %s", path, short(val.Value), strings.Join(grounds, ", "))
			case key.Value == "ref":
				dec.Value.Ref = strings.TrimSpace(val.Value)
			default:
				l.fail(key.Line, "%s: unknown key %q; want ground and ref", path, short(key.Value))
			}
		}
		if dec.Value.Ground == "" && len(l.faults) == before {
			l.fail(n.Line, "%s: want {ground, ref} with a ground of %s", path, strings.Join(grounds, ", "))
		}
	case form.ground:
		l.fail(n.Line, "%s: want {ground, ref}, got a %s", path, kindWord(n))
	case n.Kind == yaml.ScalarNode:
		if w, ok := form.word(n.Value); ok {
			dec.Value.Words = []string{w}
		} else {
			fault(n)
		}
	case n.Kind == yaml.SequenceNode && form.many:
		for _, e := range n.Content {
			if w, ok := form.word(e.Value); ok && e.Kind == yaml.ScalarNode && !slices.Contains(dec.Value.Words, w) {
				dec.Value.Words = append(dec.Value.Words, w)
			} else {
				fault(e)
			}
		}
		if len(n.Content) == 0 {
			fault(n)
		}
	default:
		l.fail(n.Line, "%s: want %s, got a %s", path, form.want, kindWord(n))
	}
}
