package events

import (
	"encoding/json"
	"fmt"
)

// ref points to a definition of the schema.
func ref(name string) form { return form{"$ref": "#/$defs/" + name} }

// schema describes an object of this shape for a kind of event.
func (s *shape) schema(k Kind) form {
	properties, required := form{}, []string{}
	for i := range s.members {
		m := &s.members[i]
		if !(m.need | m.may).has(k) {
			continue
		}
		f := form{"description": m.doc}
		for name, v := range m.form {
			f[name] = v
		}
		properties[m.name] = f
		if m.need.has(k) {
			required = append(required, m.name)
		}
	}
	f := form{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
	if s.any {
		f["minProperties"] = 1
	}
	return f
}

// JSONSchema returns the JSON Schema (draft 2020-12) of the events that source
// systems send, made from the same table as the decoder. The decoder is a
// little stricter: it also refuses duplicate keys, dates out of range, control
// characters and nesting that no schema can see. The schema writes words in
// lower case; the decoder folds case.
func JSONSchema() []byte {
	defs := form{
		"code": form{"type": "string", "pattern": `^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`, "not": form{"pattern": `[0-9]{6}|^undeclared\.`},
			"description": "A code: case does not matter; never six digits in a row, so that no number of a person can hide in it."},
		"code_or_part": form{"type": "string", "pattern": `^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(/[A-Za-z0-9][A-Za-z0-9._-]{0,63})?$`, "not": form{"pattern": `[0-9]{6}|(^|/)undeclared\.`},
			"description": "A code, or a code and a part of what it stands for: code/part."},
		"country": form{"type": "string", "pattern": `^[A-Za-z]{2}$`, "description": "Two letters of ISO 3166-1."},
		"text":    form{"type": "string", "minLength": 1, "maxLength": MaxTextBytes, "description": "Text that may be personal data. At most 1024 bytes of UTF-8."},
		"identifier": form{"type": "object", "properties": form{"kind": ref("code"), "value": ref("text")}, "required": []string{"kind", "value"}, "additionalProperties": false,
			"description": "One name by which a system knows a person or a thing. The value is sealed; it never enters the journal."},
	}
	types, rules := []string{}, []form{}
	for _, k := range onAll.list() {
		types = append(types, k.Type())
		f := dataShape.schema(k)
		switch {
		case onObjections.has(k):
			marketing := form{"properties": form{"direct_marketing": form{"const": true}}, "required": []string{"direct_marketing"}}
			f["oneOf"] = []form{{"required": []string{"activity"}}, marketing}
		case onLinks.has(k):
			subject := f["properties"].(form)["subject"].(form)
			subject["minItems"], subject["maxItems"] = 2, 2
		}
		defs[k.String()] = f
		rules = append(rules, form{
			"if":   form{"properties": form{"type": form{"const": k.Type()}}},
			"then": form{"properties": form{"data": ref(k.String())}},
		})
	}
	b, err := json.MarshalIndent(form{
		"$schema":     "https://json-schema.org/draft/2020-12/schema",
		"$id":         "urn:habeas:event:v1",
		"title":       "An event for habeas",
		"description": "A CloudEvent 1.0 in structured JSON form. One event speaks of one person as one system knows them.",
		"type":        "object",
		"properties": form{
			"specversion":     form{"const": "1.0"},
			"id":              form{"$ref": "#/$defs/text", "description": "Names the event within its source. Sent again with the same id, it is taken once."},
			"source":          form{"$ref": "#/$defs/code", "description": "The reporting system, as the catalogue names it."},
			"type":            form{"enum": types},
			"time":            form{"type": "string", "format": "date-time", "description": "When it happened, not when it was sent."},
			"datacontenttype": form{"type": []string{"string", "null"}, "description": "application/json, if it is there."},
			"dataschema":      form{"type": []string{"string", "null"}, "description": "Accepted and dropped."},
			"data":            form{"type": "object"},
		},
		"required":             attrNames[:attrsNeeded],
		"propertyNames":        form{"pattern": `^[a-z0-9]{1,64}$`, "not": form{"const": "subject"}},
		"additionalProperties": form{"type": []string{"string", "number", "boolean", "null"}, "description": "Extension attributes are accepted and dropped."},
		"allOf":                rules,
		"$defs":                defs,
	}, "", "  ")
	if err != nil {
		panic(fmt.Errorf("events: the schema cannot be written: %w", err))
	}
	return append(b, '\n')
}
