package main

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/spf13/cobra"
)

func (a *app) holdCmd() *cobra.Command {
	c := &cobra.Command{Use: "hold", Short: "Keep data from being erased, whatever its time: for a claim, a law, an inquiry"}
	c.AddCommand(a.holdPlaceCmd(), a.holdLiftCmd(), a.exported(a.holdListCmd()))
	return c
}

func (a *app) holdPlaceCmd() *cobra.Command {
	var in api.NewHold
	var identifier, item, period string
	c := &cobra.Command{
		Use:   "place --ground G --owner WHO --review DATE [what it covers]",
		Short: "Place a hold on a person, an item, a system, an activity or a category",
		Long: `Place a hold. What it covers, now and later, is not erased while it stands. Every
option of what it covers narrows it; at least one is needed. Owner and reference
are kept sealed.

An identifier may be KIND=VALUE, or - or @FILE, which keep it out of the shell's
history.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, x := range []struct {
				text string
				to   **api.IdentifierIn
			}{{identifier, &in.Identifier}, {item, &in.Item}} {
				if x.text == "" {
					continue
				}
				kind, value, err := a.identifier(x.text)
				if err != nil {
					return err
				}
				*x.to = &api.IdentifierIn{Kind: kind, Value: value}
			}
			if period != "" {
				from, to, ok := strings.Cut(period, "..")
				if !ok {
					return usage("--period: want two days as 2019-01-01..2019-12-31")
				}
				in.From, in.To = from, to
			}
			var v desk.HoldView
			if err := a.post(cmd, "/v1/holds", in, &v); err != nil || a.json {
				return err
			}
			if v.Unheard {
				fmt.Fprintf(a.errout, "no system has reported this identifier: the hold covers what comes later; if it is misspelt, lift it with: habeas hold lift %s\n", v.ID)
			}
			_, err := fmt.Fprintf(a.out, "hold %s is placed; it is to be looked at again on %s\n", v.ID, v.Review)
			return err
		},
	}
	f := c.Flags()
	f.StringVar(&identifier, "identifier", "", "of one person: KIND=VALUE, - or @FILE")
	f.StringVar(&item, "item", "", "one item, such as a contract: KIND=VALUE, - or @FILE")
	f.StringVar(&in.System, "system", "", "what one system holds")
	f.StringVar(&in.Activity, "activity", "", "what is held for one activity")
	f.StringVar(&in.Category, "category", "", "one category, or category/element")
	f.StringVar(&period, "period", "", "records of these days: FROM..TO")
	f.StringVar(&in.Ground, "ground", "", "claims, law, inquiry, regulator, crime or audit")
	f.StringVar(&in.Owner, "owner", "", "who answers for it")
	f.StringVar(&in.Review, "review", "", "the day it is looked at again, as YYYY-MM-DD")
	f.StringVar(&in.Ref, "ref", "", "a reference or a reason in your words")
	return c
}

func (a *app) holdLiftCmd() *cobra.Command {
	var in api.HoldEnd
	c := &cobra.Command{
		Use: "lift ID --reason TEXT", Short: "Lift a hold, and see what becomes due by it; nothing is erased that day", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if in.Reason == "" {
				return usage("--reason: say why; it is kept sealed")
			}
			var v desk.Lifted
			if err := a.post(cmd, "/v1/holds/"+url.PathEscape(args[0])+"/lift", in, &v); err != nil || a.json {
				return err
			}
			if len(v.Due) == 0 {
				_, err := fmt.Fprintln(a.out, "the hold is lifted; nothing becomes due by it")
				return err
			}
			fmt.Fprintf(a.out, "the hold is lifted; %d holdings become due by it. Nothing is erased today.\n", len(v.Due))
			var rows [][]string
			for _, x := range v.Due {
				rows = append(rows, []string{x.System, x.Activity, x.Category, x.Rule, x.Person, x.Why})
			}
			if v.More {
				fmt.Fprintln(a.out, "there are more; habeas retention due has them all")
			}
			return a.table(nil, []string{"SYSTEM", "ACTIVITY", "CATEGORY", "RULE", "PERSON", "WHY"}, rows)
		},
	}
	c.Flags().StringVar(&in.Reason, "reason", "", "why; kept sealed")
	return c
}

func (a *app) holdListCmd() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List every hold, those that stand first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var l desk.HoldList
			raw, err := a.fetch(cmd, "/v1/holds", &l)
			if err != nil {
				return err
			}
			var rows [][]string
			for _, h := range l.Holds {
				state := "stands"
				if h.Lifted != nil {
					state = "lifted " + h.Lifted.Day().String()
				} else if h.ReviewDue {
					state = "review is due"
				}
				rows = append(rows, []string{h.ID, state, h.Ground, covers(&h), h.Review.String(), h.Owner, h.Ref})
			}
			return a.table(raw, []string{"HOLD", "STATE", "GROUND", "COVERS", "REVIEW", "OWNER", "REF"}, rows)
		},
	}
}

// covers says in a few words what a hold reaches.
func covers(h *desk.HoldView) string {
	var out []string
	for _, x := range [][2]string{{"person", h.Person}, {"system", h.System}, {"activity", h.Activity}, {"category", h.Category}, {"item", h.ItemKind}} {
		if x[1] != "" {
			out = append(out, x[0]+" "+x[1])
		}
	}
	if !h.From.IsZero() || !h.To.IsZero() {
		out = append(out, "records of "+h.From.String()+".."+h.To.String())
	}
	return strings.Join(out, ", ")
}
