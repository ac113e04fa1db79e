package runs

import (
	"bytes"
	"errors"
	"slices"
	"sync"
)

// A state is what readers see at one moment: tables and runs, newest first. It
// never changes; refs is guarded by the store's mu.
type state struct {
	tables []*table
	runs   []*run
	mark   any // of the last commit
	refs   int
}

// A Snapshot is the rows at one moment. One goroutine may use it at a time. It
// must be released.
type Snapshot struct {
	s    *Store
	st   *state
	own  *table // of a batch, above all others; nil for readers
	err  error  // why it sees nothing
	once sync.Once
	room *room
}

// A room serves the scans of one snapshot after the other: to make its cursors
// costs more than a scan of few rows.
type room struct {
	scan scan
	busy bool // a scan is under way
	page pageCursor
}

var rooms = sync.Pool{New: func() any { return new(room) }}

// roomFor is how many cursors a room keeps at most.
const roomFor = 64

// Snapshot returns the rows as the last commit left them.
func (s *Store) Snapshot() *Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.refs++
	v := &Snapshot{s: s, st: s.state, room: rooms.Get().(*room)}
	if s.closing {
		v.err = ErrClosed
	}
	return v
}

// Release lets the store remove what only this snapshot still saw.
func (v *Snapshot) Release() {
	v.once.Do(func() {
		v.s.mu.Lock()
		closing := v.s.unref(v.st)
		v.s.mu.Unlock()
		v.s.closeRuns(closing)
		if v.room.leave() {
			rooms.Put(v.room)
		}
		v.room, v.err = new(room), ErrClosed
	})
}

// leave lets go of what the cursors stood at, and reports whether the room is
// worth keeping.
func (r *room) leave() bool {
	if r.busy || cap(r.scan.cursors) > roomFor {
		return false
	}
	cursors := r.scan.cursors[:cap(r.scan.cursors)]
	for i := range cursors {
		cursors[i] = cursor{page: pageCursor{key: cursors[i].page.key[:0]}}
	}
	clear(r.scan.live[:cap(r.scan.live)])
	r.page = pageCursor{key: r.page.key[:0]}
	return true
}

// Mark is what was given to the last Commit that the snapshot sees; nil if there
// was none since the store was opened.
func (v *Snapshot) Mark() any { return v.st.mark }

// Get returns a row. The value must not be changed, and stays as it is.
func (v *Snapshot) Get(key []byte) ([]byte, bool, error) {
	h := hash(key)
	if v.err != nil {
		return nil, false, v.err
	}
	for _, t := range v.st.tables {
		if e := t.get(key, h); e != nil {
			return t.in.value(e), e.length != isGone, nil
		}
	}
	return v.fromRuns(key, h)
}

func (v *Snapshot) fromRuns(key []byte, h uint64) ([]byte, bool, error) {
	for _, r := range v.st.runs {
		if !r.filter.has(h) {
			continue
		}
		i := r.pageOf(key)
		if i < 0 {
			continue
		}
		p, err := r.read(i)
		if err != nil {
			return nil, false, err
		}
		c := &v.room.page
		c.seek(p, key)
		if c.err != nil {
			return nil, false, c.err
		}
		if c.ok && bytes.Equal(c.key, key) {
			return c.value, !c.gone, nil
		}
	}
	return nil, false, nil
}

var errFound = errors.New("found")

// Next returns the first key that is not before key; nil if there is none. It is
// valid until the next call.
func (v *Snapshot) Next(key []byte) (next []byte, err error) {
	err = v.Scan(nil, key, func(k, _ []byte) error {
		next = slices.Clone(k)
		return errFound
	})
	if err == errFound {
		err = nil
	}
	return next, err
}

// Scan calls fn for the rows whose keys begin with prefix, in order, from start
// on; from the first if start is empty. An error of fn ends it and is returned.
// The key is valid during the call; the value stays as it is.
func (v *Snapshot) Scan(prefix, start []byte, fn func(key, value []byte) error) error {
	if v.room.busy { // a scan within a scan
		return new(scan).over(v, prefix, start, fn)
	}
	v.room.busy = true
	defer func() { v.room.busy = false }()
	return v.room.scan.over(v, prefix, start, fn)
}

// A scan is one walk over all that a snapshot sees.
type scan struct {
	cursors []cursor
	live    []*cursor // newest first; each stands at a row
}

// A cursor walks over one table or one run.
type cursor struct {
	// of the row it stands at
	word  uint64
	key   []byte
	value []byte
	gone  bool
	hash  uint64 // 0 if it would have to be made
	ok    bool   // it stands at a row

	rows []entry // of a table, those after this one
	in   arena

	r    *run
	i    int // page
	page pageCursor
	read func(r *run, i int) (*page, error)
}

func (x *scan) over(v *Snapshot, prefix, start []byte, fn func(key, value []byte) error) error {
	if v.err != nil {
		return v.err
	}
	if bytes.Compare(start, prefix) < 0 {
		start = prefix
	}
	if err := x.begin(v, prefix, start); err != nil {
		return err
	}
	for len(x.live) > 0 {
		c := x.least()
		if !bytes.HasPrefix(c.key, prefix) {
			return nil
		}
		if !c.gone {
			if err := fn(c.key, c.value); err != nil {
				return err
			}
		}
		if err := x.pass(c); err != nil {
			return err
		}
	}
	return nil
}

// begin stands a cursor at the start of each table and run that may have rows
// under the prefix.
func (x *scan) begin(v *Snapshot, prefix, start []byte) error {
	n := len(v.st.tables) + len(v.st.runs) + 1
	x.cursors = slices.Grow(x.cursors[:0], n)[:n]
	x.live = x.live[:0]
	var h uint64
	narrow := v.s.cfg.Prefix > 0 && len(prefix) >= v.s.cfg.Prefix
	if narrow {
		h = hash(prefix[:v.s.cfg.Prefix])
	}
	n = 0
	next := func() *cursor {
		c := &x.cursors[n]
		n++
		return c
	}
	table := func(t *table) {
		if narrow && !t.filter.has(h) {
			return
		}
		c := next()
		c.r, c.rows, c.in = nil, t.rows[t.seek(start):], t.in
		if c.step(); c.ok && bytes.HasPrefix(c.key, prefix) {
			x.live = append(x.live, c)
		}
	}
	if v.own != nil {
		table(v.own)
	}
	for _, t := range v.st.tables {
		table(t)
	}
	for _, r := range v.st.runs {
		if narrow && !r.filter.has(h) {
			continue
		}
		c := next()
		c.rows, c.r, c.read = nil, r, (*run).read
		if err := c.seek(start); err != nil {
			return err
		}
		if c.ok && bytes.HasPrefix(c.key, prefix) {
			x.live = append(x.live, c)
		}
	}
	return nil
}

// least returns the cursor with the least key; of equal ones the newest.
func (x *scan) least() *cursor {
	c := x.live[0]
	for _, o := range x.live[1:] {
		if compare(o.word, o.key, c.word, c.key) < 0 {
			c = o
		}
	}
	return c
}

// pass moves c, and what older tables and runs say of the same key.
func (x *scan) pass(c *cursor) error {
	ended := false
	for _, o := range x.live {
		if o == c || compare(o.word, o.key, c.word, c.key) != 0 {
			continue
		}
		if err := o.step(); err != nil {
			return err
		}
		ended = ended || !o.ok
	}
	if err := c.step(); err != nil {
		return err
	}
	if ended || !c.ok {
		x.live = slices.DeleteFunc(x.live, func(o *cursor) bool { return !o.ok })
	}
	return nil
}

// step moves to the next row.
func (c *cursor) step() error {
	if c.r == nil {
		if len(c.rows) == 0 {
			c.ok = false
			return nil
		}
		e := &c.rows[0]
		c.rows = c.rows[1:]
		c.word, c.key, c.value, c.gone, c.hash, c.ok = e.word, c.in.key(e), c.in.value(e), e.length == isGone, e.hash, true
		return nil
	}
	c.page.step()
	return c.stand()
}

// seek stands the cursor of a run at the first row whose key is not before key.
func (c *cursor) seek(key []byte) error {
	c.i = max(0, c.r.pageOf(key))
	c.ok = false
	if len(c.r.firsts) == 0 {
		return nil
	}
	p, err := c.read(c.r, c.i)
	if err != nil {
		return err
	}
	c.page.seek(p, key)
	return c.stand()
}

// stand takes the row of the page's cursor, or goes on to the next page.
func (c *cursor) stand() error {
	for !c.page.ok {
		if c.page.err != nil {
			return c.r.wrap(c.page.err)
		}
		if c.i++; c.i == len(c.r.firsts) {
			c.ok = false
			return nil
		}
		p, err := c.read(c.r, c.i)
		if err != nil {
			return err
		}
		c.page.first(p)
	}
	c.key, c.value, c.gone, c.hash, c.ok = c.page.key, c.page.value, c.page.gone, 0, true
	c.word = word(c.key)
	return nil
}
