package fanout

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
	"github.com/nats-io/nats.go"
)

// The subjects of the service. The third token from the end is the system, and
// its credentials allow no other.
const (
	SubjectClaim  = "habeas.v1.tasks.*.claim"
	SubjectReport = "habeas.v1.tasks.*.report"
)

// natsWorkers is how many requests are under way at once; one more is answered
// "busy". Each system may have waitingMost claims waiting.
const natsWorkers = 1024

// Subjects are those a system may publish to.
func Subjects(system events.Code) []string {
	return []string{"habeas.v1.tasks." + string(system) + ".claim", "habeas.v1.tasks." + string(system) + ".report"}
}

// ServeNATS answers claims and reports until ctx ends. A reply is the JSON of the
// HTTP answer, or {"error":{"code","detail"}}. Copies of an export go over HTTP.
// may, if set, is asked for every request, so that a right that was taken back
// ends with it and not with the connection.
func (f *Fanout) ServeNATS(ctx context.Context, nc *nats.Conn, may func(system events.Code) bool) error {
	s := &service{f: f, may: may, slots: make(chan struct{}, natsWorkers)}
	var subs []*nats.Subscription
	for subject, answer := range map[string]func(context.Context, access.Caller, events.Code, []byte) (any, error){SubjectClaim: s.claim, SubjectReport: s.report} {
		sub, err := nc.QueueSubscribe(subject, "habeas-tasks", func(m *nats.Msg) { s.serve(ctx, m, answer) })
		if err != nil {
			return fmt.Errorf("serve %s: %w", subject, err)
		}
		subs = append(subs, sub)
	}
	<-ctx.Done()
	var errs []error
	for _, sub := range subs {
		if err := sub.Drain(); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
			errs = append(errs, fmt.Errorf("stop serving %s: %w", sub.Subject, err))
		}
	}
	s.running.Wait()
	return errors.Join(errs...)
}

// A service is the NATS side while it runs.
type service struct {
	f       *Fanout
	may     func(events.Code) bool
	slots   chan struct{}
	running sync.WaitGroup
}

func (s *service) serve(ctx context.Context, m *nats.Msg, answer func(context.Context, access.Caller, events.Code, []byte) (any, error)) {
	// A reply is published with our rights: only an inbox may receive it, or the
	// one-time subject by which the server leads a reply into another account.
	if !strings.HasPrefix(m.Reply, "_INBOX.") && !strings.HasPrefix(m.Reply, "_R_.") {
		s.f.cfg.Log.WarnContext(ctx, "a request without an inbox was ignored", "subject", m.Subject)
		return
	}
	select {
	case s.slots <- struct{}{}:
	default:
		s.respond(ctx, m, nil, &Refusal{http.StatusTooManyRequests, "tasks.busy", "too many requests are under way; try again in a second", time.Second})
		return
	}
	s.running.Go(func() {
		defer func() { <-s.slots }()
		part := strings.Split(m.Subject, ".")
		system := events.Code(part[3])
		if s.may != nil && !s.may(system) {
			s.respond(ctx, m, nil, &Refusal{Status: http.StatusForbidden, Code: "permission.denied", Detail: "this system has no living token"})
			return
		}
		// The connection was let in with the token of this system and may use no
		// other subject; which of its tokens it was is not known here.
		who := access.Caller{Token: "nats." + system, Name: system, Roles: []access.Role{access.SystemRole(system)}}
		v, err := answer(ctx, who, system, m.Data)
		s.respond(ctx, m, v, err)
	})
}

func (s *service) respond(ctx context.Context, m *nats.Msg, v any, err error) {
	if err != nil {
		no := s.f.refusal(ctx, err)
		fault := map[string]any{"code": no.Code, "detail": no.Detail}
		if no.After > 0 {
			fault["retry_after_seconds"] = max(1, int(no.After.Seconds()))
		}
		v = map[string]any{"error": fault}
	}
	b, err := json.Marshal(v)
	if err == nil {
		err = m.Respond(b)
	}
	if err != nil {
		s.f.cfg.Log.WarnContext(ctx, "an answer was not sent", "subject", m.Subject, "error", err)
	}
}

func (s *service) claim(ctx context.Context, who access.Caller, system events.Code, body []byte) (any, error) {
	c, err := decodeClaim(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return s.f.Claim(ctx, who, system, c)
}

// report takes {"task":..., "report":{...}}: over NATS there is no path to name
// the task in.
func (s *service) report(ctx context.Context, who access.Caller, system events.Code, body []byte) (any, error) {
	var in struct {
		Task   string          `json:"task"`
		Report json.RawMessage `json:"report"`
	}
	if len(body) > 2*events.MaxWorkReport || strict(body, &in) != nil {
		return nil, &Refusal{Status: http.StatusBadRequest, Code: "request.malformed", Detail: "want a JSON object with task and report"}
	}
	r, err := events.DecodeWorkReport(in.Report)
	if err != nil {
		return nil, &Refusal{Status: http.StatusBadRequest, Code: "request.malformed", Detail: err.Error()}
	}
	return s.f.Report(ctx, who, system, in.Task, r)
}

// strict decodes one JSON document without unknown fields.
func strict(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errMore
	}
	return nil
}

// refusal is what is told of an error: what can be understood as it is, anything
// else goes to the log.
func (f *Fanout) refusal(ctx context.Context, err error) *Refusal {
	var no *Refusal
	if errors.As(err, &no) {
		return no
	}
	if ctx.Err() == nil {
		f.cfg.Log.ErrorContext(ctx, "a request about tasks went wrong", "error", err)
	}
	return &Refusal{http.StatusServiceUnavailable, "tasks.not_stored", "it did not succeed, and it is not known whether it was stored. Asking again is safe", time.Second}
}
