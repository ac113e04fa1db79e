package desktest

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/rights/desk"
)

// vault keeps identifiers in maps. Handles are digests, so that goldens are
// stable. One goroutine owns it.
type vault struct {
	ids   map[events.Handle]events.Identifier
	where map[events.Handle]events.Code
	notes map[events.EventID][]byte
	// retired are found no more; lists is what must not come back.
	retired map[events.Handle]bool
	lists   []Listed
	files   []events.EventID // what was to be destroyed
	failAt  int              // the step of forgetting that fails
	// Broken makes sealing fail.
	Broken bool
	looked int // calls of Siblings
}

func newVault() *vault {
	return &vault{ids: map[events.Handle]events.Identifier{}, where: map[events.Handle]events.Code{}, notes: map[events.EventID][]byte{}, retired: map[events.Handle]bool{}}
}

func fold(id events.Identifier) events.Identifier {
	if id.Kind == "email" {
		id.Value = events.NewPlaintext(strings.ToLower(id.Value.Expose()))
	}
	return id
}

func digest(parts ...string) [16]byte {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return [16]byte(sum[:16])
}

// handle allocates. A name that was retired gets a fresh handle.
func (v *vault) handle(system events.Code, id events.Identifier) events.Ref {
	id = fold(id)
	h := events.Handle(digest("handle", string(system), string(id.Kind), id.Value.Expose()))
	for v.retired[h] {
		h = events.Handle(digest("again", h.String()))
	}
	v.ids[h], v.where[h] = id, system
	return events.Ref{Handle: h, Kind: id.Kind}
}

func (v *vault) Find(_ context.Context, id events.Identifier) ([]identity.Member, error) {
	if id.Kind == "email" && !strings.Contains(id.Value.Expose(), "@") {
		return nil, &desk.Fault{Text: "want an e-mail address"}
	}
	id = fold(id)
	out := []identity.Member{}
	for h, x := range v.ids {
		if x.Equal(id) && !v.retired[h] {
			out = append(out, identity.Member{Handle: h, System: v.where[h], Kind: x.Kind})
		}
	}
	slices.SortFunc(out, func(a, b identity.Member) int { return strings.Compare(string(a.System), string(b.System)) })
	return out, nil
}

func (v *vault) Siblings(ctx context.Context, h events.Handle) ([]identity.Member, error) {
	v.looked++
	id, ok := v.ids[h]
	if !ok || v.retired[h] {
		return nil, nil
	}
	return v.Find(ctx, id)
}

// retiredOf lists the retired handles of the identifier behind a handle.
func (v *vault) retiredOf(_ context.Context, h events.Handle) (out []events.Handle, err error) {
	id, ok := v.ids[h]
	for r := range v.retired {
		if ok && !v.retired[h] && v.ids[r].Equal(id) {
			out = append(out, r)
		}
	}
	return out, nil
}

func (v *vault) Reveal(_ context.Context, handles []events.Handle) (map[events.Handle]events.Identifier, error) {
	out := map[events.Handle]events.Identifier{}
	for _, h := range handles {
		if id, ok := v.ids[h]; ok {
			out[h] = id
		}
	}
	return out, nil
}

func (v *vault) Seal(_ context.Context, body []byte) (events.EventID, error) {
	if v.Broken {
		return events.EventID{}, errors.New("vault is down")
	}
	id := events.EventID(digest("note", string(body)))
	v.notes[id] = slices.Clone(body)
	return id, nil
}

func (v *vault) OpenNote(_ context.Context, id events.EventID) ([]byte, error) {
	b, ok := v.notes[id]
	if !ok {
		return nil, errors.Join(desk.ErrGone, errors.New("no such note"))
	}
	return b, nil
}

func (v *vault) Allocate(_ context.Context, system events.Code, ids []events.Identifier) ([]events.Ref, uint64, error) {
	out := make([]events.Ref, len(ids))
	for i, id := range ids {
		out[i] = v.handle(system, id)
	}
	return out, 1, nil
}

func (v *vault) EventID(source events.Code, id events.Plaintext) events.EventID {
	return events.EventID(digest("event", string(source), id.Expose()))
}
