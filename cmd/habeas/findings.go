package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/spf13/cobra"
)

// findingFlags are the flags of the list.
type findingFlags struct {
	rule, verdict, system, asOf, format, output string
	open, accepted, resolved, all               bool
}

func (a *app) findingsCmd() *cobra.Command {
	var f findingFlags
	c := &cobra.Command{
		Use:   "findings [--rule R] [--verdict V] [--system S] [--open|--accepted|--resolved|--all]",
		Short: "Where what systems report and what the catalogue declares disagree",
		Long: `List where what systems report and what the catalogue declares disagree: the
gravest first, then findings about single people, by reference. They are worked
out when you ask, from the catalogue in force, and kept nowhere: a corrected
catalogue counts at once, and nothing is lost when the map is rebuilt.

A finding stays open until somebody accepts it until a day, or says that it is
mended. What was mended and is reported again is open again. A state, such as a
silent system, goes away when it is so no longer.

PEOPLE is how many people it was said of; "at most" means that some may not
show it. SUBJECT is what habeas footprint takes as ref=SUBJECT. A list that may
name people by reference is recorded.`,
		Example: `  habeas findings --verdict error
  habeas findings --rule RECIPIENT_UNDECLARED --all
  habeas findings show ID
  habeas findings accept ID --reason "contract signed, notice follows" --review 2027-01-31
  habeas findings --format csv --output findings.csv`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.listFindings(cmd, &f) },
	}
	fl := c.Flags()
	fl.StringVar(&f.rule, "rule", "", "only this rule, by its name or an alias")
	fl.StringVar(&f.verdict, "verdict", "", "only info, warn, review, gap, conflict or error")
	fl.StringVar(&f.system, "system", "", "only of this system")
	fl.StringVar(&f.asOf, "as-of", "", "as known and decided at the end of this day (2026-03-01) or at this time (RFC 3339)")
	fl.BoolVar(&f.open, "open", false, "those that are open (the default)")
	fl.BoolVar(&f.accepted, "accepted", false, "those that somebody accepted")
	fl.BoolVar(&f.resolved, "resolved", false, "those that somebody said are mended")
	fl.BoolVar(&f.all, "all", false, "all of them")
	fl.StringVar(&f.format, "format", "", "csv or json instead of a table")
	fl.StringVarP(&f.output, "output", "o", "", "write to this file (default standard output)")
	c.MarkFlagsMutuallyExclusive("open", "accepted", "resolved", "all")
	c.AddCommand(a.findingShowCmd(), a.findingDecideCmd("accept", "accepted", "Accept a finding until a day: it is known, and left so"),
		a.findingDecideCmd("resolve", "resolved", "Say that a finding is mended; reported again it is open again"),
		a.findingDecideCmd("reopen", "reopened", "Take back what was decided about a finding"))
	return c
}

func (f *findingFlags) query() (url.Values, error) {
	q := url.Values{}
	for name, v := range map[string]string{"rule": f.rule, "verdict": f.verdict, "system": f.system, "as_of": f.asOf} {
		if v != "" {
			q.Set(name, v)
		}
	}
	switch {
	case f.accepted:
		q.Set("status", "accepted")
	case f.resolved:
		q.Set("status", "resolved")
	case f.all:
		q.Set("status", "all")
	}
	if f.format != "" && f.format != "csv" && f.format != "json" {
		return nil, usage("--format %s is not known; want csv or json", f.format)
	}
	return q, nil
}

func (a *app) listFindings(cmd *cobra.Command, f *findingFlags) error {
	q, err := f.query()
	if err != nil {
		return err
	}
	c, err := a.dial()
	if err != nil {
		return err
	}
	if f.format == "csv" {
		q.Set("format", "csv")
		return a.saveRecord(cmd, c, "/v1/findings?"+q.Encode(), "csv", f.output)
	}
	path := "/v1/findings?" + q.Encode()
	if a.json || f.format == "json" || f.output != "" {
		raw := []json.RawMessage{}
		end, err := c.findingRows(cmd, path, func(line json.RawMessage) error { raw = append(raw, line); return nil })
		if err != nil {
			return err
		}
		return a.findingsJSON(end, raw, f.output)
	}
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	n := 0
	end, err := c.findingRows(cmd, path, func(line json.RawMessage) error {
		var x desk.FindingLine
		if err := json.Unmarshal(line, &x); err != nil {
			return reach("read the answer: %w", err)
		}
		if n++; n == 1 {
			fmt.Fprintln(w, "VERDICT\tRULE\tWHERE\tSINCE\tPEOPLE\tSTATUS\tID")
		}
		status := x.Status
		if x.ReviewDue {
			status += ", review is due"
		}
		fmt.Fprintln(w, strings.Join([]string{x.Verdict, x.Rule, where(x.About), x.At.Day().String(), heads(&x), status, x.ID}, "\t"))
		if n%200 == 0 {
			return w.Flush()
		}
		return nil
	})
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		return err
	}
	return a.sumUpFindings(end)
}

// findingsJSON prints the page with all its findings as one document.
func (a *app) findingsJSON(end json.RawMessage, list []json.RawMessage, output string) error {
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(end, &doc); err != nil {
		return reach("read the answer: %w", err)
	}
	var err error
	if doc["findings"], err = json.Marshal(list); err != nil {
		return reach("write the answer: %w", err)
	}
	if output == "" {
		return a.print(doc)
	}
	b, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return reach("write the answer: %w", err)
	}
	if err := os.WriteFile(output, append(b, '\n'), 0o600); err != nil {
		return reach("write the findings: %w", err)
	}
	return nil
}

// sumUpFindings says what the list rests on, apart from the list.
func (a *app) sumUpFindings(end json.RawMessage) error {
	var page desk.FindingPage
	if err := json.Unmarshal(end, &page); err != nil {
		return reach("read the answer: %w", err)
	}
	counts := []string{}
	for _, v := range []string{"error", "conflict", "gap", "review", "warn", "info"} {
		if n := page.Counts[v]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, v))
		}
	}
	if len(counts) == 0 {
		counts = append(counts, "no findings")
	}
	fmt.Fprintf(a.errout, "%s; by %s, as of journal position %s; %d systems cannot be spoken for (habeas systems)\n", strings.Join(counts, ", "), page.Catalogue, page.AsOf.Position, len(page.Left))
	for _, x := range page.LeftOut {
		fmt.Fprintln(a.errout, "not looked at:", x)
	}
	return nil
}

// where says the codes of a finding in one cell.
func where(about map[string]string) string {
	order := []string{"system", "activity", "category", "subject_type", "recipient", "country", "place"}
	var out []string
	for _, k := range order {
		if _, sealed := strings.CutPrefix(about[k], string(events.Undeclared)+"."); sealed {
			out = append(out, "undeclared-"+k) // its digest stands in show, CSV and JSON
		} else if about[k] != "" {
			out = append(out, about[k])
		}
	}
	for _, k := range slices.Sorted(maps.Keys(about)) {
		if !slices.Contains(order, k) && k != "holding" {
			out = append(out, k+"="+about[k])
		}
	}
	return strings.Join(out, " ")
}

func heads(x *desk.FindingLine) string {
	switch {
	case x.About["subject"] != "":
		return "1"
	case x.People == nil:
		return "-"
	case x.AtMost:
		return fmt.Sprintf("at most %d", *x.People)
	}
	return fmt.Sprint(*x.People)
}

// findingRows reads the list as a stream. One that breaks off is an error.
func (c *client) findingRows(cmd *cobra.Command, path string, fn func(json.RawMessage) error) (end json.RawMessage, err error) {
	req, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, c.base+path, nil)
	if err != nil {
		return nil, usage("GET %s: %w", path, err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Accept", "application/x-ndjson")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, reach("no server answers at %s; start one with: habeas serve", c.base)
	}
	if resp.StatusCode >= 400 {
		return nil, problemOf(resp)
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end or given up
	dec := json.NewDecoder(resp.Body)
	for {
		var line struct{ Finding, End json.RawMessage }
		if err := dec.Decode(&line); err != nil {
			return nil, reach("the list broke off before its end; ask again")
		}
		if line.End != nil {
			return line.End, nil
		}
		if err := fn(line.Finding); err != nil {
			return nil, err
		}
	}
}

func (a *app) findingShowCmd() *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "One finding: what, where, since when, of how many people, what the rule rests on and what to do", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var v desk.FindingView
			raw, err := a.fetch(cmd, "/v1/findings/"+url.PathEscape(args[0]), &v)
			if err != nil {
				return err
			}
			if a.json {
				return a.print(raw)
			}
			return a.showFinding(&v)
		},
	}
}

func (a *app) showFinding(v *desk.FindingView) error {
	f := &v.Finding
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	row := func(name, text string) {
		if text != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, text)
		}
	}
	fmt.Fprintf(a.out, "%s: %s\n\n", f.Rule, f.Text)
	row("verdict", f.Verdict)
	row("status", f.Status)
	for _, k := range slices.Sorted(maps.Keys(f.About)) {
		text := f.About[k]
		if name := v.Words[k+"/"+text]; name != "" && name != text {
			text = name + " (" + text + ")"
		}
		row(strings.ReplaceAll(k, "_", " "), text)
	}
	row("since", catalogue.PlainDate(f.At.Day()))
	if !f.Last.IsZero() {
		row("reported last", catalogue.PlainDate(f.Last))
	}
	if f.People != nil {
		text := fmt.Sprintf("%d", *f.People)
		if f.AtMost {
			text = "at most " + text
		}
		if f.PeopleNow != nil {
			text += fmt.Sprintf("; of %d it is held now", *f.PeopleNow)
		}
		row("people", text)
	}
	row("also called", strings.Join(f.Aliases, ", "))
	row("rests on", f.Source)
	row("what to do", f.Remedy)
	if b := f.Breach; b != nil {
		row("breach clock", fmt.Sprintf("if it is a personal data breach, the notice of Article %s is due 72 hours after somebody knew; it was recorded %s, so by %s",
			b.Article, b.From.Time().Format("2 January 2006 15:04 MST"), b.Due.Time().Format("2 January 2006 15:04 MST")))
	}
	if err := w.Flush(); err != nil {
		return reach("write the answer: %w", err)
	}
	for i, d := range f.Decisions {
		if i == 0 {
			fmt.Fprintln(a.out, "\ndecided:")
		}
		text := d.At.Time().Format("2 January 2006 15:04") + "  " + d.Outcome
		if !d.Review.IsZero() {
			text += " until " + catalogue.PlainDate(d.Review)
		}
		if d.Reason != "" {
			text += ": " + d.Reason
		}
		fmt.Fprintln(a.out, "  "+text)
	}
	return nil
}

func (a *app) findingDecideCmd(verb, outcome, short string) *cobra.Command {
	in := api.NewFindingDecision{Outcome: outcome}
	c := &cobra.Command{
		Use: verb + " ID --reason TEXT|-", Short: short, Args: cobra.ExactArgs(1),
		Long: short + `. The reason is kept sealed; with "-" it is
read from standard input. Who decided stands in the record of looks and
decisions.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if in.Reason == "-" {
				b, err := io.ReadAll(io.LimitReader(a.in, 16<<10))
				if err != nil {
					return usage("--reason: read standard input: %w", err)
				}
				in.Reason = strings.TrimSpace(string(b))
			}
			if in.Reason == "" {
				return usage("--reason: say why; it is kept sealed")
			}
			in.ID = args[0]
			var v desk.FindingView
			if err := a.post(cmd, "/v1/findings", in, &v); err != nil || a.json {
				return err
			}
			text := "the finding is " + v.Finding.Status
			if n := len(v.Finding.Decisions); n > 0 && v.Finding.Status == string(events.FindingAccepted) {
				text += " until " + catalogue.PlainDate(v.Finding.Decisions[n-1].Review)
			}
			_, err := fmt.Fprintf(a.out, "%s: %s\n", v.Finding.Rule, text)
			return err
		},
	}
	c.Flags().StringVar(&in.Reason, "reason", "", "why, or - for standard input; kept sealed")
	if verb == "accept" {
		c.Flags().StringVar(&in.Review, "review", "", "the day until which it is accepted, YYYY-MM-DD (default a year from today)")
	}
	return c
}
