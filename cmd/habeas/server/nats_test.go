package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/connectors/ingest"
	natsd "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// A source system sends over NATS with its token, to its own subject only.
func TestIngestOverNATS(t *testing.T) {
	cfg := configure(t, t.TempDir())
	cfg.NATSListen = freeAddr(t)
	r := start(t, cfg)
	var made struct{ Secret string }
	status, body := r.post("/v1/tokens", "application/json", strings.NewReader(`{"name":"platform-test","roles":["system:platform"]}`))
	if err := json.Unmarshal([]byte(body), &made); err != nil || status >= 300 {
		t.Fatalf("make a token: status %d: %s", status, body)
	}
	if _, err := nats.Connect("nats://"+cfg.NATSListen, nats.UserInfo("platform", "wrong")); err == nil {
		t.Error("a wrong token was let in")
	}
	denied := make(chan error, 10)
	nc, err := nats.Connect("nats://"+cfg.NATSListen, nats.UserInfo("platform", made.Secret),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { denied <- err }))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	ask := func(subject string, m *nats.Msg) ingest.Answer {
		t.Helper()
		m.Subject = subject
		reply, err := nc.RequestMsg(m, 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		var a ingest.Answer
		if err := json.Unmarshal(reply.Data, &a); err != nil {
			t.Fatalf("%v: %s", err, reply.Data)
		}
		return a
	}
	const own = "habeas.v1.ingest.platform"
	if a := ask(own, &nats.Msg{Data: []byte(good("n1"))}); a.Accepted != 1 || a.Position == "" {
		t.Errorf("one event: %+v", a)
	}
	if a := ask(own, &nats.Msg{Data: []byte("[" + good("n1") + "," + good("n2") + ",{}]")}); a.Accepted != 1 || a.Duplicate != 1 || a.RejectedCount != 1 {
		t.Errorf("a batch: %+v", a)
	}
	data := good("n3")
	data = data[strings.Index(data, `"data":`)+len(`"data":`) : len(data)-1]
	h := nats.Header{"ce-specversion": {"1.0"}, "ce-id": {"n3"}, "ce-source": {"platform"}, "ce-type": {"habeas.record.stored.v1"}, "ce-time": {"2025-03-01T10:00:00Z"}}
	if a := ask(own, &nats.Msg{Header: h, Data: []byte(data)}); a.Accepted != 1 {
		t.Errorf("binary mode: %+v", a)
	}
	if a := ask(own, &nats.Msg{Data: []byte(strings.Replace(good("n4"), `"source":"platform"`, `"source":"finance"`, 1))}); a.Accepted != 0 || a.RejectedCount != 1 {
		t.Errorf("speaking for another system: %+v", a)
	}
	for _, subject := range []string{"habeas.v1.ingest.finance", "habeas.journal.events.0", "$JS.API.STREAM.LIST"} {
		if err := nc.Publish(subject, []byte(good("n5"))); err != nil {
			t.Fatal(err)
		}
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-denied:
			if !errors.Is(err, nats.ErrPermissionViolation) {
				t.Errorf("%s: %v", subject, err)
			}
		case <-time.After(10 * time.Second):
			t.Errorf("%s was not refused", subject)
		}
	}
}

// cluster starts three NATS servers that know each other, as compose does.
func cluster(t *testing.T) (urls string, servers []*natsd.Server) {
	t.Helper()
	var routes, clients []string
	for range 3 {
		routes = append(routes, freeAddr(t))
		clients = append(clients, freeAddr(t))
	}
	dir := t.TempDir()
	for i := range 3 {
		text := fmt.Sprintf(`server_name: n%d
listen: %s
jetstream { store_dir: %q, sync_interval: always, max_mem: 64M, max_file: 1G }
cluster { name: c, listen: %s, routes: [nats://%s] }
`, i, clients[i], filepath.Join(dir, fmt.Sprint(i)), routes[i], strings.Join(routes, ", nats://"))
		opts := &natsd.Options{}
		if err := opts.ProcessConfigString(text); err != nil {
			t.Fatal(err)
		}
		opts.NoSigs, opts.NoLog = true, true
		s, err := natsd.NewServer(opts)
		if err != nil {
			t.Fatal(err)
		}
		go s.Start()
		t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
		servers = append(servers, s)
	}
	deadline := time.Now().Add(30 * time.Second)
	for leader := false; !leader; {
		for _, s := range servers {
			leader = leader || s.ReadyForConnections(time.Second) && s.JetStreamIsLeader() && len(s.JetStreamClusterPeers()) == 3
		}
		if time.Now().After(deadline) {
			t.Fatal("the cluster has no leader after 30 s")
		}
	}
	return "nats://" + strings.Join(clients, ",nats://"), servers
}

// --nats against a real cluster of three: what was acknowledged outlives one
// of its servers, and a start from an empty map finds everything again.
func TestExternalCluster(t *testing.T) {
	urls, servers := cluster(t)
	dir := t.TempDir()
	cfg := configure(t, dir)
	cfg.NATS = urls
	r := start(t, cfg)
	for i := range 20 {
		if status, body := r.post("/v1/events", "application/cloudevents+json", strings.NewReader(good(fmt.Sprint("c", i)))); status != http.StatusAccepted {
			t.Fatalf("status %d: %s", status, body)
		}
	}
	servers[2].Shutdown()
	servers[2].WaitForShutdown()
	var a ingest.Answer
	status, body := r.post("/v1/events", "application/x-ndjson", strings.NewReader(good("c1")+"\n"+good("after")))
	if err := json.Unmarshal([]byte(body), &a); err != nil || status != http.StatusAccepted || a.Accepted != 1 || a.Duplicate != 1 {
		t.Errorf("with one server gone: status %d: %s", status, body)
	}
	saw := sawOf(t, r.Server, "map")
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	again := start(t, cfg)
	if now := sawOf(t, again.Server, "map"); now != saw {
		t.Errorf("before: %s\nafter:  %s", saw, now)
	}
}

// One system's connection hears nothing of another's, nor of the journal's own
// reads, and ends with its token.
func TestNATSClientsAreApart(t *testing.T) {
	cfg := configure(t, t.TempDir())
	cfg.NATSListen = freeAddr(t)
	r := start(t, cfg)
	connect := func(system string) (*nats.Conn, string) {
		t.Helper()
		var made struct {
			Token  struct{ ID string }
			Secret string
		}
		_, body := r.post("/v1/tokens", "application/json", strings.NewReader(`{"name":"`+system+`-t","roles":["system:`+system+`"]}`))
		if err := json.Unmarshal([]byte(body), &made); err != nil {
			t.Fatal(err)
		}
		nc, err := nats.Connect("nats://"+cfg.NATSListen, nats.UserInfo(system, made.Secret))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(nc.Close)
		return nc, made.Token.ID
	}
	spy, _ := connect("finance")
	heard := make(chan string, 1000)
	if _, err := spy.Subscribe("_INBOX.>", func(m *nats.Msg) { heard <- m.Subject }); err != nil {
		t.Fatal(err)
	}
	if err := spy.Flush(); err != nil {
		t.Fatal(err)
	}
	nc, id := connect("platform")
	ask := func(n int) string {
		t.Helper()
		m, err := nc.Request("habeas.v1.ingest.platform", []byte(good(fmt.Sprint("apart", n))), 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		return string(m.Data)
	}
	if answer := ask(1); !strings.Contains(answer, `"accepted":1`) {
		t.Errorf("got %s", answer)
	}
	sawOf(t, r.Server, "map")
	if err := spy.Flush(); err != nil {
		t.Fatal(err)
	}
	select {
	case subject := <-heard:
		t.Errorf("another system heard a message on %s", subject)
	default:
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, r.base+"/v1/tokens/"+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.token())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if answer := ask(2); !strings.Contains(answer, "permission.denied") {
		t.Errorf("after the token was revoked: %s", answer)
	}
}

// B4: only a person decides by hand; no token can speak for habeas.
func TestNobodySpeaksForHabeas(t *testing.T) {
	r := start(t, configure(t, t.TempDir()))
	if status, body := r.post("/v1/tokens", "application/json", strings.NewReader(`{"name":"forger","roles":["system:habeas"]}`)); status < 400 {
		t.Errorf("a token of system habeas was made: %s", body)
	}
	link := `{"specversion":"1.0","id":"f","source":"habeas","type":"habeas.subject.linked.v1","time":"2025-03-01T10:00:00Z","data":{"subject":[{"kind":"platform.member","value":"a"},{"kind":"platform.member","value":"b"}],"evidence":"hand"}}`
	if status, body := r.post("/v1/events", "application/cloudevents+json", strings.NewReader(link)); status != http.StatusBadRequest || !strings.Contains(body, "event.source.forbidden") {
		t.Errorf("the operator's token spoke for habeas: status %d: %s", status, body)
	}
}
