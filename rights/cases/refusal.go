package cases

import (
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/events"
)

// A Refusal is an act that may not follow: a stable code, and a sentence without
// personal data.
type Refusal struct {
	Code events.Code
	Text string
}

func (r *Refusal) Error() string { return string(r.Code) + ": " + r.Text }

// Is reports whether both have the same code.
func (r *Refusal) Is(target error) bool {
	t, ok := target.(*Refusal)
	return ok && t.Code == r.Code
}

// ErrRace is returned when somebody else added to the case, or to the task, first.
// Fold again and look whether the act may still follow.
var ErrRace = refuse(Race, "")

// ErrFold is returned for facts that no case can have: a gap, a fact that cannot
// follow, a body without what its act needs.
var ErrFold = errors.New("the facts of the case do not fit together")

// RefusalCode is the code of a refusal in an error; empty if there is none.
func RefusalCode(err error) events.Code {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return ""
}

// Codes of a refusal. They are never renamed.
const (
	Race               events.Code = "RACE"
	AlreadyOpen        events.Code = "ALREADY_OPEN"
	NothingAsked       events.Code = "NOTHING_ASKED"
	NotARequest        events.Code = "NOT_A_REQUEST"
	DateBeforeReceipt  events.Code = "DATE_BEFORE_RECEIPT"
	DateInFuture       events.Code = "DATE_IN_FUTURE"
	DateOutOfOrder     events.Code = "DATE_OUT_OF_ORDER"
	AlreadyClosed      events.Code = "ALREADY_CLOSED"
	AlreadyEnded       events.Code = "ALREADY_ENDED"
	AlreadyAnswered    events.Code = "ALREADY_ANSWERED"
	AlreadyStarted     events.Code = "ALREADY_STARTED"
	AlreadyAsked       events.Code = "ALREADY_ASKED"
	AlreadyApproved    events.Code = "ALREADY_APPROVED"
	AlreadyComplete    events.Code = "ALREADY_COMPLETE"
	IdentityNotProven  events.Code = "IDENTITY_NOT_PROVEN"
	IdentityNotInDoubt events.Code = "IDENTITY_NOT_IN_DOUBT"
	IdentityInDoubt    events.Code = "IDENTITY_IN_DOUBT"
	AuthorityNotShown  events.Code = "AUTHORITY_NOT_SHOWN"
	NotAsked           events.Code = "NOT_ASKED"
	ExtensionTooLate   events.Code = "EXTENSION_TOO_LATE"
	ExtensionNotInLaw  events.Code = "EXTENSION_NOT_IN_LAW"
	ExtensionGiven     events.Code = "EXTENSION_GIVEN"
	ExtensionNoReason  events.Code = "EXTENSION_WITHOUT_REASON"
	PauseNotInLaw      events.Code = "PAUSE_NOT_IN_LAW"
	PauseTooLate       events.Code = "PAUSE_TOO_LATE"
	JoinsUnconfirmed   events.Code = "JOINS_UNCONFIRMED"
	JoinsContested     events.Code = "JOINS_CONTESTED"
	NoPerson           events.Code = "NO_PERSON"
	NoReason           events.Code = "NO_REASON"
	Undecided          events.Code = "UNDECIDED"
	TwoPersons         events.Code = "TWO_PERSONS"
	SelfApproval       events.Code = "SELF_APPROVAL"
	PlanStale          events.Code = "PLAN_STALE"
	PlanUnknown        events.Code = "PLAN_UNKNOWN"
	NothingApproved    events.Code = "NOTHING_APPROVED"
	NothingStarted     events.Code = "NOTHING_STARTED"
	NothingToDo        events.Code = "NOTHING_TO_DO"
	NotBinding         events.Code = "NOT_BINDING"
	CopiesFirst        events.Code = "COPIES_FIRST"
	RefusalNeedsReason events.Code = "REFUSAL_NEEDS_REASON"
	RefusalNotPossible events.Code = "REFUSAL_NOT_POSSIBLE"
	NotAnswered        events.Code = "NOT_ANSWERED"
	NotComplete        events.Code = "NOT_COMPLETE"
	TargetsUnproven    events.Code = "TARGETS_UNPROVEN"
	NotSettleable      events.Code = "NOT_SETTLEABLE"
	NotADuplicate      events.Code = "NOT_A_DUPLICATE"
	NoPackage          events.Code = "NO_PACKAGE"
	BodyIncomplete     events.Code = "BODY_INCOMPLETE"
	TaskNotClaimable   events.Code = "TASK_NOT_CLAIMABLE"
	TaskNotYet         events.Code = "TASK_NOT_YET"
	TaskLeased         events.Code = "TASK_LEASED"
	TaskEnded          events.Code = "TASK_ENDED"
	ReportUnknown      events.Code = "REPORT_UNKNOWN"
	ReportOfFuture     events.Code = "REPORT_OF_NO_ATTEMPT"
	ReportNeedsGround  events.Code = "REPORT_NEEDS_GROUND"
	ReportDoesNotFit   events.Code = "REPORT_DOES_NOT_FIT"
)

func refuse(code events.Code, format string, a ...any) *Refusal {
	text := fmt.Sprintf(format, a...)
	if text == "" {
		text = sentence(code)
	}
	return &Refusal{code, text}
}
