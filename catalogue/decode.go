package catalogue

import (
	"encoding"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"github.com/habeas-data/habeas/events"
	"go.yaml.in/yaml/v3"
)

// maxText is the greatest length of one piece of text in a catalogue.
const maxText = 1000

var (
	codeType = reflect.TypeFor[events.Code]()
	// shortForms are the structs that may be written as one code.
	shortForms = map[reflect.Type]string{
		reflect.TypeFor[Element]():   "ID",
		reflect.TypeFor[Condition](): "Article",
	}
)

// decode reads one node of YAML into v and goes on after every fault, so that
// all of them are told at once. Unknown keys, repeated keys, wrong types and
// aliases are faults; a null is "not given".
func (l *loader) decode(n *yaml.Node, v reflect.Value, path string) {
	l.lines[v.Addr().Interface()] = n.Line
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		l.fail(n.Line, "%s: anchors and aliases are not part of the format; write the value out", path)
		return
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		l.decodeText(n, u, path)
		return
	}
	switch {
	case v.Type() == codeType:
		l.decodeCode(n, v, path)
	case n.Kind == yaml.ScalarNode && shortForms[v.Type()] != "":
		l.decodeCode(n, v.FieldByName(shortForms[v.Type()]), path)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		l.decode(n, v.Elem(), path)
	case v.Kind() == reflect.Struct:
		l.decodeStruct(n, v, path)
	case v.Kind() == reflect.Slice:
		l.decodeList(n, v, path)
	default:
		l.decodeScalar(n, v, path)
	}
}

func (l *loader) decodeText(n *yaml.Node, u encoding.TextUnmarshaler, path string) {
	if n.Kind != yaml.ScalarNode {
		l.fail(n.Line, "%s: want one value, got a %s", path, kindWord(n))
		return
	}
	if err := u.UnmarshalText([]byte(n.Value)); err != nil {
		l.refused[u] = true
		l.fail(n.Line, "%s: %q: %v", path, short(n.Value), err)
	}
}

func (l *loader) decodeCode(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.ScalarNode {
		l.fail(n.Line, "%s: want a code, got a %s", path, kindWord(n))
		return
	}
	c, err := events.ParseCode(n.Value)
	if err != nil {
		l.refused[v.Addr().Interface()] = true
		l.fail(n.Line, "%s: %q: %v", path, short(n.Value), err)
		return
	}
	v.SetString(string(c))
	if n.Value != string(c) {
		l.printed[v.Addr().Interface()] = n.Value
	}
	l.lines[v.Addr().Interface()] = n.Line
}

func (l *loader) decodeStruct(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
		l.fail(n.Line, "%swant keys and values, got a %s", prefix(path), kindWord(n))
		return
	}
	fields := fieldsOf(v.Type())
	seen := make(map[string]bool, len(n.Content)/2)
	bad := map[string]bool{} // keys whose value already has a fault of its own
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		f, known := fields.byName[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode || !known:
			l.fail(key.Line, "%sunknown key %q; want one of %s", prefix(path), short(key.Value), fields.names)
		case seen[key.Value]:
			l.fail(key.Line, "%skey %q stands twice", prefix(path), key.Value)
		default:
			seen[key.Value] = true
			before := len(l.faults)
			l.decode(val, v.FieldByIndex(f.Index), join(path, key.Value))
			bad[key.Value] = len(l.faults) > before
		}
	}
	for _, name := range fields.wanted {
		switch {
		case !seen[name]:
			l.fail(n.Line, "%skey %q is missing", prefix(path), name)
		case !bad[name] && v.FieldByIndex(fields.byName[name].Index).IsZero():
			l.fail(n.Line, "%skey %q is empty", prefix(path), name)
		}
	}
}

func (l *loader) decodeList(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.SequenceNode {
		l.fail(n.Line, "%s: want a list, got a %s", path, kindWord(n))
		return
	}
	// Made at full length first: l.lines keeps pointers to the elements.
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, e := range n.Content {
		l.decode(e, v.Index(i), path+"["+strconv.Itoa(i)+"]")
	}
}

func (l *loader) decodeScalar(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.ScalarNode {
		l.fail(n.Line, "%s: want one value, got a %s", path, kindWord(n))
		return
	}
	switch v.Kind() {
	case reflect.String:
		if !plainText(n.Value) {
			l.fail(n.Line, "%s: want text of at most %d bytes on one line", path, maxText)
			return
		}
		v.SetString(strings.TrimSpace(n.Value))
	case reflect.Bool:
		if n.Value != "true" && n.Value != "false" {
			l.fail(n.Line, "%s: %q: want true or false", path, short(n.Value))
			return
		}
		v.SetBool(n.Value == "true")
	case reflect.Int:
		i, err := strconv.ParseInt(n.Value, 10, 32)
		if err != nil || i < 0 {
			l.fail(n.Line, "%s: %q: want a whole number", path, short(n.Value))
			return
		}
		v.SetInt(i)
	default:
		panic("catalogue: no decoding for " + v.Type().String())
	}
}

// plainText reports whether text is short and on one line.
func plainText(s string) bool {
	return len(s) <= maxText && !strings.ContainsFunc(s, unicode.IsControl)
}

// structFields are the keys of one struct of the format.
type structFields struct {
	byName map[string]reflect.StructField
	names  string
	wanted []string
}

func fieldsOf(t reflect.Type) structFields {
	s := structFields{byName: map[string]reflect.StructField{}}
	var names []string
	for _, f := range reflect.VisibleFields(t) { // an embedded Term's keys stand beside the others
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || f.Anonymous || name == "" || name == "-" {
			continue
		}
		s.byName[name] = f
		names = append(names, name)
		if f.Tag.Get("want") != "" {
			s.wanted = append(s.wanted, name)
		}
	}
	s.names = strings.Join(names, ", ")
	return s
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// prefix begins a sentence about the value at path; the whole file has none.
func prefix(path string) string {
	if path == "" {
		return ""
	}
	return path + ": "
}

func kindWord(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "mapping"
	case yaml.SequenceNode:
		return "list"
	case yaml.ScalarNode:
		return "single value"
	}
	return "node of another kind"
}

// short keeps a quoted value readable in an error.
func short(s string) string {
	r := []rune(s)
	if len(r) > 40 {
		return string(r[:40]) + "..."
	}
	return s
}
