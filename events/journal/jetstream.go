package journal

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
)

// Error codes of the JetStream API that mean more than "something is wrong".
const (
	codeNoMessage   = 10037
	codeWrongLast   = 10071
	codeWrongLastR3 = 10164
)

// refusals are the answers after which the server is known to have stored
// nothing, and which may go away by themselves.
var refusals = map[int]bool{
	10002: true, // account resources exceeded
	10008: true, // cluster temporarily unavailable
	10023: true, // server resources exceeded
	10047: true, // storage resources exceeded
	10118: true, // stream offline
	10167: true, // too many requests
}

// jetStore is a store in JetStream. Reads and writes have a connection each:
// the server serves a batch read inside the loop that reads the connection, and
// a write must not wait behind it.
type jetStore struct {
	write, read *nats.Conn
	prefix      string // of the JetStream API, such as $JS.API.
	stream      string
	subject     string
	bell        string       // doorbell subject; empty when readers are in this process
	sick        func() error // the embedded server's own word on its health
}

type apiError struct {
	Code int    `json:"err_code"`
	Text string `json:"description"`
}

func (e *apiError) Error() string { return fmt.Sprintf("%s (%d)", e.Text, e.Code) }

func (s *jetStore) publish(ctx context.Context, id string, last uint64, b []byte) error {
	m := &nats.Msg{Subject: s.subject, Data: b, Header: nats.Header{
		"Nats-Msg-Id":                 {id},
		"Nats-Expected-Last-Sequence": {strconv.FormatUint(last, 10)},
		"Nats-Expected-Stream":        {s.stream},
	}}
	r, err := s.write.RequestMsgWithContext(ctx, m)
	if errors.Is(err, nats.ErrNoResponders) || errors.Is(err, nats.ErrReconnectBufExceeded) {
		return fmt.Errorf("publish frame: %w: %w", errRefused, err)
	}
	if err != nil {
		return fmt.Errorf("publish frame: %w", err)
	}
	var ack struct {
		Error    *apiError `json:"error"`
		Stream   string    `json:"stream"`
		Sequence uint64    `json:"seq"`
	}
	if err := json.Unmarshal(r.Data, &ack); err != nil {
		return fmt.Errorf("publish frame: read the acknowledgement: %w", err)
	}
	switch {
	case ack.Error == nil && ack.Stream == s.stream && ack.Sequence == last+1:
		return nil
	case ack.Error == nil && ack.Stream == s.stream:
		// The server found the message id at another place: not this log's doing.
		return fmt.Errorf("publish frame: acknowledged at %d, want %d: %w", ack.Sequence, last+1, errWrongLast)
	case ack.Error == nil:
		return fmt.Errorf("publish frame: acknowledged by stream %q, want %q", ack.Stream, s.stream)
	case ack.Error.Code == codeWrongLast || ack.Error.Code == codeWrongLastR3:
		return fmt.Errorf("publish frame: %w: %w", errWrongLast, ack.Error)
	case refusals[ack.Error.Code]:
		return fmt.Errorf("publish frame: %w: %w", errRefused, ack.Error)
	default:
		return fmt.Errorf("publish frame: %w", ack.Error)
	}
}

// A question to a cluster may go to a server that is just going away, and then
// nobody answers it. Asking is repeated; reading changes nothing.
const (
	askWait  = 3 * time.Second
	askPause = 200 * time.Millisecond
	askTries = 10
)

func (s *jetStore) request(ctx context.Context, subject string, req []byte) (r *nats.Msg, err error) {
	for range askTries {
		wait, cancel := context.WithTimeout(ctx, askWait)
		r, err = s.read.RequestWithContext(wait, subject, req)
		cancel()
		switch {
		case err == nil || ctx.Err() != nil:
			return r, err
		case errors.Is(err, nats.ErrNoResponders): // between two leaders
			select {
			case <-ctx.Done():
			case <-time.After(askPause):
			}
		case !errors.Is(err, context.DeadlineExceeded):
			return r, err
		}
	}
	return r, err
}

// ask sends a request to the JetStream API and decodes the answer into v.
func (s *jetStore) ask(ctx context.Context, verb string, body, v any) error {
	req, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := s.request(ctx, s.prefix+verb+"."+s.stream, req)
	if err != nil {
		return err
	}
	var e struct {
		Error *apiError `json:"error"`
	}
	if err := json.Unmarshal(r.Data, &e); err != nil {
		return err
	}
	if e.Error != nil {
		return e.Error
	}
	return json.Unmarshal(r.Data, v)
}

func (s *jetStore) get(ctx context.Context, seq uint64) ([]byte, error) {
	var r struct {
		Message struct {
			Data string `json:"data"`
		} `json:"message"`
	}
	err := s.ask(ctx, "STREAM.MSG.GET", map[string]uint64{"seq": seq}, &r)
	var api *apiError
	if errors.As(err, &api) && api.Code == codeNoMessage {
		return nil, fmt.Errorf("read frame %d of %s: %w", seq, s.stream, errNone)
	}
	if err != nil {
		return nil, fmt.Errorf("read frame %d of %s: %w", seq, s.stream, err)
	}
	b, err := base64.StdEncoding.DecodeString(r.Message.Data)
	if err != nil {
		return nil, fmt.Errorf("read frame %d of %s: %w", seq, s.stream, err)
	}
	return b, nil
}

func (s *jetStore) state(ctx context.Context) (streamState, error) {
	var r struct {
		State struct {
			Messages uint64 `json:"messages"`
			First    uint64 `json:"first_seq"`
			Last     uint64 `json:"last_seq"`
		} `json:"state"`
	}
	if err := s.ask(ctx, "STREAM.INFO", struct{}{}, &r); err != nil {
		return streamState{}, fmt.Errorf("ask for the state of %s: %w", s.stream, err)
	}
	return streamState{r.State.First, r.State.Last, r.State.Messages}, nil
}

// batchWait is how long a batch read waits for its next message.
const batchWait = 10 * time.Second

func (s *jetStore) batch(ctx context.Context, seq uint64, max int, fn func(uint64, []byte) error) error {
	inbox := s.read.NewInbox()
	sub, err := s.read.SubscribeSync(inbox)
	if err != nil {
		return fmt.Errorf("read frames of %s: %w", s.stream, err)
	}
	defer func() { _ = sub.Unsubscribe() }()
	req := fmt.Sprintf(`{"seq":%d,"batch":%d,"max_bytes":%d}`, seq, 1000, max)
	if err := s.read.PublishRequest(s.prefix+"DIRECT.GET."+s.stream, inbox, []byte(req)); err != nil {
		return fmt.Errorf("read frames of %s: %w", s.stream, err)
	}
	for {
		wait, cancel := context.WithTimeout(ctx, batchWait)
		m, err := sub.NextMsgWithContext(wait)
		cancel()
		if err != nil {
			return fmt.Errorf("read frames of %s from %d: %w", s.stream, seq, err)
		}
		switch status := m.Header.Get("Status"); status {
		case "":
		case "204", "404": // end of the batch, nothing there
			return nil
		default:
			return fmt.Errorf("read frames of %s from %d: %s %s", s.stream, seq, status, m.Header.Get("Description"))
		}
		at, err := strconv.ParseUint(m.Header.Get("Nats-Sequence"), 10, 64)
		if err != nil {
			return fmt.Errorf("read frames of %s from %d: message without a sequence", s.stream, seq)
		}
		if err := fn(at, m.Data); err != nil {
			return err
		}
	}
}

func (s *jetStore) ring(seq uint64) {
	if s.bell != "" {
		// Lost? Readers also look by themselves.
		_ = s.write.Publish(s.bell, strconv.AppendUint(nil, seq, 10))
	}
}

func (s *jetStore) health() error {
	if s.sick == nil {
		return nil
	}
	return s.sick()
}
