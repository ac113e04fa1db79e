package cases

import (
	"encoding/binary"
	"hash/fnv"
	"slices"
	"time"

	"github.com/habeas-data/habeas/events"
)

// A Policy is how patient tasks are.
type Policy struct {
	Lease       time.Duration // how long a claim lasts, where whoever claims does not say
	MaxLease    time.Duration
	MaxAttempts uint32        // then the task is a dead letter; asking and looking are none
	Backoff     time.Duration // after the first attempt; doubled by each further one
	MaxBackoff  time.Duration
	LookAfter   time.Duration // between what was done and the look again, which is a claim of its own; zero: it may be taken at once
	AskEvery    time.Duration // between two questions along a long tail
	ChaseEvery  int           // days between two reminders once it is overdue
	TailDays    int           // days overdue after which a person chooses
}

// DefaultPolicy is the one nobody has changed.
var DefaultPolicy = Policy{Lease: 10 * time.Minute, MaxLease: 24 * time.Hour, MaxAttempts: 8, Backoff: time.Minute, MaxBackoff: 6 * time.Hour,
	AskEvery: 24 * time.Hour, ChaseEvery: 7, TailDays: 60}

const maxRetry = 90 * 24 * time.Hour

// Further outcomes of a report, beside those of events.WorkOutcomes.
const (
	OutcomeFoundNothing events.Code = "found_nothing" // the look again: as it was asked
	OutcomeStillThere   events.Code = "still_there"   // the look again: not as it was asked
	OutcomeImpossible   events.Code = "impossible"
	OutcomeManual       events.Code = "manual" // no machine can do it there
)

// Outcomes lists what a report may say.
func Outcomes() []events.Code {
	return append(events.WorkOutcomes(), OutcomeFoundNothing, OutcomeStillThere, OutcomeImpossible, OutcomeManual)
}

// What a person may choose about a task that has not been proven.
const (
	ChooseChase            events.Code = "chase"  // send it out again
	ChooseAccept           events.Code = "accept" // the state stands as it is
	ChooseImpossible       events.Code = "impossible"
	ChooseDisproportionate events.Code = "disproportionate" // Article 19
)

// Choices lists them.
func Choices() []events.Code {
	return []events.Code{ChooseChase, ChooseAccept, ChooseImpossible, ChooseDisproportionate}
}

// Plan is the first fact of a task.
func (b *TaskBody) Plan(of, id events.EventID) Task {
	t := Task{Case: of, ID: id, Version: 1, State: TaskPlanned, System: b.System, Verb: b.Verb, Recipient: b.Recipient, ActBefore: b.ActBefore}
	if b.Born != "" {
		t.State, t.Detail = b.Born, DetailBorn
	}
	return t
}

// next is the task one fact later.
func (t Task) next(s TaskState, d events.Code) Task {
	t.Version++
	t.State, t.Detail, t.Lease, t.NotBefore = s, d, 0, 0
	if s == TaskSent {
		t.Attempts++
	}
	return t
}

// Ended reports whether nothing more is expected of the target: it is proven, a
// person took its state as the end, or no case asks for it.
func (t *Task) Ended() bool { return t.Proven() || t.settled() || t.Abandoned() }

// Abandoned reports whether it was made for a plan that was never carried out: a
// crash or another decision came before its case asked for it. Nobody was told of
// it.
func (t *Task) Abandoned() bool { return t.Detail == DetailAbandoned }

// Abandon ends a task that its case does not ask for, and Revive gives it back to a
// case that asks for it after all. Both give false where there is nothing to do.
func (t Task) Abandon() (Task, bool) {
	if t.Ended() || t.State == TaskSent || t.Attempts > 0 {
		return t, false
	}
	return t.next(t.State, DetailAbandoned), true
}

// Revive undoes Abandon.
func (t Task) Revive(b *TaskBody) (Task, bool) {
	if !t.Abandoned() {
		return t, false
	}
	n := b.Plan(t.Case, t.ID)
	n.Version = t.Version + 1
	return n, true
}

// Proven reports whether a later look found it as it was asked (I8), a notice was
// acknowledged, or a copy is here.
func (t *Task) Proven() bool { return t.State == TaskVerified }

// settled reports whether it ended in a named state that a person accepted.
func (t *Task) settled() bool {
	if t.Detail != DetailSettled && (t.Detail != DetailBorn || t.State != TaskImpossible) {
		return false
	}
	r, _ := stateRow(t.State)
	return r.Settles
}

// WaitsForPerson reports whether nothing happens to it unless a person acts.
func (t *Task) WaitsForPerson() bool {
	r, _ := stateRow(t.State)
	retried := t.State == TaskPartly && t.Detail == DetailRetry
	return !t.Ended() && (r.Settles && !retried || t.State == TaskManual || t.Detail == DetailChoose)
}

// maySettle reports whether a person may choose so.
func (t *Task) maySettle(choice events.Code) bool {
	r, ok := stateRow(t.State)
	switch {
	case !ok || t.Proven() || t.Abandoned() || t.State == TaskSent:
		return false
	case choice == ChooseAccept:
		return r.Settles
	}
	return slices.Contains(Choices(), choice)
}

// A Claim is what a task is given out for.
type Claim struct {
	Verb Verb // of the task, or verify
	Of   Verb // what a look looks for
}

// Claimable says for what a task may be taken at a moment: to act, to look again,
// or to ask how far a long tail is. The refusal is TaskNotYet, TaskLeased,
// TaskEnded or TaskNotClaimable.
func (t *Task) Claimable(look bool, now events.Instant) (Claim, error) {
	act, see := Claim{Verb: t.Verb}, Claim{Verb: VerbVerify, Of: t.Verb}
	switch {
	case t.Ended():
		return Claim{}, refuse(TaskEnded, "")
	case t.State == TaskSent && now < t.Lease:
		return Claim{}, refuse(TaskLeased, "")
	case now < t.NotBefore:
		return Claim{}, refuse(TaskNotYet, "")
	case t.Detail == DetailChoose:
	case t.State == TaskPlanned, t.byNobody(), t.State == TaskPartly && t.Detail == DetailRetry, t.State == TaskAccepted && t.Detail == DetailChased:
		return act, nil
	case t.State == TaskAccepted && look, t.State == TaskSent && t.looking():
		return see, nil
	case t.State == TaskSent:
		return act, nil
	}
	return Claim{}, refuse(TaskNotClaimable, "")
}

// byNobody reports whether it waits for a person only because nobody claimed for the
// target when it was made: that is no bar to whoever comes to claim it.
func (t *Task) byNobody() bool {
	return t.State == TaskManual && (t.Detail == DetailBorn || t.Detail == DetailAgain || t.Detail == DetailOverdue)
}

func (t *Task) looking() bool { return t.Detail == DetailLooking || t.Detail == DetailAsking }

// Take is the fact of a claim. It is durable before anything is revealed. A lease
// that ran out is ended first: Tick, then Take.
func (t Task) Take(look bool, lease time.Duration, now events.Instant, p *Policy) (Task, Claim, error) {
	if ended, ok := t.Tick(nil, now, p); ok && t.State == TaskSent {
		return ended, Claim{}, refuse(TaskLeased, "the claim has run out; that is recorded first")
	}
	c, err := t.Claimable(look, now)
	if err != nil {
		return t, Claim{}, err
	}
	detail := events.Code("")
	switch {
	case c.Verb == VerbVerify && t.Detail == DetailLongTail:
		detail = DetailAsking
	case c.Verb == VerbVerify:
		detail = DetailLooking
	case t.Detail == DetailAgain:
		detail = DetailAgain
	}
	n := t.next(TaskSent, detail)
	if lease <= 0 {
		lease = p.Lease
	}
	n.Lease = now + events.Instant(min(lease, p.MaxLease).Microseconds())
	return n, c, nil
}

// Tick is what time alone does to a task: a lease that ran out, and what is overdue.
// It may be asked at any time and gives false where there is nothing to record.
func (t Task) Tick(b *TaskBody, now events.Instant, p *Policy) (Task, bool) {
	switch {
	case t.Ended(), t.State == TaskSent && now < t.Lease:
		return t, false
	case t.State == TaskSent:
		return t.expire(p), true
	case t.WaitsForPerson(), t.ActBefore.IsZero(), now.Day() < t.ActBefore, b == nil:
		return t, false
	case now.Day() >= b.ActBefore+events.Date(p.TailDays):
		// The end of a long tail: nothing more is sent until a person chooses.
		return t.next(t.State, DetailChoose), true
	}
	n := t.next(t.State, DetailChased)
	n.NotBefore, n.ActBefore = t.NotBefore, now.Day()+events.Date(p.ChaseEvery)
	switch {
	case t.State == TaskPlanned, t.State == TaskPartly, t.State == TaskAccepted && t.Detail == DetailAwaitingLook:
		// It has not been taken: what it waits for stays the same.
		n.Detail = t.Detail
		if t.State == TaskPlanned {
			n.Detail = DetailOverdue
		}
	case t.State == TaskAccepted:
		n.NotBefore = 0
	}
	return n, true
}

// expire ends a claim that ran out. What was to be looked at still is. The next one
// keeps its distance from the end of the lease, whenever that is found out.
func (t Task) expire(p *Policy) Task {
	switch {
	case t.Detail == DetailLooking:
		n := t.next(TaskAccepted, DetailAwaitingLook)
		n.NotBefore = t.Lease + p.wait(&t, 0)
		return n
	case t.Detail == DetailAsking:
		n := t.next(TaskAccepted, DetailLongTail)
		n.NotBefore = t.Lease + p.wait(&t, 0)
		return n
	case t.Attempts >= p.MaxAttempts:
		return t.next(TaskFailed, DetailDeadLetter)
	}
	n := t.next(TaskPlanned, DetailLeaseExpired)
	n.NotBefore = t.Lease + p.wait(&t, 0)
	return n
}

// Wait is how long the next attempt waits: doubled each time, with a part that the
// task's id decides, so that many tasks do not come back at once. Whoever reports
// may ask for longer.
func (p *Policy) Wait(t *Task, asked time.Duration) time.Duration {
	d := p.Backoff
	for n := uint32(1); n < t.Attempts && d < p.MaxBackoff; n++ {
		d *= 2
	}
	d = min(d, p.MaxBackoff)
	h := fnv.New64a()
	h.Write(t.ID[:])
	_ = binary.Write(h, binary.BigEndian, t.Attempts)
	d += time.Duration(float64(d) * 0.5 * float64(h.Sum64()%1000) / 1000)
	return min(max(d, asked), maxRetry)
}

func (p *Policy) wait(t *Task, asked time.Duration) events.Instant {
	return events.Instant(p.Wait(t, asked).Microseconds())
}

// Settle is the fact of a person's choice. It gives false where the choice has been
// carried out already.
func (t Task) Settle(choice events.Code, now events.Instant, p *Policy) (Task, bool, error) {
	if t.Detail == DetailSettled && (choice == ChooseAccept || t.State == TaskState(choice)) ||
		choice == ChooseChase && t.State == TaskPlanned && t.Detail == DetailAgain {
		return t, false, nil
	}
	if !t.maySettle(choice) {
		return t, false, refuse(NotSettleable, "a task in state %s cannot be settled as %s", t.State, choice)
	}
	switch choice {
	case ChooseAccept:
		return t.next(t.State, DetailSettled), true, nil
	case ChooseChase:
		n := t.next(TaskPlanned, DetailAgain)
		n.ActBefore = max(t.ActBefore, now.Day()+events.Date(p.ChaseEvery))
		return n, true, nil
	}
	return t.next(TaskState(choice), DetailSettled), true, nil
}
