package desk

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// Systems lists every system of the catalogue and how it stands, then any other
// that has reported.
func (d *Desk) Systems(ctx context.Context, who access.Caller) (Survey, error) {
	if !who.May(access.SystemsRead) {
		return Survey{}, ErrForbidden
	}
	view := d.d.View()
	defer d.shut(ctx, view)
	list, err := d.systems(view)
	if err != nil {
		return Survey{}, err
	}
	open, err := d.openBySystem(view)
	if err != nil {
		return Survey{}, err
	}
	now := d.d.Now().In(d.d.Zone)
	r := reportsOf(d.d.Catalogue(), now, list)
	out := Survey{AsOf: events.AsOf{Position: view.Position().String(), Time: events.InstantOf(now)}, Systems: []SystemView{}}
	for _, s := range r.cat.AllSystems() {
		out.Systems = append(out.Systems, r.view(s))
	}
	for _, s := range list {
		if _, ok := r.cat.System(s.Code); !ok && s.Code != inventory.Operator {
			v := SystemView{ID: string(s.Code), Name: string(s.Code), Owner: "undeclared", Status: "reporting"}
			v.fill(&s)
			out.Systems = append(out.Systems, v)
		}
	}
	for i := range out.Systems {
		out.Systems[i].Findings = open[out.Systems[i].ID]
	}
	return out, nil
}

func (r *reports) view(s *catalogue.System) SystemView {
	rep := r.by[s.ID]
	v := SystemView{ID: string(s.ID), Name: s.Name, Owner: string(s.Owner), SilentAfter: s.SilentAfter.String(), Expected: s.Connected != catalogue.NotExpected}
	v.Status, _ = r.status(s, rep)
	switch {
	case v.Status == recipientSilent:
		v.Status = neverConnected
	case v.Status == neverConnected && s.Medium == catalogue.Paper:
		v.Status = onPaper
	case v.Status == neverConnected && s.Structured == catalogue.Unstructured:
		v.Status = unstructured
	}
	if v.Status == neverConnected && !v.Expected {
		v.Status = "not_expected"
	}
	if rep != nil {
		v.fill(rep)
	}
	return v
}

func (v *SystemView) fill(s *inventory.System) {
	v.Events, v.Quarantined = s.Events, s.Pending
	v.FirstSeen, v.LastSeen, v.Through = instant(s.First), instant(s.Recorded), instant(through(s))
	since, _ := stated(s)
	v.Since = instant(since)
}

func instant(t events.Instant) *events.Instant {
	if t.IsZero() {
		return nil
	}
	return &t
}

// Quarantine lists the events that wait to be mended, oldest first.
func (d *Desk) Quarantine(ctx context.Context, who access.Caller) (QuarantineList, error) {
	if !who.May(access.QuarantineRead) {
		return QuarantineList{}, ErrForbidden
	}
	view := d.d.View()
	defer d.shut(ctx, view)
	notes, err := notes(view)
	if err != nil {
		return QuarantineList{}, err
	}
	out := QuarantineList{AsOf: events.AsOf{Position: view.Position().String(), Time: events.InstantOf(d.d.Now())}, Items: []QuarantineItem{}}
	for _, n := range notes {
		out.Items = append(out.Items, quarantineItem(&n))
	}
	return out, nil
}

func notes(view View) ([]inventory.Note, error) {
	list, err := inventory.Notes(view, false)
	if err != nil {
		return nil, fmt.Errorf("read the quarantine: %w", err)
	}
	slices.SortFunc(list, func(a, b inventory.Note) int { return a.Position.Compare(b.Position) })
	return list, nil
}

func quarantineItem(n *inventory.Note) QuarantineItem {
	return QuarantineItem{Position: n.Position.String(), System: string(n.System), Why: string(n.Why), At: n.Recorded, Note: n.ID.String()}
}

// QuarantineOpen shows the sealed contents of one such event. It is recorded
// first. Errors: ErrForbidden, ErrGone, ErrNotRecorded.
func (d *Desk) QuarantineOpen(ctx context.Context, who access.Caller, at events.Position) (QuarantineBody, error) {
	if !who.May(access.QuarantineOpen) {
		return QuarantineBody{}, ErrForbidden
	}
	view := d.d.View()
	defer d.shut(ctx, view)
	notes, err := notes(view)
	if err != nil {
		return QuarantineBody{}, err
	}
	i := slices.IndexFunc(notes, func(n inventory.Note) bool { return n.Position == at })
	if i < 0 {
		return QuarantineBody{}, ErrGone
	}
	n := &notes[i]
	about := make([]events.Handle, len(n.Subject))
	for i, s := range n.Subject {
		about[i] = s.Handle
	}
	if err := d.record(ctx, who, events.Code(access.QuarantineOpen), about, events.Plaintext{}, audit.Found, view.Position()); err != nil {
		return QuarantineBody{}, err
	}
	body, err := d.d.Revealer.OpenNote(ctx, n.ID)
	if err != nil {
		d.d.Log.WarnContext(ctx, "a quarantined event could not be opened", "error", err)
		return QuarantineBody{}, ErrGone
	}
	v := QuarantineBody{Item: quarantineItem(n), Body: string(body)}
	if !utf8.Valid(body) {
		v.Body = fmt.Sprintf("(%d bytes that are no text)", len(body))
	}
	return v, nil
}
