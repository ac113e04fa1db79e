package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/habeas-data/habeas/demo"
	"github.com/habeas-data/habeas/demo/standin"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/nats-io/nats.go"
)

// moods of the stand-ins of TestStandIns, and where their erasures end. Who is not
// named is honest.
var moods = map[events.Code]struct {
	mood standin.Mood
	ends string
}{
	"marketing":             {standin.Slow, "verified"},
	"gocardless":            {standin.Failing, "verified"},
	"gohighlevel":           {standin.Lying, "failed"},
	"web":                   {standin.Partial, "verified"},
	"support":               {standin.Repeating, "verified"},
	"platform":              {standin.Shuffled, "verified"},
	"google_analytics":      {standin.Refusing, "kept_lawful"},
	"cape_marketing_agency": {standin.Dead, "planned"},
}

// TestStandIns: recipients and systems take their tasks over HTTP and misbehave each
// in its way. Whoever is honest in the end is verified; a liar is found out; the dead
// one blocks nobody, and the case is not complete.
func TestStandIns(t *testing.T) {
	cfg := configure(t, t.TempDir())
	cfg.TestClock = true
	r := staff(start(t, cfg))
	day := time.Date(2025, 3, 24, 0, 0, 0, 0, time.UTC)
	r.day("2025-03-23")
	story := demo.New(demo.Config{People: 20, Seed: 3, Until: day.AddDate(0, 0, -2)}).Observations()
	if err := r.Play(t.Context(), story, func(int) {}); err != nil {
		t.Fatal(err)
	}
	r.day(day.Format(time.DateOnly))
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	for id, shelf := range standin.Fill(story) {
		token, err := r.SystemToken(t.Context(), id)
		if err != nil {
			continue // a name that no token can have
		}
		wg.Go(func() {
			if err := standin.Run(ctx, standin.Config{Server: r.base, System: id, Token: token, Shelf: shelf, Mood: moods[id].mood, Seed: 3, Wait: time.Second}); err != nil {
				t.Error(err)
			}
		})
	}
	c := r.erases("email", "priya@example.org")
	v, err := r.Desk().RunCase(t.Context(), desk.RunOrder{Caller: r.kim, Case: c})
	if err != nil {
		t.Fatal(err)
	}
	if v.Made < 8 {
		t.Fatalf("only %d tasks", v.Made)
	}
	for range 12 {
		if r.settled(c, 4*time.Second) {
			break
		}
		day = day.AddDate(0, 0, 1)
		r.day(day.Format(time.DateOnly))
	}
	seen := map[string]bool{}
	for _, x := range r.tasks(c) {
		want := "verified"
		if m, ok := moods[events.Code(x.System)]; ok && (x.Verb == "erase" || m.mood == standin.Dead || m.mood == standin.Refusing || m.mood == standin.Lying) {
			want = m.ends
			seen[x.System] = true
		}
		if x.State != want && !(x.State == "manual_waiting" || x.State == "impossible") {
			t.Errorf("%s %s is %s (%s) after %d attempts, want %s", x.System, x.Verb, x.State, x.Detail, x.Attempts, want)
		}
	}
	if len(seen) < 5 {
		t.Errorf("only the moods of %v were tried", seen)
	}
	if s, err := r.Desk().ShowCase(t.Context(), r.kim, c); err != nil || s.Status == "complete" {
		t.Errorf("with a liar and a dead target the case is %s, %v", s.Status, err)
	}
	if strings.Contains(r.logs.String(), "priya@") {
		t.Error("the log names somebody")
	}
}

func (r *office) tasks(c string) []desk.TaskView {
	r.t.Helper()
	p, err := r.Desk().ListTasks(r.t.Context(), desk.TaskQuery{Caller: r.kim, Case: c, Limit: 1000})
	if err != nil {
		r.t.Fatal(err)
	}
	return p.Tasks
}

// settled waits until nothing is left but what its mood leaves, or until it is over.
func (r *office) settled(c string, most time.Duration) bool {
	for end := time.Now().Add(most); time.Now().Before(end); {
		left := 0
		for _, x := range r.tasks(c) {
			switch x.State {
			case "verified", "failed", "kept_lawful", "manual_waiting", "impossible":
			default:
				if moods[events.Code(x.System)].mood != standin.Dead {
					left++
				}
			}
		}
		if left == 0 {
			return true
		}
		<-time.After(50 * time.Millisecond)
	}
	return false
}

// TestTasksOverNATS: a client of the embedded server takes the tasks of its own
// system, and no other subject answers it.
func TestTasksOverNATS(t *testing.T) {
	cfg := configure(t, t.TempDir())
	cfg.TestClock, cfg.NATSListen = true, "127.0.0.1:0"
	r := staff(start(t, cfg))
	r.day("2025-03-19")
	r.send(plantedStory)
	r.day("2025-03-24")
	token, err := r.SystemToken(t.Context(), "marketing")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Desk().RunCase(t.Context(), desk.RunOrder{Caller: r.kim, Case: r.erases("email", planted[1])}); err != nil {
		t.Fatal(err)
	}
	nc, err := nats.Connect(r.NATSAddress(), nats.UserInfo("marketing", token.Expose()))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	ask := func(subject, body string) ([]byte, error) {
		m, err := nc.Request(subject, []byte(body), 20*time.Second)
		if err != nil {
			return nil, err
		}
		return m.Data, nil
	}
	b, err := ask("habeas.v1.tasks.marketing.claim", `{"max":5,"wait_seconds":10}`)
	var list events.WorkList
	if err != nil || json.Unmarshal(b, &list) != nil || len(list.Tasks) == 0 {
		t.Fatalf("claim: %v %s", err, b)
	}
	w := list.Tasks[0]
	if len(w.Subject) == 0 || w.Simulated != true {
		t.Errorf("work %+v", w)
	}
	for _, s := range w.Subject {
		if s.Value == planted[0] {
			t.Error("marketing is told the platform's number")
		}
	}
	if b, err = ask("habeas.v1.tasks.marketing.report", fmt.Sprintf(`{"task":%q,"report":{"attempt":%d,"outcome":"done"}}`, w.Task, w.Attempt)); err != nil || !strings.Contains(string(b), `"accepted"`) {
		t.Errorf("report: %v %s", err, b)
	}
	nc.SetErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})
	for _, subject := range []string{"habeas.v1.tasks.platform.claim", "habeas.tasks.marketing", "$JS.API.STREAM.INFO.HABEAS_TASKS"} {
		if m, err := nc.Request(subject, []byte(`{}`), 200*time.Millisecond); err == nil {
			t.Errorf("%s answers: %s", subject, m.Data)
		}
	}
}

// TestTaskDoors: the doors are a system's own; nobody else's token opens them.
func TestTaskDoors(t *testing.T) {
	r := staff(start(t, configure(t, t.TempDir())))
	if status, body := r.post("/v1/systems/marketing/tasks/claim", "application/json", strings.NewReader(`{}`)); status != http.StatusForbidden {
		t.Errorf("the operator claims: %d %s", status, body)
	}
	token, err := r.SystemToken(t.Context(), "marketing")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"marketing": 200, "platform": 403} {
		req, err := http.NewRequestWithContext(t.Context(), "POST", r.base+"/v1/systems/"+path+"/tasks/claim", strings.NewReader(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token.Expose())
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("claim of %s: %d, want %d", path, res.StatusCode, want)
		}
	}
}
