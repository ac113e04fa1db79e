package lives

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

var (
	lives = flag.Int("lives", 0, "how many lives are drawn; 0: some")
	seed  = flag.Uint64("seed", 1, "the seed of the first life")
)

// The two who work on cases.
var (
	kim = access.Caller{Token: "ckimworker", Name: "kim", Roles: []access.Role{access.DPO}}
	ada = access.Caller{Token: "cadaworker", Name: "ada", Roles: []access.Role{access.DPO}}
)

// A stage plays lives on a desk in memory.
type stage struct {
	testing.TB // of the world; the methods below take the failing ones' place
	ctx        context.Context
	w          *desktest.World
	m          *model
	wrong      []string
	byID       map[string]*task // of every case
	crashed    int
	there      map[string]map[key]bool // what targets have in truth
	cleanups   []func()
	done       map[string]int // steps that were carried out
}

// A task is what the model knows of one: whether it is proven.
type task struct {
	of       *request
	target   string
	verb, op string
	parts    []key
	proven   bool
	person   bool // a person ended it
}

type stop struct{}

func (s *stage) Helper()                        {}
func (s *stage) Cleanup(f func())               { s.cleanups = append(s.cleanups, f) }
func (s *stage) Errorf(format string, a ...any) { s.wrong = append(s.wrong, fmt.Sprintf(format, a...)) }
func (s *stage) Error(a ...any)                 { s.wrong = append(s.wrong, fmt.Sprint(a...)) }
func (s *stage) Fatalf(format string, a ...any) { s.Errorf(format, a...); panic(stop{}) }
func (s *stage) Fatal(a ...any)                 { s.Error(a...); panic(stop{}) }
func (s *stage) Context() context.Context       { return s.ctx }

var names = map[string][]string{"shop": {"shop.customer=C-77", "email=ann@example.org"}, "office": {"office.file=F-12", "email=ann@example.org"}}

// play plays one life and says what was wrong with it.
func play(t testing.TB, cat *catalogue.Catalogue, life Life) (s *stage) {
	s = &stage{TB: t, ctx: context.Background(), m: newModel(), byID: map[string]*task{}, there: map[string]map[key]bool{}, done: map[string]int{}}
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(stop); !ok {
				buf := make([]byte, 4<<10)
				s.wrong = append(s.wrong, fmt.Sprintf("panic: %v\n%s", r, buf[:runtime.Stack(buf, false)]))
			}
		}
		for _, f := range s.cleanups {
			f()
		}
	}()
	s.w = desktest.NewWith(s, cat)
	s.w.Speaks = map[events.Code]bool{"shop": true, "office": true, "courier": true, "partner": true}
	s.w.Appended = s.heard
	s.w.Open()
	s.w.Now = date(2026, 3, 2).Add(10 * time.Hour)
	s.m.today = date(2026, 3, 2)
	for _, step := range life.Steps {
		if len(s.wrong) > 0 && step.Do != "show" {
			break
		}
		s.w.Now = s.w.Now.Add(time.Minute)
		before := len(s.wrong)
		s.step(step)
		s.after()
		for i := before; i < len(s.wrong); i++ {
			s.wrong[i] = "at \"" + step.String() + "\": " + s.wrong[i]
		}
	}
	return s
}

// heard watches what the desk says about data: it says gone of what was looked for
// and not found, and of nothing else (I8).
func (s *stage) heard(e *events.Event) {
	if e.Kind != events.RecordRemoved {
		return
	}
	k := key{string(e.Activity.Code), ""}
	for _, c := range e.Categories {
		k.category = string(c.Code)
	}
	looked := false
	for _, t := range s.byID {
		looked = looked || t.proven && t.verb == "erase" && t.target == string(e.ScopeSystem) && slices.Contains(t.parts, k)
	}
	switch {
	case !looked:
		s.Errorf("said to be gone: %s of %s, and nobody looked", k, e.ScopeSystem)
	case s.there[rowOf(k.activity).system][k]:
		s.Errorf("said to be gone: %s, and it is there", k)
	default:
		if h := s.m.holdings[k]; h != nil {
			h.gone = true
		}
	}
}

// act does something that a crash may cut off, and then does it again.
func (s *stage) act(c Crash, f func() error) error {
	if c.At == "" {
		return f()
	}
	n := 0
	switch c.At {
	case "journal":
		s.w.Before = func(e *events.Event) {
			if n++; n == c.Step && c.Lost {
				s.heard(e) // it is saved, and nobody is told
			}
			s.w.FailAppend, s.w.LoseAppend = n == c.Step && !c.Lost, n == c.Step && c.Lost
		}
	case "audit":
		s.w.Journal.Refuse = true
	case "vault":
		s.w.BreakVault(true)
	case "forgetter":
		s.w.FailForgetter(c.Step)
	}
	err := f()
	s.w.Before, s.w.FailAppend, s.w.LoseAppend, s.w.Journal.Refuse = nil, false, false, false
	s.w.BreakVault(false)
	s.w.FailForgetter(0)
	if err == nil || cases.RefusalCode(err) != "" {
		return err
	}
	s.crashed++
	s.w.Open()
	for what, again := range map[string]func(context.Context) error{"load": s.w.Desk.LoadCases, "bind": s.w.Desk.BindOpen, "mend": s.w.Desk.MendTasks} {
		if err := again(s.ctx); err != nil {
			s.Fatalf("after a crash: %s: %v", what, err)
		}
	}
	return f()
}

func (s *stage) now() string { return s.w.Now.Format(time.RFC3339) }

func (s *stage) step(x Step) {
	did := true
	switch x.Do {
	case "store", "share", "milestone", "consent", "objects":
		did = s.report(x)
	case "hold", "lift":
		did = s.keep(x)
	case "days":
		s.pass(x.Days, x.Crash)
	case "open":
		did = s.open(x)
	case "look":
		s.look()
	case "show":
		s.show()
	case "work":
		did = s.work(x)
	default:
		did = s.manage(x)
	}
	if did {
		s.done[x.Do]++
	}
}

func codes(k key) func(*events.Event) {
	return desktest.Codes(events.Code(k.activity), "customer", events.Category{Code: events.Code(k.category)})
}

func toDate(d day) events.Date { return events.DateOf(d) }

// report has a system say something.
func (s *stage) report(x Step) (did bool) {
	k := key{x.Activity, x.Category}
	if x.System != "" && s.m.retired[x.System] || x.Do == "milestone" && len(s.m.retired) > 0 {
		return false // whoever comes back is somebody new
	}
	h := s.m.holdings[k]
	defer func() {
		for _, system := range []string{"shop", "office"} {
			if did && (x.System == system || x.Do == "milestone") {
				s.m.seen[system] = true
			}
		}
	}()
	switch x.Do {
	case "store":
		if h != nil && h.gone {
			return false
		}
		if h == nil {
			h = &holding{record: s.m.today.AddDate(0, 0, -x.Days), stored: s.m.today, shared: map[string]bool{}}
			s.m.holdings[k] = h
		}
		s.w.Report(events.RecordStored, events.Code(x.System), s.now(), names[x.System], desktest.All(codes(k), func(e *events.Event) {
			e.Dataset, e.Provenance, e.RecordDate = events.Code(x.Category), events.Provided, toDate(h.record)
		}))
		s.put(x.System, k)
	case "share":
		if h == nil || h.gone {
			return false
		}
		h.shared[x.Recipient] = true
		s.w.Report(events.RecordShared, events.Code(x.System), s.now(), names[x.System], desktest.All(codes(k), func(e *events.Event) {
			e.Dataset, e.Recipient.Code = events.Code(x.Category), events.Code(x.Recipient)
		}))
		s.put(x.Recipient, k)
	case "milestone":
		if !s.m.ended.IsZero() {
			return false
		}
		s.m.ended = s.m.today.AddDate(0, 0, -x.Days)
		for _, system := range []string{"shop", "office"} {
			s.w.Report(events.MilestoneReached, events.Code(system), s.now(), names[system], func(e *events.Event) {
				e.Milestone, e.Date = "contract_ended", toDate(s.m.ended)
			})
		}
	case "consent":
		s.w.Report(events.ConsentGiven, "shop", s.now(), names["shop"], func(e *events.Event) {
			e.Activity.Code, e.Channels, e.Method, e.GivenBy = events.Code(x.Activity), []events.Code{events.Code(x.Channel)}, 1, 1
		})
	case "objects":
		s.m.objected[x.Activity] = true
		s.w.Report(events.ObjectionMade, "shop", s.now(), names["shop"], func(e *events.Event) { e.Activity.Code = events.Code(x.Activity) })
	}
	return true
}

func (s *stage) put(target string, k key) {
	if s.there[target] == nil {
		s.there[target] = map[key]bool{}
	}
	s.there[target][k] = true
}

// keep places a hold, or lifts one.
func (s *stage) keep(x Step) bool {
	if x.Do == "lift" {
		if len(s.m.holds) == 0 {
			return false
		}
		h := s.m.holds[x.N%len(s.m.holds)]
		if h.lifted {
			return false
		}
		err := s.act(x.Crash, func() error {
			_, err := s.w.Desk.LiftHold(s.ctx, kim, h.id, events.NewPlaintext("settled"))
			return err
		})
		if err != nil && !errors.Is(err, desk.ErrGone) && s.crashed == 0 {
			s.Errorf("lift: %v", err)
		}
		h.lifted = true
		return true
	}
	o := desk.HoldOrder{Caller: kim, System: events.Code(x.System), Activity: events.Code(x.Activity), Ground: "claims", Owner: events.NewPlaintext("legal"), Review: toDate(date(2040, 1, 1))}
	if x.System == "" && x.Activity == "" {
		o.Category = events.Category{Code: "contact"}
		return false // a hold on a person is placed by name; the systems are enough here
	}
	var id string
	err := s.act(x.Crash, func() error {
		v, err := s.w.Desk.PlaceHold(s.ctx, o)
		id = v.ID
		return err
	})
	if err != nil {
		s.Fatalf("hold: %v", err)
	}
	s.m.holds = append(s.m.holds, &hold{id: id, system: x.System, activity: x.Activity})
	if x.Crash.Lost { // the first of two may have been placed before the crash
		s.adoptHolds(x)
	}
	return true
}

// adoptHolds takes over holds that were placed by what a crash cut off.
func (s *stage) adoptHolds(x Step) {
	list, err := s.w.Desk.Holds(s.ctx, kim)
	if err != nil {
		s.Fatalf("holds: %v", err)
	}
	for _, v := range list.Holds {
		if !slices.ContainsFunc(s.m.holds, func(h *hold) bool { return h.id == v.ID }) {
			s.m.holds = append(s.m.holds, &hold{id: v.ID, system: x.System, activity: x.Activity})
		}
	}
}

// pass lets days go by, and what runs by itself run every day.
func (s *stage) pass(days int, c Crash) {
	for d := range days {
		s.w.Now, s.m.today = s.w.Now.AddDate(0, 0, 1), s.m.today.AddDate(0, 0, 1)
		if days > 40 && d%10 != 0 && d != days-1 {
			continue
		}
		if _, err := s.w.Desk.TendTasks(s.ctx); err != nil {
			s.Fatalf("tend: %v", err)
		}
		if _, err := s.w.Desk.ResumeCases(s.ctx); err != nil {
			s.Fatalf("resume: %v", err)
		}
		s.after()
	}
}

// open opens a request.
func (s *stage) open(x Step) bool {
	o := desk.CaseOrder{Caller: kim, Identifiers: []events.Identifier{desktest.ID("email=ann@example.org")}, Via: "email", Text: events.NewPlaintext("please")}
	for _, r := range x.Rights {
		o.Rights = append(o.Rights, catalogue.RightKind(r))
	}
	received := s.m.today.AddDate(0, 0, -x.Days)
	o.Received = toDate(received)
	var c desk.CaseOpened
	err := s.act(x.Crash, func() (err error) { c, err = s.w.Desk.OpenCase(s.ctx, o); return err })
	if err != nil {
		s.Fatalf("open: %v", err)
	}
	id := c.Case
	if id == "" {
		id = c.DuplicateOf
		if slices.ContainsFunc(s.m.requests, func(q *request) bool { return q.id == id }) {
			return false
		}
	}
	s.m.requests = append(s.m.requests, &request{id: id, rights: x.Rights, received: received, finals: map[item]answer{}, chosen: map[item]answer{}})
	return true
}

// of is the case that a step is about: the newest, or one before it.
func (s *stage) of(x Step) *request {
	n := len(s.m.requests)
	if n == 0 {
		return nil
	}
	return s.m.requests[((n-1-x.N)%n+n)%n]
}

func cs(q *request, who access.Caller, why string) desk.CaseStep {
	return desk.CaseStep{Caller: who, Case: q.id, Reason: events.NewPlaintext(why)}
}

// after looks at what must hold after every step.
func (s *stage) after() {
	for _, r := range s.w.Retired() {
		system, _, _ := strings.Cut(r, ":")
		if s.m.retired[system] || system == "habeas" {
			continue
		}
		s.m.retired[system] = true
		// Only whoever has nothing left there is taken out of look-ups.
		for k, h := range s.m.holdings {
			if rowOf(k.activity).system == system && !h.gone && !s.going(k) {
				s.Errorf("%s finds the person no more, and keeps %s", system, k)
			}
		}
	}
}

// going reports whether some case had a holding approved to go.
func (s *stage) going(k key) bool {
	return slices.ContainsFunc(s.m.requests, func(q *request) bool {
		a := q.finals[item{"erasure", k}]
		return a.outcome == "erase" && !a.detached || (a.outcome == "retain" || a.outcome == "restrict") && s.m.past(k)
	})
}

func shipped(t testing.TB) *catalogue.Catalogue {
	t.Helper()
	cat, err := catalogue.LoadFile("testdata/lives.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("testdata/lives.decisions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if cat, err = cat.Decide("lives.decisions.yaml", f); err != nil {
		t.Fatal(err)
	}
	return cat
}

// TestLives draws lives and plays them.
func TestLives(t *testing.T) {
	n := *lives
	if n == 0 {
		n = usual
	}
	cat := shipped(t)
	var next, failed, crashed atomic.Int64
	var mu sync.Mutex
	total := map[string]int{}
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for {
				i := next.Add(1) - 1
				if i >= int64(n) || failed.Load() >= 3 {
					return
				}
				life := Draw(*seed + uint64(i))
				s := play(t, cat, life)
				crashed.Add(int64(s.crashed))
				mu.Lock()
				for k, c := range s.done {
					total[k] += c
				}
				mu.Unlock()
				if len(s.wrong) > 0 && failed.Add(1) <= 3 {
					tell(t, cat, life, s.wrong[0])
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d lives, %d crashes, steps %v", n, crashed.Load(), total)
}

// tell prints a failing life as short as it can be.
func tell(t *testing.T, cat *catalogue.Catalogue, life Life, wrong string) {
	less := life.Shrink(func(l Life) bool {
		s := play(t, cat, l)
		return len(s.wrong) > 0 && kindOf(s.wrong[0]) == kindOf(wrong)
	}, 400)
	s := play(t, cat, less)
	if len(s.wrong) > 0 {
		wrong = strings.Join(s.wrong, "\n  ")
	}
	t.Errorf("seed %d: go test ./test/lives -run TestLives -lives 1 -seed %d\n%s  %s", life.Seed, life.Seed, less.Story(), wrong)
}

// kindOf is what went wrong, without the step and the names in it.
func kindOf(wrong string) string {
	_, after, ok := strings.Cut(wrong, "\": ")
	if !ok {
		after = wrong
	}
	kind, _, _ := strings.Cut(after, ":")
	return kind
}
