package rules

import "slices"

func mutations() []mutation {
	return slices.Concat(roleMutations, basisMutations, conditionMutations, termMutations, recipientMutations, retentionMutations, requestMutations)
}

// The rows of the good catalogue, as far as edits need to find them.
const (
	org     = `role_status: stated,`
	sell    = `lawful_basis: ["6.1.b"], retention: {rule: K1}`
	employ  = `lawful_basis: ["6.1.b"], retention: {trigger: contract_end, period: P6Y}`
	sick    = `lawful_basis: ["6.1.c"], legal_duty_named: true, conditions: [{article: 9.2.b, schedule: [dpa-s1-p1]}], retention: {trigger: contract_end, period: P3Y}`
	checks  = `conditions: [{article: "10", schedule: [dpa-s1-p1]}], retention: {trigger: contract_end, period: P6M}`
	news    = `lawful_basis: ["6.1.a"], direct_marketing: true, opt_in: true, channels: [email], retention: {trigger: consent_withdrawn, period: P0D}`
	sellRow = `data_categories: [contact], ` + sell
)

// another is one more recipient without a fault.
const another = `id: other, name: The other, kind: processor, named: true, country: gb, what_for: Counting, categories: [contact], after_task: erase, lines: "91"`

func to(old, new string) []edit { return []edit{{old, new}} }

var roleMutations = []mutation{
	{"ROLE_MISMATCH", Error, to(org, org+" role_stated: processor,"), nil},
	{"ROLE_MISSING", Review, to("role: controller, role_status: stated", "role_status: not_stated"), nil},
	{"AUTHORITY_AS_PROCESSOR", Error, []edit{into("recipients", `id: police, name: Police, kind: authority, stated_as: processor, named: true, country: gb, categories: [contact]`)}, nil},
	{"CONTROLLER_UNNAMED", Review, to("entity: stated", "entity: not_stated"), nil},
	{"GROUP_ROLE_CONFLICT", Review, []edit{into("recipients", another+", group: true, own_use: true"), stated("about: sharing, claim: on_instruction")}, nil},
	{"INSTRUCTION_ONLY_VS_OWN_USE", Review, []edit{into("recipients", another+", own_use: true"), stated("about: sharing, claim: on_instruction")}, nil},
	{"RECIPIENT_KIND_AMBIGUOUS", Warn, to("kind: processor, named: true, country: gb, what_for: Carrying", "kind: processor, kind_status: pooled, named: true, country: gb, what_for: Carrying"), nil},
	{"ADDRESS_MISSING", Info, to("address: stated", "address: not_stated"), nil},
	{"DATE_MISSING", Warn, to("updated: 2026-01-01\n", ""), nil},
	{"DPO_UNNAMED", Info, to("officer: named", "officer: exists"), nil},
	{"DPO_NOT_NAMED", Warn, to("officer: named", "officer: other, large_scale: true"), nil},
}

var basisMutations = []mutation{
	{"BASIS_MISSING", Warn, to(sell, "retention: {rule: K1}"), nil},
	{"BASIS_MISSING", Error, to(news, "direct_marketing: true, retention: {trigger: consent_withdrawn, period: P0D}"), nil},
	{"BASIS_MISSING", Error, to(sell, "profiling: stated, retention: {rule: K1}"), nil},
	{"BASIS_MISSING", Error, to(`lawful_basis: ["6.1.c"], legal_duty_named: true, `+checks, checks), nil},
	{"BASIS_POOLED", Error, to(sell, `lawful_basis: ["6.1.a", "6.1.b", "6.1.e"], basis_status: pooled, retention: {rule: K1}`), nil},
	{"BASIS_CONDITIONAL_UNRESOLVED", Review, to(sell, `lawful_basis: ["6.1.a", "6.1.b"], basis_status: conditional, retention: {rule: K1}`), nil},
	{"BASIS_LI_PUBLIC_AUTHORITY", Warn, []edit{{org, org + " public_authority: true,"}, {sell, `lawful_basis: ["6.1.f"], interests: [trade], retention: {rule: K1}`}}, nil},
	{"BASIS_TEXT_ARTICLE", Error, []edit{stated(`about: basis_text, activities: [T-01], lawful_basis: ["6.1.c"]`)}, nil},
	{"BASIS_EXTRA", Warn, []edit{{sell, `lawful_basis: ["6.1.b", "6.1.d"], retention: {rule: K1}`}, stated(`about: basis_text, activities: [T-01], lawful_basis: ["6.1.b"]`)}, nil},
	{"BASIS_PROSE_TABLE", Conflict, []edit{stated(`about: basis, activities: [T-01], lawful_basis: ["6.1.f"]`)}, nil},
	{"BASIS_PROSE_PROSE", Conflict, []edit{stated(`about: basis, subject_types: [customer], lawful_basis: ["6.1.a"]`), stated(`about: basis, subject_types: [customer], lawful_basis: ["6.1.b"]`)}, nil},
	{"BASIS_DIVERGES", Info, []edit{into("activities", `id: T-06, purpose: Care, subject_types: [customer], data_categories: [health], lawful_basis: ["6.1.d"], conditions: [9.2.c], retention: {trigger: contract_end, period: P6Y}`)}, nil},
	{"BASIS_NECESSITY_DOUBT", Warn, to("items: [name, address]", "items: [name, address, photograph]"), nil},
	{"CONTRACT_NON_PARTY", Review, []edit{stated("about: relation, claim: other_signs, subject_types: [customer]")}, nil},
	{"CONTRACT_NON_PARTY", Warn, []edit{stated("about: relation, claim: may_sign, subject_types: [customer]")}, nil},
	{"BASIS_WRONG_PARTY", Error, to(sick, `lawful_basis: ["6.1.b"], contract_party: [post], conditions: [{article: 9.2.b, schedule: [dpa-s1-p1]}], retention: {trigger: contract_end, period: P3Y}`), nil},
	{"CONSENT_IMBALANCE", Warn, []edit{{employ, `lawful_basis: ["6.1.a"], retention: {trigger: consent_withdrawn, period: P0D}`}, stated("about: relation, claim: employment, subject_types: [worker]")}, nil},
	{"CONSENT_BY_VISIT", Error, []edit{stated("about: consent, claim: by_visit")}, nil},
	{"CONSENT_BY_PROXY", Warn, []edit{stated("about: consent, claim: by_proxy, subject_types: [worker]")}, nil},
	{"LEGAL_DUTY_UNNAMED", Warn, to("legal_duty_named: true, ", ""), nil},
	{"LEGAL_DUTY_WRONG_LAW", Review, []edit{stated("about: statute, activities: [T-03], names: [UK GDPR]")}, nil},
	{"LI_UNNAMED", Warn, to(sell, `lawful_basis: ["6.1.f"], retention: {rule: K1}`), nil},
	{"ROW_BASIS_STRETCH", Info, to(sellRow, "sub_purposes: [ask_review], "+sellRow), nil},
	{"DUAL_BASIS_SAME_TOOL", Warn, []edit{{news, news + ", recipients: [post]"}, {sell, `lawful_basis: ["6.1.f"], interests: [trade], retention: {rule: K1}`}}, nil},
	{"VITAL_INTEREST_ROW_MISSING", Info, []edit{into("activities", `id: T-06, purpose: Care, subject_types: [customer], data_categories: [health], lawful_basis: ["6.1.d"], conditions: [9.2.c], retention: {trigger: contract_end, period: P6Y}`)}, nil},
	{"PURPOSE_NO_ROW", Warn, []edit{stated("about: purpose, text: defend claims")}, nil},
	{"STATUTE_UNKNOWN", Warn, []edit{stated("about: statute, names: [Sickness Pay Act 1901]")}, nil},
	{"LAW_OUTDATED", Warn, []edit{stated("about: statute, names: [the Data Protection Act 1998]")}, nil},
	{"PREAMBLE_STALE_LAW", Info, []edit{stated("about: statute, names: [European Union (Withdrawal) Bill]")}, nil},
}

var conditionMutations = []mutation{
	{"SPECIAL_NO_ART9", Error, to(`conditions: [{article: 9.2.b, schedule: [dpa-s1-p1]}], `, ""), nil},
	{"SPECIAL_NO_ART9", Review, []edit{{`conditions: [{article: 9.2.b, schedule: [dpa-s1-p1]}], `, ""}, {"kind: health,", "kind: health_inferred,"}}, nil},
	{"CRIMINAL_NO_ART10", Error, to(`conditions: [{article: "10", schedule: [dpa-s1-p1]}], `, ""), nil},
	{"CRIMINAL_NO_RETENTION", Error, []edit{{checks, `conditions: [{article: "10", schedule: [dpa-s1-p1]}], retention: {rule: K2}`}, into("retention_rules", "id: K2, trigger: contract_end, period: P6Y, text: 6 years for everything")}, nil},
	{"SPECIAL_IN_PLAIN_CATEGORY", Warn, to("items: [topics]", "items: [{id: topics, reveals: health}]"), nil},
	{"SPECIAL_WITHOUT_CONDITION", Warn, to("items: [topics],", "items: [topics], may_reveal: [special],"), nil},
	{"SPECIAL_CONDITION_UNUSED", Review, to("items: [sick_notes], special: true, kind: health, ", ""), nil},
	{"SPECIAL_CONSENT_INCOMPLETE", Warn, to(sick, `lawful_basis: ["6.1.a"], conditions: [{article: 9.2.a, status: inferred}], retention: {trigger: consent_withdrawn, period: P0D}`), nil},
	{"SPECIAL_LABEL_ODD", Review, to("kind: health,", "kind: unclear,"), nil},
	{"SPECIAL_NO_ROW", Error, []edit{into("categories", `id: beliefs, name: Beliefs, items: [faith], special: true, kind: religion`)}, []string{"RET_NO_ROW"}},
	{"SCHEDULE_IS_EXEMPTION", Error, to("article: 9.2.b, schedule: [dpa-s1-p1]", "article: 9.2.b, schedule: [dpa-s2-p4]"), nil},
	{"SECOND_CONDITION_NOT_NEEDED", Warn, to(sell, sell+", conditions: [9.2.c]"), nil},
	{"CONDITION_TEXT_ARTICLE", Error, []edit{stated("about: condition_text, activities: [T-03], conditions: [9.2.g]")}, nil},
	{"CONDITION_SCHEDULE_MISSING", Gap, to("{article: 9.2.b, schedule: [dpa-s1-p1]}", "9.2.b"), nil},
	{"CONDITION_EXTRA", Warn, []edit{{"{article: 9.2.b, schedule: [dpa-s1-p1]}", "9.2.c, {article: 9.2.b, schedule: [dpa-s1-p1]}"}, stated("about: condition_text, activities: [T-03], conditions: [9.2.b, dpa-s1-p1]")}, nil},
	{"SCHEDULE_INCOMPLETE", Warn, []edit{stated(`about: condition_text, activities: [T-04], conditions: ["10", dpa-s1-p1, dpa-s1-p12]`)}, nil},
	{"POLICY_DOCUMENT_UNMENTIONED", Info, to(`  - {about: policy_document, claim: published, lines: "31"}`+"\n", ""), nil},
	{"HOLD_VS_RECEIVE", Info, to("\nrights:\n", "\nlocation_rules:\n  - {id: L1, categories: [health], places: [clinic], text: Kept at the clinic}\nrights:\n"), nil},
	{"LOCATION_FORBIDDEN", Error, to("\nrights:\n", "\nlocation_rules:\n  - {id: L1, categories: [contact], forbidden: [office], text: Not in the office}\nrights:\n"), nil},
}

var termMutations = []mutation{
	{"SUBJECT_DUPLICATE_DEF", Error, to("means: Somebody who works for us", "means: Somebody who buys"), nil},
	{"SUBJECT_DUPLICATE_DEF", Error, []edit{stated("about: definition, subject_types: [customer, worker]")}, nil},
	{"ROW_SUBJECT_SUSPECT", Error, to("purpose: Sell,", "purpose: Sell, label: The row is called workers,"), nil},
	{"SUBJECT_UNDECLARED", Warn, to("means: Somebody who buys,", "means: Somebody who buys, declared: false,"), nil},
	{"CATEGORY_UNDEFINED", Warn, []edit{stated("about: term, claim: undefined, categories: [choices], names: [Choice Data]")}, nil},
	{"TERM_UNDEFINED", Warn, []edit{stated("about: term, claim: undefined, names: [Member]")}, nil},
	{"RET_NO_ROW", Error, []edit{into("categories", `id: hobbies, name: Hobbies, items: [sport]`)}, nil},
	{"CATEGORY_COLLECTED_UNUSED", Warn, to("id: T-01, purpose", "id: T-01, row: 1, purpose"), []string{"RET_NO_ROW"}},
	{"USED_NOT_COLLECTED", Warn, to("id: choices, name: Choices,", "id: choices, name: Choices, declared: false,"), nil},
	{"ROW_NOT_COLLECTED", Warn, []edit{stated("about: collected, subject_types: [customer], categories: [contact]")}, nil},
	{"ROW_NOT_COLLECTED", Warn, []edit{stated("about: collected, categories: [health, checks, choices]"), stated("about: collected, categories: [contact], items: [name]"), stated("about: used, activities: [T-01], categories: [contact], items: [address]")}, nil},
	{"COLLECTED_PARTIAL_ROW", Warn, []edit{stated("about: collected, subject_types: [customer], categories: [contact, choices]"), stated("about: used, activities: [T-01], categories: [contact], items: [name]")}, nil},
	{"CATEGORY_UNSTATED_FOR_PURPOSE", Warn, to("data_categories: [choices], ", "data_categories: [choices], categories_status: inferred, "), nil},
	{"REF_DANGLING", Warn, []edit{stated("about: reference, claim: missing, names: [section 9]")}, nil},
	{"SUPPLEMENTED_BY_OTHER", Info, []edit{stated("about: reference, claim: read_with, names: [the terms]")}, nil},
	{"SITE_NAME_MISMATCH", Warn, []edit{stated("about: sites, names: [shop.example, shp.example]")}, nil},
	{"SCOPE_MISMATCH", Warn, []edit{stated("about: scope, claim: covers, channels: [web, phone]"), stated("about: scope, claim: only, channels: [web]")}, nil},
	{"SCOPE_ODD", Info, []edit{stated("about: text, claim: odd_scope")}, nil},
	{"DUPLICATE_TEXT", Info, []edit{stated("about: text, claim: repeated")}, nil},
	{"COPIED_SENTENCE", Info, []edit{stated("about: text, claim: copied")}, nil},
	{"INCOMPLETE_SENTENCE", Info, []edit{stated("about: text, claim: cut_off")}, nil},
	{"REPLACED_WORD", Info, []edit{stated("about: text, claim: wrong_word")}, nil},
	{"CELLS_BLANK_OR_NA", Info, to(sell, sell+", cells_blank: true"), nil},
	{"RET_COLUMN_MISSING", Info, []edit{stated("about: text, claim: no_heading")}, nil},
}

var recipientMutations = []mutation{
	{"RECIPIENT_COUNTRY_MISSING", Gap, []edit{{"named: true, country: gb, what_for: Carrying", "named: true, what_for: Carrying"}, stated("about: transfer, claim: none_outside, area: uk")}, nil},
	{"RECIPIENT_NO_COUNTRY", Error, to("country: gb, what_for: Carrying letters", "what_for: Hosting of letters"), nil},
	{"RECIPIENT_NO_COUNTRY", Warn, to("country: gb, what_for: Carrying letters", "what_for: Carrying letters"), nil},
	{"RECIPIENT_UNNAMED", Gap, to("kind: processor, named: true,", "kind: processor,"), nil},
	{"RECIPIENT_UNNAMED", Warn, to("kind: processor, named: true,", "kind: controller,"), nil},
	{"RECIPIENT_CATEGORY_UNSTATED", Gap, to("what_for: Carrying letters, categories: [contact],", "what_for: Carrying letters,"), nil},
	{"RECIPIENT_NOT_IN_SHARING_LIST", Gap, to("what_for: Carrying letters,", "what_for: Carrying letters, declared: false,"), nil},
	{"RECIPIENT_NOT_LISTED", Warn, []edit{into("recipients", another+", declared: false"), stated("about: sharing, claim: supplier_list, recipients: [post]")}, nil},
	{"RECIPIENT_IMPLIED_BY_SOURCE", Gap, []edit{stated("about: source, claim: asked, sources: [person]")}, nil},
	{"RECIPIENT_ASYMMETRY", Warn, []edit{{"Carrying letters", "Hosting"}, stated("about: sharing, claim: list, subject_types: [customer], recipients: [post]"), into("recipients", another), stated("about: sharing, claim: list, subject_types: [worker], recipients: [other]")}, nil},
	{"NO_SHARING_OVERRIDDEN", Conflict, []edit{{"Carrying letters,", "Carrying letters, any_subject: true,"}, stated("about: sharing, claim: none, subject_types: [worker]")}, nil},
	{"NO_SHARING_VS_MARKETING", Warn, []edit{stated("about: sharing, claim: none, subject_types: [worker]"), stated("about: purpose, subject_types: [worker], activities: [T-05], text: news for workers")}, nil},
	{"ONWARD_DISCLOSURE_UNKNOWN", Gap, []edit{stated("about: sharing, claim: onward, recipients: [post]")}, nil},
	{"DENIAL_VS_SHARING", Error, []edit{{"Carrying letters,", "Carrying letters, commercial: true,"}, stated("about: sharing, claim: not_commercial")}, nil},
	{"DENIAL_VS_SHARING", Review, []edit{{"Carrying letters,", "Carrying letters, commercial: true,"}, stated("about: sharing, claim: no_sale")}, nil},
	{"INTERNAL_ONLY_VS_DISCLOSE", Warn, []edit{stated("about: sharing, claim: internal_only")}, nil},
	{"VENDOR_PURPOSE_MISMATCH", Review, []edit{stated("about: trade, recipients: [post], terms: [marketing]")}, nil},
	{"DEAL_DIRECTION", Review, []edit{stated("about: sharing, claim: on_purchase")}, nil},
	{"RECIPIENT_RETENTION_MISSING", Warn, to("categories: [contact], after_task: erase,", "categories: [contact],"), nil},
	{"ANONYMOUS_CLAIM", Review, []edit{stated("about: anonymous, categories: [choices]")}, nil},
	{"ANONYMOUS_CLAIM", Conflict, []edit{{"items: [topics]", "items: [topics, ip_address]"}, stated("about: anonymous, categories: [choices]")}, nil},
	{"TRANSFER_CONTRADICTION", Error, []edit{{"country: gb, what_for: Carrying letters,", "country: us, safeguard: idta, what_for: Carrying letters,"}, stated("about: transfer, claim: none_outside, area: uk")}, nil},
	{"TRANSFER_NO_SAFEGUARD", Error, to("country: gb, what_for: Carrying letters,", "country: us, what_for: Carrying letters,"), nil},
	{"TRANSFER_SAFEGUARD_MISSING", Error, []edit{stated("about: transfer, claim: may, area: uk")}, nil},
	{"TRANSFER_SILENT", Warn, to("country: gb, what_for: Carrying letters,", "what_for: Carrying letters,"), nil},
	{"TRANSFER_CLAUSE_CONFLICT", Warn, []edit{stated("about: transfer, claim: may, area: uk, safeguards: [adequacy]"), stated("about: transfer, claim: may, area: uk, safeguards: [clauses]")}, nil},
	{"STORAGE_LOCATION_CONFLICT", Error, []edit{stated("about: location, claim: own_only")}, nil},
}

// oldTerm is the period of the row that most faults of retention are put into.
const oldTerm = "retention: {trigger: contract_end, period: P3Y}"

var retentionMutations = []mutation{
	{"RET_MISSING", Warn, to(employ, `lawful_basis: ["6.1.b"]`), nil},
	{"RETENTION_MISSING", Error, to(", "+oldTerm, ""), nil},
	{"RET_UNLIMITED", Error, to(oldTerm, "retention: {indefinite: true}"), nil},
	{"RET_POINTER_UNRESOLVED", Error, to(oldTerm, "retention: {pointer: the schedule}"), nil},
	{"RET_SCHEDULE_NOT_PUBLISHED", Gap, []edit{stated("about: retention, claim: schedule, names: [the schedule]")}, nil},
	{"RET_PROSE_TABLE_PERIOD", Conflict, []edit{stated("about: retention, claim: fixed, activities: [T-03], period: P1Y")}, nil},
	{"RET_PROSE_TABLE_PERIOD", Conflict, []edit{into("retention_rules", "id: K2, from: prose, applies: [worker], activities: [T-03], trigger: contract_end, period: P1Y, text: 1 year")}, nil},
	{"RET_PROSE_TABLE_TRIGGER", Conflict, []edit{stated("about: retention, claim: fixed, activities: [T-03], trigger: last_seen, period: P3Y")}, nil},
	{"RET_MODALITY", Conflict, []edit{stated("about: retention, claim: at_least, activities: [T-03], trigger: contract_end, period: P3Y")}, nil},
	{"RET_TRIGGER_UNREACHABLE", Error, to("when: the contract ends, brought_by: organisation", "when: the contract ends, brought_by: organisation, never_for: [worker]"), nil},
	{"TRIGGER_MAY_NEVER_FIRE", Error, to("when: the contract ends, brought_by: organisation", "when: the contract ends, brought_by: subject"), nil},
	{"RET_TRIGGER_MISSING", Gap, to(oldTerm, "retention: {period: P3Y}"), nil},
	{"RET_TRIGGER_AMBIGUOUS_OR", Warn, to(oldTerm, "retention: {triggers: [contract_end, last_seen], join: none_stated, period: P3Y}"), nil},
	{"RETENTION_TRIGGER_AMBIGUOUS", Error, []edit{into("retention_rules", "id: K2, triggers: [contract_end, last_seen], join: none_stated, period: P9Y, text: 9 years")}, nil},
	{"RET_SELF_EXTENDING", Warn, []edit{{"when: the person is last seen,", "when: the person is last seen, moving: true,"}, {oldTerm, "retention: {trigger: last_seen, period: P3Y}"}}, nil},
	{"RET_EMBEDDED_IN_OTHER_SUBJECT", Conflict, []edit{stated("about: retention, claim: kept_with, subject_types: [worker], activities: [T-01]")}, nil},
	{"RET_IDENTITY_SHORTER", Conflict, to(oldTerm, "retention: {trigger: contract_end, period: P9Y}"), nil},
	{"RET_CATEGORY_TWO_PERIODS", Warn, []edit{into("activities", `id: T-06, purpose: Insure, subject_types: [worker], data_categories: [health], lawful_basis: ["6.1.c"], legal_duty_named: true, conditions: [{article: 9.2.b, schedule: [dpa-s1-p1]}], retention: {trigger: contract_end, period: P1Y}`)}, nil},
	{"RET_CATEGORY_TWO_PERIODS", Conflict, []edit{into("activities", `id: T-06, purpose: Coach, subject_types: [worker], data_categories: [health], lawful_basis: ["6.1.a"], conditions: [9.2.a], retention: {trigger: consent_withdrawn, period: P0D}`)}, nil},
	{"RET_BEYOND_CONSENT", Conflict, to(employ, `lawful_basis: ["6.1.a"], retention: {trigger: contract_end, period: P6Y}`), nil},
	{"RET_ACTION_UNCLEAR", Warn, to("trigger: consent_withdrawn, period: P0D", "trigger: consent_withdrawn, period: P0D, at_end: stop"), nil},
	{"RET_END_EVENT_MISSING", Gap, []edit{into("activities", `id: T-06, purpose: Show, subject_types: [customer], data_categories: [choices], lawful_basis: ["6.1.a"], opt_in: true, retention: {triggers: [consent_withdrawn, death], join: earlier, period: P0D}`)}, nil},
	{"RET_PARAMETER_MISSING", Gap, to(oldTerm, "retention: {trigger: record_date, round: financial_year_end, period: P3Y}"), nil},
	{"RET_ANONYMISED_GENERAL_6Y", Warn, []edit{stated("about: retention, claim: may_exceed, subject_types: [worker], period: P6Y"), stated("about: retention, claim: at_least, subject_types: [worker], period: P3Y")}, nil},
	{"RET_MINOR_RULE_MISSING", Info, []edit{into("subject_types", "id: pupil, name: Pupil, parent: customer, child: true"), stated("about: children, claim: expected")}, nil},
	{"RET_EXCEEDS_EXTERNAL_CODE", Warn, []edit{{"items: [certificate]", "items: [dbs_certificate]"}, {"period: P6M", "period: P7M"}}, nil},
	{"RET_CELL_HOLDS_TWO", Warn, to(oldTerm, "retention: {trigger: contract_end, period: P3Y, by_subject: [{applies: [worker], trigger: last_seen, period: P1Y}]}"), nil},
	{"RETENTION_COVERAGE", Error, []edit{into("subject_types", "id: visitor, name: Visitor"), into("activities", `id: T-06, purpose: Greet, subject_types: [visitor], data_categories: [contact], lawful_basis: ["6.1.f"], interests: [order]`)}, nil},
	{"RETENTION_ONE_SIZE", Warn, []edit{{oldTerm, "retention: {trigger: contract_end, period: P6Y}"}, {"period: P6M", "period: P6Y"}, {news, `lawful_basis: ["6.1.b"], retention: {rule: K1}`}}, nil},
	{"RETENTION_OPEN_ENDED", Warn, []edit{into("retention_rules", "id: K2, trigger: dispute, effect: extend, text: while a dispute lasts")}, nil},
	{"RETENTION_UNKNOWN_FOR_LOG", Warn, []edit{into("categories", "id: call_log, name: Calls, items: [call]"), into("activities", `id: T-06, purpose: Log, subject_types: [customer], data_categories: [call_log], lawful_basis: ["6.1.b"]`)}, nil},
	{"RETENTION_VS_ERASURE", Info, to("period: P6Y, text: 6 years after", "period: P6Y, yields_to_erasure: true, text: 6 years after"), nil},
	{"COOKIE_LIFETIME_MISSING", Info, []edit{stated("about: cookies, claim: consent")}, nil},
}

var requestMutations = []mutation{
	{"WITHDRAWAL_RIGHT_MISSING", Error, to(`  - {id: withdraw_consent, kind: withdraw-consent, name: Withdraw, lines: "23"}`+"\n", ""), nil},
	{"RIGHT_MISSING", Warn, to(`  - {id: restriction, kind: restriction, name: Restrict, lines: "19"}`+"\n", ""), nil},
	{"RIGHT_PARTIAL_OBJECTION", Gap, to(", any_time: true", ""), nil},
	{"RIGHT_PARTIAL_PORTABILITY", Gap, to("automated_means: true", "automated_means: false"), nil},
	{"RIGHT_MISSING_CONSEQUENCE", Info, []edit{stated("about: consequence, subject_types: [customer]")}, nil},
	{"ADM_USE_NOT_STATED", Gap, to(`  - {about: automated, claim: none, lines: "29"}`+"\n", ""), nil},
	{"PROFILING_UNDECLARED", Review, to(sell, "profiling: likely, "+sell), nil},
	{"DEADLINE_MISSING", Gap, to(`period: P1M, trigger: "request_received:access", `, ""), nil},
	{"TIME_LIMIT_MISSING", Warn, to(`  - {about: requests, claim: answered, period: P1M, trigger: "request_received:access", channels: [post], lines: "26"}`+"\n", ""), nil},
	{"CLOCK_START_MISSING", Info, to(`trigger: "request_received:access", `, ""), nil},
	{"IDENTITY_CHECK_MISSING", Info, to(`  - {about: requests, claim: identity_check, lines: "27"}`+"\n", ""), nil},
	{"LOG_UNSTATED", Info, to(`  - {about: requests, claim: recorded, lines: "28"}`+"\n", ""), nil},
	{"FEE_RISK", Info, []edit{stated("about: requests, claim: fee")}, nil},
	{"CHANNEL_CONFLICT", Conflict, []edit{stated("about: security, claim: not_for_confidential, channels: [post]")}, nil},
	{"SELF_SERVICE_SCOPE", Warn, []edit{stated("about: self_service"), stated("about: self_service, subject_types: [worker]")}, nil},
	{"INDIRECT_SOURCE_NOTICE", Gap, []edit{into("sources", "id: agency, name: An agency, kind: third_party")}, nil},
	{"INDIRECT_NO_NOTICE", Warn, []edit{into("sources", "id: agency, name: An agency, kind: third_party"), stated("about: source, claim: told")}, nil},
	{"SOURCE_CONFLICT", Warn, []edit{into("sources", "id: agency, name: An agency, kind: third_party"), stated("about: source, claim: direct_only")}, nil},
	{"FOREIGN_REGISTER", Info, []edit{stated("about: trade, sources: [person], terms: [nursing]")}, nil},
	{"DECEASED_OUT_OF_SCOPE", Info, []edit{{oldTerm, "retention: {trigger: death, period: P3Y}"}, stated("about: scope, claim: only, terms: [living]")}, nil},
	{"OPT_IN_CONFLICT", Error, []edit{stated("about: marketing, claim: opt_in, channels: [email]"), stated("about: marketing, claim: by_default, channels: [email]")}, nil},
	{"OPT_IN_CONFLICT", Review, to(news, `lawful_basis: ["6.1.a", "6.1.f"], basis_status: conditional, interests: [trade], direct_marketing: true, retention: {trigger: consent_withdrawn, period: P0D}`), nil},
	{"OPT_OUT_CHANNEL_GAP", Warn, to(news, "direct_marketing: true, channels: [post], retention: {trigger: consent_withdrawn, period: P0D}"), []string{"BASIS_MISSING"}},
	{"CONSENT_CAPTURE_MISSING", Error, []edit{stated("about: consent, claim: form_without_control")}, nil},
	{"CHILD_EXPOSED", Error, []edit{into("subject_types", "id: youth, name: Young people, parent: customer, likely_children: true")}, nil},
	{"CHILD_ACTION_MISSING", Warn, []edit{stated("about: children, claim: not_expected")}, nil},
	{"COOKIE_NO_CONSENT", Warn, []edit{stated("about: cookies, claim: used, terms: [statistics]")}, nil},
	{"COOKIE_NO_CONSENT", Error, []edit{stated("about: cookies, claim: used, terms: [advertising]")}, nil},
	{"BREACH_CLOCK_MISSING", Info, to("claim: told, period: P3D,", "claim: told,"), nil},
	{"BREACH_SILENT", Warn, to(`  - {about: breach, claim: told, period: P3D, lines: "30"}`+"\n", ""), nil},
	{"SECURITY_CONTRADICTION", Conflict, []edit{stated("about: security, claim: encrypted"), stated("about: security, claim: unprotected")}, nil},
	{"CHANGES_UNANNOUNCED", Info, []edit{stated("about: changes, claim: page_only")}, nil},
}
