package play

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// claimed is the part of a task that a target of a story looks at.
type claimed struct {
	Task    string `json:"task"`
	Attempt int    `json:"attempt"`
	Verb    string `json:"verb"`
	Of      string `json:"of"`
	Subject []struct {
		Kind string `json:"kind"`
	} `json:"subject"`
}

// Claim takes what is there for a system now.
func (w *World) Claim(ctx context.Context, system, token string) ([]claimed, error) {
	var d struct {
		Tasks []claimed `json:"tasks"`
	}
	err := w.post(ctx, token, "/v1/systems/"+system+"/tasks/claim", map[string]any{"max": 100}, &d)
	return d.Tasks, err
}

// Report says what became of a task and returns the state it is in then.
func (w *World) Report(ctx context.Context, system, token string, c *claimed, outcome string) (string, error) {
	body := map[string]any{"attempt": c.Attempt, "outcome": outcome}
	if c.Verb == "export" && outcome == "done" {
		body["copies"] = []string{copyName}
		copied := fmt.Sprintf("{\"from\": %q, \"records\": %d}\n", system, len(c.Subject))
		if err := w.send(ctx, http.MethodPut, token, "/v1/systems/"+system+"/tasks/"+c.Task+"/copies/"+copyName, []byte(copied), &struct{}{}); err != nil {
			return "", err
		}
	}
	if outcome == "kept_lawful" {
		body["ground"] = "law"
	}
	var d struct {
		State string `json:"state"`
	}
	err := w.post(ctx, token, "/v1/systems/"+system+"/tasks/"+c.Task+"/report", body, &d)
	return d.State, err
}

func (w *World) post(ctx context.Context, token, path string, body, into any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode a request: %w", err)
	}
	return w.send(ctx, http.MethodPost, token, path, b, into)
}

// copyName is what targets of a story call the copy they hand over.
const copyName = "records.json"

func (w *World) send(ctx context.Context, method, token, path string, b []byte, into any) error {
	r, err := http.NewRequestWithContext(ctx, method, w.base+path, bytes.NewReader(b))
	if err != nil {
		return fmt.Errorf("make a request: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(io.LimitReader(resp.Body, 1<<22))
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", path, err)
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s: %s\n%s", method, path, resp.Status, out)
	}
	if err := json.Unmarshal(out, into); err != nil {
		return fmt.Errorf("read the answer of %s: %w", path, err)
	}
	return nil
}
