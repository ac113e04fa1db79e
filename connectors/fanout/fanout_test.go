package fanout_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/connectors/fanout"
	"github.com/habeas-data/habeas/events"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

func TestClaimAndReport(t *testing.T) {
	w := newWorld(t)
	w.add("crm", 3)
	s := start(t, w)
	var got []events.Work
	for len(got) < 3 {
		got = append(got, s.claim(t, "crm", 10)...)
	}
	if got[0].Subject[0].Value != planted {
		t.Errorf("a claim reveals %v, want the identifier", got[0].Subject)
	}
	for _, x := range got {
		s.report(t, x, events.WorkDone)
	}
	if n := w.ended("crm"); n != 3 {
		t.Errorf("%d tasks ended, want 3", n)
	}
	if list, err := s.Claim(t.Context(), system("crm"), "crm", events.WorkClaim{}); err != nil || len(list.Tasks) != 0 {
		t.Errorf("nothing waits, and a claim gives %v, %v", list, err)
	}
}

// TestOnlyItsOwn: a claim says whom a task is about, so no other may make it: not
// another system, not the operator, not a person.
func TestOnlyItsOwn(t *testing.T) {
	w := newWorld(t)
	w.add("crm", 1)
	s := start(t, w)
	for _, who := range []access.Caller{
		{}, system("hr"), {Token: "op", Roles: []access.Role{access.Operator}}, {Token: "dpo", Roles: []access.Role{access.DPO}},
	} {
		list, err := s.Claim(t.Context(), who, "crm", events.WorkClaim{})
		var no *fanout.Refusal
		if !errors.As(err, &no) || no.Status != http.StatusForbidden || list != nil {
			t.Errorf("%v claims for crm and gets %v, %v; want a refusal", who.Roles, list, err)
		}
		if _, err := s.Report(t.Context(), who, "crm", w.order[0].String(), &events.WorkReport{Attempt: 1, Outcome: events.WorkDone}); !errors.As(err, &no) {
			t.Errorf("%v reports for crm and gets %v; want a refusal", who.Roles, err)
		}
	}
	if w.tasks[w.order[0]].attempts != 0 {
		t.Error("the desk was asked")
	}
}

// TestNothingPersonalInTheQueue reads every message: a task's id and its verb (I1).
func TestNothingPersonalInTheQueue(t *testing.T) {
	w := newWorld(t)
	w.add("crm", 20)
	w.add("mail.chimp", 5)
	s := start(t, w)
	await(t, "25 bells", func() bool { return s.Counts.Rung() >= 25 })
	js, err := jetstream.NewWithDomain(s.log.Conn(), "habeas")
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.Stream(t.Context(), "HABEAS_TASKS")
	if err != nil {
		t.Fatal(err)
	}
	info := stream.CachedInfo()
	if info.Config.Retention != jetstream.WorkQueuePolicy {
		t.Errorf("the queue has retention %v", info.Config.Retention)
	}
	if info.State.Msgs != 25 {
		t.Errorf("%d messages, want 25", info.State.Msgs)
	}
	for seq := info.State.FirstSeq; seq <= info.State.LastSeq; seq++ {
		m, err := stream.GetMsg(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		var body map[string]string
		if err := json.Unmarshal(m.Data, &body); err != nil || len(body) != 2 || len(body["task"]) != 32 || body["verb"] != "erase" {
			t.Errorf("message %d is %s (%v); want a task and a verb", seq, m.Data, err)
		}
		if strings.Contains(m.Subject+string(m.Data)+fmt.Sprint(m.Header), "priya") {
			t.Errorf("message %d names somebody: %s %s", seq, m.Subject, m.Data)
		}
	}
	if got := s.claim(t, "mail.chimp", 5); len(got) == 0 {
		t.Error("a system with a dot in its name gets nothing")
	}
}

// TestRestart: the queue is empty after a restart and is filled from the book; a
// claim that was never reported on comes again when its lease ends.
func TestRestart(t *testing.T) {
	w := newWorld(t)
	w.add("crm", 2)
	s := start(t, w)
	first := s.claim(t, "crm", 1)[0]
	s.stop()
	s.run(t)
	second := s.claim(t, "crm", 1)[0]
	if second.Task == first.Task {
		t.Fatal("a task in hand was given out again")
	}
	s.report(t, second, events.WorkDone)
	w.later(time.Hour)
	again := s.claim(t, "crm", 1)[0]
	if again.Task != first.Task || again.Attempt != 2 || again.Key != first.Key {
		t.Errorf("after the lease: %s attempt %d key %s; want %s, 2, %s", again.Task, again.Attempt, again.Key, first.Task, first.Key)
	}
}

// TestLostQueue: a queue that is lost while all goes on loses no task.
func TestLostQueue(t *testing.T) {
	w := newWorld(t)
	w.add("crm", 5)
	s := start(t, w)
	await(t, "5 bells", func() bool { return s.Counts.Rung() == 5 })
	js, err := jetstream.NewWithDomain(s.log.Conn(), "habeas")
	if err != nil {
		t.Fatal(err)
	}
	for _, lose := range map[string]func() error{
		"its messages": func() error {
			stream, err := js.Stream(t.Context(), "HABEAS_TASKS")
			if err != nil {
				return err
			}
			return stream.Purge(t.Context())
		},
		"itself": func() error { return js.DeleteStream(t.Context(), "HABEAS_TASKS") },
	} {
		before := s.Counts.Rung()
		if err := lose(); err != nil {
			t.Fatal(err)
		}
		await(t, "bells again", func() bool { return s.Counts.Rung() >= before+5 })
	}
	for len(s.claim(t, "crm", 5)) == 0 && w.ended("crm") < 5 {
	}
}

// TestRate: a target gets no more than its rate and its number at once; a report
// makes room.
func TestRate(t *testing.T) {
	w := newWorld(t)
	w.add("crm", 10)
	s := start(t, w, func(c *fanout.Config) {
		c.Rate = func(events.Code) fanout.Rate { return fanout.Rate{PerMinute: 60_000, AtOnce: 3} }
	})
	var got []events.Work
	for len(got) < 3 {
		got = append(got, s.claim(t, "crm", 10)...)
	}
	list, err := s.Claim(t.Context(), system("crm"), "crm", events.WorkClaim{Max: 10})
	if err != nil || len(list.Tasks) != 0 || list.RetryAfterSeconds == 0 || len(got) != 3 {
		t.Errorf("with %d in hand a claim gives %v, %v; want none and when to ask again", len(got), list, err)
	}
	s.report(t, got[0], events.WorkDone)
	if more := s.claim(t, "crm", 10); len(more) != 1 {
		t.Errorf("after one report %d more were given, want 1", len(more))
	}
}

// TestTokens: the clock of the rate is an argument, and the bucket is counted by it.
func TestTokens(t *testing.T) {
	var now atomic.Int64
	w := newWorld(t)
	w.add("crm", 10)
	s := start(t, w, func(c *fanout.Config) {
		c.Rate = func(events.Code) fanout.Rate { return fanout.Rate{PerMinute: 60, AtOnce: 100} }
		c.Clock = func() time.Time { return time.Unix(1_700_000_000, now.Load()) }
	})
	await(t, "10 bells", func() bool { return s.Counts.Rung() == 10 })
	for second := range 3 {
		if got := s.claim(t, "crm", 10); len(got) != 1 {
			t.Fatalf("second %d gave %d tasks at 60 a minute, want 1", second, len(got))
		}
		list, err := s.Claim(t.Context(), system("crm"), "crm", events.WorkClaim{Max: 10})
		if err != nil || len(list.Tasks) != 0 || list.RetryAfterSeconds != 1 {
			t.Fatalf("within second %d: %v, %v; want none, and one second", second, list, err)
		}
		now.Add(int64(time.Second))
	}
}

// TestDeadTarget: one that never claims takes nothing from the others, and its
// bells take bounded room.
func TestDeadTarget(t *testing.T) {
	w := newWorld(t)
	w.add("dead", 5000)
	w.add("crm", 50)
	s := start(t, w, func(c *fanout.Config) { c.Window = 64 })
	for w.ended("crm") < 50 {
		for _, x := range s.claim(t, "crm", 20) {
			s.report(t, x, events.WorkDone)
		}
	}
	if n := s.Counts.Rung(); n > 64+50+64 {
		t.Errorf("%d bells were rung; the dead one has a window of 64", n)
	}
	s.Counts.EachSystem(func(id events.Code, st fanout.Standing) {
		if id == "dead" && st.Open != 5000 {
			t.Errorf("dead stands at %+v", st)
		}
	})
}

// TestNotYet: what waits for its time, is held, or is done by hand rings for
// nobody, or is refused by the desk and comes later.
func TestNotYet(t *testing.T) {
	w := newWorld(t)
	ids := w.add("crm", 3)
	w.with(ids[0], func(x *task) { x.from = w.now.Add(time.Hour) })
	w.with(ids[1], func(x *task) { x.held = true })
	w.with(ids[2], func(x *task) { x.manual = true })
	s := start(t, w)
	await(t, "a refusal", func() bool {
		list, err := s.Claim(t.Context(), system("crm"), "crm", events.WorkClaim{Max: 5})
		if err != nil || len(list.Tasks) > 0 {
			t.Fatalf("a claim gives %v, %v", list, err)
		}
		return s.Counts.Refused() > 0
	})
	w.later(2 * time.Hour)
	if got := s.claim(t, "crm", 1); len(got) != 1 || got[0].Task != ids[0].String() {
		t.Errorf("after an hour %v, want the one that waited", got)
	}
	w.with(ids[1], func(x *task) { x.held = false })
	if got := s.claim(t, "crm", 1); len(got) != 1 || got[0].Task != ids[1].String() {
		t.Errorf("after the hold %v, want the one that was held", got)
	}
}

// A claim that finds no bell reads the book itself: what may be claimed by the clock
// of the facts is given out at once, though nobody rang.
func TestClaimReadsTheBook(t *testing.T) {
	w := newWorld(t)
	ids := w.add("crm", 3)
	w.with(ids[1], func(x *task) { x.from = w.now.Add(time.Hour) })
	w.with(ids[2], func(x *task) { x.held = true })
	s := start(t, w, func(c *fanout.Config) { c.Every, c.Again = time.Hour, time.Hour })
	s.stop() // nobody rings
	take := func(want events.EventID) {
		t.Helper()
		list, err := s.Claim(t.Context(), system("crm"), "crm", events.WorkClaim{})
		if err != nil || len(list.Tasks) != 1 || list.Tasks[0].Task != want.String() {
			t.Fatalf("%+v, %v", list, err)
		}
		s.report(t, list.Tasks[0], events.WorkDone)
	}
	none := func() {
		t.Helper()
		if list, err := s.Claim(t.Context(), system("crm"), "crm", events.WorkClaim{}); err != nil || len(list.Tasks) != 0 {
			t.Fatalf("%+v, %v", list, err)
		}
	}
	take(ids[0])
	s.Ring()
	none() // the one that is held rests after it was tried
	w.later(2 * time.Hour)
	s.Ring()
	take(ids[1])
	w.with(ids[2], func(x *task) { x.held = false })
	s.Wake()
	take(ids[2])
}

// Many that ask again and again cost few readings of the book.
func TestReadingsAreFew(t *testing.T) {
	w := newWorld(t)
	var clock atomic.Int64
	w.open = func() { clock.Add(int64(20 * time.Millisecond)) } // so long it takes
	s := start(t, w, func(c *fanout.Config) {
		c.Every, c.Clock = time.Hour, func() time.Time { return time.Unix(1, clock.Add(int64(time.Millisecond))) }
	})
	s.stop()
	const asked = 60
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for range asked / 6 {
				if _, err := s.Claim(t.Context(), system("crm"), "crm", events.WorkClaim{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := w.opened.Load(); n == 0 || n > 10 {
		t.Errorf("%d claims read the book %d times", asked, n)
	}
}

// TestDeskDown: a claim that cannot be made durable gives nothing, and the task is
// there when it can be.
func TestDeskDown(t *testing.T) {
	w := newWorld(t)
	w.add("crm", 1)
	w.mu.Lock()
	w.fail = errDown
	w.mu.Unlock()
	s := start(t, w)
	await(t, "a failure", func() bool {
		if list, err := s.Claim(t.Context(), system("crm"), "crm", events.WorkClaim{}); err != nil || len(list.Tasks) > 0 {
			t.Fatalf("a claim gives %v, %v", list, err)
		}
		return s.Counts.Refused() > 0
	})
	w.mu.Lock()
	w.fail = nil
	w.mu.Unlock()
	if got := s.claim(t, "crm", 1); len(got) != 1 {
		t.Error("the task did not come back")
	}
}

// TestHangingUp: whoever goes away in the middle of a claim leaves a claim that
// was made, not half of one.
func TestHangingUp(t *testing.T) {
	w := newWorld(t)
	ids := w.add("crm", 1)
	ctx, cancel := context.WithCancel(t.Context())
	w.claim = cancel
	s := start(t, w)
	for w.tasksOf(ids[0]).attempts == 0 {
		if _, err := s.Claim(ctx, system("crm"), "crm", events.WorkClaim{WaitSeconds: 1}); err != nil {
			t.Fatal(err)
		}
		if ctx.Err() == nil {
			continue
		}
	}
	w.later(time.Hour)
	if got := s.claim(t, "crm", 1); len(got) != 1 || got[0].Attempt != 2 {
		t.Errorf("after the lease %v, want the second attempt", got)
	}
}

func (w *world) tasksOf(id events.EventID) task {
	w.mu.Lock()
	defer w.mu.Unlock()
	return *w.tasks[id]
}

// TestManyMisbehaving: hundreds of tasks, targets that fail, take turns, report
// twice and vanish; every task ends, and none is in two hands.
func TestManyMisbehaving(t *testing.T) {
	w := newWorld(t)
	for i := range 8 {
		w.add(events.Code(fmt.Sprintf("s%d", i)), 60)
	}
	w.add("dead", 60)
	s := start(t, w)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	for i := range 8 {
		id := events.Code(fmt.Sprintf("s%d", i))
		for worker := range 2 {
			wg.Go(func() {
				for n := 0; w.ended(id) < 60 && ctx.Err() == nil; n++ {
					list, err := s.Claim(ctx, system(id), id, events.WorkClaim{Max: 7, WaitSeconds: 1, LeaseSeconds: 30})
					if err != nil {
						t.Error(err)
						return
					}
					for k, x := range list.Tasks {
						switch (n + k + worker) % 5 {
						case 0: // vanishes; the lease ends
							w.later(31 * time.Second)
						case 1:
							s.report(t, x, events.WorkFailed)
						case 2:
							s.report(t, x, events.WorkDone)
							s.report(t, x, events.WorkDone)
						default:
							s.report(t, x, events.WorkDone)
						}
					}
				}
			})
		}
	}
	wg.Wait()
	for i := range 8 {
		if n := w.ended(events.Code(fmt.Sprintf("s%d", i))); n != 60 {
			t.Errorf("s%d: %d of 60 ended", i, n)
		}
	}
	if w.ended("dead") != 0 {
		t.Error("the dead one ended")
	}
}

func TestNATS(t *testing.T) {
	w := newWorld(t)
	ids := w.add("crm", 1)
	s := start(t, w)
	ask := func(subject, body string) string {
		m, err := s.log.Conn().RequestWithContext(t.Context(), subject, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		return string(m.Data)
	}
	await(t, "the service", func() bool {
		_, err := s.log.Conn().RequestWithContext(t.Context(), "habeas.v1.tasks.hr.claim", nil)
		return !errors.Is(err, nats.ErrNoResponders)
	})
	var list events.WorkList
	if err := json.Unmarshal([]byte(ask("habeas.v1.tasks.crm.claim", `{"max":1,"wait_seconds":20}`)), &list); err != nil || len(list.Tasks) != 1 || list.Tasks[0].Task != ids[0].String() {
		t.Fatalf("a claim gives %v, %v", list, err)
	}
	if got := ask("habeas.v1.tasks.hr.report", `{"task":"`+ids[0].String()+`","report":{"attempt":1,"outcome":"done"}}`); !strings.Contains(got, `"task.unknown"`) {
		t.Errorf("another system reports and gets %s", got)
	}
	for _, bad := range []string{``, `{}`, `{"task":"x","report":{"attempt":1,"outcome":"gone"}}`, `{"tusk":1}`} {
		if got := ask("habeas.v1.tasks.crm.report", bad); !strings.Contains(got, `"request.malformed"`) {
			t.Errorf("%q gives %s", bad, got)
		}
	}
	if got := ask("habeas.v1.tasks.crm.report", `{"task":"`+ids[0].String()+`","report":{"attempt":1,"outcome":"done"}}`); !strings.Contains(got, `"state":"accepted"`) {
		t.Errorf("a report gives %s", got)
	}
	// A reply subject that is no inbox would have us publish where the asker may not.
	sub, err := s.log.Conn().SubscribeSync("habeas.tasks.crm.spoofed")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.log.Conn().PublishMsg(&nats.Msg{Subject: "habeas.v1.tasks.crm.claim", Reply: "habeas.tasks.crm.spoofed", Data: []byte(`{}`)}); err != nil {
		t.Fatal(err)
	}
	ask("habeas.v1.tasks.crm.claim", `{}`) // answered after the other was read
	if n, _, _ := sub.Pending(); n != 0 {
		t.Error("a reply went to a subject that is no inbox")
	}
}

func TestLimitsOfAClaim(t *testing.T) {
	s := start(t, newWorld(t))
	for _, c := range []events.WorkClaim{{Max: -1}, {Max: 1000}, {WaitSeconds: -1}, {WaitSeconds: 61}, {LeaseSeconds: 1}, {LeaseSeconds: 100_000}} {
		var no *fanout.Refusal
		if _, err := s.Claim(t.Context(), system("crm"), "crm", c); !errors.As(err, &no) || no.Status != http.StatusBadRequest {
			t.Errorf("%+v gives %v", c, err)
		}
	}
}
