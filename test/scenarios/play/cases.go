package play

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Case opens a case about a person of the story.
type Case struct {
	As     string   `json:"as"`
	Person string   `json:"person"`
	Rights []string `json:"rights"`
	// Args are further arguments of habeas case open.
	Args     []string `json:"args,omitempty"`
	Received string   `json:"received"`
	Due      string   `json:"due"` // the last day that must follow; empty: the clock waits
}

// A Plan compares what is proposed, or decided, under one right.
type Plan struct {
	Of    string   `json:"of"`
	On    string   `json:"on,omitempty"`
	Right string   `json:"right"`
	Lines []string `json:"lines"` // all of them
	// Undecided is how many items of the whole plan wait for a person, where it
	// counts.
	Undecided *int `json:"undecided,omitempty"`
	// Assumed are keys of decisions that come with the program and that the plan
	// rests on; others may stand beside them.
	Assumed []string `json:"assumed,omitempty"`
}

// An Act is one command on a case, under the token of the named hand.
type Act struct {
	Of   string   `json:"of"`
	Does []string `json:"does"`           // the word after habeas case, then its arguments
	By   string   `json:"by,omitempty"`   // a name: its own token; empty: the operator's
	Role string   `json:"role,omitempty"` // of that token, where it is made here
	// Refused is the code under which it must be refused, and nothing done.
	Refused string `json:"refused,omitempty"`
	// Item picks the holding that the act is about: "system activity category",
	// with [item] behind it where there are several.
	Item  string `json:"item,omitempty"`
	Right string `json:"right,omitempty"`
	// Says are parts of what is printed, one after the other in any order.
	Says []string `json:"says,omitempty"`
}

// Work lets systems and recipients do their tasks.
type Work struct {
	Of string `json:"of,omitempty"` // a case; empty: everything that is open
	// As says how those who do not simply do it behave: system -> failed, refused,
	// lies, silent, kept_lawful.
	As map[string]string `json:"as,omitempty"`
	// Hand names those who were written to: somebody reports for them by hand that
	// it was done.
	Hand []string `json:"hand,omitempty"`
}

// Tasks compares the tasks of a case.
type Tasks struct {
	Of    string   `json:"of"`
	Lines []string `json:"lines"` // system verb state, all of them
}

func (p *Player) open(ctx context.Context, c *Case) ([]string, error) {
	args := []string{"case", "open", "--identifier", p.Scenario.People[c.Person], "--received", c.Received}
	for _, r := range c.Rights {
		args = append(args, "--right", r)
	}
	var got struct {
		Case string  `json:"case"`
		Due  *string `json:"due"`
	}
	if err := p.World.Ask(ctx, &got, append(args, c.Args...)...); err != nil {
		return nil, err
	}
	p.cases[c.As] = got.Case
	due := ""
	if got.Due != nil {
		due = *got.Due
	}
	p.say("  case %q: %s asks for %s, received %s; to be answered by %s\n", c.As, c.Person, strings.Join(c.Rights, " and "), c.Received, due)
	if due != c.Due {
		return []string{fmt.Sprintf("the case is due on %q, want %q", due, c.Due)}, nil
	}
	return nil, nil
}

// caseItem is the part of an item of a plan that is compared.
type caseItem struct {
	Right    string `json:"right"`
	Holding  string `json:"holding"`
	System   string `json:"system"`
	Activity string `json:"activity"`
	Category string `json:"category"`
	Item     *item  `json:"item"`
	Outcome  string `json:"outcome"`
	Code     string `json:"code"`
	Until    string `json:"until"`
	WaitsFor string `json:"waits_for"`
	Person   bool   `json:"needs_person"`
	Proposal *struct {
		Outcome string `json:"outcome"`
		Code    string `json:"code"`
	} `json:"proposal"`
	Also []string `json:"also"`
	Keep *struct {
		Elements []string `json:"elements"`
		Until    string   `json:"until"`
	} `json:"keep"`
	BlockedBy  []string `json:"blocked_by"`
	Restricted bool     `json:"restricted"`
	Assumed    []struct {
		Key string `json:"key"`
	} `json:"assumed"`
	Recipients []struct {
		Recipient  string `json:"recipient"`
		Action     string `json:"action"`
		Verb       string `json:"verb"`
		Impossible bool   `json:"impossible"`
	} `json:"recipients"`
}

func (x *caseItem) name() string {
	out := x.System + " " + strings.ToLower(x.Activity) + " " + x.Category
	if x.Item != nil && x.Item.Value != "" {
		out += " [" + x.Item.Value + "]"
	}
	return out
}

// line is an item as the stories write it: what, the outcome and its code, the
// last day, what stays, what follows, who is told.
func (x *caseItem) line() string {
	out := x.name() + ": " + x.Outcome + " " + x.Code
	add := func(when bool, text string) {
		if when {
			out += text
		}
	}
	add(x.Until != "", " until "+x.Until)
	add(x.WaitsFor != "", " waits for "+x.WaitsFor)
	add(x.Restricted, ", restricted")
	if x.Proposal != nil {
		out += ", proposes " + x.Proposal.Outcome + " " + x.Proposal.Code
	}
	for _, a := range x.Also {
		out += ", " + a
	}
	if x.Keep != nil {
		out += ", keeps " + strings.Join(x.Keep.Elements, " ") + " until " + x.Keep.Until
	}
	for _, b := range x.BlockedBy {
		out += ", after " + b
	}
	add(x.Person, ", person")
	var told []string
	for _, r := range x.Recipients {
		to := strings.TrimSpace(r.Recipient + " " + r.Action + " " + r.Verb)
		if r.Impossible {
			to += " impossible"
		}
		told = append(told, to)
	}
	slices.Sort(told)
	for _, to := range told {
		out += "; " + to
	}
	return out
}

func (p *Player) planOf(ctx context.Context, of, on string) (items []caseItem, undecided int, err error) {
	args := []string{"case", "plan", p.cases[of]}
	if on != "" {
		args = append(args, "--on", on)
	}
	var d struct {
		Undecided int        `json:"undecided"`
		Items     []caseItem `json:"items"`
	}
	err = p.World.Ask(ctx, &d, args...)
	return d.Items, d.Undecided, err
}

func (p *Player) plan(ctx context.Context, x *Plan) ([]string, error) {
	items, undecided, err := p.planOf(ctx, x.Of, x.On)
	if err != nil {
		return nil, err
	}
	var got, assumed []string
	for i := range items {
		if items[i].Right == x.Right {
			got = append(got, items[i].line())
			for _, a := range items[i].Assumed {
				assumed = append(assumed, a.Key)
			}
		}
	}
	slices.Sort(got)
	p.say("  the plan of %q under %s%s:\n", x.Of, x.Right, onDay(x.On))
	for _, l := range got {
		p.say("    %s\n", l)
	}
	faults := multiset("item", x.Lines, got)
	faults = append(faults, lines("decision assumed", x.Assumed, assumed, false)...)
	if x.Undecided != nil && *x.Undecided != undecided {
		faults = append(faults, fmt.Sprintf("%d items wait for a person, want %d", undecided, *x.Undecided))
	}
	return faults, nil
}

// multiset compares two lists in which a line may stand twice.
func multiset(what string, want, got []string) (faults []string) {
	left := slices.Clone(got)
	for _, w := range want {
		if i := slices.Index(left, w); i >= 0 {
			left = slices.Delete(left, i, i+1)
		} else {
			faults = append(faults, what+" expected and not seen: "+w)
		}
	}
	for _, g := range left {
		faults = append(faults, what+" seen and not expected: "+g)
	}
	return faults
}

// act does one thing with a case, by the hand that the story names.
func (p *Player) act(ctx context.Context, x *Act) ([]string, error) {
	args := append([]string{"case", x.Does[0], p.cases[x.Of]}, x.Does[1:]...)
	if x.Item != "" {
		id, err := p.itemOf(ctx, x)
		if err != nil {
			return nil, err
		}
		args = append(args, "--item", id)
		if x.Right != "" {
			args = append(args, "--right", x.Right)
		}
	}
	hand, err := p.hand(ctx, x)
	if err != nil {
		return nil, err
	}
	out, err := p.World.RunAs(ctx, hand, args...)
	who := x.By
	if who == "" {
		who = "the operator"
	}
	if x.Refused != "" {
		if err == nil {
			return []string{fmt.Sprintf("case %s %s was done by %s, want it refused with %s", x.Of, x.Does[0], who, x.Refused)}, nil
		}
		p.say("  %s: %s is refused to %s (%s)\n", x.Of, x.Does[0], who, x.Refused)
		if !strings.Contains(err.Error(), x.Refused) {
			return []string{fmt.Sprintf("case %s %s is refused otherwise than with %s: %v", x.Of, x.Does[0], x.Refused, err)}, nil
		}
		return nil, nil
	}
	if err != nil && !errors.Is(err, errNo) {
		return nil, err
	}
	if err != nil {
		return []string{err.Error()}, nil
	}
	p.say("  %s: %s, by %s\n", x.Of, strings.Join(x.Does, " "), who)
	var faults []string
	for _, s := range x.Says {
		if !strings.Contains(string(out), s) {
			faults = append(faults, fmt.Sprintf("case %s %s does not say %q:\n%s", x.Of, x.Does[0], s, out))
		}
	}
	return faults, nil
}

func (p *Player) itemOf(ctx context.Context, x *Act) (string, error) {
	items, _, err := p.planOf(ctx, x.Of, "")
	if err != nil {
		return "", err
	}
	var ids []string
	for i := range items {
		if items[i].name() == x.Item && (x.Right == "" || items[i].Right == x.Right) {
			ids = append(ids, items[i].Holding)
		}
	}
	if len(ids) == 0 {
		return "", fmt.Errorf("the plan of %q has no item %q", x.Of, x.Item)
	}
	return strings.Join(ids, ","), nil
}

// hand is the token of a person of the story; it is made when first needed.
func (p *Player) hand(ctx context.Context, x *Act) (string, error) {
	if x.By == "" {
		return "", nil
	}
	role := x.Role
	if role == "" {
		role = "approver"
	}
	return p.token(ctx, x.By, role)
}

func (p *Player) token(ctx context.Context, name, role string) (string, error) {
	if t, ok := p.tokens[name]; ok {
		return t, nil
	}
	var made struct {
		Secret string `json:"secret"`
	}
	if err := p.World.Ask(ctx, &made, "token", "create", name, "--role", role); err != nil {
		return "", err
	}
	p.tokens[name] = made.Secret
	return made.Secret, nil
}

func (p *Player) dispose(ctx context.Context, x *Dispose) ([]string, error) {
	hand, err := p.token(ctx, x.By, "approver")
	if err != nil {
		return nil, err
	}
	var batch struct {
		ID       string `json:"id"`
		Holdings int    `json:"holdings"`
	}
	if err := p.World.Ask(ctx, &batch, "retention", "propose", "--on", x.On); err != nil {
		return nil, err
	}
	if _, err := p.World.RunAs(ctx, hand, "retention", "approve", batch.ID); err != nil {
		return nil, err
	}
	if _, err := p.World.Run(ctx, "retention", "run", batch.ID); err != nil {
		return nil, err
	}
	p.say("  %d holdings that had ended by %s are to go; %s agreed\n", batch.Holdings, x.On, x.By)
	if batch.Holdings != x.Holdings {
		return []string{fmt.Sprintf("%d holdings are in the batch, want %d", batch.Holdings, x.Holdings)}, nil
	}
	return nil, nil
}

// tasksOf lists the tasks of a case, or all.
func (p *Player) tasksOf(ctx context.Context, of string) ([]task, error) {
	args := []string{"tasks", "list"}
	if of != "" {
		args = append(args, "--case", p.cases[of], "--all")
	}
	var d struct {
		Tasks []task `json:"tasks"`
	}
	err := p.World.Ask(ctx, &d, args...)
	return d.Tasks, err
}

type task struct {
	Task   string `json:"task"`
	System string `json:"system"`
	Verb   string `json:"verb"`
	State  string `json:"state"`
}

func (p *Player) tasks(ctx context.Context, x *Tasks) ([]string, error) {
	list, err := p.tasksOf(ctx, x.Of)
	if err != nil {
		return nil, err
	}
	got := make([]string, len(list))
	for i, t := range list {
		got[i] = t.System + " " + t.Verb + " " + t.State
	}
	slices.Sort(got)
	p.say("  the tasks of %q:\n", x.Of)
	for _, l := range got {
		p.say("    %s\n", l)
	}
	return multiset("task", x.Lines, got), nil
}

// work lets every system that has tasks claim them and report, until nobody gets
// any more.
func (p *Player) work(ctx context.Context, x *Work) ([]string, error) {
	list, err := p.tasksOf(ctx, x.Of)
	if err != nil {
		return nil, err
	}
	systems := map[string]bool{}
	for _, t := range list {
		systems[t.System] = true
	}
	var faults []string
	for _, s := range slices.Sorted(maps.Keys(systems)) {
		switch {
		case x.As[s] == "silent":
			continue
		case slices.Contains(x.Hand, s):
			if err := p.byHand(ctx, list, s); err != nil {
				return faults, err
			}
			continue
		}
		token, err := p.token(ctx, "target-"+s, "system:"+s)
		if err != nil {
			return faults, err
		}
		for {
			got, err := p.World.Claim(ctx, s, token)
			if err != nil {
				return faults, err
			}
			if len(got) == 0 {
				break
			}
			for i := range got {
				w := &got[i]
				if len(w.Subject) == 0 {
					faults = append(faults, s+" is asked to "+w.Verb+" and not told whom")
				}
				said, err := p.World.Report(ctx, s, token, w, answerOf(x.As[s], w))
				if err != nil {
					return faults, err
				}
				p.say("    %s: %s%s, %s -> %s\n", s, w.Verb, ofVerb(w), answerOf(x.As[s], w), said)
			}
		}
	}
	return faults, nil
}

func (p *Player) byHand(ctx context.Context, list []task, system string) error {
	for _, t := range list {
		if t.System != system || t.State != "manual_waiting" {
			continue
		}
		if _, err := p.World.Run(ctx, "tasks", "report", t.Task, "--outcome", "done", "--text", "answered by letter"); err != nil {
			return err
		}
		p.say("    %s: %s, reported by hand\n", system, t.Verb)
	}
	return nil
}

func ofVerb(w *claimed) string {
	if w.Of != "" {
		return " (" + w.Of + ")"
	}
	return ""
}

// answerOf is what a target reports, by how it behaves. One that lies says it is
// done and has it still when somebody looks.
func answerOf(behaves string, w *claimed) string {
	switch {
	case behaves == "lies" && w.Verb == "verify":
		return "still_there"
	case w.Verb == "verify":
		return "found_nothing"
	case behaves == "" || behaves == "lies":
		return "done"
	}
	return behaves
}
