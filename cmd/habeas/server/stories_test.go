package server_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/demo"
)

// Every event of every story is accepted by the gateway, and what each person is
// there to show is found when they are looked up: the findings that only the
// history of a person or the day brings out are here, the others in demo.
func TestStoriesAreFound(t *testing.T) {
	for _, notice := range demo.Notices() {
		t.Run(notice, func(t *testing.T) {
			story, err := demo.Of(notice)
			if err != nil {
				t.Fatal(err)
			}
			cat, err := story.Catalogue()
			if err != nil {
				t.Fatal(err)
			}
			g, err := story.New(demo.Config{People: 60, Seed: 5, Until: time.Now()})
			if err != nil {
				t.Fatal(err)
			}
			r := startWith(t, configure(t, t.TempDir()), cat)
			if err := r.Play(t.Context(), g.Observations(), func(int) {}); err != nil {
				t.Fatal("one event was refused:", err)
			}
			r.lists(story.Findings())
			for _, p := range story.Personas() {
				kind, value, _ := strings.Cut(p.Find, "=")
				if f, status := r.footprint(kind, value); status != http.StatusOK || len(f.Holdings) == 0 {
					t.Errorf("%s (%s): status %d, %d holdings", p.Key, p.Find, status, len(f.Holdings))
				}
			}
			for _, want := range story.Findings() {
				if want.By == demo.ByReport || want.By == demo.ByHistory && want.Who == "" {
					continue
				}
				r.shows(want, story.Personas()[0].Find)
			}
		})
	}
}

// lists wants every kind of finding in the list of all, but for silence: a
// story has just arrived whole, so the system that fell silent in it is behind.
func (r *running) lists(want []demo.Expected) {
	r.t.Helper()
	status, body := r.get("/v1/findings?limit=1000")
	var page struct {
		Findings []struct{ Rule string }
	}
	if err := json.Unmarshal([]byte(body), &page); err != nil || status != http.StatusOK {
		r.t.Fatalf("findings: status %d, %v", status, err)
	}
	found := map[string]bool{}
	for _, f := range page.Findings {
		found[f.Rule] = true
	}
	for _, f := range want {
		if !found[f.Rule] {
			r.t.Errorf("%s (%s) is not in the list of findings", f.Rule, f.Why)
			found[f.Rule] = true
		}
	}
}

// shows asks about the person of an expected finding; about anybody where it is
// a silent system, which every answer has to name (I6).
func (r *running) shows(want demo.Expected, anybody string) {
	r.t.Helper()
	who := want.Who
	if who == "" {
		who = anybody
	}
	kind, value, _ := strings.Cut(who, "=")
	f, status := r.footprint(kind, value)
	if status != http.StatusOK {
		r.t.Errorf("%s: status %d", who, status)
		return
	}
	var found []string
	for _, x := range f.Findings {
		found = append(found, x.Rule)
	}
	for _, u := range f.Unknown {
		// The whole story arrived a moment ago: what a system says it has told
		// ends days before that.
		if u.Why == "silent" || u.Why == "behind" {
			found = append(found, "SOURCE_SILENT")
		}
	}
	if !slices.Contains(found, want.Rule) {
		r.t.Errorf("%s: want %s (%s), found %v", who, want.Rule, want.Why, found)
	}
}
