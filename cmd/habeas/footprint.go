package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/habeas-data/habeas/api/textview"
	"github.com/habeas-data/habeas/events"
	"github.com/spf13/cobra"
)

// look is the body of /v1/footprint and /v1/history. The identifier travels in
// the body, never in a URL.
type look struct {
	Identifier *identifierJSON `json:"identifier,omitempty"`
	Ref        string          `json:"ref,omitempty"`
	AsOf       string          `json:"as_of,omitempty"`
	AsKnown    string          `json:"as_known,omitempty"`
	Reason     string          `json:"reason,omitempty"`
}

type identifierJSON struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

func (a *app) footprintCmd() *cobra.Command {
	var l look
	c := &cobra.Command{
		Use:   "footprint KIND=VALUE|-|@FILE",
		Short: "Show what is held about one person",
		Long: `Show everything known to be held about one person: which system holds what, why,
until when, where it came from and who received it - and what cannot be known.

With "-" the identifier is read from standard input, so that it stays out of the
shell's history. The look is recorded with who asked and why before it answers.
If the identifier may mean several people, they are listed as candidates and
nothing else is shown (exit 1); ask again with ref=REF.`,
		Example: `  echo email=priya@example.org | habeas footprint - --reason "access request 17"
  habeas footprint platform.member=M-1001 --as-of 2025-03-01`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var f events.Footprint
			if done, err := a.look(cmd, "/v1/footprint", args[0], &l, &f); done || err != nil {
				return err
			}
			return textview.Footprint(a.out, &f)
		},
	}
	a.lookFlags(c, &l)
	return c
}

func (a *app) historyCmd() *cobra.Command {
	var l look
	c := &cobra.Command{
		Use:   "history KIND=VALUE|-|@FILE",
		Short: "Show the timeline of one person, oldest first",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var h events.History
			if done, err := a.look(cmd, "/v1/history", args[0], &l, &h); done || err != nil {
				return err
			}
			return textview.History(a.out, &h)
		},
	}
	a.lookFlags(c, &l)
	return c
}

func (a *app) lookFlags(c *cobra.Command, l *look) {
	c.Flags().StringVar(&l.AsOf, "as-of", "", "what was held at the end of this day (2026-03-01) or at this time (RFC 3339), according to all that is known now")
	c.Flags().StringVar(&l.AsKnown, "as-known", "", "according to what was recorded by the end of this day (2026-03-01), by this time (RFC 3339) or by this journal position")
	c.Flags().StringVar(&l.Reason, "reason", "", "why you look; kept sealed with the record of the look")
}

// look asks and, with --json, prints. done is set when nothing is left to show.
func (a *app) look(cmd *cobra.Command, path, arg string, l *look, out any) (done bool, err error) {
	kind, value, err := a.identifier(arg)
	if err != nil {
		return false, err
	}
	if kind == "ref" {
		l.Ref = value
	} else {
		l.Identifier = &identifierJSON{kind, value}
	}
	c, err := a.dial()
	if err != nil {
		return false, err
	}
	body, err := json.Marshal(l)
	if err != nil {
		return false, usage("encode the request: %w", err)
	}
	resp, err := c.do(cmd.Context(), "POST", path, "application/json", bytes.NewReader(body))
	if resp == nil {
		return false, err
	}
	defer resp.Body.Close()
	b, rerr := io.ReadAll(resp.Body)
	if rerr != nil {
		return false, reach("read the answer: %w", rerr)
	}
	var p *problem
	if errors.As(err, &p) {
		return true, a.noAnswer(p, b, err)
	}
	if a.json {
		return true, a.print(json.RawMessage(b))
	}
	if err := json.Unmarshal(b, out); err != nil {
		return false, reach("read the answer: %w", err)
	}
	return false, nil
}

// noAnswer shows what there is to show where no person was found, or several.
func (a *app) noAnswer(p *problem, raw []byte, err error) error {
	var none struct {
		AsOf       events.AsOf        `json:"as_of"`
		Candidates []events.Candidate `json:"candidates"`
		Contested  []events.Contest   `json:"contested"`
		Unknown    []events.Unknown   `json:"unknown"`
		Words      events.Glossary    `json:"words"`
	}
	if p.Code != "person.ambiguous" && p.Code != "person.not_found" {
		return err
	}
	if a.json {
		err = a.print(json.RawMessage(raw))
	} else if err = json.Unmarshal(raw, &none); err == nil {
		if p.Code == "person.ambiguous" {
			err = textview.Candidates(a.out, none.Candidates, none.Contested, none.Unknown, none.Words)
		} else {
			err = textview.NotFound(a.out, none.AsOf, none.Unknown, none.Words)
		}
	}
	if err != nil {
		return reach("show the answer: %w", err)
	}
	return said(exitNo)
}
