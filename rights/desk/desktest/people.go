package desktest

import "github.com/habeas-data/habeas/events"

// Codes makes an event's activity and categories.
func Codes(activity events.Code, subjectType events.Code, categories ...events.Category) func(*events.Event) {
	return func(e *events.Event) {
		e.Activity, e.SubjectType, e.Categories = events.Activity{Code: activity}, subjectType, categories
	}
}

// Cat is a category, or an element of one.
func Cat(code events.Code, element ...events.Code) events.Category {
	c := events.Category{Code: code}
	if len(element) > 0 {
		c.Element = element[0]
	}
	return c
}

// All joins changes of an event.
func All(list ...func(*events.Event)) func(*events.Event) {
	return func(e *events.Event) {
		for _, f := range list {
			f(e)
		}
	}
}

// Priya tells a year of one locum, with something for every part of an answer:
// two systems joined by e-mail, special and criminal data, named, unnamed and
// undeclared recipients, a milestone that starts a clock, consent and its
// withdrawal, an event nobody understood, a system that fell silent.
func (w *World) Priya() {
	me := []string{"platform.member=IC-4471", "email=priya@example.org"}
	w.Report(events.RecordStored, "platform", "2023-05-02", append(me, "name=Priya Nair"), All(
		Codes("ic-a03", "locum", Cat("identity"), Cat("contact", "email")), func(e *events.Event) { e.Provenance = events.Provided }))
	w.Report(events.RecordStored, "platform", "2023-05-03", me[:1], All(
		Codes("ic-a09", "locum", Cat("criminal_offences", "dbs_certificate_copy")), func(e *events.Event) { e.Provenance = events.ThirdParty }))
	w.Report(events.RecordStored, "platform", "2023-05-03", me[:1], Codes("ic-a10", "locum", Cat("occupational_health", "vaccination_status")))
	w.Report(events.RecordStored, "finance", "2023-06-10", []string{"finance.customer=F-90", "email=priya@example.org"},
		All(Codes("ic-a04", "locum", Cat("financial", "bank_account")), func(e *events.Event) {
			e.Item = w.Item("finance", "finance.mandate=DD-77")
			e.RecordDate, _ = events.ParseDate("2023-06-10")
		}))
	w.Report(events.RecordShared, "finance", "2023-06-11", []string{"finance.customer=F-90"}, All(
		Codes("ic-a04", "locum", Cat("financial", "bank_account")), func(e *events.Event) { e.Recipient.Code = "gocardless" }))
	w.Report(events.RecordShared, "platform", "2023-07-01", me[:1], All(
		Codes("ic-a03", "locum", Cat("identity")), func(e *events.Event) { e.Recipient.Code = "dental_practice" }))
	w.Report(events.RecordShared, "platform", "2023-07-04", me[:1], All(
		Codes("ic-a03", "locum", Cat("identity")), func(e *events.Event) { e.Recipient.Code = "undeclared.0a1b2c" }))
	w.Report(events.RecordShared, "platform", "2023-07-05", me[:1], All(
		Codes("ic-a04", "locum", Cat("services")), func(e *events.Event) { e.Recipient.Code = "gocardless" }))
	w.Report(events.ConsentGiven, "marketing", "2023-08-01", []string{"marketing.contact=M1", "email=priya@example.org"}, func(e *events.Event) {
		e.Activity.Code, e.Channels, e.Method, e.GivenBy = "ic-a11", []events.Code{"email"}, 1, 1
	})
	w.Report(events.RecordStored, "marketing", "2023-08-01", []string{"marketing.contact=M1"}, Codes("ic-a11", "locum", Cat("contact", "email")))
	w.Report(events.ConsentWithdrawn, "marketing", "2024-02-03", []string{"marketing.contact=M1"}, func(e *events.Event) {
		e.Activity.Code, e.Channels, e.Method, e.GivenBy = "ic-a11", []events.Code{"email"}, 1, 1
	})
	w.Report(events.MilestoneReached, "platform", "2025-03-14", me[:1], func(e *events.Event) {
		e.Milestone = "account_deleted"
		e.Date, _ = events.ParseDate("2025-03-14")
	})
	w.Report(events.EventQuarantined, "support", "2025-03-20", nil, func(e *events.Event) {
		e.Why, e.Note = "event.malformed", w.Seal(`{"subject":"priya@example.org"}`)
	})
	w.Report(events.SourceSynced, "platform", "2025-03-24T08:00:00Z", nil, func(e *events.Event) {
		e.Through, e.Since = e.Time, w.instant("2022-01-01")
	})
}
