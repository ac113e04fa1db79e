package fanout_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/connectors/fanout"
	"github.com/habeas-data/habeas/events"
)

func (s *server) web(t *testing.T, who events.Code) *httptest.Server {
	h := &fanout.HTTP{Fanout: s.Fanout, Who: func(*http.Request) access.Caller { return system(who) },
		Problem: func(w http.ResponseWriter, _ *http.Request, status int, code, detail string) {
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"code":%q,"detail":%q}`, code, detail)
		}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/systems/{id}/tasks/claim", h.Claim)
	mux.HandleFunc("POST /v1/systems/{id}/tasks/{task}/report", h.Report)
	mux.HandleFunc("PUT /v1/systems/{id}/tasks/{task}/copies/{name}", h.Copy)
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv
}

func send(t *testing.T, method, url, body string) (int, map[string]any, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got := map[string]any{}
	if err := json.NewDecoder(res.Body).Decode(&got); err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	return res.StatusCode, got, res.Header
}

func TestHTTP(t *testing.T) {
	w := newWorld(t)
	id := w.add("crm", 1)[0].String()
	s := start(t, w)
	url := s.web(t, "crm").URL + "/v1/systems/crm/tasks"
	status, got, head := send(t, "POST", url+"/claim", `{"wait_seconds":20}`)
	if status != 200 || len(got["tasks"].([]any)) != 1 || head.Get("Cache-Control") != "no-store" {
		t.Fatalf("claim: %d %v %v", status, got, head)
	}
	if status, got, _ = send(t, "PUT", url+"/"+id+"/copies/profile.json", `{"name":"x"}`); status != 200 || got["bytes"] != 12.0 {
		t.Errorf("copy: %d %v", status, got)
	}
	if status, got, _ = send(t, "POST", url+"/"+id+"/report", `{"attempt":1,"outcome":"done","text":"ok"}`); status != 200 || got["state"] != "accepted" {
		t.Errorf("report: %d %v", status, got)
	}
	for _, bad := range []struct {
		method, path, body string
		status             int
		code               string
	}{
		{"POST", "/claim", `{"max":"many"}`, 400, "request.malformed"},
		{"POST", "/claim", `{"max":1}{}`, 400, "request.malformed"},
		{"POST", "/" + id + "/report", `{"attempt":1,"outcome":"gone"}`, 400, "request.malformed"},
		{"POST", "/" + id + "/report", `"` + strings.Repeat("x", events.MaxWorkReport) + `"`, 413, "request.too_large"},
		{"POST", "/nosuch/report", `{"attempt":1,"outcome":"done"}`, 404, "task.unknown"},
	} {
		if status, got, _ := send(t, bad.method, url+bad.path, bad.body); status != bad.status || got["code"] != bad.code {
			t.Errorf("%s: %d %v, want %d %s", bad.path, status, got["code"], bad.status, bad.code)
		}
	}
	other := s.web(t, "hr").URL + "/v1/systems/crm/tasks"
	for method, path := range map[string]string{"POST": "/claim", "PUT": "/" + id + "/copies/x"} {
		if status, got, _ := send(t, method, other+path, ""); status != 403 {
			t.Errorf("hr asks for %s of crm: %d %v", path, status, got)
		}
	}
}
