package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/spf13/cobra"
)

// table prints rows under headings, or the raw document with --json.
func (a *app) table(raw json.RawMessage, heads []string, rows [][]string) error {
	switch {
	case a.json || a.format == "json":
		return a.print(raw)
	case a.format == "csv":
		return a.sheet(heads, rows)
	}
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(heads, "\t"))
	for _, r := range rows {
		cells := make([]string, len(r))
		for i, c := range r {
			cells[i] = oneLine(c)
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	return w.Flush()
}

// oneLine is text that may come from outside, in one cell of a table.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return r
	}, printable(text))
}

// exported gives a list the option to be exported, and refuses a format that
// nobody knows before the server is asked.
func (a *app) exported(c *cobra.Command) *cobra.Command {
	c.Flags().StringVar(&a.format, "format", "", "csv or json instead of a table")
	c.PreRunE = func(*cobra.Command, []string) error {
		if a.format != "" && a.format != "csv" && a.format != "json" {
			return usage("--format %s is not known; want csv or json", a.format)
		}
		return nil
	}
	return c
}

// sheet prints rows as CSV. No cell begins as a formula would.
func (a *app) sheet(heads []string, rows [][]string) error {
	w := csv.NewWriter(a.out)
	if heads != nil {
		for i, h := range heads {
			heads[i] = strings.ReplaceAll(strings.ToLower(h), " ", "_")
		}
		rows = append([][]string{heads}, rows...)
	}
	for _, r := range rows {
		for i, s := range r {
			if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
				r[i] = "'" + s
			}
			if s == "-" {
				r[i] = ""
			}
		}
		if err := w.Write(r); err != nil {
			return reach("write the list: %w", err)
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return reach("write the list: %w", err)
	}
	return nil
}

// fetch gets a document twice: as it is, and decoded.
func (a *app) fetch(cmd *cobra.Command, path string, out any) (json.RawMessage, error) {
	c, err := a.dial()
	if err != nil {
		return nil, err
	}
	var raw json.RawMessage
	if err := c.call(cmd.Context(), http.MethodGet, path, nil, &raw); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return nil, reach("read the answer: %w", err)
	}
	return raw, nil
}

func (a *app) systemsCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "systems",
		Short: "List every system of the catalogue: whether it reports, and since when",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var s desk.Survey
			raw, err := a.fetch(cmd, "/v1/systems", &s)
			if err != nil {
				return err
			}
			var rows [][]string
			for _, x := range s.Systems {
				last := "-"
				if x.LastSeen != nil {
					last = x.LastSeen.Time().Format("2 Jan 2006 15:04")
				}
				rows = append(rows, []string{x.ID, x.Owner, strings.ReplaceAll(x.Status, "_", " "), fmt.Sprint(x.Events), last, fmt.Sprint(x.Findings), x.Name})
			}
			return a.table(raw, []string{"SYSTEM", "OWNER", "STATUS", "EVENTS", "LAST HEARD", "FINDINGS", "NAME"}, rows)
		},
	}
}

func (a *app) quarantineCmd() *cobra.Command {
	c := &cobra.Command{Use: "quarantine", Short: "Read, mend and replay events that could not be understood"}
	c.AddCommand(&cobra.Command{
		Use: "list", Short: "List them: reasons, never contents", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var l desk.QuarantineList
			raw, err := a.fetch(cmd, "/v1/quarantine", &l)
			if err != nil {
				return err
			}
			var rows [][]string
			for _, x := range l.Items {
				rows = append(rows, []string{x.Position, x.System, x.Why, x.At.Time().Format("2 Jan 2006 15:04")})
			}
			return a.table(raw, []string{"POSITION", "SYSTEM", "WHY", "AT"}, rows)
		},
	}, &cobra.Command{
		Use: "show POSITION", Short: "Open the sealed contents of one; the look is recorded", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var q desk.QuarantineBody
			raw, err := a.fetch(cmd, "/v1/quarantine/"+url.PathEscape(args[0]), &q)
			if err != nil {
				return err
			}
			if a.json {
				return a.print(raw)
			}
			return a.showQuarantined(&q)
		},
	}, a.mendCmd(), a.discardCmd())
	return c
}

// showQuarantined prints the sealed event as whoever mends it wants to read it:
// indented where it is JSON, else as it came.
func (a *app) showQuarantined(q *desk.QuarantineBody) error {
	x := &q.Item
	fmt.Fprintf(a.out, "%s from %s, %s: %s\n", x.Position, x.System, x.At.Time().Format("2 Jan 2006 15:04"), x.Why)
	// The gateway seals what was wrong beside the event as it came.
	var sealed struct {
		Pointer string `json:"pointer"`
		Reason  string `json:"reason"`
		Event   string `json:"event"`
	}
	body := q.Body
	if json.Unmarshal([]byte(body), &sealed) == nil && sealed.Event != "" {
		fmt.Fprintf(a.out, "%s: %s\n", pointer(sealed.Pointer), sealed.Reason)
		body = sealed.Event
	}
	fmt.Fprintln(a.out)
	var b bytes.Buffer
	if json.Indent(&b, []byte(body), "", "  ") != nil {
		b.Reset()
		b.WriteString(body)
	}
	_, err := fmt.Fprintln(a.out, strings.TrimRight(printable(b.String()), "\n"))
	return err
}

// printable is text that comes from outside without what would steer a terminal
// or turn the order of what it shows.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) || (unicode.IsControl(r) && r != '\n' && r != '\t') {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

func (a *app) mendCmd() *cobra.Command {
	return &cobra.Command{
		Use: "mend POSITION FILE|-", Short: "Send the mended event in its place", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, _, err := a.open(args[1])
			if err != nil {
				return err
			}
			defer in.Close()
			var event json.RawMessage
			if err := json.NewDecoder(in).Decode(&event); err != nil {
				return usage("read the mended event: %w", err)
			}
			c, err := a.dial()
			if err != nil {
				return err
			}
			var r events.IngestResult
			if err := c.call(cmd.Context(), http.MethodPost, "/v1/quarantine/"+url.PathEscape(args[0])+"/mend", map[string]any{"event": event}, &r); err != nil {
				return err
			}
			return a.mended(r)
		},
	}
}

func (a *app) mended(r events.IngestResult) error {
	if a.json {
		if err := a.print(r); err != nil {
			return err
		}
	}
	for _, x := range r.Rejected {
		if !a.json {
			fmt.Fprintf(a.errout, "%s: %s\n", pointer(x.Pointer), x.Reason)
		}
	}
	if len(r.Rejected) > 0 {
		if !a.json {
			fmt.Fprintln(a.errout, "nothing was stored; the event waits as before")
		}
		return said(exitNo)
	}
	if a.json {
		return nil
	}
	_, err := fmt.Fprintf(a.out, "stored in its place (journal position %s)\n", r.Position)
	return err
}

func (a *app) discardCmd() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use: "discard POSITION --reason TEXT", Short: "Throw one away, with a reason", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if reason == "" {
				return usage("--reason: say why; it is kept sealed")
			}
			c, err := a.dial()
			if err != nil {
				return err
			}
			if err := c.call(cmd.Context(), http.MethodPost, "/v1/quarantine/"+url.PathEscape(args[0])+"/discard", map[string]any{"reason": reason}, nil); err != nil {
				return err
			}
			if a.json {
				return a.print(map[string]string{"discarded": args[0]})
			}
			_, err = fmt.Fprintln(a.out, "discarded")
			return err
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why; kept sealed")
	return c
}
