package events

import "bytes"

// The members below hold codes, words of closed lists, dates and flags: they
// go into the Event. Each function makes the reader, the writer and the schema
// of one form of member.

func codeMember(name string, need, may kinds, doc string, at func(*Event) *Code) member {
	return member{
		name: name, need: need, may: may, doc: doc, form: ref("code"),
		read: func(d *decoder) bool {
			s, ok := d.text("a code")
			return ok && d.asCode(s, at(&d.o.Event))
		},
		has:   func(o *Observation) bool { return *at(&o.Event) != "" },
		write: func(w *jsonWriter, o *Observation) { w.text(string(*at(&o.Event))) },
	}
}

// countryMember holds two letters of ISO 3166-1, kept in lower case like every
// code.
func countryMember(name string, need, may kinds, doc string, at func(*Event) *Code) member {
	m := codeMember(name, need, may, doc, at)
	m.form = ref("country")
	m.read = func(d *decoder) bool {
		s, ok := d.text("a country")
		if !ok {
			return false
		}
		if len(s) != 2 || codeClass[s[0]] > codeUpper || codeClass[s[1]] > codeUpper || codeClass[s[0]] == notInCode || codeClass[s[1]] == notInCode {
			return d.fail(RejectCode, "want the two letters of a country, such as GB")
		}
		return d.asCode(s, at(&d.o.Event))
	}
	return m
}

// wordMember holds one word of a closed list.
func wordMember[T ~uint8](name string, need, may kinds, doc string, words enum, at func(*Event) *T) member {
	return member{
		name: name, need: need, may: may, doc: doc, form: form{"enum": words[1:]},
		read: func(d *decoder) bool {
			s, ok := d.text("a word")
			if !ok {
				return false
			}
			v := words.find(s)
			if v == 0 {
				return d.fail(RejectWord, "want one of "+words.String())
			}
			*at(&d.o.Event) = T(v)
			return true
		},
		has:   func(o *Observation) bool { return *at(&o.Event) != 0 },
		write: func(w *jsonWriter, o *Observation) { w.text(words.name(uint8(*at(&o.Event)))) },
	}
}

func dateMember(name string, need, may kinds, doc string, at func(*Event) *Date) member {
	return member{
		name: name, need: need, may: may, doc: doc, form: form{"type": "string", "format": "date"},
		read: func(d *decoder) bool {
			s, ok := d.text("a date")
			return ok && d.asDate(s, at(&d.o.Event))
		},
		has:   func(o *Observation) bool { return *at(&o.Event) != 0 },
		write: func(w *jsonWriter, o *Observation) { w.text(at(&o.Event).String()) },
	}
}

func instantMember(name string, need, may kinds, doc string, at func(*Event) *Instant) member {
	return member{
		name: name, need: need, may: may, doc: doc, form: form{"type": "string", "format": "date-time"},
		read: func(d *decoder) bool {
			s, ok := d.text("a time")
			return ok && d.asInstant(s, at(&d.o.Event))
		},
		has:   func(o *Observation) bool { return *at(&o.Event) != 0 },
		write: func(w *jsonWriter, o *Observation) { w.text(at(&o.Event).String()) },
	}
}

// boolMember holds true or false. Where a kind must carry it, false is said
// aloud; elsewhere false is the same as leaving it out.
func boolMember(name string, need, may kinds, doc string, get func(*Event) bool, set func(*Event)) member {
	return member{
		name: name, need: need, may: may, doc: doc, form: form{"type": "boolean"}, spoken: true,
		read: func(d *decoder) bool {
			v := false
			if !d.truth(&v) {
				return false
			}
			if v {
				set(&d.o.Event)
			}
			return true
		},
		has: func(o *Observation) bool { return get(&o.Event) },
		write: func(w *jsonWriter, o *Observation) {
			if get(&o.Event) {
				w.b = append(w.b, "true"...)
			} else {
				w.b = append(w.b, "false"...)
			}
		},
	}
}

// codesMember holds a set of codes in the order first named.
func codesMember(name string, need, may kinds, doc string, at func(*Event) *[]Code) member {
	return member{
		name: name, need: need, may: may, doc: doc,
		form: form{"type": "array", "items": ref("code"), "minItems": 1, "maxItems": MaxCategories},
		read: func(d *decoder) bool {
			list := at(&d.o.Event)
			return d.list(MaxCategories, func() bool {
				var c Code
				s, ok := d.text("a code")
				if !ok || !d.asCode(s, &c) {
					return false
				}
				*list = appendNew(*list, c)
				return true
			})
		},
		has: func(o *Observation) bool { return len(*at(&o.Event)) > 0 },
		write: func(w *jsonWriter, o *Observation) {
			w.b = append(w.b, '[')
			for _, c := range *at(&o.Event) {
				w.comma()
				w.text(string(c))
			}
			w.b = append(w.b, ']')
		},
	}
}

// appendNew appends v unless the list has it.
func appendNew[T comparable](list []T, v T) []T {
	for _, x := range list {
		if x == v {
			return list
		}
	}
	return append(list, v)
}

// asPair reads "code" or "code/part".
func (d *decoder) asPair(want string, code, part *Code) bool {
	s, ok := d.text(want)
	if !ok {
		return false
	}
	if i := bytes.IndexByte(s, '/'); i >= 0 {
		return d.asCode(s[:i], code) && d.asCode(s[i+1:], part)
	}
	return d.asCode(s, code)
}

// activityMember holds a code, code/sub_purpose or undeclared.
func activityMember(name string, need, may kinds, doc string) member {
	return member{
		name: name, need: need, may: may, doc: doc, form: ref("code_or_part"),
		read: func(d *decoder) bool {
			a := &d.o.Event.Activity
			return d.asPair("an activity as code or code/sub_purpose", &a.Code, &a.SubPurpose)
		},
		has:   func(o *Observation) bool { return o.Event.Activity.Code != "" },
		write: func(w *jsonWriter, o *Observation) { w.text(o.Event.Activity.String()) },
	}
}

// categoriesMember holds a set of code or code/element.
func categoriesMember(name string, need, may kinds, doc string) member {
	return member{
		name: name, need: need, may: may, doc: doc,
		form: form{"type": "array", "items": ref("code_or_part"), "minItems": 1, "maxItems": MaxCategories},
		read: func(d *decoder) bool {
			e := &d.o.Event
			e.Categories = make([]Category, 0, 4)
			return d.list(MaxCategories, func() bool {
				var c Category
				if !d.asPair("a category as code or code/element", &c.Code, &c.Element) {
					return false
				}
				e.Categories = appendNew(e.Categories, c)
				return true
			})
		},
		has: func(o *Observation) bool { return len(o.Event.Categories) > 0 },
		write: func(w *jsonWriter, o *Observation) {
			w.b = append(w.b, '[')
			for _, c := range o.Event.Categories {
				w.comma()
				w.text(c.String())
			}
			w.b = append(w.b, ']')
		},
	}
}

// marksMember holds a set of words.
func marksMember(name string, need, may kinds, doc string) member {
	words := form{"enum": markNames[1:]}
	return member{
		name: name, need: need, may: may, doc: doc,
		form: form{"type": "array", "items": words, "minItems": 1, "maxItems": MaxCategories},
		read: func(d *decoder) bool {
			return d.list(MaxCategories, func() bool {
				s, ok := d.text("a word")
				if !ok {
					return false
				}
				v := markNames.find(s)
				if v == 0 {
					return d.fail(RejectWord, "want one of "+markNames.String())
				}
				d.o.Event.Marks |= 1 << (v - 1)
				return true
			})
		},
		has: func(o *Observation) bool { return o.Event.Marks != 0 },
		write: func(w *jsonWriter, o *Observation) {
			w.b = append(w.b, '[')
			for _, m := range o.Event.Marks.Names() {
				w.comma()
				w.text(m)
			}
			w.b = append(w.b, ']')
		},
	}
}
