package cases_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/clock"
	"github.com/habeas-data/habeas/rights/decide"
)

var answer = cases.Body{By: clerk}

// TestWholeLife is an erasure from the letter to the closing, with the status
// after each step. Answered, complete and closed are three things.
func TestWholeLife(t *testing.T) {
	x := []decide.Item{erasure("a"), erasure("b", needsPerson)}
	l := live(t, opening(catalogue.RightErasure)).status(cases.StatusOpen)
	l.on("2026-03-03").do(cases.IdentityAsked, cases.Body{By: clerk}).status(cases.StatusWaiting)
	l.on("2026-03-05").do(cases.IdentityReceived, cases.Body{By: clerk, Evidence: &cases.Evidence{Kind: "passport_seen"}}).status(cases.StatusOpen)
	l.confirm().do(cases.Decided, decided(clerk, decision("b", decide.Erase, decide.EraseConsentWithdrawn)))
	l.approve(x...).status(cases.StatusApproved)
	l.start(x...).status(cases.StatusRunning)
	l.on("2026-03-10").do(cases.Answered, answer).status(cases.StatusAnswered)
	l.no(cases.TargetsUnproven, cases.Completed, answer).no(cases.TargetsUnproven, cases.Closed, answer)
	l.verify().do(cases.Completed, answer).status(cases.StatusComplete)
	l.do(cases.Certified, answer).do(cases.Closed, answer).status(cases.StatusClosed)
	l.no(cases.AlreadyClosed, cases.Decided, decided(clerk, decision("a", decide.Erase, decide.EraseConsentWithdrawn)))
	again, err := cases.Fold(l.facts)
	if err != nil || again.Status() != cases.StatusClosed || again.Version != uint32(len(l.facts)) {
		t.Fatalf("folded again: %v", err)
	}
}

// TestFourEyes: whoever decided approves nothing, with whichever token.
func TestFourEyes(t *testing.T) {
	x := erasure("a", needsPerson)
	d := decided(boss, decision("a", decide.Erase, decide.EraseConsentWithdrawn))
	l := live(t, opening(catalogue.RightErasure)).confirm().do(cases.Decided, d).plan(x)
	b := l.approval()
	for _, p := range []cases.Person{boss, boss2, {Token: "boss"}} {
		b.By = p
		l.no(cases.SelfApproval, cases.Approved, b)
	}
	b.By = clerk // opened it and confirmed the joins, and decided nothing
	l.do(cases.Approved, b)

	l = live(t, opening(catalogue.RightErasure)).confirm()
	l.do(cases.Assessed, cases.Body{By: boss2, Assessment: &decide.Assessment{Kind: decide.Override, Holds: true, By: "boss-laptop"}}).plan(erasure("a"))
	l.no(cases.SelfApproval, cases.Approved, l.approval())
}

// TestUndecided: what needs a person is decided by one, and what is left out
// without a word by two.
func TestUndecided(t *testing.T) {
	silent := item("s", catalogue.RightAccess, decide.Withhold, "WITHHOLD_NOT_TO_BE_TOLD", needsPerson, func(x *decide.Item) { x.Silent, x.Until = true, day("2026-09-01") })
	l := live(t, opening(catalogue.RightAccess)).confirm().plan(silent)
	l.no(cases.Undecided, cases.Approved, l.approval())
	d := cases.Decision{Holding: "s", Right: catalogue.RightAccess, Accept: true, Outcome: silent.Outcome, Code: silent.Code, Until: silent.Until}
	if err := cases.TryDecision(&silent, d, &cases.Body{By: clerk, Reason: "r"}, l.w.Today); err != nil {
		t.Fatal(err)
	}
	l.do(cases.Decided, decided(clerk, d)).plan(silent).no(cases.TwoPersons, cases.Approved, l.approval())
	l.do(cases.Decided, decided(clerk, d)).plan(silent).no(cases.TwoPersons, cases.Approved, l.approval())
	same := live(t, opening(catalogue.RightAccess)).confirm().do(cases.Decided, decided(boss, d)).do(cases.Decided, decided(boss2, d)).plan(silent)
	b := same.approval()
	b.By = clerk
	same.no(cases.TwoPersons, cases.Approved, b)
	l.do(cases.Decided, decided(third, d)).plan(silent)
	b = l.approval()
	b.By = third
	l.no(cases.SelfApproval, cases.Approved, b)
	l.do(cases.Approved, l.approval())
}

// TestAcceptedProposalChanges: a decision that accepted a proposal no longer speaks
// of one that came in its place.
func TestAcceptedProposalChanges(t *testing.T) {
	x := erasure("a", needsPerson)
	d := decision("a", decide.Erase, decide.EraseConsentWithdrawn)
	d.Accept = true
	l := live(t, opening(catalogue.RightErasure)).confirm().do(cases.Decided, decided(clerk, d)).plan(x)
	if len(l.w.Judged.Open) != 0 {
		t.Fatal("the decision does not count")
	}
	y := item("a", catalogue.RightErasure, decide.Restrict, decide.KeepLegalClaims, needsPerson)
	if l.plan(y); len(l.w.Judged.Open) != 1 || l.w.Judged.Open[0].Code != cases.Undecided {
		t.Fatalf("open: %+v", l.w.Judged.Open)
	}
	l.no(cases.Undecided, cases.Approved, l.approval())
}

// TestStalePlan: what is done is what was approved, and what is approved is what
// was looked at.
func TestStalePlan(t *testing.T) {
	l := live(t, opening(catalogue.RightErasure)).confirm().plan(erasure("a"))
	old := l.approval()
	l.plan(erasure("a"), erasure("b")).no(cases.PlanStale, cases.Approved, old)
	// Nor do the items of another plan pass under the name of this one.
	swapped := l.approval()
	swapped.Approval.Finals = swapped.Approval.Finals[:1]
	l.no(cases.PlanStale, cases.Approved, swapped)
	l.do(cases.Approved, l.approval()).no(cases.AlreadyApproved, cases.Approved, l.approval())
	l.plan(erasure("a")).no(cases.PlanStale, cases.Started, cases.Body{By: clerk})
	l.do(cases.Approved, l.approval()).start(erasure("a")).no(cases.AlreadyStarted, cases.Started, cases.Body{By: clerk})
	live(t, opening(catalogue.RightErasure)).confirm().no(cases.PlanUnknown, cases.Approved, old)
}

// TestDecisionLiftsApproval: a later decision takes the approval away, unless tasks
// have started; then what runs goes on, and further tasks wait for another one.
func TestDecisionLiftsApproval(t *testing.T) {
	x := []decide.Item{erasure("a"), erasure("b", needsPerson)}
	d := decided(clerk, decision("b", decide.Erase, decide.EraseConsentWithdrawn))
	l := live(t, opening(catalogue.RightErasure)).confirm().do(cases.Decided, d).approve(x...)
	l.do(cases.Decided, decided(clerk, decision("b", decide.Retain, decide.KeepPublicTask))).status(cases.StatusOpen)
	l.no(cases.NothingApproved, cases.Started, cases.Body{By: clerk}).no(cases.NothingApproved, cases.Answered, answer)
	l.do(cases.Decided, d).approve(x...).start(x...)
	l.do(cases.Decided, d).status(cases.StatusRunning)
	more := cases.Body{By: clerk, Tasks: cases.IDsOf(events.EventID{77})}
	l.no(cases.NothingApproved, cases.Rerun, more).no(cases.NothingApproved, cases.Answered, answer)
	l.do(cases.Rerun, cases.Body{By: clerk, Tasks: cases.IDsOf(l.c.Tasks...)})
	l.approve(x...).do(cases.Rerun, more).no(cases.NothingToDo, cases.Rerun, cases.Body{By: clerk})
}

// TestIdentity is Article 12(6): nothing is approved, packaged or answered with
// content while there is reasonable doubt who asks.
func TestIdentity(t *testing.T) {
	l := live(t, opening(catalogue.RightAccess)).confirm()
	l.no(cases.IdentityNotInDoubt, cases.IdentityReceived, answer).no(cases.IdentityNotInDoubt, cases.IdentityFailed, cases.Body{By: clerk, Reason: "r"})
	l.do(cases.IdentityChecked, answer).do(cases.IdentityAsked, answer).no(cases.AlreadyAsked, cases.IdentityAsked, answer).no(cases.IdentityInDoubt, cases.IdentityChecked, answer)
	blocked := func(code events.Code) {
		t.Helper()
		l.plan(item("a", catalogue.RightAccess, decide.Disclose, decide.DiscloseAll))
		l.no(code, cases.Approved, l.approval()).no(code, cases.Packaged, cases.Body{By: clerk, Package: &cases.Package{}}).no(code, cases.Answered, answer)
	}
	blocked(cases.IdentityNotProven)
	l.no(cases.RefusalNotPossible, cases.RefusedRequest, cases.Body{By: clerk, Code: cases.RefusedIdentity, Reason: "r"})
	l.do(cases.IdentityFailed, cases.Body{By: clerk, Reason: "did not come"})
	blocked(cases.IdentityNotProven)
	l.do(cases.IdentityReceived, answer).do(cases.AuthorityAsked, answer)
	blocked(cases.AuthorityNotShown)
	l.do(cases.AuthorityReceived, answer)
	l.approve(item("a", catalogue.RightAccess, decide.Disclose, decide.DiscloseAll)).do(cases.Packaged, cases.Body{By: clerk, Package: &cases.Package{ID: "p"}}).do(cases.Answered, answer)
}

// TestJoins: nothing runs on joins that nobody confirmed, or that are contested.
func TestJoins(t *testing.T) {
	l := live(t, opening(catalogue.RightErasure)).plan(erasure("a"))
	l.no(cases.JoinsUnconfirmed, cases.Approved, l.approval())
	l.do(cases.Confirmed, cases.Body{By: clerk, Members: members(1)}).plan(erasure("a")).no(cases.JoinsUnconfirmed, cases.Approved, l.approval())
	other := append(members(1), cases.Member{Handle: hand(2), Other: true})
	l.do(cases.Confirmed, cases.Body{By: clerk, Members: other}).plan(erasure("a"))
	if got := l.c.Members(); len(got) != 1 || got[0].Handle != hand(1) {
		t.Fatalf("members: %v", got)
	}
	l.w.Contested = true
	l.no(cases.JoinsContested, cases.Approved, l.approval())
	l.w.Contested = false
	l.do(cases.Approved, l.approval())
	l.w.Joined = append(l.w.Joined, hand(9)) // joined since
	l.no(cases.JoinsUnconfirmed, cases.Started, cases.Body{By: clerk})
}

// TestExtension is Article 12(3): the person is told within the first month, and why.
func TestExtension(t *testing.T) {
	why := cases.Body{By: clerk, Reason: "many records"}
	l := live(t, opening(catalogue.RightAccess))
	l.on("2026-04-02").no(cases.ExtensionNoReason, cases.ExtensionTold, answer).no(cases.ExtensionNoReason, cases.ExtensionTold, cases.Body{By: clerk, Reason: "  "})
	l.on("2026-04-03").no(cases.ExtensionTooLate, cases.ExtensionTold, why)
	due, err := l.c.Due(l.w.Today, l.w.Calendars, l.w.Settings, nil)
	if err != nil || due.Day != day("2026-04-02") || due.Stand != clock.Overdue {
		t.Fatalf("due %+v, %v", due, err)
	}
	l = live(t, opening(catalogue.RightAccess)).on("2026-04-02").do(cases.ExtensionTold, why).no(cases.ExtensionGiven, cases.ExtensionTold, why)
	if due, _ = l.c.Due(l.w.Today, l.w.Calendars, l.w.Settings, nil); due.Day != day("2026-06-02") {
		t.Fatalf("extended to %s", due.Day)
	}
	o := opening(catalogue.RightAccess)
	o.Regime = clock.LGPD
	live(t, o).no(cases.ExtensionNotInLaw, cases.ExtensionTold, why)
}

// TestPause is Article 12A: a request for access alone is paused by a question, and
// only in the United Kingdom.
func TestPause(t *testing.T) {
	live(t, opening(catalogue.RightErasure)).no(cases.PauseNotInLaw, cases.ClarificationAsked, answer)
	o := opening(catalogue.RightAccess)
	o.Regime = clock.EU
	live(t, o).no(cases.PauseNotInLaw, cases.ClarificationAsked, answer)
	// One of two rights is paused: the act stands, and the other clock runs on.
	l := live(t, opening(catalogue.RightAccess, catalogue.RightErasure)).on("2026-03-05").do(cases.ClarificationAsked, answer).status(cases.StatusWaiting)
	l.no(cases.AlreadyAsked, cases.ClarificationAsked, answer).no(cases.NotAsked, cases.ClarificationCame, cases.Body{By: clerk, Ref: 2})
	due, err := l.c.Due(l.w.Today, l.w.Calendars, l.w.Settings, nil)
	if err != nil || due.Right != catalogue.RightErasure || due.Day != day("2026-04-02") || !due.Waits {
		t.Fatalf("due %+v, %v", due, err)
	}
	l.on("2026-03-12").do(cases.ClarificationCame, answer)
	l = live(t, opening(catalogue.RightAccess)).on("2026-04-20").no(cases.PauseTooLate, cases.ClarificationAsked, answer)
	l.no(cases.NotAsked, cases.FeePaid, answer).no(cases.NotARequest, cases.FeeAsked, cases.Body{By: clerk, Rights: []catalogue.RightKind{catalogue.RightErasure}})
}

// TestDays: nothing happened before the receipt, and nothing that lies ahead has.
func TestDays(t *testing.T) {
	l := live(t, opening(catalogue.RightErasure)).on("2026-03-10")
	try := func(on string, code events.Code) {
		t.Helper()
		if got := cases.RefusalCode(l.c.Check(cases.IdentityAsked, &answer, day(on), &l.w)); got != code {
			t.Errorf("on %s: %q, want %q", on, got, code)
		}
	}
	try("2026-03-01", cases.DateBeforeReceipt)
	try("2026-03-11", cases.DateInFuture)
	try("2026-03-02", "")
	l.do(cases.IdentityAsked, answer)
	early := cases.Body{By: clerk}
	if got := cases.RefusalCode(l.c.Check(cases.IdentityReceived, &early, day("2026-03-09"), &l.w)); got != cases.DateOutOfOrder {
		t.Errorf("came before it was asked for: %q", got)
	}
	b := cases.Body{By: clerk, Opening: opening(catalogue.RightErasure)}
	if got := cases.RefusalCode(cases.CheckOpening(&b, day("2026-03-01"), &cases.World{Today: day("2026-03-01")})); got != cases.DateInFuture {
		t.Errorf("received in the future: %q", got)
	}
}

// TestCopiesFirst: while a copy is owed nothing in its scope is erased; erasing then
// can be an offence (Data Protection Act 2018, section 173).
func TestCopiesFirst(t *testing.T) {
	waits := func(x *decide.Item) { x.BlockedBy = []string{"access of 2026-03-02"} }
	x := []decide.Item{item("a", catalogue.RightAccess, decide.Disclose, decide.DiscloseAll), erasure("a", waits)}
	l := live(t, opening(catalogue.RightAccess, catalogue.RightErasure)).confirm().approve(x...)
	if !l.c.OwesCopy() {
		t.Fatal("the case owes a copy")
	}
	bodies, left := cases.Fanout(&cases.Order{Finals: l.c.Approval.Finals, OwesCopy: l.c.OwesCopy(), Knows: able})
	if left != 1 || len(bodies) != 1 || bodies[0].Verb != cases.VerbExport {
		t.Fatalf("%d left, tasks %+v", left, bodies)
	}
	l.plan(x...).no(cases.CopiesFirst, cases.Started, cases.Body{By: clerk})
	l.do(cases.Started, cases.Body{By: clerk, Tasks: cases.IDsOf(events.EventID{1})})
	l.do(cases.Answered, cases.Body{By: clerk, Rights: []catalogue.RightKind{catalogue.RightAccess}}).status(cases.StatusRunning)
	if l.c.OwesCopy() || l.c.AnsweredOn(catalogue.RightErasure) != 0 {
		t.Fatal("access is answered and erasure is not")
	}
	made := bodies
	bodies, left = cases.Fanout(&cases.Order{Finals: l.c.Approval.Finals, OwesCopy: l.c.OwesCopy(), Knows: able, Made: made})
	if left != 0 || len(bodies) != 1 || bodies[0].Verb != cases.VerbErase {
		t.Fatalf("%d left, tasks %+v", left, bodies)
	}
	more := cases.Body{By: clerk, Tasks: cases.IDsOf(events.EventID{2})}
	l.w.OwesCopy = true // another case of the same person
	l.no(cases.CopiesFirst, cases.Rerun, more)
	l.w.OwesCopy = false
	l.do(cases.Rerun, more).no(cases.NotAnswered, cases.Closed, answer).no(cases.AlreadyAnswered, cases.Answered, cases.Body{By: clerk, Rights: []catalogue.RightKind{catalogue.RightAccess}})
	l.do(cases.Answered, answer).status(cases.StatusAnswered).no(cases.AlreadyAnswered, cases.Answered, answer)
	if k, err := l.c.Clocks(l.w.Today, l.w.Calendars, l.w.Settings); err != nil || len(k) != 2 {
		t.Error("each right has its clock and its answer:", err)
	}
}

// TestBinding: an objection to marketing binds from receipt and cannot be refused
// (Article 21(3)).
func TestBinding(t *testing.T) {
	l := live(t, opening(catalogue.RightMarketing))
	l.no(cases.RefusalNotPossible, cases.RefusedRequest, cases.Body{By: clerk, Code: cases.RefusedExcessive, Reason: "again"})
	l.do(cases.Answered, answer).no(cases.NothingStarted, cases.Closed, answer)
	bind := cases.Body{By: clerk, Code: cases.StartBinding}
	l.do(cases.Started, bind).no(cases.AlreadyStarted, cases.Started, bind).do(cases.Closed, answer).status(cases.StatusClosed)
	mixed := live(t, opening(catalogue.RightErasure, catalogue.RightMarketing))
	bind.Tasks = cases.IDsOf(events.EventID{1})
	mixed.do(cases.Started, bind).do(cases.Rerun, cases.Body{By: clerk, Tasks: bind.Tasks})
	mixed.no(cases.NothingApproved, cases.Rerun, cases.Body{By: clerk, Tasks: cases.IDsOf(events.EventID{2})})
	live(t, opening(catalogue.RightErasure)).no(cases.NotBinding, cases.Started, bind)
	live(t, opening(catalogue.RightErasure, catalogue.RightMarketing)).do(cases.Started, bind).status(cases.StatusOpen).no(cases.NothingApproved, cases.Started, answer)
}

// TestRefusal is Article 12(4) and (5): a ground of the law, a reason, and once told
// it ends the clock as an answer does.
func TestRefusal(t *testing.T) {
	l := live(t, opening(catalogue.RightErasure))
	l.no(cases.RefusalNeedsReason, cases.RefusedRequest, cases.Body{By: clerk, Code: cases.RefusedExcessive})
	l.no(cases.RefusalNeedsReason, cases.RefusedRequest, cases.Body{By: clerk, Code: "busy", Reason: "r"})
	l.no(cases.RefusalNotPossible, cases.RefusedRequest, cases.Body{By: clerk, Code: cases.RefusedAuthority, Reason: "r"})
	l.do(cases.RefusedRequest, cases.Body{By: clerk, Code: cases.RefusedExcessive, Reason: "the tenth this week"}).status(cases.StatusRefused)
	k, err := l.c.Clocks(day("2026-08-01"), l.w.Calendars, l.w.Settings)
	if err != nil || k[0].Standing.Stand != clock.InTime {
		t.Fatalf("clock %+v, %v", k, err)
	}
	if r := l.c.Decide(0).Refusal; r == nil || !r.Excessive || r.By != "clerk" {
		t.Fatalf("refusal for the plan: %+v", r)
	}
	l.no(cases.AlreadyEnded, cases.Answered, answer).do(cases.LetterKept, cases.Body{By: clerk, Letter: &cases.Letter{Kind: "refusal"}}).do(cases.Closed, answer).status(cases.StatusClosed)
}

// TestEnds: withdrawn and duplicate, and what cannot be taken back.
func TestEnds(t *testing.T) {
	live(t, opening(catalogue.RightErasure)).do(cases.Withdrawn, answer).status(cases.StatusWithdrawn).no(cases.AlreadyEnded, cases.Confirmed, answer)
	l := live(t, opening(catalogue.RightErasure)).no(cases.NotADuplicate, cases.Duplicate, cases.Body{By: clerk, Of: cases.ID(theCase)})
	l.do(cases.Duplicate, cases.Body{By: clerk, Of: cases.ID{9}}).status(cases.StatusDuplicate)
	if due, err := l.c.Due(l.w.Today, l.w.Calendars, l.w.Settings, nil); err != nil || due.Day != 0 {
		t.Fatalf("a duplicate is due on %s, %v", due.Day, err)
	}
	l = live(t, opening(catalogue.RightErasure)).confirm().approve(erasure("a")).start(erasure("a"))
	l.no(cases.AlreadyStarted, cases.Withdrawn, answer).no(cases.AlreadyStarted, cases.RefusedRequest, cases.Body{By: clerk, Code: cases.RefusedExcessive, Reason: "r"})
	l.do(cases.Answered, answer).no(cases.AlreadyAnswered, cases.Withdrawn, answer).no(cases.NotComplete, cases.Certified, answer).no(cases.NoPackage, cases.Downloaded, answer)
	l.verify().do(cases.Completed, answer).no(cases.AlreadyComplete, cases.Completed, answer)
}

// TestSettled: a target that is not proven needs a person's word, case by case.
func TestSettled(t *testing.T) {
	l := live(t, opening(catalogue.RightErasure)).confirm().approve(erasure("a")).start(erasure("a")).do(cases.Answered, answer)
	settle := func(choice events.Code) cases.Body {
		return cases.Body{By: clerk, Reason: "they will not", Settle: &cases.Settle{Tasks: cases.IDsOf(l.w.Tasks[0].ID), Choice: choice}}
	}
	l.no(cases.NotSettleable, cases.Settled, settle(cases.ChooseAccept)).no(cases.NotSettleable, cases.Settled, settle("forget"))
	l.w.Tasks[0].State = cases.TaskRefused
	l.no(cases.TargetsUnproven, cases.Completed, answer)
	l.no(cases.NoReason, cases.Settled, cases.Body{By: clerk, Settle: &cases.Settle{Tasks: cases.IDs{{1}}, Choice: cases.ChooseAccept}})
	l.do(cases.Settled, settle(cases.ChooseAccept))
	n, changed, err := l.w.Tasks[0].Settle(l.c.Settled[l.w.Tasks[0].ID], 1, &cases.DefaultPolicy)
	if err != nil || !changed {
		t.Fatal(changed, err)
	}
	l.w.Tasks[0] = n
	l.do(cases.Completed, answer).do(cases.Closed, answer)
	// What was kept until a day goes on that day, because of the same request.
	due := cases.Body{By: cases.Person{Token: "habeas"}, Code: cases.RerunDue, Tasks: cases.IDsOf(events.EventID{50})}
	l.on("2032-01-01").no(cases.AlreadyClosed, cases.Rerun, cases.Body{By: clerk, Tasks: due.Tasks}).do(cases.Rerun, due).status(cases.StatusRunning)
	l.no(cases.TargetsUnproven, cases.Completed, answer)
	l.w.Tasks = append(l.w.Tasks, cases.Task{ID: events.EventID{50}, State: cases.TaskVerified})
	l.do(cases.Completed, answer).status(cases.StatusComplete)
}

// TestHistoric: a case of the past is opened closed.
func TestHistoric(t *testing.T) {
	o := opening(catalogue.RightAccess)
	o.Historic, o.Answered = true, day("2026-03-20")
	l := live(t, o).status(cases.StatusClosed).no(cases.AlreadyClosed, cases.Confirmed, answer)
	k, err := l.c.Clocks(day("2026-08-01"), l.w.Calendars, l.w.Settings)
	if err != nil || k[0].Standing.Stand != clock.InTime {
		t.Fatalf("clock %+v, %v", k, err)
	}
}

// TestOpenings that are none.
func TestOpenings(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*cases.Opening)
		code   events.Code
	}{
		"no right":                  {func(o *cases.Opening) { o.Rights = nil }, cases.NothingAsked},
		"nobody":                    {func(o *cases.Opening) { o.Subject = nil }, cases.NothingAsked},
		"no such right":             {func(o *cases.Opening) { o.Rights = []catalogue.RightKind{"informed"} }, cases.NotARequest},
		"twice":                     {func(o *cases.Opening) { o.Rights = append(o.Rights, o.Rights[0]) }, cases.NotARequest},
		"no law":                    {func(o *cases.Opening) { o.Regime = "" }, cases.BodyIncomplete},
		"answered before received":  {func(o *cases.Opening) { o.Historic, o.Answered = true, o.Received-1 }, cases.DateBeforeReceipt},
		"past without an answer":    {func(o *cases.Opening) { o.Historic = true }, cases.BodyIncomplete},
		"present with an answer":    {func(o *cases.Opening) { o.Answered = o.Received }, cases.BodyIncomplete},
		"no day of receipt is told": {func(o *cases.Opening) { o.Received = 0 }, cases.BodyIncomplete},
	} {
		o := opening(catalogue.RightErasure)
		c.change(o)
		b := cases.Body{By: clerk, Opening: o}
		if got := cases.RefusalCode(cases.CheckOpening(&b, day("2026-03-02"), &cases.World{Today: day("2026-03-02")})); got != c.code {
			t.Errorf("%s: %q, want %q", name, got, c.code)
		}
	}
	b := cases.Body{Opening: opening(catalogue.RightErasure)}
	if got := cases.RefusalCode(cases.CheckOpening(&b, day("2026-03-02"), &cases.World{Today: day("2026-03-02")})); got != cases.NoPerson {
		t.Errorf("nobody opened it: %q", got)
	}
}

// TestFoldRefuses facts that no case can have, and names act and version.
func TestFoldRefuses(t *testing.T) {
	l := live(t, opening(catalogue.RightErasure)).confirm().approve(erasure("a"))
	good := l.facts
	change := func(f func([]cases.Fact) []cases.Fact) []cases.Fact {
		return f(append([]cases.Fact{}, good...))
	}
	for name, facts := range map[string][]cases.Fact{
		"none":         nil,
		"a gap":        change(func(l []cases.Fact) []cases.Fact { return append(l[:1], l[2]) }),
		"twice":        change(func(l []cases.Fact) []cases.Fact { return append(l, l[2]) }),
		"not opened":   change(func(l []cases.Fact) []cases.Fact { l[0].Act = cases.Confirmed; return l }),
		"another case": change(func(l []cases.Fact) []cases.Fact { l[1].Case = events.EventID{9}; return l }),
		"no such act":  change(func(l []cases.Fact) []cases.Fact { l[1].Act = "forgotten"; return l }),
		"out of order": change(func(l []cases.Fact) []cases.Fact { l[1].Act, l[2].Act = l[2].Act, l[1].Act; return l }),
		"self approval": change(func(l []cases.Fact) []cases.Fact {
			f := l[2]
			l[2] = cases.Fact{Case: theCase, Version: 3, Act: cases.Decided, On: f.On, Body: decided(boss, decision("a", decide.Erase, decide.EraseConsentWithdrawn))}
			f.Version = 4
			return append(l, f)
		}),
	} {
		_, err := cases.Fold(facts)
		if !errors.Is(err, cases.ErrFold) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && len(facts) > 0 && !strings.Contains(err.Error(), "version") {
			t.Errorf("%s: no version in %q", name, err)
		}
	}
	if c, err := cases.Fold(good[:2]); err != nil {
		t.Error(err)
	} else if _, err := c.With(good[2]); err != nil || c.Version != 2 {
		t.Errorf("With changed the case: version %d, %v", c.Version, err)
	}
}

// TestPromise: what the notice says stands beside the day of the law.
func TestPromise(t *testing.T) {
	l := live(t, opening(catalogue.RightErasure))
	p, err := catalogue.ParsePeriod("P20D")
	if err != nil {
		t.Fatal(err)
	}
	due, err := l.c.Due(l.w.Today, l.w.Calendars, l.w.Settings, func(catalogue.RightKind) catalogue.Period { return p })
	if err != nil || due.Promised != day("2026-03-22") || due.Day != day("2026-04-02") || due.Target >= due.Day || due.Conservative > due.Day {
		t.Fatalf("%+v, %v", due, err)
	}
}
