package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/api/caseview"
	"github.com/habeas-data/habeas/api/textview"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/spf13/cobra"
)

func (a *app) caseCmd() *cobra.Command {
	c := &cobra.Command{
		Use:   "case",
		Short: "Requests of people: record one, plan, decide, approve, run, answer, close",
		Long: `Requests of people. The life of one:

  open      record what was asked and when; habeas says by when it must be answered
  plan      what is proposed for each holding, and why; it destroys nothing
  confirm   a person accepts that the joined records are one person's
  decide    a person decides what the law leaves to people
  approve   another person approves exactly that plan
  run       systems and recipients are told what to do
  answer    the person is answered; it never waits for targets
  close     nothing is left to do; certify proves what was done

CASE is an id, the beginning of one, or the case's number. What a step needs and
does not find is said with a code, such as PLAN_STALE, and exit code 1.`,
		Example: `  echo email=priya@example.org | habeas case open --right erasure --identifier - --received 2026-03-20
  habeas case list --overdue
  habeas case plan 12
  habeas case decide 12 --accept-proposed --reason "as proposed"`,
	}
	c.AddCommand(a.caseOpenCmd(), a.exportedTo(a.caseListCmd()), a.caseShowCmd(), a.casePlanCmd(), a.caseConfirmCmd(), a.caseAssessCmd(), a.caseDecideCmd(), a.caseApproveCmd(),
		a.caseMarkCmd("identity", "Proof of who asks: asked for in doubt, received, failed; or checked without doubt", "asked", "received", "checked", "failed"),
		a.caseMarkCmd("authority", "Authority to act for the person: asked for, or received", "asked", "received"),
		a.caseMarkCmd("fee", "A fee: asked for, or paid", "asked", "paid"),
		a.caseMarkCmd("clarify", "What is meant: asked, or received", "asked", "received"),
		a.caseMarkCmd("extend", "The person was told, with the reasons, that it takes longer", "told"),
		a.caseRunCmd(), a.casePackageCmd(), a.caseSendCmd(), a.caseCertifyCmd(), a.caseCertificateCmd(), a.caseCommitmentCmd(), a.caseWaitCmd(), a.caseDuplicateCmd(),
		a.caseRefuseCmd(), a.caseStepCmd("withdraw", "Record that the person withdrew the request", "withdrawn"),
		a.caseLetterCmd(), a.caseAnswerCmd(), a.caseStepCmd("close", "Close a case of which nothing is left to do", "closed"))
	return c
}

// openFlags are the flags of a new case, as they were typed.
type openFlags struct {
	identifiers, scope []string
	agent              api.AgentIn
	text               string
}

func (a *app) caseOpenCmd() *cobra.Command {
	var in api.NewCase
	var f openFlags
	c := &cobra.Command{
		Use:   "open --right RIGHT --identifier KIND=VALUE|-|@FILE --received DATE",
		Short: "Record a request, and learn by when it must be answered",
		Long: `Record a request. You get the id of the case and the last day to answer it.

RIGHT is ` + strings.Join(caseview.Rights(), ", ") + `.
An objection to marketing and a withdrawal of consent bind from the day of receipt:
nobody has to approve them.

--scope narrows what it is about: system=S, activity=A, category=C, item=KIND=VALUE or
channel=CH. Within one --scope parts are joined by commas and must hold together;
several --scope add up.

An identifier may be KIND=VALUE, or - or @FILE, which keep it out of the shell's
history.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.read(a, &in); err != nil {
				return err
			}
			var v desk.CaseOpened
			if err := a.post(cmd, "/v1/cases", in, &v); err != nil {
				return err
			}
			return a.opened(&v)
		},
	}
	g := c.Flags()
	g.SortFlags = false
	g.StringArrayVar(&in.Rights, "right", nil, "what was asked for; may be repeated")
	g.StringArrayVar(&f.identifiers, "identifier", nil, "of the person: KIND=VALUE, - or @FILE; may be repeated")
	g.StringVar(&in.Received, "received", "", "the day it was received, as YYYY-MM-DD")
	g.StringVar(&in.Via, "via", "", "how it came in: "+strings.Join(caseview.Vias(), ", "))
	g.StringArrayVar(&f.scope, "scope", nil, "what it is about, such as system=hr or category=health; may be repeated")
	g.StringArrayVar(&in.States, "states", nil, "what the person said: "+strings.Join(caseview.Statements(), ", "))
	g.StringVar(&in.IdentityAsked, "identity-asked", "", "the day proof of who asks was asked for, in doubt")
	g.StringVar(&in.IdentityReceived, "identity-received", "", "the day it came")
	g.StringVar(&f.text, "text", "", "what was asked in the person's words, - or @FILE; kept sealed")
	g.StringVar(&f.agent.As, "asks-as", "", "who asks for the person: agent, attorney, deputy, parent or relative")
	g.StringVar(&f.agent.Name, "agent", "", "the name of who asks for the person; kept sealed")
	g.BoolVar(&f.agent.Evidence, "authority-shown", false, "they showed that they may")
	g.StringVar(&in.Regime, "regime", "", "the law: uk, eu, ccpa or lgpd (default: that of the catalogue)")
	g.StringVar(&in.Nation, "nation", "", "whose bank holidays: england-wales, scotland or northern-ireland")
	g.StringVar(&in.Answered, "answered", "", "record a historical case that was answered on this day")
	g.BoolVar(&in.Force, "force", false, "although the person has a case open about the same")
	return c
}

// read puts the flags into the order.
func (f *openFlags) read(a *app, in *api.NewCase) error {
	if len(in.Rights) == 0 {
		return usage("--right: want what was asked for, such as access or erasure")
	}
	if in.Received == "" {
		return usage("--received: want the day it was received, as YYYY-MM-DD")
	}
	for _, arg := range f.identifiers {
		kind, value, err := a.identifier(arg)
		if err != nil {
			return err
		}
		if kind == "ref" {
			in.Refs = append(in.Refs, value)
			continue
		}
		in.Identifiers = append(in.Identifiers, api.IdentifierIn{Kind: kind, Value: value})
	}
	for _, text := range f.scope {
		if err := a.scopeIn(text, in); err != nil {
			return err
		}
	}
	if f.agent != (api.AgentIn{}) {
		in.Agent = &f.agent
	}
	var err error
	in.Text, err = a.words("--text", f.text)
	return err
}

// scopeIn reads system=S,category=C and the like.
func (a *app) scopeIn(text string, in *api.NewCase) error {
	if channel, ok := strings.CutPrefix(text, "channel="); ok {
		in.Channels = append(in.Channels, channel)
		return nil
	}
	s, err := a.onescope(text)
	if err == nil {
		in.Scope = append(in.Scope, *s)
	}
	return err
}

func (a *app) onescope(text string) (*api.ScopeIn, error) {
	var s api.ScopeIn
	for rest := text; rest != ""; {
		if item, ok := strings.CutPrefix(rest, "item="); ok { // its value may hold commas, so it is the last
			kind, value, err := a.identifier(item)
			if err != nil {
				return nil, err
			}
			s.Item = &api.IdentifierIn{Kind: kind, Value: value}
			break
		}
		var part string
		part, rest, _ = strings.Cut(rest, ",")
		k, v, _ := strings.Cut(part, "=")
		to := map[string]*string{"system": &s.System, "activity": &s.Activity, "category": &s.Category}[k]
		if to == nil || v == "" {
			return nil, usage("--scope %s: want system=S, activity=A, category=C, item=KIND=VALUE or channel=CH", k)
		}
		*to = v
	}
	return &s, nil
}

// words is text of a flag: as it stands, from standard input or from a file.
func (a *app) words(flag, text string) (string, error) {
	var b []byte
	var err error
	switch {
	case text == "-":
		b, err = io.ReadAll(io.LimitReader(a.in, 48<<10))
	case strings.HasPrefix(text, "@"):
		b, err = os.ReadFile(text[1:])
	default:
		return text, nil
	}
	if err != nil {
		return "", usage("%s: read the text: %w", flag, err)
	}
	return strings.TrimSpace(string(b)), nil
}

func (a *app) opened(v *desk.CaseOpened) error {
	if v.Case == "" && v.DuplicateOf != "" {
		if !a.json {
			fmt.Fprintf(a.errout, "the person has case %s open about the same; no other was opened (--force opens one)\n", v.DuplicateOf)
		}
		return said(exitNo)
	}
	if a.json {
		return nil
	}
	if v.Unheard {
		fmt.Fprintln(a.errout, "no system has reported an identifier that was given: look whether it is misspelt")
	}
	if v.DuplicateOf != "" {
		fmt.Fprintf(a.errout, "case %s is open about the same\n", v.DuplicateOf)
	}
	if v.Status == "closed" {
		_, err := fmt.Fprintf(a.out, "case %s is recorded as one that was answered; it is number %d\n", v.Case, v.Number)
		return err
	}
	_, err := fmt.Fprintf(a.out, "case %s is open; it is number %d\n%s\nwhat would be done: habeas case plan %d\n", v.Case, v.Number, dueLine(v.Due), v.Number)
	return err
}

// dueLine says by when, or why nobody can.
func dueLine(due *string) string {
	if due == nil {
		return "the clock stands still until what was asked for has come"
	}
	return "answer by " + plainDay(due)
}

func plainDay(text *string) string {
	if text == nil {
		return "-"
	}
	d, err := events.ParseDate(*text)
	if err != nil {
		return *text
	}
	return catalogue.PlainDate(d)
}

func (a *app) caseShowCmd() *cobra.Command {
	return &cobra.Command{
		Use: "show CASE", Short: "One case: what was asked, its clocks in words, and every step; the look is recorded", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var v desk.CaseView
			raw, err := a.fetch(cmd, casePath(args[0], ""), &v)
			if err != nil {
				return err
			}
			if a.json {
				return a.print(raw)
			}
			return caseview.PrintCase(a.out, &v)
		},
	}
}

func casePath(id, rest string) string { return "/v1/cases/" + url.PathEscape(id) + rest }

func (a *app) caseListCmd() *cobra.Command {
	q := map[string]*string{}
	var overdue, newest bool
	c := &cobra.Command{
		Use: "list", Short: "List the cases, what is due soonest first; it names nobody", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v := url.Values{}
			for name, text := range q {
				if *text != "" {
					v.Set(strings.ReplaceAll(name, "-", "_"), *text)
				}
			}
			if overdue {
				v.Set("overdue", "true")
			}
			if newest {
				v.Set("order", "newest")
			}
			return a.caseList(cmd, v)
		},
	}
	for name, help := range map[string]string{"status": "only " + strings.Join(caseview.Statuses(), ", "), "right": "only about this right", "due-before": "due on this day or before, YYYY-MM-DD"} {
		q[name] = c.Flags().String(name, "", help)
	}
	c.Flags().BoolVar(&overdue, "overdue", false, "only what is overdue and not answered")
	c.Flags().BoolVar(&newest, "newest", false, "the newest first")
	return c
}

var caseHeads = []string{"NUMBER", "DUE", "STATUS", "RIGHTS", "RECEIVED", "ANSWERED", "TASKS", "CASE"}

func caseCells(x *desk.CaseLine) []string {
	status := x.Status
	if x.Overdue {
		status += ", OVERDUE"
	}
	day := func(t *string) string {
		if t == nil {
			return "-"
		}
		return *t
	}
	return []string{fmt.Sprint(x.Number), day(x.Due), status, strings.Join(x.Rights, " "), x.Received.String(), day(x.Answered), cmp.Or(taskCounts(x.Tasks), "-"), x.Case}
}

// taskCounts says how many tasks there are and how many of them are proven.
func taskCounts(counts map[string]int) string {
	all := 0
	for _, n := range counts {
		all += n
	}
	if all == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d proven", counts["verified"], all)
}

func (a *app) caseList(cmd *cobra.Command, q url.Values) error {
	c, err := a.dial()
	if err != nil {
		return err
	}
	return a.streamed(cmd, c, "/v1/cases?"+q.Encode(), "case", "cases", caseHeads, func(raw json.RawMessage) ([]string, error) {
		var x desk.CaseLine
		err := json.Unmarshal(raw, &x)
		return caseCells(&x), err
	})
}

// answer posts an order about a case and says what became of it.
func (a *app) answer(cmd *cobra.Command, id, verb string, in any, said string) error {
	var v desk.CaseDone
	if err := a.post(cmd, casePath(id, "/"+verb), in, &v); err != nil || a.json {
		return err
	}
	for _, r := range v.Remarks {
		fmt.Fprintln(a.errout, r)
	}
	text := fmt.Sprintf("%s; the case %s", said, caseview.Stands(v.Status))
	switch n := v.Undecided; {
	case n == nil || *n == 0 && v.Status != "open":
	case *n == 0:
		text += "; nothing in it waits for a decision"
	default:
		text += "; " + textview.Plural(*n, "item waits", "items wait") + " for a person's decision"
	}
	if _, err := fmt.Fprintln(a.out, text); err != nil {
		return reach("write the answer: %w", err)
	}
	for _, h := range v.Left {
		fmt.Fprintf(a.out, "left alone, because somebody has to say what: %s\n", h)
	}
	return nil
}
