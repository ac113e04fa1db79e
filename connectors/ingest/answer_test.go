package ingest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/habeas-data/habeas/connectors/ingest"
	"github.com/habeas-data/habeas/events"
)

// web is a gateway behind HTTP, with what the map would say of notes.
type web struct {
	t     *testing.T
	v     *fakeVault
	j     *fakeJournal
	cfg   ingest.Config
	heard map[events.EventID]bool // note: waits
}

func newWeb(t *testing.T) *web {
	w := &web{t: t, v: newFakeVault(), j: &fakeJournal{}, heard: map[events.EventID]bool{}}
	w.cfg = ingest.Config{Vault: w.v, Journal: w.j, Catalogue: func() ingest.Catalogue { return fakeCatalogue{} },
		Now: func() time.Time { return now }, MaxInFlight: 1000,
		Heard: func(note events.EventID) (known, waits bool, err error) {
			waits, known = w.heard[note]
			return known, waits, nil
		},
		Seen: func(id events.EventID) (seen, all bool) {
			w.j.mu.Lock()
			defer w.j.mu.Unlock()
			_, seen = w.j.ids[id]
			return seen, true
		}}
	return w
}

func (w *web) handler() http.Handler {
	g := ingest.New(w.cfg)
	return g.HTTP(func(*http.Request) ingest.Caller { return ingest.Caller{System: "crm", Token: "bcdf"} },
		func(w http.ResponseWriter, _ *http.Request, status int, code, _ string) { http.Error(w, code, status) })
}

func (w *web) send(h http.Handler, body string) (a ingest.Answer) {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/v1/events", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-ndjson")
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	if err := json.Unmarshal(rec.Body.Bytes(), &a); err != nil {
		w.t.Fatalf("status %d: %v: %s", rec.Code, err, rec.Body)
	}
	return a
}

const line = `{"specversion":"1.0","id":"ID","source":"crm","type":"habeas.record.stored.v1","time":"2026-02-01T10:00:00Z","data":{"subject":[{"kind":"crm.contact","value":"42"}],"subject_type":"locum","activity":"a1","categories":["contact"],"provenance":"provided"}}`

func event(id string, change ...string) string {
	return strings.NewReplacer(append(change, `"ID"`, `"`+id+`"`)...).Replace(line)
}

// C11: an event that is refused again waits once: known by its id, or where that
// cannot be read by its bytes; after a restart too, and whatever was decided
// about it. Another event is another.
func TestRefusedTwiceWaitsOnce(t *testing.T) {
	broken := event("b1", `"provided"`, `7`)
	for _, c := range []struct{ name, first, again, other string }{
		{"the same id", broken, event("b1", `"provided"`, `"8"`), event("b2", `"provided"`, `7`)},
		{"no id, the same bytes", `{"source":"crm"}`, `{"source":"crm"}`, `{"source": "crm"}`},
		{"no event, the same bytes", `nonsense`, `nonsense`, `other nonsense`},
		{"an identifier that the vault refuses", event("b3", `"42"`, `"bad"`), event("b3", `"42"`, `"bad"`), event("b4", `"42"`, `"bad"`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWeb(t)
			first := w.send(w.handler(), c.first)
			if len(first.Rejected) != 1 || first.Rejected[0].Kept == "" || first.Results[0].Kept != first.Rejected[0].Kept {
				t.Fatalf("the answer does not say that the event is kept: %+v", first)
			}
			h := w.handler() // a restart: nothing of the process is left
			if a := w.send(h, c.again); a.RejectedCount != 1 || a.Rejected[0].Kept != first.Rejected[0].Kept || len(w.v.sealed) != 1 || len(w.j.list) != 1 {
				t.Errorf("again: %+v, %d sealed, %d facts", a, len(w.v.sealed), len(w.j.list))
			}
			if a := w.send(h, c.other); a.Rejected[0].Kept == first.Rejected[0].Kept || len(w.v.sealed) != 2 {
				t.Errorf("another event was taken for the same: %+v, %d sealed", a, len(w.v.sealed))
			}
			note := w.j.list[0].Note
			w.heard[note], w.v.names, w.j.ids = false, map[events.EventID]bool{}, nil // discarded, shredded, long ago
			if a := w.send(w.handler(), c.again); a.RejectedCount != 1 || a.Rejected[0].Kept != "" || len(w.v.sealed) != 2 {
				t.Errorf("after it was discarded: %+v, %d sealed", a, len(w.v.sealed))
			}
		})
	}
}

// Those whom a refused event speaks of are found although other parts of it are
// in the wrong form.
func TestRefusedIsKnownByItsPerson(t *testing.T) {
	w := newWeb(t)
	w.send(w.handler(), `{"id":7,"source":"crm","data":{"subject":[{"kind":"email","value":9},{"kind":"crm.contact","value":"42"}]}}`)
	if e := w.j.list[0]; len(e.Subject) != 1 || e.Subject[0].Handle != handle("crm", id("crm.contact", "42")) {
		t.Errorf("got %+v", e.Subject)
	}
}

// A late event waits once as well, and can come in by a person's decision: the
// fact that it waits does not use its id up.
func TestLateWaitsOnceAndCanComeIn(t *testing.T) {
	w := newWeb(t)
	w.v.erased["42"] = events.InstantOf(now.Add(-time.Hour))
	h := w.handler()
	first := w.send(h, event("l1"))
	if first.Accepted != 1 || len(first.Warnings) != 1 || first.Warnings[0].Kept == "" || first.Warnings[0].Pointer != "/time" {
		t.Fatalf("got %+v", first)
	}
	if again := w.send(h, event("l1")); again.Duplicate != 1 || len(w.v.sealed) != 1 || again.Warnings[0].Kept != first.Warnings[0].Kept {
		t.Errorf("again: %+v, %d sealed", again, len(w.v.sealed))
	}
	obs, rej := events.DecodeCloudEvent([]byte(event("l1")), now)
	if rej != nil {
		t.Fatal(rej)
	}
	out := submit(t, ingest.New(w.cfg), ingest.Caller{System: "crm", AcceptLate: true}, obs)
	if out[0].Status != ingest.Accepted || w.j.list[1].Kind != events.RecordStored {
		t.Errorf("a person let it in: %v", out[0].Status)
	}
	// While the map is behind, one that is not known is kept: it was acknowledged.
	known := w.cfg.Heard
	w.cfg.Heard = func(events.EventID) (bool, bool, error) { return false, false, ingest.ErrNotYet }
	if a := w.send(w.handler(), event("l2")); a.Accepted != 1 || len(a.Warnings) != 1 || a.Warnings[0].Kept == "" {
		t.Errorf("while the map is behind: %+v", a)
	}
	w.cfg.Heard = known
	// Once somebody has decided, it does not wait again, and the answer says so.
	w.heard[w.j.list[0].Note], w.v.names = false, map[events.EventID]bool{}
	if a := w.send(w.handler(), event("l1")); len(w.v.sealed) != 2 || a.WarningCount != 1 || a.Warnings[0].Kept != "" || !strings.Contains(a.Warnings[0].Text, "decided") {
		t.Errorf("after the decision: %+v, %d sealed", a, len(w.v.sealed))
	}
}

// The answer says where a word is not declared, once for each place, without
// repeating it; the count is whole.
func TestWarnings(t *testing.T) {
	w := newWeb(t)
	a := w.send(w.handler(), event("w1")+"\n"+event("w2", `"a1"`, `"new-planted"`, `["contact"]`, `["contact","new-planted"]`))
	if a.Accepted != 2 || a.WarningCount != 2 || len(a.Warnings) != 2 {
		t.Fatalf("got %+v", a)
	}
	for i, p := range []string{"/data/activity", "/data/categories/1"} {
		if x := a.Warnings[i]; x.Line != 2 || x.Pointer != p || !strings.Contains(x.Text, "not in the catalogue") || strings.Contains(x.Text, "planted") {
			t.Errorf("warning %d: %+v", i+1, x)
		}
	}
}

// The same id with other contents is a duplicate that is spoken of; the same
// event again is not.
func TestSameIDOtherContents(t *testing.T) {
	w := newWeb(t)
	h := w.handler()
	w.send(h, event("s1"))
	if a := w.send(h, event("s1")); a.Duplicate != 1 || a.WarningCount != 0 {
		t.Errorf("the same: %+v", a)
	}
	a := w.send(h, event("s1", "2026-02-01", "2026-02-02"))
	if a.Duplicate != 1 || len(a.Warnings) != 1 || a.Warnings[0].Pointer != "/id" || !strings.Contains(a.Warnings[0].Text, "the first one stands") {
		t.Errorf("another: %+v", a)
	}
}

// A retraction of what never came is recorded, and says so.
func TestRetractionOfNothing(t *testing.T) {
	w := newWeb(t)
	h := w.handler()
	retract := `{"specversion":"1.0","id":"r-ID","source":"crm","type":"habeas.event.retracted.v1","time":"2026-02-01T10:00:00Z","data":{"source":"crm","id":"ID","why":"sent_in_error"}}`
	w.send(h, event("here"))
	if a := w.send(h, strings.ReplaceAll(retract, "ID", "here")); a.Accepted != 1 || a.WarningCount != 0 {
		t.Errorf("an event that came: %+v", a)
	}
	a := w.send(h, strings.ReplaceAll(retract, "ID", "never"))
	if a.Accepted != 1 || len(a.Warnings) != 1 || a.Warnings[0].Pointer != "/data/id" || !strings.Contains(a.Warnings[0].Text, "no event of that id") {
		t.Errorf("an event that did not come: %+v", a)
	}
}

// One token has so many requests under way and no more; one that ends makes room.
func TestUploadsOfOneTokenAreLimited(t *testing.T) {
	w := newWeb(t)
	w.cfg.MaxUploads = 2
	h := w.handler()
	post := func(body io.Reader) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, "/v1/events", body)
		r.Header.Set("Content-Type", "application/x-ndjson")
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		return rec
	}
	var open []*io.PipeWriter
	var wg sync.WaitGroup
	for range 2 {
		in, out := io.Pipe()
		open = append(open, out)
		wg.Go(func() { post(in) })
		if _, err := out.Write([]byte("\n")); err != nil { // it is being read, so its place is taken
			t.Fatal(err)
		}
	}
	rec := post(strings.NewReader(event("u1")))
	if rec.Code != http.StatusTooManyRequests || rec.Header().Get("Retry-After") == "" || len(w.j.list) != 0 {
		t.Errorf("a third request: status %d, Retry-After %q, %d stored", rec.Code, rec.Header().Get("Retry-After"), len(w.j.list))
	}
	for _, out := range open {
		out.Close()
	}
	wg.Wait()
	if rec := post(strings.NewReader(event("u1"))); rec.Code != http.StatusAccepted {
		t.Errorf("after the others ended: status %d: %s", rec.Code, rec.Body)
	}
}
