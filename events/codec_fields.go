package events

func codeField(tag byte, name string, at func(*Event) *Code) field {
	return field{tag, name, func(r *reader, e *Event) { *at(e) = r.code() }}
}

func pairField(tag byte, name string, at func(*Event) (*Code, *Code)) field {
	return field{tag, name, func(r *reader, e *Event) {
		a, b := at(e)
		*a, *b = r.code(), r.optionalCode()
	}}
}

func codesField(tag byte, name string, at func(*Event) *[]Code) field {
	return field{tag, name, func(r *reader, e *Event) {
		n := r.count(1, MaxCategories)
		l := make([]Code, 0, n)
		for range n {
			l = append(l, r.code())
		}
		*at(e) = l
	}}
}

func refField(tag byte, name string, at func(*Event) *Ref) field {
	return field{tag, name, func(r *reader, e *Event) { r.ref(at(e)) }}
}

func instantField(tag byte, name string, at func(*Event) *Instant) field {
	return field{tag, name, func(r *reader, e *Event) {
		*at(e) = Instant(unzigzag(r.uvarint()))
		if *at(e) == 0 {
			r.fail("is there but empty")
		}
	}}
}

func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

func dateField(tag byte, name string, at func(*Event) *Date) field {
	return field{tag, name, func(r *reader, e *Event) {
		v := r.uvarint()
		if v == 0 || v > uint64(maxDate) {
			r.fail("want a day up to the year 9999")
		}
		*at(e) = Date(v)
	}}
}

var maxDate = func() Date { d, _ := ParseDate("9999-12-31"); return d }()

func byteField[T ~uint8](tag byte, name string, most int, at func(*Event) *T) field {
	return field{tag, name, func(r *reader, e *Event) {
		v := r.byte()
		if v == 0 || int(v) > most {
			r.fail("value %d is not known here", v)
		}
		*at(e) = T(v)
	}}
}

func boolField(tag byte, name string, at func(*Event) *bool) field {
	return field{tag, name, func(_ *reader, e *Event) { *at(e) = true }}
}

func getSubject(r *reader, e *Event) {
	n := r.count(17, MaxSubjects)
	e.Subject = make([]Ref, n)
	for i := range e.Subject {
		r.ref(&e.Subject[i])
	}
}

func getCategories(r *reader, e *Event) {
	n := r.count(2, MaxCategories)
	e.Categories = make([]Category, n)
	for i := range e.Categories {
		e.Categories[i] = Category{r.code(), r.optionalCode()}
	}
}

func getCount(r *reader, e *Event) {
	v := r.uvarint()
	if v == 0 || v > 1<<32-1 {
		r.fail("want a count of 1 to 4294967295")
	}
	e.Count = uint32(v)
}
