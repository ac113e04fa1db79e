package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/vault/index"
)

// groupSize is how many slots one record names, and how many identifiers are
// enough to begin allocating.
const groupSize = 1024

// commitSize is the most identifiers that one commit allocates: a group and what
// its last caller brings, so that no remainder has a frame and a commit to itself.
const commitSize = 2 * groupSize

// stepBytes is how much steps append together before no other joins them: with the
// last of them they fit one frame, so that what a step keeps does not begin in one
// frame and end in the next.
const stepBytes = MaxFrameBytes - maxKept - 8<<10

// A job is work for the one writer: identifiers to allocate, a step, or a function.
type job struct {
	ctx   context.Context
	wants []want
	step  *step
	fn    func() error
	done  chan error
}

// A step is a small write that may share its frame, and so its wait for the disk,
// with others that come at the same time.
type step struct {
	size int // about what it appends, in bytes
	// build is that of write.
	build func(b *index.Batch) ([][]byte, error)
	// kept is what the restore ledger remembers of it, once it is in the log; nil:
	// nothing.
	kept func() [][]byte
	// over is called when it was done or has failed; nil: nothing is to be done.
	over func()
}

// run is the writer. Everything that appends to the log or writes the index
// happens here, so that allocation is exclusive.
func (v *Vault) run(life context.Context) {
	defer close(v.done)
	v.running = true
	for {
		for len(v.later) > 0 {
			j := v.later[0]
			v.later = v.later[1:]
			v.work(life, j)
		}
		select {
		case <-v.closing:
			v.refuse()
			return
		case j := <-v.jobs:
			v.work(life, j)
		}
	}
}

// serve allocates what waits while the writer is in the middle of something
// long; other jobs keep for later. Rows and keys must agree when it is called.
func (v *Vault) serve(life context.Context) {
	if !v.running {
		return
	}
	var group []*job
	for {
		select {
		case j := <-v.jobs:
			if j.fn != nil || j.step != nil {
				v.later = append(v.later, j)
			} else {
				group = append(group, j)
			}
			continue
		default:
		}
		break
	}
	if len(group) > 0 {
		v.allocate(life, group)
	}
}

// work gathers the allocations and the steps that wait and does them together.
func (v *Vault) work(life context.Context, j *job) {
	var group, steps []*job
	n, size := 0, 0
	for j != nil && j.fn == nil {
		if j.step != nil {
			steps = append(steps, j)
			size += j.step.size
		} else {
			group = append(group, j)
			n += len(j.wants)
		}
		j = nil
		if n >= groupSize || size >= stepBytes {
			break
		}
		select {
		case j = <-v.jobs:
		default:
		}
	}
	if len(group) > 0 {
		v.allocate(life, group)
	}
	if len(steps) > 0 {
		v.together(life, steps)
	}
	if j != nil {
		j.done <- v.guarded(j)
	}
	if v.due && v.usable() == nil {
		if err := v.forgetDue(life); err != nil {
			v.fail(err)
		}
	}
}

// together does steps in one frame and one transaction of the index. If that fails,
// each is tried alone: one that cannot be done takes no other with it.
func (v *Vault) together(life context.Context, group []*job) {
	group = v.willing(group)
	if len(group) == 0 {
		return
	}
	err := v.write(life, func(b *index.Batch) (all [][]byte, err error) {
		for _, j := range group {
			records, err := j.step.build(b)
			if err != nil {
				return nil, err
			}
			all = append(all, records...)
		}
		return all, nil
	}, func(b *index.Batch) error {
		var kept [][]byte
		for _, j := range group {
			if j.step.kept != nil {
				kept = append(kept, j.step.kept()...)
			}
		}
		if len(kept) == 0 {
			return nil
		}
		// A crash between log and ledger leaves what nobody was told is safe; the
		// caller does it again.
		err := v.remember(kept...)
		b.Meta.Ledger = v.meta.Ledger
		return err
	})
	if err != nil && len(group) > 1 {
		for i := range group {
			v.together(life, group[i:i+1])
		}
		return
	}
	for _, j := range group {
		if j.step.over != nil {
			j.step.over()
		}
		j.done <- err
	}
}

// willing answers those whose caller is gone, or all if the vault has stopped, and
// leaves the others.
func (v *Vault) willing(group []*job) []*job {
	return slices.DeleteFunc(group, func(j *job) bool {
		err := j.ctx.Err()
		if err == nil {
			err = v.usable()
		}
		if err != nil {
			j.done <- err
		}
		return err != nil
	})
}

func (v *Vault) guarded(j *job) error {
	if err := j.ctx.Err(); err != nil {
		return err
	}
	if err := v.usable(); err != nil {
		return err
	}
	return j.fn()
}

// refuse answers what still waits when the vault closes.
func (v *Vault) refuse() {
	for _, j := range v.later {
		j.done <- ErrClosed
	}
	for {
		select {
		case j := <-v.jobs:
			j.done <- ErrClosed
		default:
			return
		}
	}
}

// submit hands a job to the writer and waits for its end. After the end of ctx
// the job may still be done.
func (v *Vault) submit(j *job) error {
	if err := v.usable(); err != nil {
		return err
	}
	j.done = make(chan error, 1)
	select {
	case v.jobs <- j:
	case <-v.closing:
		return ErrClosed
	case <-j.ctx.Done():
		return j.ctx.Err()
	}
	select {
	case err := <-j.done:
		return err
	case <-v.done:
		select {
		case err := <-j.done:
			return err
		default:
			return ErrClosed
		}
	case <-j.ctx.Done():
		return j.ctx.Err()
	}
}

// do runs fn in the writer.
func (v *Vault) do(ctx context.Context, fn func() error) error {
	return v.submit(&job{ctx: ctx, fn: fn})
}

// take has the writer take a step.
func (v *Vault) take(ctx context.Context, s *step) error {
	return v.submit(&job{ctx: ctx, step: s})
}

// attempts is how often a write is tried while its outcome is not known. That
// others were first does not count: then somebody gets on.
const attempts = 8

// write appends what build makes and commits it to the index. When the log has
// grown, or the outcome is not known, it catches up and builds again: build
// looks at the index as it is then, and returns no records if what it wanted is
// there. The caller is the writer; before the first job, Open.
func (v *Vault) write(ctx context.Context, build func(b *index.Batch) ([][]byte, error), after func(b *index.Batch) error) error {
	var cause error
	for n := 0; n < attempts; {
		select {
		case <-v.closing:
			return ErrClosed
		default:
		}
		b := v.ix.Begin(v.meta)
		records, err := build(b)
		if err != nil {
			b.Discard()
			return err
		}
		if cause = v.append(ctx, b, records); cause != nil {
			b.Discard()
			if err := ctx.Err(); err != nil {
				return err
			}
			if !errors.Is(cause, ErrStale) {
				n++
			}
			// Whether the frame is in the log or another writer's is: reading on
			// tells.
			if err := v.catchUp(ctx); err != nil {
				return err
			}
			continue
		}
		if after != nil {
			if err := after(b); err != nil {
				b.Discard()
				return err
			}
		}
		return v.commit(b)
	}
	return fmt.Errorf("append to the vault's log, %d times: %w", attempts, cause)
}

// append appends records in as many frames as they need.
func (v *Vault) append(ctx context.Context, b *index.Batch, records [][]byte) error {
	for len(records) > 0 {
		n, size := 0, 0
		for n < len(records) && (n == 0 || size+len(records[n])+8 <= MaxFrameBytes) {
			size += len(records[n]) + 8
			n++
		}
		if err := v.cfg.Step("vault: append"); err != nil {
			return err
		}
		// A crash before the frame is durable leaves nothing; after it, the index
		// lacks it and the next Open reads it from the log.
		seq, err := v.log.Append(ctx, records[:n], b.Meta.Seq)
		if err != nil {
			return fmt.Errorf("append to the vault's log: %w", err)
		}
		b.Meta.Seq = seq
		v.mark(b.Meta)
		records = records[n:]
	}
	return nil
}

// commit makes a batch durable and takes over its meta. After a failure it is
// not known what the index holds, so the vault stops.
func (v *Vault) commit(b *index.Batch) error {
	err := v.cfg.Step("vault: index")
	if err == nil {
		err = b.Commit()
	}
	if err != nil {
		b.Discard()
		return v.fail(err)
	}
	v.meta = *b.Meta
	v.last.Store(v.meta.Seq)
	return nil
}
