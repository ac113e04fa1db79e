package cases_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
)

var noon = events.InstantOf(time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC))

func hours(n int) events.Instant { return events.Instant(n) * 3600 * 1e6 }

// A deed is a task that is lived step by step.
type deed struct {
	t     *testing.T
	b     cases.TaskBody
	task  cases.Task
	now   events.Instant
	p     cases.Policy
	facts []cases.TaskFact
}

func task(t *testing.T, verb cases.Verb, look bool) *deed {
	b := cases.TaskBody{System: "crm", Verb: verb, ActBefore: day("2026-03-20"), Look: look}
	d := &deed{t: t, b: b, now: noon, p: cases.DefaultPolicy}
	d.set(b.Plan(theCase, events.EventID{7}))
	return d
}

func (d *deed) set(n cases.Task) {
	d.t.Helper()
	d.facts = append(d.facts, cases.TaskFact{Task: n})
	if f, err := cases.FoldTask(d.facts); err != nil || f != n {
		d.t.Fatalf("folded: %v\n%+v, want\n%+v", err, f, n)
	}
	d.task = n
}

func (d *deed) take(want cases.Verb) *deed {
	d.t.Helper()
	d.now = max(d.now, d.task.NotBefore)
	n, c, err := d.task.Take(d.b.Look, 0, d.now, &d.p)
	if err != nil || c.Verb != want {
		d.t.Fatalf("take: %+v, %v; want %s", c, err, want)
	}
	d.set(n)
	return d
}

func (d *deed) says(outcome events.Code, change ...func(*cases.Report)) *deed {
	d.t.Helper()
	r := cases.Report{Attempt: d.task.Attempts, Outcome: outcome, Ground: "money_laundering_act"}
	for _, f := range change {
		f(&r)
	}
	n, changed, err := d.task.Next(&d.b, &r, d.now, &d.p)
	if err != nil {
		d.t.Fatalf("report %s: %v", outcome, err)
	}
	if changed {
		d.set(n)
	}
	return d
}

func (d *deed) tick() *deed {
	d.t.Helper()
	n, changed := d.task.Tick(&d.b, d.now, &d.p)
	if !changed {
		d.t.Fatalf("nothing to do at %s for %+v", d.now, d.task)
	}
	d.set(n)
	return d
}

func (d *deed) settle(choice events.Code) *deed {
	d.t.Helper()
	n, changed, err := d.task.Settle(choice, d.now, &d.p)
	if err != nil || !changed {
		d.t.Fatalf("settle %s: %v, %v", choice, changed, err)
	}
	d.set(n)
	return d
}

func (d *deed) is(s cases.TaskState, detail events.Code) *deed {
	d.t.Helper()
	if d.task.State != s || d.task.Detail != detail {
		d.t.Fatalf("%s/%s, want %s/%s", d.task.State, d.task.Detail, s, detail)
	}
	if d.task.Erased() && s != cases.TaskVerified {
		d.t.Fatal("erased is said of verified alone")
	}
	return d
}

func (d *deed) refused(code events.Code) *deed {
	d.t.Helper()
	if _, _, err := d.task.Take(d.b.Look, 0, d.now, &d.p); cases.RefusalCode(err) != code {
		d.t.Fatalf("take: %v, want %s", err, code)
	}
	return d
}

func attempt(n uint32) func(*cases.Report) { return func(r *cases.Report) { r.Attempt = n } }

// TestErasedIsLookedAt: a claim to have done it is accepted; only a later look, taken
// for itself, proves it (I8).
func TestErasedIsLookedAt(t *testing.T) {
	d := task(t, cases.VerbErase, true).take(cases.VerbErase).refused(cases.TaskLeased).says(events.WorkDone).is(cases.TaskAccepted, cases.DetailAwaitingLook)
	d.says(cases.OutcomeFoundNothing).is(cases.TaskAccepted, cases.DetailAwaitingLook) // at once, by whoever acted: no later look
	d.says(events.WorkDone).is(cases.TaskAccepted, cases.DetailAwaitingLook)           // twice
	d.take(cases.VerbVerify).is(cases.TaskSent, cases.DetailLooking).says(cases.OutcomeFoundNothing).is(cases.TaskVerified, cases.DetailFoundNothing)
	if !d.task.Erased() {
		t.Error("it is erased")
	}
	d.refused(cases.TaskEnded).says(events.WorkFailed).is(cases.TaskVerified, cases.DetailFoundNothing)

	d = task(t, cases.VerbErase, true)
	d.p.LookAfter = time.Hour
	d.take(cases.VerbErase).says(events.WorkDone).refused(cases.TaskNotYet)
	d.now += hours(1)
	d.take(cases.VerbVerify)
}

// TestClaimedAfterAll: that nobody claimed for a target when the task was made is no
// bar to whoever claims for it later, and whoever came can look as well.
func TestClaimedAfterAll(t *testing.T) {
	b := cases.TaskBody{System: "crm", Verb: cases.VerbErase, Hand: true, Born: cases.TaskManual}
	later := b
	later.Born, later.Hand = "", false
	if string(b.Key(theCase)) != string(later.Key(theCase)) {
		t.Error("a token that was made between a crash and the next run makes a second task")
	}
	born := b.Plan(theCase, events.EventID{7})
	b.Judge(cases.Ability{Connected: true, Look: true})
	d := &deed{t: t, b: b, now: noon, p: cases.DefaultPolicy}
	d.set(born)
	if !d.task.WaitsForPerson() {
		t.Error("until somebody claims it, a person does it")
	}
	d.take(cases.VerbErase).is(cases.TaskSent, "").says(events.WorkDone).is(cases.TaskAccepted, cases.DetailAwaitingLook)
	d.take(cases.VerbVerify).says(cases.OutcomeFoundNothing).is(cases.TaskVerified, cases.DetailFoundNothing)
	notice := cases.TaskBody{Verb: cases.VerbNotify}
	if notice.Judge(cases.Ability{Connected: true, Look: true}); notice.Look {
		t.Error("a notice cannot be looked at")
	}
}

// TestAbandoned: what no case asks for is no open work and counts for nothing, until
// a case asks for it after all.
func TestAbandoned(t *testing.T) {
	d := task(t, cases.VerbErase, true)
	n, ok := d.task.Abandon()
	if !ok || !n.Ended() || n.Proven() || n.Erased() || n.WaitsForPerson() {
		t.Fatalf("%+v, %v", n, ok)
	}
	d.set(n)
	d.refused(cases.TaskEnded)
	if p := cases.Complete([]cases.Task{n}); !p.Done || p.Total != 0 || len(p.States) != 0 {
		t.Errorf("it counts: %+v", p)
	}
	if _, _, err := n.Settle(cases.ChooseImpossible, noon, &d.p); cases.RefusalCode(err) != cases.NotSettleable {
		t.Errorf("settled: %v", err)
	}
	if n, ok = n.Revive(&d.b); !ok || n.State != cases.TaskPlanned || n.Version != 3 {
		t.Errorf("revived: %+v, %v", n, ok)
	}
	d.set(n)
	d.take(cases.VerbErase)
	if _, ok := d.task.Abandon(); ok {
		t.Error("somebody has it")
	}
}

// TestLie: said to be done, and the look found it.
func TestLie(t *testing.T) {
	d := task(t, cases.VerbErase, true).take(cases.VerbErase).says(events.WorkDone).take(cases.VerbVerify).says(cases.OutcomeStillThere).is(cases.TaskFailed, cases.DetailStillThere)
	d.says(events.WorkDone, attempt(1)).is(cases.TaskFailed, cases.DetailStillThere).refused(cases.TaskNotClaimable)
	d.settle(cases.ChooseChase).is(cases.TaskPlanned, cases.DetailAgain).says(events.WorkDone, attempt(1)).is(cases.TaskPlanned, cases.DetailAgain)
	d.take(cases.VerbErase).says(events.WorkDone, attempt(1)).is(cases.TaskSent, cases.DetailAgain).says(events.WorkDone).is(cases.TaskAccepted, cases.DetailAwaitingLook)
}

// TestNobodyCanLook: it ends unverifiable, and a person takes that as the end.
func TestNobodyCanLook(t *testing.T) {
	d := task(t, cases.VerbErase, false).take(cases.VerbErase).says(events.WorkNotFound).is(cases.TaskUnverifiable, "")
	if d.task.Ended() || !d.task.WaitsForPerson() {
		t.Error("it waits for a person")
	}
	d.says(events.WorkFailed).is(cases.TaskUnverifiable, "").settle(cases.ChooseAccept).is(cases.TaskUnverifiable, cases.DetailSettled)
	if !d.task.Ended() || d.task.Erased() {
		t.Error("it has ended, and is not erased")
	}
	if _, changed, err := d.task.Settle(cases.ChooseAccept, d.now, &d.p); changed || err != nil {
		t.Error("settled twice", changed, err)
	}
}

// TestProofsOfOthers: a notice is proven by its acknowledgement (Article 19), a copy
// by being here.
func TestProofsOfOthers(t *testing.T) {
	task(t, cases.VerbNotify, false).take(cases.VerbNotify).says(events.WorkDone).is(cases.TaskVerified, cases.DetailAcknowledged)
	task(t, cases.VerbExport, false).take(cases.VerbExport).says(events.WorkDone, func(r *cases.Report) { r.Copies = []string{"a.json"} }).is(cases.TaskVerified, cases.DetailReceived)
	task(t, cases.VerbExport, false).take(cases.VerbExport).says(events.WorkNotFound).is(cases.TaskVerified, cases.DetailFoundNothing)
	d := task(t, cases.VerbExport, false).take(cases.VerbExport)
	if _, _, err := d.task.Next(&d.b, &cases.Report{Attempt: 1, Outcome: events.WorkDone}, d.now, &d.p); cases.RefusalCode(err) != cases.ReportDoesNotFit {
		t.Error("a copy that nobody sent:", err)
	}
}

// TestRetries: attempts keep a growing distance, and end as a dead letter that is
// seen and not hidden.
func TestRetries(t *testing.T) {
	d := task(t, cases.VerbErase, true)
	last := time.Duration(0)
	for range int(d.p.MaxAttempts) - 1 {
		d.take(cases.VerbErase).says(events.WorkFailed).is(cases.TaskPlanned, cases.DetailRetry)
		wait := d.p.Wait(&d.task, 0)
		if d.task.NotBefore != d.now+events.Instant(wait.Microseconds()) || wait < last/2 {
			t.Fatalf("waits %s after %s", wait, last)
		}
		if last = wait; last > d.p.MaxBackoff*3/2 {
			t.Fatalf("waits %s", last)
		}
		d.refused(cases.TaskNotYet)
	}
	d.take(cases.VerbErase).says(events.WorkFailed).is(cases.TaskFailed, cases.DetailDeadLetter)
	if p := cases.Complete([]cases.Task{d.task}); p.Done || p.Person != 1 || len(p.Missing) != 1 {
		t.Errorf("a dead letter is not the end: %+v", p)
	}
	d.settle(cases.ChooseDisproportionate).is(cases.TaskOutOfScale, cases.DetailSettled)

	a, b := task(t, cases.VerbErase, true), task(t, cases.VerbErase, true)
	b.task.ID = events.EventID{8}
	again := task(t, cases.VerbErase, true)
	if a.p.Wait(&a.task, 0) == b.p.Wait(&b.task, 0) || a.p.Wait(&a.task, 0) != again.p.Wait(&again.task, 0) {
		t.Error("the wait is decided by the id of the task, and differs between tasks")
	}
	if a.p.Wait(&a.task, time.Hour) != time.Hour {
		t.Error("whoever reports may ask for longer")
	}
}

// TestLeases: a claim that runs out is another attempt, and what its holder reports
// afterwards counts all the same.
func TestLeases(t *testing.T) {
	d := task(t, cases.VerbErase, true).take(cases.VerbErase)
	if _, ok := d.task.Tick(&d.b, d.now, &d.p); ok {
		t.Fatal("the lease has not run out")
	}
	d.now = d.task.Lease
	d.refused(cases.TaskLeased).tick().is(cases.TaskPlanned, cases.DetailLeaseExpired)
	d.take(cases.VerbErase).says(events.WorkFailed, attempt(1)).is(cases.TaskSent, "")
	d.says(events.WorkDone, attempt(1)).is(cases.TaskAccepted, cases.DetailAwaitingLook).says(events.WorkFailed, attempt(2)).is(cases.TaskAccepted, cases.DetailAwaitingLook)
	d.take(cases.VerbVerify)
	d.now = d.task.Lease
	d.tick().is(cases.TaskAccepted, cases.DetailAwaitingLook)
	d.says(cases.OutcomeFoundNothing).is(cases.TaskAccepted, cases.DetailAwaitingLook) // too late: another look follows
	d.take(cases.VerbVerify).says(events.WorkFailed).is(cases.TaskAccepted, cases.DetailAwaitingLook)
	d.take(cases.VerbVerify).says(events.WorkNotFound).is(cases.TaskVerified, cases.DetailFoundNothing)

	d = task(t, cases.VerbErase, true).take(cases.VerbErase).says(events.WorkDone).take(cases.VerbVerify)
	d.now = d.task.Lease
	d.tick().take(cases.VerbVerify).says(cases.OutcomeFoundNothing, attempt(2)).is(cases.TaskSent, cases.DetailLooking) // somebody else looks by now
	r := cases.Report{Attempt: 3, Outcome: events.WorkNotFound}
	if _, _, err := d.task.Next(&d.b, &r, d.now, &d.p); err != nil || !r.Look {
		t.Error("the receipt has to say that it is of a look", err)
	}

	d = task(t, cases.VerbErase, true)
	for range d.p.MaxAttempts {
		d.take(cases.VerbErase)
		d.now = d.task.Lease
		d.tick()
	}
	d.is(cases.TaskFailed, cases.DetailDeadLetter)
}

// TestLongTail: taken, done months later; asking is no accusation.
func TestLongTail(t *testing.T) {
	d := task(t, cases.VerbErase, true).take(cases.VerbErase).says(events.WorkAccepted).is(cases.TaskAccepted, cases.DetailLongTail)
	for range 10 { // more often than it may be attempted
		d.take(cases.VerbVerify).is(cases.TaskSent, cases.DetailAsking).says(cases.OutcomeStillThere).is(cases.TaskAccepted, cases.DetailLongTail)
	}
	d.take(cases.VerbVerify).says(cases.OutcomeFoundNothing).is(cases.TaskVerified, cases.DetailFoundNothing)

	// The end is news also while somebody else asks how far it is.
	d = task(t, cases.VerbErase, true).take(cases.VerbErase).says(events.WorkAccepted).take(cases.VerbVerify).says(events.WorkDone, attempt(1)).is(cases.TaskAccepted, cases.DetailAwaitingLook)
	d.says(cases.OutcomeStillThere, attempt(2)).is(cases.TaskAccepted, cases.DetailAwaitingLook)

	d = task(t, cases.VerbErase, true).take(cases.VerbErase).says(events.WorkAccepted).says(events.WorkAccepted)
	d.says(events.WorkDone).is(cases.TaskAccepted, cases.DetailAwaitingLook).take(cases.VerbVerify).says(cases.OutcomeStillThere).is(cases.TaskFailed, cases.DetailStillThere)
}

// TestChased: what is overdue is asked for again, and at the end of a long tail a
// person chooses.
func TestChased(t *testing.T) {
	d := task(t, cases.VerbErase, false).take(cases.VerbErase).says(events.WorkAccepted).refused(cases.TaskNotYet)
	if _, ok := d.task.Tick(&d.b, d.now, &d.p); ok {
		t.Fatal("it is not overdue")
	}
	d.now = events.InstantOf(day("2026-03-20").Time())
	d.tick().is(cases.TaskAccepted, cases.DetailChased)
	if d.task.ActBefore != day("2026-03-27") {
		t.Errorf("chased again on %s", d.task.ActBefore)
	}
	d.take(cases.VerbErase).says(events.WorkAccepted).is(cases.TaskAccepted, cases.DetailLongTail)
	d.now = events.InstantOf(day("2026-05-19").Time())
	d.tick().is(cases.TaskAccepted, cases.DetailChoose).refused(cases.TaskNotClaimable)
	if !d.task.WaitsForPerson() {
		t.Error("a person chooses")
	}
	if _, ok := d.task.Tick(&d.b, d.now+hours(24*365), &d.p); ok {
		t.Error("nothing more is sent until a person chooses")
	}
	late := *d
	late.says(events.WorkDone).is(cases.TaskUnverifiable, "") // a late answer ends it all the same
	d.settle(cases.ChooseChase).is(cases.TaskPlanned, cases.DetailAgain)
	if d.task.ActBefore != day("2026-05-26") {
		t.Errorf("sent out again, to be done before %s", d.task.ActBefore)
	}
	d.take(cases.VerbErase)

	// Whoever asks for months is asked again once it is overdue.
	d = task(t, cases.VerbErase, false).take(cases.VerbErase).says(events.WorkAccepted, func(r *cases.Report) { r.Retry = 2000 * time.Hour })
	d.now = events.InstantOf(day("2026-03-20").Time())
	d.refused(cases.TaskNotYet).tick().take(cases.VerbErase)
	if d.now != events.InstantOf(day("2026-03-20").Time()) {
		t.Error("it could not be taken at once")
	}

	d = task(t, cases.VerbErase, true) // never taken
	d.now = events.InstantOf(day("2026-03-20").Time())
	d.tick().is(cases.TaskPlanned, cases.DetailOverdue).take(cases.VerbErase)
}

// TestOtherEnds: kept by a law, refused, partly, impossible, by hand.
func TestOtherEnds(t *testing.T) {
	d := task(t, cases.VerbErase, true).take(cases.VerbErase)
	for outcome, code := range map[events.Code]events.Code{events.WorkKept: cases.ReportNeedsGround, "gone": cases.ReportUnknown} {
		if _, _, err := d.task.Next(&d.b, &cases.Report{Attempt: 1, Outcome: outcome}, d.now, &d.p); cases.RefusalCode(err) != code {
			t.Errorf("%s: %v", outcome, err)
		}
	}
	if _, _, err := d.task.Next(&d.b, &cases.Report{Attempt: 2, Outcome: events.WorkDone}, d.now, &d.p); cases.RefusalCode(err) != cases.ReportOfFuture {
		t.Error("nobody claimed that attempt:", err)
	}
	d.says(events.WorkKept).is(cases.TaskKept, "money_laundering_act").settle(cases.ChooseAccept).is(cases.TaskKept, cases.DetailSettled)
	d = task(t, cases.VerbErase, true).take(cases.VerbErase).says(events.WorkRefused, func(r *cases.Report) { r.Detail = cases.DetailSettled }).is(cases.TaskRefused, "")
	if d.task.Ended() {
		t.Error("a report cannot say that a person settled it")
	}
	d.says(events.WorkDone).is(cases.TaskAccepted, cases.DetailAwaitingLook)

	d = task(t, cases.VerbErase, true)
	for range d.p.MaxAttempts - 1 {
		d.take(cases.VerbErase).says(events.WorkPartly).is(cases.TaskPartly, cases.DetailRetry)
	}
	d.take(cases.VerbErase).says(events.WorkPartly).is(cases.TaskPartly, cases.DetailDeadLetter).refused(cases.TaskNotClaimable)

	task(t, cases.VerbErase, true).take(cases.VerbErase).says(cases.OutcomeImpossible).is(cases.TaskImpossible, "").settle(cases.ChooseAccept).is(cases.TaskImpossible, cases.DetailSettled)
	task(t, cases.VerbErase, true).take(cases.VerbErase).says(events.WorkFailed, func(r *cases.Report) { r.Final = true }).is(cases.TaskFailed, cases.DetailDeadLetter)

	byHand := func(r *cases.Report) { r.Hand, r.Attempt = true, 0 }
	d = task(t, cases.VerbErase, true).take(cases.VerbErase).says(cases.OutcomeManual).is(cases.TaskManual, cases.DetailByHand).refused(cases.TaskNotClaimable)
	d.says(events.WorkDone, byHand).is(cases.TaskAccepted, cases.DetailAwaitingLook)
	d.says(cases.OutcomeFoundNothing, byHand, func(r *cases.Report) { r.Look = true }).is(cases.TaskVerified, cases.DetailFoundNothing)

	// The plan's approval is a person's word for what is known to be impossible.
	b := cases.TaskBody{System: "press", Verb: cases.VerbTakeDown, Born: cases.TaskImpossible}
	born := b.Plan(theCase, events.EventID{1})
	if p := cases.Complete([]cases.Task{born}); !p.Done || born.Erased() {
		t.Errorf("born impossible: %+v", p)
	}
}

// TestOneBrokenTarget never keeps another from its proof, nor lets the case call
// itself complete.
func TestOneBrokenTarget(t *testing.T) {
	good := task(t, cases.VerbErase, true).take(cases.VerbErase).says(events.WorkDone).take(cases.VerbVerify).says(cases.OutcomeFoundNothing)
	bad := task(t, cases.VerbErase, true).take(cases.VerbErase)
	p := cases.Complete([]cases.Task{good.task, bad.task})
	if p.Done || p.Total != 2 || p.States[cases.TaskVerified] != 1 || len(p.Missing) != 1 || p.Missing[0].State != cases.TaskSent {
		t.Errorf("%+v", p)
	}
	if !cases.Complete(nil).Done {
		t.Error("a plan without targets is done")
	}
}

// TestFoldTaskRefuses facts that no task can have.
func TestFoldTaskRefuses(t *testing.T) {
	d := task(t, cases.VerbErase, true).take(cases.VerbErase).says(events.WorkDone).take(cases.VerbVerify).says(cases.OutcomeFoundNothing)
	for name, change := range map[string]func(l []cases.TaskFact) []cases.TaskFact{
		"none":        func([]cases.TaskFact) []cases.TaskFact { return nil },
		"a gap":       func(l []cases.TaskFact) []cases.TaskFact { return append(l[:1], l[2:]...) },
		"another":     func(l []cases.TaskFact) []cases.TaskFact { l[1].Task.ID = events.EventID{99}; return l },
		"no state":    func(l []cases.TaskFact) []cases.TaskFact { l[1].Task.State = "vanished"; return l },
		"after proof": func(l []cases.TaskFact) []cases.TaskFact { return append(l, next(l[len(l)-1], cases.TaskPlanned)) },
	} {
		if _, err := cases.FoldTask(change(append([]cases.TaskFact{}, d.facts...))); err == nil {
			t.Errorf("%s: folded", name)
		}
	}
}

func next(f cases.TaskFact, s cases.TaskState) cases.TaskFact {
	f.Task.Version++
	f.Task.State = s
	return f
}

func Example() {
	b := cases.TaskBody{System: "crm", Verb: cases.VerbErase, Look: true}
	t := b.Plan(theCase, events.EventID{7})
	p := cases.DefaultPolicy
	t, c, _ := t.Take(b.Look, 0, noon, &p)
	fmt.Println(c.Verb, t.State)
	t, _, _ = t.Next(&b, &cases.Report{Attempt: 1, Outcome: events.WorkDone}, noon, &p)
	fmt.Println(t.State, t.Detail)
	t, c, _ = t.Take(b.Look, 0, t.NotBefore, &p)
	fmt.Println(c.Verb, t.State)
	t, _, _ = t.Next(&b, &cases.Report{Attempt: 2, Outcome: cases.OutcomeFoundNothing}, t.Lease-1, &p)
	fmt.Println(t.State, t.Erased())
	// Output:
	// erase sent
	// accepted awaiting_look
	// verify sent
	// verified true
}
