package events

// A member is one field of the data of a CloudEvent: which kinds carry it, how
// it is read and written, and what its JSON Schema is. The table of members in
// contract.go is the single description of the published form; decoder,
// encoder and schema are all made from it.
type member struct {
	name string
	need kinds // must carry it
	may  kinds // may carry it too
	doc  string
	form
	spoken bool // false is written, too, where the kind must carry it

	// read reads the value into the observation.
	read func(d *decoder) bool
	// has reports whether the observation has the field.
	has func(o *Observation) bool
	// write writes the value that has reports.
	write func(w *jsonWriter, o *Observation)
}

// A form is the JSON Schema of a value.
type form map[string]any

// kinds is a set of kinds that source systems may send.
type kinds uint32

func (s kinds) has(k Kind) bool { return k < 32 && s>>k&1 != 0 }

// list returns the kinds in order.
func (s kinds) list() (out []Kind) {
	for k := range Kind(32) {
		if s.has(k) {
			out = append(out, k)
		}
	}
	return out
}

// never is the set of kinds that neither need nor may carry a member.
const never kinds = 0

// inner is the kind of objects inside the data, whose members do not depend on
// the kind of the event.
const inner Kind = 0

// always is the set for members of such objects.
const always kinds = 1 << inner

// owner names the owner of a member for a sentence.
func owner(k Kind) string {
	if k == inner {
		return "this object"
	}
	return k.String()
}

// A shape is an object of known members.
type shape struct {
	members []member
	byName  map[string]int
	needs   [32]uint64 // by kind: bit i is set where member i must be there
	any     bool       // at least one member must be there
}

func shapeOf(members ...member) *shape {
	s := &shape{members: members, byName: make(map[string]int, len(members))}
	for i, m := range members {
		if _, twice := s.byName[m.name]; twice || i == 64 {
			panic("events: the table of members cannot hold " + m.name)
		}
		s.byName[m.name] = i
		for _, k := range m.need.list() {
			s.needs[k] |= 1 << i
		}
	}
	return s
}

// object reads an object of this shape.
func (d *decoder) object(s *shape, k Kind) bool {
	if d.peek() != '{' {
		return d.wrong("an object")
	}
	d.i++
	level := d.depth
	var seen uint64
	for n := 0; ; n++ {
		name, ok := d.field(n)
		if !ok {
			break
		}
		i, known := s.byName[string(name)]
		if !known {
			return d.unknown(name, n, "")
		}
		m := &s.members[i]
		d.path[level] = step{name: m.name}
		d.depth = level + 1
		switch {
		case seen>>i&1 != 0:
			return d.fail(RejectDuplicateKey, "want this field once")
		case !(m.need | m.may).has(k):
			return d.fail(RejectNotOfKind, owner(k)+" does not carry this field; "+carriers(m.need|m.may)+" may")
		case !m.read(d):
			return false
		}
		seen |= 1 << i
		d.depth = level
	}
	if d.rej != nil {
		return false
	}
	if missing := s.needs[k] &^ seen; missing != 0 || s.any && seen == 0 {
		return d.missing(s, k, missing)
	}
	return true
}

// missing refuses an object for the first field it ought to have.
func (d *decoder) missing(s *shape, k Kind, missing uint64) bool {
	if missing == 0 {
		return d.fail(RejectMissing, "want at least one field here")
	}
	for i := range s.members {
		if missing>>i&1 != 0 {
			return d.failAt(s.members[i].name, RejectMissing, owner(k)+" must have this field")
		}
	}
	return false
}

// carriers lists kinds for a sentence.
func carriers(s kinds) string {
	list := s.list()
	out := ""
	for i, k := range list {
		switch {
		case i == 0:
		case i == len(list)-1:
			out += " and "
		default:
			out += ", "
		}
		out += k.String()
	}
	return out
}

// where narrows has to some kinds, for two names of one field of Event.
func (m member) where(on func(Kind) bool) member {
	has := m.has
	m.has = func(o *Observation) bool { return on(o.Event.Kind) && has(o) }
	return m
}

// jsonWriter writes compact JSON.
type jsonWriter struct {
	b    []byte
	fail string // why the event cannot be written; the first reason stays
}

// name begins a field of an object.
func (w *jsonWriter) name(s string) {
	w.comma()
	w.b = append(append(append(w.b, '"'), s...), '"', ':')
}

// comma parts elements: it is written unless a list or object begins here.
func (w *jsonWriter) comma() {
	if c := w.b[len(w.b)-1]; c != '{' && c != '[' {
		w.b = append(w.b, ',')
	}
}

// object writes the members of s that o has and that kind k carries. A member
// that o has and k does not carry would be lost, so it is an error.
func (w *jsonWriter) object(s *shape, k Kind, o *Observation) {
	w.b = append(w.b, '{')
	for i := range s.members {
		m := &s.members[i]
		carried, has := (m.need | m.may).has(k), m.has(o)
		switch {
		case has && carried, m.spoken && m.need.has(k):
			w.name(m.name)
			m.write(w, o)
		case has:
			w.refuse(owner(k) + " does not carry " + m.name)
		case m.need.has(k):
			w.refuse(owner(k) + " must have " + m.name)
		}
	}
	w.b = append(w.b, '}')
}

func (w *jsonWriter) refuse(why string) {
	if w.fail == "" {
		w.fail = why
	}
}
