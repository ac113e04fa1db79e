package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/habeas-data/habeas/events"
)

// batchSize is how many events one transaction takes: one fsync for all.
const batchSize = 5000

// A name is an identifier as the table has it.
type name struct {
	kind  int16
	value string
}

// A link ties a shared identifier to a subject.
type link struct {
	name
	subject int64
}

// A loader writes events through one connection. It alone writes the subjects
// that it is given, so it may remember their numbers; a cache of what is there
// already spares PostgreSQL most of the look-ups that habeas makes.
type loader struct {
	conn     *pgx.Conn
	codes    *codes
	subjects map[name]int64
	links    map[link]struct{}
}

func newLoader(ctx context.Context, c *Cluster, shared *codes) (*loader, error) {
	conn, err := c.Connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect a loader: %w", err)
	}
	l := &loader{conn: conn, codes: shared, subjects: map[name]int64{}, links: map[link]struct{}{}}
	if err := prepareLoader(ctx, conn); err != nil {
		return nil, errors.Join(err, conn.Close(ctx))
	}
	return l, nil
}

// load makes one batch durable and queryable: I2 and more in one commit.
func (l *loader) load(ctx context.Context, list []*events.Observation) error {
	tx, err := l.conn.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // after a commit there is nothing to undo
	subjects, err := l.resolve(ctx, tx, list)
	if err != nil {
		return fmt.Errorf("resolve %d events: %w", len(list), err)
	}
	if err := l.stage(ctx, tx, list, subjects); err != nil {
		return fmt.Errorf("stage %d events: %w", len(list), err)
	}
	b := &pgx.Batch{}
	b.Queue("insert_events")
	b.Queue("upsert_holdings", int16(events.RecordRemoved), int16(events.RecordUsed))
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("insert %d events: %w", len(list), err)
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit %d events: %w", len(list), err)
	}
	return nil
}

// resolve returns the subject of each event, making what is new.
func (l *loader) resolve(ctx context.Context, tx pgx.Tx, list []*events.Observation) ([]int64, error) {
	primary := make([]name, len(list))
	var fresh []name
	for i, o := range list {
		kind, err := l.codes.id(ctx, o.Subject[0].Kind)
		if err != nil {
			return nil, err
		}
		primary[i] = name{kind, o.Subject[0].Value.Expose()}
		if _, ok := l.subjects[primary[i]]; !ok {
			l.subjects[primary[i]] = 0
			fresh = append(fresh, primary[i])
		}
	}
	if err := l.find(ctx, tx, fresh); err != nil {
		return nil, err
	}
	var add []link
	for _, n := range fresh {
		add = append(add, link{n, l.subjects[n]})
	}
	out := make([]int64, len(list))
	for i, o := range list {
		out[i] = l.subjects[primary[i]]
		for _, id := range o.Subject[1:] {
			kind, err := l.codes.id(ctx, id.Kind)
			if err != nil {
				return nil, err
			}
			k := link{name{kind, id.Value.Expose()}, out[i]}
			if _, ok := l.links[k]; !ok {
				l.links[k] = struct{}{}
				add = append(add, k)
			}
		}
	}
	return out, l.add(ctx, tx, add)
}

// find fills in the subjects of names that this loader has not met.
func (l *loader) find(ctx context.Context, tx pgx.Tx, fresh []name) error {
	if len(fresh) == 0 {
		return nil
	}
	kinds, values := make([]int16, len(fresh)), make([]string, len(fresh))
	for i, n := range fresh {
		kinds[i], values[i] = n.kind, n.value
	}
	rows, err := tx.Query(ctx, "find_subjects", kinds, values)
	if err != nil {
		return fmt.Errorf("look identifiers up: %w", err)
	}
	var n, subject int64
	missing := len(fresh)
	if _, err := pgx.ForEachRow(rows, []any{&n, &subject}, func() error {
		l.subjects[fresh[n-1]] = subject
		missing--
		return nil
	}); err != nil {
		return fmt.Errorf("look identifiers up: %w", err)
	}
	if rows, err = tx.Query(ctx, "new_subjects", missing); err != nil {
		return fmt.Errorf("number new subjects: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return fmt.Errorf("number new subjects: %w", err)
	}
	for _, k := range fresh {
		if l.subjects[k] == 0 {
			l.subjects[k], ids = ids[0], ids[1:]
		}
	}
	return nil
}

func (l *loader) add(ctx context.Context, tx pgx.Tx, add []link) error {
	if len(add) == 0 {
		return nil
	}
	kinds, values, subjects := make([]int16, len(add)), make([]string, len(add)), make([]int64, len(add))
	for i, k := range add {
		kinds[i], values[i], subjects[i] = k.kind, k.value, k.subject
	}
	if _, err := tx.Exec(ctx, "add_identifiers", kinds, values, subjects); err != nil {
		return fmt.Errorf("add identifiers: %w", err)
	}
	return nil
}

var stagingColumns = []string{"time", "subject", "source", "kind", "subject_type", "dataset",
	"activity", "recipient", "provenance", "categories", "id"}

func (l *loader) stage(ctx context.Context, tx pgx.Tx, list []*events.Observation, subjects []int64) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"staging"}, stagingColumns, pgx.CopyFromSlice(len(list), func(i int) ([]any, error) {
		return l.row(ctx, list[i], subjects[i])
	}))
	return err
}

func (l *loader) row(ctx context.Context, o *events.Observation, subject int64) ([]any, error) {
	e := &o.Event
	var n [5]int16
	for i, c := range [5]events.Code{e.Source, e.SubjectType, e.Dataset, events.Code(e.Activity.String()), e.Recipient.Code} {
		var err error
		if n[i], err = l.codes.id(ctx, c); err != nil {
			return nil, err
		}
	}
	cats := make([]int16, len(e.Categories))
	for i, c := range e.Categories {
		var err error
		if cats[i], err = l.codes.id(ctx, events.Code(c.String())); err != nil {
			return nil, err
		}
	}
	return []any{time.UnixMicro(int64(e.Time)), subject, n[0], int16(e.Kind), n[1], n[2], n[3], n[4],
		int16(e.Provenance), cats, o.ExternalID.Expose()}, nil
}
