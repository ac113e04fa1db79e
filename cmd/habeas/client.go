package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/habeas-data/habeas/api"
)

const defaultServer = "http://127.0.0.1:8088"

// client talks to a running server.
type client struct {
	base  string
	token string
	http  *http.Client
}

// dial finds the server and the token: flag, environment, then the operator
// token file of the local data directory.
func (a *app) dial() (*client, error) {
	c := &client{base: strings.TrimRight(cmp.Or(a.server, os.Getenv("HABEAS_SERVER"), defaultServer), "/"), http: &http.Client{}}
	if !strings.HasPrefix(c.base, "http://") && !strings.HasPrefix(c.base, "https://") {
		return nil, usage("--server: want an address such as %s", defaultServer)
	}
	c.token = cmp.Or(a.token, os.Getenv("HABEAS_TOKEN"))
	if c.token != "" {
		return c, nil
	}
	file := filepath.Join(a.dataDir(), "access", "operator.token")
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, &exit{exitRefused, fmt.Errorf("%w: set --token or HABEAS_TOKEN, or run this where the server's data directory is (tried %s)", errNoToken, file)}
	}
	c.token = strings.TrimSpace(string(b))
	return c, nil
}

// errInterrupted: somebody pressed Ctrl-C. The server ends what it was doing for
// this command; what it had acknowledged stays.
var errInterrupted = &exit{exitNo, errors.New("interrupted; what was not answered is not known to have been done")}

// errNoToken: there is nothing to show to a server.
var errNoToken = errors.New("no access token")

// unreachable reports whether an operation on the directory itself is to be
// tried: no server answers, or there is no token because none has run here yet.
func unreachable(err error) bool {
	var e *exit
	return errors.Is(err, errNoToken) || errors.As(err, &e) && e.code == exitReach
}

func (a *app) dataDir() string { return cmp.Or(a.data, os.Getenv("HABEAS_DATA"), "./habeas-data") }

// A problem is an RFC 9457 error of the API.
type problem struct {
	Status  int    `json:"status"`
	Code    string `json:"code"`
	Title   string `json:"title"`
	Detail  string `json:"detail"`
	Pointer string `json:"pointer"` // to the part of the question that is wrong
}

func (p *problem) Error() string {
	text := p.Detail
	if text == "" {
		text = strings.TrimSpace(p.Title + ". " + api.Remedy(p.Code))
	}
	if p.Code != "" && p.Code == strings.ToUpper(p.Code) { // a refusal of a case: its code is for scripts and people alike
		text = p.Code + ": " + text
	}
	if part := strings.TrimPrefix(p.Pointer, "/"); part != "" && !strings.Contains(part, "/") {
		text = strings.ReplaceAll(part, "_", "-") + ": " + text
	}
	return text
}

// do sends one request and returns the response of any status below 400, or a
// *problem with its exit code.
func (c *client) do(ctx context.Context, method, path, media string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, usage("%s %s: %w", method, path, err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Accept", "application/json")
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, errInterrupted
		}
		var u interface{ Timeout() bool }
		if errors.As(err, &u) && u.Timeout() {
			return nil, reach("the server at %s did not answer in time; nothing is known to have been done", c.base)
		}
		return nil, reach("no server answers at %s; start one with: habeas serve", c.base)
	}
	if resp.StatusCode < 400 {
		return resp, nil
	}
	return resp, problemOf(resp)
}

func problemOf(resp *http.Response) error {
	b, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(b))
	p := &problem{Status: resp.StatusCode}
	if json.Unmarshal(b, p) != nil || p.Error() == "" {
		p.Detail = "the server answered " + resp.Status
	}
	code := exitUsage
	switch {
	case resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden:
		code = exitRefused
	case resp.StatusCode == http.StatusTooManyRequests:
		code = exitNo
		if after := resp.Header.Get("Retry-After"); after != "" {
			p.Detail += "; wait " + after + " s"
		}
	case resp.StatusCode >= 500:
		code = exitReach
	case resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusConflict:
		code = exitNo
	}
	return &exit{code, p}
}

// call sends v as JSON and decodes the answer into out.
func (c *client) call(ctx context.Context, method, path string, v, out any) error {
	var body io.Reader
	media := ""
	if v != nil {
		b, err := json.Marshal(v)
		if err != nil {
			return usage("encode the request: %w", err)
		}
		body, media = bytes.NewReader(b), "application/json"
	}
	resp, err := c.do(ctx, method, path, media, body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		if ctx.Err() != nil {
			return errInterrupted
		}
		return reach("read the answer of %s %s: %w", method, path, err)
	}
	return nil
}

// print writes v as one indented JSON document.
func (a *app) print(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return reach("write the answer: %w", err)
	}
	return nil
}

// identifier reads KIND=VALUE, or - or @FILE, which keep the value out of the
// shell's history. From standard input or a file either KIND=VALUE or a bare
// e-mail address or phone number is taken.
func (a *app) identifier(arg string) (kind, value string, err error) {
	text := arg
	switch {
	case arg == "-":
		b, err := io.ReadAll(io.LimitReader(a.in, 8<<10))
		if err != nil {
			return "", "", usage("read the identifier from standard input: %w", err)
		}
		text = string(b)
	case strings.HasPrefix(arg, "@"):
		b, err := os.ReadFile(arg[1:])
		if err != nil {
			return "", "", usage("read the identifier: %w", err)
		}
		text = string(b)
	}
	text = strings.TrimSpace(text)
	if k, v, ok := strings.Cut(text, "="); ok && !strings.Contains(k, "@") {
		return strings.ToLower(strings.TrimSpace(k)), strings.TrimSpace(v), nil
	}
	switch {
	case text == "":
		return "", "", usage("want an identifier as KIND=VALUE, such as email=...; the input was empty")
	case strings.Contains(text, "@"):
		return "email", text, nil
	case strings.HasPrefix(text, "+"):
		return "phone", text, nil
	}
	return "", "", usage("want an identifier as KIND=VALUE; KIND is email, phone, nhs_number, or a local id such as platform.member")
}

// event sends one CloudEvent and decodes the answer.
func (c *client) event(ctx context.Context, e, answer any) error {
	b, err := json.Marshal(e)
	if err != nil {
		return usage("encode the event: %w", err)
	}
	resp, err := c.do(ctx, http.MethodPost, "/v1/events", "application/cloudevents+json", bytes.NewReader(b))
	if err != nil {
		if resp != nil {
			defer resp.Body.Close()
			var a struct {
				Rejected []struct{ Pointer, Code, Reason string }
			}
			if json.NewDecoder(resp.Body).Decode(&a) == nil && len(a.Rejected) > 0 {
				r := a.Rejected[0]
				code := exitUsage
				if r.Code == "event.source.forbidden" {
					code = exitRefused
				}
				return &exit{code, fmt.Errorf("%s: %s; nothing was stored", pointer(r.Pointer), r.Reason)}
			}
		}
		return err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(answer); err != nil {
		return reach("read the answer: %w", err)
	}
	return nil
}

// lines reads a stream of JSON lines, calling fn for each.
func (c *client) lines(ctx context.Context, method, path string, fn func(json.RawMessage) error) error {
	resp, err := c.do(ctx, method, path, "", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	dec := json.NewDecoder(resp.Body)
	for {
		var line json.RawMessage
		if err := dec.Decode(&line); errors.Is(err, io.EOF) {
			return nil
		} else if ctx.Err() != nil {
			return errInterrupted
		} else if err != nil {
			return reach("the server stopped in the middle of its answer: %w", err)
		}
		if err := fn(line); err != nil {
			return err
		}
	}
}

// printIf prints a document if there is one.
func (a *app) printIf(raw json.RawMessage) error {
	if len(raw) == 0 {
		return nil
	}
	return a.print(raw)
}
