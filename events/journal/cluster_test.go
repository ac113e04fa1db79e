package journal_test

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/journal"
	"github.com/habeas-data/habeas/events/journal/journaltest"
)

// freePort returns a port of this machine that nobody listens on.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// outside starts n NATS servers outside the journal; more than one make a
// cluster.
func outside(t testing.TB, n int) (servers []*server.Server, urls string) {
	t.Helper()
	var routes []*url.URL
	ports := make([]int, n)
	for i := range ports {
		ports[i] = freePort(t)
		routes = append(routes, &url.URL{Scheme: "nats", Host: fmt.Sprintf("127.0.0.1:%d", ports[i])})
	}
	var list []string
	for i := range n {
		opts := &server.Options{ServerName: fmt.Sprintf("n%d", i), Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
			JetStream: true, StoreDir: filepath.Join(t.TempDir(), "js"), SyncAlways: true}
		if n > 1 {
			opts.Cluster = server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: ports[i]}
			opts.Routes = routes
		}
		s, err := server.NewServer(opts)
		if err != nil {
			t.Fatal(err)
		}
		s.Start()
		t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
		servers = append(servers, s)
	}
	for _, s := range servers {
		if !s.ReadyForConnections(10 * time.Second) {
			t.Fatal("server not ready")
		}
		list = append(list, s.ClientURL())
	}
	if n > 1 {
		waitFor(t, "a leader and all peers", func() bool {
			for _, s := range servers {
				if s.JetStreamIsLeader() && len(s.JetStreamClusterPeers()) == n {
					return true
				}
			}
			return false
		})
	}
	return servers, strings.Join(list, ",")
}

func waitFor(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited 15 s for %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestExternalServerKeepsTheContract(t *testing.T) {
	journaltest.Run(t, func(t *testing.T, clock *journaltest.Clock) journaltest.Set {
		_, urls := outside(t, 1)
		return set(t, journal.Config{URL: urls, Now: clock.Now})
	})
}

// Three servers, three replicas: one is killed while several callers write;
// nothing acknowledged is lost, a reader sees everything, and a second process
// reading along is told of growth.
func TestClusterLosesAServer(t *testing.T) {
	servers, urls := outside(t, 3)
	j := open(t, journal.Config{URL: urls, AckTimeout: 2 * time.Second})
	l := eventLog(t, j)
	reader := open(t, journal.Config{URL: urls})
	js, err := jetstream.New(j.Conn())
	if err != nil {
		t.Fatal(err)
	}
	s, err := js.Stream(ctx, "HABEAS_EVENTS_0")
	if err != nil || s.CachedInfo().Config.Replicas != 3 {
		t.Fatalf("stream: %+v, %v", s, err)
	}
	const callers, each = 4, 60
	seen := make(chan uint64, 1)
	end := make(chan error, 1)
	enough := errors.New("enough")
	go func() {
		end <- eventLog(t, reader).Follow(ctx, journal.Checkpoint{}, func(seq uint64, f *events.Frame) error {
			if f.First+uint64(f.Count) == callers*each {
				return enough
			}
			select {
			case seen <- seq:
			default:
			}
			return nil
		})
	}()
	var wg sync.WaitGroup
	half := make(chan struct{}, callers)
	for c := range callers {
		wg.Go(func() {
			for i := range each {
				if i == each/3 {
					half <- struct{}{}
				}
				n := c*each + i
				if _, err := l.Append(ctx, journaltest.Events(n, n+1), 0, 1); err != nil {
					t.Errorf("caller %d, event %d: %v", c, i, err)
					return
				}
			}
		})
	}
	<-seen
	for range callers {
		<-half
	}
	leader := s.CachedInfo().Cluster.Leader
	for _, s := range servers {
		if s.Name() == leader {
			s.Shutdown()
		}
	}
	wg.Wait()
	select {
	case err := <-end:
		if err != enough {
			t.Errorf("the reader ended with %v", err)
		}
	case <-time.After(15 * time.Second):
		t.Error("the reader did not see the last event")
	}
	v, err := l.Verify(ctx, nil)
	if err != nil || v.Records != callers*each {
		t.Errorf("%d events in the log, want %d; %v", v.Records, callers*each, err)
	}
	t.Logf("killed %s; %+v", leader, l.Stats())
}

// A9: a stream of somebody else that would keep copies is refused by name.
func TestForeignStreamIsRefused(t *testing.T) {
	_, urls := outside(t, 1)
	nc, err := nats.Connect(urls)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, _ := jetstream.New(nc)
	for _, subject := range []string{"habeas.>", "*.v1.ingest.*", "_INBOX.>"} {
		if _, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: "SPY", Subjects: []string{subject}, NoAck: true}); err != nil {
			t.Fatalf("%s: %v", subject, err)
		}
		_, err := journal.Open(ctx, journal.Config{URL: urls})
		if !errors.Is(err, journal.ErrForeign) || !strings.Contains(err.Error(), subject) {
			t.Errorf("stream on %s: %v, want ErrForeign", subject, err)
		}
		if err := js.DeleteStream(ctx, "SPY"); err != nil {
			t.Fatal(err)
		}
	}
}

// A stream under which the promises would not hold is named with its setting.
func TestSettingsAreChecked(t *testing.T) {
	_, urls := outside(t, 1)
	nc, err := nats.Connect(urls)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, _ := jetstream.New(nc)
	eventLog(t, open(t, journal.Config{URL: urls}))
	s, err := js.Stream(ctx, "HABEAS_EVENTS_0")
	if err != nil {
		t.Fatal(err)
	}
	good := s.CachedInfo().Config
	for setting, change := range map[string]func(*jetstream.StreamConfig){
		"max_age":           func(c *jetstream.StreamConfig) { c.MaxAge = time.Hour },
		"max_msgs":          func(c *jetstream.StreamConfig) { c.MaxMsgs = 1000 },
		"subjects":          func(c *jetstream.StreamConfig) { c.Subjects = append(c.Subjects, "more") },
		"compression":       func(c *jetstream.StreamConfig) { c.Compression = jetstream.NoCompression },
		"allow_direct":      func(c *jetstream.StreamConfig) { c.AllowDirect = false },
		"discard":           func(c *jetstream.StreamConfig) { c.Discard = jetstream.DiscardOld },
		"duplicate_window":  func(c *jetstream.StreamConfig) { c.Duplicates = time.Second },
		"habeas.log.id":     func(c *jetstream.StreamConfig) { c.Metadata["habeas.log.id"] = "" },
		"allow_rollup_hdrs": func(c *jetstream.StreamConfig) { c.AllowRollup = true },
	} {
		bad := good
		bad.Subjects = append([]string(nil), good.Subjects...)
		bad.Metadata = map[string]string{}
		for k, v := range good.Metadata {
			bad.Metadata[k] = v
		}
		change(&bad)
		if _, err := js.UpdateStream(ctx, bad); err != nil {
			t.Logf("%s: the server itself refuses: %v", setting, err)
			continue
		}
		_, err := open(t, journal.Config{URL: urls}).Events(ctx)
		if !errors.Is(err, journal.ErrSettings) || !strings.Contains(err.Error(), setting) {
			t.Errorf("%s: %v, want ErrSettings", setting, err)
		}
		if _, err := js.UpdateStream(ctx, good); err != nil {
			t.Fatalf("%s: %v", setting, err)
		}
	}
}
