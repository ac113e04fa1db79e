package audit

import (
	"fmt"

	"github.com/habeas-data/habeas/events"
)

// A Filter chooses records. Zero fields choose all.
type Filter struct {
	Actor   events.Code
	Act     events.Code
	Outcome events.Code
	From    events.Instant // inclusive
	To      events.Instant // exclusive
	Case    events.EventID
}

func (f Filter) takes(e *Entry) bool {
	return (f.Actor == "" || f.Actor == e.Actor) && (f.Act == "" || f.Act == e.Act) &&
		(f.Outcome == "" || f.Outcome == e.Outcome) &&
		(f.Case.IsZero() || f.Case == e.Case) &&
		(f.From == 0 || e.At >= f.From) && (f.To == 0 || e.At < f.To)
}

// A Numbered entry is a record and its place in the log.
type Numbered struct {
	Index int64 `json:"index"`
	Entry Entry `json:"entry"`
}

// A Page is a part of the log, newest first.
type Page struct {
	Entries []Numbered `json:"entries"`
	// Next continues behind this page; -1 when there is no more. A page may be
	// short and still have a Next: it read as far as one question may.
	Next int64 `json:"next"`
	Size int64 `json:"size"`
}

const (
	maxPage = 500
	maxScan = 20_000
)

// List returns the newest records before index before (use -1 for the end)
// that the filter takes, at most limit.
func (l *Log) List(f Filter, before int64, limit int) (Page, error) {
	size, err := l.settled()
	if err != nil {
		return Page{}, err
	}
	if limit <= 0 || limit > maxPage {
		limit = maxPage
	}
	p := Page{Entries: []Numbered{}, Next: -1, Size: size}
	if before < 0 || before > size {
		before = size
	}
	low := max(0, before-maxScan)
	for n := before - 1; n >= low; n-- {
		e, err := l.entry(n)
		if err != nil {
			return Page{}, err
		}
		if f.From > 0 && e.At < f.From {
			return p, nil // times never go back, so nothing older fits
		}
		if f.takes(&e) {
			p.Entries = append(p.Entries, Numbered{n, e})
		}
		if len(p.Entries) == limit {
			low = n
		}
	}
	if low > 0 {
		p.Next = low
	}
	return p, nil
}

// settled is how many records stand for good: their files are read without the
// lock, so that a long reading holds up no look.
func (l *Log) settled() (int64, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.closed {
		return 0, ErrClosed
	}
	return l.tree.size, nil
}

// entry reads a settled record.
func (l *Log) entry(n int64) (Entry, error) {
	b, err := l.tree.record(n)
	if err != nil {
		return Entry{}, err
	}
	e, err := decodeEntry(b)
	if err != nil {
		return Entry{}, fmt.Errorf("read audit record %d: %w: %w", n, ErrDamaged, err)
	}
	return e, nil
}
