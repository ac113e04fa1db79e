package cases_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/clock"
	"github.com/habeas-data/habeas/rights/decide"
)

// A world is a case that lives at random, with a small model of what must be true of
// it. The model knows people and not tokens, facts of clocks and not ledgers, what
// was really looked at and not states.
type world struct {
	*rapid.T
	facts []cases.Fact
	c     *cases.Case
	today events.Date
	now   events.Instant
	items []decide.Item // the plan as it is now
	tasks []*target

	// The model.
	doubt     bool // it is in doubt who asks, or it was not proven
	authority bool // asked for and not come
	confirmed bool
	ended     bool
	closed    bool
	deciders  map[string][]int // by item: who decided
	assessors []int
	words     map[string]cases.Decision
	approved  string // the plan in words, as it was approved
	changed   bool   // something was decided since
	answered  map[catalogue.RightKind]events.Date
	clocks    map[catalogue.RightKind]*clock.Facts
	spans     map[int]int
}

// A target is a task with what really happened to it.
type target struct {
	body   cases.TaskBody
	facts  []cases.TaskFact
	task   cases.Task
	claims []cases.Verb // by attempt
	proof  bool         // a look, taken for itself after it was said to be done, found nothing
	word   bool         // a person chose an end
	last   []cases.Report
}

// Three people, each with two tokens.
func person(n int) cases.Person {
	return cases.Person{Token: events.Code(fmt.Sprint("token-", n)), Name: cases.Text([]string{"Ada", "Bea", "Cem"}[n%3])}
}

func TestRandomLives(t *testing.T) {
	reached := map[string]int{}
	for range 2 {
		randomLives(t, reached)
	}
	// A walk that never gets anywhere proves nothing.
	for _, what := range []string{"approved", "started", "rerun", "answered", "partly answered", "completed", "closed", "settled", "refused", "two agree", "task verified"} {
		if reached[what] == 0 {
			t.Errorf("no life reached %q: %v", what, reached)
		}
	}
}

// TestRandomTasks wears tasks alone, for longer than a case would let it.
func TestRandomTasks(t *testing.T) {
	reached := map[string]int{}
	for range 5 {
		randomTasks(t, reached)
	}
	for _, r := range cases.TaskStates() {
		if reached["task "+string(r.State)] == 0 {
			t.Errorf("no task reached %q: %v", r.State, reached)
		}
	}
	for _, d := range cases.Details() {
		if reached["detail "+string(d)] == 0 && d != cases.DetailBorn && d != cases.DetailAbandoned { // neither comes of a life
			t.Errorf("no task reached detail %q: %v", d, reached)
		}
	}
}

func randomTasks(t *testing.T, reached map[string]int) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		defer w.count(reached)
		for i := range 3 {
			v := &target{body: cases.TaskBody{System: "crm", Verb: rapid.SampledFrom(cases.Verbs()[:10]).Draw(rt, "verb"), Look: rapid.Bool().Draw(rt, "look"), ActBefore: w.today + 20}}
			v.body.Look = v.body.Look && v.body.Verb != cases.VerbExport && v.body.Verb != cases.VerbNotify
			v.add(w, v.body.Plan(theCase, events.EventID{8, byte(i)}))
			w.tasks = append(w.tasks, v)
		}
		for range rapid.IntRange(100, 300).Draw(rt, "steps") {
			w.work(person(0))
			for _, v := range w.tasks {
				w.checkTask(v)
			}
		}
		w.finish()
	})
}

func randomLives(t *testing.T, reached map[string]int) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt)
		defer w.count(reached)
		for range rapid.IntRange(100, 300).Draw(rt, "steps") {
			w.step()
			w.check()
		}
		w.finish()
	})
}

func (w *world) count(reached map[string]int) {
	for _, f := range w.facts {
		reached[string(f.Act)]++
		if f.Act == cases.Answered && len(f.Body.Rights) > 0 && len(f.Body.Rights) < len(w.c.Opening.Rights) {
			reached["partly answered"]++
		}
	}
	for _, t := range w.tasks {
		for _, f := range t.facts {
			reached["task "+string(f.Task.State)]++
			reached["detail "+string(f.Task.Detail)]++
		}
	}
	for _, r := range w.c.Decisions {
		if r.Second.Token != "" {
			reached["two agree"]++
		}
	}
}

func newWorld(rt *rapid.T) *world {
	rights := rapid.SampledFrom([][]catalogue.RightKind{{catalogue.RightErasure}, {catalogue.RightAccess}, {catalogue.RightAccess, catalogue.RightErasure}, {catalogue.RightErasure, catalogue.RightMarketing}}).Draw(rt, "rights")
	w := &world{T: rt, today: day("2026-03-02"), deciders: map[string][]int{}, words: map[string]cases.Decision{}, answered: map[catalogue.RightKind]events.Date{},
		clocks: map[catalogue.RightKind]*clock.Facts{}, spans: map[int]int{}}
	w.now = events.InstantOf(w.today.Time())
	for i := range rapid.IntRange(1, 4).Draw(rt, "items") {
		w.items = append(w.items, erasure(fmt.Sprint("i", i)))
		if rapid.Bool().Draw(rt, "person") {
			needsPerson(&w.items[i])
		}
	}
	o := opening(rights...)
	for _, r := range rights {
		w.clocks[r] = &clock.Facts{Regime: o.Regime, Right: clock.Right(r), Received: o.Received}
	}
	w.act(cases.Opened, cases.Body{By: person(0), Opening: o}, o.Received)
	return w
}

// state is what the desk would tell Check.
func (w *world) state() *cases.World {
	out := &cases.World{Today: w.today, Calendars: clock.Shipped(), Settings: clock.Defaults, Joined: []events.Handle{hand(1)}}
	if w.c != nil {
		out.Judged = cases.Judge(w.c, &decide.Plan{Received: w.c.Opening.Received, On: w.today, Items: w.items})
	}
	for _, t := range w.tasks {
		out.Tasks = append(out.Tasks, t.task)
	}
	return out
}

// act tries an act and records it if it may follow. Whatever Check allows the model
// has to allow, and the fold has to take.
func (w *world) act(a cases.Act, b cases.Body, on events.Date) bool {
	var err error
	if w.c == nil {
		err = cases.CheckOpening(&b, on, w.state())
	} else {
		err = w.c.Check(a, &b, on, w.state())
	}
	if err != nil {
		var no *cases.Refusal
		if !errors.As(err, &no) || !slices.ContainsFunc(cases.Refusals(), func(r cases.RefusalRow) bool { return r.Code == no.Code }) || no.Text == "" {
			w.Fatalf("%s: %v is no refusal", a, err)
		}
		return false
	}
	if why := w.forbids(a, &b, on); why != "" {
		w.Fatalf("%s on %s was allowed: %s", a, on, why)
	}
	f := cases.Fact{Case: theCase, Version: uint32(len(w.facts) + 1), Act: a, On: on, At: w.now, Body: b}
	w.facts = append(w.facts, f)
	if w.c == nil {
		w.c, err = cases.Fold(w.facts)
	} else {
		w.c, err = w.c.With(f)
	}
	if err != nil {
		w.Fatalf("%s was allowed and does not fold: %v", a, err)
	}
	w.learn(a, &b, on)
	return true
}

// forbids is the model's law.
func (w *world) forbids(a cases.Act, b *cases.Body, on events.Date) string {
	if w.c == nil {
		return ""
	}
	if on < w.c.Opening.Received || on > w.today {
		return "a day before the receipt or after today"
	}
	if w.closed && !slices.Contains([]cases.Act{cases.Settled, cases.LetterKept, cases.Certified, cases.Completed}, a) {
		return "it is closed"
	}
	switch a {
	case cases.Approved:
		switch {
		case slices.Contains(w.allDeciders(), who(b.By)):
			return "a decider approves"
		case w.doubt || w.authority:
			return "it is open who asks"
		case !w.confirmed:
			return "joins are unconfirmed"
		case w.open() > 0:
			return "items are open"
		case b.Approval.Digest != w.state().Judged.Digest:
			return "it is not the plan of now"
		}
	case cases.Started:
		if b.Code != cases.StartBinding && w.approved != w.plan() {
			return "the plan is not what was approved"
		}
	case cases.Answered:
		switch {
		case w.doubt || w.authority:
			return "it is in doubt who asks"
		case w.approved == "" || w.changed:
			return "nothing is approved"
		}
	case cases.Completed, cases.Closed:
		if w.ended && a == cases.Closed && len(w.tasks) == 0 {
			return ""
		}
		for _, t := range w.tasks {
			if !t.proof && !t.word {
				return "a target is unproven: " + string(t.task.State)
			}
		}
	}
	return ""
}

func who(p cases.Person) int {
	return slices.Index([]string{"Ada", "Bea", "Cem"}, string(p.Name))
}

func (w *world) allDeciders() []int {
	out := slices.Clone(w.assessors)
	for _, l := range w.deciders {
		out = append(out, l...)
	}
	return out
}

// settled is what becomes of an item, in words; empty: it waits for a person.
func (w *world) settled(x *decide.Item) string {
	d, ok := w.words[x.Holding.ID]
	stale := d.Accept && (d.Outcome != x.Outcome || d.Code != x.Code)
	if ok && !stale {
		return fmt.Sprint(d.Outcome, d.Code)
	}
	if x.NeedsPerson {
		return ""
	}
	return fmt.Sprint(x.Outcome, x.Code)
}

func (w *world) open() (n int) {
	for i := range w.items {
		if w.settled(&w.items[i]) == "" {
			n++
		}
	}
	return n
}

func (w *world) plan() string {
	out := []string{"plan"}
	for i := range w.items {
		out = append(out, w.items[i].Holding.ID+w.settled(&w.items[i]))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// learn tells the model what happened.
func (w *world) learn(a cases.Act, b *cases.Body, on events.Date) {
	for r, f := range w.clocks {
		if !w.answered[r].IsZero() || len(b.Rights) > 0 && !slices.Contains(b.Rights, r) {
			continue
		}
		switch a {
		case cases.IdentityAsked:
			f.IdentityAsked, f.Identity = on, 0
		case cases.IdentityReceived:
			f.Identity = on
		case cases.AuthorityAsked:
			f.AuthorityAsked, f.Authority = on, 0
		case cases.AuthorityReceived:
			f.Authority = on
		case cases.ClarificationAsked:
			f.Clarifications = append(slices.Clip(f.Clarifications), clock.Span{Asked: on})
		case cases.ClarificationCame:
			i := slices.IndexFunc(f.Clarifications, func(s clock.Span) bool { return s.Answered.IsZero() })
			f.Clarifications = slices.Clone(f.Clarifications)
			f.Clarifications[i].Answered = on
		case cases.ExtensionTold:
			f.Extended, f.ExtensionNotified = true, on
		case cases.Answered, cases.RefusedRequest:
			w.answered[r] = on
		}
	}
	w.learnCase(a, b)
}

func (w *world) learnCase(a cases.Act, b *cases.Body) {
	lift := func() {
		if w.c.Started.IsZero() {
			w.approved = ""
		}
		w.changed = true
	}
	switch a {
	case cases.IdentityAsked, cases.IdentityFailed:
		w.doubt = true
	case cases.IdentityReceived:
		w.doubt = false
	case cases.AuthorityAsked, cases.AuthorityReceived:
		w.authority = a == cases.AuthorityAsked
	case cases.Confirmed:
		w.confirmed = true
		lift()
	case cases.Assessed:
		w.assessors = append(w.assessors, who(b.By))
		lift()
	case cases.Decided:
		for _, d := range b.Decisions {
			// The same word by another person agrees; else the last one counts.
			if old, ok := w.words[d.Holding]; ok && old == d && who(b.By) != w.deciders[d.Holding][0] {
				w.deciders[d.Holding] = []int{w.deciders[d.Holding][0], who(b.By)}
			} else {
				w.deciders[d.Holding] = []int{who(b.By)}
			}
			w.words[d.Holding] = d
		}
		lift()
	case cases.Approved:
		w.approved, w.changed = w.plan(), false
	case cases.RefusedRequest, cases.Withdrawn, cases.Duplicate:
		w.ended = true
	case cases.Closed:
		w.closed = true
	}
}

// forward does the next thing that a diligent office would do, so that lives get
// old as well.
func (w *world) forward() {
	ada, bea := person(0), person(1)
	switch {
	case w.c.Identity != decide.IdentityClear:
		w.act(cases.IdentityReceived, cases.Body{By: ada}, w.today)
	case w.c.AuthorityOpen:
		w.act(cases.AuthorityReceived, cases.Body{By: ada}, w.today)
	case !w.confirmed:
		w.act(cases.Confirmed, cases.Body{By: ada, Members: members(1)}, w.today)
	case w.open() > 0:
		for i := range w.items {
			if x := &w.items[i]; w.settled(x) == "" {
				w.act(cases.Decided, cases.Body{By: ada, Reason: "r", Decisions: []cases.Decision{{Holding: x.Holding.ID, Right: x.Right, Accept: true, Outcome: x.Outcome, Code: x.Code}}}, w.today)
			}
		}
	case w.approved == "" || w.changed || w.c.Started.IsZero() && w.approved != w.plan():
		j := w.state().Judged
		w.act(cases.Approved, cases.Body{By: bea, Approval: &cases.Approval{Digest: j.Digest, Finals: j.Finals}}, w.today)
	case w.c.Started.IsZero():
		w.run(ada)
	case w.c.Answered.IsZero():
		b := cases.Body{By: ada}
		if rapid.Bool().Draw(w.T, "one right") {
			b.Rights = w.c.Unanswered()[:1]
		}
		w.act(cases.Answered, b, w.today)
	default:
		for _, a := range []cases.Act{cases.Completed, cases.Certified, cases.Closed} {
			w.act(a, cases.Body{By: ada}, w.today)
		}
	}
}

// step draws one thing that happens.
func (w *world) step() {
	by := person(rapid.IntRange(0, 5).Draw(w.T, "token"))
	on := w.today - events.Date(rapid.SampledFrom([]int{0, 0, 0, 1, 5, -1}).Draw(w.T, "ago"))
	pick := func(list ...cases.Act) cases.Act { return rapid.SampledFrom(list).Draw(w.T, "act") }
	switch rapid.IntRange(0, 30).Draw(w.T, "kind") {
	case 16, 17, 18:
		w.forward()
	case 0:
		w.today += events.Date(rapid.IntRange(1, 20).Draw(w.T, "days"))
		w.now = max(w.now, events.InstantOf(w.today.Time()))
	case 1:
		w.act(pick(cases.IdentityAsked, cases.IdentityReceived, cases.IdentityChecked, cases.IdentityFailed, cases.AuthorityAsked, cases.AuthorityReceived,
			cases.ClarificationAsked, cases.ClarificationCame, cases.ExtensionTold), cases.Body{By: by, Reason: "r"}, on)
	case 2:
		w.act(cases.Confirmed, cases.Body{By: by, Members: members(1)}, on)
	case 3:
		if rapid.IntRange(0, 3).Draw(w.T, "assess") == 0 {
			w.act(cases.Assessed, cases.Body{By: by, Assessment: &decide.Assessment{Kind: decide.Override}}, on)
		}
	case 4, 5:
		w.decide(by, on)
	case 6:
		w.turn()
	case 7, 8:
		j := w.state().Judged
		w.act(cases.Approved, cases.Body{By: by, Approval: &cases.Approval{Digest: j.Digest, Finals: j.Finals}}, on)
	case 9, 10:
		w.run(by)
	case 11:
		b := cases.Body{By: by}
		if rapid.Bool().Draw(w.T, "some") {
			b.Rights = w.c.Opening.Rights[:1]
		}
		w.act(cases.Answered, b, on)
	case 12:
		if rapid.IntRange(0, 9).Draw(w.T, "end") == 0 {
			w.act(pick(cases.RefusedRequest, cases.Withdrawn, cases.Duplicate), cases.Body{By: by, Code: cases.RefusedExcessive, Reason: "r", Of: cases.ID{9}}, on)
		}
		w.act(pick(cases.Completed, cases.Closed, cases.Certified), cases.Body{By: by}, on)
	default:
		w.work(by)
	}
}

func (w *world) decide(by cases.Person, on events.Date) {
	if len(w.items) == 0 {
		return
	}
	x := w.items[rapid.IntRange(0, len(w.items)-1).Draw(w.T, "item")]
	d := cases.Decision{Holding: x.Holding.ID, Right: x.Right, Outcome: decide.Retain, Code: decide.KeepPublicTask, WaitsFor: "duty_ended"}
	if rapid.Bool().Draw(w.T, "accept") {
		d = cases.Decision{Holding: x.Holding.ID, Right: x.Right, Accept: true, Outcome: x.Outcome, Code: x.Code}
	}
	w.act(cases.Decided, cases.Body{By: by, Reason: "r", Decisions: []cases.Decision{d}}, on)
}

// turn changes what the law proposes: a hold comes or goes.
func (w *world) turn() {
	if len(w.items) == 0 {
		return
	}
	i := rapid.IntRange(0, len(w.items)-1).Draw(w.T, "which")
	x := &w.items[i]
	if x.Outcome == decide.Erase {
		x.Outcome, x.Code = decide.Restrict, decide.KeepLegalClaims
	} else {
		x.Outcome, x.Code = decide.Erase, decide.EraseConsentWithdrawn
	}
}

// run makes the tasks of what was approved, as the desk does: with crashes, so that
// the same tasks may be made twice.
func (w *world) run(by cases.Person) {
	if w.c.Approval == nil {
		w.act(cases.Started, cases.Body{By: by, Code: cases.StartBinding}, w.today)
		w.act(cases.Started, cases.Body{By: by}, w.today)
		return
	}
	o := cases.Order{Digest: w.c.Approval.Digest, On: w.today, Finals: w.c.Approval.Finals, Knows: func(events.Code) cases.Ability {
		return cases.Ability{Connected: true, Look: len(w.tasks)%3 != 2}
	}}
	for _, t := range w.tasks {
		o.Made = append(o.Made, t.body)
	}
	bodies, _ := cases.Fanout(&o)
	ids := cases.IDs{}
	for i := range bodies {
		ids = append(ids, cases.ID{7, byte(len(w.tasks) + i)})
	}
	a := cases.Started
	if !w.c.Started.IsZero() {
		a = cases.Rerun
		ids = append(ids, cases.IDsOf(w.c.Tasks...)...)
	}
	if !w.act(a, cases.Body{By: by, Tasks: ids}, w.today) {
		return
	}
	for i := range bodies {
		t := &target{body: bodies[i]}
		t.add(w, bodies[i].Plan(theCase, events.EventID(ids[i])))
		w.tasks = append(w.tasks, t)
	}
}

func (t *target) add(w *world, n cases.Task) {
	t.facts = append(t.facts, cases.TaskFact{Task: n})
	again, err := cases.FoldTask(t.facts)
	if err != nil || again != n {
		w.Fatalf("the task does not fold: %v\n%+v\n%+v", err, again, n)
	}
	t.task = n
}

// work draws something that happens to a task.
func (w *world) work(by cases.Person) {
	w.now += events.Instant(rapid.SampledFrom([]int64{0, 1e6, 60e6, 3600e6, 86400e6, 86400e6, 86400e6, 86400e6, 70 * 86400e6}).Draw(w.T, "later"))
	w.today = max(w.today, w.now.Day())
	if len(w.tasks) == 0 {
		return
	}
	t := w.tasks[rapid.IntRange(0, len(w.tasks)-1).Draw(w.T, "task")]
	switch rapid.IntRange(0, 9).Draw(w.T, "work") {
	case 8, 9:
		w.report(t, cases.Report{Attempt: 1, Outcome: rapid.SampledFrom(cases.Outcomes()).Draw(w.T, "outcome")})
	case 0, 1, 2:
		w.claim(t)
	case 3, 4:
		w.report(t, cases.Report{Attempt: uint32(rapid.IntRange(1, 3).Draw(w.T, "back")), Outcome: rapid.SampledFrom(cases.Outcomes()).Draw(w.T, "outcome")})
	case 5: // the same once more, out of order
		if len(t.last) > 0 {
			w.again(t, t.last[rapid.IntRange(0, len(t.last)-1).Draw(w.T, "earlier")])
		}
	case 6:
		w.tick(t)
	case 7:
		w.settle(t, by)
	}
}

func (w *world) claim(t *target) {
	w.tick(t)
	n, c, err := t.task.Take(t.body.Look, time.Duration(rapid.IntRange(0, 100).Draw(w.T, "minutes"))*time.Minute, w.now, &cases.DefaultPolicy)
	if err != nil {
		return
	}
	t.claims = append(t.claims, c.Verb)
	t.add(w, n)
}

func (w *world) tick(t *target) {
	if n, ok := t.task.Tick(&t.body, w.now, &cases.DefaultPolicy); ok {
		t.add(w, n)
	}
}

// report is of one of the last attempts, counted back from the newest.
func (w *world) report(t *target, r cases.Report) {
	if r.Attempt > t.task.Attempts {
		return
	}
	r.Attempt = t.task.Attempts + 1 - r.Attempt
	r.Final = rapid.IntRange(0, 4).Draw(w.T, "final") == 0
	r.Ground, r.Copies, r.Detail = "law", []string{"a"}, rapid.SampledFrom(append(cases.Details(), "theirs")).Draw(w.T, "detail")
	w.again(t, r)
}

func (w *world) again(t *target, r cases.Report) {
	before, as := t.task, r
	n, changed, err := t.task.Next(&t.body, &r, w.now, &cases.DefaultPolicy)
	if err != nil {
		if cases.RefusalCode(err) == "" {
			w.Fatalf("report %s: %v", r.Outcome, err)
		}
		return
	}
	t.last = append(t.last, as)
	// The model: a proof is a look that was taken as one, is out now, and found nothing.
	looks := t.claims[r.Attempt-1] == cases.VerbVerify && r.Attempt == before.Attempts && before.State == cases.TaskSent
	good := slices.Contains([]events.Code{cases.OutcomeFoundNothing, events.WorkDone, events.WorkNotFound}, r.Outcome)
	if looks && good || (t.body.Verb == cases.VerbExport || t.body.Verb == cases.VerbNotify) && (r.Outcome == events.WorkDone || r.Outcome == events.WorkNotFound) && changed {
		t.proof = true
	}
	if !changed {
		if n != before {
			w.Fatalf("a report that changes nothing changed %+v to %+v", before, n)
		}
		return
	}
	t.add(w, n)
	// Twice is once.
	if twice, changed, err := t.task.Next(&t.body, &r, w.now, &cases.DefaultPolicy); err == nil && changed && twice.State == cases.TaskVerified && !t.proof {
		w.Fatalf("the same report twice proves something")
	}
}

func (w *world) settle(t *target, by cases.Person) {
	choice := rapid.SampledFrom(cases.Choices()).Draw(w.T, "choice")
	if !w.act(cases.Settled, cases.Body{By: by, Reason: "r", Settle: &cases.Settle{Tasks: cases.IDsOf(t.task.ID), Choice: choice}}, w.today) {
		return
	}
	n, changed, err := t.task.Settle(w.c.Settled[t.task.ID], w.now, &cases.DefaultPolicy)
	if err != nil {
		w.Fatalf("a choice that was allowed cannot be carried out: %v", err)
	}
	if changed {
		t.word = choice != cases.ChooseChase
		t.add(w, n)
	}
}

// check is what is true after every step.
func (w *world) check() {
	again, err := cases.Fold(w.facts) // a crash: everything is made again from the facts
	if err != nil {
		w.Fatalf("fold again: %v", err)
	}
	if again.Status() != w.c.Status() || again.Version != uint32(len(w.facts)) || !reflect.DeepEqual(again.Decisions, w.c.Decisions) || !reflect.DeepEqual(again.Approval, w.c.Approval) ||
		!reflect.DeepEqual(again.Tasks, w.c.Tasks) || !reflect.DeepEqual(again.Deciders(), w.c.Deciders()) || again.Redecided != w.c.Redecided {
		w.Fatalf("folded again it is another case: %+v\n%+v", again, w.c)
	}
	w.checkClock()
	for _, t := range w.tasks {
		w.checkTask(t)
	}
}

func (w *world) checkTask(t *target) {
	if t.task.Proven() != (t.task.State == cases.TaskVerified) || t.task.Proven() && !t.proof {
		w.Fatalf("%s is said to be verified and was not looked at: %+v", t.body.Verb, t.task)
	}
	if t.task.Erased() && (!t.proof || t.body.Verb != cases.VerbErase) {
		w.Fatalf("erased is said of %+v", t.task)
	}
	if t.task.Ended() && !t.proof && !t.word {
		w.Fatalf("it ended and nobody said so: %+v", t.task)
	}
	w.visible(t)
}

// visible: a task has ended, or waits for a person, or something happens to it in
// time by itself.
func (w *world) visible(t *target) {
	if t.task.Ended() || t.task.WaitsForPerson() {
		return
	}
	later := w.now + events.Instant((400 * 24 * time.Hour).Microseconds())
	if _, ok := t.task.Tick(&t.body, later, &cases.DefaultPolicy); ok {
		return
	}
	if _, err := t.task.Claimable(t.body.Look, later); err != nil {
		w.Fatalf("nobody sees it any more: %+v", t.task)
	}
}

// checkClock counts the clocks from scratch, from the model's facts.
func (w *world) checkClock() {
	want, waits := events.Date(0), false
	for r, f := range w.clocks {
		if !w.answered[r].IsZero() || w.ended || w.closed {
			continue
		}
		g := *f
		g.On = w.today
		a, err := clock.Deadline(g, clock.Shipped(), clock.Defaults)
		if err != nil {
			w.Fatalf("the model's clock: %v", err)
		}
		if a.Status != clock.Dated {
			waits = true
		} else if want.IsZero() || a.Due.Day < want {
			want = a.Due.Day
		}
	}
	got, err := w.c.Due(w.today, clock.Shipped(), clock.Defaults, nil)
	if err != nil || got.Day != want || got.Waits != waits {
		w.Fatalf("due on %s (%+v, %v), counted from scratch %s", got.Day, got, err, want)
	}
}

// finish brings every life to its end: nothing is stuck.
func (w *world) finish() {
	for _, t := range w.tasks {
		for range 40 {
			if t.task.Ended() {
				break
			}
			w.now = max(w.now, t.task.NotBefore, t.task.Lease)
			w.today = max(w.today, w.now.Day())
			if t.task.WaitsForPerson() {
				n, _, err := t.task.Settle(cases.ChooseImpossible, w.now, &cases.DefaultPolicy)
				if err != nil {
					w.Fatalf("a person cannot end %+v: %v", t.task, err)
				}
				t.word = true
				t.add(w, n)
				continue
			}
			w.claim(t)
			if t.task.State == cases.TaskSent {
				w.report(t, cases.Report{Attempt: 1, Outcome: events.WorkDone})
				continue
			}
			w.now += events.Instant((8 * 24 * time.Hour).Microseconds()) // it is not answered, and is chased
		}
		if !t.task.Ended() {
			w.Fatalf("it does not end: %+v", t.task)
		}
		w.check()
	}
	if p := cases.Complete(w.state().Tasks); !p.Done {
		w.Fatalf("all have ended, and it is not done: %+v", p)
	}
}
