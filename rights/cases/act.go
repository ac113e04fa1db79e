package cases

import "github.com/habeas-data/habeas/events"

// An Act is what happened to a case.
type Act = events.Code

// The acts.
const (
	Opened             Act = "opened"
	IdentityAsked      Act = "identity_asked"    // because of reasonable doubt (Article 12(6))
	IdentityReceived   Act = "identity_received" // what was asked for came, and it settles the doubt
	IdentityChecked    Act = "identity_checked"  // nobody had doubted it: moves no clock
	IdentityFailed     Act = "identity_failed"   // it did not come or does not settle it; a person ended the wait
	AuthorityAsked     Act = "authority_asked"
	AuthorityReceived  Act = "authority_received"
	FeeAsked           Act = "fee_asked"
	FeePaid            Act = "fee_paid"
	ClarificationAsked Act = "clarification_asked"
	ClarificationCame  Act = "clarification_received"
	ExtensionTold      Act = "extension_told" // with the reasons (Article 12(3))
	Confirmed          Act = "confirmed"      // a person confirmed the joined handles
	Assessed           Act = "assessed"
	Decided            Act = "decided"
	Approved           Act = "approved"
	Started            Act = "started" // tasks were made from the approved plan
	LetterKept         Act = "letter"
	Packaged           Act = "packaged"
	Downloaded         Act = "downloaded"
	Answered           Act = "answered"
	Settled            Act = "settled" // a person chose how tasks end, or to go on chasing
	Rerun              Act = "rerun"   // further tasks under the same approval
	RefusedRequest     Act = "refused" // the whole request, and the person was told (Article 12(4))
	Withdrawn          Act = "withdrawn"
	Duplicate          Act = "duplicate"
	Completed          Act = "completed"
	Certified          Act = "certified"
	Closed             Act = "closed"
)
