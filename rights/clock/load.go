package clock

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/habeas-data/habeas/events"
)

// MaxCalendar is the size of the largest calendar file that is read.
const MaxCalendar = 1 << 20

// A calendarFile is one calendar as habeas writes it.
type calendarFile struct {
	ID      string      `json:"id,omitempty"`
	Name    string      `json:"name,omitempty"`
	Source  string      `json:"source,omitempty"`
	AddsTo  string      `json:"adds_to,omitempty"`
	From    events.Date `json:"from,omitzero"`
	Through events.Date `json:"through,omitzero"`
	Days    []holiday   `json:"days"`
}

type holiday struct {
	Date events.Date `json:"date"`
	Name string      `json:"name,omitempty"`
}

// A division is one part of the file that gov.uk publishes.
type division struct {
	Division string `json:"division"`
	Events   []struct {
		Title   string      `json:"title"`
		Date    events.Date `json:"date"`
		Notes   string      `json:"notes"`
		Bunting bool        `json:"bunting"`
	} `json:"events"`
}

// divisions maps the names that gov.uk uses to ours.
var divisions = map[string]Nation{"england-and-wales": EnglandWales, "scotland": Scotland, "northern-ireland": NorthernIreland}

// Load reads an organisation's calendar file. Three forms are taken: one calendar
// ("days", with "from" and "through", or "adds_to" the name of a shipped one),
// several ("calendars", each with its "id"), and the file of bank holidays that
// gov.uk publishes. Anything that is not understood is an error that names its
// place: a day that is lost in silence would make a clock wrong.
func Load(text []byte) (*Set, error) {
	s, err := load(text, Shipped())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCalendar, err)
	}
	return s, nil
}

// load reads a file whose "adds_to" names a calendar of base; the shipped file
// itself has no base.
func load(text []byte, base *Set) (*Set, error) {
	if len(text) > MaxCalendar {
		return nil, fmt.Errorf("it has %d bytes; a calendar has at most %d", len(text), MaxCalendar)
	}
	if !utf8.Valid(text) {
		return nil, errors.New("it is not UTF-8 text")
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) // as some editors begin a file
	if err := once(text); err != nil {
		return nil, err
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(text, &top); err != nil {
		return nil, errors.New(`want a JSON object with "days", "calendars" or the divisions of gov.uk`)
	}
	switch {
	case top["calendars"] != nil:
		return loadSeveral(text, base)
	case top["days"] != nil:
		return loadOne(text, base)
	}
	return loadDivisions(top)
}

func loadSeveral(text []byte, base *Set) (*Set, error) {
	var file struct {
		Calendars []calendarFile `json:"calendars"`
	}
	if err := strict(text, &file); err != nil {
		return nil, err
	}
	if len(file.Calendars) == 0 {
		return nil, errors.New("/calendars is empty")
	}
	s := &Set{byID: map[string]*Calendar{}, own: true}
	for i := range file.Calendars {
		at := fmt.Sprintf("/calendars/%d", i)
		f := &file.Calendars[i]
		if f.ID == "" {
			return nil, fmt.Errorf("%s/id is missing", at)
		}
		if s.byID[f.ID] != nil {
			return nil, fmt.Errorf("%s/id: %q stands twice", at, f.ID)
		}
		c, err := f.calendar(at, base)
		if err != nil {
			return nil, err
		}
		s.byID[f.ID] = c
	}
	return s, nil
}

func loadOne(text []byte, base *Set) (*Set, error) {
	var f calendarFile
	if err := strict(text, &f); err != nil {
		return nil, err
	}
	c, err := f.calendar("", base)
	if err != nil {
		return nil, err
	}
	if f.AddsTo != "" {
		all := maps.Clone(base.byID) // the other places keep theirs
		all[f.AddsTo] = c
		return &Set{byID: all, own: true}, nil
	}
	if f.ID != "" {
		return &Set{byID: map[string]*Calendar{f.ID: c}, own: true}, nil
	}
	return &Set{one: c, own: true}, nil
}

// calendar checks one calendar of a file. at is its JSON pointer.
func (f *calendarFile) calendar(at string, shipped *Set) (*Calendar, error) {
	c := &Calendar{ID: f.ID, Name: f.Name, Source: f.Source, From: f.From, Through: f.Through, days: map[events.Date]string{}}
	if f.AddsTo != "" {
		if !f.From.IsZero() || !f.Through.IsZero() || f.ID != "" {
			return nil, fmt.Errorf(`%s: "adds_to" takes the horizon and the name of the calendar it adds to; leave out "id", "from" and "through"`, at+"/adds_to")
		}
		base := shipped.byID[f.AddsTo]
		if base == nil {
			return nil, fmt.Errorf("%s/adds_to: %q is no shipped calendar; want one of %s", at, f.AddsTo, strings.Join(shipped.IDs(), ", "))
		}
		c.ID, c.From, c.Through, c.days = base.ID, base.From, base.Through, maps.Clone(base.days)
		c.Name, c.Source = or(c.Name, base.Name), strings.TrimSuffix(base.Source+"; added: "+c.Source, "; added: ")
	}
	switch {
	case c.From.IsZero() || c.Through.IsZero():
		return nil, fmt.Errorf(`%s/through: say from which day ("from") to which ("through") the calendar is complete; outside of it nothing is guessed`, at)
	case c.From > c.Through:
		return nil, fmt.Errorf("%s/through: %s is before %s", at, c.Through, c.From)
	}
	for i, d := range f.Days {
		if d.Date.IsZero() {
			return nil, fmt.Errorf("%s/days/%d/date is missing", at, i)
		}
		if !c.Covers(d.Date) {
			return nil, fmt.Errorf("%s/days/%d/date: %s is not from %s to %s", at, i, d.Date, c.From, c.Through)
		}
		c.days[d.Date] = or(d.Name, "a public holiday")
	}
	c.Name = or(c.Name, or(c.ID, "the calendar given"))
	c.Source = or(c.Source, "the calendar file given")
	return c, nil
}

// loadDivisions reads the form of gov.uk. That file states no horizon; its years
// are published whole, so it reaches from the first day of its first year to the
// last of its last, and no year between may be missing.
func loadDivisions(top map[string]json.RawMessage) (*Set, error) {
	s := &Set{byID: map[string]*Calendar{}, own: true}
	for _, key := range slices.Sorted(maps.Keys(top)) {
		nation, ok := divisions[key]
		if !ok {
			return nil, fmt.Errorf(`/%s is not known; want "days", "calendars", or the divisions of gov.uk (%s)`, key, strings.Join(slices.Sorted(maps.Keys(divisions)), ", "))
		}
		var d division
		if err := strict(top[key], &d); err != nil {
			return nil, fmt.Errorf("/%s: %w", key, err)
		}
		if d.Division != "" && d.Division != key {
			return nil, fmt.Errorf("/%s/division: says %q", key, d.Division)
		}
		c := &Calendar{ID: string(nation), Name: nation.plain(), Source: "the calendar file given, in the form of www.gov.uk/bank-holidays", days: map[events.Date]string{}}
		years := map[int]bool{}
		for i, e := range d.Events {
			if e.Date.IsZero() {
				return nil, fmt.Errorf("/%s/events/%d/date is missing", key, i)
			}
			c.days[e.Date] = or(e.Title, "a bank holiday")
			years[e.Date.Time().Year()] = true
		}
		if len(years) == 0 {
			return nil, fmt.Errorf("/%s/events is empty", key)
		}
		list := slices.Sorted(maps.Keys(years))
		if err := whole(list); err != nil {
			return nil, fmt.Errorf("/%s/events: %w", key, err)
		}
		c.From, c.Through = dayOf(list[0], 1, 1), dayOf(list[len(list)-1], 12, 31)
		s.byID[c.ID] = c
	}
	if len(s.byID) == 0 {
		return nil, errors.New("it is empty")
	}
	return s, nil
}

func whole(years []int) error {
	for i := 1; i < len(years); i++ {
		if years[i] != years[i-1]+1 {
			return fmt.Errorf("no day of %d, between %d and %d", years[i-1]+1, years[i-1], years[i])
		}
	}
	return nil
}

// plain names a nation.
func (n Nation) plain() string {
	switch n {
	case EnglandWales:
		return "England and Wales"
	case Scotland:
		return "Scotland"
	case NorthernIreland:
		return "Northern Ireland"
	}
	return string(n)
}

// strict decodes with every field known and nothing behind the value.
func strict(text []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

// once reads the text token by token: it must be one JSON value in which no object
// names a member twice, since the decoder would keep only the last.
func once(text []byte) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	at := func() int { return 1 + bytes.Count(text[:dec.InputOffset()], []byte("\n")) }
	type object struct {
		seen map[string]bool // nil for an array
		key  bool            // the next string is a name
	}
	var stack []object
	const deep = 16
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("line %d: %s", at(), strings.TrimPrefix(err.Error(), "json: "))
		}
		top := len(stack) - 1
		if name, ok := tok.(string); ok && top >= 0 && stack[top].key {
			if stack[top].seen[name] {
				return fmt.Errorf("line %d: %q stands twice in one object", at(), name)
			}
			stack[top].seen[name], stack[top].key = true, false
			continue
		}
		switch tok {
		case json.Delim('{'):
			stack = append(stack, object{seen: map[string]bool{}, key: true})
			if len(stack) > deep {
				return fmt.Errorf("line %d: nested too deeply", at())
			}
			continue
		case json.Delim('['):
			stack = append(stack, object{})
			if len(stack) > deep {
				return fmt.Errorf("line %d: nested too deeply", at())
			}
			continue
		case json.Delim('}'), json.Delim(']'):
			stack = stack[:top]
		}
		if top = len(stack) - 1; top >= 0 {
			stack[top].key = stack[top].seen != nil
		}
	}
}

// Encode writes the set so that Load gives the same set again.
func (s *Set) Encode() ([]byte, error) {
	file := func(c *Calendar) calendarFile {
		f := calendarFile{ID: c.ID, Name: c.Name, Source: c.Source, From: c.From, Through: c.Through, Days: []holiday{}}
		for _, d := range c.Days() {
			f.Days = append(f.Days, holiday{d, c.days[d]})
		}
		return f
	}
	if s.one != nil {
		return json.Marshal(file(s.one))
	}
	out := struct {
		Calendars []calendarFile `json:"calendars"`
	}{}
	for _, id := range s.IDs() {
		out.Calendars = append(out.Calendars, file(s.byID[id]))
	}
	return json.Marshal(out)
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
