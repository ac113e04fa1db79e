package api

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
)

// enums lists the words of fields that are fixed, by the name of the Go type and
// of the member.
func enums() map[string][]string {
	var states, statuses []string
	for _, x := range cases.TaskStates() {
		states = append(states, string(x.State))
	}
	for _, x := range cases.Statuses() {
		statuses = append(statuses, string(x))
	}
	outcomes, verbs := texts(events.WorkOutcomes()), texts(cases.Verbs())
	return map[string][]string{
		"CaseLine.status": statuses, "CaseView.status": statuses, "CaseOpened.status": statuses, "CaseDone.status": statuses,
		"CaseTaskLine.state": states, "TaskLine.state": states, "TaskView.state": states, "WorkReported.state": states,
		"CaseTaskLine.verb": verbs, "TaskLine.verb": verbs, "TaskView.verb": verbs, "Work.verb": verbs,
		"WorkReport.outcome":   outcomes,
		"CaseItem.outcome":     {"erase", "retain", "restrict", "stop", "rectify", "disclose", "withhold", "review", "refer", "none"},
		"ConsentState.state":   {"given", "withdrawn", "objected", "objection_lifted"},
		"RetentionView.status": {"running", "due", "overdue", "paused", "on_hold", "waiting_for_trigger", "open_ended", "none_stated", "undetermined"},
		"HoldView.ground":      {"claims", "law", "inquiry", "regulator", "crime", "audit"},
		"FindingLine.status":   {"open", "accepted", "resolved"},
		"CaseClockView.stand":  {"not_begun", "paused", "running", "due_today", "overdue", "answered_in_time", "answered_late"},
	}
}

func texts(list []events.Code) []string {
	var out []string
	for _, c := range list {
		out = append(out, string(c))
	}
	return out
}

// Schema is the JSON Schema of one published shape, made from the same Go type as
// its part of the OpenAPI document, with an example of it. Members may be added
// to a shape; none is renamed or taken away within a version.
func Schema(name, title, description string, of reflect.Type, example any) ([]byte, error) {
	g := &schemas{done: object{}, names: map[string]reflect.Type{}}
	root, err := g.of(of)
	if err != nil {
		return nil, fmt.Errorf("make the schema %s: %w", name, err)
	}
	doc := object{"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:habeas:" + name + ":v1", "title": title, "description": description,
		"$defs": g.done, "examples": []any{example}}
	ref, _ := root.(object)
	for k, v := range ref {
		doc[k] = v
	}
	b, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the schema %s: %w", name, err)
	}
	return append([]byte(strings.ReplaceAll(string(b), "#/components/schemas/", "#/$defs/")), '\n'), nil
}
