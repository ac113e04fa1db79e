package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/test/bench/measure"
)

// holding is one row as a program would use it.
type holding struct {
	Subject                                        int64
	System, Dataset, Activity, Category, Recipient int16
	FirstSeen, LastSeen                            time.Time
	LastUsed                                       *time.Time
	SubjectType, Provenance, State                 int16
}

// asker opens a connection that answers footprints by e-mail address.
func (r *session) asker(ctx context.Context, shared *codes) (measure.Asker, func(), error) {
	conn, err := r.c.Connect(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("connect for look-ups: %w", err)
	}
	end := func() { _ = conn.Close(context.WithoutCancel(ctx)) }
	if _, err := conn.Prepare(ctx, "footprint", footprint); err != nil {
		end()
		return nil, nil, fmt.Errorf("prepare the footprint: %w", err)
	}
	email, err := shared.id(ctx, "email")
	if err != nil {
		end()
		return nil, nil, err
	}
	var rows []holding
	return func(ctx context.Context, who string) (int, error) {
		res, err := conn.Query(ctx, "footprint", email, who)
		if err != nil {
			return 0, fmt.Errorf("ask for a footprint: %w", err)
		}
		rows = rows[:0]
		var h holding
		_, err = pgx.ForEachRow(res, []any{&h.Subject, &h.System, &h.Dataset, &h.Activity, &h.Category, &h.Recipient,
			&h.FirstSeen, &h.LastSeen, &h.LastUsed, &h.SubjectType, &h.Provenance, &h.State}, func() error {
			rows = append(rows, h)
			return nil
		})
		if err != nil {
			return 0, fmt.Errorf("read a footprint: %w", err)
		}
		return len(rows), nil
	}, end, nil
}

// idle asks with nothing else going on, once the server has settled.
func (r *session) idle(ctx context.Context) error {
	for _, sql := range []string{"CHECKPOINT", "VACUUM ANALYZE"} {
		if _, err := r.conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("settle: %s: %w", sql, err)
		}
	}
	shared := &codes{}
	var id int16
	if err := r.conn.QueryRow(ctx, "SELECT id FROM codes WHERE code = 'email'").Scan(&id); err != nil {
		return fmt.Errorf("find the number of e-mail: %w", err)
	}
	shared.ids.Store(events.Code("email"), id)
	ask, end, err := r.asker(ctx, shared)
	if err != nil {
		return err
	}
	defer end()
	for name, people := range map[string][]string{"pg.idle.small": r.census.Tail, "pg.idle.large": r.census.Head} {
		l, err := measure.AskIdle(ctx, people, ask, r.o.AskFor)
		if err != nil {
			return err
		}
		l.Report(r.m, name)
	}
	return nil
}

// sizes reads what each table takes on disk, indexes included.
func (r *session) sizes(ctx context.Context) error {
	for _, table := range []string{"events", "holdings", "identifiers"} {
		var bytes, rows int64
		if err := r.conn.QueryRow(ctx, "SELECT pg_total_relation_size($1::regclass)", table).Scan(&bytes); err != nil {
			return fmt.Errorf("size of %s: %w", table, err)
		}
		if err := r.conn.QueryRow(ctx, "SELECT count(*) FROM "+table).Scan(&rows); err != nil {
			return fmt.Errorf("count %s: %w", table, err)
		}
		r.m["pg.disk."+table] = float64(bytes) / float64(r.o.Events)
		r.m["pg.rows."+table] = float64(rows)
	}
	if got := r.m["pg.rows.events"]; got != float64(r.o.Events) {
		return fmt.Errorf("PostgreSQL holds %.0f of %d events", got, r.o.Events)
	}
	r.m["pg.disk"] = r.m["pg.disk.events"] + r.m["pg.disk.holdings"] + r.m["pg.disk.identifiers"]
	return nil
}
