package events

// What the tests of this package need to see of its inside.

type FieldName struct {
	Tag  byte
	Name string
}

func FieldNames() (out []FieldName) {
	for _, f := range fields {
		out = append(out, FieldName{f.tag, f.name})
	}
	return out
}

func Words() map[string][]Code {
	return map[string][]Code{
		"provenance": provenances[1:], "action": actions[1:], "removal": removals[1:],
		"method": methods[1:], "given_by": givers[1:], "consideration": considerations[1:],
		"acting_as": actings[1:], "state": states[1:], "medium": media[1:], "marks": markNames[1:],
	}
}

// MemberNames lists the fields of the data of a kind: needed ones end in "!".
func MemberNames(k Kind) (out []string) {
	for _, m := range dataShape.members {
		switch {
		case m.need.has(k):
			out = append(out, m.name+"!")
		case m.may.has(k):
			out = append(out, m.name)
		}
	}
	return out
}

// Upcast runs the seam of DecodeEvent with steps of a test.
func Upcast(b []byte, steps map[byte]func([]byte) ([]byte, error)) ([]byte, error) {
	table := make(map[byte]upcaster, len(steps))
	for v, step := range steps {
		table[v] = step
	}
	return upcast(b, table)
}

const EventVersion = eventVersion

func ShowableName(s string) bool { return showable([]byte(s)) }

// PackKnows is how many codes a pack carries along.
func PackKnows(p *Pack) int { return len(p.known) }
