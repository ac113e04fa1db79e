package events

// The sets of kinds in the table of the published contract.
const (
	onStored       kinds = 1 << RecordStored
	onUsed         kinds = 1 << RecordUsed
	onShared       kinds = 1 << RecordShared
	onRemoved      kinds = 1 << RecordRemoved
	onRecords            = onStored | onUsed | onShared | onRemoved
	onConsents     kinds = 1<<ConsentGiven | 1<<ConsentWithdrawn
	onObjections   kinds = 1<<ObjectionMade | 1<<ObjectionLifted
	onRestrictions kinds = 1<<RestrictionSet | 1<<RestrictionLifted
	onMilestones   kinds = 1<<MilestoneReached | 1<<MilestoneRetracted
	onDecisions    kinds = 1 << DecisionMade
	onNotices      kinds = 1 << NoticeGiven
	onStates       kinds = 1 << PersonState
	onLinks        kinds = 1<<SubjectLinked | 1<<SubjectUnlinked
	onRetractions  kinds = 1 << EventRetracted
	onSyncs        kinds = 1 << SourceSynced

	onPeople = onRecords | onConsents | onObjections | onRestrictions | onMilestones |
		onDecisions | onNotices | onStates | onLinks
	onAll = onPeople | onRetractions | onSyncs
)

// dataShape is the table of the published contract: every field of the data of
// every kind. The order is that of writing.
//
// A removal without categories or dataset speaks of all of them, so a removal
// may leave them out; so may a use, which often does not know them. A list is
// never empty, because an empty one could mean none as well as all.
var dataShape = shapeOf(
	subjectMember("subject", onPeople, never, "Identifiers of one person as the reporting system knows them, its own primary one first. Two people in one record: two events with the same item. A link names exactly two."),
	codeMember("subject_type", onRecords, never, "The role of the person: a subject type of the catalogue.", func(e *Event) *Code { return &e.SubjectType }),
	activityMember("activity", onRecords|onConsents|onRestrictions|onDecisions, onObjections|onMilestones|onNotices, "The processing activity: code, code/sub_purpose, or undeclared."),
	categoriesMember("categories", onStored|onShared, onUsed|onRemoved|onRestrictions, "Data categories: code or code/element. Left out means all."),
	codeMember("dataset", never, onRecords, "The table, folder or index it rests in. Left out: the activity stands for it; of a removal: all.", func(e *Event) *Code { return &e.Dataset }),
	identifierMember("item", never, onRecords|onConsents|onRestrictions|onMilestones, "The instance it concerns: an application, a pay year, a photo, a contract.", func(o *Observation) *Identifier { return &o.Item }),
	identifierMember("within", never, onRecords, "The larger record it sits in.", func(o *Observation) *Identifier { return &o.Within }),
	dateMember("record_date", never, onRecords, "The day the record is of, for example the one that places it in a financial year.", func(e *Event) *Date { return &e.RecordDate }),
	wordMember("medium", never, onRecords, "What it is kept on. Left out: electronic.", media, func(e *Event) *Medium { return &e.Medium }),
	codeMember("controller", never, onRecords, "The recipient id of the controller, where it is held for somebody else.", func(e *Event) *Code { return &e.Controller }),
	marksMember("marks", never, onRecords, "What a person must know before the record is disclosed."),

	wordMember("provenance", onStored, never, "How the record came to be.", provenances, func(e *Event) *Provenance { return &e.Provenance }),
	partyMember("obtained_from", never, onStored, "Whom it was obtained from: a source or named instance, or a person.", func(e *Event) *Code { return &e.ObtainedFrom.Code }, func(o *Observation) *Identifier { return &o.ObtainedFromPerson }),
	codeMember("basis", never, onStored, "The lawful basis, only where it differs from that of the activity.", func(e *Event) *Code { return &e.Basis }),
	codeMember("legal_duty", never, onStored, "The legal duty that requires it to be kept.", func(e *Event) *Code { return &e.LegalDuty }),
	groupMember("location", never, onStored, "Where it rests.", location),

	wordMember("action", onUsed, never, "What was done with it. A promotional message that leaves is sent.", actions, func(e *Event) *Action { return &e.Action }),
	codeMember("channel", never, onUsed|onShared, "The channel it left by.", func(e *Event) *Code { return &e.Channel }),

	partyMember("recipient", onShared, never, "Who received it: a class or named instance of the catalogue, or a person.", func(e *Event) *Code { return &e.Recipient.Code }, func(o *Observation) *Identifier { return &o.RecipientPerson }),
	identifierMember("recipient_ref", never, onShared, "The name by which the recipient knows the person.", func(o *Observation) *Identifier { return &o.RecipientRef }),
	codeMember("condition", never, onShared, "The condition it was shared under.", func(e *Event) *Code { return &e.Condition }),
	wordMember("consideration", never, onShared, "What was received for it.", considerations, func(e *Event) *Consideration { return &e.Consideration }),
	groupMember("transfer", never, onShared, "The transfer to another country, and what protects it there.", transfer),
	wordMember("acting_as", never, onShared, "The role of the recipient here. Left out: that of the catalogue.", actings, func(e *Event) *ActingAs { return &e.ActingAs }),
	groupMember("not_to_be_told", never, onShared, "Why the person is not told of this disclosure for now, and when that is looked at again.", withheld),

	wordMember("how", onRemoved, never, "How it went.", removals, func(e *Event) *Removal { return &e.Removal }),

	codesMember("for_channels", never, onConsents, "The channels it is for. Left out means all.", func(e *Event) *[]Code { return &e.Channels }).where(onConsents.has),
	wordMember("method", onConsents, never, "How it was given or withdrawn.", methods, func(e *Event) *Method { return &e.Method }),
	wordMember("given_by", onConsents, never, "Who gave or withdrew it.", givers, func(e *Event) *Giver { return &e.GivenBy }),
	codeMember("wording_ref", never, onConsents, "The version of the wording that was shown.", func(e *Event) *Code { return &e.Wording }),

	boolMember("direct_marketing", never, onObjections, "True for an objection to direct marketing as such, in place of an activity.", func(e *Event) bool { return e.Flags&DirectMarketing != 0 }, func(e *Event) { e.Flags |= DirectMarketing }),
	codesMember("channels", never, onObjections, "The channels objected to. Left out means all.", func(e *Event) *[]Code { return &e.Channels }).where(func(k Kind) bool { return !onConsents.has(k) }),

	codeMember("ground", onRestrictions, never, "The ground of the restriction.", func(e *Event) *Code { return &e.Ground }),

	codeMember("milestone", onMilestones, never, "The milestone: a code that starts the clock of a retention rule.", func(e *Event) *Code { return &e.Milestone }),
	wordMember("state", onStates, never, "The state of the person.", states, func(e *Event) *State { return &e.State }),
	dateMember("date", onMilestones|onStates, never, "The day of the milestone, or since when the state holds.", func(e *Event) *Date { return &e.Date }),

	boolMember("solely_automated", onDecisions, never, "Whether no person took part in the decision.", func(e *Event) bool { return e.Automated }, func(e *Event) { e.Automated = true }),
	boolMember("significant", onDecisions, never, "Whether it has legal or similarly significant effects.", func(e *Event) bool { return e.Significant }, func(e *Event) { e.Significant = true }),
	codeMember("logic_ref", onDecisions, never, "The version of the logic that decided.", func(e *Event) *Code { return &e.Logic }),

	codeMember("notice_version", onNotices, never, "The version of the notice that was given.", func(e *Event) *Code { return &e.NoticeVersion }),

	codeMember("evidence", onLinks, never, "What the link, or its end, rests on.", func(e *Event) *Code { return &e.Evidence }),

	codeMember("source", onRetractions, never, "The source of the event that is taken back.", func(e *Event) *Code { return &e.RetractsSource }),
	plaintextMember("id", onRetractions, never, "The id of the event that is taken back.", func(o *Observation) *Plaintext { return &o.Retracts }),
	codeMember("why", onRetractions, never, "Why it is taken back.", func(e *Event) *Code { return &e.Why }),

	instantMember("through", onSyncs, never, "Everything up to this time has been reported. Also the heartbeat.", func(e *Event) *Instant { return &e.Through }),
	instantMember("since", never, onSyncs, "From this time on.", func(e *Event) *Instant { return &e.Since }),
	codesMember("covers", never, onSyncs, "The datasets it speaks for. Left out means all.", func(e *Event) *[]Code { return &e.Covers }),
)

var location = func() *shape {
	s := shapeOf(
		codeMember("place", never, always, "The data centre, office or store room.", func(e *Event) *Code { return &e.Place }),
		countryMember("country", never, always, "The country.", func(e *Event) *Code { return &e.Country }),
	)
	s.any = true
	return s
}()

var transfer = shapeOf(
	countryMember("country", always, never, "The country it went to.", func(e *Event) *Code { return &e.TransferTo }),
	codeMember("safeguard", always, never, "What protects it there.", func(e *Event) *Code { return &e.Safeguard }),
)

var withheld = shapeOf(
	codeMember("ground", always, never, "The ground for not telling.", func(e *Event) *Code { return &e.WithheldOn }),
	dateMember("review_on", always, never, "The day it is looked at again.", func(e *Event) *Date { return &e.WithheldUntil }),
)

// finish checks what no single field shows and sets what follows from the
// rest. It stands in the data.
func (d *decoder) finish() bool {
	e := &d.o.Event
	switch k := kinds(1) << e.Kind; {
	case onObjections&k != 0:
		marketing := e.Flags&DirectMarketing != 0
		if marketing == (e.Activity.Code != "") {
			code, reason := RejectMissing, "want the activity objected to, or direct_marketing: true"
			if marketing {
				code, reason = RejectContradicts, "want the activity objected to or direct_marketing: true, not both"
			}
			return d.failAt("activity", code, reason)
		}
	case onLinks&k != 0 && len(d.o.Subject) != 2:
		return d.failAt("subject", RejectLimit, "want exactly two identifiers: the one and the other")
	case onSyncs&k != 0 && e.Since != 0 && e.Since > e.Through:
		return d.failAt("since", RejectContradicts, "want a time before that of through")
	case (onRecords&^onRemoved)&k != 0 && e.Dataset == "":
		e.Dataset = e.Activity.Code
		e.Flags |= DatasetDefaulted
	}
	return true
}
