package main

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/api/caseview"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/spf13/cobra"
)

func (a *app) casePlanCmd() *cobra.Command {
	var on string
	c := &cobra.Command{
		Use:   "plan CASE [--on DATE]",
		Short: "What is proposed and decided for each holding, and why; it destroys nothing",
		Long: `What is proposed and decided for each holding, and why, as on a day. It destroys
nothing. A day to come is a forecast: what is known now is taken to stay as it is.
With --csv there is one line for each holding and right.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var v desk.CasePlan
			raw, err := a.fetch(cmd, casePath(args[0], "/plan?on="+url.QueryEscape(on)), &v)
			switch {
			case err != nil:
				return err
			case a.json || a.format == "json":
				return a.print(raw)
			case a.format == "csv":
				return a.sheet(planHeads(), planRows(&v))
			}
			return caseview.PrintPlan(a.out, &v)
		},
	}
	c.Flags().StringVar(&on, "on", "", "the day, as YYYY-MM-DD; today if absent")
	return a.exportedTo(c)
}

func planHeads() []string {
	return []string{"right", "holding", "system", "dataset", "activity", "category", "outcome", "code", "article", "until", "waits_for", "needs_person", "decided_by", "proposal", "recipients", "reason"}
}

func planRows(v *desk.CasePlan) [][]string {
	text := func(t *string) string {
		if t == nil {
			return ""
		}
		return *t
	}
	var rows [][]string
	for i := range v.Items {
		x := &v.Items[i]
		proposal := ""
		if x.Proposal != nil {
			proposal = string(x.Proposal.Outcome) + " " + string(x.Proposal.Code)
		}
		var told []string
		for _, r := range x.Recipients {
			told = append(told, strings.TrimSpace(r.Recipient+" "+r.Action+" "+text(r.Verb)))
		}
		rows = append(rows, []string{x.Right, x.Holding, x.System, x.Dataset, x.Activity, x.Category, x.Outcome, x.Code, x.Article, text(x.Until), text(x.WaitsFor),
			strconv.FormatBool(x.NeedsPerson), text(x.DecidedBy), proposal, strings.Join(told, "; "), x.Reason})
	}
	return rows
}

func (a *app) caseConfirmCmd() *cobra.Command {
	var in api.CaseConfirmation
	c := &cobra.Command{
		Use: "confirm CASE", Short: "Accept that the joined records are this person's", Args: cobra.ExactArgs(1),
		Long: `Accept that the joined records are this person's. Look at them first: the plan
lists them under "Whose data it is". --ref accepts only those; what is not
accepted is left out of everything that follows.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if in.Reason, err = a.words("--reason", in.Reason); err != nil {
				return err
			}
			return a.answer(cmd, args[0], "confirm", in, "the records are confirmed as one person's")
		},
	}
	c.Flags().StringArrayVar(&in.Refs, "ref", nil, "only this record, by its reference; may be repeated")
	c.Flags().StringVar(&in.Reason, "reason", "", "what it was seen by, or - for standard input; kept sealed")
	return c
}

func (a *app) caseAssessCmd() *cobra.Command {
	var in api.NewAssessment
	var scope, answer string
	c := &cobra.Command{
		Use:   "assess CASE --kind KIND --answer yes|no --reason TEXT|-",
		Short: "Put on record what somebody found out, such as that an exemption applies",
		Long: `Put on record what somebody found out. The plan reads it from then on.

KIND is override (do compelling grounds override an objection?), claims, public_task,
research, expression, exemption (--code names it, such as Sch2.P1.2), legal_erasure,
malicious, accuracy (is it wrong?), third_party (may others' data be given?),
health_opinion (would telling do serious harm?), known_to_subject, no_longer_needed or
human_involvement. --scope narrows it as in "case open".`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if answer != "yes" && answer != "no" {
				return usage("--answer: want yes or no")
			}
			in.Holds = answer == "yes"
			if scope != "" {
				s, err := a.onescope(scope)
				if err != nil {
					return err
				}
				in.Scope = s
			}
			var err error
			if in.Reason, err = a.words("--reason", in.Reason); err != nil {
				return err
			}
			return a.answer(cmd, args[0], "assess", in, "it is on record")
		},
	}
	f := c.Flags()
	f.StringVar(&in.Kind, "kind", "", "what was looked into")
	f.StringVar(&answer, "answer", "", "yes or no")
	f.StringVar(&scope, "scope", "", "about which data; everything if absent")
	f.StringVar(&in.Code, "code", "", "the exemption, or the law")
	f.StringVar(&in.Ref, "ref", "", "the file it rests on; kept sealed")
	f.StringVar(&in.Until, "until", "", "the last day, where there is one")
	f.StringVar(&in.Review, "review", "", "the day it is looked at again")
	f.StringVar(&in.Reason, "reason", "", "why, or - for standard input; kept sealed")
	return c
}

func (a *app) caseDecideCmd() *cobra.Command {
	var in api.CaseDecision
	var items []string
	var waiting bool
	c := &cobra.Command{
		Use:   "decide CASE --item HOLDING[,HOLDING] --outcome O --code C --reason TEXT|-",
		Short: "Decide what becomes of holdings that the law leaves to a person",
		Long: `Decide about items of the plan. OUTCOME is erase, retain, restrict, stop, rectify,
disclose, withhold, refer or none; the code says on what it rests, as
docs/decisions.md lists them. What is kept needs --until or --waits-for.

--accept-proposed takes each item's own proposal: of --item, or of everything that
waits. It leaves alone what is marked as a review: there somebody has to say what.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, text := range items {
				for _, h := range strings.Split(text, ",") {
					if h = strings.TrimSpace(h); h != "" {
						in.Items = append(in.Items, h)
					}
				}
			}
			switch {
			case in.AcceptProposed && (in.Outcome != "" || in.Code != ""):
				return usage("--accept-proposed takes the proposal: leave --outcome and --code out")
			case !in.AcceptProposed && len(in.Items) == 0 && !waiting:
				return usage("--item: want the holdings, as habeas case plan %s prints them", args[0])
			case !in.AcceptProposed && in.Outcome == "":
				return usage("--outcome: want what becomes of them, or --accept-proposed")
			}
			var err error
			if in.Reason, err = a.words("--reason", in.Reason); err != nil {
				return err
			}
			if in.Reason == "" {
				return usage("--reason: say why; it is kept sealed")
			}
			if in.Value, err = a.words("--value", in.Value); err != nil {
				return err
			}
			if waiting && !in.AcceptProposed {
				if in.Items, err = a.waiting(cmd, args[0], in.Right); err != nil {
					return err
				}
			}
			return a.answer(cmd, args[0], "decide", in, "decided")
		},
	}
	f := c.Flags()
	f.StringArrayVar(&items, "item", nil, "holdings, by id or the beginning of one, with commas between")
	f.BoolVar(&waiting, "waiting", false, "in the place of --item: everything that waits for a person")
	f.StringVar(&in.Right, "right", "", "under which right, where the case is about several")
	f.StringVar(&in.Outcome, "outcome", "", "what becomes of them")
	f.StringVar(&in.Code, "code", "", "on what it rests")
	f.StringVar(&in.Until, "until", "", "the last day, where it is kept")
	f.StringVar(&in.WaitsFor, "waits-for", "", "the event until which it is kept, where no day is known")
	f.StringVar(&in.Value, "value", "", "with --outcome rectify: what is right, - or @FILE; kept sealed")
	f.BoolVar(&in.AcceptProposed, "accept-proposed", false, "take what is proposed")
	f.StringVar(&in.Reason, "reason", "", "why, or - for standard input; kept sealed")
	return c
}

// waiting lists the holdings of the plan that wait for a person.
func (a *app) waiting(cmd *cobra.Command, id, right string) ([]string, error) {
	var v desk.CasePlan
	if _, err := a.fetch(cmd, casePath(id, "/plan"), &v); err != nil {
		return nil, err
	}
	var out []string
	for i := range v.Items {
		if x := &v.Items[i]; x.NeedsPerson && x.DecidedBy == nil && (right == "" || x.Right == right) {
			out = append(out, x.Holding)
		}
	}
	if len(out) == 0 {
		return nil, &exit{exitNo, errors.New("nothing waits for a person; nothing was decided")}
	}
	return out, nil
}

func (a *app) caseApproveCmd() *cobra.Command {
	var in api.CaseApproval
	c := &cobra.Command{
		Use:   "approve CASE",
		Short: "Approve a plan that somebody else decided",
		Long: `Approve a plan that somebody else decided: what runs afterwards is that plan and no
other. Exit code 1 if something is undecided or unconfirmed, or the plan has changed
since --plan was looked at; 4 if the same person decided it.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if in.Reason, err = a.words("--reason", in.Reason); err != nil {
				return err
			}
			return a.answer(cmd, args[0], "approve", in, fmt.Sprintf("approved; carry it out with: habeas case run %s", args[0]))
		},
	}
	c.Flags().StringVar(&in.Digest, "plan", "", "the plan that was looked at, as its last line names it")
	c.Flags().StringVar(&in.Reason, "reason", "", "kept sealed")
	return c
}
