package lives

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/desk"
)

// mayRefuse fails unless a refusal is one of those that fit, or nothing was refused.
func (s *stage) mayRefuse(what string, err error, codes ...events.Code) bool {
	if err == nil {
		return true
	}
	code := cases.RefusalCode(err)
	if code == "" || !slices.Contains(codes, code) {
		s.Errorf("%s is refused: %v", what, err)
	}
	return false
}

// mustRefuse fails unless it was refused.
func (s *stage) mustRefuse(what string, err error, why string) {
	if cases.RefusalCode(err) == "" {
		s.Errorf("%s was not refused although %s: %v", what, why, err)
	}
}

var clockActs = map[string]events.Code{"identity asked": "identity_asked", "identity received": "identity_received",
	"clarification asked": "clarification_asked", "clarification received": "clarification_received", "extend": "extension_told"}

// manage carries out one act of a person on a case.
func (s *stage) manage(x Step) bool {
	q := s.of(x)
	if q == nil {
		return false
	}
	if act, ok := clockActs[x.Do]; ok {
		return s.clock(x, q, act)
	}
	switch x.Do {
	case "confirm":
		err := s.act(x.Crash, func() error {
			_, err := s.w.Desk.ConfirmCase(s.ctx, desk.CaseConfirmOrder{CaseStep: cs(q, kim, "")})
			return err
		})
		if s.mayRefuse("confirm", err, cases.AlreadyEnded, cases.AlreadyClosed, cases.AlreadyAnswered) {
			q.members = maps.Clone(s.m.seen)
		}
	case "decide":
		return s.decide(x, q)
	case "approve":
		return s.approve(x, q)
	case "run":
		return s.run(x, q)
	case "settle":
		return s.settle(x, q)
	case "answer":
		err := s.act(x.Crash, func() error {
			_, err := s.w.Desk.AnswerCase(s.ctx, desk.CaseAnswerOrder{CaseStep: cs(q, kim, "")})
			return err
		})
		if cases.RefusalCode(err) == cases.AlreadyAnswered && q.answered.IsZero() && x.Crash.At != "" {
			err = nil
		}
		if s.m.waitsForProof(q) && err == nil && !slices.Contains(q.rights, "objection-marketing") && !slices.Contains(q.rights, "withdraw-consent") {
			s.Errorf("answered while it is in doubt who asks")
		}
		if s.mayRefuse("answer", err, cases.AlreadyAnswered, cases.AlreadyEnded, cases.AlreadyClosed, cases.IdentityNotProven, cases.NothingApproved, cases.JoinsUnconfirmed, cases.NoPackage, cases.NothingStarted, cases.Undecided) && q.answered.IsZero() {
			q.answered = s.m.today
		}
	case "withdraw":
		err := s.act(x.Crash, func() error { _, err := s.w.Desk.WithdrawCase(s.ctx, cs(q, kim, "")); return err })
		if cases.RefusalCode(err) == cases.AlreadyEnded && x.Crash.At != "" {
			err = nil
		}
		if s.mayRefuse("withdraw", err, cases.AlreadyEnded, cases.AlreadyClosed, cases.AlreadyStarted, cases.AlreadyAnswered) {
			q.over = true
		}
	case "close":
		err := s.act(x.Crash, func() error { _, err := s.w.Desk.CloseCase(s.ctx, cs(q, kim, "")); return err })
		if cases.RefusalCode(err) == cases.AlreadyClosed && x.Crash.At != "" {
			err = nil
		}
		if t := s.unproven(q); err == nil && t != nil {
			s.Errorf("closed with an unproven target: %s %s", t.target, t.verb)
		}
		if s.mayRefuse("close", err, cases.AlreadyClosed, cases.NotAnswered, cases.NotComplete, cases.TargetsUnproven, cases.NothingStarted, cases.AlreadyEnded, cases.NothingApproved, cases.CopiesFirst) {
			q.over = true
		}
	}
	return true
}

// unproven is a task of a case that is neither proven nor ended by a person.
func (s *stage) unproven(q *request) *task {
	for _, t := range s.byID {
		if t.of == q && !t.proven && !t.person {
			return t
		}
	}
	return nil
}

// clock moves a clock, or is refused as it ought to be.
func (s *stage) clock(x Step, q *request, act events.Code) bool {
	doubted := s.m.waitsForProof(q)
	var bound []day
	for _, r := range q.rights {
		bound = append(bound, s.m.period(q, r, 1))
	}
	open := slices.ContainsFunc(q.paused, func(p pause) bool { return p.to.IsZero() })
	err := s.act(x.Crash, func() error {
		_, err := s.w.Desk.ClockCase(s.ctx, desk.CaseClockOrder{CaseStep: cs(q, kim, "two systems on paper"), Act: act})
		return err
	})
	if code := cases.RefusalCode(err); x.Crash.At != "" && slices.Contains([]events.Code{cases.AlreadyAsked, cases.NotAsked, cases.ExtensionGiven, cases.IdentityNotInDoubt}, code) {
		return s.reread(x, q, act)
	}
	ended := q.over || !q.answered.IsZero()
	if ended {
		s.mustRefuse(x.Do, err, "the case has ended or was answered")
		return false
	}
	switch x.Do {
	case "identity asked":
		if s.mayRefuse(x.Do, err, cases.AlreadyAsked, cases.AlreadyStarted, cases.DateOutOfOrder, cases.AlreadyApproved) && !doubted {
			q.asked, q.proven = s.m.today, day{}
		}
	case "identity received":
		if !doubted {
			s.mustRefuse(x.Do, err, "nobody doubts who asks")
		} else if s.mayRefuse(x.Do, err) {
			q.proven = s.m.today
		}
	case "clarification asked":
		switch {
		case !slices.Contains(q.rights, "access"):
			s.mustRefuse(x.Do, err, "only access knows a pause")
		case open:
			s.mustRefuse(x.Do, err, "it is asked already")
		case s.mayRefuse(x.Do, err, cases.PauseTooLate):
			q.paused = append(q.paused, pause{from: s.m.today})
		case !s.m.today.After(s.m.answerBy(q, "access")):
			s.Errorf("clarification: refused in time: %v", err)
		}
	case "clarification received":
		if !open {
			s.mustRefuse(x.Do, err, "nothing was asked")
		} else if s.mayRefuse(x.Do, err) {
			q.paused[len(q.paused)-1].to = s.m.today
		}
	case "extend":
		late, early := true, true
		for _, d := range bound {
			late = late && !d.IsZero() && s.m.today.After(d)
			early = early && (d.IsZero() || !s.m.today.After(d))
		}
		switch {
		case !q.extended.IsZero() || late:
			s.mustRefuse(x.Do, err, "it is too late, or was told before")
		case s.mayRefuse(x.Do, err, cases.ExtensionTooLate):
			q.extended = s.m.today
		case early:
			s.Errorf("extend: refused in the first period: %v", err)
		}
	}
	return err == nil
}

// reread takes over what a crash made durable before it cut off.
func (s *stage) reread(x Step, q *request, act events.Code) bool {
	v, err := s.w.Desk.ShowCase(s.ctx, kim, q.id)
	if err != nil {
		s.Fatalf("show: %v", err)
	}
	last := events.Date(0)
	for _, e := range v.Timeline {
		if e.Act == string(act) {
			last = e.On
		}
	}
	if last != toDate(s.m.today) {
		return false
	}
	switch x.Do {
	case "identity asked":
		if !s.m.waitsForProof(q) && q.proven != s.m.today {
			q.asked, q.proven = s.m.today, day{}
		}
	case "identity received":
		if s.m.waitsForProof(q) {
			q.proven = s.m.today
		}
	case "clarification asked":
		if n := len(q.paused); n == 0 || !q.paused[n-1].to.IsZero() {
			q.paused = append(q.paused, pause{from: s.m.today})
		}
	case "clarification received":
		if n := len(q.paused); n > 0 && q.paused[n-1].to.IsZero() {
			q.paused[n-1].to = s.m.today
		}
	case "extend":
		q.extended = s.m.today
	}
	return true
}

func keyOf(activity, category string) key {
	a, _, _ := strings.Cut(activity, "/")
	c, _, _ := strings.Cut(category, "/")
	return key{a, c}
}

// decide decides what waits: reviews as the mood says, the rest as it is proposed.
func (s *stage) decide(x Step, q *request) bool {
	p, err := s.w.Desk.PlanCase(s.ctx, kim, q.id, 0)
	if err != nil {
		return s.mayRefuse("plan", err, cases.AlreadyClosed) && false
	}
	for n, i := range p.Items {
		if i.Outcome != string(decide.Review) {
			continue
		}
		o := desk.CaseDecideOrder{CaseStep: cs(q, kim, "looked at it"), Items: []string{i.Holding}, Right: catalogue.RightKind(i.Right),
			Outcome: decide.Retain, Code: decide.KeepNoGround, WaitsFor: "review"}
		switch {
		case i.Right != "erasure":
			o.Outcome, o.Code, o.WaitsFor = decide.Disclose, decide.DiscloseAll, ""
		case x.Mood == "erase" || x.Mood == "some" && n%2 == 0:
			o.Outcome, o.Code, o.WaitsFor = decide.Erase, decide.EraseNotNecessary, ""
		}
		err := s.act(x.Crash, func() error { _, err := s.w.Desk.DecideCase(s.ctx, o); return err })
		if !s.mayRefuse("decide", err, cases.AlreadyAnswered, cases.AlreadyEnded, cases.AlreadyClosed, cases.AlreadyStarted, cases.IdentityNotProven) {
			return false
		}
		q.chosen[item{i.Right, keyOf(i.Activity, i.Category)}] = answer{outcome: string(o.Outcome), code: string(o.Code)}
	}
	p, err = s.w.Desk.PlanCase(s.ctx, kim, q.id, 0)
	if err != nil || p.Undecided == 0 {
		return false
	}
	err = s.act(x.Crash, func() error {
		_, err := s.w.Desk.DecideCase(s.ctx, desk.CaseDecideOrder{CaseStep: cs(q, kim, "as proposed"), AcceptProposed: true})
		return err
	})
	if x.Crash.At != "" && cases.RefusalCode(err) == cases.NothingToDo {
		return true // it was saved
	}
	return s.mayRefuse("decide", err, cases.AlreadyAnswered, cases.AlreadyEnded, cases.AlreadyClosed, cases.AlreadyStarted, cases.IdentityNotProven)
}

// approve has the plan approved: by the one who decided, which is refused, and then
// by somebody else.
func (s *stage) approve(x Step, q *request) bool {
	p, err := s.w.Desk.PlanCase(s.ctx, kim, q.id, 0)
	if err != nil {
		return s.mayRefuse("plan", err, cases.AlreadyClosed) && false
	}
	someone := false
	for _, i := range p.Items {
		someone = someone || i.DecidedBy != nil
	}
	if someone {
		_, err := s.w.Desk.ApproveCase(s.ctx, desk.CaseApproveOrder{CaseStep: cs(q, kim, ""), Digest: p.Digest})
		s.mustRefuse("approval", err, "whoever decided approved")
	}
	order := desk.CaseApproveOrder{CaseStep: cs(q, ada, ""), Digest: p.Digest, Totals: p.Counts}
	err = s.act(x.Crash, func() error { _, err := s.w.Desk.ApproveCase(s.ctx, order); return err })
	if cases.RefusalCode(err) == cases.AlreadyApproved && x.Crash.At == "journal" && !s.m.unconfirmed(q) {
		err = nil // it was saved
	}
	if s.m.waitsForProof(q) && !slices.Contains(q.rights, "objection-marketing") && !slices.Contains(q.rights, "withdraw-consent") {
		s.mustRefuse("approval", err, "it is in doubt who asks")
	}
	if s.m.unconfirmed(q) {
		s.mustRefuse("approval", err, "a name is confirmed by nobody")
	}
	if p.Undecided > 0 {
		s.mustRefuse("approval", err, "something waits for a person")
	}
	if !s.mayRefuse("approve", err, cases.Undecided, cases.JoinsUnconfirmed, cases.IdentityNotProven, cases.AlreadyApproved, cases.AlreadyStarted, cases.AlreadyEnded, cases.AlreadyClosed, cases.AlreadyAnswered, cases.AuthorityNotShown) {
		return false
	}
	// What is approved is what the model asks for, with what people decided of the
	// reviews.
	want := s.m.plan(q)
	for i, a := range want {
		// What a person said stands until something stronger comes: a hold, or the
		// end of the time.
		if c, ok := q.chosen[i]; ok && a.person && (i.right != "erasure" || !s.m.held(i.key)) {
			a.outcome, a.code, a.restricted = c.outcome, c.code, false
		}
		want[i] = a
	}
	for i, a := range want {
		a.blocked = a.outcome == "erase" && s.m.copyOwed()
		want[i] = a
	}
	detach(want)
	q.finals = want
	return true
}

// run carries out what was approved, and compares the tasks with the model's.
func (s *stage) run(x Step, q *request) bool {
	var v *desk.RunView
	err := s.act(x.Crash, func() (err error) {
		v, err = s.w.Desk.RunCase(s.ctx, desk.RunOrder{Caller: kim, Case: q.id})
		return err
	})
	code := cases.RefusalCode(err)
	binds := slices.Contains(q.rights, "objection-marketing") || slices.Contains(q.rights, "withdraw-consent")
	if err == nil && v.Made > 0 && len(q.finals) == 0 && !binds && len(s.m.keys()) > 0 {
		s.Errorf("run: something was carried out that nobody approved")
	}
	first := !q.started && (err == nil || code == cases.NothingToDo && x.Crash.At != "")
	if s.m.unconfirmed(q) && code == cases.JoinsUnconfirmed || s.m.copyOwed() && code == cases.CopiesFirst {
		return false
	}
	if err != nil && code != cases.NothingToDo {
		return s.mayRefuse("run", err, cases.NothingApproved, cases.PlanStale, cases.AlreadyEnded, cases.AlreadyClosed, cases.NothingToDo, cases.AlreadyAnswered, cases.IdentityNotProven, cases.AlreadyStarted, cases.AlreadyComplete)
	}
	s.learn(q)
	if first && len(q.finals) > 0 && !binds {
		q.started = true
		s.compareTasks(q)
		for i, a := range q.finals {
			if i.right == "objection" && a.code == "STOP_OBJECTION" { // upheld: it stands from now on
				s.m.objected[i.key.activity] = true
			}
		}
	}
	return err == nil
}

// learn reads the tasks of a case: whom they tell what, of what.
func (s *stage) learn(q *request) {
	p, err := s.w.Desk.ListTasks(s.ctx, desk.TaskQuery{Caller: kim, Case: q.id, Limit: 1000})
	if err != nil {
		s.Fatalf("tasks: %v", err)
	}
	for _, v := range p.Tasks {
		if s.byID[v.Task] != nil {
			continue
		}
		t, err := s.w.Desk.ShowTask(s.ctx, kim, v.Task)
		if err != nil {
			s.Fatalf("task: %v", err)
		}
		x := &task{of: q, target: v.System, verb: v.Verb, op: t.Of, person: v.State == string(cases.TaskImpossible)}
		for _, part := range t.Parts {
			x.parts = append(x.parts, keyOf(part.Activity, part.Category))
		}
		s.byID[v.Task] = x
	}
}

// compareTasks wants everybody told exactly what they have to be told.
func (s *stage) compareTasks(q *request) {
	want, got := s.m.tasks(q), map[told]map[key]bool{}
	for _, t := range s.byID {
		if t.of != q {
			continue
		}
		to := told{t.target, t.verb, t.op}
		if got[to] == nil {
			got[to] = map[key]bool{}
		}
		for _, k := range t.parts {
			got[to][k] = true
			if !want[to][k] {
				s.Errorf("told too much: %s is to %s %s: %s", t.target, t.verb, t.op, k)
			}
		}
	}
	for to, keys := range want {
		for k := range keys {
			if !got[to][k] && !q.finals[item{"erasure", k}].blocked {
				s.Errorf("told too little: %s is not told to %s %s: %s", to.target, to.verb, to.of, k)
			}
		}
	}
}

// settle ends, by a person's word, what cannot be proven.
func (s *stage) settle(x Step, q *request) bool {
	did := false
	for id, t := range s.byID {
		if t.of != q || t.proven || t.person {
			continue
		}
		v, err := s.w.Desk.ShowTask(s.ctx, kim, id)
		if err != nil {
			s.Fatalf("task: %v", err)
		}
		o := desk.TaskOrder{Caller: kim, Task: id, Reason: events.NewPlaintext("asked by telephone")}
		choice := events.Code(cases.ChooseAccept)
		if v.State == string(cases.TaskManual) || v.State == string(cases.TaskPlanned) || v.State == string(cases.TaskFailed) {
			choice = "disproportionate"
		}
		err = s.act(x.Crash, func() error {
			_, err := s.w.Desk.SettleTask(s.ctx, desk.SettleOrder{TaskOrder: o, Choice: choice})
			return err
		})
		if cases.RefusalCode(err) == cases.TaskEnded && x.Crash.At != "" {
			err = nil
		}
		switch {
		case err == nil:
			t.person, did = true, true
		case cases.RefusalCode(err) == "":
			s.Errorf("settle: %v", err)
		}
	}
	return did
}

// look compares everything that can be seen with the model.
func (s *stage) look() {
	for _, q := range s.m.requests {
		s.lookCase(q)
	}
	s.lookDue()
}

func (s *stage) lookCase(q *request) {
	v, err := s.w.Desk.ShowCase(s.ctx, kim, q.id)
	if err != nil {
		s.Fatalf("show: %v", err)
	}
	s.learn(q)
	if t := s.unproven(q); t != nil && (v.Status == "complete" || v.Status == "closed") {
		s.Errorf("complete with an unproven target: %s %s", t.target, t.verb)
	}
	for _, t := range v.TaskList {
		if m := s.byID[t.Task]; m != nil && (t.State == "verified") != m.proven && !m.person {
			s.Errorf("proof: %s %s is %s (%s), and the model says proven: %v", t.System, t.Verb, t.State, t.Detail, m.proven)
		}
	}
	for _, c := range v.Clocks {
		if c.Answer == nil || q.over || !q.answered.IsZero() || c.Right == "objection-marketing" || c.Right == "withdraw-consent" {
			continue
		}
		want := "" // waits
		if d := s.m.answerBy(q, c.Right); !d.IsZero() {
			want = d.Format("2006-01-02")
		}
		got := ""
		if !c.Answer.Due.IsZero() {
			got = c.Answer.Due.String()
		}
		if got != want {
			s.Errorf("clock: %s is due on %q and the model says %q", c.Right, got, want)
		}
	}
	if q.over || !q.answered.IsZero() || len(s.m.retired) > 0 {
		return
	}
	s.comparePlan(q)
}

// comparePlan wants each item that nobody has decided as the model has it.
func (s *stage) comparePlan(q *request) {
	p, err := s.w.Desk.PlanCase(s.ctx, kim, q.id, 0)
	if err != nil {
		s.Fatalf("plan: %v", err)
	}
	want := s.m.plan(q)
	for _, i := range p.Items {
		k := keyOf(i.Activity, i.Category)
		h := s.m.holdings[k]
		if h == nil {
			s.Errorf("plan: an item about %s, which nobody reported", k)
			continue
		}
		if h.gone {
			if i.Outcome == "erase" && i.DecidedBy == nil { // what a person decided is shown as it was decided
				s.Errorf("plan: %s is gone, and the plan says erase", k)
			}
			continue
		}
		w := want[item{i.Right, k}]
		delete(want, item{i.Right, k})
		if i.DecidedBy != nil {
			continue
		}
		until := ""
		if i.Until != nil {
			until = *i.Until
		}
		wantUntil := ""
		if !w.until.IsZero() {
			wantUntil = w.until.Format("2006-01-02")
		}
		if i.Outcome != w.outcome || w.code != "" && i.Code != w.code || i.NeedsPerson != w.person || i.Outcome == "retain" && until != wantUntil || (len(i.Detached) > 0) != w.detached && p.Undecided == 0 {
			s.Errorf("plan: %s of %s is %s %s until %q, person %v, detached %v; the model says %s %s %q %v %v", i.Right, k, i.Outcome, i.Code, until, i.NeedsPerson, len(i.Detached) > 0, w.outcome, w.code, wantUntil, w.person, w.detached)
		}
	}
	for i := range want {
		s.Errorf("plan: no item for %s of %s", i.right, i.key)
	}
}

// lookDue wants everything whose last day has come in the list of what is due.
func (s *stage) lookDue() {
	got := map[key]string{}
	_, err := s.w.Desk.Due(s.ctx, desk.DueQuery{Caller: kim}, func(i *desk.DueItem) error {
		got[keyOf(i.Activity, i.Category)] = i.Status
		return nil
	})
	if err != nil && !errors.Is(err, desk.ErrGone) {
		s.Fatalf("due: %v", err)
	}
	for _, k := range s.m.keys() {
		status, listed := got[k]
		delete(got, k)
		switch past := s.m.past(k); {
		case past && !listed:
			s.Errorf("due: %s has outlived its last day %s unseen", k, s.m.due(k).Format("2006-01-02"))
		case listed && !past && status != "on_hold":
			s.Errorf("due: %s is listed as %s, and its last day is %v", k, status, s.m.due(k))
		case past && s.m.held(k) != (status == "on_hold"):
			s.Errorf("due: %s is listed as %s, and a hold keeps it: %v", k, status, s.m.held(k))
		}
	}
	for k, status := range got {
		s.Errorf("due: %s is listed as %s, and is not held", k, status)
	}
}
