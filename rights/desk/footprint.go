package desk

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
)

// Footprint answers what is held about a person, why, until when, where it came
// from and who received it. Errors: *Ambiguous, *NotFound, *Limited,
// ErrForbidden, ErrNotRecorded, ErrBehind, ErrQuestion.
func (d *Desk) Footprint(ctx context.Context, q Query) (*events.Footprint, error) {
	l, err := d.begin(ctx, q, access.FootprintRead)
	if err != nil {
		return nil, err
	}
	defer l.close(ctx)
	rows, err := l.rows()
	if err != nil {
		return nil, err
	}
	a := l.answer(rows)
	if err := l.desk.standing(ctx, l.view, a, l.person); err != nil {
		return nil, err
	}
	if err := l.reveal(ctx, a); err != nil {
		return nil, err
	}
	out := &events.Footprint{
		Subject: l.subject(a), AsOf: l.asOf(), Holdings: a.holdings(), Unknown: l.unknown(a), Findings: a.findings(),
		DisclosuresWithoutHolding: a.loose(), Joins: l.joins(a), Consents: a.consents(), States: a.facts(), Catalogue: string(l.cat.ID) + " " + l.cat.Edition,
		Simulated: a.folded.Simulated || d.d.Simulated,
	}
	if out.Contested, err = l.contests(ctx); err != nil {
		return nil, err
	}
	out.ConsentHistory, out.Restrictions = a.consentHistory(), a.restrictions()
	out.Words = newWords(l.cat).footprint(out)
	return out, nil
}

// Find says who a question means without showing anything about them. It is
// recorded like any look.
func (d *Desk) Find(ctx context.Context, q Query) (*Found, error) {
	l, err := d.begin(ctx, q, access.FootprintRead)
	if err != nil {
		return nil, err
	}
	defer l.close(ctx)
	list, err := l.candidates(ctx)
	if err != nil {
		return nil, err
	}
	return &Found{Ref: l.ref(), AsOf: l.asOf(), Candidates: list}, nil
}

// reveal opens the names that the answer shows.
func (l *look) reveal(ctx context.Context, a *answer) error {
	var members []events.Handle
	for _, list := range [][]identity.Member{l.person.Members, l.person.Also} {
		for _, m := range list {
			members = append(members, m.Handle)
		}
	}
	for _, j := range l.person.Joins {
		members = append(members, j.From.Handle, j.To.Handle)
	}
	handles := a.handles(members)
	slices.SortFunc(handles, func(x, y events.Handle) int { return bytes.Compare(x[:], y[:]) })
	names, err := l.desk.d.Revealer.Reveal(ctx, slices.Compact(handles))
	if err != nil {
		return fmt.Errorf("reveal the names of an answer: %w", err)
	}
	a.names = names
	return nil
}

// ref names the person for further questions: the handle that stands for them
// best, the same from whichever identifier one starts.
func (l *look) ref() string {
	best := l.person.Members[0]
	for _, m := range l.person.Members[1:] {
		x, y := rank(m), rank(best)
		if x > y || (x == y && bytes.Compare(m.Handle[:], best.Handle[:]) < 0) {
			best = m
		}
	}
	return best.Handle.String()
}

// refOr is ref, or the handle itself where it leads to nobody.
func (l *look) refOr(h events.Handle) string {
	if len(l.person.Members) == 0 {
		return h.String()
	}
	return l.ref()
}

func rank(m identity.Member) int {
	if m.System == inventory.Operator {
		return -1
	}
	if m.Kind.System() == m.System {
		return int(events.Unique) + 1
	}
	return int(events.StrengthOf(m.Kind))
}

// subject shows the person's identifiers, each with the systems that know it.
func (l *look) subject(a *answer) events.SubjectView {
	v := events.SubjectView{Ref: l.ref(), Identifiers: []events.IdentifierView{}, SubjectTypes: []string{}}
	for _, t := range a.folded.SubjectTypes {
		v.SubjectTypes = append(v.SubjectTypes, string(t))
	}
	for _, list := range [][]identity.Member{l.person.Members, l.person.Also} {
		for _, m := range list {
			id, ok := a.names[m.Handle]
			if !ok || m.System == inventory.Operator {
				continue
			}
			kind, value := string(id.Kind), id.Value.Expose()
			i := slices.IndexFunc(v.Identifiers, func(x events.IdentifierView) bool { return x.Kind == kind && x.Value == value })
			if i < 0 {
				v.Identifiers = append(v.Identifiers, events.IdentifierView{Kind: kind, Value: value})
				i = len(v.Identifiers) - 1
			}
			if s := string(m.System); !slices.Contains(v.Identifiers[i].Systems, s) {
				v.Identifiers[i].Systems = append(v.Identifiers[i].Systems, s)
			}
		}
	}
	return v
}

// identifier shows one handle in a live reply.
func (a *answer) identifier(m identity.Member) events.IdentifierView {
	v := events.IdentifierView{Kind: string(m.Kind), Systems: []string{string(m.System)}}
	if id, ok := a.names[m.Handle]; ok {
		v.Value = id.Value.Expose()
	}
	return v
}

// joins shows the chain by which records were taken to be of one person (B3).
func (l *look) joins(a *answer) []events.Join {
	out := []events.Join{}
	for _, j := range l.person.Joins {
		if j.To.System == inventory.Operator && j.By == identity.BySameIdentifier {
			continue // our own note of the same identifier joins nothing
		}
		v := events.Join{From: a.identifier(j.From), To: a.identifier(j.To), System: string(j.To.System), By: string(j.By), At: j.Evidence.Time}
		if !j.Evidence.Position.IsZero() {
			v.Position = j.Evidence.Position.String()
		}
		v.Evidence = l.evidence(j)
		out = append(out, v)
	}
	return out
}

func (l *look) evidence(j identity.Join) string {
	switch j.By {
	case identity.BySameIdentifier:
		return "the same " + kindWord(j.From.Kind) + " in both systems"
	case identity.ByHand:
		return "a person decided it"
	}
	return l.cat.Name(catalogue.FieldSystem, j.To.System) + " reported both together"
}

// numberWords says an identifier by which somebody is known: "e-mail address",
// "customer number at Finance".
func (l *look) numberWords(kind events.Code) string {
	if s := kind.System(); s != "" {
		return kindWord(kind) + " number at " + l.cat.Name(catalogue.FieldSystem, s)
	}
	return kindWord(kind)
}

func kindWord(kind events.Code) string {
	if w, ok := kindWords[kind]; ok {
		return w
	}
	_, what, local := strings.Cut(string(kind), ".")
	if !local {
		what = string(kind)
	}
	return strings.ReplaceAll(what, "_", " ")
}

var kindWords = map[events.Code]string{
	"email": "e-mail address", "phone": "telephone number", "name": "name", "postal_address": "postal address",
	"date_of_birth": "date of birth", "nhs_number": "NHS number", "ni_number": "National Insurance number", "passport": "passport number",
}

// unknown adds to what systems leave open the records that may be this
// person's and were left out.
func (l *look) unknown(a *answer) []events.Unknown {
	out := l.report.unknown(a.folded)
	for _, c := range l.person.Candidates {
		out = append(out, events.Unknown{System: string(c.Primary.System), Why: personUnconfirmed,
			Detail: "records linked to this person's " + l.numberWords(c.MatchedOn) + " may be this person's and are left out until somebody decides"})
	}
	return out
}
