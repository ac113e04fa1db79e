package api

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/habeas-data/habeas/access"
)

// A Face says who a route is for, and so how it knows its caller and how it
// says no.
type Face uint8

const (
	// Machine: Authorization: Bearer; problems as JSON. The default.
	Machine Face = iota
	// Page: the console's session cookie; refusals as pages.
	Page
)

// A Route is one row of the table: the whole of what the server serves.
type Route struct {
	Method     string
	Pattern    string // path of net/http's ServeMux, such as /v1/systems/{id}
	Permission access.Permission
	Handler    http.HandlerFunc
	Summary    string // one sentence for the OpenAPI document
	Face       Face
	// Body bounds the request's body in bytes; 0 means 64 KiB. Stream lifts
	// bound and total time: the handler bounds what it keeps, and the client
	// must keep sending.
	Body   int64
	Stream bool
	// Takes and Gives are values of the JSON types for the document; nil means
	// none. Media is the kind of content given, JSON unless set.
	Takes, Gives any
	Media        string
	// Query names the parameters of the URL's query, with what each means.
	Query map[string]string
	// Problems lists the codes a client should expect beside the usual ones.
	Problems []string
}

const defaultBody = 64 << 10

func (r *Route) check() error {
	switch {
	case r.Permission == "":
		return fmt.Errorf("route %s %s has no permission", r.Method, r.Pattern)
	case !r.Permission.Known():
		return fmt.Errorf("route %s %s: permission %s is not known", r.Method, r.Pattern, r.Permission)
	case r.Method == "" || !strings.HasPrefix(r.Pattern, "/"):
		return fmt.Errorf("route %q %q: want a method and a path", r.Method, r.Pattern)
	case r.Handler == nil:
		return fmt.Errorf("route %s %s has no handler", r.Method, r.Pattern)
	case r.Summary == "":
		return fmt.Errorf("route %s %s has no summary", r.Method, r.Pattern)
	}
	for _, c := range r.Problems {
		if _, ok := codes[c]; !ok {
			return fmt.Errorf("route %s %s: problem %s is not known", r.Method, r.Pattern, c)
		}
	}
	return nil
}

// typeOf names the JSON type of a Takes or Gives.
func typeOf(v any) reflect.Type {
	t := reflect.TypeOf(v)
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}
