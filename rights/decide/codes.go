package decide

import "strings"

// An Outcome is what is proposed for a holding under one right.
type Outcome string

const (
	Erase    Outcome = "erase"
	Retain   Outcome = "retain"
	Restrict Outcome = "restrict"
	Stop     Outcome = "stop" // this use ends, the data stays
	Rectify  Outcome = "rectify"
	Disclose Outcome = "disclose"
	Withhold Outcome = "withhold"
	Review   Outcome = "review" // a person decides
	Refer    Outcome = "refer"  // somebody else is the controller
	None     Outcome = "none"
)

// Outcomes lists every outcome.
func Outcomes() []Outcome {
	return []Outcome{Erase, Retain, Restrict, Stop, Rectify, Disclose, Withhold, Review, Refer, None}
}

// A Code is the reason of an outcome.
type Code string

const (
	RefuseUnfounded  Code = "REFUSE_UNFOUNDED"
	RefuseExcessive  Code = "REFUSE_EXCESSIVE"
	WaitID           Code = "WAIT_ID"
	RefuseID         Code = "REFUSE_ID"
	WaitAuthority    Code = "WAIT_AUTHORITY"
	WaitClarify      Code = "WAIT_CLARIFY"
	ReferController  Code = "REFER_CONTROLLER"
	NotHeldAtReceipt Code = "NOT_HELD_AT_RECEIPT"

	EraseRetentionExpired    Code = "ERASE_RETENTION_EXPIRED"
	EraseUnlawful            Code = "ERASE_UNLAWFUL"
	EraseLegalDuty           Code = "ERASE_LEGAL_DUTY"
	EraseObjectionMarketing  Code = "ERASE_OBJECTION_MARKETING"
	EraseConsentWithdrawn    Code = "ERASE_CONSENT_WITHDRAWN"
	EraseObjection           Code = "ERASE_OBJECTION"
	EraseChildISS            Code = "ERASE_CHILD_ISS"
	EraseMaliciousAllegation Code = "ERASE_MALICIOUS_ALLEGATION"
	EraseNotNecessary        Code = "ERASE_NOT_NECESSARY"

	KeepLegalClaims       Code = "KEEP_LEGAL_CLAIMS"
	KeepLegalObligation   Code = "KEEP_LEGAL_OBLIGATION"
	KeepPublicTask        Code = "KEEP_PUBLIC_TASK"
	KeepPublicHealth      Code = "KEEP_PUBLIC_HEALTH"
	KeepResearch          Code = "KEEP_RESEARCH"
	KeepExpression        Code = "KEEP_EXPRESSION"
	KeepUKExemption       Code = "KEEP_UK_EXEMPTION" // followed by ":" and the paragraph
	KeepOverridingGrounds Code = "KEEP_OVERRIDING_GROUNDS"
	KeepNoGround          Code = "KEEP_NO_GROUND"
	KeepAfterTrigger      Code = "KEEP_AFTER_TRIGGER"
	KeepAccurate          Code = "KEEP_ACCURATE"

	RestrictUnlawful         Code = "RESTRICT_UNLAWFUL_AT_SUBJECT_CHOICE"
	RestrictPendingObjection Code = "RESTRICT_PENDING_OBJECTION"
	RestrictSubjectClaim     Code = "RESTRICT_SUBJECT_CLAIM"
	RestrictAccuracy         Code = "RESTRICT_ACCURACY"

	NoRow             Code = "NO_ROW"
	RetMissing        Code = "RET_MISSING"
	BasisUnmapped     Code = "BASIS_UNMAPPED"
	NecessityUnstated Code = "NECESSITY_UNSTATED"

	StopObjection          Code = "STOP_OBJECTION"
	StopObjectionMarketing Code = "STOP_OBJECTION_MARKETING"
	StopConsentWithdrawn   Code = "STOP_CONSENT_WITHDRAWN"

	RectifyWrong   Code = "RECTIFY"
	DiscloseAll    Code = "DISCLOSE"
	WithholdPrefix Code = "WITHHOLD_" // followed by the exemption
	AutomatedCheck Code = "AUTOMATED_HUMAN_REVIEW"
	AutomatedBar   Code = "AUTOMATED_PROHIBITED"
	NotAffected    Code = "NOT_AFFECTED"
	NotAsked       Code = "NOT_ASKED"
)

// WithholdNeverOutput is of what is held and stands in no answer: a password.
const WithholdNeverOutput = WithholdPrefix + "NEVER_OUTPUT"

// A Meaning says what a code stands for: the article it rests on, what the person
// is told, and the term of the Data Privacy Vocabulary, where there is one.
type Meaning struct {
	Article string
	Says    string
	DPV     string
}

const (
	gdpr    = "https://w3id.org/dpv/legal/eu/gdpr#"
	justify = "https://w3id.org/dpv/justifications#"
)

// Meanings are the codes that a plan uses. Those of an exemption are the code of
// KeepUKExemption or of WithholdPrefix with the exemption behind it.
func Meanings() map[Code]Meaning {
	return map[Code]Meaning{
		RefuseUnfounded:  {"12(5)", "The request is manifestly unfounded.", gdpr + "JustificationA12ManifestlyUnfounded"},
		RefuseExcessive:  {"12(5)", "The request is excessive.", gdpr + "JustificationA12ManifestlyExcessive"},
		WaitID:           {"12(6)", "We need information to confirm who you are.", gdpr + "JustificationA12IdentityRequired"},
		RefuseID:         {"12(6), 11(2)", "We could not confirm who you are.", gdpr + "JustificationA12IdentityFailure"},
		WaitAuthority:    {"12(6)", "We need to see that you may ask for this person.", gdpr + "JustificationA12IdentityRequired"},
		WaitClarify:      {"12(1)", "Please tell us on which ground you ask.", gdpr + "JustificationA12InformationRequired"},
		ReferController:  {"28(3)(e)", "We hold this for somebody else, who decides about it.", ""},
		NotHeldAtReceipt: {"17(1)", "We did not hold this when you asked.", ""},

		EraseRetentionExpired:    {"5(1)(e)", "The time for which we keep this has ended.", gdpr + "JustificationA17NonNecessity"},
		EraseUnlawful:            {"17(1)(d)", "We have decided not to keep this.", gdpr + "JustificationA17UnlawfulProcessing"},
		EraseLegalDuty:           {"17(1)(e)", "A law requires us to erase it.", gdpr + "JustificationA17LegalErasure"},
		EraseObjectionMarketing:  {"17(1)(c), 21(3)", "We have stopped using your data for marketing. We keep only what stops us from contacting you again.", gdpr + "JustificationA17ObjectA21"},
		EraseConsentWithdrawn:    {"17(1)(b)", "You withdrew your consent and we have no other ground.", gdpr + "JustificationA17NoLegalBasis"},
		EraseObjection:           {"17(1)(c)", "You objected and we have no overriding ground.", gdpr + "JustificationA17ObjectA21"},
		EraseChildISS:            {"17(1)(f)", "It was collected when you used an online service as a child.", gdpr + "JustificationA17ChildData"},
		EraseMaliciousAllegation: {"17(1)(g)", "It comes from a malicious allegation.", ""},
		EraseNotNecessary:        {"17(1)(a)", "We no longer need this.", gdpr + "JustificationA17NonNecessity"},

		KeepLegalClaims:       {"17(3)(e)", "We need it to establish, exercise or defend legal claims. Its use is restricted to that.", gdpr + "JustificationA17LegalClaims"},
		KeepLegalObligation:   {"17(3)(b)", "A law requires us to keep it. We will erase it when that ends.", gdpr + "JustificationA17LegallyRequired"},
		KeepPublicTask:        {"17(3)(b)", "It is necessary for a task in the public interest.", gdpr + "JustificationA17PublicInterest"},
		KeepPublicHealth:      {"17(3)(c)", "It is part of a health or social care record kept by professionals bound by secrecy.", gdpr + "JustificationA17PublicHealth"},
		KeepResearch:          {"17(3)(d)", "Erasing it would seriously impair research or an archive.", gdpr + "JustificationA17Archiving"},
		KeepExpression:        {"17(3)(a)", "It is necessary for freedom of expression and information.", gdpr + "JustificationA17FreedomOfExpression"},
		KeepUKExemption:       {"DPA 2018, Schedules 2 to 4", "An exemption applies.", justify + "LegallyExempted"},
		KeepOverridingGrounds: {"21(1), 17(1)(c)", "Our grounds override in your case.", justify + "LegitimateInterestOverride"},
		KeepNoGround:          {"17(1)", "We still need it, and none of the grounds for erasure applies.", ""},
		KeepAfterTrigger:      {"17(3)", "The time for which we keep it has not ended, and we need it for that time.", gdpr + "JustificationA17LegalClaims"},
		KeepAccurate:          {"16", "We looked into it and found the data correct. You may add a statement of your own.", ""},

		RestrictUnlawful:         {"18(1)(b)", "Use is restricted, as you asked, instead of erasing.", justify + "UnlawfulActivityObjection"},
		RestrictPendingObjection: {"18(1)(d)", "Use is restricted while we weigh your objection.", justify + "Objection"},
		RestrictSubjectClaim:     {"18(1)(c)", "We no longer need it, and keep it for your legal claim.", ""},
		RestrictAccuracy:         {"18(1)(a)", "Use is restricted while we check whether it is correct.", justify + "ContestAccuracy"},

		NoRow:             {"5(1)(a)", "No activity of the record of processing covers this. A person looks at it.", ""},
		RetMissing:        {"5(1)(e)", "No time is stated for which this is kept. A person looks at it.", ""},
		BasisUnmapped:     {"5(1)(a)", "Several lawful bases are stated together. A person says which one is meant.", ""},
		NecessityUnstated: {"5(1)(e), 17(1)(a)", "Nobody has said why this is still needed. A person looks at it.", ""},

		StopObjection:          {"21(1)", "We have stopped this use, because you objected.", gdpr + "JustificationA17ObjectA21"},
		StopObjectionMarketing: {"21(3)", "We have stopped using your data for marketing.", gdpr + "JustificationA17ObjectA21"},
		StopConsentWithdrawn:   {"7(3)", "You withdrew your consent, and this use has ended.", ""},

		RectifyWrong:        {"16", "We have corrected it.", ""},
		DiscloseAll:         {"15(1), 15(3)", "You get this.", ""},
		WithholdNeverOutput: {"32(1)", "It is kept so that nobody can read it, and is in no answer.", ""},
		AutomatedCheck:      {"22(3)", "A person looks at the decision again.", ""},
		AutomatedBar:        {"22(1)", "A decision of this kind may not be made without a person.", ""},
		NotAffected:         {"", "What you asked does not touch this.", ""},
		NotAsked:            {"", "You did not ask about this.", ""},
	}
}

var meanings = Meanings()

// Meaning says what a code stands for; false if the code is unknown.
func (c Code) Meaning() (Meaning, bool) {
	if m, ok := meanings[c]; ok {
		return m, true
	}
	if of, ok := strings.CutPrefix(string(c), string(KeepUKExemption)+":"); ok {
		x, known := exemption(of)
		return Meaning{x.Article(), meanings[KeepUKExemption].Says, meanings[KeepUKExemption].DPV}, known
	}
	if of, ok := strings.CutPrefix(string(c), string(WithholdPrefix)); ok {
		x, known := exemptionWord(of)
		return Meaning{x.Article(), "It is withheld: " + x.Text + ".", justify + "LegallyExempted"}, known
	}
	return Meaning{}, false
}
