package catalogue_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// factIDs reads a list of the ids that the reader of a notice gave its facts.
func factIDs(t *testing.T, path string) map[string][]string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lists := map[string][]string{}
	section := ""
	for line := range strings.Lines(string(b)) {
		line = strings.TrimRight(line, "\n")
		switch name, is := strings.CutSuffix(line, ":"); {
		case is:
			section = name
		case line != "":
			lists[section] = append(lists[section], strings.TrimSpace(line))
		}
	}
	return lists
}

// idsOf lists what a catalogue has under one heading.
func idsOf(t *testing.T, c *catalogue.Catalogue, heading string) (out []string) {
	t.Helper()
	add := func(id events.Code) { out = append(out, string(id)) }
	switch heading {
	case "activities":
		for _, v := range c.Activities {
			add(v.ID)
		}
	case "recipients":
		for _, v := range c.Recipients {
			add(v.ID)
		}
	case "sources":
		for _, v := range c.Sources {
			add(v.ID)
		}
	case "categories":
		for _, v := range c.Categories {
			add(v.ID)
		}
	case "elements":
		for _, v := range c.Categories {
			for _, e := range v.Items {
				out = append(out, string(v.ID+"/"+e.ID))
			}
		}
	case "rights":
		for _, v := range c.Rights {
			add(v.ID)
		}
	case "subject_types":
		for _, v := range c.SubjectTypes {
			add(v.ID)
		}
	case "retention_rules":
		for _, v := range c.RetentionRules {
			out = append(out, strings.ToLower(string(v.ID)))
		}
	case "milestones":
		for _, v := range c.Milestones {
			out = append(out, string(v.ID)+":"+string(v.Scope))
		}
	case "systems":
		for _, v := range c.Systems {
			add(v.ID)
		}
	default:
		t.Fatalf("no heading %q", heading)
	}
	return out
}

// No row of a notice is dropped in its catalogue: every fact that was read has
// its id there.
func TestNoFactIsDropped(t *testing.T) {
	files, err := filepath.Glob("testdata/ids/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no lists of ids", err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".txt")
		c, err := catalogue.LoadShipped(name)
		if err != nil {
			t.Error(err)
			continue
		}
		for heading, want := range factIDs(t, path) {
			got := idsOf(t, c, heading)
			for _, id := range want {
				if !slices.Contains(got, id) {
					t.Errorf("%s: %s: %s is missing", name, heading, id)
				}
			}
			if len(got) != len(want) {
				t.Errorf("%s: %s: %d in the catalogue, %d facts", name, heading, len(got), len(want))
			}
		}
	}
}
