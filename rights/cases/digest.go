package cases

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strconv"

	"github.com/habeas-data/habeas/events"
)

// digestForm is the version of what a digest covers. Another form would make every
// approval stale, so it is part of what is hashed.
const digestForm = "habeas plan 1"

// PlanDigest stands for what would be done: each item with its right, outcome,
// code, days and recipients, the items that are open, and the handles that were
// confirmed. Who decided, words, findings and the request that blocks an erasure
// are not part of it: they change nothing of what is done. The order never matters.
func PlanDigest(finals []Final, open []Open, members []Member) Digest {
	lines := make([][sha256.Size]byte, 0, len(finals)+len(open)+len(members))
	for i := range finals {
		lines = append(lines, sha256.Sum256(line(&finals[i])))
	}
	for _, o := range open {
		lines = append(lines, sha256.Sum256(fields("open", o.Holding, string(o.Right))))
	}
	for _, m := range members {
		lines = append(lines, sha256.Sum256(fields("member", m.Handle.String())))
	}
	slices.SortFunc(lines, func(a, b [sha256.Size]byte) int { return bytes.Compare(a[:], b[:]) })
	h := sha256.New()
	h.Write(fields(digestForm, strconv.Itoa(len(finals)), strconv.Itoa(len(open)), strconv.Itoa(len(members))))
	for i := range lines {
		h.Write(lines[i][:])
	}
	return Digest(h.Sum(nil)[:16])
}

func line(f *Final) []byte {
	b := fields("final", f.Holding, string(f.Right), f.Handle.String(), string(f.System), string(f.Outcome), string(f.Code), f.Until.String(), f.WaitsFor, flags(f.Detached, f.Restricted, f.Silent), string(f.Value))
	b = append(b, fields(sorted(f.Also)...)...)
	b = append(b, fields(sorted(f.Channels)...)...)
	if k := f.Keep; k != nil {
		b = append(b, fields(append([]string{"keep", k.Until.String(), k.WaitsFor}, sorted(k.Elements)...)...)...)
	}
	told := make([]string, 0, len(f.Recipients))
	for _, t := range f.Recipients {
		person := ""
		if t.Person != nil {
			person = t.Person.Handle.String()
		}
		told = append(told, string(fields(string(t.Recipient), person, string(t.ActingAs), string(t.Action), string(t.Verb), flags(t.Impossible, t.Silent))))
	}
	slices.Sort(told)
	return append(b, fields(told...)...)
}

// fields writes a list of strings so that no two lists look the same.
func fields(list ...string) []byte {
	b := binary.AppendUvarint(nil, uint64(len(list)))
	for _, s := range list {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	return b
}

func sorted[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	slices.Sort(out)
	return out
}

func flags(list ...bool) string {
	b := make([]byte, len(list))
	for i, is := range list {
		b[i] = '0'
		if is {
			b[i] = '1'
		}
	}
	return string(b)
}

// Key is what the id of a task is derived from, under a key that its owner has: the
// case, the plan, the target, the verb and the holdings. Making tasks of the same
// plan again gives the same ids, so no second task.
func (b *TaskBody) Key(of events.EventID) []byte {
	person := ""
	if b.Person != nil {
		person = b.Person.Handle.String()
	}
	// Whether somebody claims for the target may change between a crash and the next
	// run; it is the same task all the same.
	born := b.Born
	if born == TaskManual {
		born = ""
	}
	list := []string{"habeas task 1", of.String(), b.Digest.String(), string(b.System), string(b.Recipient), person, string(b.ActingAs), string(b.Verb), string(b.Of), string(born), string(fields(sorted(b.Channels)...))}
	var parts []string
	for _, p := range b.Scope {
		parts = append(parts, p.Holding)
	}
	slices.Sort(parts)
	return fields(append(list, parts...)...)
}
