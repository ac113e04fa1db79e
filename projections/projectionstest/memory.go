package projectionstest

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/projections/facets"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/retention"
)

// A Memory is a map without a store: it applies events as the real one does
// and answers as a View does.
type Memory struct {
	Rows     map[string][]byte
	Position events.Position // of the last event applied
	Refused  int
	names    []events.Code
	numbers  map[events.Code]uint64
	gone     *inventory.Retractions
	bodies   *inventory.Templates
	inv      *inventory.Applier
	id       identity.Applier
	fac      *facets.Applier
	// Hasty puts off what can wait for a pause.
	Hasty bool
}

// NewMemory returns an empty one.
func NewMemory() *Memory {
	m := &Memory{
		Rows: make(map[string][]byte), numbers: make(map[events.Code]uint64),
		gone: inventory.NewRetractions(), bodies: inventory.NewTemplates(),
		Position: events.Position{Generation: 1},
		fac:      facets.NewApplier(facets.NewIndex()),
	}
	var err error
	if m.inv, err = inventory.NewApplier(m, m.gone, m.bodies); err != nil {
		panic(err) // an empty map has nothing to misread
	}
	return m
}

// Apply applies events, each as a frame of its own recorded at a moment.
func (m *Memory) Apply(at events.Instant, evs ...*events.Event) error {
	for _, e := range evs {
		m.Position.Seq++
		if err := inventory.Check(e); err != nil {
			m.Refused++
			continue
		}
		r := &events.Recorded{Event: *e, Position: m.Position, At: at, Catalogue: 1}
		err := m.inv.Apply(m, r)
		if errors.Is(err, inventory.ErrRefused) {
			m.Refused++
			continue
		}
		if err == nil {
			err = retention.Applier{}.Apply(m, r, m.inv.Noted().Changed)
		}
		if err == nil {
			err = casebook.Applier{}.Apply(m, r)
		}
		if err == nil {
			err = m.id.Apply(m, r)
		}
		if err != nil {
			return err
		}
		m.fac.Apply(r, m.inv.Noted(), m.gone, m.id.Joined())
	}
	m.inv.Flush(m)
	for {
		if err := m.fac.Flush(m, m, m.Position, !m.Hasty); err != nil || m.Hasty || !m.fac.Waiting() {
			return err
		}
	}
}

// Reopen forgets whatever is not in the rows, as closing and opening a map does.
func (m *Memory) Reopen() (err error) {
	if m.bodies, err = inventory.LoadTemplates(m); err != nil {
		return err
	}
	if m.gone, err = inventory.LoadRetractions(m); err != nil {
		return err
	}
	if m.inv, err = inventory.NewApplier(m, m.gone, m.bodies); err != nil {
		return err
	}
	x, err := facets.Load(m, m.Position)
	m.fac, m.id = facets.NewApplier(x), identity.Applier{}
	return err
}

// Facets is the index as of the last Apply.
func (m *Memory) Facets() *facets.Index { return m.fac.Index() }

// Get implements inventory.Reader and inventory.Batch.
func (m *Memory) Get(key []byte) ([]byte, bool, error) {
	v, ok := m.Rows[string(key)]
	return v, ok, nil
}

// Set implements inventory.Batch.
func (m *Memory) Set(key, value []byte) { m.Rows[string(key)] = value }

// Delete implements casebook.Batch.
func (m *Memory) Delete(key []byte) { delete(m.Rows, string(key)) }

// Symbol implements inventory.Batch.
func (m *Memory) Symbol(c events.Code) uint64 {
	if n, ok := m.numbers[c]; ok {
		return n
	}
	m.names = append(m.names, c)
	m.numbers[c] = uint64(len(m.names))
	return m.numbers[c]
}

// Name implements inventory.Reader.
func (m *Memory) Name(n uint64) (events.Code, error) {
	if n == 0 || n > uint64(len(m.names)) {
		return "", fmt.Errorf("code %d is not known", n)
	}
	return m.names[n-1], nil
}

// Scan implements inventory.Reader.
func (m *Memory) Scan(prefix, start []byte, fn func(k, v []byte) error) error {
	var keys []string
	for k := range m.Rows {
		if strings.HasPrefix(k, string(prefix)) && k >= string(start) {
			keys = append(keys, k)
		}
	}
	sort.Strings(keys)
	for _, k := range keys {
		if err := fn([]byte(k), m.Rows[k]); err != nil {
			if errors.Is(err, inventory.ErrStop) {
				return nil
			}
			return err
		}
	}
	return nil
}

// Templates implements inventory.Reader.
func (m *Memory) Templates() *inventory.Templates { return m.bodies }

// Retracted implements inventory.Reader.
func (m *Memory) Retracted(id inventory.Mark) []inventory.Retraction {
	return m.gone.Of(id, m.Position)
}
