package cases

import (
	"slices"

	"github.com/habeas-data/habeas/events"
)

// An ActRow says one act: what it means, what its body needs, and what may still
// come after an end.
type ActRow struct {
	Act  Act
	Says string
	// Needs are the parts of the body without which it is refused; NoReason is the
	// code where that is the reason.
	Needs    []string
	NoReason events.Code
	// AfterEnd is set on what may follow a refusal, a withdrawal or the finding that
	// it is a duplicate; AfterClosed on what may follow the closing.
	AfterEnd, AfterClosed bool
	// Lifts is set on what takes an approval away.
	Lifts  bool
	Source string
}

// Acts lists every act.
func Acts() []ActRow {
	by, why := []string{"by"}, []string{"by", "reason"}
	with := func(list []string, more ...string) []string { return append(slices.Clip(list), more...) }
	return []ActRow{
		{Act: Opened, Says: "a request came in", Needs: with(by, "opening"), Source: "Article 12(2)"},
		{Act: IdentityAsked, Says: "proof of who asks was asked for, because there is reasonable doubt", Needs: by, Source: "Article 12(6)"},
		{Act: IdentityReceived, Says: "the proof that was asked for came and settles the doubt", Needs: by, Source: "Article 12(6)"},
		{Act: IdentityChecked, Says: "somebody checked who asks although nobody doubted it; no clock moves", Needs: by, Source: "Article 12(6)"},
		{Act: IdentityFailed, Says: "the proof did not come or does not settle the doubt, and a person ended the wait", Needs: why, NoReason: NoReason, Source: "Articles 12(6), 11(2)"},
		{Act: AuthorityAsked, Says: "proof was asked for that who asks may ask for the person", Needs: by, Source: "Article 12(6)"},
		{Act: AuthorityReceived, Says: "that proof came", Needs: by, Source: "Article 12(6)"},
		{Act: FeeAsked, Says: "a fee was asked for", Needs: by, Source: "Article 12(5)"},
		{Act: FeePaid, Says: "the fee was paid", Needs: by, Source: "Article 12(5)"},
		{Act: ClarificationAsked, Says: "the person was asked to say which information is meant; this claims a pause, and a question without one is a letter", Needs: by, Source: "Article 12A"},
		{Act: ClarificationCame, Says: "the person said which information is meant", Needs: by, Source: "Article 12A"},
		{Act: ExtensionTold, Says: "the person was told that it takes two months longer, and why", Needs: why, NoReason: ExtensionNoReason, Source: "Article 12(3)"},
		{Act: Confirmed, Says: "a person confirmed which joined identifiers are the requester's", Needs: by, Lifts: true, Source: "joins are confirmed by a named person"},
		{Act: Assessed, Says: "a person put on record what they found", Needs: with(by, "assessment"), Lifts: true, Source: "Articles 17(3), 21(1); Data Protection Act 2018, Schedules 2 to 4"},
		{Act: Decided, Says: "a person decided items of the plan", Needs: with(why, "decisions"), NoReason: NoReason, Lifts: true, Source: "Article 5(2)"},
		{Act: Approved, Says: "a second person approved the plan as it was computed", Needs: with(by, "approval"), Source: "four eyes"},
		{Act: Started, Says: "tasks were made from what was approved, or from what binds from receipt", Needs: by, Source: "Articles 17(1), 19, 21(3)"},
		{Act: LetterKept, Says: "a letter was kept as it was sent", Needs: with(by, "letter"), AfterEnd: true, AfterClosed: true, Source: "Article 12(1)"},
		{Act: Packaged, Says: "the copy of the data was made", Needs: with(by, "package"), Source: "Articles 15(3), 20(1)"},
		{Act: Downloaded, Says: "the copy was fetched", Needs: by, AfterClosed: true, Source: "Articles 15(3), 32"},
		{Act: Answered, Says: "the person was told what was done and what was not; this ends the clock and not the case", Needs: by, Source: "Article 12(3)"},
		{Act: Settled, Says: "a person chose how tasks without proof end, or to go on chasing", Needs: with(why, "settle"), NoReason: NoReason, AfterClosed: true, Source: "Articles 5(2), 19"},
		{Act: Rerun, Says: "further tasks were made under the same approval", Needs: by, AfterClosed: true, Source: "Articles 17(1), 5(1)(e)"},
		{Act: RefusedRequest, Says: "the whole request was refused, and the person was told why and what they can do", Needs: with(why, "code"), NoReason: RefusalNeedsReason, Source: "Articles 12(4), 12(5), 12(6)"},
		{Act: Withdrawn, Says: "the person no longer wants it", Needs: by, Source: "the request is the person's"},
		{Act: Duplicate, Says: "the same person has asked the same already", Needs: with(by, "of"), Source: "the other case answers it"},
		{Act: Completed, Says: "every target is verified, or ended in a state that a person accepted", Needs: by, AfterClosed: true, Source: "Article 5(2)"},
		{Act: Certified, Says: "a certificate was made", Needs: by, AfterClosed: true, Source: "Article 5(2)"},
		{Act: Closed, Says: "nothing is left to do", Needs: by, AfterEnd: true, Source: "Article 5(1)(e): the file itself has a period"},
	}
}

func actRow(a Act) (ActRow, bool) {
	for _, r := range actRows {
		if r.Act == a {
			return r, true
		}
	}
	return ActRow{}, false
}

var actRows = Acts()

// A RefusalRow says one code, where it comes from, and what to do.
type RefusalRow struct {
	Code   events.Code
	Says   string
	Source string
}

// Refusals lists every code that a refusal can have.
func Refusals() []RefusalRow {
	return []RefusalRow{
		{Race, "somebody else added to it first; look at it again", "facts are in one order"},
		{AlreadyOpen, "a case is opened once", "facts are in one order"},
		{NothingAsked, "a case needs at least one right and one identifier", "Article 12(2)"},
		{NotARequest, "that is no right that this case is about", "Articles 15 to 22"},
		{DateBeforeReceipt, "it cannot have happened before the request was received", "Article 12(3)"},
		{DateInFuture, "what has not happened cannot be recorded", "Article 5(2)"},
		{DateOutOfOrder, "the day does not fit the others of this clock", "Article 12(3)"},
		{AlreadyClosed, "the case is closed", "answered, complete and closed are three things"},
		{AlreadyEnded, "the case was refused, withdrawn or is a duplicate", "answered, complete and closed are three things"},
		{AlreadyAnswered, "the request was answered; that ended its clock", "Article 12(3)"},
		{AlreadyStarted, "tasks were started", "intent is durable before the first destructive call"},
		{AlreadyAsked, "it was asked for already, and has not come", "Articles 12(6), 12A"},
		{AlreadyApproved, "this plan is approved; it is approved again when a new decision made it another", "four eyes"},
		{AlreadyComplete, "the case is complete", "answered, complete and closed are three things"},
		{IdentityNotProven, "it is in doubt who asks, so nothing is approved, packaged or answered", "Article 12(6)"},
		{IdentityNotInDoubt, "nobody doubted who asks, so nothing was asked for; checking it moves no clock", "Article 12(6)"},
		{IdentityInDoubt, "it is in doubt who asks; record what came, or that it did not", "Article 12(6)"},
		{AuthorityNotShown, "it is open whether who asks may ask for the person", "Article 12(6)"},
		{NotAsked, "nobody asked for it", "Articles 12(5), 12A"},
		{ExtensionTooLate, "the person has to be told of an extension within the first period", "Article 12(3)"},
		{ExtensionNotInLaw, "this law knows no extension", "Article 12(3)"},
		{ExtensionGiven, "there is one extension, and the person was told of it", "Article 12(3)"},
		{ExtensionNoReason, "an extension needs its reasons; the person is told them", "Article 12(3)"},
		{PauseNotInLaw, "this law does not stop the clock for a question; ask it by letter", "Article 12A: access alone, in the United Kingdom"},
		{PauseTooLate, "the last day had passed when it was asked for", "Article 12A"},
		{JoinsUnconfirmed, "a person has to confirm which joined identifiers are the requester's", "no package, erasure or correction before that"},
		{JoinsContested, "a join is contested; a person decides it before a plan, a package or an answer leaves", "Article 5(1)(d), (f)"},
		{NoPerson, "the act does not say who", "Article 5(2)"},
		{NoReason, "it needs a reason", "Article 5(2)"},
		{Undecided, "items wait for a person's decision", "what needs a person is decided by one"},
		{TwoPersons, "what is left out without a word is decided by two people", "Data Protection Act 2018, Schedule 2"},
		{SelfApproval, "whoever decided cannot approve, with whichever token; another person has to", "four eyes"},
		{PlanStale, "the plan is no longer what was looked at; look at it again", "what is done is what was approved"},
		{PlanUnknown, "the plan has to be computed first", "what is done is what was approved"},
		{NothingApproved, "nothing is approved", "four eyes"},
		{NothingStarted, "nothing was carried out yet", "answered, complete and closed are three things"},
		{NothingToDo, "there is nothing to run again", "what was proven is not done twice"},
		{NotBinding, "nothing in this case binds from receipt", "Articles 21(3), 7(3)"},
		{CopiesFirst, "a copy was asked for and not given yet; nothing in its scope is erased before", "Data Protection Act 2018, section 173"},
		{RefusalNeedsReason, "a refusal needs a ground of the law and its reason; the controller has to show it", "Articles 12(4), 12(5)"},
		{RefusalNotPossible, "the request cannot be refused on this ground", "Articles 12(5), 21(3)"},
		{NotAnswered, "the person was not answered yet", "Article 12(3)"},
		{NotComplete, "the case is not complete", "a certificate says what was proven"},
		{TargetsUnproven, "a target is neither verified nor ended in a state that a person accepted", "erased means that a later look found nothing"},
		{NotSettleable, "the task cannot be settled so", "a person chooses among what is left"},
		{NotADuplicate, "a case is no duplicate of itself", "the other case answers it"},
		{NoPackage, "no package was made", "Article 15(3)"},
		{BodyIncomplete, "something is missing that the act rests on", "Article 5(2)"},
		{TaskNotClaimable, "the task waits for a person", "a person chooses among what is left"},
		{TaskNotYet, "the task is not to be taken yet", "attempts keep a distance"},
		{TaskLeased, "somebody has the task", "one at a time"},
		{TaskEnded, "the task has ended", "what was proven is not done twice"},
		{ReportUnknown, "that is no outcome of a task", "the words of a report are fixed"},
		{ReportOfFuture, "nobody has claimed the task for that attempt", "a report answers a claim"},
		{ReportNeedsGround, "whoever keeps the data has to name the law", "Article 17(3)"},
		{ReportDoesNotFit, "the outcome does not fit what the task does, or who reports", "a report answers a claim"},
	}
}

func sentence(code events.Code) string {
	for _, r := range refusalRows {
		if r.Code == code {
			return r.Says
		}
	}
	return "it may not follow"
}

var refusalRows = Refusals()
