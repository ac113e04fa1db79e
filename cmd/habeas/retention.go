package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/spf13/cobra"
)

func (a *app) retentionCmd() *cobra.Command {
	c := &cobra.Command{
		Use:   "retention",
		Short: "See what is to be erased and when, and decide on it",
		Long: `See what is to be erased and when. Due dates are worked out when you ask, from
the catalogue in force: a changed period counts at once.

Erasing takes three steps: propose puts together what has ended and may go,
somebody else approves it, run decides on each holding. This release records the
decisions and tells no system to erase.`,
	}
	c.AddCommand(a.dueCmd(), a.exported(a.forecastCmd()), a.exported(a.waitingCmd()), a.exported(a.batchesCmd()), a.proposeCmd(), a.approveCmd(), a.runCmd())
	return c
}

func (a *app) dueCmd() *cobra.Command {
	q := map[string]*string{}
	c := &cobra.Command{
		Use:   "due [--on DATE] [--until DATE]",
		Short: "List what has ended by a day: due, overdue, paused or on hold",
		Long: `List what has ended by a day, what ended first at the top: due, overdue, paused
while an open request needs it, or kept by a hold. --until adds what ends by a
later day. The list names nobody: PERSON is the reference that habeas footprint
takes as ref=REFERENCE. The look is recorded.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v := url.Values{}
			for name, text := range q {
				if *text != "" {
					v.Set(name, *text)
				}
			}
			return a.due(cmd.Context(), v)
		},
	}
	for name, help := range map[string]string{"on": "the day, as YYYY-MM-DD; today if absent", "until": "add what ends by this day", "system": "only of this system",
		"activity": "only of this activity", "rule": "only by this rule", "status": "only due, overdue, paused, on_hold or running", "hold": "only what this hold keeps"} {
		q[name] = c.Flags().String(name, "", help)
	}
	return a.exported(c)
}

var dueHeads = []string{"DUE", "STATUS", "SYSTEM", "ACTIVITY", "CATEGORY", "ITEM", "RULE", "PERSON", "WHY"}

// due prints the list as it arrives; as JSON it is one document.
func (a *app) due(ctx context.Context, q url.Values) error {
	c, err := a.dial()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	n := 0
	list := []json.RawMessage{}
	if a.format == "csv" {
		if err := a.sheet(slices.Clone(dueHeads), nil); err != nil {
			return err
		}
	}
	end, err := c.dueLines(ctx, "/v1/retention/due?"+q.Encode(), func(raw json.RawMessage) error {
		n++
		if a.json || a.format == "json" {
			list = append(list, raw)
			return nil
		}
		var it desk.DueItem
		if err := json.Unmarshal(raw, &it); err != nil {
			return reach("read the answer: %w", err)
		}
		cells := []string{*it.Due, strings.ReplaceAll(it.Status, "_", " "), it.System, it.Activity, it.Category, itemWords(it.Item), it.Rule, it.Person, it.Why}
		if a.format == "csv" {
			return a.sheet(nil, [][]string{cells})
		}
		if n == 1 {
			fmt.Fprintln(w, strings.Join(dueHeads, "\t"))
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
		if n%100 == 0 {
			return w.Flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	if a.json || a.format == "json" {
		var doc map[string]json.RawMessage
		if err := json.Unmarshal(end, &doc); err != nil {
			return reach("read the answer: %w", err)
		}
		doc["items"], err = json.Marshal(list)
		if err != nil {
			return reach("write the answer: %w", err)
		}
		return a.print(doc)
	}
	if err := w.Flush(); err != nil {
		return reach("write the answer: %w", err)
	}
	var page desk.DuePage
	if err := json.Unmarshal(end, &page); err != nil {
		return reach("read the answer: %w", err)
	}
	fmt.Fprintf(a.errout, "%d holdings on %s, as of journal position %s; %d systems cannot be spoken for (habeas systems)\n", n, page.On, page.AsOf.Position, len(page.Left))
	return nil
}

func itemWords(v *events.ItemView) string {
	switch {
	case v == nil:
		return "-"
	case v.Value == "":
		return v.Kind
	}
	return v.Kind + " " + v.Value
}

// dueLines reads the list as a stream. One that breaks off is an error.
func (c *client) dueLines(ctx context.Context, path string, fn func(json.RawMessage) error) (end json.RawMessage, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
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
	defer resp.Body.Close()
	dec := json.NewDecoder(resp.Body)
	for {
		var line struct {
			Item, End json.RawMessage
		}
		if err := dec.Decode(&line); err != nil {
			return nil, reach("the list broke off before its end; ask again")
		}
		if line.End != nil {
			return line.End, nil
		}
		if err := fn(line.Item); err != nil {
			return nil, err
		}
	}
}

func (a *app) forecastCmd() *cobra.Command {
	var from string
	c := &cobra.Command{
		Use: "forecast [--from DATE]", Short: "Count what ends in the coming twelve months, by month, rule and system", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var f desk.Forecast
			raw, err := a.fetch(cmd, "/v1/retention/forecast?from="+url.QueryEscape(from), &f)
			if err != nil {
				return err
			}
			var rows [][]string
			for _, r := range f.Rows {
				rows = append(rows, []string{strings.ReplaceAll(r.Month, "_", " "), r.Rule, r.System, strconv.Itoa(r.Holdings)})
			}
			return a.table(raw, []string{"MONTH", "RULE", "SYSTEM", "HOLDINGS"}, rows)
		},
	}
	c.Flags().StringVar(&from, "from", "", "the first day, as YYYY-MM-DD; today if absent")
	return c
}

func (a *app) waitingCmd() *cobra.Command {
	return &cobra.Command{
		Use: "waiting", Short: "List what has no end because what it counts from has not been reported, and may never be", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var l desk.WaitingList
			raw, err := a.fetch(cmd, "/v1/retention/waiting", &l)
			if err != nil {
				return err
			}
			var rows [][]string
			for _, x := range l.Waiting {
				never := "of others only"
				if x.Never {
					never = "of nobody"
				}
				rows = append(rows, []string{x.Rule, x.Words, x.System, strconv.Itoa(x.Holdings), x.Oldest.String(), never})
			}
			return a.table(raw, []string{"RULE", "COUNTS FROM", "SYSTEM", "HOLDINGS", "OLDEST", "REPORTED"}, rows)
		},
	}
}

func (a *app) batchesCmd() *cobra.Command {
	return &cobra.Command{
		Use: "batches", Short: "List the batches that were proposed, newest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var l desk.DisposalList
			raw, err := a.fetch(cmd, "/v1/retention/batches", &l)
			if err != nil {
				return err
			}
			var rows [][]string
			for _, x := range l.Disposals {
				rows = append(rows, []string{x.ID, x.State, x.On.String(), x.System, x.Activity, strconv.Itoa(int(x.Holdings)), x.By, x.Approver})
			}
			return a.table(raw, []string{"BATCH", "STATE", "ENDED BY", "SYSTEM", "ACTIVITY", "HOLDINGS", "PROPOSED BY", "APPROVED BY"}, rows)
		},
	}
}

func (a *app) proposeCmd() *cobra.Command {
	var in api.NewBatch
	c := &cobra.Command{
		Use: "propose [--on DATE] [--system S] [--activity A]", Short: "Put together what has ended and may go, for somebody else to approve",
		Long: `Put together what has ended by a day and may go: nothing on hold, nothing that an
open request needs, nothing whose end only stops its use or asks for a person.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var v desk.DisposalView
			if err := a.post(cmd, "/v1/retention/batches", in, &v); err != nil || a.json {
				return err
			}
			_, err := fmt.Fprintf(a.out, "batch %s: %d holdings that ended by %s\nsomebody else approves it with: habeas retention approve %s\n", v.ID, v.Holdings, v.On, v.ID)
			return err
		},
	}
	c.Flags().StringVar(&in.On, "on", "", "what ended by this day; today if absent, never later")
	c.Flags().StringVar(&in.System, "system", "", "only of this system")
	c.Flags().StringVar(&in.Activity, "activity", "", "only of this activity")
	return c
}

// post sends a document; with --json the answer is printed as it is.
func (a *app) post(cmd *cobra.Command, path string, in, out any) error {
	c, err := a.dial()
	if err != nil {
		return err
	}
	var raw json.RawMessage
	if err := c.call(cmd.Context(), http.MethodPost, path, in, &raw); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return reach("read the answer: %w", err)
	}
	if a.json {
		return a.print(raw)
	}
	return nil
}

func (a *app) approveCmd() *cobra.Command {
	return &cobra.Command{
		Use: "approve BATCH", Short: "Approve a batch that somebody else proposed", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var v desk.DisposalView
			if err := a.post(cmd, "/v1/retention/batches/"+url.PathEscape(args[0])+"/approve", nil, &v); err != nil || a.json {
				return err
			}
			_, err := fmt.Fprintf(a.out, "batch %s is approved: %d holdings\ncarry it out with: habeas retention run %s\n", v.ID, v.Holdings, v.ID)
			return err
		},
	}
}

func (a *app) runCmd() *cobra.Command {
	var on string
	c := &cobra.Command{
		Use:   "run [BATCH]",
		Short: "Carry out an approved batch: decide on the erasure of each holding",
		Long: `Carry out an approved batch. Each decision is recorded; this release tells no
system to erase. Without BATCH the newest approved batch is taken. A batch whose
content has changed since it was proposed is refused, and one that is out of the
ordinary stops with DISPOSAL_FUSE: a rule was changed within the last 30 days, or
too many people would be concerned at once (disposal_share in the configuration).`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.notAhead(cmd, on); err != nil {
				return err
			}
			id := ""
			if len(args) == 1 {
				id = args[0]
			} else if err := a.newestApproved(cmd, on, &id); err != nil {
				return err
			}
			var v desk.DisposalRun
			if err := a.post(cmd, "/v1/retention/batches/"+url.PathEscape(id)+"/run", nil, &v); err != nil || a.json {
				return err
			}
			tasks := 0
			for _, n := range v.Tasks {
				tasks += n
			}
			_, err := fmt.Fprintf(a.out, "batch %s: decided on %d holdings, %d tasks, %d of them proven, %d holdings left as they are\n%s\n", v.Batch, v.Intended, tasks, v.Erased, v.Left, v.Why)
			return err
		},
	}
	c.Flags().StringVar(&on, "on", "", "the day of the run; a day to come is refused")
	return c
}

// notAhead refuses a day to come: nothing is erased ahead of its time. What day
// it is, the server says.
func (a *app) notAhead(cmd *cobra.Command, on string) error {
	if on == "" {
		return nil
	}
	day, err := events.ParseDate(on)
	if err != nil {
		return usage("--on: %w", err)
	}
	var l desk.DisposalList
	if _, err := a.fetch(cmd, "/v1/retention/batches", &l); err != nil {
		return err
	}
	if today := events.DateOf(l.AsOf.Time.Time()); day > today {
		return usage("--on %s: that day has not come (it is %s); nothing was done", on, today)
	}
	return nil
}

func (a *app) newestApproved(cmd *cobra.Command, on string, id *string) error {
	var l desk.DisposalList
	if _, err := a.fetch(cmd, "/v1/retention/batches", &l); err != nil {
		return err
	}
	for _, x := range l.Disposals {
		if x.State == "approved" && (on == "" || x.On.String() == on) {
			*id = x.ID
			return nil
		}
	}
	return &exit{exitNo, errors.New("no batch is approved; nothing was done. Begin with: habeas retention propose")}
}
