package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/habeas-data/habeas/events"
)

const (
	// chunk is how many events of a long upload are made durable together.
	chunk = 512
	// chunkBytes bounds what one connection holds while it fills a chunk.
	chunkBytes = 1 << 20
	// maxBatch is how many events one array may hold; a stream of lines may
	// hold any number.
	maxBatch = 10_000
	// maxBatchBytes is the greatest body of a request that is not a stream of
	// lines. A stream has no limit: it is taken in chunks.
	maxBatchBytes = 8 << 20
	// maxListed is how many rejections and results one answer lists; the counts
	// are always whole.
	maxListed = 1000
)

// An Answer is the JSON of one request. It is the same over HTTP and NATS.
type Answer struct {
	Accepted  int                `json:"accepted"`
	Duplicate int                `json:"duplicate"`
	Rejected  []events.Rejection `json:"rejected"`
	Position  string             `json:"position"`
	// Results has one entry for each event, in order, of a request of at most
	// maxListed events.
	Results []EventResult `json:"results,omitempty"`
	// RejectedCount is the number of rejections where the list was cut.
	RejectedCount int `json:"rejected_count"`
	// Warnings say what to look at in events that were taken, or had been
	// before; WarningCount is their number where the list was cut.
	Warnings     []Warning `json:"warnings,omitempty"`
	WarningCount int       `json:"warning_count,omitempty"`
}

// An EventResult says what became of one event.
type EventResult struct {
	Line     int    `json:"line"`
	Status   string `json:"status"`
	Position string `json:"position,omitempty"`
	Pointer  string `json:"pointer,omitempty"`
	Reason   string `json:"reason,omitempty"`
	// Kept is the note under which the event waits, sealed, for a person.
	Kept string `json:"kept,omitempty"`
}

// A decoded element of a request: an observation or why it is none.
type element struct {
	line int
	obs  *events.Observation
	rej  *events.Rejection
	raw  []byte // kept only when refused
}

// taker collects elements and submits them in chunks.
type taker struct {
	g      *Gateway
	who    Caller
	answer Answer
	last   events.Position
	wait   []element
	bytes  int // of the elements in wait
}

func (t *taker) add(ctx context.Context, e element) error {
	t.wait = append(t.wait, e)
	t.bytes += len(e.raw)
	if len(t.wait) < chunk && t.bytes < chunkBytes {
		return nil
	}
	return t.flush(ctx)
}

func (t *taker) flush(ctx context.Context) error {
	obs := make([]*events.Observation, 0, len(t.wait))
	for _, e := range t.wait {
		if e.obs != nil {
			obs = append(obs, e.obs)
		}
	}
	outcomes, err := t.g.Submit(ctx, t.who, obs)
	if err != nil {
		return err
	}
	k := 0
	for _, e := range t.wait {
		o := Outcome{Status: Rejected, Rejection: e.rej}
		if e.obs != nil {
			o = outcomes[k]
			k++
		}
		if o.Status == Rejected {
			o.Kept = t.refuse(ctx, e, o.Rejection)
		}
		t.note(e.line, o)
	}
	clear(t.wait)
	t.wait, t.bytes = t.wait[:0], 0
	return nil
}

func (t *taker) note(line int, o Outcome) {
	r := EventResult{Line: line, Status: o.Status.String()}
	switch o.Status {
	case Accepted:
		t.answer.Accepted++
	case Duplicate:
		t.answer.Duplicate++
	case Rejected:
		t.answer.RejectedCount++
		rej := *o.Rejection
		rej.Line = line
		r.Pointer, r.Reason = rej.Pointer, rej.Reason
		if !o.Kept.IsZero() {
			rej.Kept = o.Kept.String()
		}
		if len(t.answer.Rejected) < maxListed {
			t.answer.Rejected = append(t.answer.Rejected, rej)
		}
	}
	if !o.Kept.IsZero() {
		r.Kept = o.Kept.String()
	}
	t.warn(line, o, r.Kept)
	if o.Status != Rejected {
		r.Position = o.Position.String()
		if o.Position.Compare(t.last) > 0 {
			t.last = o.Position
			t.answer.Position = t.last.String()
		}
	}
	if len(t.answer.Results) < maxListed {
		t.answer.Results = append(t.answer.Results, r)
	}
}

func (t *taker) warn(line int, o Outcome, kept string) {
	if o.Status == Rejected {
		return // there is worse to say about it
	}
	t.answer.WarningCount += len(o.Warnings)
	for _, w := range o.Warnings {
		if len(t.answer.Warnings) < maxListed {
			w.Line, w.Kept = line, kept
			t.answer.Warnings = append(t.answer.Warnings, w)
		}
	}
}

func (t *taker) finish() Answer {
	a := t.answer
	if a.Accepted+a.Duplicate+a.RejectedCount > len(a.Results) {
		a.Results = nil
	}
	if a.Rejected == nil {
		a.Rejected = []events.Rejection{}
	}
	return a
}

// HTTP serves POST /v1/events. who tells, from a request that has passed the
// permission check, for which system it may speak; problem writes an error in
// the API's form.
func (g *Gateway) HTTP(who func(*http.Request) Caller, problem func(w http.ResponseWriter, r *http.Request, status int, code, detail string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := &taker{g: g, who: who(r)}
		if !g.uploads.begin(t.who.Token) {
			g.Counts.busy.Add(1)
			w.Header().Set("Retry-After", "1")
			problem(w, r, http.StatusTooManyRequests, "ingest.uploads", tooManyUploads)
			return
		}
		defer g.uploads.end(t.who.Token)
		err := t.read(r)
		switch {
		case err == nil:
			answer := t.finish()
			status := http.StatusAccepted
			if answer.Accepted+answer.Duplicate == 0 && answer.RejectedCount > 0 {
				status = http.StatusBadRequest
			}
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Cache-Control", "no-store")
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(answer) // the events are durable; a lost answer is repaired by sending again
		case errors.Is(err, ErrBusy):
			w.Header().Set("Retry-After", "1")
			problem(w, r, http.StatusTooManyRequests, "ingest.busy", t.sofar("too many events are waiting to become durable; wait a second and send the rest again"))
		case errors.Is(err, errMedia):
			problem(w, r, http.StatusUnsupportedMediaType, "ingest.media_type", err.Error())
		case errors.Is(err, errTooLarge):
			problem(w, r, http.StatusRequestEntityTooLarge, "ingest.too_large", t.sofar(err.Error()))
		case r.Context().Err() != nil || errors.Is(err, io.ErrUnexpectedEOF):
			problem(w, r, http.StatusBadRequest, "ingest.cut_off", t.sofar("the request ended before its body did"))
		default:
			g.cfg.Log.ErrorContext(r.Context(), "events were not taken", "error", err)
			problem(w, r, http.StatusServiceUnavailable, "ingest.not_stored", t.sofar("the journal did not confirm the events; it is not known whether they were stored. Sending them again is safe"))
		}
	})
}

const tooManyUploads = "too many requests of this token are under way; nothing of this one was taken. Wait for one to end and send it again"

func (t *taker) sofar(text string) string {
	return fmt.Sprintf("%s. Before that, %d events were accepted, %d were duplicates and %d were rejected", text, t.answer.Accepted, t.answer.Duplicate, t.answer.RejectedCount)
}

var (
	errMedia    = errors.New("want application/cloudevents+json, application/cloudevents-batch+json, application/x-ndjson, or binary mode with ce- headers")
	errTooLarge = errors.New("the request is larger than this endpoint takes")
)

// read decodes the body by its media type and takes every element.
func (t *taker) read(r *http.Request) error {
	ctx := r.Context()
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		media = ""
	}
	switch {
	case media == "application/x-ndjson" || media == "application/jsonl":
		if err := t.lines(ctx, r.Body); err != nil {
			return err
		}
	case media == "application/cloudevents-batch+json":
		body, err := readAll(r.Body, maxBatchBytes)
		if err != nil {
			return err
		}
		if err := t.batch(ctx, body); err != nil {
			return err
		}
	case media == "application/cloudevents+json":
		body, err := readAll(r.Body, events.MaxEventBytes)
		if err != nil {
			return err
		}
		if err := t.one(ctx, body); err != nil {
			return err
		}
	case r.Header.Get("ce-specversion") != "" && (media == "application/json" || media == ""):
		body, err := readAll(r.Body, events.MaxEventBytes)
		if err != nil {
			return err
		}
		if err := t.binary(ctx, r.Header.Get, body); err != nil {
			return err
		}
	default:
		return errMedia
	}
	return t.flush(ctx)
}

func (t *taker) one(ctx context.Context, body []byte) error {
	obs, rej := events.DecodeCloudEvent(body, t.g.cfg.Now())
	return t.add(ctx, element{line: 1, obs: obs, rej: rej, raw: body})
}

func (t *taker) binary(ctx context.Context, header func(string) string, body []byte) error {
	obs, rej := events.DecodeBinary(header, body, t.g.cfg.Now())
	return t.add(ctx, element{line: 1, obs: obs, rej: rej, raw: structured(header, body)})
}

// lines takes newline-delimited events of any number in bounded memory.
func (t *taker) lines(ctx context.Context, r io.Reader) error {
	lines := events.NewLineReader(r)
	for {
		n, text, rej, err := lines.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read line %d: %w", n+1, err)
		}
		e := element{line: n, rej: rej}
		if rej == nil {
			e.obs, e.rej = events.DecodeCloudEvent(text, t.g.cfg.Now())
			e.raw = bytes.Clone(text) // the line's memory is used again
		}
		if err := t.add(ctx, e); err != nil {
			return err
		}
	}
}

func readAll(r io.Reader, limit int) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("read the body: %w", err)
	}
	if len(b) > limit {
		return nil, fmt.Errorf("%w: want at most %d bytes; send the events as application/x-ndjson", errTooLarge, limit)
	}
	return b, nil
}
