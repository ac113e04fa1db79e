package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/catalogue/rules"
	"github.com/spf13/cobra"
)

func (a *app) catalogueCheckCmd() *cobra.Command {
	failOn := rules.Error
	c := &cobra.Command{
		Use:   "check NAME|FILE",
		Short: "Find what a catalogue contradicts and leaves out; needs no server",
		Long: `Find what a catalogue contradicts and leaves out.

The catalogue is loaded first; one that cannot be loaded is refused with all its
faults at once (exit 2). Then every rule of docs/findings.md is held against it.
A finding never keeps a catalogue from being loaded and served: it says what a
person has to settle, where in the notice, and how.

The verdicts are, from light to heavy: info, warn, review, gap, conflict, error.
The exit code is 1 where a finding weighs at least as much as --fail-on.`,
		Example: `  habeas catalogue check osjct
  habeas catalogue check our-notice.yaml --fail-on conflict
  habeas catalogue check our-notice.yaml --json | jq '.findings[] | select(.rule == "RET_MISSING")'`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			cat, err := catalogue.Find(args[0])
			if err != nil {
				return usage("%w", err)
			}
			found := rules.Check(cat)
			if err := a.printFindings(cat, found); err != nil {
				return err
			}
			if slices.ContainsFunc(found, func(f rules.Finding) bool { return f.Verdict >= failOn }) {
				return said(exitNo)
			}
			return nil
		},
	}
	c.Flags().TextVar(&failOn, "fail-on", rules.Error, "exit 1 from this verdict on: info, warn, review, gap, conflict or error")
	return c
}

// printFindings writes the findings: as they are, or by rule with the heaviest
// first.
func (a *app) printFindings(cat *catalogue.Catalogue, found []rules.Finding) error {
	counts := rules.Counts(found)
	if a.json {
		return a.print(map[string]any{"catalogue": cat.ID, "findings": found, "counts": counts})
	}
	fmt.Fprintf(a.out, "%s is well formed: %d systems, %d activities, %d recipients\n", cat.ID, len(cat.AllSystems()), len(cat.Activities), len(cat.Recipients))
	sorted := slices.Clone(found)
	slices.SortStableFunc(sorted, func(f, g rules.Finding) int { return int(g.Verdict) - int(f.Verdict) })
	last := ""
	for _, f := range sorted {
		if head := f.Verdict.String() + f.Rule; head != last {
			last = head
			r, _ := rules.Named(f.Rule)
			fmt.Fprintf(a.out, "\n%s  %s: %s\n    To do: %s (%s)\n", strings.ToUpper(f.Verdict.String()), f.Rule, r.Title, f.Remedy, r.Source)
		}
		lines := ""
		if len(f.Lines) > 0 {
			lines = "  [lines " + f.Lines.String() + "]"
		}
		if f.Decided != "" {
			lines += "  decided: " + f.Decided
		}
		fmt.Fprintf(a.out, "  - %s%s\n", f.Text, lines)
	}
	_, err := fmt.Fprintf(a.out, "\n%d findings: %s\n", len(found), countWords(counts))
	return err
}

// countWords says how many findings there are of each verdict, heaviest first.
func countWords(counts map[string]int) string {
	var words []string
	for v := rules.Error; v >= rules.Info; v-- {
		if n := counts[v.String()]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, v))
		}
	}
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}
