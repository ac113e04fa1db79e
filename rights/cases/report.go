package cases

import (
	"slices"

	"github.com/habeas-data/habeas/events"
)

// Next is what a report does to a task: the task one fact later, or false where the
// report changes nothing, because it came twice, came late, or the task has ended.
// What is recorded as a receipt is the same in each case. The rules:
//
//   - One key stands for all attempts, so what an earlier attempt did counts.
//   - Nothing that was reached is taken back: a late failure of an earlier attempt
//     changes nothing.
//   - A claim to have done something is accepted and never verified by itself (I8).
//     It is looked at again where somebody can look, and ends unverifiable where not.
//   - Only the last look counts. One that finds something after it was said to be
//     done makes the task failed: still_there.
//
// A report that answers the claim of a look is marked as one in r.Look, for the
// receipt.
func (t Task) Next(b *TaskBody, r *Report, now events.Instant, p *Policy) (Task, bool, error) {
	if err := t.fits(b, r); err != nil {
		return t, false, err
	}
	if t.Ended() || t.State == TaskUnverifiable || t.State == TaskImpossible {
		return t, false, nil
	}
	if r.Look = t.isLook(r); r.Look {
		if n, ok := t.looked(b, r, now, p); ok {
			return n, true, nil
		}
		return t, false, nil
	}
	if t.stale(r) {
		return t, false, nil
	}
	if n := t.acted(b, r, now, p); n.State != t.State || n.Detail != t.Detail {
		return n, true, nil
	}
	return t, false, nil
}

// fits refuses a report that cannot be about the task.
func (t *Task) fits(b *TaskBody, r *Report) error {
	look := r.Outcome == OutcomeFoundNothing || r.Outcome == OutcomeStillThere
	switch {
	case !slices.Contains(Outcomes(), r.Outcome):
		return refuse(ReportUnknown, "%q is no outcome of a task", r.Outcome)
	case !r.Hand && (r.Attempt == 0 || r.Attempt > t.Attempts):
		return refuse(ReportOfFuture, "")
	case r.Outcome == events.WorkKept && r.Ground == "":
		return refuse(ReportNeedsGround, "")
	case b.Verb == VerbExport && r.Outcome == events.WorkDone && len(r.Copies) == 0 && !r.Hand:
		return refuse(ReportDoesNotFit, "name the copies that were sent, or report that nothing was found")
	case look && !b.Look:
		return refuse(ReportDoesNotFit, "what this task does cannot be found by looking again")
	case r.Outcome == events.WorkKept && (b.Verb == VerbExport || b.Verb == VerbNotify):
		return refuse(ReportDoesNotFit, "a copy or a notice keeps nothing")
	case r.Hand && r.Look && !b.Look:
		return refuse(ReportDoesNotFit, "what this task does cannot be found by looking again")
	}
	return nil
}

// isLook reports whether a report is of a look again.
func (t *Task) isLook(r *Report) bool {
	return r.Look || r.Outcome == OutcomeFoundNothing || r.Outcome == OutcomeStillThere || t.State == TaskSent && t.looking() && r.Attempt == t.Attempts
}

// stale reports whether a report of an attempt came too late to say anything new: an
// attempt after it is under way and only its being done matters, or it says what is
// known.
func (t *Task) stale(r *Report) bool {
	if r.Hand {
		return false
	}
	done := r.Outcome == events.WorkDone || r.Outcome == events.WorkNotFound
	switch t.State {
	case TaskSent:
		// After a person sent it out again, what was said before that is old; the end
		// of a long tail is news also while somebody else asks how far it is.
		return r.Attempt < t.Attempts && (!done || t.Detail == DetailLooking || t.Detail == DetailAgain)
	case TaskPlanned:
		// The lease ran out and the report came after it: it counts all the same,
		// unless it is another failure.
		return r.Outcome == events.WorkFailed || t.Detail == DetailAgain
	case TaskAccepted:
		return t.Detail == DetailAwaitingLook || r.Outcome == events.WorkAccepted
	case TaskPartly, TaskFailed, TaskKept, TaskRefused, TaskManual:
		return !done || t.Detail == DetailStillThere
	}
	return false
}

// acted takes the report of an attempt.
func (t Task) acted(b *TaskBody, r *Report, now events.Instant, p *Policy) Task {
	switch r.Outcome {
	case events.WorkDone, events.WorkNotFound:
		return t.done(b, r, now, p)
	case events.WorkAccepted:
		n := t.next(TaskAccepted, DetailLongTail)
		n.NotBefore = now + micros(max(p.AskEvery, min(r.Retry, maxRetry)))
		return n
	case events.WorkPartly:
		return t.again(TaskPartly, r, now, p)
	case events.WorkFailed:
		if r.Final {
			return t.next(TaskFailed, DetailDeadLetter)
		}
		return t.again(TaskPlanned, r, now, p)
	case OutcomeManual:
		return t.next(TaskManual, DetailByHand)
	case events.WorkKept:
		return t.next(TaskKept, theirs(r.Ground))
	case events.WorkRefused:
		return t.next(TaskRefused, theirs(r.Detail))
	}
	return t.next(TaskImpossible, theirs(r.Detail))
}

// theirs is a detail from outside. One of ours would say what nobody but we may
// say, such as that a person has settled it.
func theirs(d events.Code) events.Code {
	if slices.Contains(Details(), d) {
		return ""
	}
	return d
}

// again is another attempt later, or the dead letter after the last.
func (t Task) again(s TaskState, r *Report, now events.Instant, p *Policy) Task {
	if t.Attempts >= p.MaxAttempts || r.Hand {
		if s == TaskPlanned {
			s = TaskFailed
		}
		return t.next(s, DetailDeadLetter)
	}
	n := t.next(s, DetailRetry)
	n.NotBefore = now + p.wait(&t, r.Retry)
	return n
}

// done takes a claim to have done it.
func (t Task) done(b *TaskBody, r *Report, now events.Instant, p *Policy) Task {
	switch {
	case b.Verb == VerbExport && len(r.Copies) == 0 && r.Outcome == events.WorkDone:
		// By hand: the copy went another way, and is not here.
		return t.next(TaskUnverifiable, "")
	case b.Verb == VerbExport && r.Outcome == events.WorkNotFound:
		return t.next(TaskVerified, DetailFoundNothing)
	case b.Verb == VerbNotify:
		return t.next(TaskVerified, DetailAcknowledged)
	case b.Verb == VerbExport:
		return t.next(TaskVerified, DetailReceived)
	case !b.Look:
		return t.next(TaskUnverifiable, "")
	}
	n := t.next(TaskAccepted, DetailAwaitingLook)
	n.NotBefore = now + micros(p.LookAfter)
	return n
}

// looked takes the report of a look. It counts only while that look is out, or by
// hand: what an attempt found at once is no later look (I8).
func (t Task) looked(b *TaskBody, r *Report, now events.Instant, p *Policy) (Task, bool) {
	under := t.State == TaskSent && t.looking()
	if !b.Look || !(under && (r.Hand || r.Attempt == t.Attempts)) && !(r.Hand && t.State == TaskAccepted) {
		return t, false
	}
	tail := t.Detail == DetailAsking || t.Detail == DetailLongTail || t.Detail == DetailChased
	switch r.Outcome {
	case OutcomeFoundNothing, events.WorkDone, events.WorkNotFound:
		return t.next(TaskVerified, DetailFoundNothing), true
	case OutcomeStillThere, events.WorkPartly, events.WorkAccepted:
		if tail && !r.Final {
			n := t.next(TaskAccepted, DetailLongTail)
			n.NotBefore = now + micros(max(p.AskEvery, min(r.Retry, maxRetry)))
			return n, under
		}
		return t.next(TaskFailed, DetailStillThere), true
	case events.WorkKept:
		return t.next(TaskKept, theirs(r.Ground)), true
	case events.WorkRefused:
		return t.next(TaskRefused, theirs(r.Detail)), true
	}
	// The look itself could not be had: another one follows.
	detail := DetailAwaitingLook
	if tail {
		detail = DetailLongTail
	}
	n := t.next(TaskAccepted, detail)
	n.NotBefore = now + p.wait(&t, r.Retry)
	return n, under
}

// ReceiptOf is a report as it is sealed, with the state that it led to.
func ReceiptOf(after *Task, r *Report, now events.Instant, digest Digest) Receipt {
	return Receipt{Task: ID(after.ID), System: after.System, Recipient: after.Recipient, Verb: after.Verb, At: now, By: r.By, Attempt: r.Attempt, Look: r.Look,
		Outcome: r.Outcome, State: after.State, Ground: r.Ground, Until: r.Until, Detail: r.Detail, Found: r.Found, Removed: r.Removed, Left: r.Left, Copies: r.Copies,
		Text: r.Text, Ref: r.Ref, Digest: digest}
}
