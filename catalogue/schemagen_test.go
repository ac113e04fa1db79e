package catalogue

import (
	"encoding"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
)

// A form is a piece of JSON Schema.
type form map[string]any

func ref(name string) form { return form{"$ref": "#/$defs/" + name} }

// A schemaWriter makes the published schema of catalogue files from the Go
// model: keys from the tags, words from the types that read them, sentences
// from the comments.
type schemaWriter struct {
	t       *testing.T
	comment map[string]string // "Type" or "Type.Field" -> what the source says of it
	defs    form
}

const codePattern = `^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`

// scalars are what one value of a type looks like where no list of words says
// it. A number may stand for a code or for a line: YAML reads 7 as one.
var scalars = map[reflect.Type]form{
	reflect.TypeFor[events.Code](): {"type": []string{"string", "number"}, "pattern": codePattern, "not": form{"pattern": `[0-9]{6}|^undeclared(\.|$)`},
		"description": "A code: case does not matter; never six digits in a row."},
	reflect.TypeFor[RuleID]():      {"type": []string{"string", "number"}, "pattern": codePattern, "description": "The id of a retention rule. It keeps its case."},
	reflect.TypeFor[Period]():      {"type": "string", "pattern": `^P([0-9]{1,4}Y)?([0-9]{1,4}M)?([0-9]{1,4}W)?([0-9]{1,4}D)?(T[0-9]{1,4}H)?$`, "not": form{"pattern": "[PT]$"}, "description": "An ISO 8601 period: P7Y, P6M, P2W, P30D, PT12H, P0D."},
	reflect.TypeFor[Trigger]():     {"type": "string", "pattern": `^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(:[A-Za-z0-9][A-Za-z0-9._-]{0,63})?$`, "description": "A milestone or a circumstance of the catalogue, request_received:<right>, or one of " + strings.Join(builtinNames(), ", ") + "."},
	reflect.TypeFor[Lines]():       {"type": []string{"string", "integer"}, "pattern": `^ *[0-9]+(-[0-9]+)? *(, *[0-9]+(-[0-9]+)? *)*$`, "description": "Lines of the notice's text: 60-61, 75."},
	reflect.TypeFor[IRI]():         {"type": "string", "pattern": `^(https?://|(dpv|pd|eu-gdpr|legal-gb|sector-health):)[^ <>"{}|\\^` + "`" + `]+$`, "description": "A term of a vocabulary: an absolute IRI, or one of the Data Privacy Vocabulary with its prefix."},
	reflect.TypeFor[MonthDay]():    {"type": "string", "pattern": `^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`, "description": "A day of every year: 03-31."},
	reflect.TypeFor[events.Date](): {"type": "string", "pattern": `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`, "description": "A day: 2025-03-14."},
}

// places are fields whose codes come from a closed list that no type knows.
func places() map[string]form {
	words := func(list []string) form { return form{"enum": list} }
	base := words(sortedKeys(bases))
	kinds := sortedKeys(specials)
	for _, k := range sortedKeys(specials) {
		kinds = append(kinds, k+inferredSuffix)
	}
	country := form{"type": "string", "pattern": `^[A-Za-z]{2}$`}
	return map[string]form{
		"Activity.LawfulBasis": base, "Activity.Candidates": base, "Statement.LawfulBasis": base, "Right.Bases": base,
		"Condition.Article": words(sortedKeys(conditions)), "Condition.Schedule": {"type": "string", "pattern": scheduleForm.String()},
		"Category.Kind": words(kinds), "System.Country": country, "Recipient.Country": country, "Instance.Country": country,
		"Organisation.Jurisdiction": country, "LocationRule.Countries": country,
	}
}

// terms hold wherever a Term stands.
var termRules = []form{
	{"not": form{"required": []string{"trigger", "triggers"}}},
	{"not": form{"properties": form{"indefinite": form{"const": true}}, "required": []string{"indefinite", "period"}}},
	{"if": form{"properties": form{"triggers": form{"minItems": 2}}, "required": []string{"triggers"}}, "then": form{"required": []string{"join"}}},
	{"if": form{"required": []string{"join"}}, "then": form{"properties": form{"triggers": form{"minItems": 2}}, "required": []string{"triggers"}}},
	{"if": form{"required": []string{"modality"}}, "then": form{"required": []string{"period"}}},
	{"if": form{"required": []string{"round"}}, "then": form{"anyOf": []form{{"required": []string{"trigger"}}, {"required": []string{"triggers"}}}}},
}

func structRules(name string) []form {
	isTrue := func(key string) form {
		return form{"properties": form{key: form{"const": true}}, "required": []string{key}}
	}
	switch name {
	case "Category":
		return []form{{"if": isTrue("special"), "then": form{"required": []string{"kind"}}, "else": form{"not": form{"required": []string{"kind"}}}}}
	case "Activity":
		return []form{{"if": form{"properties": form{"basis_status": form{"const": "none_stated"}}, "required": []string{"basis_status"}},
			"then": form{"properties": form{"lawful_basis": form{"maxItems": 0}}}}}
	case "Recipient":
		return []form{{"if": isTrue("named"), "then": form{"properties": form{"instances": form{"maxItems": 0}}}}}
	case "LocationRule":
		var any []form
		for _, k := range []string{"places", "countries", "regions", "forbidden"} {
			any = append(any, form{"required": []string{k}})
		}
		return []form{{"anyOf": any}}
	case "Statement":
		var rules []form
		for _, t := range sortedTopics() {
			claims := topics[t]
			need := form{"properties": form{"claim": form{"enum": claims}}}
			if !slices.Contains(claims, "") {
				need["required"] = []string{"claim"}
			}
			rules = append(rules, form{"if": form{"properties": form{"about": form{"const": t}}}, "then": need})
		}
		return rules
	}
	return nil
}

func sortedTopics() []Topic {
	var list []Topic
	for t := range topics {
		list = append(list, t)
	}
	slices.Sort(list)
	return list
}

func newSchemaWriter(t *testing.T) *schemaWriter {
	t.Helper()
	w := &schemaWriter{t: t, comment: map[string]string{}, defs: form{}}
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	say := func(key string, groups ...*ast.CommentGroup) {
		for _, g := range groups {
			if text := strings.Join(strings.Fields(g.Text()), " "); text != "" && w.comment[key] == "" {
				w.comment[key] = strings.ToUpper(text[:1]) + text[1:]
			}
		}
	}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			d, ok := n.(*ast.GenDecl)
			if !ok || d.Tok != token.TYPE {
				return true
			}
			for _, spec := range d.Specs {
				ts := spec.(*ast.TypeSpec)
				say(ts.Name.Name, ts.Doc, d.Doc)
				st, ok := ts.Type.(*ast.StructType)
				if !ok {
					continue
				}
				for _, f := range st.Fields.List {
					for _, name := range f.Names {
						say(ts.Name.Name+"."+name.Name, f.Comment, f.Doc)
					}
				}
			}
			return true
		})
	}
	return w
}

// words asks a type what it takes: its own error lists the words.
func words(t reflect.Type) []string {
	u := reflect.New(t).Interface().(encoding.TextUnmarshaler)
	err := u.UnmarshalText([]byte("\x00"))
	if err == nil {
		return nil
	}
	list, ok := strings.CutPrefix(err.Error(), "want one of ")
	if !ok {
		return nil
	}
	return strings.Split(list, ", ")
}

// of is the schema of one type, as it stands under a key.
func (w *schemaWriter) of(t reflect.Type) form {
	if f, ok := scalars[t]; ok {
		name := strings.ToLower(t.Name())
		w.defs[name] = f
		return ref(name)
	}
	if _, ok := reflect.New(t).Interface().(encoding.TextUnmarshaler); ok {
		list := words(t)
		if list == nil {
			w.t.Fatalf("%s reads text and the schema does not know which", t)
		}
		f := form{"enum": list}
		if c := w.comment[t.Name()]; c != "" {
			f["description"] = c
		}
		w.defs[t.Name()] = f
		return ref(t.Name())
	}
	switch t.Kind() {
	case reflect.Pointer:
		return w.of(t.Elem())
	case reflect.Slice:
		return form{"type": "array", "items": w.of(t.Elem())}
	case reflect.Bool:
		return form{"type": "boolean"}
	case reflect.Int:
		return form{"type": "integer", "minimum": 0}
	case reflect.String:
		return form{"type": "string", "maxLength": maxText}
	case reflect.Struct:
		if w.defs[t.Name()] == nil {
			w.defs[t.Name()] = true // on the way: the model has no cycles
			w.defs[t.Name()] = w.object(t)
		}
		return ref(t.Name())
	}
	w.t.Fatalf("no schema for %s", t)
	return nil
}

// object is the schema of one struct of the format.
func (w *schemaWriter) object(t reflect.Type) form {
	fields := fieldsOf(t)
	special := places()
	props := form{}
	for key, f := range fields.byName {
		owner := t.Name()
		if len(f.Index) > 1 {
			owner = t.FieldByIndex(f.Index[:1]).Name
		}
		s := w.of(f.Type)
		if p, ok := special[owner+"."+f.Name]; ok {
			s = p
			if f.Type.Kind() == reflect.Slice {
				s = form{"type": "array", "items": p}
			}
		}
		if owner+"."+f.Name == "Catalogue.Edition" {
			s = form{"type": []string{"string", "number"}, "maxLength": maxText}
		}
		if c := w.comment[owner+"."+f.Name]; c != "" {
			s = withDescription(s, c)
		}
		props[key] = s
	}
	out := form{"type": "object", "properties": props, "additionalProperties": false}
	if len(fields.wanted) > 0 {
		out["required"] = fields.wanted
	}
	if c := w.comment[t.Name()]; c != "" {
		out["description"] = c
	}
	rules := structRules(t.Name())
	if _, has := t.FieldByName("Term"); has {
		rules = append(slices.Clone(termRules), rules...)
	}
	if len(rules) > 0 {
		out["allOf"] = rules
	}
	if short := shortForms[t]; short != "" {
		code := w.of(reflect.TypeFor[events.Code]())
		if p, ok := special[t.Name()+"."+short]; ok {
			code = p
		}
		return form{"anyOf": []form{code, out}}
	}
	return out
}

func withDescription(s form, text string) form {
	c := form{"description": text}
	for k, v := range s {
		if k != "description" {
			c[k] = v
		}
	}
	return c
}

func (w *schemaWriter) write(id, title, about string, root form) []byte {
	root["$schema"], root["$id"], root["title"], root["description"] = "https://json-schema.org/draft/2020-12/schema", id, title, about
	root["$defs"] = w.defs
	b, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		w.t.Fatal(err)
	}
	return append(b, '\n')
}

// catalogueSchema is the schema of a catalogue file.
func catalogueSchema(t *testing.T) []byte {
	w := newSchemaWriter(t)
	root := w.object(reflect.TypeFor[Catalogue]())
	return w.write("urn:habeas:catalogue:v1", "A catalogue for habeas",
		"What an organisation declares: its systems, the kinds of data it holds, why, until when, and who receives them. The loader is stricter: it also checks that every id is defined once and every reference resolves.", root)
}

// decisionsSchema is the schema of a file of decisions.
func decisionsSchema(t *testing.T) []byte {
	w := newSchemaWriter(t)
	patterns := form{}
	for kind, f := range decisionForms {
		pattern := `^` + string(kind) + `$`
		if f.of != ofNothing {
			pattern = `^` + string(kind) + `\.[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`
		}
		value := form{"type": []string{"string", "number"}, "description": "Wants " + f.want + "."}
		switch {
		case f.ground:
			value = form{"type": "object", "properties": form{"ground": form{"enum": grounds}, "ref": form{"type": "string", "maxLength": maxText}},
				"required": []string{"ground"}, "additionalProperties": false}
		case kind == DecideJoin:
			value = form{"enum": []Join{Later, Earlier}}
		case kind == DecideBasis:
			value = form{"enum": sortedKeys(bases)}
		case kind == DecideRole:
			value = form{"enum": words(reflect.TypeFor[Role]())}
		case kind == DecideAtEnd:
			value = form{"enum": words(reflect.TypeFor[AtEnd]())}
		case kind == DecideProse:
			value = form{"anyOf": []form{value, {"const": true}}}
		case kind == DecideYearEnd:
			value = scalars[reflect.TypeFor[MonthDay]()]
		case kind == DecidePeriod:
			value = scalars[reflect.TypeFor[Period]()]
		}
		if f.many {
			value = form{"anyOf": []form{value, {"type": "array", "items": value, "minItems": 1, "uniqueItems": true}}}
		}
		patterns[pattern] = form{"type": "object", "additionalProperties": false, "required": []string{"value", "by", "on"},
			"properties": form{"value": value, "by": form{"type": "string", "minLength": 1, "maxLength": maxText, "description": "Who decided. " + ShippedDefault + ": nobody yet."},
				"on":  scalars[reflect.TypeFor[events.Date]()],
				"ref": form{"type": "string", "maxLength": maxText, "description": "What it rests on."}}}
	}
	w.defs = form{}
	return w.write("urn:habeas:decisions:v1", "Decisions over a catalogue for habeas",
		fmt.Sprintf("What the notice leaves open and a person settles. Keys: %s. The loader also checks that each key and word fits the catalogue.", decisionKeys()),
		form{"type": "object", "patternProperties": patterns, "additionalProperties": false})
}
