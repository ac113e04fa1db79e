package desktest

import (
	"context"
	"errors"
	"slices"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/identity"
)

// A Listed is an identifier on a list that outlives its data.
type Listed struct {
	Value string
	// System is where it was erased; Channel is one by which it is not approached.
	System, Channel events.Code
	Erased          bool // else: not to be approached
	At              events.Instant
}

// Lists is what the desk put on the lists, in order.
func (w *World) Lists() []Listed { return slices.Clone(w.vault.lists) }

// Retired are the values, as system:value, that look-ups find no more.
func (w *World) Retired() (out []string) {
	for h := range w.vault.retired {
		out = append(out, string(w.vault.where[h])+":"+w.vault.ids[h].Value.Expose())
	}
	slices.Sort(out)
	return out
}

// ErrForgetter is what a step of forgetting fails with when a test asks for it.
var ErrForgetter = errors.New("the forgetter broke")

// FailForgetter makes the n-th step of forgetting from now on fail, as a crash would
// cut it off; 0: none.
func (w *World) FailForgetter(n int) { w.vault.failAt = n }

func (v *vault) step() error {
	if v.failAt == 0 {
		return nil
	}
	if v.failAt--; v.failAt == 0 {
		return ErrForgetter
	}
	return nil
}

func (v *vault) Retire(_ context.Context, handles ...events.Handle) error {
	if err := v.step(); err != nil {
		return err
	}
	for _, h := range handles {
		v.retired[h] = true
	}
	return nil
}

func (v *vault) ShredNote(_ context.Context, id events.EventID) error {
	delete(v.notes, id)
	return nil
}

// ShredFile remembers what was to be destroyed: the fake keeps no files.
func (v *vault) ShredFile(_ context.Context, id events.EventID) error {
	v.files = append(v.files, id)
	return nil
}

// ShreddedFiles are the sealed files that the desk had destroyed, in order.
func (w *World) ShreddedFiles() []events.EventID { return slices.Clone(w.vault.files) }

func (v *vault) Erased(_ context.Context, members []identity.Member, at events.Instant) error {
	if err := v.step(); err != nil {
		return err
	}
	for _, m := range members {
		v.lists = append(v.lists, Listed{Value: v.ids[m.Handle].Value.Expose(), System: m.System, Erased: true, At: at})
	}
	return nil
}

func (v *vault) Unwanted(_ context.Context, handles []events.Handle, channels []events.Code, at events.Instant) error {
	if err := v.step(); err != nil {
		return err
	}
	if len(channels) == 0 {
		channels = []events.Code{""}
	}
	for _, h := range handles {
		for _, c := range channels {
			x := Listed{Value: v.ids[h].Value.Expose(), Channel: c, At: at}
			if !slices.Contains(v.lists, x) {
				v.lists = append(v.lists, x)
			}
		}
	}
	return nil
}
