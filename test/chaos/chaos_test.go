package chaos

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// rounds is how often the process is killed; HABEAS_TEST_ROUNDS makes it a
// soak.
func rounds(usual int) int {
	if n, err := strconv.Atoi(os.Getenv("HABEAS_TEST_ROUNDS")); err == nil && n > 0 {
		return n
	}
	return usual
}

// I2: what was acknowledged is in the journal and in the map, whatever instant
// the process was killed at.
func TestKilledAtRandom(t *testing.T) {
	s := newServer(t)
	r := rand.New(rand.NewPCG(1, 2))
	var all []*sent
	for round := range rounds(8) {
		s.start()
		if !s.ready(60 * time.Second) {
			t.Fatalf("round %d: the server did not start:\n%s", round, s.log)
		}
		deadline := time.Duration(100+r.IntN(1200)) * time.Millisecond
		all = append(all, s.writeUntilKilled(r, round, len(all), deadline)...)
	}
	s.settle(all, rounds(8))
}

// Every durable step of the write path: the process dies exactly there, once
// early and once later, and nothing acknowledged is lost.
func TestKilledAtEveryStep(t *testing.T) {
	steps := []string{
		"vault: append", "journal.vault.publish.before", "journal.vault.publish.after", "vault: index",
		"journal.publish.before", "journal.publish.after", "map.commit.before", "map.commit.after",
	}
	s := newServer(t)
	r := rand.New(rand.NewPCG(3, 4))
	var all []*sent
	s.start()
	if !s.ready(60 * time.Second) {
		t.Fatalf("the server did not start:\n%s", s.log)
	}
	s.stop()
	round := 0
	for _, step := range steps {
		for _, n := range []int{1, 3} {
			s.start(fmt.Sprintf("HABEAS_TEST_CRASH=%s:%d", step, n))
			if !s.ready(60 * time.Second) {
				s.cmd = nil // the step is taken while starting, and ended it
				continue
			}
			round++
			all = append(all, s.writeUntilKilled(r, round, len(all), 20*time.Second)...)
			if !s.died {
				t.Errorf("step %s:%d was never reached", step, n)
			}
		}
	}
	// What lies in memory is written when the server is told to stop.
	for _, step := range []string{"runs.written:1", "runs.written:2", "runs.listed:1", "runs.listed:2"} {
		s.start("HABEAS_TEST_CRASH=" + step)
		if !s.ready(60 * time.Second) {
			t.Fatalf("the server did not start:\n%s", s.log)
		}
		round++
		all = append(all, draw(r, round, len(all)))
		if !s.send(all[len(all)-1:]) {
			t.Fatalf("nothing is taken:\n%s", s.log)
		}
		_ = s.cmd.Process.Signal(os.Interrupt)
		if err := <-s.exited; err == nil || !strings.Contains(err.Error(), "killed") {
			t.Errorf("step %s was never reached: %v", step, err)
		}
		s.cmd = nil
	}
	s.settle(all, round)
}

// writeUntilKilled writes with several clients until the process dies by
// itself or is killed after d.
func (s *server) writeUntilKilled(r *rand.Rand, round, n int, d time.Duration) []*sent {
	const clients = 4
	stop := make(chan struct{})
	out := make([][]*sent, clients)
	var wg sync.WaitGroup
	for c := range clients {
		rc := rand.New(rand.NewPCG(r.Uint64(), r.Uint64()))
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				var batch []*sent
				for range 1 + rc.IntN(20) {
					batch = append(batch, draw(rc, round, n+len(out[c])*clients+c))
					out[c] = append(out[c], batch[len(batch)-1])
				}
				if !s.send(batch) {
					select {
					case <-stop:
						return
					case <-time.After(10 * time.Millisecond): // the server is gone or about to be
					}
				}
			}
		})
	}
	select {
	case err := <-s.exited:
		s.exited <- err
		s.cmd, s.died = nil, true
	case <-time.After(d):
		s.kill()
		s.died = false
	}
	close(stop)
	wg.Wait()
	var all []*sent
	for _, o := range out {
		all = append(all, o...)
	}
	return all
}

// settle restarts the server, checks that every acknowledged event is known,
// sends again what never was, and compares every person with the model.
func (s *server) settle(all []*sent, rounds int) {
	t := s.t
	t.Helper()
	s.start()
	if !s.ready(60 * time.Second) {
		t.Fatalf("the server did not start after the last kill:\n%s", s.log)
	}
	acked := 0
	var again []*sent
	for _, e := range all {
		if e.acked {
			acked++
			again = append(again, e)
		}
	}
	if acked == 0 {
		t.Fatal("no event was ever acknowledged: the test proves nothing")
	}
	// Acknowledged means stored: sending such an event again is a duplicate.
	s.resend(again, func(accepted, duplicate int) {
		if accepted != 0 {
			t.Errorf("%d acknowledged events were not in the journal", accepted)
		}
	})
	s.resend(all, func(int, int) {})
	s.compare(all, rounds)
	if out, code := s.run("fsck"); code != 0 {
		t.Errorf("fsck: exit %d\n%s", code, out)
	}
	t.Logf("%d events sent, %d acknowledged before a kill", len(all), acked)
	s.stop()
	if out, code := s.run("fsck"); code != 0 {
		t.Errorf("fsck of the stopped directory: exit %d\n%s", code, out)
	}
}

// compare wants every person's footprint as the model has it.
func (s *server) compare(all []*sent, rounds int) {
	s.t.Helper()
	for i := range rounds*fresh + crowd {
		person := fmt.Sprintf("p%d", i)
		if got, want := s.footprint(person), expect(all, person); !reflect.DeepEqual(got, want) {
			s.t.Errorf("%s:\n got %v\nwant %v", person, got, want)
		}
	}
}

func (s *server) resend(list []*sent, tally func(accepted, duplicate int)) {
	s.t.Helper()
	for len(list) > 0 {
		n := min(len(list), 500)
		var body []byte
		for _, e := range list[:n] {
			b, err := json.Marshal(e.json())
			if err != nil {
				s.t.Fatal(err)
			}
			body = append(append(body, b...), '\n')
		}
		status, b := s.post("/v1/events", "application/x-ndjson", body, 60*time.Second)
		var a struct{ Accepted, Duplicate int }
		if status != 202 || json.Unmarshal(b, &a) != nil {
			s.t.Fatalf("resend: status %d: %s", status, b)
		}
		tally(a.Accepted, a.Duplicate)
		list = list[n:]
	}
}

func (s *server) footprint(person string) map[string]holding {
	s.t.Helper()
	q, _ := json.Marshal(map[string]any{"identifier": map[string]string{"kind": "platform.member", "value": person}, "reason": "chaos"})
	var f struct {
		Holdings []struct {
			Dataset, Category, State string
			First                    string `json:"first_seen"`
			Last                     string `json:"last_seen"`
			Disclosures              []struct {
				Recipient string
				Count     int
			}
		}
	}
	status, b := s.post("/v1/footprint", "application/json", q, 60*time.Second)
	if status == 404 {
		return map[string]holding{}
	}
	if status != 200 || json.Unmarshal(b, &f) != nil {
		s.t.Fatalf("footprint of %s: status %d: %s", person, status, b)
	}
	out := map[string]holding{}
	for _, h := range f.Holdings {
		x := holding{First: h.First, Last: h.Last, State: h.State, Disclosures: map[string]int{}}
		for _, d := range h.Disclosures {
			x.Disclosures[d.Recipient] += d.Count
		}
		out[h.Dataset+"|"+h.Category] = x
	}
	return out
}
