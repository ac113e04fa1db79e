package demo

import "github.com/habeas-data/habeas/events"

// A walk is a walk of life: a kind of person in the crowd.
type walk struct {
	as     events.Code // subject type
	weight int         // how many of them for each round of the crowd
	plain  bool        // has neither e-mail address nor telephone
	leaves float64     // the odds that they leave within the story
	dies   float64     // the odds that it is by death
	exits  []exit      // what is then reported
}

// An exit is the milestone by which a system tells that somebody left.
type exit struct{ at, milestone events.Code }

// An ending is the milestone of an item: at once, or so many days later at the
// least. Months after it, as the notice says, the item is deleted.
type ending struct {
	at, milestone events.Code
	days          float64
	months        int // 0: it stays
}

// A routine is what usually happens with the data of some kinds of people: a row
// of the notice in daily life. What it stores is drawn from the row's categories.
type routine struct {
	of    string      // subject types of the walks, apart by spaces
	as    events.Code // in this role; empty: as what they are
	row   string      // activity of the notice
	at    events.Code // system
	in    events.Code // dataset
	what  string      // categories, apart by spaces; empty: some of each category of the row
	pool  string      // elements to draw from instead of the whole row's
	how   events.Provenance
	from  events.Code // source
	odds  float64     // share of the people to whom it happens; 0: all
	after float64     // days from their coming
	every float64     // days between further reports, on the average; 0: once
	item  events.Code // kind of item: each report is about a new one
	ends  ending      // of each item
	reach events.Code // milestone of the person that each report reaches
	dated bool        // has a date of its own, which places it in a financial year
	anon  bool        // only the browser is known
	agree bool        // the person consents first, on a form
	used  events.Code // channel by which a message goes out each time
	to    []handing
	more  func(*events.Event) // what few rows say
}

// A handing is sharing that goes with a routine.
type handing struct {
	to      events.Code
	odds    float64 // of each report; 0: always
	what    string  // empty: what was stored
	ref     events.Code
	because events.Code
	country events.Code // where it went, without a safeguard
}

// A campaign is promotion: consent, sending while it lasts, and its end.
type campaign struct {
	of       string
	as       events.Code
	row      string
	at, in   events.Code
	what     string
	channels []events.Code // the first is the one used
	odds     float64
	every    float64
	to       handing
	stops    float64 // the odds that consent is withdrawn
	objects  float64 // the odds of an objection
}
