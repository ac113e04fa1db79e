package server

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/connectors/fanout"
	"github.com/habeas-data/habeas/events"
)

// authenticateNATS lets a source system connect with its token as the
// password, and publish to its own subjects only: its events, and its tasks.
func (s *Server) authenticateNATS(_, token string) (publish, subscribe []string, ok bool) {
	who, err := s.access.Authenticate(events.NewPlaintext(token))
	if err != nil || !who.May(access.EventsWrite) {
		return nil, nil, false
	}
	for _, r := range who.Roles {
		if id := r.System(); id != "" && !strings.ContainsAny(string(id), ".*>") {
			return append(fanout.Subjects(id), "habeas.v1.ingest."+string(id)), []string{"_INBOX.>"}, true
		}
	}
	return nil, nil, false
}

// maySpeak says whether a system may send over NATS right now: with the embedded
// server, if it has a token that was not revoked. An external cluster keeps its
// own credentials.
func (s *Server) maySpeak() func(events.Code) bool {
	if s.cfg.NATS != "" {
		return nil
	}
	return s.access.Speaks
}

func natsTLS(ca string) (*tls.Config, error) {
	if ca == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(ca)
	if err != nil {
		return nil, fmt.Errorf("read nats_ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("read nats_ca: %s holds no certificate", ca)
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}
