package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// ErrFrozen: the server was brought back from a backup, and nobody has confirmed yet
// that it may go on to erase. What was decided since the backup may be missing.
var ErrFrozen = errors.New("this server was restored from a backup: nothing is erased, sent out or forgotten until a person confirms; see habeas restore confirm")

// frozen is ErrFrozen while destructive acts wait for that word.
func (d *Desk) frozen() error {
	if d.d.Frozen != nil && d.d.Frozen() {
		return ErrFrozen
	}
	return nil
}

// RecordReason puts an operation of the server and the reason given for it on
// record. Errors: ErrNotRecorded, and then the operation must not happen.
func (d *Desk) RecordReason(ctx context.Context, who access.Caller, act events.Code, reason events.Plaintext, outcome events.Code) error {
	return d.record(ctx, who, act, nil, reason, outcome, events.Position{})
}

// CaseNames reports whether an open case names a handle: what it stands for is not
// forgotten meanwhile. It is for whoever forgets, and shows nobody.
func (d *Desk) CaseNames(ctx context.Context, h events.Handle) (bool, error) {
	// Every case that is opened here is known from then on, so they are read once:
	// the sweep asks for every identifier there is.
	d.cases.mu.RLock()
	loaded := d.cases.loaded
	d.cases.mu.RUnlock()
	if !loaded {
		if err := d.LoadCases(ctx); err != nil {
			return false, err
		}
	}
	return d.caseNames(h)
}

// BindOpen carries out again what binds from receipt, for every case that somebody
// may have opened just before a crash: what the map has heard is not said again.
func (d *Desk) BindOpen(ctx context.Context) error {
	if err := d.LoadCases(ctx); err != nil {
		return err
	}
	d.cases.mu.RLock()
	var open []events.EventID
	for _, x := range d.cases.by {
		if !x.closed && (slices.Contains(x.rights, catalogue.RightMarketing) || slices.Contains(x.rights, catalogue.RightWithdrawConsent)) {
			open = append(open, x.id)
		}
	}
	d.cases.mu.RUnlock()
	for _, id := range open {
		view := d.d.View()
		f, err := d.caseOf(ctx, view, id)
		d.shut(ctx, view)
		if err == nil {
			err = d.bindAtReceipt(ctx, f)
		}
		if err == nil {
			_, err = d.startBinding(ctx, d.self(), f)
		}
		if err != nil {
			return fmt.Errorf("carry out what binds from receipt: %w", err)
		}
	}
	return nil
}

// EndedCases lists, for each closed request for erasure, the handles that it named:
// those under which habeas knew the person, and those that somebody took for
// theirs.
func (d *Desk) EndedCases(ctx context.Context) (out [][]events.Handle, err error) {
	if err := d.LoadCases(ctx); err != nil {
		return nil, err
	}
	d.cases.mu.RLock()
	defer d.cases.mu.RUnlock()
	for _, x := range d.cases.by {
		if x.closed && slices.Contains(x.rights, catalogue.RightErasure) {
			out = append(out, x.handles)
		}
	}
	return out, nil
}
