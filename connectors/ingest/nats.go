package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/habeas-data/habeas/events"
	"github.com/nats-io/nats.go"
)

// Subject is where source systems send requests over NATS; the last token is
// the system they speak for, and their credentials allow no other.
const Subject = "habeas.v1.ingest.*"

// natsWorkers is how many requests of the NATS endpoint wait for durability at
// once; further ones wait in the connection.
const natsWorkers = 256

// ServeNATS answers requests on Subject until ctx ends. The reply is the JSON
// of the HTTP answer, or {"error":{"code","detail"}}. may, if set, is asked for
// every request, so that a right that was taken back ends with it and not with
// the connection.
func (g *Gateway) ServeNATS(ctx context.Context, nc *nats.Conn, may func(system events.Code) bool) error {
	slots := make(chan struct{}, natsWorkers)
	var wg sync.WaitGroup
	sub, err := nc.QueueSubscribe(Subject, "habeas-ingest", func(m *nats.Msg) {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			g.answer(ctx, m, may)
		})
	})
	if err != nil {
		return fmt.Errorf("serve %s: %w", Subject, err)
	}
	<-ctx.Done()
	err = sub.Drain()
	wg.Wait()
	if err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
		return fmt.Errorf("stop serving %s: %w", Subject, err)
	}
	return nil
}

func (g *Gateway) answer(ctx context.Context, m *nats.Msg, may func(events.Code) bool) {
	// A reply is published with our rights. Only an inbox may receive it, or the
	// one-time subject by which the server leads a reply into another account,
	// so that a source cannot have us write somewhere it may not.
	if !strings.HasPrefix(m.Reply, "_INBOX.") && !strings.HasPrefix(m.Reply, "_R_.") {
		g.cfg.Log.WarnContext(ctx, "a request without an inbox was ignored", "subject", m.Subject)
		return
	}
	system := events.Code(m.Subject[strings.LastIndexByte(m.Subject, '.')+1:])
	reply := g.reply(ctx, m, system, may)
	b, err := json.Marshal(reply)
	if err == nil {
		err = m.Respond(b)
	}
	if err != nil {
		g.cfg.Log.WarnContext(ctx, "an answer was not sent", "subject", m.Subject, "error", err)
	}
}

// reply takes the events of one request and says what becomes of them.
func (g *Gateway) reply(ctx context.Context, m *nats.Msg, system events.Code, may func(events.Code) bool) any {
	if may != nil && !may(system) {
		return refusal("permission.denied", "this system has no living token; nothing was stored")
	}
	if !g.uploads.begin(system) {
		g.Counts.busy.Add(1)
		return refusal("ingest.uploads", tooManyUploads)
	}
	defer g.uploads.end(system)
	t := &taker{g: g, who: Caller{System: system}}
	err := t.message(ctx, m)
	switch {
	case err == nil:
		return t.finish()
	case errors.Is(err, ErrBusy):
		return refusal("ingest.busy", "too many events are waiting to become durable; wait a second and send them again")
	}
	g.cfg.Log.ErrorContext(ctx, "events were not taken", "error", err)
	return refusal("ingest.not_stored", "the journal did not confirm the events; it is not known whether they were stored. Sending them again is safe")
}

func refusal(code, detail string) map[string]any {
	return map[string]any{"error": map[string]string{"code": code, "detail": detail}}
}

func (t *taker) message(ctx context.Context, m *nats.Msg) error {
	body := m.Data
	first := strings.TrimLeft(string(body[:min(len(body), 64)]), " \t\r\n")
	var err error
	switch {
	case m.Header.Get("ce-specversion") != "":
		err = t.binary(ctx, m.Header.Get, body)
	case strings.HasPrefix(first, "["):
		err = t.batch(ctx, body)
	default:
		err = t.one(ctx, body)
	}
	if err != nil {
		return err
	}
	return t.flush(ctx)
}

// batch takes a JSON array of events.
func (t *taker) batch(ctx context.Context, body []byte) error {
	for i, el := range events.DecodeBatch(body, t.g.cfg.Now()) {
		if i >= maxBatch {
			return fmt.Errorf("%w: want at most %d events in one array; send more as application/x-ndjson", errTooLarge, maxBatch)
		}
		if err := t.add(ctx, element{line: i + 1, obs: el.Observation, rej: el.Rejection, raw: el.Raw}); err != nil {
			return err
		}
	}
	return nil
}
