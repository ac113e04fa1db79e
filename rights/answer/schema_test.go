package answer_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/answer"
	"github.com/habeas-data/habeas/rights/decide"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "write the schemas and the examples")

// shape is the schema of a type: what its fields are is said once, in Go.
func shape(t reflect.Type) map[string]any {
	if t == reflect.TypeFor[events.Instant]() {
		return map[string]any{"type": "string", "format": "date-time"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return shape(t.Elem())
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer", "minimum": 0}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": shape(t.Elem())}
	}
	props, required := map[string]any{}, []string{}
	for i := range t.NumField() {
		name, opts, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		props[name] = shape(t.Field(i).Type)
		if opts == "" {
			required = append(required, name)
		}
	}
	return map[string]any{"type": "object", "properties": props, "required": required}
}

func schemaOf(name, title, text string, v any) []byte {
	s := shape(reflect.TypeOf(v))
	s["$schema"], s["$id"], s["title"], s["description"] = "https://json-schema.org/draft/2020-12/schema", "urn:habeas:"+name+":v1", title, text
	props := s["properties"].(map[string]any)
	props["version"] = map[string]any{"const": answer.Version}
	if points, ok := props["points"].(map[string]any); ok {
		points["minItems"], points["maxItems"] = 18, 18
		props["jurisdiction"] = map[string]any{"enum": []string{"uk", "eu"}}
	}
	props["kind"] = map[string]any{"const": map[string]string{"answer": "access", "portability": "portability"}[name]}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func example(t *testing.T) map[string]any {
	t.Helper()
	in := input(t)
	a := build(t, in)
	for i := range in.Decided {
		in.Decided[i].Right = "portability"
		if i > 0 {
			in.Decided[i].Outcome, in.Decided[i].Code = decide.None, decide.NotAffected
		}
	}
	p, err := answer.BuildPortable(in)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"answer": a, "portability": p}
}

// The published schemas are those of the types, and the examples are answers.
func TestSchemas(t *testing.T) {
	texts := map[string][2]string{
		"answer":      {"Answer", "What a person gets who asks for access (UK GDPR Article 15). Fields may be added; none is renamed."},
		"portability": {"Portability", "The copy of UK GDPR Article 20: what the person gave or what was observed of them. Fields may be added; none is renamed."},
	}
	for name, v := range example(t) {
		var b bytes.Buffer
		if err := answer.Write(&b, v); err != nil {
			t.Fatal(err)
		}
		schema := schemaOf(name, texts[name][0], texts[name][1], reflect.ValueOf(v).Elem().Interface())
		same(t, "../../docs/schemas/"+name+".schema.json", schema)
		same(t, "testdata/"+name+".json", b.Bytes())
		c := jsonschema.NewCompiler()
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(name, doc); err != nil {
			t.Fatal(err)
		}
		s, err := c.Compile(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := jsonschema.UnmarshalJSON(&b)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		delete(got.(map[string]any), "case")
		if s.Validate(got) == nil {
			t.Errorf("%s: the schema takes an answer without its case", name)
		}
	}
}

func same(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not as it was; -update writes it anew", path)
	}
}
