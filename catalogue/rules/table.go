package rules

import (
	"slices"
	"sync"
)

// All lists every rule: each has one canonical name, and as aliases the other
// names of the same meaning.
var All = sync.OnceValue(func() []Rule {
	return slices.Concat(aboutRoles, aboutBases, aboutConditions, aboutTerms, aboutRecipients, aboutTransfers, aboutRetention, aboutRequests, aboutPeople)
})

func names(list ...string) []string { return list }

const (
	gdpr = "UK GDPR "
	dpa  = "Data Protection Act 2018 "
)

var aboutRoles = []Rule{
	{"ROLE_MISMATCH", nil, "the role claimed is not the role shown", gdpr + "Articles 4(7), 4(8), 28(10)",
		"Settle the role for each activity; correct the notice or the conduct.", roleMismatch},
	{"ROLE_MISSING", nil, "no role is stated", gdpr + "Articles 4(7), 13(1)(a)",
		"State whether you are controller or processor, for each activity where it differs.", roleMissing},
	{"AUTHORITY_AS_PROCESSOR", nil, "an authority is called a processor", gdpr + "Articles 4(9), 28",
		"List the authority as a controller of its own; no contract of Article 28 binds it.", authorityAsProcessor},
	{"CONTROLLER_UNNAMED", nil, "the controller is not named", gdpr + "Article 13(1)(a)",
		"Name the legal entity.", controllerUnnamed},
	{"GROUP_ROLE_CONFLICT", nil, "a group company acts for itself and only on instruction", gdpr + "Articles 26, 28(3)(a)",
		"Say per purpose whether the group company is a controller or a processor.", groupRoleConflict},
	{"INSTRUCTION_ONLY_VS_OWN_USE", nil, "a recipient bound to instructions uses data for itself", gdpr + "Article 28(3)(a), 28(10)",
		"List the recipient as a controller for its own use, or stop the use.", instructionOnlyVsOwnUse},
	{"RECIPIENT_KIND_AMBIGUOUS", nil, "processor or controller is not told", gdpr + "Articles 4(8), 13(1)(e)",
		"Record for each recipient in which role it acts.", recipientKindAmbiguous},
	{"ADDRESS_MISSING", nil, "no postal contact", gdpr + "Article 13(1)(a)", "Add a postal address.", addressMissing},
	{"DATE_MISSING", nil, "the notice bears no date", gdpr + "Article 5(2)", "Date the notice and keep its older versions.", dateMissing},
	{"DPO_UNNAMED", nil, "a data protection officer without a name", gdpr + "Articles 13(1)(b), 37(7)",
		"Give a contact that reaches the officer; a name is not required.", dpoUnnamed},
	{"DPO_NOT_NAMED", nil, "no data protection officer where one is called for", gdpr + "Article 37(1)",
		"Designate an officer, or record why none is needed.", dpoNotNamed},
}

var aboutBases = []Rule{
	{"BASIS_MISSING", nil, "no lawful basis is stated", gdpr + "Articles 6(1), 13(1)(c)",
		"State the basis, or map it in the decisions file with the name of who decided.", basisMissing},
	{"BASIS_POOLED", nil, "one list of bases for many purposes", gdpr + "Articles 13(1)(c), 20(1), 21(1)",
		"Map one basis to each purpose; until then portability, objection and erasure go to a person.", basisPooled},
	{"BASIS_CONDITIONAL_UNRESOLVED", nil, "one basis or another, and when is not said", gdpr + "Article 13(1)(c)",
		"Split the activity, or say when each basis applies.", basisConditional},
	{"BASIS_LI_PUBLIC_AUTHORITY", nil, "a public authority names legitimate interests", gdpr + "Article 6(1), last sentence",
		"Use public task for statutory functions; keep legitimate interests for what is outside them.", basisInterestAuthority},
	{"BASIS_TEXT_ARTICLE", nil, "the words of a basis and its article disagree", gdpr + "Articles 6(1), 12(1)",
		"Correct the article or the words.", basisTextArticle},
	{"BASIS_EXTRA", nil, "an article is printed that the words do not support", gdpr + "Article 13(1)(c)",
		"Remove the article or say what it is for.", basisExtra},
	{"BASIS_PROSE_TABLE", nil, "prose and row name different bases", gdpr + "Articles 12(1), 13(1)(c)",
		"Decide on one basis and correct the other place.", basisProseTable},
	{"BASIS_PROSE_PROSE", nil, "two sentences name different bases", gdpr + "Articles 12(1), 13(1)(c)",
		"Decide on one basis and correct the other place.", basisProseProse},
	{"BASIS_DIVERGES", nil, "the same sensitive data on different bases for different people", gdpr + "Article 5(1)(a)",
		"Record why the groups differ.", basisDiverges},
	{"BASIS_NECESSITY_DOUBT", nil, "contract as basis for what a contract seldom needs", gdpr + "Article 6(1)(b)",
		"Record why the contract cannot be performed without it, or choose another basis.", basisNecessity},
	{"CONTRACT_NON_PARTY", names("BASIS_WRONG_PARTY"), "contract as basis for people who are no party to it", gdpr + "Article 6(1)(b)",
		"Use another basis for people who do not sign.", contractNonParty},
	{"CONSENT_IMBALANCE", nil, "consent given to an employer or the like", gdpr + "Articles 4(11), 7(4), recital 43",
		"Record how the consent is free, or choose another basis.", consentImbalance},
	{"CONSENT_BY_VISIT", nil, "a visit is taken for consent", gdpr + "Articles 4(11), 7(1), recital 32",
		"Ask for a clear act. No consent is recorded from a visit.", consentByVisit},
	{"CONSENT_BY_PROXY", nil, "consent of one person supplied by another", gdpr + "Articles 4(11), 7(1)",
		"Record consent only when the person gives it.", consentByProxy},
	{"LEGAL_DUTY_UNNAMED", nil, "legal obligation without a law", gdpr + "Articles 6(3), 13(1)(c); recital 45",
		"Name the law, its provision, the data and how long the duty lasts.", legalDutyUnnamed},
	{"LEGAL_DUTY_WRONG_LAW", nil, "a duty tied to data protection law", gdpr + "Article 6(3)",
		"Name the law that imposes the duty.", legalDutyWrongLaw},
	{"LI_UNNAMED", nil, "legitimate interests without an interest", gdpr + "Article 13(1)(d)",
		"Say which interest, and keep the balancing test.", interestUnnamed},
	{"ROW_BASIS_STRETCH", nil, "asking for reviews or answers under contract or duty", gdpr + "Articles 5(1)(b), 6(1)",
		"Give the request a basis of its own.", rowBasisStretch},
	{"DUAL_BASIS_SAME_TOOL", nil, "one tool on consent and on legitimate interests", gdpr + "Articles 5(1)(a), 7(3)",
		"Decide what a withdrawal stops in that tool.", dualBasisSameTool},
	{"VITAL_INTEREST_ROW_MISSING", nil, "an emergency row for some people and not for others", gdpr + "Article 6(1)(d)",
		"Add a row, or record why none is needed.", vitalInterestRow},
	{"PURPOSE_NO_ROW", nil, "a purpose told in prose has no row", gdpr + "Articles 5(1)(b), 13(1)(c), 30(1)(b)",
		"Add a row with basis, data and period.", purposeNoRow},
	{"STATUTE_UNKNOWN", nil, "an Act that is not on the list of known titles", "Titles of Acts at legislation.gov.uk",
		"Check the title and the year.", statuteUnknown},
	{"LAW_OUTDATED", nil, "a law that no longer applies, or the area of another law", gdpr + "Articles 44 to 46 as retained; " + dpa + "Schedule 21",
		"Cite the law in force.", lawOutdated},
	{"PREAMBLE_STALE_LAW", nil, "a bill is cited as law", "Bills and Acts at legislation.gov.uk", "Cite the Act that came of it.", preambleStale},
}

var aboutConditions = []Rule{
	{"SPECIAL_NO_ART9", nil, "special data without a condition of Article 9", gdpr + "Article 9(1), 9(2)",
		"Name the condition, or stop holding the data.", specialNoArt9},
	{"CRIMINAL_NO_ART10", nil, "criminal data without authority in law", gdpr + "Article 10; " + dpa + "sections 10(5), 11(2), Schedule 1",
		"Name the condition of Schedule 1, or stop holding the data.", criminalNoArt10},
	{"CRIMINAL_NO_RETENTION", nil, "criminal data under a blanket period", gdpr + "Articles 5(1)(e), 10; " + dpa + "Schedule 1 paragraph 39",
		"Set a period for this data by itself and record why it is needed for so long.", criminalNoRetention},
	{"SPECIAL_IN_PLAIN_CATEGORY", nil, "plain data that can show special data", gdpr + "Article 9(1)",
		"Tag the items, and treat them as special where they are used to infer.", specialInPlain},
	{"SPECIAL_WITHOUT_CONDITION", nil, "a row whose data may bring special data has no condition", gdpr + "Article 9(2)",
		"Add a condition for what comes in, or keep it out.", specialWithoutCondition},
	{"SPECIAL_CONDITION_UNUSED", nil, "conditions of Article 9 and no special data", gdpr + "Articles 9, 13(1)(c)",
		"Say which special data is held, or drop the conditions.", specialConditionUnused},
	{"SPECIAL_CONSENT_INCOMPLETE", nil, "consent for special data that is not said to be explicit", gdpr + "Article 9(2)(a)",
		"Say that the consent is explicit and name the article.", specialConsentIncomplete},
	{"SPECIAL_LABEL_ODD", nil, "a special category that is not explained", gdpr + "Article 12(1)", "Write the label out.", specialLabelOdd},
	{"SPECIAL_NO_ROW", nil, "data that can be special stands in no row", gdpr + "Articles 6(1), 9(2), 30(1)",
		"Add a row with basis, condition and period.", specialNoRow},
	{"SCHEDULE_IS_EXEMPTION", nil, "an exemption cited as a condition", dpa + "Schedules 1 and 2",
		"Cite a condition of Schedule 1.", scheduleIsExemption},
	{"SECOND_CONDITION_NOT_NEEDED", nil, "a condition of Article 9 for data that is not special", gdpr + "Article 9(1)",
		"Drop the condition, or say which data is special.", conditionNotNeeded},
	{"CONDITION_TEXT_ARTICLE", nil, "the words of a condition and its article disagree", gdpr + "Articles 9(2), 12(1)",
		"Correct the article or the words.", conditionTextArticle},
	{"CONDITION_SCHEDULE_MISSING", nil, "a condition without its paragraph of Schedule 1", dpa + "sections 10(3), 10(5), 11; Schedule 1",
		"Name the paragraph.", conditionScheduleMissing},
	{"CONDITION_EXTRA", nil, "conditions printed that the words do not support", gdpr + "Article 9(2); " + dpa + "Schedule 1",
		"Remove them or say what they are for.", conditionExtra},
	{"SCHEDULE_INCOMPLETE", nil, "the words describe a paragraph that is not cited", dpa + "Schedule 1",
		"Cite the paragraph.", scheduleIncomplete},
	{"POLICY_DOCUMENT_UNMENTIONED", nil, "no appropriate policy document", dpa + "Schedule 1 paragraphs 1, 5, 38 to 41",
		"Write the document, keep it under review, and say that it exists.", policyDocument},
	{"HOLD_VS_RECEIVE", nil, "data that may be received and not held everywhere", gdpr + "Articles 5(1)(f), 32",
		"Keep the location rule in the catalogue; holdings elsewhere raise LOCATION_FORBIDDEN.", holdVsReceive},
	{"LOCATION_FORBIDDEN", nil, "a system declared to hold what may not be there", gdpr + "Articles 5(1)(f), 32",
		"Move the data, or change the rule.", locationForbidden},
}

var aboutTerms = []Rule{
	{"SUBJECT_DUPLICATE_DEF", nil, "two kinds of person with one definition", gdpr + "Articles 12(1), 30(1)(c)", "Define each by itself.", subjectDuplicate},
	{"ROW_SUBJECT_SUSPECT", nil, "a row labelled for other people than it speaks of", gdpr + "Articles 5(1)(d), 12(1)", "Correct the label or the row.", rowSubjectSuspect},
	{"SUBJECT_UNDECLARED", nil, "people whose data is held and who are not listed", gdpr + "Articles 14(1), 30(1)(c)", "List them and tell them.", subjectUndeclared},
	{"CATEGORY_UNDEFINED", nil, "data under a name that is not defined", gdpr + "Articles 12(1), 14(1)(d)", "Define the name.", categoryUndefined},
	{"TERM_UNDEFINED", nil, "a term that is used and not defined", gdpr + "Article 12(1)", "Define the term.", termUndefined},
	{"RET_NO_ROW", names("CATEGORY_COLLECTED_UNUSED"), "data that stands in no row", gdpr + "Articles 5(1)(c), 5(1)(e), 30(1)",
		"Add a row with purpose, basis and period, or stop collecting it.", noRow},
	{"USED_NOT_COLLECTED", nil, "data used and not on the list of what is collected", gdpr + "Articles 13, 14(1)(d)", "Add it to the list.", usedNotCollected},
	{"ROW_NOT_COLLECTED", nil, "a row holds data that is not on the list of what is collected", gdpr + "Articles 13, 14(1)(d)", "Add it to the list, or take it out of the row.", rowNotCollected},
	{"COLLECTED_PARTIAL_ROW", nil, "items that are collected and stand in no row", gdpr + "Articles 5(1)(c), 30(1)", "Add them to a row, or stop collecting them.", collectedPartial},
	{"CATEGORY_UNSTATED_FOR_PURPOSE", nil, "a purpose without its data", gdpr + "Articles 14(1)(d), 30(1)(c)", "Say which data serves the purpose.", categoryUnstated},
	{"REF_DANGLING", nil, "a reference to what is not there", gdpr + "Article 12(1)", "Add the part, or drop the reference.", refDangling},
	{"SUPPLEMENTED_BY_OTHER", nil, "other documents apply as well", gdpr + "Article 12(1)", "Load the other notices beside this one.", supplemented},
	{"SITE_NAME_MISMATCH", nil, "two spellings of one site", gdpr + "Article 12(1)", "Correct the name.", siteMismatch},
	{"SCOPE_MISMATCH", nil, "the notice covers more in one place than in another", gdpr + "Article 12(1)", "State one scope.", scopeMismatch},
	{"SCOPE_ODD", nil, "a description of people that cannot be meant", gdpr + "Article 12(1)", "Say who is meant.", textFault("odd_scope", Info, "people are described in a way that cannot be meant")},
	{"DUPLICATE_TEXT", nil, "a passage stands twice", gdpr + "Article 12(1)", "Keep one.", textFault("repeated", Info, "a passage stands twice")},
	{"COPIED_SENTENCE", nil, "a sentence copied from another part", gdpr + "Article 12(1)", "Write what is meant here.", textFault("copied", Info, "a sentence was copied from another part")},
	{"INCOMPLETE_SENTENCE", names("ENTRY_UNCLOSED_TEXT"), "a sentence or entry is cut off", gdpr + "Article 12(1)", "Finish it.", textFault("cut_off", Info, "a sentence or entry is cut off")},
	{"REPLACED_WORD", nil, "a word was replaced throughout", gdpr + "Article 12(1)", "Put the right word back.", textFault("wrong_word", Info, "a word was replaced by another")},
	{"CELLS_BLANK_OR_NA", nil, "cells are blank where others say none", gdpr + "Article 12(1)", "Write none.", cellsBlank},
	{"RET_COLUMN_MISSING", nil, "a table lacks the heading of its periods", gdpr + "Article 12(1)", "Add the heading.", textFault("no_heading", Info, "a table has no heading for its periods")},
}

var aboutRecipients = []Rule{
	{"RECIPIENT_COUNTRY_MISSING", names("RECIPIENT_NO_COUNTRY"), "where a recipient is, is not said", gdpr + "Articles 13(1)(f), 30(1)(e)", "Record the country of the recipient.", recipientCountry},
	{"RECIPIENT_UNNAMED", names("PROCESSOR_UNNAMED"), "recipients by class only", gdpr + "Articles 13(1)(e), 15(1)(c)", "Register the recipients under their class: a person may ask who they are.", recipientUnnamed},
	{"RECIPIENT_CATEGORY_UNSTATED", names("RECIPIENT_NO_CATEGORY"), "which data a recipient gets is not said", gdpr + "Articles 14(1)(e), 30(1)(d)", "Record the categories sent.", recipientCategory},
	{"RECIPIENT_NOT_IN_SHARING_LIST", names("RECIPIENT_NOT_LISTED"), "a recipient outside the list of recipients", gdpr + "Article 13(1)(e)", "Add it to the list.", notInSharingList},
	{"RECIPIENT_IMPLIED_BY_SOURCE", nil, "a source that has to be asked is a recipient too", gdpr + "Articles 4(9), 13(1)(e)", "List the source as a recipient.", impliedBySource},
	{"RECIPIENT_ASYMMETRY", nil, "a recipient listed for one group and not for another with the same data", gdpr + "Article 13(1)(e)", "List it for every group, or record why not.", recipientAsymmetry},
	{"NO_SHARING_OVERRIDDEN", nil, "no sharing in one place, sharing in another", gdpr + "Articles 5(1)(a), 13(1)(e)", "Tell these people who may receive their data.", noSharingOverridden},
	{"NO_SHARING_VS_MARKETING", nil, "no sharing, and marketing whose material goes out", gdpr + "Articles 5(1)(a), 13(1)(e)", "Tell these people what joining the marketing changes.", noSharingVsMarketing},
	{"ONWARD_DISCLOSURE_UNKNOWN", nil, "a recipient may pass data on to somebody unknown", gdpr + "Articles 13(1)(e), 19, 28(2)", "Ask the recipient, and record whom.", onwardUnknown},
	{"DENIAL_VS_SHARING", nil, "a promise not to share, and a recipient that shows otherwise", gdpr + "Article 5(1)(a)", "Withdraw the promise or the recipient.", denialVsSharing},
	{"INTERNAL_ONLY_VS_DISCLOSE", nil, "internal purposes only, and disclosures", gdpr + "Articles 5(1)(a), 13(1)(e)", "Say what stays inside and what does not.", internalVsDisclose},
	{"VENDOR_PURPOSE_MISMATCH", nil, "a recipient listed for another trade than its own", gdpr + "Articles 13(1)(e), 28(3)", "Check what it really does.", vendorPurpose},
	{"DEAL_DIRECTION", nil, "disclosure when buying a business", gdpr + "Article 12(1)", "A sale is meant; correct the text.", dealDirection},
	{"RECIPIENT_RETENTION_MISSING", nil, "nothing on what processors do with data in the end", gdpr + "Article 28(3)(g)", "Record whether each processor deletes or returns the data.", recipientRetention},
	{"ANONYMOUS_CLAIM", names("ANON_CLAIM_CONFLICT"), "data called anonymous that may not be", gdpr + "Article 4(1), 4(5), recital 26", "Treat it as personal until somebody has shown that nobody can be singled out.", anonymousClaim},
}

var aboutTransfers = []Rule{
	{"TRANSFER_CONTRADICTION", nil, "nothing leaves, and a recipient is outside", gdpr + "Articles 5(1)(a), 13(1)(f)", "Correct the promise or the transfer.", transferContradiction},
	{"TRANSFER_SAFEGUARD_MISSING", names("TRANSFER_NO_SAFEGUARD"), "a transfer without a safeguard", gdpr + "Articles 13(1)(f), 44 to 49", "Name the adequacy regulations, the agreement or the clauses.", transferSafeguard},
	{"TRANSFER_SILENT", nil, "recipients that may be abroad, and no word of transfers", gdpr + "Article 13(1)(f)", "Find out where they are, and say so.", transferSilent},
	{"TRANSFER_CLAUSE_CONFLICT", nil, "two sentences on transfers disagree", gdpr + "Articles 12(1), 13(1)(f)", "Keep one.", transferClauses},
	{"STORAGE_LOCATION_CONFLICT", nil, "all on own servers, and processors", gdpr + "Article 5(1)(a)", "Say where data really is.", storageLocation},
}
