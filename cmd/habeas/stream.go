package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/habeas-data/habeas/events"
	"github.com/spf13/cobra"
)

// exportedTo gives a list the options to be exported, also into a file.
func (a *app) exportedTo(c *cobra.Command) *cobra.Command {
	var csv bool
	var out string
	c = a.exported(c)
	c.Flags().BoolVar(&csv, "csv", false, "CSV instead of a table, as --format csv")
	c.Flags().StringVar(&out, "out", "", "write to this file; its name may end in .csv or .json")
	check := c.PreRunE
	c.PreRunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case csv:
			a.format = "csv"
		case a.format == "" && strings.HasSuffix(out, ".csv"):
			a.format = "csv"
		case a.format == "" && strings.HasSuffix(out, ".json"):
			a.format = "json"
		}
		return check(cmd, args)
	}
	run := c.RunE
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if out == "" {
			return run(cmd, args)
		}
		f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return reach("open the file for the list: %w", err)
		}
		terminal := a.out
		a.out = f
		err = run(cmd, args)
		a.out = terminal
		if cerr := f.Close(); err == nil && cerr != nil {
			err = reach("write the list: %w", cerr)
		}
		return err
	}
	return c
}

// streamed prints a list as it arrives: one of its lines is one, all of them are
// many. As JSON it is one document. A list that breaks off is an error.
func (a *app) streamed(cmd *cobra.Command, c *client, path, one, many string, heads []string, cells func(json.RawMessage) ([]string, error)) error {
	req, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, c.base+path, nil)
	if err != nil {
		return usage("GET %s: %w", path, err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Accept", "application/x-ndjson")
	resp, err := c.http.Do(req)
	if err != nil {
		return reach("no server answers at %s; start one with: habeas serve", c.base)
	}
	if resp.StatusCode >= 400 {
		return problemOf(resp)
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end or given up
	l := &listing{app: a, heads: heads, list: []json.RawMessage{}, w: tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)}
	dec := json.NewDecoder(resp.Body)
	for {
		var line map[string]json.RawMessage
		if err := dec.Decode(&line); err != nil {
			return reach("the list broke off before its end; ask again")
		}
		if end := line["end"]; end != nil {
			return l.end(end, many)
		}
		if err := l.line(line[one], cells); err != nil {
			return err
		}
	}
}

// listing is a list on its way out.
type listing struct {
	*app
	heads []string
	list  []json.RawMessage
	w     *tabwriter.Writer
	n     int
}

func (l *listing) line(raw json.RawMessage, cells func(json.RawMessage) ([]string, error)) error {
	l.n++
	if l.json || l.format == "json" {
		l.list = append(l.list, raw)
		return nil
	}
	row, err := cells(raw)
	if err != nil {
		return reach("read the answer: %w", err)
	}
	if l.format == "csv" {
		heads := l.heads
		if l.n > 1 {
			heads = nil
		}
		return l.sheet(slices.Clone(heads), [][]string{row})
	}
	if l.n == 1 {
		fmt.Fprintln(l.w, strings.Join(l.heads, "\t"))
	}
	for i := range row {
		row[i] = oneLine(row[i])
	}
	fmt.Fprintln(l.w, strings.Join(row, "\t"))
	if l.n%100 == 0 {
		return l.w.Flush()
	}
	return nil
}

// end writes what is held back, and says what the list rests on beside it.
func (l *listing) end(raw json.RawMessage, many string) error {
	if l.json || l.format == "json" {
		var doc map[string]json.RawMessage
		if err := json.Unmarshal(raw, &doc); err != nil {
			return reach("read the answer: %w", err)
		}
		var err error
		if doc[many], err = json.Marshal(l.list); err != nil {
			return reach("write the answer: %w", err)
		}
		return l.print(doc)
	}
	if l.format == "csv" && l.n == 0 {
		return l.sheet(slices.Clone(l.heads), nil)
	}
	if err := l.w.Flush(); err != nil {
		return reach("write the answer: %w", err)
	}
	var page struct {
		AsOf events.AsOf `json:"as_of"`
	}
	if err := json.Unmarshal(raw, &page); err != nil {
		return reach("read the answer: %w", err)
	}
	text := fmt.Sprintf("%d %s", l.n, many)
	if l.n == 1 {
		text = "1 " + strings.TrimSuffix(many, "s")
	}
	if page.AsOf.Position != "" {
		text += ", as of journal position " + page.AsOf.Position
	}
	_, err := io.WriteString(l.errout, text+"\n")
	return err
}
