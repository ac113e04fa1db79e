package desk

import (
	"cmp"
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/inventory"
)

// A ban is one kind of word that forbids, how it is looked for, and what its
// breach is called.
type ban struct {
	rule    string
	article string
	reaches func(cat *catalogue.Catalogue, d *deed) bool
	stopped func(list []saying, d *deed) *saying
	// said and over tell what was said, and that it was taken back.
	said, over string
}

var bans = []ban{
	{"PROCESSED_AFTER_OBJECTION", "Article 21(3)", marketed, unmarketed, "the person objected to direct marketing", "the objection was lifted"},
	{"PROCESSED_AFTER_OBJECTION", "Article 21(1)", always, stoppedBy(inventory.ByObjection), "the person objected", "the objection was lifted"},
	{"PROCESSED_AFTER_WITHDRAWAL", "Article 7(3)", always, stoppedBy(inventory.ByConsent), "consent was withdrawn", "consent was given again"},
	{"PROCESSED_WHILE_RESTRICTED", "Article 18(2)", handled, stoppedBy(inventory.ByRestriction), "use of the data was restricted", "the restriction was lifted"},
}

func stoppedBy(by inventory.StopKind) func([]saying, *deed) *saying {
	return func(list []saying, d *deed) *saying { return stopped(by, list, d) }
}

func always(*catalogue.Catalogue, *deed) bool { return true }

// handled leaves storing out: keeping data is no use of it under a restriction.
func handled(_ *catalogue.Catalogue, d *deed) bool { return d.kind != events.RecordStored }

// marketed chooses direct marketing, which only the catalogue knows. Keeping an
// address so as not to write to it is none.
func marketed(cat *catalogue.Catalogue, d *deed) bool {
	act, ok := cat.Activity(d.key.Activity.Code)
	return ok && act.DirectMarketing && d.kind != events.RecordStored
}

// processed tells what was done with data between a word that forbade it and the
// word, if any, that let it go on: a later one excuses nothing.
func (f *finder) processed() {
	list := f.a.said
	if len(list) == 0 {
		return
	}
	// Most deeds ask alike: the answer is worked out once for each that differs.
	type question struct {
		ban, n   int
		activity events.Activity
		item     events.Ref
		category events.Category
		channel  events.Code
	}
	memo := map[question]*saying{}
	asked := func(k, n int, d *deed) *saying {
		q := question{k, n, d.key.Activity, d.key.Item, d.key.Category, d.channel}
		s, ok := memo[q]
		if !ok {
			s = bans[k].stopped(list[:n], d)
			memo[q] = s
		}
		return s
	}
	for i := range f.a.deeds {
		d := &f.a.deeds[i]
		n, _ := slices.BinarySearchFunc(list, d.at, func(s saying, at events.Instant) int { return cmp.Compare(s.at, at) })
		for k := range bans {
			b := &bans[k]
			if n == 0 || !f.late(d.position) || !b.reaches(f.a.cat, d) {
				continue
			}
			s := asked(k, n, d)
			if s == nil {
				continue
			}
			on := about(&d.key)
			if len(s.e.Channels) > 0 {
				on["channel"] = string(d.channel)
			}
			f.add(b.rule, errorful, d.at, on, f.breach(b, s, d, asked(k, len(list), d) == nil))
		}
	}
}

// breach says who said what when, and what was done when.
func (f *finder) breach(b *ban, s *saying, d *deed, over bool) string {
	by := ""
	if len(s.e.Channels) > 0 {
		by = " by " + channelWord(d.channel)
	}
	text := b.said + by + " on " + f.a.plainDay(s.at) + ", and the data was " + didWords(d)
	if d.channel != "" {
		text += " by " + channelWord(d.channel)
	}
	text += " on " + f.a.plainDay(d.at)
	if over {
		text += ", before " + b.over
	}
	return text + " (" + b.article + ")"
}

func didWords(d *deed) string {
	switch {
	case d.kind == events.RecordStored:
		return "stored"
	case d.kind == events.RecordShared:
		return "shared"
	case d.did == events.ActionSent:
		return "sent"
	}
	return "used"
}

// plainDay says the day of a moment, where the organisation is.
func (a *answer) plainDay(t events.Instant) string {
	return catalogue.PlainDate(events.DateOf(t.Time().In(a.moment.Location())))
}
