package caseview

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/api/textview"
)

// spoken says a code for which there are no words.
func spoken(code string) string {
	return strings.ReplaceAll(strings.ReplaceAll(code, "_", " "), "-", " ")
}

func wordOr(words map[string]string, code string) string {
	if w, ok := words[code]; ok {
		return w
	}
	return spoken(code)
}

// Rights lists the rights a request may be about, in the order shown to people.
func Rights() []string {
	return []string{"access", "portability", "erasure", "rectification", "restriction", "objection", "objection-marketing", "withdraw-consent", "automated-decision", "complaint"}
}

// Right says what is asked for.
func Right(code string) string {
	return wordOr(map[string]string{
		"access": "access to the data", "portability": "the data to take along", "erasure": "erasure", "rectification": "correction", "restriction": "restriction of use",
		"objection": "objection to a use", "objection-marketing": "no more marketing", "withdraw-consent": "withdrawal of consent", "automated-decision": "review of an automated decision", "complaint": "a complaint",
	}, code)
}

// rights says several of them in one phrase.
func rights(list []string) string {
	var out []string
	for _, r := range list {
		out = append(out, Right(r))
	}
	return series(out)
}

func series(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

// Statuses lists the states of a case, in the order shown to people.
func Statuses() []string {
	return []string{"waiting", "open", "approved", "running", "answered", "complete", "refused", "withdrawn", "duplicate", "closed"}
}

// Status says how a case stands.
func Status(code string) string {
	return wordOr(map[string]string{
		"waiting": "Waits for the person", "open": "Open", "approved": "Approved", "running": "Under way", "answered": "Answered, not closed", "complete": "Complete",
		"refused": "Refused", "withdrawn": "Withdrawn", "duplicate": "Same as another", "closed": "Closed",
	}, code)
}

// Stands says how a case stands, after "the case".
func Stands(code string) string {
	switch code {
	case "waiting":
		return "waits for the person"
	case "duplicate":
		return "is the same as another"
	}
	return "is " + strings.ToLower(Status(code))
}

// outcomes are told in this order: what needs somebody first, then what ends,
// then what stays.
func outcomes() []string {
	return []string{"review", "erase", "stop", "restrict", "rectify", "retain", "disclose", "withhold", "refer", "none"}
}

// Outcome says what is to become of a holding.
func Outcome(code string) string {
	return wordOr(map[string]string{
		"review": "Somebody decides", "erase": "Erase", "stop": "Stop this use", "restrict": "Restrict", "rectify": "Correct", "retain": "Keep",
		"disclose": "Give", "withhold": "Withhold", "refer": "Refer to the controller", "none": "Not affected",
	}, code)
}

// Stand says how a clock stands, and whether that is bad.
func Stand(code string) (words string, bad bool) {
	return wordOr(map[string]string{
		"not_begun": "has not begun", "paused": "stands still", "running": "runs", "due_today": "ends today", "overdue": "OVERDUE",
		"answered_in_time": "answered in time", "answered_late": "answered LATE",
	}, code), slices.Contains([]string{"overdue", "answered_late", "due_today"}, code)
}

// Act says what happened to a case.
func Act(code string) string {
	return wordOr(map[string]string{
		"opened": "Opened", "identity_asked": "Proof of identity asked for", "identity_received": "Proof of identity came", "identity_checked": "Identity checked without doubt",
		"identity_failed": "Identity not proven", "authority_asked": "Authority asked for", "authority_received": "Authority shown", "fee_asked": "Fee asked for", "fee_paid": "Fee paid",
		"clarification_asked": "Asked what is meant", "clarification_received": "Said what is meant", "extension_told": "Told that it takes longer", "confirmed": "Records confirmed as one person's",
		"assessed": "Finding put on record", "decided": "Decided", "approved": "Approved", "started": "Tasks sent out", "letter": "Letter kept", "packaged": "Package made", "downloaded": "Package fetched",
		"answered": "Answered", "settled": "Tasks settled by a person", "rerun": "Failed tasks sent again", "refused": "Refused", "withdrawn": "Withdrawn by the person", "duplicate": "Found to be the same as another",
		"completed": "Complete", "certified": "Certified", "closed": "Closed",
	}, code)
}

// TaskStates lists the states of a task, in the order shown to people.
func TaskStates() []string {
	return []string{"planned", "sent", "accepted", "partly", "manual_waiting", "failed", "refused", "kept_lawful", "accepted_unverifiable", "impossible", "disproportionate", "verified"}
}

// TaskState says how far a task is, and whether somebody has to look at it.
func TaskState(code string) (words string, look bool) {
	return wordOr(map[string]string{
		"planned": "Not taken yet", "sent": "Taken, not reported", "accepted": "Reported, not yet looked at again", "verified": "Done and proven", "partly": "Done in part",
		"accepted_unverifiable": "Reported as done; nobody can look", "kept_lawful": "Kept: the law asks for it", "refused": "Refused by the target", "failed": "Failed",
		"manual_waiting": "Waits for somebody to do it by hand", "impossible": "Impossible", "disproportionate": "Out of proportion",
	}, code), slices.Contains([]string{"partly", "refused", "failed", "manual_waiting"}, code)
}

// Verb says what a target is to do.
func Verb(code string) string {
	return wordOr(map[string]string{
		"export": "send a copy", "erase": "erase", "anonymise": "make anonymous", "rectify": "correct", "restrict": "restrict", "unrestrict": "lift the restriction", "suppress": "stop using, and do not add again",
		"notify": "be told", "cancel": "cancel", "take_down": "take down", "verify": "look again",
	}, code)
}

// Via says how a request came in.
func Via(code string) string { return spoken(code) }

// Vias lists how a request may come in.
func Vias() []string {
	return []string{"email", "letter", "phone", "form", "in_person", "portal", "other"}
}

// Statement says what the person said beside the request.
func Statement(code string) string {
	return wordOr(map[string]string{
		"personal-reasons": "has reasons of their own situation (Article 21(1))", "prefers-restriction": "wants restriction in the place of erasure (Article 18(1)(b))",
		"own-claim": "needs the data for a claim of their own (Article 18(1)(c))", "contests-accuracy": "says that the data is wrong (Article 18(1)(a))",
	}, code)
}

// Statements lists what a person may say beside the request.
func Statements() []string {
	return []string{"personal-reasons", "prefers-restriction", "own-claim", "contests-accuracy"}
}

func plural(n int, one, many string) string { return textview.Plural(n, one, many) }
