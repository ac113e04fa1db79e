package demo

import (
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// The source systems of the story of instant-connect.
const (
	platform  events.Code = "platform"
	finance   events.Code = "finance"
	support   events.Code = "support"
	marketing events.Code = "marketing"
	web       events.Code = "web"
)

// practices are the named dental practices of the story.
var practices = []catalogue.Instance{
	{ID: "harbour-practice", Class: "dental_practice", Name: "Harbour Dental Practice", Country: "gb"},
	{ID: "castle-lane-dental", Class: "dental_practice", Name: "Castle Lane Dental", Country: "gb"},
	{ID: "seaview-dental", Class: "dental_practice", Name: "Seaview Dental Care", Country: "gb"},
	{ID: "mill-street-smiles", Class: "dental_practice", Name: "Mill Street Smiles", Country: "gb"},
}

// instantConnect is told by Go throughout: its people meet, and what one does is
// data of another.
var instantConnect = &Story{
	notice: Notice,
	about:  "an agency that finds dental locums",
	systems: []post{
		{code: platform, every: day, covers: []events.Code{"profiles", "documents", "bookings"}},
		{code: finance, every: 4 * day, covers: []events.Code{"mandates", "invoices", "payments"}},
		{code: support, every: 4 * day, covers: []events.Code{"tickets"}, silent: 21 * day},
		{code: marketing, every: 4 * day, covers: []events.Code{"contacts", "campaigns"}},
		{code: web, every: day, covers: []events.Code{"sessions", "cookies"}},
	},
	instances: practices,
	cast:      personas,
	apart:     dated,
	named:     (*person).on,
	guests:    []string{"priya", "jonas", "kofi"},
	findings: []Expected{
		{"DECISION_UNDECLARED", "priya", ByReport, "a machine alone ranked her"},
		{"RECIPIENT_UNNAMED", "priya", ByReport, "which provider verifies, nobody says"},
		{"PROCESSED_AFTER_OBJECTION", "jonas", ByHistory, "promotion after he objected"},
		{"CHILD_NOT_EXPECTED", "sam", ByReport, "a child in a service for adults"},
		{"SUBJECT_NOT_IN_ROW", "sam", ByReport, "the row does not speak of children"},
		{"RECIPIENT_UNDECLARED", "kofi", ByReport, "a system of a practice in nobody's list"},
		{"CATEGORY_NOT_IN_ROW", "kofi", ByReport, "the size of his gloves"},
		{"UNDECLARED_CODE", "kofi", ByReport, "a kind of data that the catalogue does not name"},
		{"NO_ROW", "kofi", ByReport, "an export for no declared purpose"},
		{"SUBJECT_NOT_IN_ROW", "ali", ByReport, "an enquirer in a row of members"},
		{"TRANSFER_SAFEGUARD_MISSING", "priya-shah", ByReport, "her address for an audience in the United States"},
		{"RECIPIENT_NOT_IN_ROW", "", ByReport, "agents whom the row does not name"},
		{"SALE_OR_SWAP", "", ByReport, "money in the sale of the business"},
		{"SHARED_NOT_STORED", "", ByHistory, "rare disclosures of what no system reported as stored"},
		{"SOURCE_SILENT", "", ByToday, "support has said nothing for three weeks"},
	},
	tell: (*script).instantConnect,
}

// instantConnect tells every story: the named people first, then the crowd.
func (s *script) instantConnect() {
	cast := s.personas()
	crowd := s.crowd(s.cfg.People - len(personas))
	all := slices.Concat(cast, crowd)
	s.rareDisclosures(all)
	s.messages(all)
}
