package measure

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/habeas-data/habeas/demo"
	"github.com/habeas-data/habeas/events"
)

// Load is the load of a run, the same for everybody who is measured.
func (o Options) Load() demo.Load {
	l := demo.NewLoad(o.Events, o.Seed)
	l.People = o.People
	return l
}

// A Feed generates a load in a goroutine of its own, in chunks, so that the
// generator's processor time can be told from that of what is measured.
type Feed struct {
	Chunks <-chan []*events.Observation
	cpu    atomic.Int64 // nanoseconds of the generator's thread
	free   sync.Pool    // of []*events.Observation, given back
	ready  func(*events.Observation)
}

// CPU is what the generator has used. It is part of the process's time and to
// be taken off.
func (f *Feed) CPU() time.Duration { return time.Duration(f.cpu.Load()) }

// Reuse gives a chunk back once nobody reads it any more.
func (f *Feed) Reuse(list []*events.Observation) { f.free.Put(&list) }

// NewFeed starts generating; done stops it early. ready, if any, is called
// with each observation at the generator's cost.
func NewFeed(done <-chan struct{}, o Options, chunk int, ready func(*events.Observation)) *Feed {
	ch := make(chan []*events.Observation, 8)
	f := &Feed{Chunks: ch, ready: ready}
	s := o.Load().Stream(0, o.Events)
	go func() {
		defer close(ch)
		runtime.LockOSThread() // never unlocked: the thread ends with its count
		began := threadCPU()
		for {
			list := f.take(s, chunk)
			f.cpu.Store(int64(threadCPU() - began))
			if len(list) == 0 {
				return
			}
			select {
			case ch <- list:
			case <-done:
				return
			}
		}
	}()
	return f
}

func (f *Feed) take(s *demo.Stream, n int) []*events.Observation {
	var list []*events.Observation
	if old, ok := f.free.Get().(*[]*events.Observation); ok {
		list = (*old)[:cap(*old)]
	} else {
		block := make([]events.Observation, n)
		list = make([]*events.Observation, n)
		for i := range block {
			list[i] = &block[i]
		}
	}
	i := 0
	for i < n && s.Next() {
		s.Observe(list[i])
		if f.ready != nil {
			f.ready(list[i])
		}
		i++
	}
	return list[:i]
}

// invent puts handles made up from the identifiers where the vault would put
// its own, for what is measured without a vault.
func invent(o *events.Observation) {
	e := &o.Event
	e.ID = events.EventID(digest16(string(e.Source) + o.ExternalID.Expose()))
	for _, id := range o.Subject {
		h := events.Handle(digest16(string(e.Source) + string(id.Kind) + id.Value.Expose()))
		e.Subject = append(e.Subject, events.Ref{Handle: h, Kind: id.Kind})
	}
	e.Flags |= events.Anchored
}
