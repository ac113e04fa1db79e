package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A Journal is the set of logs of one habeas. Its methods are safe for
// concurrent use.
type Journal struct {
	c    Config
	lock *os.File  // nil without a directory
	srv  *embedded // nil when the server is outside
	js   jetstream.JetStream

	// Own connections for writing, for reading, and one to lend.
	write, read, shared *nats.Conn
	prefix              string // of the JetStream API
	space               space
	guard               *guard // until the logs have been found whole

	life     context.Context // ends when the embedded server is known to be sick
	sick     context.CancelFunc
	stopOnce sync.Once
	stopped  chan struct{} // closed when writing has stopped
	closing  chan struct{} // closed by Close
	cause    error         // set before stopped is closed

	mu     sync.Mutex
	tapes  map[string]*tape // guarded by mu
	closed bool             // guarded by mu
	wg     sync.WaitGroup
}

// Open locks the directory, starts or reaches the server, and checks that it
// can be relied on. Close it.
func Open(ctx context.Context, c Config) (*Journal, error) {
	c, err := c.complete()
	if err != nil {
		return nil, err
	}
	j := &Journal{c: c, tapes: map[string]*tape{}, stopped: make(chan struct{}), closing: make(chan struct{})}
	j.life, j.sick = context.WithCancel(context.Background())
	if err := j.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open journal: %w", err), j.Close())
	}
	return j, nil
}

func (j *Journal) open(ctx context.Context) error {
	var err error
	if j.c.Dir != "" {
		if j.lock, err = lockDir(j.c.Dir); err != nil {
			return err
		}
	}
	if j.c.URL == "" {
		// I2: a killed process may have left frames in the page cache that
		// nobody was told about. Make them durable before anybody is told now.
		if err := syncDir(j.lock); err != nil {
			return err
		}
		j.space.dir, j.space.keep = j.c.Dir, j.c.KeepFree
		if err := j.protect(); err != nil {
			return err
		}
		if j.srv, err = startServer(j.c); err != nil {
			return err
		}
		j.wg.Add(1)
		go j.watch()
	}
	if err := j.connect(); err != nil {
		return err
	}
	opts := []jetstream.JetStreamOpt{jetstream.WithDefaultTimeout(j.c.AckTimeout)}
	j.prefix = "$JS.API."
	if j.c.Domain != "" {
		j.prefix = "$JS." + j.c.Domain + ".API."
		j.js, err = jetstream.NewWithDomain(j.shared, j.c.Domain, opts...)
	} else {
		j.js, err = jetstream.New(j.shared, opts...)
	}
	if err != nil {
		return err
	}
	if err := j.refuseForeign(ctx); err != nil {
		return err
	}
	return j.openExisting(ctx)
}

// watch asks the embedded server for its health whenever it writes an error to
// its log: a failed write is answered with silence.
func (j *Journal) watch() {
	defer j.wg.Done()
	for {
		select {
		case <-j.closing:
			return
		case <-j.stopped:
			return
		case <-j.srv.log.alarm:
			if err := j.srv.health(); err != nil && !j.isClosed() {
				j.stop(fmt.Errorf("%w: %w: free space or mend the disk, then restart; "+
					"events that were acknowledged are safe", ErrStopped, err))
				j.sick()
			}
		}
	}
}

// stop ends writing for good. The first cause is kept.
func (j *Journal) stop(cause error) {
	j.stopOnce.Do(func() {
		j.cause = cause
		close(j.stopped)
		j.c.Log.Error("journal stops writing", slog.Any("error", cause))
	})
}

// Stopped is closed once writing has stopped for good; Err then says why.
// Reading may go on, but the process should end and be started again.
func (j *Journal) Stopped() <-chan struct{} { return j.stopped }

// Err returns why writing has stopped, nil while it has not.
func (j *Journal) Err() error {
	select {
	case <-j.stopped:
		return j.cause
	default:
		return nil
	}
}

// Conn returns a connection for the other services of this process. It belongs
// to the journal.
func (j *Journal) Conn() *nats.Conn { return j.shared }

// Address returns where NATS clients can connect to the embedded server, "" if
// it does not listen.
func (j *Journal) Address() string {
	if j.srv == nil {
		return ""
	}
	return j.srv.address()
}

// Ready reports whether frames can be written now.
func (j *Journal) Ready(ctx context.Context) error {
	if err := j.Err(); err != nil {
		return err
	}
	if j.isClosed() {
		return ErrClosed
	}
	if err := j.space.look(); err != nil {
		return err
	}
	if j.srv != nil {
		return j.srv.health()
	}
	if _, err := j.js.AccountInfo(ctx); err != nil {
		return fmt.Errorf("ask the NATS server: %w", err)
	}
	return nil
}

func (j *Journal) isClosed() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.closed
}

// Close saves what is waiting, stops the server and frees the directory.
// Calling it twice is fine.
func (j *Journal) Close() error {
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		j.wg.Wait()
		return nil
	}
	j.closed = true
	tapes := j.tapes
	j.mu.Unlock()
	for _, t := range tapes {
		t.close()
	}
	close(j.closing)
	j.sick()
	for _, nc := range []*nats.Conn{j.write, j.read, j.shared} {
		if nc != nil {
			nc.Close()
		}
	}
	j.wg.Wait()
	if j.srv != nil {
		j.srv.stop()
	}
	var err error
	if j.guard != nil {
		err = j.guard.putBack()
	}
	// The lock goes last: nothing of ours touches the directory after it.
	if j.lock != nil {
		err = errors.Join(err, j.lock.Close())
	}
	return err
}

// markPath is where the mark of a log is kept, "" without a directory.
func (j *Journal) markPath(n logName) string {
	if j.c.Dir == "" {
		return ""
	}
	return filepath.Join(j.c.Dir, n.stream+".mark")
}
