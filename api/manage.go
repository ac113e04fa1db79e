package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

// record appends an entry of the caller's to the audit log, before the act.
func (s *Server) record(ctx context.Context, act, target events.Code) error {
	return Record(ctx, s.cfg.Audit, CallerOf(ctx), act, target, audit.Done)
}

// Record appends what a caller is about to do, or was refused, to the audit
// log. If it fails the act must not happen.
func Record(ctx context.Context, log *audit.Log, who access.Caller, act, target, outcome events.Code) error {
	roles := make([]string, len(who.Roles))
	for i, r := range who.Roles {
		roles[i] = string(r)
	}
	if _, err := log.Append(ctx, audit.Entry{Actor: who.Token, Name: who.Name, Roles: roles, Act: act, Target: target, Outcome: outcome}); err != nil {
		return errors.Join(desk.ErrNotRecorded, err)
	}
	return nil
}

// TokenList lists tokens without their secrets.
type TokenList struct {
	Tokens []access.Token `json:"tokens"`
}

// NewToken asks for a token.
type NewToken struct {
	Name    string   `json:"name"`  // a code: lower case, no spaces
	Roles   []string `json:"roles"` // viewer, caseworker, ... or system:<id>
	Expires string   `json:"expires,omitempty"`
}

// CreatedToken is a token with its secret, which is shown this once.
type CreatedToken struct {
	Token  access.Token `json:"token"`
	Secret string       `json:"secret"`
}

func (s *Server) tokens(w http.ResponseWriter, r *http.Request) {
	WriteJSON(w, r, http.StatusOK, TokenList{s.cfg.Access.List(r.Context())})
}

func (n *NewToken) read(by events.Code, now time.Time) (access.NewToken, *Problem) {
	out := access.NewToken{By: by}
	var err error
	if out.Name, err = events.ParseCode(n.Name); err != nil {
		p := NewProblem("request.malformed", err.Error())
		p.Pointer = "/name"
		return out, p
	}
	for i, text := range n.Roles {
		role, err := access.ParseRole(text)
		if err == nil && role == access.Operator {
			// The operator's token comes from the machine itself: whoever manages
			// tokens must not give themselves a look at people through it.
			err = errors.New("the role operator belongs to the server's own account and cannot be given")
		}
		if err != nil {
			p := NewProblem("request.malformed", err.Error())
			p.Pointer = "/roles/" + strconv.Itoa(i)
			return out, p
		}
		out.Roles = append(out.Roles, role)
	}
	if n.Expires != "" {
		t, err := events.ParseInstant(n.Expires)
		if err != nil || !t.Time().After(now) {
			p := NewProblem("request.malformed", "want an RFC 3339 time to come")
			p.Pointer = "/expires"
			return out, p
		}
		out.Expires = t.Time()
	}
	return out, nil
}

func (s *Server) createToken(w http.ResponseWriter, r *http.Request) {
	var in NewToken
	p := ReadJSON(r, &in)
	var want access.NewToken
	if p == nil {
		want, p = in.read(CallerOf(r.Context()).Token, s.cfg.Now())
	}
	if p != nil {
		p.Write(w, r)
		return
	}
	if err := s.record(r.Context(), "token.create", want.Name); err != nil {
		s.fail(w, r, err)
		return
	}
	t, secret, err := s.cfg.Access.Create(r.Context(), want)
	switch {
	case errors.Is(err, access.ErrTaken):
		NewProblem("token.name_taken", "").Write(w, r)
	case err != nil:
		NewProblem("request.malformed", err.Error()).Write(w, r)
	default:
		WriteJSON(w, r, http.StatusCreated, CreatedToken{t, secret.Expose()})
	}
}

func (s *Server) revokeToken(w http.ResponseWriter, r *http.Request) {
	id, err := events.ParseCode(r.PathValue("id"))
	if err != nil {
		NewProblem("token.unknown", "").Write(w, r)
		return
	}
	if err := s.record(r.Context(), "token.revoke", id); err != nil {
		s.fail(w, r, err)
		return
	}
	err = s.cfg.Access.Revoke(r.Context(), id)
	switch {
	case errors.Is(err, access.ErrNoToken):
		NewProblem("token.unknown", "").Write(w, r)
	case err != nil:
		s.fail(w, r, err)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// Self says which token one holds.
type Self struct {
	Token       string   `json:"token"`
	Name        string   `json:"name"`
	Roles       []string `json:"roles"`
	Permissions []string `json:"permissions"`
}

func (s *Server) self(w http.ResponseWriter, r *http.Request) {
	who := CallerOf(r.Context())
	out := Self{Token: string(who.Token), Name: string(who.Name), Roles: []string{}, Permissions: []string{}}
	for _, v := range who.Roles {
		out.Roles = append(out.Roles, string(v))
	}
	for _, v := range who.Permissions() {
		out.Permissions = append(out.Permissions, string(v))
	}
	WriteJSON(w, r, http.StatusOK, out)
}

func (s *Server) systems(w http.ResponseWriter, r *http.Request) {
	v, err := s.cfg.Desk.Systems(r.Context(), CallerOf(r.Context()))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	WriteJSON(w, r, http.StatusOK, v)
}

func (s *Server) catalogue(w http.ResponseWriter, r *http.Request) {
	WriteJSON(w, r, http.StatusOK, s.cfg.Catalogue())
}
