package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// Pages says no to a person in a browser.
type Pages interface {
	// SignIn answers a request that needs a session and has none.
	SignIn(w http.ResponseWriter, r *http.Request)
	// Refuse shows a problem as a page.
	Refuse(w http.ResponseWriter, r *http.Request, p *Problem)
}

// Config is what a Server is made of.
type Config struct {
	Access   *access.Store
	Sessions *access.Sessions // nil: no console
	Pages    Pages            // nil: no console
	Desk     Desk
	Cases    CaseDesk // nil: not offered
	Tasks    TaskDesk // nil: not offered
	Audit    *audit.Log
	// Catalogue returns the one in force.
	Catalogue func() *catalogue.Catalogue
	// Mend acts on quarantined events; nil: not offered.
	Mend Mender
	// Ready says what is not ready; nil error: all is.
	Ready func(context.Context) error
	// Mounts are the routes of others: ingest, operations, the console.
	Mounts []Route
	Now    func() time.Time
	Log    *slog.Logger
	// TLSAhead is set when a proxy in front speaks TLS.
	TLSAhead bool
}

// A Server serves the table of routes.
type Server struct {
	cfg     Config
	routes  []Route
	mux     *http.ServeMux
	origins *http.CrossOriginProtection
	guesses *access.Limit // wrong tokens, by address
	openapi []byte
}

// New checks the table and builds the server. It fails if a row is incomplete:
// deny by default begins here.
func New(cfg Config) (*Server, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{cfg: cfg, mux: http.NewServeMux(), origins: http.NewCrossOriginProtection(),
		guesses: access.NewLimit(10, 6*time.Second, cfg.Now)}
	s.routes = slices.Concat(s.own(), s.keeping(), s.ropaRoutes(), s.findingRoutes(), s.caseRoutes(), s.taskRoutes(), cfg.Mounts)
	if err := s.table(); err != nil {
		return nil, fmt.Errorf("build the table of routes: %w", err)
	}
	var err error
	if s.openapi, err = OpenAPI(s.routes); err != nil {
		return nil, fmt.Errorf("describe the routes: %w", err)
	}
	return s, nil
}

// Routes lists the table.
func (s *Server) Routes() []Route { return slices.Clone(s.routes) }

// table registers each row, and for each path what answers other methods.
func (s *Server) table() (err error) {
	defer func() {
		if v := recover(); v != nil { // ServeMux panics on two rows that clash
			err = fmt.Errorf("%v", v)
		}
	}()
	methods := map[string][]string{}
	for i := range s.routes {
		r := &s.routes[i]
		if err := r.check(); err != nil {
			return err
		}
		if r.Face == Page && (s.cfg.Sessions == nil || s.cfg.Pages == nil) {
			return fmt.Errorf("route %s %s is a page, but there is no console", r.Method, r.Pattern)
		}
		s.mux.Handle(r.Method+" "+r.Pattern, s.serve(r))
		methods[r.Pattern] = append(methods[r.Pattern], r.Method)
	}
	for pattern, list := range methods {
		slices.Sort(list)
		allow := strings.Join(list, ", ")
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Allow", allow)
			NewProblem("route.method", "want "+allow).Write(w, r)
		})
	}
	if methods["/"] == nil {
		s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
			NewProblem("route.unknown", "").Write(w, r)
		})
	}
	return nil
}

// ServeHTTP names the request, sets the headers of every answer, and writes the
// access log.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := newRequestID()
	r = r.WithContext(context.WithValue(r.Context(), keyRequest, id))
	o := &observed{ResponseWriter: w, status: http.StatusOK}
	s.guard(o.Header(), r)
	o.Header().Set("Habeas-Request", id)
	began := s.cfg.Now()
	defer func() {
		v := recover()
		if v == http.ErrAbortHandler { //nolint:errorlint // the value itself is the sign
			defer panic(v) // the answer is to end unfinished, not as if it were whole
		} else if v != nil {
			// The value may hold anything; its type says enough to begin with.
			s.cfg.Log.ErrorContext(r.Context(), "a handler panicked", "request", id, "route", r.Pattern, "panic", fmt.Sprintf("%T", v))
			if o.bytes == 0 && !o.wrote {
				NewProblem("server.error", "").Write(o, r)
			}
		}
		// The route's pattern and not the path: path and query stay out of logs.
		s.cfg.Log.LogAttrs(r.Context(), slog.LevelInfo, "request",
			slog.String("request", id), slog.String("route", r.Pattern), slog.String("method", r.Method), slog.Int("status", o.status),
			slog.Int64("bytes", o.bytes), slog.Duration("took", s.cfg.Now().Sub(began)), slog.String("token", o.token))
	}()
	s.mux.ServeHTTP(o, r)
}

// guard sets what every answer carries.
func (s *Server) guard(h http.Header, r *http.Request) {
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	if r.TLS != nil || s.cfg.TLSAhead {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

const (
	requestTime = 30 * time.Second
	stepTime    = 30 * time.Second // between two pieces of a stream
)

// serve is one row at work: whose request, may they, then the handler within
// its bounds.
func (s *Server) serve(route *Route) http.Handler {
	limit := route.Body
	if limit == 0 {
		limit = defaultBody
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		r, p := s.admit(route, w, r)
		if p != nil {
			s.refuse(route, w, r, p)
			return
		}
		if route.Stream {
			r.Body = &stream{ReadCloser: r.Body, control: control}
		} else {
			until := time.Now().Add(requestTime)
			_ = control.SetReadDeadline(until)
			_ = control.SetWriteDeadline(until.Add(requestTime))
			r.Body = http.MaxBytesReader(w, r.Body, limit)
			ctx, cancel := context.WithTimeout(r.Context(), requestTime)
			defer cancel()
			r = r.WithContext(ctx)
		}
		route.Handler(w, r)
	})
}

// errSignedOut asks for the sign-in page.
var errSignedOut = NewProblem("token.missing", "sign in first")

// admit finds out who asks and whether they may.
func (s *Server) admit(route *Route, w http.ResponseWriter, r *http.Request) (*http.Request, *Problem) {
	if route.Face == Page {
		if err := s.origins.Check(r); err != nil {
			return r, NewProblem("request.cross_origin", "")
		}
	}
	if route.Permission == access.Public {
		return r, nil
	}
	ctx := r.Context()
	var who access.Caller
	if route.Face == Page {
		session, c, err := s.cfg.Sessions.Of(r)
		if err != nil {
			return r, errSignedOut
		}
		who, ctx = c, context.WithValue(ctx, keySession, session)
	} else {
		c, p := s.bearer(r)
		if p != nil {
			return r, p
		}
		who = c
	}
	if o, ok := w.(*observed); ok {
		o.token = string(who.Token)
	}
	r = r.WithContext(WithCaller(ctx, who))
	if !who.May(route.Permission) {
		s.refused(r, who, route)
		return r, NewProblem("permission.denied", "this needs the permission "+string(route.Permission))
	}
	return r, nil
}

// refused records that somebody tried what they may not. The answer is no in
// any case, so a record that fails changes nothing.
func (s *Server) refused(r *http.Request, who access.Caller, route *Route) {
	if _, ok := s.guesses.Take("refused " + string(who.Token)); !ok {
		return
	}
	if err := Record(r.Context(), s.cfg.Audit, who, events.Code(route.Permission), "", audit.Refused); err != nil {
		s.cfg.Log.WarnContext(r.Context(), "a refusal was not recorded", "request", RequestID(r.Context()), "error", err)
	}
}

func (s *Server) bearer(r *http.Request) (access.Caller, *Problem) {
	text, ok := bearerText(r)
	if !ok {
		return access.Caller{}, NewProblem("token.missing", "")
	}
	who, err := s.cfg.Access.Authenticate(text)
	if err == nil {
		return who, nil
	}
	if _, ok := s.guesses.Take(addressOf(r)); !ok {
		return who, NewProblem("rate.limited", "too many wrong tokens from this address")
	}
	return who, NewProblem("token.invalid", "")
}

func (s *Server) refuse(route *Route, w http.ResponseWriter, r *http.Request, p *Problem) {
	if p.Status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "6")
	}
	switch {
	case route.Face != Page:
		clone := *p
		clone.Write(w, r)
	case errors.Is(p, errSignedOut):
		s.cfg.Pages.SignIn(w, r)
	default:
		s.cfg.Pages.Refuse(w, r, p)
	}
}

// addressOf is the client's address without its port.
func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// HTTPServer wraps the handler with the timeouts that slow or half-closed
// clients need; each row adds its own.
func HTTPServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
