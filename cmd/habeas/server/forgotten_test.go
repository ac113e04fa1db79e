package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/connectors/ingest"
	"github.com/nats-io/nats.go"
)

func (r *running) get(path string) (int, string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.base+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.token())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// refused sends an event that cannot be understood and returns the answer.
func (r *running) refused(id string, pairs ...string) ingest.Answer {
	r.t.Helper()
	_, body := r.post("/v1/events", "application/x-ndjson", strings.NewReader(
		fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":"platform","type":"habeas.record.stored.v1","time":"2025-03-01T10:00:00Z","data":{"subject":[%s]}}`, id, subject(pairs...))))
	var a ingest.Answer
	if err := json.Unmarshal([]byte(body), &a); err != nil || a.RejectedCount != 1 {
		r.t.Fatalf("%v: %s", err, body)
	}
	return a
}

type waitingList struct {
	Items []struct{ Position, Note string }
}

// waitingEvents is the quarantine, after the map has caught up.
func (r *running) waitingEvents() (list waitingList) {
	r.t.Helper()
	sawOf(r.t, r.Server, "map")
	_, body := r.get("/v1/quarantine")
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		r.t.Fatal(err)
	}
	return list
}

// reasonOf is the note of the latest look that is still listed.
func (r *running) reasonOf() string {
	r.t.Helper()
	return r.noteOf("footprint.read")
}

func (r *running) noteOf(act string) string {
	r.t.Helper()
	var page struct {
		Entries []struct{ Entry struct{ Act, Note string } }
	}
	_, body := r.get("/v1/audit")
	if err := json.Unmarshal([]byte(body), &page); err != nil {
		r.t.Fatal(err)
	}
	for _, e := range page.Entries {
		if e.Entry.Act == act {
			return e.Entry.Note
		}
	}
	r.t.Fatalf("no %s is recorded", act)
	return ""
}

func (r *running) opens(note string) bool {
	r.t.Helper()
	status, _ := r.get("/v1/audit/reasons/" + note)
	return status == http.StatusOK
}

const removed = `{"specversion":"1.0","id":"%s","source":"platform","type":"habeas.record.removed.v1","time":"2025-04-01T10:00:00Z","data":{"subject":[%s],"subject_type":"locum","activity":"ic-a03","how":"deleted"}}`

// C11 and A6: whoever forgets a person also shreds the events about them that
// wait in quarantine, and the reasons of the looks at them; those of the living
// stay, and what an unknown person's event has brought stays with it.
func TestForgettingShredsWhatIsSealedAboutThePerson(t *testing.T) {
	cfg := configure(t, t.TempDir())
	cfg.SweepEvery = time.Nanosecond
	r := start(t, cfg)
	r.send(fmt.Sprintf(stored, "1", "platform", subject("platform.member", "GONE", "email", "gone@example.org")) + "\n" +
		fmt.Sprintf(stored, "2", "platform", subject("platform.member", "HERE")))
	r.refused("q-gone", "platform.member", "GONE")
	r.refused("q-mail", "email", "gone@example.org")
	here := r.refused("q-here", "platform.member", "HERE").Rejected[0].Kept
	fresh := r.refused("q-new", "platform.member", "NEW", "email", "new@example.org").Rejected[0].Kept
	sawOf(t, r.Server, "map")
	r.footprint("platform.member", "GONE")
	about := r.reasonOf()
	r.footprint("platform.member", "HERE")
	other := r.reasonOf()
	if n := len(r.waitingEvents().Items); n != 4 {
		t.Fatalf("%d events wait, want 4", n)
	}
	if err := r.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(r.waitingEvents().Items); n != 4 || !r.opens(about) {
		t.Fatalf("while the person is there: %d events wait, the reason opens: %v", n, r.opens(about))
	}
	r.send(fmt.Sprintf(removed, "3", subject("platform.member", "GONE")))
	sawOf(t, r.Server, "map")
	if err := r.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	left := r.waitingEvents()
	notes := map[string]bool{}
	for _, x := range left.Items {
		notes[x.Note] = true
	}
	if len(notes) != 2 || !notes[here] || !notes[fresh] {
		t.Errorf("events about the forgotten still wait, or others do not: %v, want %s and %s", notes, here, fresh)
	}
	if r.opens(about) {
		t.Error("the reason of a look at the forgotten can still be opened")
	}
	if !r.opens(other) {
		t.Error("the reason of a look at somebody else was shredded")
	}
	if _, status := r.footprint("email", "new@example.org"); status != http.StatusOK {
		t.Errorf("the person whom only a waiting event speaks of cannot be found any more: status %d", status)
	}
	// A6: what a person forgotten sends again does not come back by itself.
	if again := r.refused("q-gone", "platform.member", "GONE"); again.Rejected[0].Kept != "" {
		t.Error("the event about the forgotten waits again")
	}
}

// A crash between forgetting and shredding is made good by the first sweep after
// the restart, which itself finds nobody more to forget.
func TestShreddingIsMadeGoodAfterACrash(t *testing.T) {
	cfg := configure(t, t.TempDir())
	cfg.SweepEvery = time.Nanosecond
	r := start(t, cfg)
	r.send(fmt.Sprintf(stored, "1", "platform", subject("platform.member", "GONE")))
	r.refused("q", "platform.member", "GONE")
	r.footprint("platform.member", "GONE")
	about := r.reasonOf()
	r.send(fmt.Sprintf(removed, "2", subject("platform.member", "GONE")))
	sawOf(t, r.Server, "map")
	if err := r.SweepVaultOnly(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	r = start(t, cfg)
	if len(r.waitingEvents().Items) != 1 || !r.opens(about) {
		t.Fatal("the crash came too late for this test")
	}
	if err := r.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(r.waitingEvents().Items); n != 0 || r.opens(about) {
		t.Errorf("%d events wait, the reason opens: %v", n, r.opens(about))
	}
}

// The same event refused before and after a restart waits once; one that was
// discarded does not come back, and what it alone has brought goes.
func TestQuarantineAfterRestart(t *testing.T) {
	cfg := configure(t, t.TempDir())
	cfg.SweepEvery = time.Nanosecond
	r := start(t, cfg)
	first := r.refused("twice", "platform.member", "T1")
	sawOf(t, r.Server, "map")
	if again := r.refused("twice", "platform.member", "T1"); again.Rejected[0].Kept != first.Rejected[0].Kept {
		t.Errorf("kept under %q, then %q", first.Rejected[0].Kept, again.Rejected[0].Kept)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	r = start(t, cfg)
	if again := r.refused("twice", "platform.member", "T1"); again.Rejected[0].Kept != first.Rejected[0].Kept {
		t.Errorf("after a restart kept under %q, before under %q", again.Rejected[0].Kept, first.Rejected[0].Kept)
	}
	list := r.waitingEvents()
	if len(list.Items) != 1 {
		t.Fatalf("%d events wait, want 1", len(list.Items))
	}
	if status, body := r.get("/v1/quarantine/" + list.Items[0].Position); status != http.StatusOK || !strings.Contains(body, "T1") {
		t.Errorf("it cannot be opened: status %d: %s", status, body)
	}
	if status, body := r.post("/v1/quarantine/"+list.Items[0].Position+"/discard", "application/json", strings.NewReader(`{"reason":"a test"}`)); status != http.StatusNoContent {
		t.Fatalf("discard: status %d: %s", status, body)
	}
	if n := len(r.waitingEvents().Items); n != 0 {
		t.Errorf("%d events wait after the discard", n)
	}
	why := r.noteOf("quarantine.discard")
	if _, body := r.get("/v1/audit/reasons/" + why); !strings.Contains(body, "a test") {
		t.Errorf("the reason of the discard is not kept: %s", body)
	}
	if again := r.refused("twice", "platform.member", "T1"); again.Rejected[0].Kept != "" || len(r.waitingEvents().Items) != 0 {
		t.Error("a discarded event waits again")
	}
	if err := r.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r.opens(why) {
		t.Error("the reason outlives the person whom the discarded event spoke of")
	}
	if _, status := r.footprint("platform.member", "T1"); status != http.StatusNotFound {
		t.Errorf("A5: an identifier that only a discarded event has brought is hoarded: status %d", status)
	}
}

// The answer over NATS warns like that over HTTP, and names what is kept.
func TestWarningsOverNATS(t *testing.T) {
	cfg := configure(t, t.TempDir())
	cfg.NATSListen = freeAddr(t)
	r := start(t, cfg)
	var made struct{ Secret string }
	_, body := r.post("/v1/tokens", "application/json", strings.NewReader(`{"name":"warned","roles":["system:platform"]}`))
	if err := json.Unmarshal([]byte(body), &made); err != nil {
		t.Fatal(err)
	}
	nc, err := nats.Connect("nats://"+cfg.NATSListen, nats.UserInfo("platform", made.Secret))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	event := strings.Replace(fmt.Sprintf(stored, "n1", "platform", subject("platform.member", "N1")), `"ic-a03"`, `"planted-word"`, 1)
	reply, err := nc.Request("habeas.v1.ingest.platform", []byte("["+event+`,{"id":"n2","source":"platform"}]`), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var a ingest.Answer
	if err := json.Unmarshal(reply.Data, &a); err != nil {
		t.Fatal(err)
	}
	if a.Accepted != 1 || a.WarningCount != 1 || a.Warnings[0].Line != 1 || a.Warnings[0].Pointer != "/data/activity" || strings.Contains(string(reply.Data), "planted") {
		t.Errorf("got %s", reply.Data)
	}
	if a.RejectedCount != 1 || a.Rejected[0].Kept == "" || a.Results[1].Kept != a.Rejected[0].Kept {
		t.Errorf("what is kept is not named: %s", reply.Data)
	}
}

// C11: a sweep that forgets some people and then fails has forgotten them: what
// is sealed about them goes all the same, for no later sweep counts them again.
func TestShreddingAfterAFailingSweep(t *testing.T) {
	cfg := configure(t, t.TempDir())
	cfg.SweepEvery = time.Nanosecond
	r := start(t, cfg)
	r.send(fmt.Sprintf(stored, "1", "platform", subject("platform.member", "GONE")))
	sawOf(t, r.Server, "map")
	r.footprint("platform.member", "GONE")
	about := r.reasonOf()
	if err := r.Sweep(t.Context()); err != nil || !r.opens(about) {
		t.Fatalf("while the person is there: %v, the reason opens: %v", err, r.opens(about))
	}
	r.send(fmt.Sprintf(removed, "2", subject("platform.member", "GONE")))
	sawOf(t, r.Server, "map")
	failure := errors.New("a disk failed")
	if err := r.SweepFailing(t.Context(), failure); !errors.Is(err, failure) {
		t.Errorf("the failure is not told: %v", err)
	}
	if err := r.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r.opens(about) {
		t.Error("the reason of a look at somebody forgotten outlives a sweep that failed")
	}
}

// A6: while the map is built anew nobody can say whether a refused event was
// shredded before: it is refused without being kept, until the map has caught up.
// What waits already is found all the same.
func TestNothingShreddedIsSealedAgainWhileTheMapIsBehind(t *testing.T) {
	r := start(t, configure(t, t.TempDir()))
	waits := r.refused("early", "platform.member", "B1").Rejected[0].Kept
	sawOf(t, r.Server, "map")
	r.CatchingUp(true)
	if kept := r.refused("early", "platform.member", "B1").Rejected[0].Kept; kept != waits || kept == "" {
		t.Errorf("what waits is answered as %q, want %q", kept, waits)
	}
	if kept := r.refused("unsure", "platform.member", "B2").Rejected[0].Kept; kept != "" {
		t.Error("an event that may have been shredded before is sealed again")
	}
	r.CatchingUp(false)
	if kept := r.refused("unsure", "platform.member", "B2").Rejected[0].Kept; kept == "" {
		t.Error("once the map has caught up the event is not kept")
	}
}
