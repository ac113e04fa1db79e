package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/api/caseview"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/spf13/cobra"
)

func (a *app) tasksCmd() *cobra.Command {
	c := &cobra.Command{
		Use:   "tasks",
		Short: "What systems and recipients were told to do, and how far it is",
		Long: `What systems and recipients were told to do, and how far it is. A system takes its
tasks over HTTP or NATS with a token of its own (docs/tasks.md); for a target without
one somebody writes a letter, and reports here what came of it.

"done" is a claim: only a later look, which finds nothing, makes a task verified.`,
	}
	c.AddCommand(a.exportedTo(a.tasksListCmd()), a.tasksShowCmd(), a.tasksReportCmd(), a.tasksRetryCmd(), a.tasksSettleCmd(), a.tasksExportCmd())
	return c
}

func (a *app) tasksListCmd() *cobra.Command {
	q := map[string]*string{}
	var overdue bool
	c := &cobra.Command{
		Use: "list", Short: "List what systems and recipients are not done with; it names nobody", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v := url.Values{}
			for name, text := range q {
				if *text != "" {
					v.Set(name, *text)
				}
			}
			if overdue {
				v.Set("overdue", "true")
			}
			return a.tasksList(cmd, v)
		},
	}
	for name, help := range map[string]string{"case": "of this case, those that have ended too", "system": "only of this system or recipient", "state": "only " + strings.Join(caseview.TaskStates(), ", "), "verb": "only with this verb, such as erase"} {
		q[name] = c.Flags().String(name, "", help)
	}
	c.Flags().BoolVar(&overdue, "overdue", false, "only what should be done by now")
	// Scripts written for an earlier form say it; a case shows them all.
	c.Flags().Bool("all", true, "")
	_ = c.Flags().MarkHidden("all")
	return c
}

func (a *app) tasksList(cmd *cobra.Command, q url.Values) error {
	c, err := a.dial()
	if err != nil {
		return err
	}
	return a.streamed(cmd, c, "/v1/tasks?"+q.Encode(), "task", "tasks", taskHeads(), func(raw json.RawMessage) ([]string, error) {
		var t desk.TaskView
		err := json.Unmarshal(raw, &t)
		return taskCells(&t), err
	})
}

// tasksExportCmd is the list as a spreadsheet, by the name that people look for.
func (a *app) tasksExportCmd() *cobra.Command {
	c := a.exportedTo(a.tasksListCmd())
	c.Use, c.Short = "export [--out FILE]", "The same list as CSV, or as JSON with --format json"
	pre := c.PreRunE
	c.PreRunE = func(cmd *cobra.Command, args []string) error {
		err := pre(cmd, args)
		if a.format == "" && !a.json {
			a.format = "csv"
		}
		return err
	}
	return c
}

func taskHeads() []string {
	return []string{"SYSTEM", "VERB", "STATE", "BY", "ATTEMPTS", "DETAIL", "CASE", "TASK"}
}

func taskCells(t *desk.TaskView) []string {
	state, system, by := t.State, t.System, t.ActBefore.String()
	if t.Overdue {
		state += ", OVERDUE"
	}
	if t.Person {
		state += ", waits for a person"
	}
	if t.Recipient != "" && t.Recipient != t.System {
		system += " (" + t.Recipient + ")"
	}
	if by == "" {
		by = "-"
	}
	return []string{system, t.Verb, state, by, fmt.Sprint(t.Attempts), taskDetail(t.Detail), t.Case, t.Task}
}

// taskDetail says a detail, but for the one that only says that nothing has happened
// yet.
func taskDetail(d string) string {
	if d == "born" {
		return ""
	}
	return strings.ReplaceAll(d, "_", " ")
}

func (a *app) taskTable(list []desk.TaskView) error {
	if len(list) == 0 {
		return nil
	}
	var rows [][]string
	for i := range list {
		rows = append(rows, taskCells(&list[i]))
	}
	return a.table(nil, taskHeads(), rows)
}

func taskPath(id, rest string) string { return "/v1/tasks/" + url.PathEscape(id) + rest }

func (a *app) tasksShowCmd() *cobra.Command {
	return &cobra.Command{
		Use: "show TASK", Short: "One task: what it asks for, and what was reported", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var v desk.TaskShown
			raw, err := a.fetch(cmd, taskPath(args[0], ""), &v)
			if err != nil {
				return err
			}
			if a.json {
				return a.print(raw)
			}
			return a.showTask(&v)
		},
	}
}

func (a *app) showTask(v *desk.TaskShown) error {
	state, _ := caseview.TaskState(v.State)
	fmt.Fprintf(a.out, "task %s of case %s\n%s is to %s: %s\n", v.Task, v.Case, v.System, caseview.Verb(v.Verb), strings.ToLower(state))
	if !v.ActBefore.IsZero() {
		fmt.Fprintf(a.out, "by %s\n", catalogue.PlainDate(v.ActBefore))
	}
	if v.Person {
		fmt.Fprintln(a.out, "nothing happens to it unless a person acts")
	}
	if v.Shredded {
		fmt.Fprintln(a.out, "what was sealed of it is gone")
	}
	for _, p := range v.Parts {
		fmt.Fprintf(a.out, "- %s %s %s (holding %s)\n", p.Dataset, p.Activity, p.Category, p.Holding)
	}
	fmt.Fprintln(a.out)
	for _, h := range v.History {
		words, _ := caseview.TaskState(h.State)
		text := h.At.Time().Format("2 January 2006 15:04") + "  " + words
		if h.Detail != "" {
			text += " (" + strings.ReplaceAll(h.Detail, "_", " ") + ")"
		}
		fmt.Fprintln(a.out, text)
		if r := h.Receipt; r != nil {
			fmt.Fprintln(a.out, "    "+oneLine(receiptWords(r)))
		}
	}
	return nil
}

func receiptWords(r *desk.TaskReceiptView) string {
	parts := []string{"reported: " + strings.ReplaceAll(r.Outcome, "_", " ")}
	add := func(name, text string) {
		if text != "" {
			parts = append(parts, name+text)
		}
	}
	add("by ", r.By)
	if r.Found != nil {
		add("found ", fmt.Sprint(*r.Found))
	}
	if r.Removed != nil {
		add("removed ", fmt.Sprint(*r.Removed))
	}
	add("by the law ", r.Ground)
	add("until ", r.Until.String())
	add("", r.Reference)
	add("", r.Text)
	return strings.Join(parts, ", ")
}

func (a *app) tasksReportCmd() *cobra.Command {
	var in api.TaskByHand
	var found, removed int
	c := &cobra.Command{
		Use:   "report TASK --outcome OUTCOME --reference TEXT",
		Short: "Report by hand for a target without a connector, with what shows it",
		Long: `Report by hand what a target did that has no connector: a paper archive, a recipient
that answers by letter. OUTCOME is done, accepted, partly, not_found, kept_lawful (with
--ground and --until), refused, failed or impossible; with --look, found_nothing or
still_there. --reference or --text says what shows it; both are kept sealed.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for name, x := range map[string]struct {
				n  int
				to **uint32
			}{"found": {found, &in.Found}, "removed": {removed, &in.Removed}} {
				if !cmd.Flags().Changed(name) {
					continue
				}
				if x.n < 0 {
					return usage("--%s: want a number from 0", name)
				}
				n := uint32(x.n)
				*x.to = &n
			}
			var err error
			if in.Text, err = a.words("--text", in.Text); err != nil {
				return err
			}
			return a.onTask(cmd, args[0], "report", in)
		},
	}
	f := c.Flags()
	f.StringVar(&in.Outcome, "outcome", "", "what came of it")
	f.BoolVar(&in.Look, "look", false, "it is of a look whether it was done")
	f.IntVar(&found, "found", 0, "how many records were found")
	f.IntVar(&removed, "removed", 0, "how many were removed")
	f.StringVar(&in.Ground, "ground", "", "the law by which it is kept or refused")
	f.StringVar(&in.Until, "until", "", "the last day it is kept")
	f.StringVar(&in.Reference, "reference", "", "of the letter, the ticket, the portal; kept sealed")
	f.StringVar(&in.Text, "text", "", "who said so and when, or - for standard input; kept sealed")
	return c
}

// onTask posts an order about a task and says how it stands then.
func (a *app) onTask(cmd *cobra.Command, id, verb string, in any) error {
	var v desk.TaskView
	if err := a.post(cmd, taskPath(id, "/"+verb), in, &v); err != nil || a.json {
		return err
	}
	state, _ := caseview.TaskState(v.State)
	_, err := fmt.Fprintf(a.out, "recorded; %s is to %s: %s\n", v.System, caseview.Verb(v.Verb), strings.ToLower(state))
	return err
}

func (a *app) tasksRetryCmd() *cobra.Command {
	var in api.CaseReason
	c := &cobra.Command{
		Use: "retry TASK --reason TEXT", Short: "Send a task out again that ended without proof", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.onTask(cmd, args[0], "retry", in)
		},
	}
	c.Flags().StringVar(&in.Reason, "reason", "", "why; kept sealed")
	return c
}

func (a *app) tasksSettleCmd() *cobra.Command {
	var in api.TaskSettlement
	c := &cobra.Command{
		Use:   "settle TASK --as accept|impossible|disproportionate|chase --reason TEXT",
		Short: "Say what becomes of a task that cannot be proven",
		Long: `Say what becomes of a task that cannot be proven: accept takes its state as the end,
impossible and disproportionate are those of Article 19, chase sends it out again. The
certificate says it as it is; "erased" is said of what was verified only.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.onTask(cmd, args[0], "settle", in)
		},
	}
	c.Flags().StringVar(&in.Choice, "as", "", "what becomes of it")
	c.Flags().StringVar(&in.Reason, "reason", "", "why; kept sealed")
	return c
}
