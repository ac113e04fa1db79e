package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"reflect"
	"strings"

	"github.com/habeas-data/habeas/access"
)

type contextKey int

const (
	keyRequest contextKey = iota
	keyCaller
	keySession
)

// RequestID is the name of the request in the log; empty outside one.
func RequestID(ctx context.Context) string {
	v, _ := ctx.Value(keyRequest).(string)
	return v
}

// CallerOf is who asks, as the server made sure of it; nobody outside a
// request.
func CallerOf(ctx context.Context) access.Caller {
	v, _ := ctx.Value(keyCaller).(access.Caller)
	return v
}

// SessionOf is the console session of a Page route; nil elsewhere.
func SessionOf(ctx context.Context) *access.Session {
	v, _ := ctx.Value(keySession).(*access.Session)
	return v
}

// WithCaller is for tests of mounted handlers.
func WithCaller(ctx context.Context, c access.Caller) context.Context {
	return context.WithValue(ctx, keyCaller, c)
}

// newRequestID draws a name. A client's own is never taken: it might hold
// personal data.
func newRequestID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// ReadJSON reads the one JSON document of a request into v, strictly.
func ReadJSON(r *http.Request, v any) *Problem {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return NewProblem("request.media_type", "want Content-Type: application/json")
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	err = d.Decode(v)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			return NewProblem("request.malformed", "want one JSON document and nothing after it")
		}
		return nil
	}
	return bodyProblem(err, v)
}

// bodyProblem says what was wrong with a body without repeating any of it.
func bodyProblem(err error, v any) *Problem {
	var large *http.MaxBytesError
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &large):
		return NewProblem("request.too_large", fmt.Sprintf("want at most %d bytes", large.Limit))
	case errors.Is(err, os.ErrDeadlineExceeded):
		return NewProblem("request.too_slow", "the body did not arrive in time")
	case errors.As(err, &kind):
		p := NewProblem("request.malformed", "want "+kindName(kind.Type)+" here")
		if kind.Field != "" {
			p.Pointer = "/" + strings.ReplaceAll(kind.Field, ".", "/")
		}
		return p
	case errors.As(err, &syntax):
		return NewProblem("request.malformed", fmt.Sprintf("not JSON at byte %d", syntax.Offset))
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return NewProblem("request.malformed", "the JSON document ends too early")
	}
	return NewProblem("request.malformed", "want a JSON object with no members but "+strings.Join(memberNames(v), ", "))
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Bool:
		return "true or false"
	}
	return "a number"
}

func memberNames(v any) []string {
	t := typeOf(v)
	var out []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			out = append(out, name)
		}
	}
	return out
}

// WriteJSON answers with a JSON document.
func WriteJSON(w http.ResponseWriter, r *http.Request, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		NewProblem("server.error", "the answer could not be written as JSON").Write(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n'))
}
