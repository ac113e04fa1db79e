package api

import (
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/habeas-data/habeas/events"
)

// observed counts what an answer was, for the access log. One request owns it.
type observed struct {
	http.ResponseWriter
	status int
	bytes  int64
	wrote  bool
	token  string
}

func (o *observed) WriteHeader(status int) {
	if !o.wrote {
		o.status, o.wrote = status, true
	}
	o.ResponseWriter.WriteHeader(status)
}

func (o *observed) Write(b []byte) (int, error) {
	o.wrote = true
	n, err := o.ResponseWriter.Write(b)
	o.bytes += int64(n)
	return n, err
}

// Unwrap serves http.ResponseController.
func (o *observed) Unwrap() http.ResponseWriter { return o.ResponseWriter }

// stream lets a body take as long as it needs, as long as it keeps coming.
type stream struct {
	io.ReadCloser
	control *http.ResponseController
}

func (s *stream) Read(b []byte) (int, error) {
	// A server that has no deadlines (in tests) reads without.
	_ = s.control.SetReadDeadline(time.Now().Add(stepTime))
	return s.ReadCloser.Read(b)
}

// bearerText reads the token of the Authorization header.
func bearerText(r *http.Request) (events.Plaintext, bool) {
	scheme, text, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || text == "" {
		return events.Plaintext{}, false
	}
	return events.NewPlaintext(text), true
}
