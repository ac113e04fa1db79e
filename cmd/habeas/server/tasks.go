package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/connectors/fanout"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/vault"
)

// tendEvery is how often it is looked at what time alone does to tasks.
const tendEvery = time.Minute

// openFanout makes the doorbell. It stands after the desk, which it asks, and
// before the routes, which it serves.
func (s *Server) openFanout(ctx context.Context) (err error) {
	rates, err := s.cfg.TaskRate()
	if err != nil {
		return err
	}
	f, err := fanout.Open(ctx, fanout.Config{
		Desk: fanoutDesk{s.desk}, Book: fanoutBook{s}, NATS: s.journal.Conn(), Now: s.clock.now, Log: s.log.With("part", "fanout"),
		Rate: func(system events.Code) fanout.Rate {
			r := fanout.Rate{PerMinute: s.cfg.TasksPerMinute, AtOnce: s.cfg.TasksAtOnce}
			if n := rates[string(system)]; n > 0 {
				r.PerMinute = n
			}
			return r
		},
	})
	if err != nil {
		return err
	}
	s.fanout.Store(f)
	return nil
}

// taskDeps is what the desk needs to have tasks done.
func (s *Server) taskDeps() desk.TaskDeps {
	return desk.TaskDeps{Names: taskNames{s.vault.Revealer()}, Retired: s.vault.Resolver().Retired, Speaks: s.access.Speaks, Ring: s.ring, Wake: s.wake, Copies: s.taskCopies(), Policy: s.taskPolicy()}
}

func (s *Server) taskPolicy() cases.Policy {
	p := cases.DefaultPolicy
	p.LookAfter = s.cfg.LookAfter
	return p
}

// wake is ring where what kept tasks back may be over.
func (s *Server) wake() {
	if f := s.fanout.Load(); f != nil {
		f.Wake()
	}
}

// ring tells the doorbell that there is something new; before it is there, nobody
// needs to know.
func (s *Server) ring() {
	if f := s.fanout.Load(); f != nil {
		f.Ring()
	}
}

// taskNames opens names for tasks: also those whose erasure is under way.
type taskNames struct{ r *vault.Revealer }

func (n taskNames) RevealForTasks(ctx context.Context, handles []events.Handle) (map[events.Handle]events.Identifier, error) {
	return n.r.Reveal(ctx, handles, vault.ForTasks())
}

// fanoutDesk is the desk as fan-out asks it.
type fanoutDesk struct{ d *desk.Desk }

// Claim implements fanout.Desk.
func (f fanoutDesk) Claim(ctx context.Context, who access.Caller, system events.Code, task events.EventID, lease time.Duration) (*events.Work, error) {
	w, err := f.d.ClaimTask(ctx, who, system, task, lease)
	if cases.RefusalCode(err) != "" || errors.Is(err, desk.ErrGone) {
		return nil, errors.Join(fanout.ErrNotNow, err)
	}
	return w, asRefusal(err)
}

// Report implements fanout.Desk.
func (f fanoutDesk) Report(ctx context.Context, who access.Caller, system events.Code, task string, r *events.WorkReport) (*events.WorkReported, error) {
	out, err := f.d.ReportTask(ctx, who, system, task, r)
	return out, asRefusal(err)
}

// Copy implements fanout.Desk.
func (f fanoutDesk) Copy(ctx context.Context, who access.Caller, system events.Code, task, name, media string, body io.Reader) (*events.WorkCopy, error) {
	out, err := f.d.CopyTask(ctx, who, system, task, name, media, body)
	return out, asRefusal(err)
}

// asRefusal gives an error of the desk the form in which a system can act on it.
// Any other stays as it is, and the system is told to try again.
func asRefusal(err error) error {
	no := &fanout.Refusal{}
	var r *cases.Refusal
	var fault *desk.Fault
	switch {
	case err == nil:
		return nil
	case errors.Is(err, cases.ErrRace):
		no.Status, no.Code, no.Detail, no.After = http.StatusConflict, "RACE", "somebody else was first; ask again", time.Second
	case errors.As(err, &r):
		no.Status, no.Code, no.Detail = http.StatusConflict, string(r.Code), r.Text
	case errors.As(err, &fault):
		no.Status, no.Code, no.Detail = http.StatusBadRequest, "request.malformed", fault.Part+": "+fault.Text
	case errors.Is(err, desk.ErrForbidden):
		no.Status, no.Code, no.Detail = http.StatusForbidden, "permission.denied", err.Error()
	case errors.Is(err, desk.ErrFrozen):
		no.Status, no.Code, no.Detail = http.StatusConflict, "restore.unconfirmed", err.Error()
	case errors.Is(err, desk.ErrGone):
		no.Status, no.Code, no.Detail = http.StatusNotFound, "task.unknown", "no task of that id is this system's, or what it was about is gone"
	default:
		return err
	}
	return no
}

// fanoutBook is the book of cases as fan-out reads it.
type fanoutBook struct{ s *Server }

// bookPage is how many tasks are read at a time.
const bookPage = 256

// Systems implements fanout.Book.
func (b fanoutBook) Systems(_ context.Context, fn func(events.Code) error) error {
	v := b.s.graph.View()
	defer v.Close()
	list, err := casebook.Systems(v)
	for _, c := range list {
		if err == nil {
			err = fn(c)
		}
	}
	return err
}

// Open implements fanout.Book.
func (b fanoutBook) Open(_ context.Context, system events.Code, fn func(fanout.Waiting) bool) error {
	v := b.s.graph.View()
	defer v.Close()
	now, claims := events.InstantOf(b.s.clock.now()), b.s.access.Speaks(system)
	for after := (events.EventID{}); ; {
		list, err := casebook.OpenTasks(v, system, after, bookPage)
		if err != nil {
			return err
		}
		for i := range list {
			if !fn(waiting(&list[i], now, claims)) {
				return nil
			}
			after = list[i].ID
		}
		if len(list) < bookPage {
			return nil
		}
	}
}

// waiting says how a task stands to whoever might claim it; where nobody claims for
// the target, nobody rings. What the book cannot tell, the desk refuses when it comes
// to it.
func waiting(t *casebook.Task, now events.Instant, claims bool) fanout.Waiting {
	w := fanout.Waiting{Task: t.ID, System: t.System, Verb: t.Verb, From: t.NotBefore}
	x := cases.Task{ID: t.ID, Case: t.Case, Version: t.Version, State: cases.TaskState(t.State), Detail: t.Detail, System: t.System, Verb: t.Verb,
		ActBefore: t.ActBefore, NotBefore: t.NotBefore, Lease: t.Lease, Attempts: t.Attempts}
	_, err := x.Claimable(true, now)
	switch cases.RefusalCode(err) {
	case "", cases.TaskNotYet:
		w.Manual = !claims
	case cases.TaskLeased:
		w.Lease = t.Lease
	default:
		w.Manual = true
	}
	return w
}

// taskRoutes are the doors of systems and recipients.
func (s *Server) taskRoutes() []api.Route {
	h := &fanout.HTTP{Fanout: s.fanout.Load(), Who: func(r *http.Request) access.Caller { return api.CallerOf(r.Context()) }, Problem: api.WriteProblem}
	return []api.Route{
		{Method: "POST", Pattern: "/v1/systems/{id}/tasks/claim", Permission: access.TasksAct, Handler: h.Claim, Stream: true, Takes: events.WorkClaim{}, Gives: events.WorkList{},
			Summary: "Take the tasks that wait for a system, as its own token only; waits for one where there is none. Each says whom it is about, and the claim is recorded."},
		{Method: "POST", Pattern: "/v1/systems/{id}/tasks/{task}/report", Permission: access.TasksAct, Handler: h.Report, Body: events.MaxWorkReport, Takes: events.WorkReport{}, Gives: events.WorkReported{},
			Summary: "Say what became of a task. Saying it twice changes nothing; done is believed once a later look found nothing."},
		{Method: "PUT", Pattern: "/v1/systems/{id}/tasks/{task}/copies/{name}", Permission: access.TasksAct, Handler: h.Copy, Stream: true, Gives: events.WorkCopy{},
			Summary: "Send one file of an export. It is sealed as it comes."},
	}
}

// tend looks again and again at what time alone does to tasks. It is part of the
// schedule, the one place where the clock starts something.
func (s *Server) tend(ctx context.Context) error {
	if err := s.desk.MendTasks(ctx); err != nil && ctx.Err() == nil {
		s.log.Error("what follows from receipts was not finished for every case", "error", err)
	}
	again := time.NewTicker(tendEvery)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
			if n, err := s.desk.TendTasks(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, desk.ErrFrozen) {
				s.log.Error("not every task was tended; it is tried again", "tended", n, "error", err)
			}
		}
	}
}
