package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/api/textview"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/spf13/cobra"
)

func (a *app) impactCmd() *cobra.Command {
	var q api.ImpactQuestion
	list := false
	c := &cobra.Command{
		Use:   "impact [--system S] [--recipient R] [--category C]... [--activity A] [--from T] [--to T] [--list]",
		Short: "Count the people whom a breach, or the end of a recipient, touches",
		Long: `Count the people about whom something is held: how many, which categories, special
or not, in which countries, and with whom it was shared. That is what a notice of a
breach must say (Articles 33 and 34), and what ending the work with a recipient
must reckon with.

Without a window the answer is about now. With --from or --to it is about what was
held at any time in between: a day as YYYY-MM-DD, itself included, or an RFC 3339
time, widened to whole UTC days. With --recipient it is about what was shared with
that recipient, at any time unless there is a window.

--list names the people, one line each, for which the permission impact.list is
needed and, where the server was started with --four-eyes, the approval of a
second person. The look is recorded before anything is shown.`,
		Example: `  habeas impact --system platform --category health
  habeas impact --system support --from 2025-03-01 --to 2025-03-09 --reason "breach 12"
  habeas impact --recipient mailing_house --list --json > people.jsonl`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if list {
				return a.impactList(cmd, &q)
			}
			cl, err := a.dial()
			if err != nil {
				return err
			}
			var raw json.RawMessage
			if err := cl.call(cmd.Context(), http.MethodPost, "/v1/impact", &q, &raw); err != nil {
				return err
			}
			if a.json {
				return a.print(raw)
			}
			var v desk.Impact
			if err := json.Unmarshal(raw, &v); err != nil {
				return reach("read the answer: %w", err)
			}
			return textview.Impact(a.out, impactText(&q, &v))
		},
	}
	f := c.Flags()
	f.StringVar(&q.System, "system", "", "only what this system holds or shared")
	f.StringVar(&q.Recipient, "recipient", "", "only what was shared with this recipient")
	f.StringArrayVar(&q.Categories, "category", nil, "only this category, such as health or health/diagnosis; may be repeated")
	f.StringVar(&q.Activity, "activity", "", "only for this activity")
	f.StringVar(&q.From, "from", "", "the first day, or an RFC 3339 time")
	f.StringVar(&q.To, "to", "", "the last day, or an RFC 3339 time")
	f.StringVar(&q.Reason, "reason", "", "why you ask; kept sealed with the record of the look")
	f.BoolVar(&list, "list", false, "name the people, one line each")
	c.AddCommand(a.impactRequestsCmd(), a.impactApproveCmd())
	return c
}

// impactText is the answer in the shape that textview turns into words.
func impactText(q *api.ImpactQuestion, v *desk.Impact) *textview.ImpactText {
	t := &textview.ImpactText{
		System: q.System, Recipient: q.Recipient, Activity: q.Activity, Categories: q.Categories,
		People: v.People, Holdings: v.Holdings, Special: v.Special, Criminal: v.Criminal, Forgotten: v.Forgotten,
		Unknown: v.Unknown, AsOf: v.AsOf, Words: v.Words,
	}
	if v.Window != nil {
		t.Windowed, t.First, t.Last = true, v.Window.First, v.Window.Last
	}
	for _, c := range v.Categories {
		t.ByCategory = append(t.ByCategory, textview.ImpactRow{Code: c.Category, People: c.People, Holdings: c.Holdings, Special: c.Special, Criminal: c.Criminal, Undeclared: c.Undeclared})
	}
	for _, s := range v.Systems {
		t.BySystem = append(t.BySystem, textview.ImpactRow{Code: s.System, People: s.People, Holdings: s.Holdings})
	}
	for _, r := range v.Recipients {
		t.ByRecipient = append(t.ByRecipient, textview.ImpactRow{Code: r.Recipient, People: r.People, Holdings: r.Holdings, Country: r.Country, Undeclared: r.Undeclared})
	}
	for _, c := range v.Countries {
		t.ByCountry = append(t.ByCountry, textview.ImpactRow{Code: c.Country, People: c.People})
	}
	return t
}

// impactList streams the people. With --json the lines are passed on as they
// come; a list that was cut off ends with an error.
func (a *app) impactList(cmd *cobra.Command, q *api.ImpactQuestion) error {
	cl, err := a.dial()
	if err != nil {
		return err
	}
	body, err := json.Marshal(q)
	if err != nil {
		return usage("encode the request: %w", err)
	}
	resp, err := cl.do(cmd.Context(), http.MethodPost, "/v1/impact/people", "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	in := json.NewDecoder(resp.Body)
	for {
		var raw json.RawMessage
		if err := in.Decode(&raw); errors.Is(err, io.EOF) {
			return reach("the list ends in the middle: the server could not finish it")
		} else if err != nil {
			return reach("the list ends in the middle: %w", err)
		}
		var line api.ImpactLine
		if err := json.Unmarshal(raw, &line); err != nil {
			return reach("read the answer: %w", err)
		}
		if a.json {
			if _, err := a.out.Write(append(raw, '\n')); err != nil {
				return reach("write the answer: %w", err)
			}
		} else if err := textview.ImpactLine(a.out, impactLine(&line)); err != nil {
			return reach("write the answer: %w", err)
		}
		if line.End != nil {
			return nil
		}
	}
}

func impactLine(l *api.ImpactLine) textview.ImpactListLine {
	switch {
	case l.Impact != nil:
		return textview.ImpactListLine{Head: true, People: l.Impact.People}
	case l.End != nil:
		return textview.ImpactListLine{End: true, People: l.End.Listed}
	}
	out := textview.ImpactListLine{Ref: l.Person.Ref, Contested: l.Person.Contested, Forgotten: l.Person.Forgotten}
	for _, id := range l.Person.Identifiers {
		out.Identifiers = append(out.Identifiers, id.Kind+"="+id.Value)
	}
	return out
}

func (a *app) impactRequestsCmd() *cobra.Command {
	return &cobra.Command{
		Use: "requests", Short: "List the lists of people that wait for a second person", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var l api.ListRequests
			raw, err := a.fetch(cmd, "/v1/impact/requests", &l)
			if err != nil {
				return err
			}
			var rows [][]string
			for _, r := range l.Requests {
				rows = append(rows, []string{r.ID, r.By, textview.Count(r.People), r.Expires.Time().Format("2 Jan 2006 15:04"), orDash(r.Approved), r.Question})
			}
			return a.table(raw, []string{"REQUEST", "BY", "PEOPLE", "UNTIL", "APPROVED BY", "QUESTION"}, rows)
		},
	}
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func (a *app) impactApproveCmd() *cobra.Command {
	return &cobra.Command{
		Use: "approve REQUEST", Short: "Let somebody else's list of people pass, once, within the hour", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cl, err := a.dial()
			if err != nil {
				return err
			}
			var raw json.RawMessage
			if err := cl.call(cmd.Context(), http.MethodPost, "/v1/impact/requests/"+url.PathEscape(args[0])+"/approve", nil, &raw); err != nil {
				return err
			}
			if a.json {
				return a.print(raw)
			}
			var r desk.ListRequest
			if err := json.Unmarshal(raw, &r); err != nil {
				return reach("read the answer: %w", err)
			}
			return textview.Approved(a.out, r.By, r.Question, r.People)
		},
	}
}
