package server_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/cmd/habeas/server"
)

// A caller who goes away once a file is there.
type impatient struct {
	context.Context
	file string
}

func (c impatient) Err() error {
	if _, err := os.Stat(c.file); err != nil {
		return nil
	}
	return context.Canceled
}

// A client that goes away in the middle of an adoption leaves it whole: the text
// kept, the fact in the journal and the version in force are one (I2).
func TestAdoptOutlivesItsCaller(t *testing.T) {
	text, err := catalogue.Text("instant-connect")
	if err != nil {
		t.Fatal(err)
	}
	cfg := configure(t, t.TempDir())
	cfg.Catalogue = filepath.Join(t.TempDir(), "own.yaml")
	write := func(period string) {
		t.Helper()
		said := strings.ReplaceAll(string(text), "trigger: account_deleted, period: P7Y", "trigger: account_deleted, period: "+period)
		if err := os.WriteFile(cfg.Catalogue, []byte(said), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("P7Y")
	s, err := server.Open(t.Context(), cfg, server.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	write("P9Y")
	found, err := filepath.Glob(filepath.Join(cfg.Data, "*", "000001.digest"))
	if err != nil || len(found) != 1 {
		t.Fatalf("the versions are not where they were: %q, %v", found, err)
	}
	who := access.Caller{Token: "bcdfghjkmn", Name: "jo", Roles: []access.Role{access.DPO}}
	ctx := impatient{t.Context(), filepath.Join(filepath.Dir(found[0]), "000002.digest")}
	out, err := s.Adopt(ctx, who, false)
	if errors.Is(err, context.Canceled) || err != nil || out.Version != 2 || out.Position == "" {
		t.Fatalf("%+v, %v", out, err)
	}
	if again, err := s.Adopt(t.Context(), who, false); err != nil || again.Changed || again.Version != 2 {
		t.Errorf("%+v, %v", again, err)
	}
}
