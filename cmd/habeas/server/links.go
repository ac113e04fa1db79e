package server

import (
	"context"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
)

// SetUpLink is the one-time link for the first people, if there are none yet.
func (s *Server) SetUpLink(base string) (string, bool) {
	if s.access.People() {
		return "", false
	}
	code, err := s.links.Issue(access.LinkFor{SetUp: true})
	if err != nil {
		s.log.Error("no set-up link could be made", "error", err)
		return "", false
	}
	return base + "/setup/" + code.Expose(), true
}

// SystemToken makes a token of a system or a recipient, and returns it: the only
// time that it is shown.
func (s *Server) SystemToken(ctx context.Context, id events.Code) (events.Plaintext, error) {
	_, secret, err := s.access.Create(ctx, access.NewToken{Name: id, Roles: []access.Role{access.SystemRole(id)}})
	return secret, err
}

// SignInLink makes a token with these roles and a one-time link that signs its
// holder in.
func (s *Server) SignInLink(ctx context.Context, base string, name events.Code, roles ...access.Role) (string, error) {
	t, _, err := s.access.Create(ctx, access.NewToken{Name: name, Roles: roles})
	if err != nil {
		return "", err
	}
	code, err := s.links.Issue(access.LinkFor{SignIn: t.ID})
	if err != nil {
		return "", err
	}
	return base + "/signin/" + code.Expose(), nil
}
