package postgres

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/test/bench/measure"
)

// analyseAfter is when the statistics are brought up to date by hand, as
// autovacuum would a little later: an empty table's plans are bad ones.
const analyseAfter = 20_000

// Phases are the whole comparison with one loading connection (load with
// look-ups beside it, look-ups alone, sizes), and the load alone with two: two
// load a little faster and make readers wait ten times as long. habeas is held
// against the better of the two in each respect.
var Phases = []measure.Phase{
	{Name: "postgres", Says: "PostgreSQL doing the same work", Run: func(ctx context.Context, o measure.Options, dir string) (measure.Metrics, error) {
		return run(ctx, o, dir, "pg", 1, true)
	}},
	{Name: "postgres.two", Says: "PostgreSQL, two connections loading", Run: func(ctx context.Context, o measure.Options, dir string) (measure.Metrics, error) {
		return run(ctx, o, dir, "pg.two", 2, false)
	}},
}

func run(ctx context.Context, o measure.Options, dir, name string, loaders int, whole bool) (m measure.Metrics, err error) {
	census, err := measure.ReadCensus(o)
	if err != nil {
		return nil, err
	}
	c, err := Start(ctx, dir, measure.Memory())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.Stop()) }()
	r := &session{c: c, o: o, census: census, m: measure.Metrics{}, name: name, loaders: loaders}
	if r.conn, err = c.Connect(ctx); err != nil {
		return nil, err
	}
	defer r.conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the server is stopped next
	if _, err := r.conn.Exec(ctx, schema); err != nil {
		return nil, fmt.Errorf("make the tables: %w", err)
	}
	steps := []func(context.Context) error{r.ingest, r.idle, r.sizes}
	if !whole {
		steps = steps[:1]
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return r.m, nil
}

// session is one run of the phase.
type session struct {
	c      *Cluster
	conn   *pgx.Conn // for everything but loading and asking
	o      measure.Options
	census measure.Census
	m      measure.Metrics

	name    string // before the dot of every metric
	loaders int
}

// ingest loads everything with look-ups beside it. Durable and queryable are
// one moment here.
func (r *session) ingest(ctx context.Context) error {
	shared, err := newCodes(ctx, r.c)
	if err != nil {
		return err
	}
	defer shared.close()
	ask, end, err := r.asker(ctx, shared)
	if err != nil {
		return err
	}
	defer end()
	pool := make([]*loader, r.loaders)
	for i := range pool {
		if pool[i], err = newLoader(ctx, r.c, shared); err != nil {
			return err
		}
		defer pool[i].conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the server is stopped next
	}
	var wal0, wal1 int64
	lsn := "SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint"
	if err := r.conn.QueryRow(ctx, lsn).Scan(&wal0); err != nil {
		return fmt.Errorf("ask for the WAL position: %w", err)
	}
	server0, err := r.c.CPU()
	if err != nil {
		return err
	}
	meter := measure.StartMeter()
	feed, beside, err := r.loadAll(ctx, pool, ask)
	if err != nil {
		return err
	}
	s := meter.Stop()
	server1, err := r.c.CPU()
	if err != nil {
		return err
	}
	if err := r.conn.QueryRow(ctx, lsn).Scan(&wal1); err != nil {
		return fmt.Errorf("ask for the WAL position: %w", err)
	}
	n := float64(r.o.Events)
	client := s.CPU - feed - beside.CPU
	r.m[r.name+".e2e.per_s"] = n / s.Wall.Seconds()
	r.m[r.name+".e2e.wall_s"] = s.Wall.Seconds()
	r.m[r.name+".e2e.server_us"] = (server1 - server0).Seconds() * 1e6 / n
	r.m[r.name+".e2e.client_us"] = client.Seconds() * 1e6 / n
	r.m[r.name+".e2e.cpu_us"] = (server1 - server0 + client).Seconds() * 1e6 / n
	r.m[r.name+".wal.bytes"] = float64(wal1-wal0) / n
	r.m[r.name+".memory_mb"] = float64(r.c.Memory()) / (1 << 20)
	beside.Latency.Report(r.m, r.name+".busy")
	return nil
}

// loadAll deals the load out by subject, so that no two loaders write the same
// rows, and returns what generating and asking cost.
func (r *session) loadAll(ctx context.Context, pool []*loader, ask measure.Asker) (generated time.Duration, b measure.Beside, err error) {
	work, workCtx := errgroup.WithContext(ctx)
	done := make(chan struct{})
	var once sync.Once
	finish := func() { once.Do(func() { close(done) }) }
	defer finish()
	var asking errgroup.Group
	asking.Go(func() (err error) {
		b, err = measure.AskBeside(ctx, done, r.census.Head, r.o.LookUps, ask)
		return err
	})
	queues := make([]chan []*events.Observation, len(pool))
	for i, l := range pool {
		queues[i] = make(chan []*events.Observation, 2)
		work.Go(func() error {
			for list := range queues[i] {
				if err := l.load(workCtx, list); err != nil {
					return err
				}
			}
			return nil
		})
	}
	feed := measure.NewFeed(done, r.o, batchSize, nil)
	work.Go(func() error { return r.deal(workCtx, feed, queues) })
	if err := work.Wait(); err != nil {
		return 0, b, err
	}
	finish()
	return feed.CPU(), b, asking.Wait()
}

func (r *session) deal(ctx context.Context, feed *measure.Feed, queues []chan []*events.Observation) error {
	seed := maphash.MakeSeed()
	held := make([][]*events.Observation, len(queues))
	send := func(i int) error {
		select {
		case queues[i] <- held[i]:
			held[i] = nil
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	seen, analysed := 0, false
	for list := range feed.Chunks {
		for _, o := range list {
			i := int(maphash.String(seed, o.Subject[0].Value.Expose()) % uint64(len(queues)))
			held[i] = append(held[i], o)
			if len(held[i]) == batchSize {
				if err := send(i); err != nil {
					return err
				}
			}
		}
		seen += len(list)
		if !analysed && seen >= analyseAfter {
			analysed = true
			if _, err := r.conn.Exec(ctx, "ANALYZE"); err != nil {
				return fmt.Errorf("analyse: %w", err)
			}
		}
	}
	for i := range queues {
		if len(held[i]) > 0 {
			if err := send(i); err != nil {
				return err
			}
		}
		close(queues[i])
	}
	return nil
}
