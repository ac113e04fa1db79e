package server_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"testing"
)

// The published document is what the server serves. HABEAS_GOLDEN=write makes
// it anew.
func TestPublishedOpenAPI(t *testing.T) {
	r := start(t, configure(t, t.TempDir()))
	resp, err := http.Get(r.base + "/v1/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	served, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, served, "", "  "); err != nil {
		t.Fatal(err)
	}
	b.WriteByte('\n')
	const path = "../../../docs/openapi.json"
	if os.Getenv("HABEAS_GOLDEN") == "write" {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(b.Bytes(), want) {
		t.Errorf("docs/openapi.json differs from what the server serves (%v); if that is meant: HABEAS_GOLDEN=write go test ./cmd/habeas/server -run OpenAPI", err)
	}
}
