package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// I10: a hold on a person outlives every sweep, also one on somebody of whom
// nothing is held yet; and who answered for it is shredded once it was lifted
// long enough ago.
func TestHoldOutlivesSweeps(t *testing.T) {
	cfg := configure(t, t.TempDir())
	cfg.SweepEvery, cfg.DisclosureFor, cfg.ReasonsFor = time.Nanosecond, time.Nanosecond, time.Nanosecond
	r := start(t, cfg)
	r.send(fmt.Sprintf(stored, "1", "platform", subject("platform.member", "H1", "email", "h@example.org")) + "\n" +
		`{"specversion":"1.0","id":"2","source":"platform","type":"habeas.milestone.reached.v1","time":"2015-04-01T10:00:00Z","data":{"subject":[` + subject("platform.member", "H1") + `],"milestone":"account_deleted","date":"2015-04-01"}}`)
	order := func(path, body string) (out struct{ ID string }) {
		t.Helper()
		status, answer := r.post(path, "application/json", strings.NewReader(body))
		if err := json.Unmarshal([]byte(answer), &out); err != nil || status != http.StatusOK {
			t.Fatalf("%s: %d %s", path, status, answer)
		}
		return out
	}
	on := func(email string) string {
		return order("/v1/holds", `{"identifier":{"kind":"email","value":"`+email+`"},"ground":"claims","owner":"planted owner","review":"2999-01-01"}`).ID
	}
	hold := on("h@example.org")
	on("later@example.org")
	for range 2 {
		if err := r.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r.send(fmt.Sprintf(stored, "3", "platform", subject("platform.member", "L1", "email", "later@example.org")))
	for _, email := range []string{"h@example.org", "later@example.org"} {
		if f, status := r.footprint("email", email); status != http.StatusOK || len(f.Holdings) != 1 || len(f.Holdings[0].Holds) != 1 {
			t.Errorf("%s: status %d, %+v", email, status, f.Holdings)
		}
	}
	if _, body := r.get("/v1/retention/due"); !strings.Contains(body, `"status":"on_hold"`) {
		t.Errorf("due: %s", body)
	}
	if err := r.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, body := r.get("/v1/holds"); strings.Count(body, "planted owner") != 2 {
		t.Errorf("the owner of a hold that stands is gone: %s", body)
	}
	order("/v1/holds/"+hold+"/lift", `{"reason":"settled"}`)
	if _, body := r.get("/v1/holds"); !strings.Contains(body, `"lifted":"`) { // the map has it
		t.Errorf("not lifted: %s", body)
	}
	if err := r.Expire(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, body := r.get("/v1/holds"); strings.Count(body, "planted owner") != 1 {
		t.Errorf("the owner of a lifted hold is still kept: %s", body)
	}
}
