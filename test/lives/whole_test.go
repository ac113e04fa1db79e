package lives

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/cmd/habeas/server"
	"github.com/habeas-data/habeas/config"
)

// A person lives on a real server.
type person struct {
	n  int
	id string
	m  *model
	q  *request
}

func (p *person) names(system string) string {
	own := map[string]string{"shop": "shop.customer", "office": "office.file"}[system]
	return fmt.Sprintf(`[{"kind":%q,"value":"ZAPHOD-%s-%d"},{"kind":"email","value":%q}]`, own, strings.ToUpper(system), p.n, p.email())
}

func (p *person) email() string { return fmt.Sprintf("zaphod%d@beeblebrox.example", p.n) }

// events draws what systems say about a person, and tells the model.
func (p *person) events(r *rand.Rand, today day) string {
	var b strings.Builder
	add := func(kind string, k key, more string) {
		fmt.Fprintf(&b, `{"specversion":"1.0","id":"p%d-%d","source":%q,"type":"habeas.record.%s.v1","time":%q,"data":{"subject":%s,"subject_type":"customer","activity":%q,"categories":[%q],"dataset":%q%s}}`+"\n",
			p.n, b.Len(), rowOf(k.activity).system, kind, today.Add(time.Duration(b.Len())*time.Millisecond).Format(time.RFC3339Nano), p.names(rowOf(k.activity).system), k.activity, k.category, k.category, more)
	}
	for range 2 + r.IntN(6) {
		x := rows[r.IntN(len(rows)-1)] // what is in no row has no activity to name
		if x.duty {
			continue // what a law keeps for years is never forgotten here
		}
		k := key{x.activity, x.categories[r.IntN(len(x.categories))]}
		if p.m.holdings[k] != nil {
			continue
		}
		p.m.holdings[k] = &holding{record: today, stored: today, shared: map[string]bool{}}
		add("stored", k, fmt.Sprintf(`,"provenance":"provided","record_date":%q`, today.Format(time.DateOnly)))
		for _, who := range []string{"courier", "partner"} {
			if r.IntN(3) == 0 {
				p.m.holdings[k].shared[who] = true
				add("shared", k, fmt.Sprintf(`,"recipient":%q`, who))
			}
		}
	}
	return b.String()
}

// TestWhole plays lives to their end on a real server that is killed again and again
// at its durable steps. In the end everybody was told exactly what they had to be
// told, and once they are forgotten and the keys are rotated nobody is found: not by
// a question, not in any file, and not after a backup of before was brought back.
func TestWhole(t *testing.T) {
	n := 6
	if *lives > 0 {
		n = *lives/200 + 1
	}
	r := rand.New(rand.NewPCG(*seed, 0x3b01e))
	s := newProcess(t, r)
	s.calm = true
	s.start()
	s.token("dora", "dpo")
	for _, system := range []string{"shop", "office", "courier", "partner"} {
		s.token(system, "system:"+system)
	}
	today := date(2026, 3, 2)
	s.day(today)
	s.stop()
	s.calm = false
	s.start()
	var people []*person
	for i := range n {
		p := &person{n: i, m: newModel()}
		p.m.today = today
		if events := p.events(r, today); events != "" {
			people = append(people, p)
			if status, body := s.call("", "POST", "/v1/events", events, nil); status != 202 {
				t.Fatalf("events: %d %s", status, body)
			}
		}
	}
	today = today.AddDate(0, 0, 1)
	s.day(today)
	backup := filepath.Join(s.dir, "before.tar.gz")
	for range 10 {
		path, err := binary()
		if err != nil {
			t.Fatal(err)
		}
		if command(path, "backup", backup, "--data", s.data(), "--server", "http://"+s.addr) == nil {
			break
		}
		s.call("", "GET", "/v1/clock", nil, nil)
	}
	for _, p := range people {
		p.m.today = today
		s.decideAll(p, today)
	}
	for range 12 {
		if s.round() {
			break
		}
		today = today.AddDate(0, 0, 1)
		s.day(today)
	}
	for _, p := range people {
		s.finish(p)
	}
	if t.Failed() {
		return
	}
	t.Logf("%d lives, killed %d times", len(people), s.deaths)
	if s.deaths == 0 {
		t.Error("the server was never killed: the test proves nothing about crashes")
	}
	s.forgotten(people, backup)
}

func command(path string, args ...string) error {
	out, err := exec.Command(path, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func (s *process) day(d day) {
	s.t.Helper()
	s.now = d.Format(time.DateOnly)
	if status, body := s.call("", "POST", "/v1/clock", map[string]string{"day": d.Format(time.DateOnly)}, nil); status != 200 {
		s.t.Fatalf("clock: %d %s", status, body)
	}
}

// must asks, and takes a refusal that says it was done before as done: the server
// may have died after it was.
func (s *process) must(who, path string, in, out any, done ...string) {
	s.t.Helper()
	status, body := s.call(who, "POST", path, in, out)
	if status/100 == 2 || slices.ContainsFunc(done, func(d string) bool { return strings.Contains(body, d) }) {
		return
	}
	s.t.Fatalf("%s: %d %s", path, status, body)
}

type wholePlan struct {
	Undecided int
	Items     []struct{ Right, Holding, Activity, Category, Outcome, Code string }
}

// decideAll opens a request to erase and has it approved and run.
func (s *process) decideAll(p *person, today day) {
	t := s.t
	var c struct {
		Case        string
		DuplicateOf string `json:"duplicate_of"`
	}
	s.must("", "/v1/cases", map[string]any{"rights": []string{"erasure"}, "received": today.Format(time.DateOnly), "via": "email",
		"identifiers": []map[string]string{{"kind": "email", "value": p.email()}}, "text": "please, says " + p.email()}, &c)
	if p.id = c.Case; p.id == "" {
		p.id = c.DuplicateOf
	}
	p.q = &request{id: p.id, rights: []string{"erasure"}, received: today, finals: map[item]answer{}}
	p.m.requests = append(p.m.requests, p.q)
	at := "/v1/cases/" + p.id
	s.must("", at+"/confirm", map[string]string{"reason": "their records"}, nil)
	var plan wholePlan
	if status, body := s.call("", "GET", at+"/plan", nil, &plan); status != 200 {
		t.Fatalf("plan: %d %s", status, body)
	}
	want := p.m.plan(p.q)
	for _, i := range plan.Items {
		w := want[item{i.Right, keyOf(i.Activity, i.Category)}]
		if i.Outcome != w.outcome || i.Code != w.code {
			t.Errorf("person %d: %s of %s/%s is %s %s; the model says %s %s", p.n, i.Right, i.Activity, i.Category, i.Outcome, i.Code, w.outcome, w.code)
		}
		if i.Outcome == "review" || i.Outcome == "retain" {
			// Everything goes in these lives.
			s.must("", at+"/decide", map[string]any{"items": []string{i.Holding}, "right": "erasure", "outcome": "erase", "code": "ERASE_NOT_NECESSARY", "reason": "of no use to " + p.email()}, nil)
		}
		w.outcome = "erase"
		want[item{i.Right, keyOf(i.Activity, i.Category)}] = w
	}
	if len(plan.Items) != len(want) {
		t.Errorf("person %d: %d items, want %d", p.n, len(plan.Items), len(want))
	}
	detach(want)
	p.q.finals = want
	s.must("", at+"/decide", map[string]any{"accept_proposed": true, "reason": "as proposed"}, nil, "NOTHING_TO_DO")
	s.must("dora", at+"/approve", map[string]string{"reason": "looked at it"}, nil, "ALREADY_APPROVED")
	s.must("", at+"/run", map[string]string{}, nil, "NOTHING_TO_DO")
	s.must("", at+"/letter", map[string]any{"kind": "answer", "keep": true}, nil)
	s.must("", at+"/answer", map[string]string{"via": "email"}, nil, "ALREADY_ANSWERED")
}

// round lets every target take what it can and do it; it reports whether nothing is
// left.
func (s *process) round() bool {
	for _, system := range []string{"shop", "office", "courier", "partner"} {
		for range 50 {
			var list struct {
				Tasks []struct {
					Task, Verb string
					Attempt    int
				}
			}
			if status, body := s.call(system, "POST", "/v1/systems/"+system+"/tasks/claim", map[string]int{"max": 20, "wait_seconds": 0}, &list); status != 200 {
				s.t.Fatalf("claim: %d %s", status, body)
			}
			for _, k := range list.Tasks {
				report := map[string]any{"attempt": k.Attempt, "outcome": "done"}
				if k.Verb == "verify" {
					report["outcome"] = "found_nothing"
				} else if s.r.IntN(6) == 0 {
					report["outcome"] = "failed"
				}
				s.must(system, "/v1/systems/"+system+"/tasks/"+k.Task+"/report", report, nil, "REPORT_OF_NO_ATTEMPT", "TASK_ENDED")
			}
			if len(list.Tasks) == 0 {
				break
			}
		}
	}
	var open struct{ Tasks []struct{ Task string } }
	if status, body := s.call("", "GET", "/v1/tasks", nil, &open); status != 200 {
		s.t.Fatalf("tasks: %d %s", status, body)
	}
	return len(open.Tasks) == 0
}

// finish compares what targets were told with the model, and closes the case.
func (s *process) finish(p *person) {
	t := s.t
	var list struct {
		Tasks []struct{ Task, System, Verb, State, Detail string }
	}
	if status, body := s.call("", "GET", "/v1/tasks?case="+p.id, nil, &list); status != 200 {
		t.Fatalf("tasks: %d %s", status, body)
	}
	got := map[told]map[key]bool{}
	for _, x := range list.Tasks {
		var k struct {
			Of    string
			Parts []struct{ Activity, Category string }
		}
		if status, body := s.call("", "GET", "/v1/tasks/"+x.Task, nil, &k); status != 200 {
			t.Fatalf("task: %d %s", status, body)
		}
		to := told{x.System, x.Verb, k.Of}
		if got[to] == nil {
			got[to] = map[key]bool{}
		}
		for _, part := range k.Parts {
			got[to][keyOf(part.Activity, part.Category)] = true
		}
		if x.State != "verified" {
			t.Errorf("person %d: %s is to %s: %s %s", p.n, x.System, x.Verb, x.State, x.Detail)
		}
	}
	if want := p.m.tasks(p.q); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("person %d: told %v, want %v", p.n, got, want)
	}
	s.must("", "/v1/cases/"+p.id+"/close", map[string]string{"reason": "done"}, nil, "ALREADY_CLOSED")
}

// forgotten wants nobody to be found in any way.
func (s *process) forgotten(people []*person, backup string) {
	t := s.t
	s.calm = true
	s.stop()
	end, sweep := s.inside()
	find := func(p *person) int {
		status, _ := s.call("", "POST", "/v1/footprint", map[string]any{"identifier": map[string]string{"kind": "email", "value": p.email()}, "reason": "to see"}, nil)
		return status
	}
	sweep()
	if status, body := s.call("", "POST", "/v1/vault/rotate", map[string]string{"reason": "forget them"}, nil); status/100 != 2 {
		t.Fatalf("rotate: %d %s", status, body)
	}
	for _, p := range people {
		if status := find(p); status != 404 {
			t.Errorf("person %d is found: %d", p.n, status)
		}
	}
	end()
	s.noTrace(s.dir)
	if err := errors.Join(os.Rename(s.data(), s.data()+".gone"), func() error {
		path, err := binary()
		if err != nil {
			return err
		}
		return command(path, "restore", backup, "--data", s.data())
	}()); err != nil {
		t.Fatal(err)
	}
	s.start()
	for _, p := range people {
		if status := find(p); status != 404 {
			t.Errorf("after a restore of a backup of before, person %d is found: %d", p.n, status)
		}
	}
	var state struct{ Frozen bool }
	if status, body := s.call("", "GET", "/v1/restore", nil, &state); status != 200 || !state.Frozen {
		t.Errorf("a restored server goes on by itself: %d %s", status, body)
	}
	s.stop()
	path, _ := binary()
	if err := command(path, "fsck", "--data", s.data()); err != nil {
		t.Errorf("fsck: %v", err)
	}
	s.noTrace(s.dir)
}

// inside runs the server in this process, where it sweeps when it is told to.
func (s *process) inside() (end, sweep func()) {
	t := s.t
	cfg := config.Default()
	cfg.Data, cfg.Listen, cfg.TestClock, cfg.RotateEvery = s.data(), s.addr, true, 0
	if err := cfg.Check(); err != nil {
		t.Fatal(err)
	}
	cfg.SweepEvery, cfg.DisclosureFor = time.Nanosecond, time.Nanosecond
	srv, err := server.Open(t.Context(), cfg, server.Options{Log: slog.New(slog.NewTextHandler(&s.log, nil)), Catalogue: server.NewShelf(shipped(t))})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- srv.Run(ctx, l) }()
	s.exited = make(chan struct{})
	s.ready()
	end = func() {
		cancel()
		if err := errors.Join(<-done, srv.Close()); err != nil {
			t.Error(err)
		}
	}
	sweep = func() {
		for range 2 {
			if err := srv.Sweep(ctx); err != nil {
				t.Error(err)
			}
		}
	}
	return end, sweep
}

// noTrace wants no name in any file.
func (s *process) noTrace(dir string) {
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		low := bytes.ToLower(b)
		if bytes.Contains(low, []byte("zaphod")) || bytes.Contains(low, []byte("beeblebrox")) {
			s.t.Errorf("%s names somebody", path)
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if strings.Contains(strings.ToLower(s.log.String()), "zaphod") {
		s.t.Error("the log names somebody")
	}
}
