package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/config"
	"github.com/habeas-data/habeas/rights/certificate"
	"github.com/spf13/cobra"
)

// verifyFlags are the flags of verify, as they were typed.
type verifyFlags struct {
	key, keyFile, open, since, growth, audit string
}

func (a *app) verifyCmd() *cobra.Command {
	var f verifyFlags
	c := &cobra.Command{
		Use:   "verify [CERT] [--key KEY|--key-file FILE]",
		Short: "Check a certificate or an export of the record; needs no server",
		Long: `Check a certificate with nothing but the file and the public key of whoever gave it. It
asks no server and needs no account: anybody may run it.

Take the public key from the organisation itself, from where it publishes it ("habeas
audit key" prints it there), and not from whoever handed you the certificate. Without
--key and --key-file the key of the local key directory is taken, if you may read that.

What is checked: the file is byte for byte as it was written; the checkpoint of the audit
log is signed under the key; every word of the certificate, and each record it rests on,
stands in that log; nothing is said to be done that nobody looked at again; numbers,
states and dates fit together. It says at the end what no certificate can prove.

  --since OLD   an earlier certificate: the log only grew, and nothing before it changed
  --open FILE   what stands behind one commitment, if whoever keeps the case shows it to you
  --audit FILE  an export of the record ("habeas audit export"), alone or with a
                certificate, whose records must then be the same

Exit code 0: it holds. 1: it does not. 2: not a file of that kind, or no key.`,
		Example: `  habeas verify certificate.json --key-file audit.pub
  habeas verify certificate.json --key-file audit.pub --since certificate-2025.json
  habeas verify certificate.json --key-file audit.pub --open receipt.json
  habeas verify --audit audit.jsonl --key-file audit.pub`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && f.audit == "" {
				return usage("want a certificate, or --audit FILE. See: habeas verify --help")
			}
			vkey, err := a.verifyKey(cmd, &f)
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return a.verifyAudit(&f, vkey)
			}
			return a.verifyCertificate(args[0], &f, vkey)
		},
	}
	g := c.Flags()
	g.SortFlags = false
	g.StringVar(&f.key, "key", "", "the public key itself")
	g.StringVar(&f.keyFile, "key-file", "", "a file that holds the public key")
	g.StringVar(&f.since, "since", "", "an earlier certificate")
	g.StringVar(&f.growth, "growth", "", "a proof of growth (habeas audit growth), where the earlier certificate is of another case")
	g.StringVar(&f.open, "open", "", "an opening of one commitment")
	g.StringVar(&f.audit, "audit", "", "an export of the record")
	return c
}

// verifyKey finds the public key.
func (a *app) verifyKey(cmd *cobra.Command, f *verifyFlags) (string, error) {
	vkey := f.key
	switch {
	case f.key != "" && f.keyFile != "":
		return "", usage("--key and --key-file: give one of them")
	case f.keyFile != "":
		b, err := a.readSmall(f.keyFile)
		if err != nil {
			return "", err
		}
		vkey = strings.TrimSpace(string(b))
	case f.key == "":
		cfg, err := config.Load(a.config, cmd.Flags())
		if err == nil {
			vkey, err = audit.PublicKeyOf(filepath.Join(cfg.Keys, "audit.key"))
		}
		if err != nil {
			return "", usage("KEY_MISSING: want the public key: --key-file FILE, or --key. Ask the organisation for it; there, \"habeas audit key\" prints it. Nothing was checked")
		}
		fmt.Fprintf(a.errout, "checking with the public key of %s\n", cfg.Keys)
	}
	if strings.HasPrefix(vkey, "PRIVATE+") {
		return "", usage("KEY_UNREADABLE: this is the key that signs, which nobody but the server may have; want the public key, which \"habeas audit key\" prints")
	}
	if _, err := audit.KeyName(vkey); err != nil {
		return "", usage("KEY_UNREADABLE: this is no public key of an audit log; it looks like habeas-audit+0f1e2d3c+ARzw... and stands on one line")
	}
	return vkey, nil
}

const mostVerified = 64 << 20

// document opens a file that somebody was given; - is standard input.
func (a *app) document(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(a.in), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, usage("%w; nothing was checked", err)
	}
	return f, nil
}

func (a *app) readSmall(name string) ([]byte, error) {
	in, err := a.document(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	b, err := io.ReadAll(io.LimitReader(in, mostVerified))
	if err != nil {
		return nil, usage("%s: %w", name, err)
	}
	return b, nil
}

func (a *app) readCertificate(name string) (*certificate.Certificate, bool, error) {
	b, err := a.readSmall(name)
	if err != nil {
		return nil, false, err
	}
	c, exact, err := certificate.Decode(b)
	switch {
	case errors.Is(err, certificate.ErrVersion):
		return nil, false, usage("%s: CERT_VERSION: %w; use a newer habeas", name, err)
	case err != nil:
		return nil, false, usage("%s: CERT_UNREADABLE: %w; want the JSON file of a certificate, not its PDF", name, err)
	}
	return c, exact, nil
}

func (a *app) verifyCertificate(name string, f *verifyFlags, vkey string) error {
	c, exact, err := a.readCertificate(name)
	if err != nil {
		return err
	}
	r := certificate.Check(c, exact, vkey)
	if f.since != "" {
		if err := a.verifySince(r, c, f, vkey); err != nil {
			return err
		}
	}
	if f.open != "" {
		b, err := a.readSmall(f.open)
		if err != nil {
			return err
		}
		o, err := certificate.DecodeOpening(b)
		if err != nil {
			return usage("%s: OPENING_UNREADABLE: %w", f.open, err)
		}
		r.Open(c, o)
	}
	if f.audit != "" {
		if err := a.verifyBoth(r, c, f, vkey); err != nil {
			return err
		}
	}
	return a.toldReport(c, r)
}

func (a *app) verifySince(r *certificate.Report, c *certificate.Certificate, f *verifyFlags, vkey string) error {
	earlier, exact, err := a.readCertificate(f.since)
	if err != nil {
		return err
	}
	var more []audit.Growth
	if f.growth != "" {
		b, err := a.readSmall(f.growth)
		if err != nil {
			return err
		}
		more = make([]audit.Growth, 1)
		if err := json.Unmarshal(b, &more[0]); err != nil {
			return usage("%s: GROWTH_UNREADABLE: this is no proof of growth", f.growth)
		}
	}
	old := certificate.Check(earlier, exact, vkey)
	for _, p := range old.Problems {
		p.Text = "the earlier certificate: " + p.Text
		r.Problems, r.Valid = append(r.Problems, p), false
	}
	r.Since(c, earlier, more, vkey)
	return nil
}

// checkExport checks an export and calls fn for each record.
func (a *app) checkExport(name, vkey string, fn func(audit.Numbered)) (audit.ExportReport, error, error) {
	in, err := a.document(name)
	if err != nil {
		return audit.ExportReport{}, nil, err
	}
	defer in.Close()
	rep, wrong := audit.CheckExport(in, vkey, fn)
	if errors.Is(wrong, audit.ErrNotExport) {
		return rep, nil, usage("%s: EXPORT_UNREADABLE: %w", name, wrong)
	}
	return rep, wrong, nil
}

// verifyBoth holds the records of a certificate against an export of the log.
func (a *app) verifyBoth(r *certificate.Report, c *certificate.Certificate, f *verifyFlags, vkey string) error {
	public := map[int64]string{}
	_, wrong, err := a.checkExport(f.audit, vkey, func(n audit.Numbered) {
		if n.Entry.Case.String() == c.Body.Case {
			b, _ := n.Entry.Public().Encode()
			public[n.Index] = string(b)
		}
	})
	if err != nil {
		return err
	}
	step := certificate.Step{Name: "export", OK: wrong == nil, Saw: "the export holds under the same key, and every record of the certificate stands in it as the certificate says"}
	if wrong != nil {
		r.Problems = append(r.Problems, certificate.Problem{Code: "EXPORT_BROKEN", Text: wrong.Error()})
	}
	for _, in := range append(c.Proof.Records, c.Proof.Own) {
		if public[in.Index] != in.Record {
			step.OK = false
			r.Problems = append(r.Problems, certificate.Problem{Code: "EXPORT_OTHER", Text: fmt.Sprintf("record %d is not in the export as the certificate has it", in.Index)})
		}
	}
	r.Checked = append(r.Checked, step)
	r.Valid = r.Valid && step.OK
	return nil
}

// toldReport prints what was checked; exit code 1 if something is wrong.
func (a *app) toldReport(c *certificate.Certificate, r *certificate.Report) error {
	if a.json {
		if err := a.print(r); err != nil {
			return err
		}
	} else {
		b := &c.Body
		fmt.Fprintf(a.out, "Certificate %d of case %s, %s, drawn %s\n", r.Number, printable(r.Case), printable(string(r.Standing)), b.Drawn.Time().Format("2 January 2006 15:04 UTC"))
		if r.Simulated {
			fmt.Fprintln(a.out, "SIMULATED: a clock set by hand gave its dates. It proves nothing about a real case.")
		}
		a.toldSteps(r.Checked, r.Problems)
		if r.Valid {
			fmt.Fprintf(a.out, "\nIT HOLDS. It says: %d holdings decided on; %d targets: %d verified, %d ended without proof, %d open; %d of %d identifiers forgotten.\n",
				b.Holdings, b.Totals.Targets, b.Totals.Verified, b.Totals.NotProven, b.Totals.Open, b.Keys.Forgotten, b.Keys.Identifiers)
			fmt.Fprintln(a.out, "\nWhat it does not prove:")
			for _, s := range r.NotProven {
				fmt.Fprintf(a.out, "- %s\n", s)
			}
		} else {
			fmt.Fprintln(a.out, "\nIT DOES NOT HOLD. Believe nothing of it, and ask whoever gave it to you for the original file.")
		}
	}
	if !r.Valid {
		return said(exitNo)
	}
	return nil
}

func (a *app) toldSteps(steps []certificate.Step, problems []certificate.Problem) {
	for _, s := range steps {
		mark := "ok"
		if !s.OK {
			mark = "WRONG"
		}
		fmt.Fprintf(a.out, "%-6s %-10s %s\n", mark, s.Name, printable(s.Saw))
	}
	for _, p := range problems {
		fmt.Fprintf(a.out, "\n%s %s\n  %s\n", p.Code, p.At, printable(p.Text))
	}
}

// An exportReport says what was checked of an export.
type exportReport struct {
	Valid    bool                  `json:"valid"`
	Whole    bool                  `json:"whole"`
	Case     string                `json:"case,omitempty"`
	Records  int64                 `json:"records"`
	Log      int64                 `json:"log_records"`
	Root     string                `json:"root"`
	Key      string                `json:"key"`
	Problems []certificate.Problem `json:"problems"`
}

func (a *app) verifyAudit(f *verifyFlags, vkey string) error {
	if f.since != "" || f.open != "" || f.growth != "" {
		return usage("--since, --growth and --open are about a certificate; name one")
	}
	rep, wrong, err := a.checkExport(f.audit, vkey, func(audit.Numbered) {})
	if err != nil {
		return err
	}
	out := exportReport{Valid: wrong == nil, Whole: rep.Head.Whole, Case: rep.Head.Case, Records: rep.Records, Log: rep.Checkpoint.Size, Root: rep.Checkpoint.Root.String(), Key: rep.Head.Key, Problems: []certificate.Problem{}}
	if wrong != nil {
		out.Problems = append(out.Problems, certificate.Problem{Code: "EXPORT_BROKEN", Text: wrong.Error()})
	}
	switch {
	case a.json:
		err = a.print(out)
	case wrong != nil:
		_, err = fmt.Fprintf(a.out, "EXPORT_BROKEN: %s\n\nIT DOES NOT HOLD. Believe nothing of it.\n", printable(wrong.Error()))
	case out.Whole:
		_, err = fmt.Fprintf(a.out, "ok     whole      all %d records are there, and lead to the signed root\n\nIT HOLDS.\n\nWhat it does not prove:\n- that what was done was recorded: habeas records before it acts, and this shows what it recorded\n- that the log did not have another end once: keep a checkpoint of your own, and compare\n", out.Records)
	default:
		_, err = fmt.Fprintf(a.out, "ok     part       %d records of %d, each with a proof that it stands in the signed log\n\nIT HOLDS.\n\nWhat it does not prove:\n- that there are no others of the kind: only a whole export shows that\n", out.Records, out.Log)
	}
	if err == nil && wrong != nil {
		return said(exitNo)
	}
	return err
}
