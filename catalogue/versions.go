package catalogue

import (
	"fmt"
	"time"

	"github.com/habeas-data/habeas/events"
)

// An Adopted catalogue was in force from a moment on, until the next one was.
type Adopted struct {
	*Catalogue
	From events.Instant
}

// Versions are the catalogues that were in force, one after another. What a
// basis or a right was is judged by the version of the time of receipt; how long
// data is kept, by the one in force now.
type Versions struct{ list []Adopted }

// NewVersions puts adopted catalogues in order: numbers go up, and so do times.
func NewVersions(list ...Adopted) (*Versions, error) {
	for i := range list {
		if list[i].Catalogue == nil || list[i].Version() == 0 {
			return nil, fmt.Errorf("order the versions of the catalogue: the one at place %d was never adopted", i+1)
		}
		if i > 0 && (list[i].Version() <= list[i-1].Version() || list[i].From < list[i-1].From) {
			return nil, fmt.Errorf("order the versions of the catalogue: version %d does not follow version %d", list[i].Version(), list[i-1].Version())
		}
	}
	return &Versions{list}, nil
}

// At is the catalogue in force at a moment. Before the first one was adopted,
// none was.
func (v *Versions) At(t events.Instant) (*Catalogue, bool) {
	for i := len(v.list) - 1; i >= 0; i-- {
		if v.list[i].From <= t {
			return v.list[i].Catalogue, true
		}
	}
	return nil, false
}

// Number finds a version by the number under which it was adopted.
func (v *Versions) Number(n uint32) (*Catalogue, bool) {
	for _, a := range v.list {
		if a.Version() == n {
			return a.Catalogue, true
		}
	}
	return nil, false
}

// Current is the version in force now; nil where none was adopted.
func (v *Versions) Current() *Catalogue {
	if len(v.list) == 0 {
		return nil
	}
	return v.list[len(v.list)-1].Catalogue
}

// Lengthens reports whether a term keeps data longer than the one under which
// it was collected: a longer period, or none where there was one. It compares
// how long, not from when.
func (t *Term) Lengthens(collected *Term) bool {
	if !collected.Period.Given() {
		return false
	}
	return !t.Period.Given() || t.Period.LongerThan(collected.Period)
}

// LongerThan compares two periods as they would run from the same day.
func (p Period) LongerThan(q Period) bool {
	day := time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)
	return p.After(day).After(q.After(day))
}
