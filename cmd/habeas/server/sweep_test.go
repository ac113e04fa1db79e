package server_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/events"
)

func (r *running) send(body string) {
	r.t.Helper()
	if status, answer := r.post("/v1/events", "application/x-ndjson", strings.NewReader(body)); status != http.StatusAccepted || !strings.Contains(answer, `"rejected_count":0`) {
		r.t.Fatalf("status %d: %s", status, answer)
	}
}

func (r *running) footprint(kind, value string) (events.Footprint, int) {
	r.t.Helper()
	status, body := r.post("/v1/footprint", "application/json", strings.NewReader(fmt.Sprintf(`{"identifier":{"kind":%q,"value":%q},"reason":"test"}`, kind, value)))
	var f events.Footprint
	if status == http.StatusOK {
		if err := json.Unmarshal([]byte(body), &f); err != nil {
			r.t.Fatal(err)
		}
	}
	return f, status
}

func systems(f events.Footprint) string {
	seen := map[string]bool{}
	var out []string
	for _, h := range f.Holdings {
		if !seen[h.System] {
			seen[h.System] = true
			out = append(out, h.System)
		}
	}
	return strings.Join(out, " ")
}

const stored = `{"specversion":"1.0","id":"%s","source":"%s","type":"habeas.record.stored.v1","time":"2025-03-01T10:00:00Z","data":{"subject":[%s],"subject_type":"locum","activity":"ic-a03","categories":["identity"],"provenance":"provided"}}`

func subject(pairs ...string) string {
	var out []string
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, fmt.Sprintf(`{"kind":%q,"value":%q}`, pairs[i], pairs[i+1]))
	}
	return strings.Join(out, ",")
}

// A5: a sweep forgets what nothing lives under, and B4: it never undoes what a
// person decided.
func TestSweepKeepsDecisionsAndForgetsTheDead(t *testing.T) {
	cfg := configure(t, t.TempDir())
	cfg.SweepEvery = time.Nanosecond // everything is old enough; the ticker is not waited for
	r := start(t, cfg)
	r.send(fmt.Sprintf(stored, "1", "platform", subject("platform.member", "Y1", "email", "y@example.org")) + "\n" +
		fmt.Sprintf(stored, "2", "finance", subject("finance.customer", "Y9", "email", "y@example.org")) + "\n" +
		fmt.Sprintf(stored, "3", "platform", subject("platform.member", "Z1")) + "\n" +
		fmt.Sprintf(stored, "4", "support", subject("support.contact", "Z9")) + "\n" +
		fmt.Sprintf(stored, "5", "platform", subject("platform.member", "GONE", "email", "gone@example.org")) + "\n" +
		`{"specversion":"1.0","id":"6","source":"platform","type":"habeas.record.removed.v1","time":"2025-04-01T10:00:00Z","data":{"subject":[` + subject("platform.member", "GONE") + `],"subject_type":"locum","activity":"ic-a03","how":"deleted"}}`)
	if f, _ := r.footprint("platform.member", "Y1"); systems(f) != "finance platform" {
		t.Fatalf("joined by e-mail: got %q", systems(f))
	}
	decide := func(verb, a, b string) {
		t.Helper()
		if status, body := r.post("/v1/person/"+verb, "application/json", strings.NewReader(`{"identifier_a":`+a+`,"identifier_b":`+b+`,"reason":"they told us"}`)); status != http.StatusOK {
			t.Fatalf("%s: status %d: %s", verb, status, body)
		}
	}
	decide("split", subject("platform.member", "Y1"), subject("finance.customer", "Y9"))
	decide("merge", subject("platform.member", "Z1"), subject("support.contact", "Z9"))
	for round := range 3 {
		if err := r.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if f, _ := r.footprint("platform.member", "Y1"); systems(f) != "platform" {
			t.Errorf("sweep %d undid a split: got %q", round, systems(f))
		}
		if f, _ := r.footprint("platform.member", "Z1"); systems(f) != "platform support" {
			t.Errorf("sweep %d undid a merge: got %q", round, systems(f))
		}
	}
	if _, status := r.footprint("email", "gone@example.org"); status != http.StatusNotFound {
		t.Errorf("an identifier that nothing lives under can still be found: status %d", status)
	}
}

// What is kept for a period ends with it: an event nobody mended, and the
// reason given for a look.
func TestPeriodsEnd(t *testing.T) {
	cfg := configure(t, t.TempDir())
	cfg.QuarantineFor, cfg.ReasonsFor = time.Nanosecond, time.Nanosecond
	r := start(t, cfg)
	r.send(fmt.Sprintf(stored, "1", "platform", subject("platform.member", "Q1")))
	r.post("/v1/events", "application/cloudevents+json", strings.NewReader(`{"specversion":"1.0","id":"bad","source":"platform","type":"habeas.record.stored.v1","time":"2025-03-01T10:00:00Z","data":{"subject":[{"kind":"email","value":"kept@example.org"}]}}`))
	get := func(path string) (int, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+r.token())
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(b)
	}
	var list struct{ Items []struct{ Position string } }
	_, body := get("/v1/quarantine")
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list.Items) != 1 {
		t.Fatalf("the refused event was not kept: %s", body)
	}
	if status, body := get("/v1/quarantine/" + list.Items[0].Position); status != http.StatusOK || !strings.Contains(body, "kept@example.org") {
		t.Errorf("it cannot be opened: status %d: %s", status, body)
	}
	waits := func() bool {
		f, _ := r.footprint("email", "kept@example.org")
		for _, u := range f.Unknown {
			if u.Why == "quarantined" && strings.Contains(u.Detail, "about this person") {
				return true
			}
		}
		return false
	}
	if !waits() {
		t.Error("an answer about the person does not say that something of theirs waits")
	}
	r.footprint("platform.member", "Q1")
	var page struct {
		Entries []struct{ Entry struct{ Act, Note string } }
	}
	_, body = get("/v1/audit")
	if err := json.Unmarshal([]byte(body), &page); err != nil {
		t.Fatal(err)
	}
	note := ""
	for _, e := range page.Entries {
		if e.Entry.Act == "footprint.read" {
			note = e.Entry.Note
		}
	}
	if status, _ := get("/v1/audit/reasons/" + note); status != http.StatusOK {
		t.Fatalf("the reason cannot be opened before its period ends: status %d", status)
	}
	if err := r.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, body := get("/v1/quarantine"); !strings.Contains(body, `"items":[]`) {
		t.Errorf("the event is still listed: %s", body)
	}
	if status, _ := get("/v1/audit/reasons/" + note); status == http.StatusOK {
		t.Error("the reason can still be opened")
	}
}
