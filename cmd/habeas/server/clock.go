package server

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/internal/atomicfile"
)

// A clock is the time of day, or under --test-clock the end of a day that a
// script set, which goes forward only. Until a script sets it, it is the time of
// day as well, so that the first day may be any.
type clock struct {
	test bool
	mu   sync.Mutex
	day  time.Time // guarded by mu; zero: not set yet
	// begun is set once a source has sent something. Before that a rehearsal
	// records nothing later than the first day that a script may want; guarded
	// by mu.
	begun bool
}

func newClock(test bool) *clock { return &clock{test: test} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.read()
}

func (c *clock) read() time.Time {
	if c.day.IsZero() {
		return time.Now()
	}
	return c.day
}

// start is what a rehearsal stamps before anything happened in it: recorded
// times never go back, and its first day is not known yet.
var start = time.Date(1970, time.January, 2, 0, 0, 0, 0, time.UTC)

// stamp is the time that the journal records.
func (c *clock) stamp() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.test && c.day.IsZero() && !c.begun {
		return start
	}
	return c.read()
}

// arrival is the time at which something from a source comes in.
func (c *clock) arrival() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begun = true
	return c.read()
}

// set moves the clock to the end of a day, unless that lies before the day that
// was set last, and returns the way back. The first day may be any. What was
// recorded before it keeps its time: recorded times never go back.
func (c *clock) set(day events.Date) (undo func(), ok bool) {
	y, m, d := day.Time().Date()
	end := time.Date(y, m, d+1, 0, 0, 0, 0, london()).Add(-time.Second)
	c.mu.Lock()
	defer c.mu.Unlock()
	if end.Before(c.day) {
		return nil, false
	}
	was := c.day
	c.day = end
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.day = was
	}, true
}

// dayFile keeps the day of a rehearsal for its next start.
func (s *Server) dayFile() string { return filepath.Join(s.cfg.Data, "clock.day") }

// resumeClock lets a rehearsal go on at the day that was set last.
func (s *Server) resumeClock() error {
	if !s.clock.test {
		return nil
	}
	b, err := os.ReadFile(s.dayFile())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var day events.Date
	if err == nil {
		err = day.UnmarshalText(bytes.TrimSpace(b))
	}
	if err != nil {
		return fmt.Errorf("read the day of the rehearsal in %s: %w; remove the file to begin with another day", s.dayFile(), err)
	}
	s.clock.set(day)
	return nil
}

// ClockView is what the server takes for now.
type ClockView struct {
	Now       events.Instant `json:"now"`
	Day       events.Date    `json:"day"` // where the organisation is
	Simulated bool           `json:"simulated"`
	// Set is whether a script has set the day; until then the time of day runs.
	Set bool `json:"set"`
}

// ClockSetting names the day whose end it is to be.
type ClockSetting struct {
	Day string `json:"day"`
}

func (s *Server) clockRoutes() []api.Route {
	return []api.Route{
		{Method: "GET", Pattern: "/v1/clock", Permission: access.SystemsRead, Handler: s.showClock, Gives: ClockView{},
			Summary: "What the server takes for now, and whether a script set it."},
		{Method: "POST", Pattern: "/v1/clock", Permission: access.ClockSet, Handler: s.setClock, Takes: ClockSetting{}, Gives: ClockView{},
			Summary: "Under --test-clock: make it the end of a day. Forward only.", Problems: []string{"clock.real", "clock.backward", "look.not_recorded"}},
	}
}

func (s *Server) clockView() ClockView {
	now := s.clock.now().In(london())
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	return ClockView{Now: events.InstantOf(now), Day: events.DateOf(now), Simulated: s.clock.test, Set: !s.clock.day.IsZero()}
}

func (s *Server) showClock(w http.ResponseWriter, r *http.Request) {
	api.WriteJSON(w, r, http.StatusOK, s.clockView())
}

func (s *Server) setClock(w http.ResponseWriter, r *http.Request) {
	var in ClockSetting
	if p := api.ReadJSON(r, &in); p != nil {
		p.Write(w, r)
		return
	}
	var day events.Date
	if err := day.UnmarshalText([]byte(in.Day)); err != nil {
		p := api.NewProblem("request.malformed", "want a day as YYYY-MM-DD")
		p.Pointer = "/day"
		p.Write(w, r)
		return
	}
	if !s.clock.test {
		api.NewProblem("clock.real", "this server was started without --test-clock, so its clock is the time of day").Write(w, r)
		return
	}
	undo, ok := s.clock.set(day)
	if !ok {
		api.NewProblem("clock.backward", "it shows "+s.clockView().Day.String()+" and goes forward only").Write(w, r)
		return
	}
	// The record of it is stamped with the new day, so that the log of a
	// rehearsal does not begin in the present. A crash before the file is written
	// lets the next start go on at the day before.
	err := api.Record(r.Context(), s.audit, api.CallerOf(r.Context()), "clock.set", "", audit.Done)
	if err == nil {
		err = atomicfile.Write(s.dayFile(), []byte(day.String()+"\n"))
	}
	if err != nil {
		undo()
		s.fail(w, r, "set the clock, which stays as it was", err)
		return
	}
	s.newDay(r.Context())
	api.WriteJSON(w, r, http.StatusOK, s.clockView())
}

// london is where a day ends for the shipped catalogues; without the zone's
// data it is UTC.
func london() *time.Location {
	z, err := time.LoadLocation("Europe/London")
	if err != nil {
		return time.UTC
	}
	return z
}
