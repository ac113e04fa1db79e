package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/internal/atomicfile"
	"github.com/spf13/cobra"
)

// auditFlags choose records.
type auditFlags struct {
	limit                                 int
	actor, act, outcome, from, to, ofCase string
}

func (f *auditFlags) add(c *cobra.Command) {
	g := c.Flags()
	g.StringVar(&f.ofCase, "case", "", "only records of this case; its whole id")
	g.StringVar(&f.act, "act", "", "only this act, such as footprint.read")
	g.StringVar(&f.actor, "actor", "", "only this token, by its id")
	g.StringVar(&f.outcome, "outcome", "", "only this outcome, such as refused")
	g.StringVar(&f.from, "from", "", "from this moment on, RFC 3339")
	g.StringVar(&f.to, "to", "", "before this moment, RFC 3339")
}

func (f *auditFlags) query() string {
	q := url.Values{}
	for name, v := range map[string]string{"actor": f.actor, "act": f.act, "outcome": f.outcome, "from": f.from, "to": f.to, "case": f.ofCase} {
		if v != "" {
			q.Set(name, v)
		}
	}
	if f.limit > 0 {
		q.Set("limit", strconv.Itoa(f.limit))
	}
	return q.Encode()
}

func (a *app) auditCmd() *cobra.Command {
	var f auditFlags
	c := &cobra.Command{
		Use:   "audit",
		Short: "Show who looked at or decided what, newest first",
		Long: `Show the record of looks and decisions, newest first. Reading it is recorded too.

The record only ever grows, under checkpoints that are signed. Whoever keeps one
("habeas audit checkpoint"), or a certificate, can prove later that nothing before it
was changed or taken out. "habeas audit export" writes the record so that somebody else
can check it with "habeas verify --audit", without this server.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.auditList(cmd, &f) },
	}
	f.add(c)
	c.Flags().IntVar(&f.limit, "limit", 50, "at most so many, up to 500")
	c.AddCommand(a.auditTextCmd("checkpoint", "checkpoint", "Print size and root of the record, signed", ""),
		a.auditTextCmd("key", "key", "Print the public key that checks checkpoints and certificates", `Print the public key. It is no secret: publish it where people expect it, such as beside
the privacy notice, and give it to your auditor, before anybody needs it. Whoever checks
a certificate must have the key from you, and not with the certificate.`),
		a.auditGrowthCmd(), a.auditExportCmd())
	return c
}

func (a *app) auditList(cmd *cobra.Command, f *auditFlags) error {
	var p api.AuditPage
	raw, err := a.fetch(cmd, "/v1/audit?"+f.query(), &p)
	if err != nil {
		return err
	}
	var rows [][]string
	for _, n := range p.Entries {
		e := n.Entry
		of := "-"
		if !e.Case.IsZero() {
			of = e.Case.String()
		}
		rows = append(rows, []string{fmt.Sprint(n.Index), e.At.Time().Format("2 Jan 2006 15:04:05"), p.Who(e.Actor), string(e.Act), p.Who(e.Target), string(e.Outcome), of})
	}
	return a.table(raw, []string{"INDEX", "AT", "WHO", "DID", "TO", "OUTCOME", "CASE"}, rows)
}

// auditTextCmd is a command that prints one text of the server.
func (a *app) auditTextCmd(name, path, short, long string) *cobra.Command {
	return &cobra.Command{
		Use: name, Short: short, Long: long, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, err := a.auditBytes(cmd, path)
			if err != nil {
				return err
			}
			if a.json {
				return a.print(map[string]string{name: string(b)})
			}
			_, err = a.out.Write(b)
			return err
		},
	}
}

func (a *app) auditBytes(cmd *cobra.Command, path string) ([]byte, error) {
	cl, err := a.dial()
	if err != nil {
		return nil, err
	}
	resp, err := cl.do(cmd.Context(), http.MethodGet, "/v1/audit/"+path, "", nil)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, reach("read the answer: %w", err)
	}
	return b, nil
}

func (a *app) auditGrowthCmd() *cobra.Command {
	var from, to int64
	c := &cobra.Command{
		Use:   "growth --from N [--to N]",
		Short: "Prove that the record of N entries is the beginning of a later one",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if from < 1 {
				return usage("--from: want the number of records of the earlier checkpoint, from 1 on")
			}
			path := fmt.Sprintf("/v1/audit/growth?from=%d", from)
			if to > 0 {
				path += fmt.Sprintf("&to=%d", to)
			}
			var g audit.Growth
			if _, err := a.fetch(cmd, path, &g); err != nil {
				return err
			}
			return a.print(g)
		},
	}
	c.Flags().Int64Var(&from, "from", 0, "number of records of the earlier checkpoint")
	c.Flags().Int64Var(&to, "to", 0, "number of records of the later one (default: as many as there are)")
	return c
}

func (a *app) auditExportCmd() *cobra.Command {
	var f auditFlags
	c := &cobra.Command{
		Use:   "export [FILE]",
		Short: "Write the record as JSON Lines that anybody can check without this server",
		Long: `Write the record, oldest first: a head, one line for each entry, and a signed
checkpoint at the end. Without FILE it goes to standard output.

A whole export proves that nothing is missing in it. One of a case, or of some other
choice, carries a proof for each of its records, and cannot prove that there are no
others. It names the tokens that acted; it holds no reason and nobody's data. That it was
written is recorded.

Check it with: habeas verify --audit FILE --key-file KEY`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cl, err := a.dial()
			if err != nil {
				return err
			}
			resp, err := cl.do(cmd.Context(), http.MethodGet, "/v1/audit/export?"+f.query(), "", nil)
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			if len(args) == 0 || args[0] == "-" {
				if _, err := io.Copy(a.out, resp.Body); err != nil {
					return reach("write the export: %w", err)
				}
				return nil
			}
			return a.saveExport(args[0], resp.Body)
		},
	}
	f.add(c)
	return c
}

// saveExport leaves the whole file or none.
func (a *app) saveExport(name string, r io.Reader) error {
	out, err := atomicfile.Create(name)
	if err != nil {
		return reach("make the file of the export: %w", err)
	}
	defer out.Abort()
	n, err := io.Copy(out, r)
	if err == nil {
		err = out.Commit()
	}
	if err != nil {
		return reach("write the export: %w; no file was left", err)
	}
	if a.json {
		return a.print(map[string]any{"file": name, "bytes": n})
	}
	_, err = fmt.Fprintf(a.out, "%s: %d bytes; check it with habeas verify --audit %s\n", name, n, name)
	return err
}
