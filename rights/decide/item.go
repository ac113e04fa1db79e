package decide

import (
	"encoding/json"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// A Plan is what is proposed on a day. It destroys nothing.
type Plan struct {
	Received, Due, On events.Date
	Items             []Item
}

// Undecided counts the items that wait for a person.
func (p *Plan) Undecided() (n int) {
	for i := range p.Items {
		if p.Items[i].NeedsPerson {
			n++
		}
	}
	return n
}

// Also is what follows beside the outcome.
type Also string

const (
	Suppress       Also = "suppress"        // remember not to contact
	TakeDown       Also = "take_down"       // withdraw what was published
	OfferObjection Also = "offer_objection" // tell that an objection is possible
)

// An Item is what is proposed for one holding under one right. It is a proposal
// and stays one: Final makes it what is done, and takes no item that needs a
// person.
type Item struct {
	Right   catalogue.RightKind
	Holding *Holding
	Outcome Outcome
	Code    Code
	Article string
	Until   events.Date
	// WaitsFor is the event at which the item is looked at again, where no day
	// says it: a milestone, hold_lifted, review, duty_ended.
	WaitsFor string
	Reason   string
	// ProposedBy names the rule: "row 10" of the order of erasure, or another.
	ProposedBy  string
	NeedsPerson bool
	// Because says why a person is needed: codes, in order.
	Because  []string
	Proposal *Proposal
	Also     []Also
	// Channels narrow a stop or a suppression; none is all.
	Channels []events.Code
	Keep     *Keep
	// BlockedBy are requests that must be answered first.
	BlockedBy []string
	Findings  []string
	Assumed   []catalogue.Decision
	// Restricted is set on what stays under Article 17(3): only for that.
	Restricted bool
	// Binding marks what no decision can refuse: it holds from receipt.
	Binding bool
	// Silent marks what is left out of every output without a word. Two people
	// decide it.
	Silent bool
	// RestsOn is the lawful basis that a refusal rests on.
	RestsOn events.Code
	// DecideBy is the day by which a person decides what becomes of data whose
	// use has ended.
	DecideBy events.Date
	// Detached names the holdings for which the bytes stay although this purpose
	// ends.
	Detached []string
	// Rerun lists what makes the answer new: days and events.
	Rerun      []string
	Recipients []Recipient
	AlsoAbout  int
	// held is set while a hold stands on the holding: no decision erases it.
	held bool
}

// A Proposal is what a review suggests.
type Proposal struct {
	Outcome Outcome `json:"outcome"`
	Code    Code    `json:"code"`
}

// Keep names what stays of a holding that goes, for others that are kept.
type Keep struct {
	Elements []events.Category
	Until    events.Date
	WaitsFor string
}

// Action is what is done about a recipient.
type Action string

const (
	Instruct Action = "instruct" // a processor: told what to do, and asked again until it is done
	Notify   Action = "notify"   // anybody else: told of it (Article 19)
	NoAction Action = "none"
)

// Verb is what the recipient is asked to do.
type Verb string

const (
	VerbErase    Verb = "erase"
	VerbRestrict Verb = "restrict"
	VerbSuppress Verb = "suppress" // stop using, and do not add again
	VerbCancel   Verb = "cancel"
	VerbTakeDown Verb = "take_down"
	VerbRectify  Verb = "rectify"
)

// A Recipient is one line for each recipient and the part it took.
type Recipient struct {
	Recipient events.Code
	Person    events.Ref
	ActingAs  catalogue.RecipientKind
	Action    Action
	Verb      Verb // empty where nothing is done
	Why       string
	// Impossible is set where the task, or a part of it, is known to fail before
	// it is sent: what was printed cannot be called back.
	Impossible bool
	// Silent is set where the person must not learn of the recipient.
	Silent bool

	reach                   reach
	fixed                   string // why nothing is ever done
	ended, mandate, returns bool
	printed                 bool // beside having been published online
}

// MarshalJSON writes the item in the published shape. The item of the record is
// written as a reference: its value is for the desk to reveal.
func (x *Item) MarshalJSON() ([]byte, error) {
	h := x.Holding
	v := struct {
		Right       catalogue.RightKind `json:"right"`
		Holding     string              `json:"holding"`
		System      events.Code         `json:"system"`
		Dataset     events.Code         `json:"dataset"`
		Activity    string              `json:"activity"`
		Category    string              `json:"category"`
		ItemRef     *string             `json:"item_ref"`
		RecordDate  *string             `json:"record_date"`
		Outcome     Outcome             `json:"outcome"`
		Code        Code                `json:"code"`
		Article     string              `json:"article"`
		Until       *string             `json:"until"`
		WaitsFor    *string             `json:"waits_for"`
		Reason      string              `json:"reason"`
		ProposedBy  string              `json:"proposed_by"`
		NeedsPerson bool                `json:"needs_person"`
		Because     []string            `json:"because"`
		DecidedBy   *string             `json:"decided_by"`
		Proposal    *Proposal           `json:"proposal"`
		Also        []Also              `json:"also"`
		Channels    []events.Code       `json:"channels,omitempty"`
		Keep        *keepJSON           `json:"keep"`
		BlockedBy   []string            `json:"blocked_by"`
		Findings    []string            `json:"findings"`
		Assumed     []assumedJSON       `json:"assumed"`
		RestsOn     *string             `json:"rests_on"`
		Restricted  bool                `json:"restricted"`
		Binding     bool                `json:"binding,omitempty"`
		Silent      bool                `json:"silent,omitempty"`
		DecideBy    *string             `json:"decide_by,omitempty"`
		Detached    []string            `json:"detached,omitempty"`
		AlsoAbout   int                 `json:"also_about,omitempty"`
		Rerun       []string            `json:"rerun"`
		Recipients  []recipientJSON     `json:"recipients"`
	}{Right: x.Right, Holding: h.ID, System: h.System, Dataset: h.Dataset, Activity: h.Activity.String(), Category: h.Category.String(),
		Outcome: x.Outcome, Code: x.Code, Article: x.Article, Until: day(x.Until), WaitsFor: text(x.WaitsFor), Reason: x.Reason, ProposedBy: x.ProposedBy,
		NeedsPerson: x.NeedsPerson, Because: list(x.Because), Proposal: x.Proposal, Also: list(x.Also), Channels: x.Channels,
		BlockedBy: list(x.BlockedBy), Findings: list(x.Findings), Assumed: []assumedJSON{}, RestsOn: text(string(x.RestsOn)), Restricted: x.Restricted, Binding: x.Binding,
		Silent: x.Silent, DecideBy: day(x.DecideBy), Detached: x.Detached, AlsoAbout: x.AlsoAbout, Rerun: list(x.Rerun), Recipients: []recipientJSON{}}
	if !h.Item.IsZero() {
		v.ItemRef = text(h.Item.Handle.String())
	}
	if n := len(h.RecordDates); n > 0 {
		v.RecordDate = day(h.RecordDates[n-1])
	}
	for _, d := range x.Assumed {
		v.Assumed = append(v.Assumed, assumedJSON{d.Key, d.Value.String(), d.By})
	}
	if x.Keep != nil {
		v.Keep = &keepJSON{[]string{}, day(x.Keep.Until), text(x.Keep.WaitsFor)}
		for _, c := range x.Keep.Elements {
			v.Keep.Elements = append(v.Keep.Elements, c.String())
		}
	}
	for _, r := range x.Recipients {
		v.Recipients = append(v.Recipients, r.json())
	}
	return json.Marshal(v)
}

type keepJSON struct {
	Elements []string `json:"elements"`
	Until    *string  `json:"until"`
	WaitsFor *string  `json:"waits_for"`
}

type assumedJSON struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	By    string `json:"by"`
}

type recipientJSON struct {
	Recipient  string  `json:"recipient"`
	ActingAs   string  `json:"acting_as,omitempty"`
	Action     Action  `json:"action"`
	Verb       *string `json:"verb"`
	Why        string  `json:"why,omitempty"`
	Impossible bool    `json:"impossible,omitempty"`
	Silent     bool    `json:"silent,omitempty"`
}

func (r *Recipient) json() recipientJSON {
	name := string(r.Recipient)
	if name == "" {
		name = r.Person.Handle.String()
	}
	return recipientJSON{name, string(r.ActingAs), r.Action, text(string(r.Verb)), r.Why, r.Impossible, r.Silent}
}

func day(d events.Date) *string { return text(d.String()) }

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}
