package decide_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/retention"
)

// A small declared side: one row for each lawful basis and each fault that a row
// can have. LAND is where the organisation is.
const smallYAML = `
catalogue: small
title: Small
version: "1"
organisation: {name: Small, jurisdiction: LAND, role: controller}
systems:
  - {id: hr, name: HR, primary: hr.person}
  - {id: files, name: Files, primary: files.person, hosted_by: cloud}
  - {id: cabinet, name: Cabinet, primary: cabinet.person, medium: paper}
subject_types:
  - {id: client, name: Client}
  - {id: pupil, name: Pupil, child: true}
categories:
  - {id: identity, name: Identity, items: [name, number, {id: secret, never_output: true}, {id: id_copy, reveals: health}]}
  - {id: pay, name: Pay, items: [mandate, amount]}
  - {id: health, name: Health, special: true, kind: health}
  - {id: belief, name: Belief, special: true, kind: belief}
  - {id: offences, name: Offences, criminal: true}
  - {id: complaint_text, name: Complaint, special: true, kind: health}
  - {id: letters, name: Letters, third_party: true}
  - {id: counts, name: Counts, personal: false}
recipients:
  - {id: cloud, name: Cloud, kind: processor, named: true, after_task: erase}
  - {id: mailer, name: Mailer, kind: processor, named: true}
  - {id: bank, name: Bank, kind: processor, named: true, after_task: erase}
  - {id: partner, name: Partner, kind: controller, named: true}
  - {id: police, name: Police, kind: authority, named: true}
  - {id: web, name: Web site, kind: public, named: true}
  - {id: nobody, name: Nobody, kind: none}
milestones:
  - {id: contract_end, scope: person, name: End, when: the contract ends}
  - {id: last_contact, scope: person, name: Last contact, when: the person was last in contact, moving: true}
retention_rules:
  - {id: ASK, trigger: contract_end, period: P2Y, yields_to_erasure: true, text: two years}
activities:
  - {id: consent, purpose: Consent, subject_types: [client], lawful_basis: ["6.1.a"], RET}
  - {id: contract, purpose: Contract, subject_types: [client], lawful_basis: ["6.1.b"], RET}
  - {id: duty, purpose: Duty, subject_types: [client], lawful_basis: ["6.1.c"], RET, legal_duties: [{law: tax_act, categories: [pay], trigger: contract_end, period: P6Y}, {law: old_act, categories: [identity], until: 2020-01-01}]}
  - {id: dutyopen, purpose: Duty, subject_types: [client], lawful_basis: ["6.1.c"], RET, legal_duties: [{law: open_act}]}
  - {id: dutydated, purpose: Duty, subject_types: [client], lawful_basis: ["6.1.c"], RET, legal_duties: [{law: book_act, trigger: record_date, period: P6Y}, {law: short_act, trigger: stored, period: P1Y}]}
  - {id: vital, purpose: Vital, subject_types: [client], lawful_basis: ["6.1.d"], RET}
  - {id: task, purpose: Task, subject_types: [client], lawful_basis: ["6.1.e"], RET}
  - {id: safe, purpose: Known interest, subject_types: [client], lawful_basis: ["6.1.ea"], RET}
  - {id: interest, purpose: Interest, subject_types: [client], lawful_basis: ["6.1.f"], RET}
  - {id: both, purpose: Both, subject_types: [client], lawful_basis: ["6.1.a", "6.1.b"], RET}
  - {id: pooled, purpose: Pooled, subject_types: [client], lawful_basis: ["6.1.a", "6.1.f"], basis_status: pooled, RET}
  - {id: pooledbc, purpose: Pooled, subject_types: [client], lawful_basis: ["6.1.a", "6.1.b"], basis_status: pooled, RET}
  - {id: pooledcf, purpose: Pooled, subject_types: [client], lawful_basis: ["6.1.c", "6.1.f"], basis_status: pooled, RET}
  - {id: pooledads, purpose: Pooled, subject_types: [client], lawful_basis: ["6.1.a", "6.1.f"], basis_status: conditional, direct_marketing: true, RET}
  - {id: silent, purpose: No ground, subject_types: [client], RET}
  - {id: claim, purpose: Handle a complaint, subject_types: [client], RET}
  - {id: medical, purpose: Treat, subject_types: [client], lawful_basis: ["6.1.b"], conditions: ["9.2.h"], professional_secrecy: true, data_categories: [health], RET}
  - {id: public_health, purpose: Watch, subject_types: [client], lawful_basis: ["6.1.e"], conditions: ["9.2.i"], professional_secrecy: true, RET}
  - {id: study, purpose: Study, subject_types: [client], lawful_basis: ["6.1.b"], conditions: ["9.2.j"], RET}
  - {id: explicit, purpose: Explicit, subject_types: [client], lawful_basis: ["6.1.b"], conditions: ["9.2.a"], RET}
  - {id: news, purpose: News, subject_types: [client], lawful_basis: ["6.1.a"], direct_marketing: true, channels: [email, post], retention: {trigger: consent_withdrawn, period: P0D, at_end: stop}}
  - {id: ads, purpose: Advertise, subject_types: [client], direct_marketing: true, RET}
  - {id: endless, purpose: Endless, subject_types: [client], lawful_basis: ["6.1.b"], retention: {indefinite: true}}
  - {id: asked, purpose: Asked, subject_types: [client], lawful_basis: ["6.1.f"], retention: {rule: ASK}}
  - {id: onask, purpose: On request, subject_types: [client], lawful_basis: ["6.1.e"], erase_on_request: true, RET}
  - {id: look, purpose: Look, subject_types: [client], lawful_basis: ["6.1.b"], retention: {trigger: contract_end, period: P2Y, at_end: review}}
  - {id: theirs, purpose: For others, subject_types: [client], lawful_basis: ["6.1.b"], role: processor, RET}
`

const smallDecisions = `
after_trigger.contract: {value: {ground: claims, ref: Limitation Act}, by: shipped default, on: 2020-01-01}
after_trigger.duty: {value: {ground: law, ref: tax}, by: dpo, on: 2020-01-01}
identity_floor.hr: {value: [identity/name], by: dpo, on: 2020-01-01}
`

func small(t testing.TB, land string) *catalogue.Catalogue {
	t.Helper()
	text := strings.ReplaceAll(strings.Replace(smallYAML, "LAND", land, 1), "RET", "retention: {trigger: contract_end, period: P2Y}")
	c, err := catalogue.Load("small.yaml", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	d, err := catalogue.LoadDecisions("small.decisions.yaml", strings.NewReader(smallDecisions))
	if err != nil {
		t.Fatal(err)
	}
	if c, err = c.WithDecisions(d); err != nil {
		t.Fatal(err)
	}
	return c
}

// held is one holding of the small catalogue, as told by its changes.
func held(activity, cat string, change ...func(*decide.Holding)) decide.Holding {
	h := decide.Holding{ID: activity + " " + cat, Holding: retention.Holding{Handle: events.Handle{1}, System: "hr", Dataset: events.Code(activity),
		Activity: events.Activity{Code: events.Code(activity)}, Category: category(cat), SubjectType: "client", Stored: day("2015-01-01")},
		Provenance: events.Provided}
	for _, f := range change {
		f(&h)
	}
	return h
}

func marked(m events.Marks) func(*decide.Holding) { return func(h *decide.Holding) { h.Marks |= m } }

func sent(to ...events.Code) func(*decide.Holding) {
	return func(h *decide.Holding) {
		for _, r := range to {
			h.Disclosures = append(h.Disclosures, decide.Disclosure{Recipient: r})
		}
	}
}

func states(list ...decide.Statement) func(*decide.Case) {
	return func(c *decide.Case) { c.States = list }
}

// found puts an assessment on record that holds for everything.
func found(kind decide.AssessmentKind, holds bool, change ...func(*decide.Assessment)) decide.Assessment {
	a := decide.Assessment{Kind: kind, Holds: holds, By: "A. Officer", On: day("2024-01-01"), Ref: "file 7", Review: day("2027-01-01")}
	for _, f := range change {
		f(&a)
	}
	return a
}

func ended(on string) retention.Person {
	return retention.Person{Milestones: []retention.Milestone{{Code: "contract_end", System: "hr", Date: day(on)}}}
}

// one plans one holding under one right, on the day after receipt.
func one(t testing.TB, land string, right catalogue.RightKind, h decide.Holding, p decide.Person, change ...func(*decide.Case)) *decide.Item {
	t.Helper()
	c := asks("2026-03-02", "2026-04-02", right)
	for _, f := range change {
		f(&c)
	}
	plan, err := decide.New(decide.Config{Current: small(t, land)}).Plan(&c, &p, []decide.Holding{h}, max(c.Received+1, day("2026-03-03")))
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Items) != len(c.Rights) {
		t.Fatalf("%d items for one holding and %d rights", len(plan.Items), len(c.Rights))
	}
	i := slices.IndexFunc(plan.Items, func(x decide.Item) bool { return x.Right == right })
	return &plan.Items[i]
}
