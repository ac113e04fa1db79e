package lives

import (
	"errors"
	"slices"
	"sort"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/desk"
)

// work lets a target take one task and behave in its way.
func (s *stage) work(x Step) bool {
	var open []desk.TaskView
	for _, q := range s.m.requests {
		s.learn(q)
		p, err := s.w.Desk.ListTasks(s.ctx, desk.TaskQuery{Caller: kim, Case: q.id, Limit: 1000})
		if err != nil {
			s.Fatalf("tasks: %v", err)
		}
		for _, t := range p.Tasks {
			if !t.Ended {
				open = append(open, t)
			}
		}
	}
	if len(open) == 0 {
		return false
	}
	sort.Slice(open, func(i, j int) bool {
		a, b := open[i], open[j]
		return a.System+a.Verb+s.byID[a.Task].op < b.System+b.Verb+s.byID[b.Task].op
	})
	v := open[x.N%len(open)]
	t := s.byID[v.Task]
	if v.State == string(cases.TaskManual) && !s.w.Speaks[events.Code(v.System)] {
		return s.byHand(v, t)
	}
	work := s.claim(x, v, t)
	if work == nil {
		return false
	}
	s.checkWork(work, t)
	if work.Verb == "verify" {
		s.lookAgain(x, work, t)
		return true
	}
	s.perform(x, work, t)
	return true
}

func asSystem(id string) access.Caller {
	return access.Caller{Token: "t" + events.Code(id), Name: events.Code(id), Roles: []access.Role{access.SystemRole(events.Code(id))}}
}

func (s *stage) byHand(v desk.TaskView, t *task) bool {
	o := desk.HandReport{TaskOrder: desk.TaskOrder{Caller: kim, Task: v.Task, Reason: events.NewPlaintext("")}, Report: events.WorkReport{Outcome: events.WorkDone, Text: events.NewPlaintext("a letter")}}
	r, err := s.w.Desk.ReportByHand(s.ctx, o)
	if err != nil {
		s.Errorf("by hand: %v", err)
		return false
	}
	t.proven = r.State == string(cases.TaskVerified) && t.verb == "notify"
	return true
}

// claim takes a task; nil if it may not be taken now.
func (s *stage) claim(x Step, v desk.TaskView, t *task) *events.Work {
	id, err := events.ParseEventID(v.Task)
	if err != nil {
		s.Fatal(err)
	}
	var work *events.Work
	take := func() (err error) {
		work, err = s.w.Desk.ClaimTask(s.ctx, asSystem(v.System), events.Code(v.System), id, 0)
		return err
	}
	err = s.act(x.Crash, take)
	if cases.RefusalCode(err) == cases.TaskLeased { // of a claim that a crash cut off, or of one who never came back
		s.w.Now = s.w.Now.Add(11 * time.Minute)
		err = take()
	}
	for range 3 {
		if cases.RefusalCode(err) != cases.TaskNotYet || s.w.Now.Hour() > 16 {
			break
		}
		s.w.Now = s.w.Now.Add(time.Hour)
		err = take()
	}
	switch code := cases.RefusalCode(err); {
	case err == nil:
		return work
	case code == cases.TaskNotYet || code == cases.TaskEnded:
	case code == cases.TaskNotClaimable:
		if v.State == string(cases.TaskPlanned) && !v.Person && !t.of.over && !s.keptBack(t) {
			s.Errorf("claim: %s may not take %s, and nothing keeps it: %v", v.System, t.verb, err)
		}
	case errors.Is(err, desk.ErrGone):
	default:
		s.Errorf("claim: %v", err)
	}
	return nil
}

// keptBack reports whether something of a task may not be destroyed now.
func (s *stage) keptBack(t *task) bool {
	return slices.ContainsFunc(t.parts, func(k key) bool {
		return s.m.shares(t.of, k) || s.m.held(k) || s.m.copyOwed() || s.m.mayGo(t.of, k, t.target) != ""
	})
}

// checkWork: nothing is handed out for destruction while a purpose, a hold or a
// request for a copy needs it (I10), and nobody learns more than their own names.
func (s *stage) checkWork(work *events.Work, t *task) {
	for _, p := range work.Scope {
		k := keyOf(p.Activity, p.Category)
		if !slices.Contains(t.parts, k) {
			s.Errorf("work: %s is given %s, which is not of its task", work.System, k)
		}
		if work.Verb != "erase" && work.Verb != "anonymise" {
			continue
		}
		if why := s.m.mayGo(t.of, k, work.System); why != "" {
			s.Errorf("erased too early: %s is told to erase %s, and %s", work.System, k, why)
		}
	}
	for _, i := range work.Subject {
		if work.System == "shop" && i.Value == "F-12" || work.System == "office" && i.Value == "C-77" {
			s.Errorf("work: %s is told the name of another system", work.System)
		}
	}
	if t.of.over && t.of.answered.IsZero() {
		s.Errorf("work: %s is told to %s for a case that was withdrawn", work.System, work.Verb)
	}
}

func (s *stage) reports(x Step, work *events.Work, r events.WorkReport) *events.WorkReported {
	r.Attempt = work.Attempt
	var got *events.WorkReported
	err := s.act(x.Crash, func() (err error) {
		got, err = s.w.Desk.ReportTask(s.ctx, asSystem(work.System), events.Code(work.System), work.Task, &r)
		return err
	})
	if err != nil {
		s.Fatalf("report %s of %s to %s: %v", r.Outcome, work.System, work.Verb, err)
	}
	return got
}

// perform does a task, or says so.
func (s *stage) perform(x Step, work *events.Work, t *task) {
	do := func(n int) (left []string) {
		for i, p := range work.Scope {
			if i >= n {
				left = append(left, p.Holding)
				continue
			}
			if work.Verb == "erase" {
				delete(s.there[work.System], keyOf(p.Activity, p.Category))
			}
		}
		return left
	}
	r := events.WorkReport{Outcome: events.WorkDone}
	if work.Verb == "export" {
		if x.Mood == "never" {
			return
		}
		// Copies are the business of another test: nothing was found to copy.
		s.reports(x, work, events.WorkReport{Outcome: events.WorkNotFound})
		t.proven = s.state(work.Task) == string(cases.TaskVerified)
		return
	}
	switch x.Mood {
	case "done", "twice", "out of order":
		do(len(work.Scope))
	case "slow":
		r.Outcome = events.WorkAccepted
	case "failing":
		r.Outcome = events.WorkFailed
	case "partly":
		r.Outcome, r.Left = events.WorkPartly, do(len(work.Scope)-1)
	case "refusing":
		r.Outcome, r.Ground = events.WorkRefused, "law"
	case "keeping":
		r.Outcome, r.Ground = events.WorkKept, "law"
	case "never":
		return
	}
	if x.Mood == "out of order" && work.Attempt > 1 {
		late := r
		late.Attempt = work.Attempt - 1
		if got, err := s.w.Desk.ReportTask(s.ctx, asSystem(work.System), events.Code(work.System), work.Task, &late); err == nil && !got.Known && got.State == "verified" && work.Verb != "notify" {
			s.Errorf("proof: a late report of attempt %d proves %s", late.Attempt, work.Verb)
		}
	}
	if work.Verb == "notify" && (r.Outcome == events.WorkKept || r.Outcome == events.WorkPartly) {
		r.Outcome = events.WorkFailed // a notice keeps nothing and leaves nothing
	}
	got := s.reports(x, work, r)
	if work.Verb == "notify" {
		t.proven = r.Outcome == events.WorkDone
	}
	if got.State == "verified" && !t.proven {
		s.Errorf("proof: %s of %s is verified by its word alone", work.Verb, work.System)
	}
	if x.Mood == "twice" {
		if again := s.reports(Step{}, work, r); !again.Known {
			s.Errorf("report: the same report twice changes something: %+v", again)
		}
	}
}

func (s *stage) state(id string) string {
	v, err := s.w.Desk.ShowTask(s.ctx, kim, id)
	if err != nil {
		s.Fatalf("task: %v", err)
	}
	return v.State
}

// lookAgain looks, and says the truth.
func (s *stage) lookAgain(x Step, work *events.Work, t *task) {
	if x.Mood == "never" {
		return
	}
	r := events.WorkReport{Outcome: events.WorkFoundNothing}
	if t.verb == "erase" {
		for _, k := range t.parts {
			if s.there[work.System][k] {
				r.Outcome = events.WorkStillThere
			}
		}
	}
	t.proven = r.Outcome == events.WorkFoundNothing
	s.reports(x, work, r)
}
