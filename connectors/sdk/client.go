package sdk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
)

// ErrNoCopies: copies of an export go over HTTP, and this client speaks NATS.
var ErrNoCopies = errors.New("copies go over HTTP: send them with a client of NewHTTP, and report here")

// An Error is a refusal of the server.
type Error struct {
	Status int    // of HTTP; 0 over NATS
	Code   string // stable
	Detail string
	After  time.Duration // when to ask again, if the server said so
}

func (e *Error) Error() string { return e.Code + ": " + e.Detail }

// A Client speaks for one system. It is safe for concurrent use.
type Client struct {
	system string
	via    transport
}

type transport interface {
	// ask sends a JSON document to a door and decodes what comes back.
	ask(ctx context.Context, door, task string, in, out any) error
	copy(ctx context.Context, task, name, media string, body io.Reader, out any) error
}

// NewHTTP speaks to a server such as https://habeas.example.org with the token of
// a system. client may be nil; its timeout must be longer than a minute or zero,
// since claims wait.
func NewHTTP(server, token, system string, client *http.Client) (*Client, error) {
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("open a client: want the address of a server, such as https://habeas.example.org")
	}
	if token == "" || system == "" {
		return nil, errors.New("open a client: want a token and the system it is of")
	}
	if client == nil {
		client = &http.Client{}
	}
	return &Client{system, &web{u.JoinPath("v1", "systems", system, "tasks"), token, client}}, nil
}

// NewNATS speaks over a connection that was made with the token of a system as
// its password. The connection stays the caller's.
func NewNATS(nc *nats.Conn, system string) *Client { return &Client{system, &bus{nc, system}} }

// A Claim says how many tasks are asked for. The zero Claim asks for one and does
// not wait.
type Claim struct {
	Max   int
	Wait  time.Duration // up to a minute
	Lease time.Duration // default ten minutes
}

// Claim takes tasks. None is no error; after says when more may be asked for.
func (c *Client) Claim(ctx context.Context, q Claim) (tasks []Task, after time.Duration, err error) {
	in := map[string]int{"max": max(1, q.Max), "wait_seconds": int(q.Wait / time.Second), "lease_seconds": int(q.Lease / time.Second)}
	var out struct {
		Tasks []Task `json:"tasks"`
		After int    `json:"retry_after_seconds"`
	}
	ctx, done := context.WithTimeout(ctx, q.Wait+30*time.Second)
	defer done()
	if err := c.via.ask(ctx, "claim", "", in, &out); err != nil {
		return nil, 0, fmt.Errorf("claim tasks of %s: %w", c.system, err)
	}
	return out.Tasks, time.Duration(out.After) * time.Second, nil
}

// Report says what became of a task. Sending the same again is safe.
func (c *Client) Report(ctx context.Context, t Task, r Report) (Reported, error) {
	in := struct {
		Attempt uint32 `json:"attempt"`
		Report
		After int `json:"retry_after_seconds,omitempty"`
	}{t.Attempt, r, int((r.RetryAfter + time.Second - 1) / time.Second)}
	var out Reported
	if err := c.via.ask(ctx, "report", t.ID, in, &out); err != nil {
		return out, fmt.Errorf("report on task %s: %w", t.ID, err)
	}
	return out, nil
}

// Copy sends one file of an export: it is read once and sealed as it arrives. Its
// name then stands in Report.Copies.
func (c *Client) Copy(ctx context.Context, t Task, name, media string, body io.Reader) (Copied, error) {
	var out Copied
	if err := c.via.copy(ctx, t.ID, name, media, body, &out); err != nil {
		return out, fmt.Errorf("send a copy for task %s: %w", t.ID, err)
	}
	return out, nil
}

type web struct {
	base   *url.URL
	token  string
	client *http.Client
}

func (w *web) ask(ctx context.Context, door, task string, in, out any) error {
	b, err := json.Marshal(in)
	if err != nil {
		return errors.New("encode the request")
	}
	path := w.base.JoinPath(door)
	if task != "" {
		path = w.base.JoinPath(task, door)
	}
	return w.send(ctx, http.MethodPost, path, "application/json", bytes.NewReader(b), out)
}

func (w *web) copy(ctx context.Context, task, name, media string, body io.Reader, out any) error {
	return w.send(ctx, http.MethodPut, w.base.JoinPath(task, "copies", name), media, body, out)
}

const maxAnswer = 16 << 20

func (w *web) send(ctx context.Context, method string, to *url.URL, media string, body io.Reader, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, to.String(), body)
	if err != nil {
		return errors.New("make the request")
	}
	req.Header.Set("Authorization", "Bearer "+w.token)
	req.Header.Set("Content-Type", media)
	res, err := w.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if res.StatusCode/100 != 2 {
		no := &Error{Status: res.StatusCode, Code: "http." + strconv.Itoa(res.StatusCode)}
		var p struct{ Code, Detail string }
		if json.Unmarshal(b, &p) == nil && p.Code != "" {
			no.Code, no.Detail = p.Code, p.Detail
		}
		if s, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil {
			no.After = time.Duration(s) * time.Second
		}
		return no
	}
	return decode(b, out)
}

// decode keeps the decoder's words back: they could repeat a value.
func decode(b []byte, out any) error {
	if json.Unmarshal(b, out) != nil {
		return errors.New("the answer is not in its form")
	}
	return nil
}

type bus struct {
	nc     *nats.Conn
	system string
}

func (n *bus) ask(ctx context.Context, door, task string, in, out any) error {
	if task != "" {
		in = map[string]any{"task": task, door: in}
	}
	b, err := json.Marshal(in)
	if err != nil {
		return errors.New("encode the request")
	}
	m, err := n.nc.RequestWithContext(ctx, "habeas.v1.tasks."+n.system+"."+door, b)
	if err != nil {
		return err
	}
	var fault struct {
		Error *struct {
			Code, Detail string
			After        int `json:"retry_after_seconds"`
		}
	}
	if err := decode(m.Data, &fault); err != nil {
		return err
	}
	if e := fault.Error; e != nil {
		return &Error{Code: e.Code, Detail: e.Detail, After: time.Duration(e.After) * time.Second}
	}
	return decode(m.Data, out)
}

func (n *bus) copy(context.Context, string, string, string, io.Reader, any) error { return ErrNoCopies }
