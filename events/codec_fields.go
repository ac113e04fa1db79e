package events

import "encoding/binary"

func codeField(tag byte, name string, at func(*Event) *Code) field {
	return field{tag, name, func(w *writer, e *Event) {
		if c := *at(e); c != "" {
			w.b = append(w.b, tag)
			w.code(c)
		}
	}, func(r *reader, e *Event) { *at(e) = r.code() },
		func(c *checker, e *Event) { c.code(name, *at(e)) }}
}

func pairField(tag byte, name string, at func(*Event) (*Code, *Code)) field {
	return field{tag, name, func(w *writer, e *Event) {
		if a, b := at(e); *a != "" {
			w.b = append(w.b, tag)
			w.code(*a)
			w.code(*b)
		}
	}, func(r *reader, e *Event) {
		a, b := at(e)
		*a, *b = r.code(), r.optionalCode()
	}, func(c *checker, e *Event) {
		a, b := at(e)
		c.pair(name, *a, *b, false)
	}}
}

func codesField(tag byte, name string, at func(*Event) *[]Code) field {
	return field{tag, name, func(w *writer, e *Event) {
		if l := *at(e); len(l) > 0 {
			w.b = append(w.b, tag)
			w.uvarint(uint64(len(l)))
			for _, c := range l {
				w.code(c)
			}
		}
	}, func(r *reader, e *Event) {
		n := r.count(1, MaxCategories)
		l := make([]Code, 0, n)
		for range n {
			l = append(l, r.code())
		}
		*at(e) = l
	}, func(c *checker, e *Event) { c.codes(name, *at(e)) }}
}

func refField(tag byte, name string, at func(*Event) *Ref) field {
	return field{tag, name, func(w *writer, e *Event) {
		if v := at(e); !v.IsZero() {
			w.b = append(w.b, tag)
			w.ref(v)
		}
	}, func(r *reader, e *Event) { r.ref(at(e)) },
		func(c *checker, e *Event) { c.ref(name, *at(e)) }}
}

func instantField(tag byte, name string, at func(*Event) *Instant) field {
	return field{tag, name, func(w *writer, e *Event) {
		if v := *at(e); v != 0 {
			w.b = append(w.b, tag)
			w.b = binary.AppendVarint(w.b, int64(v))
		}
	}, func(r *reader, e *Event) {
		*at(e) = Instant(unzigzag(r.uvarint()))
		if *at(e) == 0 {
			r.fail("is there but empty")
		}
	}, nil}
}

func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

func dateField(tag byte, name string, at func(*Event) *Date) field {
	return field{tag, name, func(w *writer, e *Event) {
		if v := *at(e); v > 0 {
			w.b = append(w.b, tag)
			w.uvarint(uint64(v))
		}
	}, func(r *reader, e *Event) {
		v := r.uvarint()
		if v == 0 || v > uint64(maxDate) {
			r.fail("want a day up to the year 9999")
		}
		*at(e) = Date(v)
	}, func(c *checker, e *Event) {
		if v := *at(e); v < 0 || v > maxDate {
			c.add(name, "is not between 1600 and 9999")
		}
	}}
}

var maxDate = func() Date { d, _ := ParseDate("9999-12-31"); return d }()

func byteField[T ~uint8](tag byte, name string, most int, at func(*Event) *T) field {
	return field{tag, name, func(w *writer, e *Event) {
		if v := *at(e); v != 0 {
			w.b = append(w.b, tag, byte(v))
		}
	}, func(r *reader, e *Event) {
		v := r.byte()
		if v == 0 || int(v) > most {
			r.fail("value %d is not known here", v)
		}
		*at(e) = T(v)
	}, func(c *checker, e *Event) {
		if int(*at(e)) > most {
			c.add(name, "is not in its list")
		}
	}}
}

func boolField(tag byte, name string, at func(*Event) *bool) field {
	return field{tag, name, func(w *writer, e *Event) {
		if *at(e) {
			w.b = append(w.b, tag)
		}
	}, func(_ *reader, e *Event) { *at(e) = true }, nil}
}

func putSubject(w *writer, e *Event) {
	if len(e.Subject) == 0 {
		return
	}
	w.b = append(w.b, 5)
	w.uvarint(uint64(len(e.Subject)))
	for i := range e.Subject {
		w.ref(&e.Subject[i])
	}
}

func getSubject(r *reader, e *Event) {
	n := r.count(17, MaxSubjects)
	e.Subject = make([]Ref, n)
	for i := range e.Subject {
		r.ref(&e.Subject[i])
	}
}

func checkSubject(c *checker, e *Event) {
	if len(e.Subject) > MaxSubjects {
		c.add("subject", "has too many elements")
	}
	for _, r := range e.Subject {
		if r.IsZero() {
			c.add("subject", "has an empty element")
		}
		c.ref("subject", r)
	}
}

func putCategories(w *writer, e *Event) {
	if len(e.Categories) == 0 {
		return
	}
	w.b = append(w.b, 8)
	w.uvarint(uint64(len(e.Categories)))
	for _, c := range e.Categories {
		w.code(c.Code)
		w.code(c.Element)
	}
}

func getCategories(r *reader, e *Event) {
	n := r.count(2, MaxCategories)
	e.Categories = make([]Category, n)
	for i := range e.Categories {
		e.Categories[i] = Category{r.code(), r.optionalCode()}
	}
}

func checkCategories(c *checker, e *Event) {
	if len(e.Categories) > MaxCategories {
		c.add("categories", "has too many elements")
	}
	for _, v := range e.Categories {
		c.pair("categories", v.Code, v.Element, true)
	}
}

func putCount(w *writer, e *Event) {
	if e.Count > 0 {
		w.b = append(w.b, 62)
		w.uvarint(uint64(e.Count))
	}
}

func getCount(r *reader, e *Event) {
	v := r.uvarint()
	if v == 0 || v > 1<<32-1 {
		r.fail("want a count of 1 to 4294967295")
	}
	e.Count = uint32(v)
}
