package console

import (
	"context"
	"net/http"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/api/textview"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	law "github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/desk"
)

// A caseAct is one form of the pages of a case.
type caseAct struct {
	name    string
	needs   access.Permission
	summary string
	done    string
	plan    bool // its form stands on the page of the plan
	do      func(*Console, context.Context, desk.CaseStep, typed) (said string, err error)
}

// typed is what was typed, with the first fault of it.
type typed struct {
	values map[string][]string
	bad    *[]fault
}

func (f typed) get(name string) string {
	if v := f.values[name]; len(v) > 0 {
		return strings.TrimSpace(v[0])
	}
	return ""
}

func (f typed) fail(field, text string) { *f.bad = append(*f.bad, fault{field, text}) }

func (f typed) date(field string) events.Date {
	text := f.get(field)
	if text == "" {
		return 0
	}
	d, err := events.ParseDate(text)
	if err != nil {
		f.fail(field, "Give the day as 2027-01-31.")
	}
	return d
}

// remarks says what the desk wants whoever acted to know.
func remarks(v desk.CaseDone, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return strings.Join(v.Remarks, " "), nil
}

// caseActs are the forms of the pages of a case.
func caseActs() []caseAct {
	acts := []caseAct{
		{"confirm", access.CasesIdentity, "Accept that the records are this person's.", "Recorded: the records are this person's.", true,
			func(c *Console, ctx context.Context, s desk.CaseStep, f typed) (string, error) {
				return remarks(c.cfg.Cases.ConfirmCase(ctx, desk.CaseConfirmOrder{CaseStep: s, Refs: f.values["ref"]}))
			}},
		{"decide", access.CasesDecide, "Decide about holdings.", "Recorded: decided.", true, decideCase},
		{"assess", access.CasesDecide, "Put on record what somebody found out.", "Recorded. The plan reads it from now on.", true, assessCase},
		{"approve", access.CasesApprove, "Approve what somebody else decided.", "Recorded: approved.", true,
			func(c *Console, ctx context.Context, s desk.CaseStep, f typed) (string, error) {
				return remarks(c.cfg.Cases.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: s, Digest: f.get("digest")}))
			}},
		{"extend", access.CasesRefuse, "Record that the person was told that it takes longer.", "Recorded.", false, clockCase("extension_told")},
		{"refuse", access.CasesRefuse, "Refuse the request.", "Recorded: refused.", false,
			func(c *Console, ctx context.Context, s desk.CaseStep, f typed) (string, error) {
				return remarks(c.cfg.Cases.RefuseCase(ctx, desk.CaseRefuseOrder{CaseStep: s, Ground: events.Code(f.get("as"))}))
			}},
		{"withdraw", access.CasesOpen, "Record that the person withdrew the request.", "Recorded: withdrawn.", false,
			func(c *Console, ctx context.Context, s desk.CaseStep, _ typed) (string, error) {
				return remarks(c.cfg.Cases.WithdrawCase(ctx, s))
			}},
		{"answer", access.CasesAnswer, "Record that the answer was sent.", "Recorded: answered.", false,
			func(c *Console, ctx context.Context, s desk.CaseStep, f typed) (string, error) {
				o := desk.CaseAnswerOrder{CaseStep: s, Via: events.Code(f.get("via"))}
				if right := f.get("right"); right != "" {
					o.Rights = []catalogue.RightKind{catalogue.RightKind(right)}
				}
				v, err := c.cfg.Cases.AnswerCase(ctx, o)
				if err != nil {
					return "", err
				}
				return remarks(v.CaseDone, nil)
			}},
		{"run", access.CasesRun, "Carry out what was approved.", "", false,
			func(c *Console, ctx context.Context, s desk.CaseStep, _ typed) (string, error) {
				v, err := c.cfg.Cases.RunCase(ctx, desk.RunOrder{Caller: s.Caller, Case: s.Case, Reason: s.Reason})
				if err != nil {
					return "", err
				}
				return "Sent out: " + textview.Plural(v.Made, "task", "tasks") + ".", nil
			}},
		{"package", access.CasesAnswer, "Make the package.", "The package was made.", false,
			func(c *Console, ctx context.Context, s desk.CaseStep, f typed) (string, error) {
				v, err := c.cfg.Cases.PackageCase(ctx, desk.PackageOrder{CaseStep: s, Kind: events.Code(f.get("kind"))})
				if err != nil {
					return "", err
				}
				return "Its passphrase, shown this once: " + v.Passphrase, nil
			}},
		{"certify", access.CasesClose, "Draw the certificate.", "The certificate was drawn.", false,
			func(c *Console, ctx context.Context, s desk.CaseStep, _ typed) (string, error) {
				_, err := c.cfg.Cases.CertifyCase(ctx, s)
				return "", err
			}},
		{"close", access.CasesClose, "Close the case.", "Recorded: closed.", false,
			func(c *Console, ctx context.Context, s desk.CaseStep, _ typed) (string, error) {
				return remarks(c.cfg.Cases.CloseCase(ctx, s))
			}},
	}
	for _, m := range []struct {
		name  string
		needs access.Permission
	}{{"identity", access.CasesIdentity}, {"authority", access.CasesOpen}, {"fee", access.CasesOpen}, {"clarification", access.CasesOpen}} {
		acts = append(acts, caseAct{m.name, m.needs, "Record what was asked of the person, or came.", "Recorded.", false, clockCase(m.name)})
	}
	return append(acts, caseAct{"letter", access.CasesAnswer, "Draft a letter, or keep one.", "", false, nil})
}

// clockCase records what moves a clock: the act itself, or the step chosen of one.
func clockCase(act string) func(*Console, context.Context, desk.CaseStep, typed) (string, error) {
	return func(c *Console, ctx context.Context, s desk.CaseStep, f typed) (string, error) {
		code := act
		if step := f.get("step"); step != "" {
			code += "_" + step
		}
		return remarks(c.cfg.Cases.ClockCase(ctx, desk.CaseClockOrder{CaseStep: s, Act: events.Code(code)}))
	}
}

func decideCase(c *Console, ctx context.Context, s desk.CaseStep, f typed) (string, error) {
	o := desk.CaseDecideOrder{CaseStep: s, AcceptProposed: f.get("how") == "accept"}
	for _, text := range f.values["item"] { // right and holding
		right, holding, _ := strings.Cut(text, " ")
		if o.Right != "" && string(o.Right) != right {
			f.fail("item", "Decide about one right at a time.")
			return "", nil
		}
		o.Right = catalogue.RightKind(right)
		o.Items = append(o.Items, holding)
	}
	if !o.AcceptProposed {
		o.Outcome, o.Code, o.Until, o.WaitsFor = law.Outcome(f.get("outcome")), law.Code(f.get("code")), f.date("until"), events.Code(f.get("waits_for"))
		o.Value = events.NewPlaintext(f.get("value"))
		if len(o.Items) == 0 {
			f.fail("item", "Choose what is decided about.")
		}
		if o.Outcome == "" {
			f.fail("outcome", "Choose what becomes of it.")
		}
		if o.Outcome == law.Rectify && o.Value.IsZero() {
			f.fail("value", "Say what is right, where it is corrected.")
		}
	}
	if s.Reason.IsZero() {
		f.fail("reason", "Say why. It is sealed with the decision.")
	}
	if len(*f.bad) > 0 {
		return "", nil
	}
	return remarks(c.cfg.Cases.DecideCase(ctx, o))
}

// caseAct does what a form asks for and shows the page as it stands then.
func (c *Console) caseAct(a caseAct) http.HandlerFunc {
	if a.name == "letter" {
		return c.letter
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if !c.parse(w, r) {
			return
		}
		var bad []fault
		f := typed{r.PostForm, &bad}
		s := desk.CaseStep{Caller: api.CallerOf(r.Context()), Case: r.PathValue("id"), On: f.date("on"), Reason: events.NewPlaintext(f.get("reason"))}
		said, status := "", http.StatusOK
		if len(bad) == 0 {
			var err error
			if said, err = a.do(c, r.Context(), s, f); err != nil {
				p := api.DeskProblem(w, err)
				if p.Status >= 500 || p.Status == http.StatusNotFound {
					c.caseFail(w, r, err)
					return
				}
				bad, status = append(bad, fault{a.name, nothing(p)}), p.Status
			}
		}
		done := strings.TrimSpace(a.done + " " + said)
		if len(bad) > 0 {
			done = ""
			if status == http.StatusOK {
				status = http.StatusUnprocessableEntity
			}
		}
		if a.plan {
			c.onePlan(w, r, status, aPlan{Done: done, Errors: bad})
			return
		}
		c.oneCase(w, r, status, aCase{Done: done, Errors: bad})
	}
}

// nothing says that nothing was recorded, and why.
func nothing(p *api.Problem) string {
	text := p.Detail
	if text == "" {
		text = p.Title
	}
	return "Nothing was recorded: " + strings.TrimSuffix(text, ".") + "."
}

// letter drafts a letter on the page, or keeps it.
func (c *Console) letter(w http.ResponseWriter, r *http.Request) {
	if !c.parse(w, r) {
		return
	}
	f := r.PostForm
	o := desk.CaseLetterOrder{CaseStep: desk.CaseStep{Caller: api.CallerOf(r.Context()), Case: r.PathValue("id")}, Kind: events.Code(f.Get("kind")), Keep: f.Get("keep") != ""}
	if o.Keep {
		o.Text = events.NewPlaintext(strings.ReplaceAll(f.Get("text"), "\r\n", "\n"))
	}
	v, err := c.cfg.Cases.LetterCase(r.Context(), o)
	switch p := (*api.Problem)(nil); {
	case err != nil:
		if p = api.DeskProblem(w, err); p.Status >= 500 || p.Status == http.StatusNotFound {
			c.caseFail(w, r, err)
			return
		}
		c.oneCase(w, r, p.Status, aCase{Errors: []fault{{"letter", nothing(p)}}, Letter: f.Get("text"), Kind: f.Get("kind")})
	case v.Kept:
		c.oneCase(w, r, http.StatusOK, aCase{Done: "The letter is kept with the case."})
	default:
		c.oneCase(w, r, http.StatusOK, aCase{Letter: v.Text, Kind: v.Kind})
	}
}
