package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/habeas-data/habeas/api"
)

// A client asks the server over HTTP with one token.
type client struct {
	base, token string
	http        *http.Client
	position    string // of what was reported last: what is asked later knows of it
}

func newClient(base, token string) *client {
	return &client{base: base, token: token, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}}
}

// do asks, and fails for any answer that is not a success. The caller closes the body.
func (c *client) do(ctx context.Context, method, path, media string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if c.position != "" {
		req.Header.Set(api.MinPosition, c.position)
	}
	if body != nil {
		req.Header.Set("Content-Type", media)
	} else if media != "" {
		req.Header.Set("Accept", media)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	if res.StatusCode >= 300 {
		b, _ := io.ReadAll(io.LimitReader(res.Body, 2000))
		_ = res.Body.Close()
		return nil, fmt.Errorf("%s %s: %s %s", method, path, res.Status, b)
	}
	return res, nil
}

func (c *client) ask(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	res, err := c.do(ctx, method, path, "application/json", body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if out == nil {
		_, err = io.Copy(io.Discard, res.Body)
		return err
	}
	return json.NewDecoder(res.Body).Decode(out)
}

func (c *client) post(ctx context.Context, path string, in, out any) error {
	return c.ask(ctx, "POST", path, in, out)
}

func (c *client) get(ctx context.Context, path string, out any) error {
	return c.ask(ctx, "GET", path, nil, out)
}

// read counts the bytes of an answer and forgets them.
func (c *client) read(ctx context.Context, path, accept string) (n int64, err error) {
	res, err := c.do(ctx, "GET", path, accept, nil)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	return io.Copy(io.Discard, res.Body)
}

// send reports events, as many lines at a time as the server likes.
func (c *client) send(ctx context.Context, lines []string) error {
	for part := range slices.Chunk(lines, 2000) {
		res, err := c.do(ctx, "POST", "/v1/events", "application/x-ndjson", strings.NewReader(strings.Join(part, "\n")+"\n"))
		if err != nil {
			return err
		}
		var got struct {
			Rejected []json.RawMessage
			Position string
		}
		err = json.NewDecoder(res.Body).Decode(&got)
		_ = res.Body.Close()
		if err != nil {
			return err
		}
		if len(got.Rejected) > 0 {
			return fmt.Errorf("%d events were refused: %s", len(got.Rejected), got.Rejected[0])
		}
		c.position = got.Position
	}
	return nil
}

// event is one line of what a system reports. data is JSON without its braces.
func event(source, id, kind, at, data string) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":%q,"type":"habeas.%s.v1","time":%q,"data":{%s}}`, id, source, kind, at, data)
}

// side does n things side by side, at most so many at once.
func side(ctx context.Context, n, most int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var wg sync.WaitGroup
	for range most {
		wg.Go(func() {
			for i := range next {
				if err := do(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := range n {
		select {
		case next <- i:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
	}
	close(next)
	wg.Wait()
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return ctx.Err()
}

// times are how long the same thing took, again and again.
type times []time.Duration

func (t times) at(share float64) time.Duration {
	s := slices.Sorted(slices.Values(t))
	return s[min(len(s)-1, int(share*float64(len(s))))]
}

func (t times) String() string {
	return fmt.Sprintf("first %s, median %s, 99 %% %s", short(t[0]), short(t.at(0.5)), short(t.at(0.99)))
}

func short(d time.Duration) string {
	if d > 10*time.Second {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

// again does the same thing n times.
func again(n int, do func() error) (times, error) {
	var out times
	for range n {
		begun := time.Now()
		if err := do(); err != nil {
			return nil, err
		}
		out = append(out, time.Since(begun))
	}
	return out, nil
}
