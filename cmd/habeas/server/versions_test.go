package server

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// Every version that was in force is found again: by its number, and by the time
// at which it was.
func TestVersionsAreFoundAgain(t *testing.T) {
	text, err := catalogue.Text("instant-connect")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "own.yaml")
	at := func(day string) events.Instant {
		d, err := events.ParseInstant(day + "T12:00:00Z")
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	var shelf *Shelf
	for _, x := range []struct{ day, period string }{{"2025-01-01", "P7Y"}, {"2025-06-01", "P9Y"}, {"2025-08-01", "P5Y"}} {
		said := strings.ReplaceAll(string(text), "trigger: account_deleted, period: P7Y", "trigger: account_deleted, period: "+x.period)
		if err := os.WriteFile(file, []byte(said), 0o600); err != nil {
			t.Fatal(err)
		}
		if shelf, err = openShelf(filepath.Join(dir, "shelf"), file, ""); err != nil {
			t.Fatal(err)
		}
		if err := shelf.adopt(context.Background(), at(x.day), func(context.Context, *events.Event) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	v := newVersions(shelf)
	period := func(c *catalogue.Catalogue) string {
		if c == nil {
			return "none"
		}
		r, _ := c.RetentionRule("R2")
		return r.Period.String()
	}
	for n, want := range map[uint32]string{1: "P7Y", 2: "P9Y", 3: "P5Y", 4: "none", 0: "none"} {
		if got := period(v.earlier(n)); got != want {
			t.Errorf("version %d: %s, want %s", n, got, want)
		}
	}
	for day, want := range map[string]string{"2024-12-31": "none", "2025-01-02": "P7Y", "2025-06-02": "P9Y", "2025-07-31": "P9Y", "2025-08-02": "P5Y"} {
		if got := period(v.inForce(at(day))); got != want {
			t.Errorf("on %s: %s, want %s", day, got, want)
		}
	}
}

// An earlier version is read under the decisions in force now, also when those
// were adopted after it was read first: live and restarted answer alike (I4). The
// first version is told as it was in force, decisions included.
func TestVersionsFollowDecisions(t *testing.T) {
	text, err := catalogue.Text("instant-connect")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, decisions := filepath.Join(dir, "own.yaml"), filepath.Join(dir, "own.decisions.yaml")
	put := func(on *Shelf, version, end string) *Shelf {
		t.Helper()
		said := strings.ReplaceAll(string(text), "trigger: account_deleted, period: P7Y", "trigger: account_deleted, period: "+version)
		decided := "financial_year_end: {value: " + end + ", by: A Named Person, on: 2025-01-01}\n"
		if err := errors.Join(os.WriteFile(file, []byte(said), 0o600), os.WriteFile(decisions, []byte(decided), 0o600)); err != nil {
			t.Fatal(err)
		}
		next, err := openShelf(filepath.Join(dir, "shelf"), file, decisions)
		if err == nil {
			err = next.adopt(context.Background(), 1, func(context.Context, *events.Event) error { return nil })
		}
		if err != nil {
			t.Fatal(err)
		}
		if on == nil {
			return next
		}
		on.put(next.base.Load()) // as a running server adopts it
		return on
	}
	shelf := put(nil, "P7Y", "03-31")
	v := newVersions(shelf)
	put(shelf, "P9Y", "04-30")
	end := func(c *catalogue.Catalogue) string {
		d, _ := c.Decision("financial_year_end")
		return d.Value.String()
	}
	if got := end(v.earlier(1)); got != "04-30" {
		t.Fatalf("the first version ends its year on %s", got)
	}
	put(shelf, "P5Y", "12-31")
	for n := range uint32(3) {
		if got := end(v.earlier(n + 1)); got != "12-31" {
			t.Errorf("version %d ends its year on %s, by decisions that are in force no more", n+1, got)
		}
	}
	if got := end(v.first()); got != "03-31" {
		t.Errorf("the first version, as it was in force, ended its year on %s", got)
	}
}

// What an adoption that broke off left behind vouches for no other text: a digest
// stands beside the text that it is of, or not at all.
func TestShelfLeavesNoForeignDigest(t *testing.T) {
	dir := t.TempDir()
	in, err := declared("instant-connect", "")
	if err != nil {
		t.Fatal(err)
	}
	s := &Shelf{dir: dir}
	s.put(in.cat.WithVersion(2))
	if err := s.keep(in); err != nil {
		t.Fatal(err)
	}
	in.text, in.decisions = append(in.text, "# another\n"...), nil
	stuck := filepath.Join(dir, "000002"+decisionsEnding)
	if err := errors.Join(os.Remove(stuck), os.MkdirAll(filepath.Join(stuck, "full"), 0o700)); err != nil {
		t.Fatal(err)
	}
	if err := s.keep(in); err == nil {
		t.Fatal("kept in spite of a file that cannot be removed")
	}
	if n, _, err := lastVersion(dir); err != nil || n != 0 {
		t.Errorf("version %d has a digest that is not of its text; %v", n, err)
	}
}
