package main

import (
	"fmt"
	"strings"

	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/spf13/cobra"
)

// caseMarkCmd records what moves a clock, or says that nothing does: each step is
// a flag that takes the day.
func (a *app) caseMarkCmd(verb, short string, steps ...string) *cobra.Command {
	in := api.CaseMark{}
	days := map[string]*string{}
	c := &cobra.Command{
		Use: verb + " CASE --" + strings.Join(steps, "|--") + " DATE", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, step := range steps {
				if !cmd.Flags().Changed(step) {
					continue
				}
				if in.Step != "" {
					return usage("want one of --%s at a time", strings.Join(steps, ", --"))
				}
				in.Step, in.On = step, *days[step]
			}
			if in.Step == "" {
				return usage("want one of --%s with the day, as YYYY-MM-DD", strings.Join(steps, ", --"))
			}
			var err error
			if in.Reason, err = a.words("--reason", in.Reason); err != nil {
				return err
			}
			return a.answer(cmd, args[0], verb, in, "recorded")
		},
	}
	for _, step := range steps {
		days[step] = c.Flags().String(step, "", "the day, as YYYY-MM-DD")
	}
	c.Flags().StringVar(&in.Reason, "reason", "", "why, or - for standard input; kept sealed")
	c.Flags().StringArrayVar(&in.Rights, "right", nil, "only for this right; may be repeated")
	if verb == "identity" || verb == "authority" {
		c.Flags().StringVar(&in.Evidence, "evidence", "", "what was shown, as a code such as passport_seen; never a copy")
		c.Flags().StringVar(&in.EvidenceRef, "evidence-ref", "", "where that is noted; kept sealed")
		c.Flags().StringVar(&in.EvidenceDrop, "evidence-drop", "", "the day by which the evidence itself is destroyed")
	}
	if verb == "clarify" {
		c.Flags().IntVar(&in.Ref, "ref", 0, "which, where several questions are open at the same time")
	}
	return c
}

func (a *app) caseStepCmd(verb, short, done string) *cobra.Command {
	var in api.CaseReason
	c := &cobra.Command{
		Use: verb + " CASE", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if in.Reason, err = a.words("--reason", in.Reason); err != nil {
				return err
			}
			return a.answer(cmd, args[0], verb, in, done)
		},
	}
	c.Flags().StringVar(&in.On, "on", "", "the day, as YYYY-MM-DD; today if absent")
	c.Flags().StringVar(&in.Reason, "reason", "", "why, or - for standard input; kept sealed")
	return c
}

func (a *app) caseRefuseCmd() *cobra.Command {
	var in api.CaseRefusal
	c := &cobra.Command{
		Use: "refuse CASE --as unfounded|excessive|identity|authority --reason TEXT|-", Short: "Refuse a whole request (Article 12)", Args: cobra.ExactArgs(1),
		Long: `Refuse a whole request: as manifestly unfounded or excessive, which you have to be able
to show (Article 12(5)), or because who asks, or that they may ask for the person, was not
proven (Article 12(2), (6)). The person is told why, and where to complain
(Article 12(4)): habeas case letter CASE --kind refusal.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if in.Reason, err = a.words("--reason", in.Reason); err != nil {
				return err
			}
			if in.Reason == "" {
				return usage("--reason: say why; you have to be able to show it")
			}
			return a.answer(cmd, args[0], "refuse", in, "refused")
		},
	}
	c.Flags().StringVar(&in.As, "as", "", "unfounded, excessive, identity or authority")
	c.Flags().StringVar(&in.On, "on", "", "the day, as YYYY-MM-DD; today if absent")
	c.Flags().StringVar(&in.Reason, "reason", "", "why, or - for standard input; kept sealed")
	return c
}

func (a *app) caseLetterCmd() *cobra.Command {
	var in api.NewLetter
	c := &cobra.Command{
		Use:   "letter CASE --kind KIND [--keep]",
		Short: "Draft a letter, or keep one as it is sent",
		Long: `Draft a letter from what the case knows and print it. Without --keep nothing is
kept. KIND is acknowledgement, identity, authority, clarification, fee, extension,
answer, refusal or recipients (what recipients are told, Article 19).`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if in.Text, err = a.words("--text", in.Text); err != nil {
				return err
			}
			var v desk.CaseLetterView
			if err := a.post(cmd, casePath(args[0], "/letter"), in, &v); err != nil || a.json {
				return err
			}
			if _, err = fmt.Fprintln(a.out, strings.TrimRight(printable(v.Text), "\n")); err != nil {
				return reach("write the letter: %w", err)
			}
			if v.Kept {
				fmt.Fprintln(a.errout, "the letter is kept with the case")
			}
			return nil
		},
	}
	c.Flags().StringVar(&in.Kind, "kind", "answer", "which letter")
	c.Flags().StringVar(&in.Text, "text", "", "this text in the place of the draft, - or @FILE")
	c.Flags().BoolVar(&in.Keep, "keep", false, "keep it, sealed, as it is sent")
	c.Flags().StringVar(&in.Via, "via", "", "with --keep: how it was sent, such as letter or email")
	return c
}

func (a *app) caseAnswerCmd() *cobra.Command {
	var in api.CaseSent
	c := &cobra.Command{
		Use: "answer CASE", Short: "Record that the answer was sent; it never waits for targets", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var v desk.CaseAnswered
			if err := a.post(cmd, casePath(args[0], "/answer"), in, &v); err != nil || a.json {
				return err
			}
			when := "in time"
			if !v.InTime {
				when = "LATE"
			}
			_, err := fmt.Fprintf(a.out, "answered, %s: %d done, %d not confirmed yet, %d impossible\n", when, v.Done, v.NotConfirmed, v.Impossible)
			return err
		},
	}
	c.Flags().StringVar(&in.On, "on", "", "the day it was sent, as YYYY-MM-DD; today if absent")
	c.Flags().StringVar(&in.Via, "via", "", "how it was sent, such as letter or email")
	c.Flags().StringArrayVar(&in.Rights, "right", nil, "only this right was answered; may be repeated")
	return c
}
