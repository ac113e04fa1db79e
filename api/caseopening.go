package api

import (
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

// CaseCommitment asks what stands behind one commitment of a certificate.
type CaseCommitment struct {
	// Content is the commitment, or at least its first eight digits.
	Content string `json:"content"`
	Reason  string `json:"reason,omitempty"`
}

func (in *CaseCommitment) order(_ *fields, st desk.CaseStep) desk.CommitmentOrder {
	return desk.CommitmentOrder{Caller: st.Caller, Case: st.Case, Content: in.Content, Reason: events.NewPlaintext(in.Reason)}
}
