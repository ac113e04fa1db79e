package journal_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/habeas-data/habeas/events/journal"
)

func authenticate(user, token string) (publish, subscribe []string, ok bool) {
	switch {
	case user == "crm" && token == "right":
		return []string{"habeas.v1.ingest.crm"}, []string{"_INBOX.crm.>"}, true
	case user == "greedy" && token == "right":
		return []string{">"}, []string{">"}, true
	case user == "nothing" && token == "right":
		return nil, nil, true
	}
	return nil, nil, false
}

// Clients of the embedded server may do what Authenticate says and never touch
// the journal's own subjects.
func TestListener(t *testing.T) {
	j := open(t, journal.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0", Authenticate: authenticate})
	l := eventLog(t, j)
	if _, err := nats.Connect(j.Address(), nats.UserInfo("crm", "wrong")); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("wrong token: %v", err)
	}
	for _, user := range []string{"", "habeas-inside"} {
		if _, err := nats.Connect(j.Address(), nats.UserInfo(user, "")); !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("user %q without a token: %v", user, err)
		}
	}
	for _, c := range []struct{ user, subject string }{
		{"crm", "habeas.journal.events.0"}, {"crm", "$JS.API.STREAM.DELETE.HABEAS_EVENTS_0"}, {"crm", "habeas.v1.ingest.hr"},
		{"greedy", "habeas.journal.events.0"}, {"nothing", "anything"},
	} {
		if err := denied(t, j.Address(), c.user, c.subject); err == nil {
			t.Errorf("%s may publish to %s", c.user, c.subject)
		}
	}
	if err := denied(t, j.Address(), "crm", "habeas.v1.ingest.crm"); err != nil {
		t.Errorf("crm may not publish where it should: %v", err)
	}
	if l.Last().Seq != 0 {
		t.Errorf("somebody has written to the journal: %v", l.Last())
	}
}

// denied returns the server's word on publishing, nil if it is allowed.
func denied(t *testing.T, addr, user, subject string) error {
	t.Helper()
	nc, err := nats.Connect(addr, nats.UserInfo(user, "right"), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if err := nc.Publish(subject, nil); err != nil {
		t.Fatal(err)
	}
	if err := nc.FlushTimeout(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	return nc.LastError()
}

// Zero config works or says exactly what is missing.
func TestConfigSaysWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	for says, c := range map[string]journal.Config{
		"want a directory or a NATS URL": {},
		"want Authenticate":              {Dir: dir, Listen: "127.0.0.1:0"},
		"want TLS beyond this machine":   {Dir: dir, Listen: "0.0.0.0:4222", Authenticate: authenticate},
		"example.org:4222: want TLS":     {URL: "nats://example.org:4222"},
		"want a URL such as":             {URL: "somewhere"},
		"leave Listen empty":             {URL: "nats://127.0.0.1:1", Listen: ":0"},
		"connect to the server":          {URL: "nats://127.0.0.1:1"},
		`listen on "nonsense"`:           {Dir: dir, Listen: "nonsense", Authenticate: authenticate, InsecureNetwork: true},
	} {
		_, err := journal.Open(ctx, c)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v, want an error that says %q", c, err, says)
		}
	}
}
