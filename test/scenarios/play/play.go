package play

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A Player plays one scenario in one world and tells it as it goes.
type Player struct {
	World    *World
	Scenario *Scenario
	Tell     io.Writer         // nil: nothing is told
	holds    map[string]string // the name a story gives to a hold -> its id
	cases    map[string]string // likewise of a case
	tokens   map[string]string // of the hands of the story, by name
	items    map[string]string // a holding's id -> the item it concerns
	first    string            // the first day of the story, where its events come day by day
}

// Play does every step in turn and returns what is otherwise than expected. An
// error means that the rest could not be played.
func (p *Player) Play(ctx context.Context) (faults []string, err error) {
	p.holds, p.items = map[string]string{}, map[string]string{}
	p.cases, p.tokens = map[string]string{}, map[string]string{}
	p.say("%s\n%s; catalogue %s%s\n", p.Scenario.Title, p.Scenario.Source, p.Scenario.Catalogue, withDecisions(p.Scenario.Decisions))
	for i := range p.Scenario.Steps {
		x := &p.Scenario.Steps[i]
		if x.Tells != "" {
			p.say("\n%s\n", x.Tells)
		}
		found, err := p.step(ctx, x)
		if err != nil {
			return faults, fmt.Errorf("step %d: %w", i+1, err)
		}
		for _, f := range found {
			p.say("  DIFFERS: %s\n", f)
			faults = append(faults, fmt.Sprintf("step %d (%s): %s", i+1, x.name(), f))
		}
	}
	return faults, nil
}

func withDecisions(file string) string {
	if file == "" {
		return " with its shipped decisions"
	}
	return " with the decisions of " + file
}

func (p *Player) say(format string, a ...any) {
	if p.Tell != nil {
		fmt.Fprintf(p.Tell, format, a...)
	}
}

func (x *Step) name() string {
	switch {
	case x.Footprint != "":
		return strings.TrimSpace("footprint of " + x.Footprint + " " + x.AsOf)
	case x.Due != "":
		return "due on " + x.Due
	case x.Waiting:
		return "waiting"
	case x.List:
		return "findings"
	case len(x.Declared) > 0:
		return "catalogue check"
	case x.Ingest != "":
		return "ingest"
	case x.Plan != nil:
		return "plan of " + x.Plan.Of + " under " + x.Plan.Right
	case x.Act != nil:
		return "case " + x.Act.Does[0]
	}
	return "act"
}

func (p *Player) step(ctx context.Context, x *Step) ([]string, error) {
	switch {
	case x.Clock != "" && p.Scenario.DayByDay && p.first == "":
		p.first = x.Clock // the events of the story come on their own days first
		return nil, nil
	case x.Clock != "":
		_, err := p.World.Run(ctx, "clock", "set", x.Clock)
		p.say("  it is %s\n", x.Clock)
		return nil, err
	case x.Register != nil:
		return nil, p.register(ctx, x.Register)
	case x.Ingest != "":
		faults, err := p.ingest(ctx, x.Ingest)
		if err == nil && p.Scenario.Rebuild {
			_, err = p.World.Run(ctx, "rebuild")
		}
		return faults, err
	case x.Footprint != "":
		return p.footprint(ctx, x)
	case x.Due != "":
		return p.due(ctx, x)
	case x.Waiting:
		return p.waiting(ctx, x)
	case x.List:
		return p.list(ctx, x)
	case len(x.Declared) > 0:
		return p.declared(ctx, x)
	case x.Hold != nil:
		return nil, p.hold(ctx, x.Hold)
	case x.Lift == "":
		return p.onCase(ctx, x)
	}
	_, err := p.World.Run(ctx, "hold", "lift", p.holds[x.Lift], "--reason", "the matter of the scenario is closed")
	p.say("  the hold %q is lifted\n", x.Lift)
	return nil, err
}

// onCase does a step that is about a case.
func (p *Player) onCase(ctx context.Context, x *Step) ([]string, error) {
	switch {
	case x.Case != nil:
		return p.open(ctx, x.Case)
	case x.Plan != nil:
		return p.plan(ctx, x.Plan)
	case x.Act != nil:
		return p.act(ctx, x.Act)
	case len(x.Connect) > 0:
		for _, s := range x.Connect {
			if _, err := p.token(ctx, "target-"+s, "system:"+s); err != nil {
				return nil, err
			}
		}
		p.say("  connected: %s\n", strings.Join(x.Connect, ", "))
		return nil, nil
	case x.Dispose != nil:
		return p.dispose(ctx, x.Dispose)
	case x.Work != nil:
		return p.work(ctx, x.Work)
	}
	return p.tasks(ctx, x.Tasks)
}

func (p *Player) register(ctx context.Context, r *Recipient) error {
	args := []string{"recipients", "add", r.ID, "--class", r.Class, "--name", r.Name}
	if r.Country != "" {
		args = append(args, "--country", r.Country)
	}
	_, err := p.World.Run(ctx, args...)
	p.say("  recipient %s is %s (%s)\n", r.ID, r.Name, r.Class)
	return err
}

// ingest wants every event to be taken: a story with a refused event is another
// story.
func (p *Player) ingest(ctx context.Context, file string) (faults []string, err error) {
	b, err := os.ReadFile(filepath.Join(p.Scenario.Dir, file))
	if err != nil {
		return nil, fmt.Errorf("read the events of a scenario: %w", err)
	}
	events := bytes.SplitAfter(b, []byte("\n"))
	if n := len(events); n > 0 && len(events[n-1]) == 0 {
		events = events[:n-1]
	}
	if p.Scenario.Order != nil {
		p.Scenario.Order(events)
	}
	if !p.Scenario.DayByDay {
		return p.send(ctx, file, events)
	}
	for len(events) > 0 {
		day := dayOf(events[0])
		n := slices.IndexFunc(events, func(e []byte) bool { return dayOf(e) != day })
		if n < 0 {
			n = len(events)
		}
		if _, err := p.World.Run(ctx, "clock", "set", day); err != nil {
			return faults, err
		}
		found, err := p.send(ctx, file, events[:n])
		if faults = append(faults, found...); err != nil {
			return faults, err
		}
		events = events[n:]
	}
	_, err = p.World.Run(ctx, "clock", "set", p.first)
	return faults, err
}

// dayOf is the day of an event.
func dayOf(event []byte) string {
	var e struct {
		Time string `json:"time"`
	}
	if json.Unmarshal(event, &e) != nil || len(e.Time) < len(time.DateOnly) {
		return ""
	}
	return e.Time[:len(time.DateOnly)]
}

func (p *Player) send(ctx context.Context, file string, events [][]byte) (faults []string, err error) {
	var got struct {
		Accepted  int `json:"accepted"`
		Duplicate int `json:"duplicate"`
		Rejected  []struct {
			Line   int    `json:"line"`
			Reason string `json:"reason"`
		} `json:"rejected"`
	}
	part := filepath.Join(p.World.dir, "events.jsonl")
	if err := os.WriteFile(part, bytes.Join(events, nil), 0o600); err != nil {
		return nil, fmt.Errorf("write events to send: %w", err)
	}
	if err := p.World.Ask(ctx, &got, "ingest", part); err != nil {
		return nil, err
	}
	for _, r := range got.Rejected {
		faults = append(faults, fmt.Sprintf("%s line %d was refused: %s", file, r.Line, r.Reason))
	}
	if got.Duplicate > 0 {
		faults = append(faults, fmt.Sprintf("%d events of %s were taken for repeats", got.Duplicate, file))
	}
	p.say("  %d events of %s are taken\n", got.Accepted, file)
	return faults, nil
}

func (p *Player) footprint(ctx context.Context, x *Step) ([]string, error) {
	args := []string{"footprint", p.Scenario.People[x.Footprint], "--reason", "a worked scenario"}
	if x.AsOf != "" {
		args = append(args, "--as-of", x.AsOf)
	}
	var f footprint
	if err := p.World.Ask(ctx, &f, args...); err != nil {
		return nil, err
	}
	got := make([]Holding, len(f.Holdings))
	for i := range f.Holdings {
		got[i] = f.Holdings[i].seen()
		p.items[f.Holdings[i].ID] = got[i].Item
	}
	p.say("  held about %s%s:\n", x.Footprint, onDay(x.AsOf))
	p.show(got)
	faults := holdings(x.Holdings, got, true)
	var found, consents []string
	for i := range f.Findings {
		found = append(found, f.Findings[i].String())
	}
	for i := range f.Consents {
		consents = append(consents, f.Consents[i].each()...)
	}
	for _, line := range found {
		p.say("    finding: %s\n", line)
	}
	for _, line := range consents {
		p.say("    consent: %s\n", line)
	}
	faults = append(faults, lines("finding", x.Findings, found, true)...)
	return append(faults, lines("consent", x.Consents, consents, false)...), nil
}

func onDay(day string) string {
	if day == "" {
		return ""
	}
	return " at the end of " + day
}

func (p *Player) show(list []Holding) {
	for i := range list {
		p.say("    %s\n", list[i].Line())
	}
	if len(list) == 0 {
		p.say("    nothing\n")
	}
}

func (p *Player) due(ctx context.Context, x *Step) ([]string, error) {
	args := []string{"retention", "due", "--on", x.Due}
	if x.Until != "" {
		args = append(args, "--until", x.Until)
	}
	var d struct {
		Items []dueItem `json:"items"`
	}
	if err := p.World.Ask(ctx, &d, args...); err != nil {
		return nil, err
	}
	got := make([]Holding, len(d.Items))
	for i := range d.Items {
		got[i] = d.Items[i].seen(p.items)
	}
	p.say("  to go on %s:\n", x.Due)
	p.show(got)
	return holdings(x.Holdings, got, false), nil
}

// waiting compares what has no end, as "rule system trigger count".
func (p *Player) waiting(ctx context.Context, x *Step) ([]string, error) {
	var d struct {
		Waiting []struct {
			Rule     string `json:"rule"`
			Trigger  string `json:"trigger"`
			System   string `json:"system"`
			Holdings int    `json:"holdings"`
			Never    bool   `json:"never_reported"`
		} `json:"waiting"`
	}
	if err := p.World.Ask(ctx, &d, "retention", "waiting"); err != nil {
		return nil, err
	}
	var got []string
	for _, w := range d.Waiting {
		never := "reported for others"
		if w.Never {
			never = "never reported"
		}
		got = append(got, fmt.Sprintf("%s %s %s %d %s", w.Rule, w.System, w.Trigger, w.Holdings, never))
	}
	slices.Sort(got)
	p.say("  without an end, because nothing started it:\n")
	for _, line := range got {
		p.say("    %s\n", line)
	}
	return lines("waiting", x.Findings, got, true), nil
}

// list compares the findings over everybody; others may stand beside them.
func (p *Player) list(ctx context.Context, x *Step) ([]string, error) {
	var d struct {
		Findings []finding `json:"findings"`
	}
	if err := p.World.Ask(ctx, &d, "findings"); err != nil {
		return nil, err
	}
	var got []string
	for i := range d.Findings {
		got = append(got, d.Findings[i].String())
	}
	p.say("  declared against observed:\n")
	for _, line := range got {
		p.say("    %s\n", line)
	}
	return lines("finding", x.Findings, got, false), nil
}

func (p *Player) hold(ctx context.Context, h *Hold) error {
	args := []string{"hold", "place", "--ground", h.Ground, "--owner", h.Owner, "--review", h.Review}
	for _, x := range [][2]string{{"--identifier", h.Identifier}, {"--item", h.Item}, {"--system", h.System}, {"--activity", h.Activity}, {"--category", h.Category}} {
		if x[1] != "" {
			args = append(args, x[0], x[1])
		}
	}
	var placed struct {
		ID string `json:"id"`
	}
	if err := p.World.Ask(ctx, &placed, args...); err != nil {
		return err
	}
	p.holds[h.As] = placed.ID
	p.say("  a hold is placed (%s), to be looked at again on %s\n", h.Ground, h.Review)
	return nil
}

// declared compares what the check of the catalogue says, which ends with 1 where
// it finds errors.
func (p *Player) declared(ctx context.Context, x *Step) ([]string, error) {
	var d struct {
		Findings []struct {
			Rule      string `json:"rule"`
			Activity  string `json:"activity"`
			Category  string `json:"category"`
			Recipient string `json:"recipient"`
		} `json:"findings"`
	}
	if err := p.World.Ask(ctx, &d, "catalogue", "check", p.Scenario.file(p.Scenario.Catalogue)); err != nil {
		return nil, err
	}
	var got []string
	for _, f := range d.Findings {
		for _, about := range []string{f.Activity, f.Category, f.Recipient} {
			got = append(got, strings.TrimSpace(f.Rule+" "+strings.ToLower(about)))
		}
	}
	p.say("  the notice itself, by habeas catalogue check:\n")
	for _, line := range x.Declared {
		p.say("    %s\n", line)
	}
	return lines("declared finding", x.Declared, got, false), nil
}
