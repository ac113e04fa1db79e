package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/events"
)

// stopTime is how long requests under way may take to end.
const stopTime = 15 * time.Second

// Listen takes the address of the HTTP server, so that a taken port is known
// before anything is said to be running.
func (s *Server) Listen() (net.Listener, error) {
	l, err := net.Listen("tcp", s.cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", s.cfg.Listen, err)
	}
	return l, nil
}

// Run serves until ctx ends or a part stops for good, and returns why. It
// stops in the order of the flow: no new requests, then what is under way,
// then the followers of the journal. Close comes after.
func (s *Server) Run(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var parts group
	follow, stopFollow := context.WithCancel(context.WithoutCancel(ctx))
	defer stopFollow()

	parts.run(cancel, "map", func() error { return s.graph.Run(follow) })
	to, err := s.begin(ctx)
	if err != nil {
		stopFollow()
		parts.Wait()
		return err
	}
	hs := api.HTTPServer(s.api, s.log.With("part", "http"))
	parts.run(cancel, "http", func() error { return s.serveHTTP(hs, l) })
	nats, stopNATS := context.WithCancel(context.WithoutCancel(ctx))
	defer stopNATS()
	if s.cfg.NATSListen != "" || s.cfg.NATS != "" {
		parts.run(cancel, "nats", func() error { return s.gateway.ServeNATS(nats, s.journal.Conn(), s.maySpeak()) })
		parts.run(cancel, "tasks", func() error { return s.fanout.Load().ServeNATS(nats, s.journal.Conn(), s.maySpeak()) })
	}
	// What decides by itself from the map waits until the map has what the journal
	// had: after a crash it stands further back.
	parts.run(cancel, "schedule", func() error { return s.from(ctx, to, s.schedule) })
	parts.run(cancel, "fanout", func() error { return s.from(ctx, to, s.fanout.Load().Run) })
	parts.run(cancel, "tend", func() error { return s.from(ctx, to, s.tend) })
	parts.run(cancel, "census", func() error { return s.census(ctx) })

	select {
	case <-ctx.Done():
	case <-s.journal.Stopped():
		cancel(s.journal.Err())
	}
	s.ready.Store(false)
	stopCtx, done := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer done()
	err = hs.Shutdown(stopCtx)
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.Warn("requests were still running and are cut off", "after", stopTime)
		err = hs.Close()
	}
	stopNATS()
	stopFollow()
	parts.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		err = errors.Join(cause, err)
	}
	return err
}

// begin learns the recipients registered so far, before the first event that may
// name one is taken; then it adopts the catalogue and lets the map catch up, and
// says that the server is ready. It returns where the journal ends.
func (s *Server) begin(ctx context.Context) (to events.Position, err error) {
	if err := s.loadRecipients(ctx); err != nil {
		return to, err
	}
	err = s.shelf.adopt(ctx, events.InstantOf(s.clock.stamp()), func(ctx context.Context, e *events.Event) error {
		_, err := s.gateway.Write(ctx, []*events.Event{e}, 0)
		return err
	})
	if err != nil {
		return to, err
	}
	if err := s.recall(ctx); err != nil {
		return to, err
	}
	to = s.last()
	go s.catchUp(ctx, to)
	return to, nil
}

// from runs fn once readers see the event at a position. If the map never gets
// there, which it says itself, nothing is run.
func (s *Server) from(ctx context.Context, to events.Position, fn func(context.Context) error) error {
	if err := s.graph.WaitFor(ctx, to); err != nil {
		<-ctx.Done()
		return nil
	}
	return fn(ctx)
}

// catchUp marks the server ready once the map has what the journal had at the
// start; until then answers would be older than what was acknowledged.
func (s *Server) catchUp(ctx context.Context, to events.Position) {
	if err := s.graph.WaitFor(ctx, to); err != nil {
		s.log.Warn("the map did not reach the journal's end", "error", err)
		return
	}
	if err := s.desk.BindOpen(ctx); err != nil {
		s.log.Error("what binds from the receipt of a request was not carried out for every open case", "error", err)
	}
	s.ready.Store(true)
	s.log.Info("ready", "position", to.String())
}

func (s *Server) serveHTTP(hs *http.Server, l net.Listener) error {
	var err error
	if s.cfg.TLSCert != "" {
		err = hs.ServeTLS(l, s.cfg.TLSCert, s.cfg.TLSKey)
	} else {
		err = hs.Serve(l)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Ready reports what keeps the server from answering, if anything.
func (s *Server) Ready(ctx context.Context) error {
	if !s.ready.Load() {
		return fmt.Errorf("the map is at %s and the journal at %s", s.graph.Applied(), s.last())
	}
	if err := s.graph.Stats().Failed; err != nil {
		return fmt.Errorf("the map has stopped: %w", err)
	}
	return s.journal.Ready(ctx)
}

// group runs parts and ends all of them when one fails: its error is the cause
// of the end.
type group struct{ sync.WaitGroup }

func (g *group) run(cancel context.CancelCauseFunc, name string, fn func() error) {
	g.Go(func() {
		if err := fn(); err != nil && !errors.Is(err, context.Canceled) {
			cancel(fmt.Errorf("%s: %w", name, err))
		}
	})
}

// readiness is set once the map has caught up.
type readiness = atomic.Bool
