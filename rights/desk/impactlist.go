package desk

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/facets"
	"github.com/habeas-data/habeas/projections/identity"
)

// An ImpactPerson is one line of a list of people.
type ImpactPerson struct {
	Ref         string             `json:"ref"` // look them up with it
	Identifiers []ImpactIdentifier `json:"identifiers"`
	// Contested: evidence also speaks for somebody else; decide before writing.
	Contested bool `json:"contested,omitempty"`
	// Forgotten: nobody knows any more who it was.
	Forgotten bool `json:"forgotten,omitempty"`
}

// An ImpactIdentifier is one identifier of a person and who knows it.
type ImpactIdentifier struct {
	Kind    string   `json:"kind"`
	Value   string   `json:"value"`
	Systems []string `json:"systems"`
}

// A ListRequest is a list of people that waits for a second person.
type ListRequest struct {
	ID       string         `json:"id"`
	By       string         `json:"by"`       // name of the token that asks
	Question string         `json:"question"` // in words
	People   uint64         `json:"people"`
	Expires  events.Instant `json:"expires"`
	Approved string         `json:"approved_by,omitempty"`

	token events.Code
}

// NeedsApproval is the answer to whoever asks for a list of people where two
// persons must want it.
type NeedsApproval struct{ Request ListRequest }

func (n *NeedsApproval) Error() string {
	return fmt.Sprintf("a second person must approve this list of %d people: request %s", n.Request.People, n.Request.ID)
}

// requests are the lists that wait. They live in memory: after a restart one
// asks again.
type requests struct {
	mu sync.Mutex
	by map[string]*ListRequest // guarded by mu
}

const (
	requestFor  = events.Instant(3600 * 1_000_000) // an hour
	maxRequests = 64
)

// ImpactPeople lists the people of an impact, one by one. begin is called once,
// after the look was recorded and before the first. Errors: those of Impact, and
// *NeedsApproval.
func (d *Desk) ImpactPeople(ctx context.Context, q ImpactQuery, begin func(*Impact) error, each func(*ImpactPerson) error) error {
	a, err := d.impact(ctx, &q, access.ImpactList)
	if err != nil {
		return err
	}
	released := false
	release := func() {
		if !released {
			released = true
			a.close(ctx)
		}
	}
	defer release()
	head, err := a.tell(ctx)
	if err != nil {
		return err
	}
	if d.d.FourEyes {
		if err := d.fourEyes(ctx, &q, head.People, a.at); err != nil {
			return err
		}
	}
	var about []events.Handle
	a.index.Read(func(r *facets.Reading) {
		for it := a.answer.Handles.Iterator(); it.HasNext(); {
			about = append(about, r.Handle(it.Next()))
		}
	})
	if err := d.recordOn(ctx, q.Caller, events.Code(access.ImpactList), q.target(), about, q.explained(), audit.Found, a.at); err != nil {
		return err
	}
	leads, err := a.count.people(ctx, a.answer.Handles)
	if err != nil {
		return err
	}
	if err := begin(head); err != nil {
		return err
	}
	// The list may take as long as its reader: others count meanwhile.
	graph, known := a.count.graph, a.count.known
	a.count.close()
	released = true
	defer d.shut(ctx, a.view)
	for it := leads.Iterator(); it.HasNext(); {
		var h events.Handle
		ord := it.Next()
		a.index.Read(func(r *facets.Reading) { h = r.Handle(ord) })
		p, err := identity.Resolve(ctx, []events.Handle{h}, graph, identity.Query{Known: known, Exact: true})
		if err != nil {
			return fmt.Errorf("resolve a person of a list: %w", err)
		}
		line, err := d.line(ctx, h, p)
		if err != nil {
			return err
		}
		if err := each(line); err != nil {
			return err
		}
	}
	return nil
}

// line names one person of a list.
func (d *Desk) line(ctx context.Context, h events.Handle, p *identity.Person) (*ImpactPerson, error) {
	out := &ImpactPerson{Ref: h.String(), Identifiers: []ImpactIdentifier{}, Contested: len(p.Contests) > 0, Forgotten: len(p.Members) == 0}
	if out.Forgotten {
		return out, nil
	}
	members := append(slices.Clone(p.Members), p.Also...)
	handles := make([]events.Handle, len(members))
	for i, m := range members {
		handles[i] = m.Handle
	}
	names, err := d.d.Revealer.Reveal(ctx, handles)
	if err != nil {
		return nil, fmt.Errorf("reveal the names of a list: %w", err)
	}
	for _, m := range members {
		id, ok := names[m.Handle]
		if !ok {
			continue
		}
		value := id.Value.Expose()
		i := slices.IndexFunc(out.Identifiers, func(x ImpactIdentifier) bool { return x.Kind == string(m.Kind) && x.Value == value })
		if i < 0 {
			i = len(out.Identifiers)
			out.Identifiers = append(out.Identifiers, ImpactIdentifier{Kind: string(m.Kind), Value: value})
		}
		if x := &out.Identifiers[i]; !slices.Contains(x.Systems, string(m.System)) {
			x.Systems = append(x.Systems, string(m.System))
		}
	}
	return out, nil
}

// fourEyes lets a list pass that a second person has approved, once; any other
// it writes down for one.
func (d *Desk) fourEyes(ctx context.Context, q *ImpactQuery, people uint64, at events.Position) error {
	now := events.InstantOf(d.d.Now())
	d.lists.mu.Lock()
	defer d.lists.mu.Unlock()
	d.lists.expire(now)
	for id, r := range d.lists.by {
		if r.token != q.Caller.Token || r.Question != q.String() {
			continue
		}
		if r.Approved != "" && people <= r.People {
			delete(d.lists.by, id)
			return nil
		}
		if people <= r.People {
			return &NeedsApproval{*r}
		}
		delete(d.lists.by, id) // it has grown: what was approved is not this
	}
	if len(d.lists.by) >= maxRequests {
		return &Limited{RetryAfter: 60}
	}
	var b [8]byte
	if _, err := io.ReadFull(d.d.Rand, b[:]); err != nil {
		return fmt.Errorf("name a request: %w", err)
	}
	r := &ListRequest{ID: hex.EncodeToString(b[:]), By: string(q.Caller.Name), Question: q.String(), People: people, Expires: now + requestFor, token: q.Caller.Token}
	if err := d.recordOn(ctx, q.Caller, "impact.list.ask", q.target(), nil, q.explained(), audit.Done, at); err != nil {
		return err
	}
	if d.lists.by == nil {
		d.lists.by = make(map[string]*ListRequest)
	}
	d.lists.by[r.ID] = r
	return &NeedsApproval{*r}
}

func (r *requests) expire(now events.Instant) {
	for id, x := range r.by {
		if x.Expires <= now {
			delete(r.by, id)
		}
	}
}

// ListRequests lists what waits for a second person.
func (d *Desk) ListRequests(_ context.Context, who access.Caller) ([]ListRequest, error) {
	if err := permit(who, access.ImpactApprove); err != nil {
		return nil, err
	}
	d.lists.mu.Lock()
	defer d.lists.mu.Unlock()
	d.lists.expire(events.InstantOf(d.d.Now()))
	out := []ListRequest{}
	for _, r := range d.lists.by {
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b ListRequest) int { return bytes.Compare([]byte(a.ID), []byte(b.ID)) })
	return out, nil
}

// ErrSamePerson: who asks may not approve.
var ErrSamePerson = errors.New("another person than the one who asks must approve")

// ApproveList lets a list pass once. Errors: ErrForbidden, ErrSamePerson,
// ErrGone, ErrNotRecorded.
func (d *Desk) ApproveList(ctx context.Context, who access.Caller, id string) (ListRequest, error) {
	if err := permit(who, access.ImpactApprove); err != nil {
		return ListRequest{}, err
	}
	d.lists.mu.Lock()
	defer d.lists.mu.Unlock()
	d.lists.expire(events.InstantOf(d.d.Now()))
	r := d.lists.by[id]
	switch {
	case r == nil:
		return ListRequest{}, ErrGone
	case d.samePerson(r.token, who.Token):
		return ListRequest{}, fmt.Errorf("%w: %w", ErrForbidden, ErrSamePerson)
	}
	if err := d.recordOn(ctx, who, events.Code(access.ImpactApprove), "", nil, events.NewPlaintext("["+r.Question+"]"), audit.Done, events.Position{}); err != nil {
		return ListRequest{}, err
	}
	r.Approved = string(who.Name)
	return *r, nil
}
