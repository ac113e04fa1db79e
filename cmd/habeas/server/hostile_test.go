package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/connectors/ingest"
)

func (r *running) token() string {
	r.t.Helper()
	b, err := os.ReadFile(filepath.Join(r.cfg.Data, "access", "operator.token"))
	if err != nil {
		r.t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

func (r *running) post(path, media string, body io.Reader) (int, string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.base+path, body)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.token())
	req.Header.Set("Content-Type", media)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatalf("%s: %v", path, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

const goodEvent = `{"specversion":"1.0","id":"%s","source":"platform","type":"habeas.record.stored.v1","time":"2025-03-01T10:00:00Z","data":{"subject":[{"kind":"platform.member","value":"M1"}],"subject_type":"locum","activity":"ic-a03","categories":["identity"],"provenance":"provided"}}`

func good(id string) string { return fmt.Sprintf(goodEvent, id) }

// Bad input ends in a clear error that says where and what was expected, never
// in a crash, and never shows a value of the event.
func TestBadInput(t *testing.T) {
	r := start(t, configure(t, t.TempDir()))
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `{"kind":"platform.member","value":"S3CRET%d"},`, i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	swap := func(old, new string) string { return strings.Replace(good("x"), old, new, 1) }
	for _, c := range []struct{ name, body, want string }{
		{"no JSON", `S3CRET`, "event.json"},
		{"cut off", good("x")[:120], "event.json"},
		{"wrong type", swap(`"categories":["identity"]`, `"categories":"S3CRET"`), "/data/categories"},
		{"unknown kind", swap("record.stored", "record.s3cret"), "/type"},
		{"unknown field", swap(`"provenance"`, `"s3cret":1,"provenance"`), "/data"},
		{"duplicate key", swap(`"provenance":"provided"`, `"provenance":"provided","provenance":"observed"`), "/data/provenance"},
		{"deep", swap(`"provided"`, strings.Repeat(`[`, 10000)+strings.Repeat(`]`, 10000)), "/data"},
		{"no time", swap(`"time":"2025-03-01T10:00:00Z",`, ``), "/time"},
		{"future", swap("2025-03-01", "2999-03-01"), "/time"},
		{"ancient", swap("2025-03-01", "0001-03-01"), "/time"},
		{"invalid UTF-8", swap(`"M1"`, "\"M\xff\""), "event.utf8"},
		{"free text as code", swap(`"locum"`, `"S3CRET Person of 1 Road"`), "/data/subject_type"},
		{"personal number as code", swap(`"locum"`, `"id-9434765919"`), "/data/subject_type"},
		{"seventeen identifiers", swap(`{"kind":"platform.member","value":"M1"}`, many(17)), "/data/subject"},
	} {
		status, body := r.post("/v1/events", "application/cloudevents+json", strings.NewReader(c.body))
		if status != http.StatusBadRequest || !strings.Contains(body, c.want) && !strings.Contains(body, `"pointer":"`+c.want) {
			t.Errorf("%s: status %d, want 400 and %q in %s", c.name, status, c.want, body)
		}
		if strings.Contains(strings.ToUpper(body), "S3CRET") {
			t.Errorf("%s: the answer shows a value of the event: %s", c.name, body)
		}
	}
	for _, c := range []struct {
		name, media string
		size        int
		status      int
	}{
		{"10 MB event", "application/cloudevents+json", 10 << 20, 413},
		{"10 MB batch", "application/cloudevents-batch+json", 10 << 20, 413},
		{"no media type", "text/plain", 10, 415},
	} {
		body := strings.Repeat(" ", c.size)
		if status, answer := r.post("/v1/events", c.media, strings.NewReader(body)); status != c.status {
			t.Errorf("%s: status %d, want %d: %s", c.name, status, c.status, answer)
		}
	}
	// Nothing else is affected.
	if status, body := r.post("/v1/events", "application/cloudevents+json", strings.NewReader(good("after"))); status != http.StatusAccepted {
		t.Errorf("a good event after all that: status %d: %s", status, body)
	}
}

// A partial batch is answered event by event.
func TestPartialBatch(t *testing.T) {
	r := start(t, configure(t, t.TempDir()))
	body := good("1") + "\n" + "{}\n\n" + good("1") + "\n" + strings.Repeat("x", 40<<10) + "\n" + good("2")
	status, answer := r.post("/v1/events", "application/x-ndjson", strings.NewReader(body))
	var a ingest.Answer
	if err := json.Unmarshal([]byte(answer), &a); err != nil || status != http.StatusAccepted {
		t.Fatalf("status %d: %s", status, answer)
	}
	var got []string
	for _, x := range a.Results {
		got = append(got, fmt.Sprint(x.Line, x.Status))
	}
	if want := "[1accepted 2rejected 4duplicate 5rejected 6accepted]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// A stream of any length is taken in bounded memory, and a million identifiers
// in one event are refused without being kept.
func TestLongStreamInBoundedMemory(t *testing.T) {
	r := start(t, configure(t, t.TempDir()))
	read, write := io.Pipe()
	go func() {
		for i := range 20_000 {
			fmt.Fprintln(write, good(fmt.Sprint("s", i)))
		}
		fmt.Fprint(write, `{"specversion":"1.0","data":{"subject":[`)
		for range 1_000_000 {
			fmt.Fprint(write, `{"kind":"email","value":"a@example.org"},`)
		}
		fmt.Fprintln(write, `]}}`)
		fmt.Fprintln(write, good("last"))
		write.Close()
	}()
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	status, answer := r.post("/v1/events", "application/x-ndjson", read)
	runtime.GC()
	runtime.ReadMemStats(&after)
	var a ingest.Answer
	if err := json.Unmarshal([]byte(answer), &a); err != nil || status != http.StatusAccepted || a.Accepted != 20_001 || a.RejectedCount != 1 {
		t.Errorf("status %d, %d accepted, %d rejected", status, a.Accepted, a.RejectedCount)
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 64<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
}

// A client that stops in the middle of its body gives its connection back, and
// what it sent whole before is kept.
func TestHalfClosedAndSlowClients(t *testing.T) {
	r := start(t, configure(t, t.TempDir()))
	addr := strings.TrimPrefix(r.base, "http://")
	var open []net.Conn
	for range 50 {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/x-ndjson\r\nContent-Length: 100000\r\n\r\n{", r.token())
		open = append(open, c)
	}
	if status, body := r.post("/v1/events", "application/cloudevents+json", strings.NewReader(good("beside"))); status != http.StatusAccepted {
		t.Errorf("beside 50 slow clients: status %d: %s", status, body)
	}
	for _, c := range open {
		if err := c.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if err := c.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, c); err != nil {
			t.Fatalf("a half-closed connection was not ended: %v", err)
		}
	}
}

// I1: nothing of what people are called is in any file but the vault's, sealed,
// nor in the log.
func TestPlantedIdentifierIsNowhere(t *testing.T) {
	r := start(t, configure(t, t.TempDir()))
	const planted = "zebrafinch.quux"
	body := strings.ReplaceAll(good("planted-"+planted), `{"kind":"platform.member","value":"M1"}`,
		`{"kind":"platform.member","value":"`+planted+`"},{"kind":"email","value":"`+planted+`@example.org"}`)
	body = strings.Replace(body, `"activity":"ic-a03"`, `"activity":"`+planted+`","item":{"kind":"platform.photo","value":"`+planted+`"}`, 1)
	if status, answer := r.post("/v1/events", "application/cloudevents+json", strings.NewReader(body)); status != http.StatusAccepted {
		t.Fatalf("status %d: %s", status, answer)
	}
	bad := strings.Replace(body, "record.stored", "record.nothing", 1) // goes to quarantine
	r.post("/v1/events", "application/cloudevents+json", strings.NewReader(bad))
	q, _ := json.Marshal(map[string]any{"identifier": map[string]string{"kind": "email", "value": planted + "@example.org"}, "reason": "about " + planted})
	if status, answer := r.post("/v1/footprint", "application/json", bytes.NewReader(q)); status != http.StatusOK || !strings.Contains(answer, planted) {
		t.Fatalf("the person cannot be found: status %d: %s", status, answer)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(filepath.Dir(r.cfg.Data), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(bytes.ToLower(b), []byte(planted)) {
			t.Errorf("%s holds the planted identifier", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(r.logs.String(), planted) {
		t.Error("the log holds the planted identifier")
	}
}
