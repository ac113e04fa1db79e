package api

import (
	"encoding"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/habeas-data/habeas/access"
)

// apiVersion is the version of the published HTTP interface.
const apiVersion = "1.0.0"

type object = map[string]any

// OpenAPI describes the Machine routes of a table (OpenAPI 3.1). Equal tables
// give equal bytes.
func OpenAPI(routes []Route) ([]byte, error) {
	g := &schemas{done: object{}, names: map[string]reflect.Type{}}
	paths := object{}
	for i := range routes {
		r := &routes[i]
		if r.Face != Machine {
			continue
		}
		item, _ := paths[r.Pattern].(object)
		if item == nil {
			item = object{}
			paths[r.Pattern] = item
		}
		op, err := g.operation(r)
		if err != nil {
			return nil, fmt.Errorf("describe %s %s: %w", r.Method, r.Pattern, err)
		}
		item[strings.ToLower(r.Method)] = op
	}
	if _, err := g.of(reflect.TypeFor[Problem]()); err != nil {
		return nil, err
	}
	doc := object{
		"openapi": "3.1.0",
		"info": object{"title": "habeas", "version": apiVersion,
			"description": "What personal data is held about a person, why, until when, where it came from and who received it. Errors are problem+json (RFC 9457) with a stable code.",
			"license":     object{"name": "Apache-2.0", "identifier": "Apache-2.0"}},
		"paths": paths,
		"components": object{
			"schemas":         g.done,
			"securitySchemes": object{"token": object{"type": "http", "scheme": "bearer"}},
		},
	}
	b, err := json.MarshalIndent(doc, "", " ")
	if err != nil {
		return nil, err
	}
	return append(b, '\n'), nil
}

var pathParam = regexp.MustCompile(`\{([a-z]+)(?:\.\.\.)?\}`)

func (g *schemas) operation(r *Route) (object, error) {
	op := object{"summary": r.Summary, "operationId": operationID(r), "x-permission": string(r.Permission)}
	if r.Permission != access.Public {
		op["security"] = []object{{"token": []string{}}}
	}
	var params []object
	for _, m := range pathParam.FindAllStringSubmatch(r.Pattern, -1) {
		params = append(params, object{"name": m[1], "in": "path", "required": true, "schema": object{"type": "string"}})
	}
	for _, name := range sortedKeys(r.Query) {
		params = append(params, object{"name": name, "in": "query", "description": r.Query[name], "schema": object{"type": "string"}})
	}
	if r.Takes == (any)(PersonQuestion{}) {
		params = append(params, object{"name": MinPosition, "in": "header", "description": "answer only at or after this position", "schema": object{"type": "string"}})
	}
	if params != nil {
		op["parameters"] = params
	}
	if r.Takes != nil {
		s, err := g.of(typeOf(r.Takes))
		if err != nil {
			return nil, err
		}
		op["requestBody"] = object{"required": true, "content": object{"application/json": object{"schema": s}}}
	}
	responses, err := g.responses(r)
	op["responses"] = responses
	return op, err
}

func (g *schemas) responses(r *Route) (object, error) {
	ok := object{"description": "done"}
	status := "200"
	switch {
	case r.Gives != nil:
		s, err := g.of(typeOf(r.Gives))
		if err != nil {
			return nil, err
		}
		media := r.Media
		if media == "" {
			media = "application/json"
		}
		ok["content"] = object{media: object{"schema": s}}
	case r.Media != "":
		ok["content"] = object{r.Media: object{"schema": object{"type": "string"}}}
	default:
		status = "204"
	}
	if r.Method == "POST" && r.Pattern == "/v1/tokens" {
		status = "201"
	}
	out := object{status: ok}
	problem := object{"application/problem+json": object{"schema": object{"$ref": "#/components/schemas/Problem"}}}
	by := map[int][]string{}
	list := slices.Clone(r.Problems)
	if r.Permission != access.Public {
		list = append(list, "token.missing", "token.invalid", "permission.denied")
	}
	if r.Takes != nil || r.Query != nil {
		list = append(list, "request.malformed")
	}
	for _, c := range list {
		by[codes[c].status] = append(by[codes[c].status], c)
	}
	for status, cs := range by {
		slices.Sort(cs)
		out[strconv.Itoa(status)] = object{"description": http.StatusText(status) + ": " + strings.Join(slices.Compact(cs), ", "), "content": problem}
	}
	return out, nil
}

func operationID(r *Route) string {
	words := strings.FieldsFunc(r.Pattern, func(c rune) bool { return c == '/' || c == '{' || c == '}' || c == '.' || c == '-' })
	id := strings.ToLower(r.Method)
	for _, w := range words {
		if w != "v1" {
			id += strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return id
}

// schemas turns Go types into JSON schemas, each named type once.
type schemas struct {
	done  object
	names map[string]reflect.Type
	words map[string][]string // of fixed fields; made when first asked for
}

var (
	textType = reflect.TypeFor[encoding.TextMarshaler]()
	rawType  = reflect.TypeFor[json.RawMessage]()
)

// patterns says more of types that write themselves as text.
var patterns = map[string]object{
	"events.Instant":   {"type": "string", "format": "date-time"},
	"events.Date":      {"type": "string", "format": "date"},
	"events.Position":  {"type": "string", "pattern": `^\d+-\d+-\d+$`},
	"clock.Moment":     {"type": []string{"string", "null"}, "description": "YYYY-MM-DD, RFC 3339, or null where it is not known"},
	"catalogue.Period": {"type": "string", "examples": []string{"P7Y"}},
	"audit.Entry":      {"type": "object", "description": "one record, in its canonical form"},
	"tlog.Hash":        {"type": "string", "contentEncoding": "base64"},
}

func (g *schemas) of(t reflect.Type) (any, error) {
	if s, ok := patterns[t.String()]; ok {
		return s, nil
	}
	switch {
	case t == rawType:
		return object{"type": "object"}, nil
	case t.Kind() == reflect.Pointer:
		s, err := g.of(t.Elem())
		return object{"anyOf": []any{s, object{"type": "null"}}}, err
	case t.Implements(textType) || reflect.PointerTo(t).Implements(textType):
		return object{"type": "string"}, nil
	}
	switch t.Kind() {
	case reflect.String:
		return object{"type": "string"}, nil
	case reflect.Bool:
		return object{"type": "boolean"}, nil
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint8, reflect.Uint32, reflect.Uint64:
		return object{"type": "integer"}, nil
	case reflect.Float64:
		return object{"type": "number"}, nil
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return object{"type": "string", "contentEncoding": "base64"}, nil
		}
		s, err := g.of(t.Elem())
		return object{"type": "array", "items": s}, err
	case reflect.Map:
		s, err := g.of(t.Elem())
		return object{"type": "object", "additionalProperties": s}, err
	case reflect.Interface:
		return object{}, nil
	case reflect.Struct:
		return g.structure(t)
	}
	return nil, fmt.Errorf("type %s has no JSON schema", t)
}

func (g *schemas) structure(t reflect.Type) (any, error) {
	name := t.Name()
	if had, ok := g.names[name]; ok && had != t {
		pkg, _, _ := strings.Cut(t.String(), ".")
		name = strings.ToUpper(pkg[:1]) + pkg[1:] + name
	}
	ref := object{"$ref": "#/components/schemas/" + name}
	if _, ok := g.names[name]; ok {
		return ref, nil
	}
	g.names[name] = t
	props := object{}
	required, err := g.members(t, props)
	if err != nil {
		return nil, err
	}
	s := object{"type": "object", "properties": props}
	if len(required) > 0 {
		slices.Sort(required)
		s["required"] = required
	}
	g.done[name] = s
	return ref, nil
}

// members adds the members of a struct to props, those of embedded ones among
// them, and lists which are always there.
func (g *schemas) members(t reflect.Type, props object) ([]string, error) {
	required := []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		tag, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == "-" || !f.IsExported() {
			continue
		}
		if tag == "" && f.Anonymous && f.Type.Kind() == reflect.Struct {
			more, err := g.members(f.Type, props)
			if err != nil {
				return nil, err
			}
			required = append(required, more...)
			continue
		}
		if tag == "" {
			tag = f.Name
		}
		s, err := g.of(f.Type)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", t, f.Name, err)
		}
		if g.words == nil {
			g.words = enums()
		}
		if words := g.words[t.Name()+"."+tag]; words != nil {
			s = object{"type": "string", "enum": words}
		}
		props[tag] = s
		if !strings.Contains(opts, "omitempty") && !strings.Contains(opts, "omitzero") {
			required = append(required, tag)
		}
	}
	return required, nil
}

func sortedKeys(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
