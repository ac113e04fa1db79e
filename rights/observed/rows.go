package observed

import (
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

var aboutRows = []Rule{
	{ID: "NO_ROW", Aliases: names("PURPOSE_NO_ROW"), Title: "data is handled for no declared purpose", Source: gdpr + "Articles 5(1)(b), 13(1)(c), 30(1)(b)",
		Remedy: "Add a row with purpose, basis and period, or stop.", kinds: records, find: noRow},
	{ID: "CATEGORY_NOT_IN_ROW", Title: "a kind of data that the row does not list", Source: gdpr + "Articles 5(1)(c), 9(2), 30(1)(c)",
		Remedy: "Stop collecting it for this activity, or add it to the row with basis, condition and period.", kinds: records, find: categoryNotInRow},
	{ID: "SUBJECT_NOT_IN_ROW", Title: "a kind of person that the row does not list", Source: gdpr + "Articles 13, 14, 30(1)(c)",
		Remedy: "Tell these people, and add them to the row.", kinds: records, find: subjectNotInRow},
	{ID: "SYSTEM_NOT_IN_ROW", Title: "a system that the row does not list", Source: gdpr + "Articles 5(1)(f), 30(1)",
		Remedy: "Add the system to the row, or keep the data elsewhere.", kinds: storing, find: systemNotInRow},
	{ID: "SOURCE_NOT_IN_ROW", Title: "data from a source that the row does not list", Source: gdpr + "Article 14(2)(f)",
		Remedy: "Add the source to the row, and tell the people.", kinds: storing, find: sourceNotInRow},
	{ID: "BASIS_NOT_IN_ROW", Title: "another lawful basis than the row states", Source: gdpr + "Articles 5(1)(a), 13(1)(c)",
		Remedy: "Decide on one basis; correct the notice or the source.", kinds: storing, find: basisNotInRow},
	{ID: "LEGAL_DUTY_UNKNOWN", Title: "a legal duty that the catalogue does not name", Source: gdpr + "Articles 6(3), 13(1)(c)",
		Remedy: "Name the law and how long the duty lasts in the row, or correct the source.", kinds: storing, find: legalDutyUnknown},
	{ID: "CHANNEL_NOT_IN_ROW", Title: "marketing by a channel that the row does not list", Source: gdpr + "Articles 5(1)(a), 13(1)(c); Privacy and Electronic Communications Regulations 2003, regulation 22",
		Remedy: "Stop using the channel, or add it to the row with its basis.", kinds: leaving, find: channelNotInRow},
}

// noRow: the source itself says that it knows no activity, or names none.
func noRow(b *body, add adder) {
	if b.e.Activity.Code == events.Undeclared || b.e.Activity.Code == "" {
		add(Review, b.on(), "the source names no activity that the catalogue declares, so nobody can say what the data is for")
	}
}

// categoryNotInRow: special or criminal data in a row without a condition has
// nothing to rest on.
func categoryNotInRow(b *body, add adder) {
	if b.act == nil || len(b.act.Categories) == 0 {
		return
	}
	for _, c := range b.categories {
		if c.Code == "" || b.act.HasCategory(c.Code) {
			continue
		}
		verdict := Review
		if b.sensitive(c) && len(b.act.Conditions) == 0 {
			verdict = Error
		}
		add(verdict, b.on().with(OnCategory, events.Code(c.String())), "the notice does not list this kind of data for this activity")
	}
}

func subjectNotInRow(b *body, add adder) {
	t := b.e.SubjectType
	if b.act == nil || t == "" || len(b.act.SubjectTypes) == 0 {
		return
	}
	is := func(p events.Code) bool { return b.cat.IsA(t, p) }
	if !slices.ContainsFunc(b.act.SubjectTypes, is) || slices.ContainsFunc(b.act.ExceptTypes, is) {
		add(Warn, b.on().with(OnSubjectType, t), "the notice does not list this kind of person for this activity")
	}
}

func systemNotInRow(b *body, add adder) {
	if b.act == nil || len(b.act.Systems) == 0 || slices.Contains(b.act.Systems, b.e.Source) {
		return
	}
	if s, ok := b.cat.System(b.e.Source); ok && s.Owner == catalogue.Own {
		add(Warn, b.on(), "the catalogue says which systems hold data for this activity, and this is not one of them")
	}
}

// sourceNotInRow looks only where the row states its sources.
func sourceNotInRow(b *body, add adder) {
	from := b.e.ObtainedFrom.Code
	if b.act == nil || from == "" || !b.cat.Declared(catalogue.FieldSource, from) || (b.act.SourcesStatus != "" && b.act.SourcesStatus != catalogue.Stated) {
		return
	}
	list := b.act.Sources
	for _, s := range b.act.SourceOf {
		list = append(slices.Clip(list), s.Sources...)
	}
	if len(list) > 0 && !slices.Contains(list, from) {
		add(Warn, b.on().with(OnSource, from), "the notice names sources for this activity and this is not one of them")
	}
}

func basisNotInRow(b *body, add adder) {
	if b.act == nil || b.e.Basis == "" || !b.cat.Declared(catalogue.FieldBasis, b.e.Basis) || slices.Contains(b.act.LawfulBasis, b.e.Basis) {
		return
	}
	on := b.on().with(OnBasis, b.e.Basis)
	if len(b.act.LawfulBasis) == 0 {
		add(Info, on, "the source states a lawful basis, and the notice states none for this activity")
		return
	}
	add(Warn, on, "the source states another lawful basis than the notice does for this activity")
}

func legalDutyUnknown(b *body, add adder) {
	if b.e.LegalDuty == "" {
		return
	}
	if b.act != nil && slices.ContainsFunc(b.act.LegalDuties, func(d catalogue.LegalDuty) bool { return d.Law == b.e.LegalDuty }) {
		return
	}
	add(Warn, b.on().with(OnLegalDuty, b.e.LegalDuty), "the source keeps the data for a legal duty that the catalogue does not name for this activity")
}

func channelNotInRow(b *body, add adder) {
	if b.act == nil || !b.act.DirectMarketing || len(b.act.Channels) == 0 || b.e.Channel == "" || slices.Contains(b.act.Channels, b.e.Channel) {
		return
	}
	if b.e.Kind == events.RecordUsed && b.e.Action != events.ActionSent {
		return
	}
	add(Warn, b.on().with(OnChannel, b.e.Channel), "marketing left by a channel that the notice does not list for this activity")
}
