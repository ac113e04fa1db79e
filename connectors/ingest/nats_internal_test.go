package ingest

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// Over NATS the requests of one system are limited as those of a token are over
// HTTP; other systems are not held up by it.
func TestUploadsOverNATSAreLimited(t *testing.T) {
	g := New(Config{MaxUploads: 1, MaxInFlight: 10, Now: time.Now})
	ask := func() string {
		b, err := json.Marshal(g.reply(context.Background(), &nats.Msg{Data: []byte(`[]`)}, "crm", nil))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if !g.uploads.begin("crm") || !g.uploads.begin("shop") {
		t.Fatal("the first request of a system finds no place")
	}
	if got := ask(); !strings.Contains(got, `"ingest.uploads"`) {
		t.Errorf("beyond the limit: %s", got)
	}
	g.uploads.end("crm")
	g.uploads.end("shop")
	if len(g.uploads.by) != 0 {
		t.Errorf("%d systems are still counted", len(g.uploads.by))
	}
}
