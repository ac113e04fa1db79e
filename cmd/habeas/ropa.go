package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/rights/ropa"
)

func (a *app) ropaCmd() *cobra.Command {
	var format, asOf, output string
	c := &cobra.Command{
		Use:   "ropa [--format csv|xlsx|json|jsonld] [--as-of DAY] [--output FILE]",
		Short: "The record of processing activities (Article 30)",
		Long: `The record of processing activities that Article 30 asks for, from what was declared
and from what systems reported. What is declared and was never seen, and what was
seen and is not declared, is marked as such.

Without --format it prints a short overview. csv and xlsx have the columns of the
template that the Information Commissioner's Office publishes for controllers; what
habeas cannot know (a link to a contract, an impact assessment) is left empty.
jsonld is in the words of the Data Privacy Vocabulary.

It names nobody. With --as-of it is the record at the end of that day, by the
catalogue that was in force then.`,
		Example: `  habeas ropa
  habeas ropa --format xlsx --output record.xlsx
  habeas ropa diff --from 2025-01-01 --to 2025-06-30`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "" && !slices.Contains([]string{"csv", "xlsx", "json", "jsonld"}, format) {
				return usage("--format %s is not known; want csv, xlsx, json or jsonld", format)
			}
			cl, err := a.dial()
			if err != nil {
				return err
			}
			q := url.Values{}
			if asOf != "" {
				q.Set("as_of", asOf)
			}
			if format == "" && output == "" {
				var rec ropa.Record
				if err := cl.call(cmd.Context(), http.MethodGet, "/v1/ropa?"+q.Encode(), nil, &rec); err != nil {
					return err
				}
				if a.json {
					return a.print(rec)
				}
				return a.showRecord(&rec)
			}
			if format == "" {
				format = "json"
			}
			q.Set("format", format)
			return a.saveRecord(cmd, cl, "/v1/ropa?"+q.Encode(), format, output)
		},
	}
	f := c.Flags()
	f.StringVar(&format, "format", "", "csv, xlsx, json or jsonld")
	f.StringVar(&asOf, "as-of", "", "the day at whose end the record stands, YYYY-MM-DD (default today)")
	f.StringVarP(&output, "output", "o", "", "write to this file (default standard output)")
	c.AddCommand(a.ropaDiffCmd())
	return c
}

// saveRecord writes the server's answer to a file or to standard output.
func (a *app) saveRecord(cmd *cobra.Command, cl *client, path, format, output string) (err error) {
	if f, ok := a.out.(*os.File); ok && output == "" && format == "xlsx" && term.IsTerminal(int(f.Fd())) {
		return usage("a workbook is not for a terminal: say --output record.xlsx")
	}
	resp, err := cl.do(cmd.Context(), http.MethodGet, path, "", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end or given up
	w := a.out
	if output != "" {
		f, err := os.OpenFile(output, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err != nil {
			return reach("write the record: %w", err)
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		w = f
	}
	if _, err := io.Copy(w, resp.Body); err != nil {
		return reach("write the record: %w", err)
	}
	return nil
}

// showRecord prints the record as an overview: one line an activity, then what
// only one side has.
func (a *app) showRecord(rec *ropa.Record) error {
	fmt.Fprintf(a.out, "Record of processing activities of %s, as of %s (%s, version %s)\n\n",
		rec.Organisation.Name, catalogue.PlainDate(rec.AsOf), rec.Catalogue, rec.Version)
	if rec.BeforeAdoption {
		fmt.Fprintf(a.out, "No catalogue was in force here on that day; this is by the first that was.\n\n")
	}
	rows := [][]string{}
	for _, r := range rec.Rows() {
		name := r.Ref
		if name == "" {
			name = cmp.Or(string(r.Activity), "-")
		}
		rows = append(rows, []string{name, r.Purpose, string(r.Role), strings.ReplaceAll(string(r.Side), "_", " "), fmt.Sprint(r.People),
			fmt.Sprint(len(r.Categories)), fmt.Sprint(len(r.Recipients)), fmt.Sprint(len(r.Transfers))})
	}
	if err := a.table(nil, []string{"ACTIVITY", "PURPOSE", "ROLE", "WHERE IT STANDS", "PEOPLE", "CATEGORIES", "RECIPIENTS", "ABROAD"}, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.out, "\nThe columns of the template: habeas ropa --format csv or xlsx.\n")
	return err
}

func (a *app) ropaDiffCmd() *cobra.Command {
	var from, to string
	c := &cobra.Command{
		Use: "diff --from DAY [--to DAY]", Short: "What changed in the record between two days", Args: cobra.NoArgs,
		Example: "  habeas ropa diff --from 2025-01-01",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if from == "" {
				return usage("want --from, the earlier of the two days")
			}
			cl, err := a.dial()
			if err != nil {
				return err
			}
			q := url.Values{"from": {from}}
			if to != "" {
				q.Set("to", to)
			}
			var d api.RopaDiff
			if err := cl.call(cmd.Context(), http.MethodGet, "/v1/ropa/diff?"+q.Encode(), nil, &d); err != nil {
				return err
			}
			if a.json {
				return a.print(d)
			}
			if len(d.Changes) == 0 {
				_, err := fmt.Fprintf(a.out, "Nothing changed in the record between %s and %s.\n", catalogue.PlainDate(d.From), catalogue.PlainDate(d.To))
				return err
			}
			rows := [][]string{}
			for _, x := range d.Changes {
				for _, v := range x.Added {
					rows = append(rows, []string{string(x.Activity), x.Purpose, strings.ReplaceAll(x.Column, "_", " "), "+ " + v})
				}
				for _, v := range x.Removed {
					rows = append(rows, []string{string(x.Activity), x.Purpose, strings.ReplaceAll(x.Column, "_", " "), "- " + v})
				}
			}
			return a.table(nil, []string{"ACTIVITY", "PURPOSE", "COLUMN", "CHANGE"}, rows)
		},
	}
	c.Flags().StringVar(&from, "from", "", "the earlier day, YYYY-MM-DD")
	c.Flags().StringVar(&to, "to", "", "the later day, YYYY-MM-DD (default today)")
	return c
}
