package server

import (
	"context"
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/vault"
)

var (
	descCases     = desc("cases", "Cases, by status.", "status")
	descCasesLate = desc("cases_overdue", "Cases whose person waits for an answer that was due before today.")
	descTasks     = desc("tasks", "Tasks, by state.", "state")
	descTasksLate = desc("tasks_overdue", "Tasks that have not ended although the day before which to act has come.")
	descLeases    = desc("tasks_lease_ended", "Tasks that somebody claimed and did not report on in time.")
)

// cases counts cases and tasks. Labels are statuses and states.
func (m *metrics) cases(gauge func(*prometheus.Desc, float64, ...string)) {
	v := m.s.graph.View()
	defer v.Close()
	totals, err := casebook.Counts(v)
	if err != nil {
		m.s.log.Warn("the cases could not be measured", "error", err)
		return
	}
	for _, s := range casebook.Statuses() {
		gauge(descCases, float64(totals.Statuses[s]), s.String())
	}
	for _, s := range casebook.States() {
		gauge(descTasks, float64(totals.Tasks.In(s)), string(s))
	}
	gauge(descTasks, float64(totals.Tasks.In("")), "unnamed")
	now := m.s.clock.now()
	late, err := casebook.CountOverdue(v, events.DateOf(now.In(london())))
	tasks, err2 := casebook.CountDue(v, casebook.MustHaveRun, events.InstantOf(now)+1)
	leases, err3 := casebook.CountDue(v, casebook.LeaseEnds, events.InstantOf(now))
	if err := errors.Join(err, err2, err3); err != nil {
		m.s.log.Warn("what is overdue could not be measured", "error", err)
		return
	}
	gauge(descCasesLate, float64(late))
	gauge(descTasksLate, float64(tasks))
	gauge(descLeases, float64(leases))
}

// checkCases checks that what is sealed of the cases that have not ended can be
// opened: without it nobody can go on with them. Of those that ended the file may
// have been destroyed, as it should be. Nothing of a body is kept or shown.
func (s *Server) checkCases(ctx context.Context, r *Report) {
	v := s.graph.View()
	defer v.Close()
	totals, err := casebook.Counts(v)
	if err != nil {
		r.add("cases", err, "")
		return
	}
	live, err := s.liveCases(ctx, v)
	r.add("cases", err, "%d cases, %d tasks; all that is sealed of the %d cases that have not ended can be opened", totals.Cases, totals.Tasks.Total(), live)
}

func (s *Server) liveCases(ctx context.Context, v *projections.View) (live int, err error) {
	for from := ""; ; {
		page, err := casebook.List(v, casebook.Filter{Live: true}, casebook.ByDue, from, 100)
		if err != nil {
			return live, err
		}
		for i := range page.Cases {
			h := &page.Cases[i]
			if err := s.sealedOf(ctx, v, h.ID); err != nil {
				return live, fmt.Errorf("case %s: %w; restore the vault from a backup", h.ID, err)
			}
			live++
		}
		if from = page.Next; from == "" {
			return live, ctx.Err()
		}
	}
}

// sealedOf opens what is sealed of a case and of its tasks.
func (s *Server) sealedOf(ctx context.Context, v *projections.View, of events.EventID) error {
	var notes []events.EventID
	facts, err := casebook.Facts(v, of)
	if err != nil {
		return err
	}
	for i := range facts {
		notes = append(notes, facts[i].Event.Note)
	}
	tasks, err := casebook.TasksOf(v, of)
	if err != nil {
		return err
	}
	for i := range tasks {
		if !tasks[i].Ended() {
			notes = append(notes, tasks[i].Body)
		}
	}
	for i, id := range notes {
		if id.IsZero() {
			continue
		}
		_, err := s.vault.Revealer().OpenNote(ctx, id)
		if errors.Is(err, vault.ErrUnknown) {
			return fmt.Errorf("body %d of %d is not in the vault", i+1, len(notes))
		}
		if err != nil {
			return fmt.Errorf("open body %d of %d: %w", i+1, len(notes), err)
		}
	}
	return nil
}
