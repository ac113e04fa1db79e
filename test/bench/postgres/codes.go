package postgres

import (
	"context"
	"fmt"
	"math"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/habeas-data/habeas/events"
)

// codes numbers the codes; 0 is absent. Every loader knows the whole table, as
// there are a few hundred. It has a connection of its own, because a loader
// meets new codes in the middle of a COPY.
type codes struct {
	mu   sync.Mutex
	conn *pgx.Conn // guarded by mu
	ids  sync.Map  // events.Code -> int16
	next int16     // guarded by mu
}

func newCodes(ctx context.Context, c *Cluster) (*codes, error) {
	conn, err := c.Connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect for codes: %w", err)
	}
	return &codes{conn: conn}, nil
}

func (c *codes) close() { _ = c.conn.Close(context.Background()) }

// id returns the number of a code and stores a new one durably first.
func (c *codes) id(ctx context.Context, code events.Code) (int16, error) {
	if code == "" {
		return 0, nil
	}
	if n, ok := c.ids.Load(code); ok {
		return n.(int16), nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if n, ok := c.ids.Load(code); ok {
		return n.(int16), nil
	}
	if c.next == math.MaxInt16 {
		return 0, fmt.Errorf("number a code: more than %d codes", math.MaxInt16)
	}
	c.next++
	if _, err := c.conn.Exec(ctx, "INSERT INTO codes VALUES ($1, $2)", c.next, string(code)); err != nil {
		return 0, fmt.Errorf("number a code: %w", err)
	}
	c.ids.Store(code, c.next)
	return c.next, nil
}
