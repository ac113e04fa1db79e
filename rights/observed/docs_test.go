package observed

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/observed.md anew")

const docsHead = `# Observed against declared

The table of this page is generated from the rules.

` + "`habeas findings`" + ` says where what systems report and what the catalogue declares disagree. Nothing of it
is stored: what systems report of everybody together is a short list of bodies of codes, and
the rules run over that list when somebody asks, by the catalogue in force. A corrected
catalogue therefore counts at once, and a rebuilt map gives the same list. What only the
history of a person shows is looked for among those of whom something was said that forbids
or ends; what is kept too long comes from the due list.

## Asking

| | |
|---|---|
| ` + "`habeas findings`" + ` | the open ones, the gravest first, then those about single people |
| ` + "`--rule R`, `--verdict V`, `--system S`" + ` | narrow the list; a rule answers to its aliases too |
| ` + "`--open`, `--accepted`, `--resolved`, `--all`" + ` | by how they stand |
| ` + "`--as-of DAY`" + ` | as known and decided then, by the catalogue in force then; people are counted as of now only |
| ` + "`--json`, `--format csv`" + ` | one document, or one line a finding |
| ` + "`habeas findings show ID`" + ` | what, where, since when, of how many people, what the rule rests on, what to do |
| ` + "`GET /v1/findings`, `GET /v1/findings/{id}`" + ` | the same over HTTP, in pages, as CSV or as a stream of lines |

The number of people is counted by the cells of the facets, as ` + "`habeas impact`" + ` counts. Where people
who do not show the finding stand in the same cell it is an upper bound (` + "`people_at_most`" + `; "at most" in
the table). Of data shared without being stored it is a lower bound: one item stored and another
shared is seen in the map of the person only.

## Deciding

A finding is open until somebody decides, with a reason, which is kept sealed:

- **accept** it until a day, at most a year from now: it is known, and stays accepted whatever is
  reported. On the day of review it is open again.
- **resolve** it: it is mended. For a finding about reports it is open again with the first report that
  shows it after the decision; for a state (marked below), if it is still so on a later day.
- **reopen** it: an earlier word is taken back.

Decisions are facts of the journal (` + "`finding.decided`" + `). They name the finding by a digest of its rule
and what it is about, so they stand when the map is rebuilt and when texts change. Who decided
stands in the record of looks and decisions.

| permission | allows |
|---|---|
| ` + "`findings.read`" + ` | codes and counts |
| ` + "`findings.people`" + ` | findings about single people, by reference; the look is recorded |
| ` + "`findings.decide`" + ` | decisions; each is recorded before it is made |

A finding marked as a possible breach carries ` + "`breach_clock`" + `: 72 hours from the moment the server
recorded it, which is the earliest at which somebody could have known (Article 33(1)).

## The rules

State: it goes away by itself when it is so no longer.

| rule | finds | rests on | what to do |
|---|---|---|---|
`

func docsPage() string {
	var b strings.Builder
	b.WriteString(docsHead)
	for _, r := range All() {
		name := "`" + r.ID + "`"
		for _, a := range r.Aliases {
			name += ", also `" + a + "`"
		}
		title := r.Title
		if r.Nature == OfState {
			title += " (state)"
		}
		if r.Breach {
			title += " (possible breach)"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, title, r.Source, r.Remedy)
	}
	return b.String()
}

// The page that people read says what the rules say.
func TestDocs(t *testing.T) {
	const file = "../../docs/observed.md"
	if *update {
		if err := os.WriteFile(file, []byte(docsPage()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil || string(b) != docsPage() {
		t.Errorf("%s differs from the rules; run the test with -update: %v", file, err)
	}
}
