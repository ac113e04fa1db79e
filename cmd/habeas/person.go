package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/habeas-data/habeas/connectors/ingest"
	"github.com/habeas-data/habeas/events"
	"github.com/spf13/cobra"
)

func (a *app) personCmd() *cobra.Command {
	c := &cobra.Command{Use: "person", Short: "Join or separate records of people by hand, or record a state"}
	c.AddCommand(
		a.pairCmd("merge", "Decide that two identifiers are of one person"),
		a.pairCmd("split", "Decide that two identifiers are of different people"),
		a.markCmd(),
		a.stateCmd())
	return c
}

func (a *app) pairCmd(verb, short string) *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use:   verb + " KIND=VALUE|ref=REF KIND=VALUE|ref=REF",
		Short: short,
		Long: short + `. The decision is a fact with a reason: nothing is
rewritten, and the opposite decision takes it back. An identifier that may mean
several people must be named by the ref of one candidate.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if reason == "" {
				return usage("--reason: say why; it is kept sealed with the decision")
			}
			cl, err := a.dial()
			if err != nil {
				return err
			}
			body := map[string]any{"reason": reason}
			for i, arg := range args {
				side := string(rune('a' + i))
				kind, value, err := a.identifier(arg)
				switch {
				case err != nil:
					return err
				case kind == "ref":
					body[side] = value
				case verb == "split": // the two may be one person by now, with one reference
					body["identifier_"+side] = identifierJSON{kind, value}
				default:
					if body[side], err = a.ref(cmd.Context(), cl, kind, value); err != nil {
						return err
					}
				}
			}
			return a.decide(cmd.Context(), cl, verb, body)
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why; kept sealed with the decision")
	return c
}

func (a *app) markCmd() *cobra.Command {
	var reason string
	var not bool
	c := &cobra.Command{
		Use:   "mark KIND=VALUE|-|@FILE",
		Short: "Mark an identifier as shared by several people, such as a reception's mailbox",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if reason == "" {
				return usage("--reason: say why; it is kept sealed with the decision")
			}
			kind, value, err := a.identifier(args[0])
			if err != nil {
				return err
			}
			cl, err := a.dial()
			if err != nil {
				return err
			}
			return a.decide(cmd.Context(), cl, "mark", map[string]any{"identifier": identifierJSON{kind, value}, "shared": !not, "reason": reason})
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why; kept sealed with the decision")
	c.Flags().BoolVar(&not, "not-shared", false, "take the mark back")
	return c
}

func (a *app) stateCmd() *cobra.Command {
	var state, date, reason string
	c := &cobra.Command{
		Use:   "state KIND=VALUE|ref=REF|-|@FILE --state deceased|minor|lacks_capacity --date DATE --reason TEXT",
		Short: "Record that a person has died, is a minor or lacks capacity",
		Long: `Record a state that no system has reported: it decides who may act for the
person, and what ends. It is a fact with a reason, beside those of the systems.
An identifier that may mean several people must be named by the ref of one
candidate.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := events.ParseState(state); err != nil {
				return usage("--state: %w", err)
			}
			if d, err := events.ParseDate(date); err != nil || d.IsZero() {
				return usage("--date: want the day since when, such as 2026-03-14")
			}
			if reason == "" {
				return usage("--reason: say why; it is kept sealed with the decision")
			}
			kind, value, err := a.identifier(args[0])
			if err != nil {
				return err
			}
			cl, err := a.dial()
			if err != nil {
				return err
			}
			if kind != "ref" {
				if value, err = a.ref(cmd.Context(), cl, kind, value); err != nil {
					return err
				}
			}
			return a.decide(cmd.Context(), cl, "state", map[string]any{"ref": value, "state": state, "date": date, "reason": reason})
		},
	}
	f := c.Flags()
	f.StringVar(&state, "state", "", "deceased, minor or lacks_capacity")
	f.StringVar(&date, "date", "", "since when, such as 2026-03-14")
	f.StringVar(&reason, "reason", "", "why; kept sealed with the decision")
	return c
}

// ref finds the reference of the one person an identifier means. The look is
// recorded like any other.
func (a *app) ref(ctx context.Context, cl *client, kind, value string) (string, error) {
	var f events.Footprint
	err := cl.call(ctx, http.MethodPost, "/v1/footprint", look{Identifier: &identifierJSON{kind, value}, Reason: "before a decision about who is who"}, &f)
	return f.Subject.Ref, err
}

func (a *app) decide(ctx context.Context, cl *client, verb string, body any) error {
	var done struct {
		Position string `json:"position"`
	}
	if err := cl.call(ctx, http.MethodPost, "/v1/person/"+verb, body, &done); err != nil {
		return err
	}
	if a.json {
		return a.print(done)
	}
	_, err := fmt.Fprintf(a.out, "recorded at journal position %s\n", done.Position)
	return err
}

func (a *app) eventCmd() *cobra.Command {
	c := &cobra.Command{Use: "event", Short: "Correct what a system sent"}
	var source, id, why string
	r := &cobra.Command{
		Use:   "retract --source SYSTEM --id ID --why CODE",
		Short: "Take a wrong event back; it stays in the history, marked",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if source == "" || id == "" || why == "" {
				return usage("want --source, --id and --why")
			}
			cl, err := a.dial()
			if err != nil {
				return err
			}
			now := time.Now().UTC()
			var answer json.RawMessage
			err = cl.event(cmd.Context(), map[string]any{"specversion": "1.0", "type": events.EventRetracted.Type(), "source": source,
				"id": "retract:" + id, "time": now.Format(time.RFC3339Nano), "data": map[string]any{"source": source, "id": id, "why": why}}, &answer)
			if err != nil {
				return err
			}
			if a.json {
				return a.print(answer)
			}
			return a.retracted(answer)
		},
	}
	r.Flags().StringVar(&source, "source", "", "the system that sent the event")
	r.Flags().StringVar(&id, "id", "", "the event's id within that system")
	r.Flags().StringVar(&why, "why", "", "a code, such as sent_in_error")
	c.AddCommand(r)
	return c
}

// retracted says what a retraction did, as far as the server knows: it is
// recorded in any case, for events may arrive late.
func (a *app) retracted(answer json.RawMessage) error {
	var said ingest.Answer
	if err := json.Unmarshal(answer, &said); err != nil {
		return reach("read the answer: %w", err)
	}
	text := "recorded: the event is taken back"
	for _, w := range said.Warnings {
		if w.Pointer == "/data/id" {
			text = "recorded: " + w.Text + ". Check source and id with: habeas history"
		}
	}
	_, err := fmt.Fprintln(a.out, text)
	return err
}
