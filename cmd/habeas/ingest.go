package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/habeas-data/habeas/connectors/ingest"
	"github.com/habeas-data/habeas/events"
	"github.com/spf13/cobra"
)

// uploadLines is how many lines one request carries: each is durable before
// the next is sent, so progress and an interruption both mean something.
const uploadLines = 1000

func (a *app) ingestCmd() *cobra.Command {
	var dry bool
	c := &cobra.Command{
		Use:   "ingest FILE|-",
		Short: "Send events from a file of JSON Lines",
		Long: `Send CloudEvents, one per line. Every rejection is printed with its line number,
where in the event it is wrong, and what was expected. Events that were sent
before are counted as duplicates, so an interrupted run is simply repeated. What
was taken but should be looked at, such as a code that the catalogue does not
know, is said as a warning and changes no exit code.

With --dry-run nothing is sent: each line is only checked.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, size, err := a.open(args[0])
			if err != nil {
				return err
			}
			defer in.Close()
			up := &upload{app: a, bar: newProgress(a.errout, size), spoken: map[string]int{}}
			if !dry {
				if up.client, err = a.dial(); err != nil {
					return err
				}
			}
			if err := up.run(cmd.Context(), in); err != nil {
				return err
			}
			return up.report()
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "check every line and send nothing")
	return c
}

func (a *app) open(name string) (io.ReadCloser, int64, error) {
	if name == "-" {
		return io.NopCloser(a.in), 0, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, usage("open the events: %w", err)
	}
	size := int64(0)
	if st, err := f.Stat(); err == nil && st.Mode().IsRegular() {
		size = st.Size()
	}
	return f, size, nil
}

// upload sends lines in groups and adds the answers up.
type upload struct {
	app    *app
	client *client // nil checks only
	bar    *progress
	total  ingest.Answer
	spoken map[string]int // warnings printed, by kind
	shown  int            // their sum
}

func (u *upload) run(ctx context.Context, in io.Reader) error {
	br := bufio.NewReaderSize(in, 256<<10)
	var group bytes.Buffer
	for first, n := 1, 0; ; {
		line, err := br.ReadBytes('\n')
		if len(line) > 0 {
			group.Write(line)
			if line[len(line)-1] != '\n' {
				group.WriteByte('\n')
			}
			n++
			u.bar.add(int64(len(line)))
		}
		last := errors.Is(err, io.EOF)
		if err != nil && !last {
			return usage("read line %d: %w", first+n, err)
		}
		if n == uploadLines || (last && n > 0) {
			if err := u.send(ctx, group.Bytes(), first); err != nil {
				return fmt.Errorf("%w\nlines before %d are stored; run the same command again to continue", err, first)
			}
			group.Reset()
			first, n = first+n, 0
		}
		if last {
			u.bar.done()
			return nil
		}
	}
}

// send takes one group; first is the number of its first line.
func (u *upload) send(ctx context.Context, lines []byte, first int) error {
	var answer ingest.Answer
	if u.client == nil {
		answer = check(lines, time.Now())
	} else if err := u.post(ctx, lines, &answer); err != nil {
		return err
	}
	u.total.Accepted += answer.Accepted
	u.total.Duplicate += answer.Duplicate
	u.total.RejectedCount += answer.RejectedCount
	if answer.Position != "" {
		u.total.Position = answer.Position
	}
	for _, r := range answer.Rejected {
		r.Line += first - 1
		u.total.Rejected = append(u.total.Rejected, r)
		kept := ""
		if r.Kept != "" {
			kept = "; it waits as " + r.Kept + ": habeas quarantine list"
		}
		u.say("line %d: %s: %s%s\n", r.Line, pointer(r.Pointer), r.Reason, kept)
	}
	u.warnings(answer, first)
	return nil
}

// spokenWarnings is how many warnings of one kind are printed; the report counts
// the rest.
const spokenWarnings = 3

// warnings prints the first ones of each kind and keeps as many as one answer
// may list: a file of millions of lines may say the same of each.
func (u *upload) warnings(answer ingest.Answer, first int) {
	u.total.WarningCount += answer.WarningCount
	for _, w := range answer.Warnings {
		w.Line += first - 1
		if len(u.total.Warnings) < uploadLines {
			u.total.Warnings = append(u.total.Warnings, w)
		}
		kind := w.Pointer + w.Text
		if u.spoken[kind] < spokenWarnings {
			u.spoken[kind]++
			u.shown++
			u.say("line %d: %s: warning: %s\n", w.Line, pointer(w.Pointer), w.Text)
		}
	}
}

// say prints a line for a person beside the progress bar.
func (u *upload) say(format string, a ...any) {
	if !u.app.json {
		u.bar.clear()
		fmt.Fprintf(u.app.errout, format, a...)
	}
}

func pointer(p string) string {
	if p == "" {
		return "the event"
	}
	return p
}

// post sends the group and waits out a server that says it is busy.
func (u *upload) post(ctx context.Context, lines []byte, answer *ingest.Answer) error {
	for {
		resp, err := u.client.do(ctx, "POST", "/v1/events", "application/x-ndjson", bytes.NewReader(lines))
		var p *problem
		switch {
		case err == nil:
		case errors.As(err, &p) && p.Status == http.StatusTooManyRequests:
			select {
			case <-ctx.Done():
				return err
			case <-time.After(time.Second): // as Retry-After asks
			}
			continue
		case resp == nil || resp.StatusCode != http.StatusBadRequest:
			return err
		}
		// A group in which everything was rejected is answered 400 with the
		// same document.
		defer resp.Body.Close()
		if derr := json.NewDecoder(resp.Body).Decode(answer); derr != nil || (err != nil && answer.RejectedCount == 0) {
			if err != nil {
				return err
			}
			return reach("read the answer: %w", derr)
		}
		return nil
	}
}

// check decodes lines without sending them.
func check(lines []byte, now time.Time) ingest.Answer {
	var a ingest.Answer
	for i, line := range bytes.Split(bytes.TrimSuffix(lines, []byte("\n")), []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if _, rej := events.DecodeCloudEvent(bytes.TrimSpace(line), now); rej != nil {
			rej.Line = i + 1
			a.Rejected = append(a.Rejected, *rej)
			a.RejectedCount++
			continue
		}
		a.Accepted++
	}
	return a
}

func (u *upload) report() error {
	if u.total.Rejected == nil {
		u.total.Rejected = []events.Rejection{}
	}
	if u.app.json {
		if err := u.app.print(u.total); err != nil {
			return err
		}
	} else {
		verb := "accepted"
		if u.client == nil {
			verb = "well formed (nothing was sent)"
		}
		fmt.Fprintf(u.app.out, "%d %s, %d duplicate, %d rejected\n", u.total.Accepted, verb, u.total.Duplicate, u.total.RejectedCount)
		if more := u.total.WarningCount - u.shown; more > 0 {
			fmt.Fprintf(u.app.out, "%d warnings, %d of them like those shown; --json lists the first %d\n", u.total.WarningCount, more, uploadLines)
		}
		if u.total.Position != "" {
			fmt.Fprintf(u.app.out, "journal position %s\n", u.total.Position)
		}
	}
	for _, r := range u.total.Rejected {
		if r.Code == "event.source.forbidden" {
			return said(exitRefused)
		}
	}
	if u.total.RejectedCount > 0 {
		return said(exitNo)
	}
	return nil
}
