package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/api/caseview"
	"github.com/habeas-data/habeas/api/textview"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/spf13/cobra"
)

func (a *app) caseRunCmd() *cobra.Command {
	var in api.CaseRun
	c := &cobra.Command{
		Use:   "run CASE",
		Short: "Send the tasks of the approved plan to systems and recipients",
		Long: `Send the tasks of the approved plan to exactly those systems and recipients that
have the data. What was sent out is not sent out twice: running again says so and does
no harm. --failed sends out again what failed and nothing else. How far they are: habeas case show CASE, or habeas tasks list --case CASE.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var v desk.RunView
			if err := a.post(cmd, casePath(args[0], "/run"), in, &v); err != nil || a.json {
				return err
			}
			if v.Code != "" {
				fmt.Fprintf(a.errout, "%s: everything was sent out before, so nothing was sent out now\n", v.Code)
			} else {
				fmt.Fprintln(a.out, runWords(&v))
			}
			if n := len(v.Held); n > 0 {
				fmt.Fprintf(a.out, "%s left out: a hold keeps it; the plan names what, and habeas hold list why\n", textview.Plural(n, "holding is", "holdings are"))
			}
			if v.Deferred > 0 {
				fmt.Fprintf(a.out, "holdings that wait for the copy that is owed first, and go on by themselves once it is answered: %d\n", v.Deferred)
			}
			return a.taskTable(v.Tasks)
		},
	}
	c.Flags().BoolVar(&in.OnlyFailed, "failed", false, "send out again what failed, and nothing else")
	c.Flags().StringVar(&in.Reason, "reason", "", "kept sealed")
	return c
}

// runWords says what a run did.
func runWords(v *desk.RunView) string {
	if v.Again > 0 {
		return fmt.Sprintf("%d tasks are sent out again", v.Again)
	}
	return fmt.Sprintf("%d tasks are sent out", v.Made)
}

func (a *app) casePackageCmd() *cobra.Command {
	var in api.NewPackage
	var out string
	var fetch bool
	c := &cobra.Command{
		Use:   "package CASE [--out FILE]",
		Short: "Make the answer to a request for access, or the copy for portability, encrypted",
		Long: `Make the answer to a request for access, or the copy for portability: pages to read,
data to work with, a manifest, signed. It is encrypted as it is made (age), to
--passphrase, to a public key (--to), or to a passphrase that is drawn here and shown
once: it goes to the person by another way than the package. It can be fetched until it
expires; each download is recorded.

--out fetches it into a file; --fetch only fetches what was made before.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if fetch && out == "" {
				return usage("--fetch: want --out with the file")
			}
			if !fetch {
				if err := a.makePackage(cmd, args[0], in); err != nil {
					return err
				}
			}
			if out == "" {
				return nil
			}
			n, err := a.saveFile(cmd, casePath(args[0], "/package"), out)
			if err == nil && !a.json {
				_, err = fmt.Fprintf(a.out, "the package is in %s (%d bytes); open it with: age --decrypt %s > answer.zip\n", out, n, out)
			}
			return err
		},
	}
	f := c.Flags()
	f.StringVar(&in.Kind, "kind", "", "access or portability; what the case is about if absent")
	f.StringVar(&in.Passphrase, "passphrase", "", "who knows it can open the package; - for standard input, or @FILE")
	f.StringVar(&in.Recipient, "to", "", "the public key (age1...) of who can open it")
	f.IntVar(&in.Days, "days", 0, "how long it can be fetched (default 30)")
	f.StringVarP(&out, "out", "o", "", "fetch it into this file")
	f.BoolVar(&fetch, "fetch", false, "fetch what was made before, and make nothing")
	return c
}

func (a *app) makePackage(cmd *cobra.Command, id string, in api.NewPackage) error {
	var err error
	if in.Passphrase, err = a.words("--passphrase", in.Passphrase); err != nil {
		return err
	}
	var v desk.PackageView
	if err := a.post(cmd, casePath(id, "/package"), in, &v); err != nil || a.json {
		return err
	}
	fmt.Fprintf(a.out, "package %s: %s, %d files, %d bytes; it can be fetched until %s\n", v.Package, v.Kind, v.Files, v.Bytes, v.Expires)
	if v.Passphrase != "" {
		fmt.Fprintf(a.out, "passphrase, shown this once: %s\n", v.Passphrase)
	}
	if len(v.Without) > 0 {
		fmt.Fprintf(a.errout, "without a copy of what these hold: %s\n", strings.Join(v.Without, ", "))
	}
	return nil
}

func (a *app) caseSendCmd() *cobra.Command {
	var in api.CaseSend
	c := &cobra.Command{
		Use: "send CASE --to RECIPIENT", Short: "Send the copy for portability straight to another controller (Article 20(2))", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var v desk.SendView
			if err := a.post(cmd, casePath(args[0], "/send"), in, &v); err != nil || a.json {
				return err
			}
			_, err := fmt.Fprintf(a.out, "sent to %s: %s, %d bytes\n", v.Recipient, v.Name, v.Bytes)
			return err
		},
	}
	c.Flags().StringVar(&in.Recipient, "to", "", "registered with habeas recipients add, with an https address as contact")
	c.Flags().StringVar(&in.Reason, "reason", "", "kept sealed")
	return c
}

func (a *app) caseDuplicateCmd() *cobra.Command {
	var in api.CaseSame
	c := &cobra.Command{
		Use: "duplicate CASE --of OTHER", Short: "Record that a case is the same as another", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.answer(cmd, args[0], "duplicate", in, "recorded")
		},
	}
	c.Flags().StringVar(&in.Of, "of", "", "the other case")
	c.Flags().StringVar(&in.Reason, "reason", "", "kept sealed")
	return c
}

func (a *app) caseCertifyCmd() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "certify CASE [--out FILE]",
		Short: "Draw the certificate of a case that is complete: what was done, and the proof of it",
		Long: `Draw the certificate of a case that is complete. It names nobody; anybody can check it
with habeas verify and the public key. --out writes the certificate, as FILE.json or
FILE.pdf.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var v desk.CertificateView
			if err := a.post(cmd, casePath(args[0], "/certify"), struct{}{}, &v); err != nil {
				return err
			}
			return a.certificate(cmd, args[0], v.Number, v.Text, out)
		},
	}
	c.Flags().StringVarP(&out, "out", "o", "", "write the certificate to this file, .json or .pdf")
	return c
}

func (a *app) caseCertificateCmd() *cobra.Command {
	var out string
	var number int
	c := &cobra.Command{
		Use: "certificate CASE [--out FILE]", Short: "Show or write a certificate that was drawn", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			q := ""
			if number > 0 {
				q = fmt.Sprintf("?number=%d", number)
			}
			var v desk.CertificateView
			raw, err := a.fetch(cmd, casePath(args[0], "/certificate"+q), &v)
			if err != nil {
				return err
			}
			if a.json {
				return a.print(raw)
			}
			return a.certificate(cmd, args[0], v.Number, v.Text, out)
		},
	}
	c.Flags().StringVarP(&out, "out", "o", "", "write the certificate to this file, .json or .pdf")
	c.Flags().IntVar(&number, "number", 0, "which, where several were drawn; the last if absent")
	return c
}

// certificate prints what a certificate says, or writes the file that is verified.
func (a *app) certificate(cmd *cobra.Command, id string, number int, text, out string) error {
	if a.json && out == "" {
		return nil
	}
	if out == "" {
		_, err := fmt.Fprintln(a.out, strings.TrimRight(text, "\n"))
		return err
	}
	form := "file"
	if strings.HasSuffix(out, ".pdf") {
		form = "pdf"
	}
	q := url.Values{"form": {form}}
	if number > 0 {
		q.Set("number", fmt.Sprint(number))
	}
	n, err := a.saveFile(cmd, casePath(id, "/certificate?"+q.Encode()), out)
	if err != nil || a.json {
		return err
	}
	text = fmt.Sprintf("the certificate is in %s (%d bytes)", out, n)
	if form == "file" {
		text += "; check it with: habeas verify " + out
	}
	_, err = fmt.Fprintln(a.out, text)
	return err
}

// saveFile writes what the server sends into a file that did not exist, or that only
// its owner may read.
func (a *app) saveFile(cmd *cobra.Command, path, out string) (int64, error) {
	c, err := a.dial()
	if err != nil {
		return 0, err
	}
	resp, err := c.do(cmd.Context(), http.MethodGet, path, "", nil)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end or given up
	f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, reach("open the file: %w", err)
	}
	bar := newProgress(a.errout, max(resp.ContentLength, 0))
	n, err := io.Copy(f, io.TeeReader(resp.Body, counting{bar}))
	bar.done()
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		_ = os.Remove(out) // half a file must not be taken for a whole one
		return n, reach("write the file: %w", err)
	}
	return n, nil
}

// counting moves a bar by what is written to it.
type counting struct{ bar *progress }

func (c counting) Write(b []byte) (int, error) {
	c.bar.add(int64(len(b)))
	return len(b), nil
}

// errNotYet: what was waited for has not come in time.
var errNotYet = &exit{exitNo, errors.New("not in the time given; how far it is: habeas case show")}

func (a *app) caseWaitCmd() *cobra.Command {
	var until string
	var patience time.Duration
	c := &cobra.Command{
		Use:   "wait CASE [--for STATUS] [--timeout 10m]",
		Short: "Wait until a case is complete, or has another status",
		Long: `Wait until a case is complete, or has the status that --for names; a case that has
ended otherwise is not waited for. Exit code 1 if it does not come in time.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(caseview.Statuses(), until) {
				return usage("--for: want one of %s", strings.Join(caseview.Statuses(), ", "))
			}
			return a.wait(cmd, args[0], until, patience)
		},
	}
	c.Flags().StringVar(&until, "for", "complete", "the status to wait for")
	c.Flags().DurationVar(&patience, "timeout", 10*time.Minute, "how long")
	return c
}

func (a *app) wait(cmd *cobra.Command, id, until string, patience time.Duration) error {
	bar := newProgress(a.errout, 0)
	defer bar.done()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	again := time.NewTicker(time.Second)
	defer again.Stop()
	for {
		var v desk.CaseView
		if _, err := a.fetch(cmd, casePath(id, ""), &v); err != nil {
			return err
		}
		all := 0
		for _, n := range v.Tasks {
			all += n
		}
		bar.total = int64(all)
		bar.set(int64(v.Tasks["verified"]))
		switch {
		case v.Status == until:
			bar.done()
			if a.json {
				return a.print(map[string]any{"case": v.Case, "status": v.Status, "tasks": v.Tasks})
			}
			_, err := fmt.Fprintf(a.out, "the case %s\n", caseview.Stands(v.Status))
			return err
		case slices.Contains([]string{"refused", "withdrawn", "duplicate", "closed"}, v.Status):
			return &exit{exitNo, fmt.Errorf("the case is %s and will not be %s", v.Status, until)}
		}
		select {
		case <-cmd.Context().Done():
			return errInterrupted
		case <-deadline.C:
			return errNotYet
		case <-again.C:
		}
	}
}
