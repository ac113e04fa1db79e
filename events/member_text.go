package events

// The members below hold personal data, or objects that may: what is personal
// goes into the Observation as Plaintext, never into the Event (I1).

// identifier reads {kind, value}.
func (d *decoder) identifier(id *Identifier) bool {
	if d.peek() != '{' {
		return d.wrong("an object of kind and value")
	}
	d.i++
	level := d.depth
	for n := 0; ; n++ {
		name, ok := d.field(n)
		if !ok {
			break
		}
		switch {
		case string(name) == "kind":
			d.path[level] = step{name: "kind"}
			d.depth = level + 1
			if id.Kind != "" {
				return d.fail(RejectDuplicateKey, "want this field once")
			}
			if s, ok := d.text("a code"); !ok || !d.asCode(s, &id.Kind) {
				return false
			}
		case string(name) == "value":
			d.path[level] = step{name: "value"}
			d.depth = level + 1
			if !id.Value.IsZero() {
				return d.fail(RejectDuplicateKey, "want this field once")
			}
			if s, ok := d.text("text"); !ok || !d.asPlaintext(s, &id.Value) {
				return false
			}
		default:
			return d.unknown(name, n, "; an identifier has kind and value")
		}
		d.depth = level
	}
	switch {
	case d.rej != nil:
		return false
	case id.Kind == "":
		return d.failAt("kind", RejectMissing, "an identifier must have its kind")
	case id.Value.IsZero():
		return d.failAt("value", RejectMissing, "an identifier must have its value")
	}
	return true
}

func (w *jsonWriter) identifier(id *Identifier) {
	w.b = append(w.b, '{')
	w.name("kind")
	w.text(string(id.Kind))
	w.name("value")
	w.text(id.Value.Expose())
	w.b = append(w.b, '}')
}

func identifierMember(name string, need, may kinds, doc string, at func(*Observation) *Identifier) member {
	return member{
		name: name, need: need, may: may, doc: doc, form: ref("identifier"),
		read:  func(d *decoder) bool { return d.identifier(at(d.o)) },
		has:   func(o *Observation) bool { return !at(o).IsZero() },
		write: func(w *jsonWriter, o *Observation) { w.identifier(at(o)) },
	}
}

// subjectMember holds the identifiers of one person, primary first.
func subjectMember(name string, need, may kinds, doc string) member {
	return member{
		name: name, need: need, may: may, doc: doc,
		form: form{"type": "array", "items": ref("identifier"), "minItems": 1, "maxItems": MaxSubjects},
		read: func(d *decoder) bool {
			d.o.Subject = make([]Identifier, 0, 3)
			return d.list(MaxSubjects, func() bool {
				d.o.Subject = append(d.o.Subject, Identifier{})
				return d.identifier(&d.o.Subject[len(d.o.Subject)-1])
			})
		},
		has: func(o *Observation) bool { return len(o.Subject) > 0 },
		write: func(w *jsonWriter, o *Observation) {
			w.b = append(w.b, '[')
			for i := range o.Subject {
				w.comma()
				w.identifier(&o.Subject[i])
			}
			w.b = append(w.b, ']')
		},
	}
}

// partyMember holds a code of the catalogue, or a person as {kind, value}.
func partyMember(name string, need, may kinds, doc string, code func(*Event) *Code, person func(*Observation) *Identifier) member {
	return member{
		name: name, need: need, may: may, doc: doc,
		form: form{"oneOf": []form{ref("code"), ref("identifier")}},
		read: func(d *decoder) bool {
			if d.peek() == '{' {
				return d.identifier(person(d.o))
			}
			s, ok := d.text("a code, or an object of kind and value for a person")
			return ok && d.asCode(s, code(&d.o.Event))
		},
		has: func(o *Observation) bool { return *code(&o.Event) != "" || !person(o).IsZero() },
		write: func(w *jsonWriter, o *Observation) {
			switch {
			case person(o).IsZero():
				w.text(string(*code(&o.Event)))
			case *code(&o.Event) == "":
				w.identifier(person(o))
			default:
				w.refuse(name + " is a code or a person, not both")
			}
		},
	}
}

// plaintextMember holds a text that may be personal data.
func plaintextMember(name string, need, may kinds, doc string, at func(*Observation) *Plaintext) member {
	return member{
		name: name, need: need, may: may, doc: doc, form: ref("text"),
		read: func(d *decoder) bool {
			s, ok := d.text("text")
			return ok && d.asPlaintext(s, at(d.o))
		},
		has:   func(o *Observation) bool { return !at(o).IsZero() },
		write: func(w *jsonWriter, o *Observation) { w.text(at(o).Expose()) },
	}
}

// groupMember holds an object whose members go into the same observation.
func groupMember(name string, need, may kinds, doc string, s *shape) member {
	return member{
		name: name, need: need, may: may, doc: doc, form: s.schema(inner),
		read: func(d *decoder) bool { return d.object(s, inner) },
		has: func(o *Observation) bool {
			for i := range s.members {
				if s.members[i].has(o) {
					return true
				}
			}
			return false
		},
		write: func(w *jsonWriter, o *Observation) { w.object(s, inner, o) },
	}
}
