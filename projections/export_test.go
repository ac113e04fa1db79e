package projections

import (
	"errors"
	"testing"

	"github.com/habeas-data/habeas/internal/runs"
)

// WriteVersion gives a closed map the versions of another program.
func WriteVersion(t *testing.T, cfg Config, v []byte) {
	t.Helper()
	dir, err := currentDir(cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := runs.Open(dir, runs.Config{Prefix: handleRows})
	if err != nil {
		t.Fatal(err)
	}
	b := s.Begin()
	b.Set(keyVersion, v)
	if err := errors.Join(b.Commit(nil), s.Close()); err != nil {
		t.Fatal(err)
	}
}

// Flush makes what the map has applied durable.
func (m *Map) Flush(t *testing.T) {
	t.Helper()
	m.apply.Lock()
	defer m.apply.Unlock()
	if err := errors.Join(m.feed.flush(), m.feed.durable()); err != nil {
		t.Fatal(err)
	}
}
