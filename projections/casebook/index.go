package casebook

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/projections/inventory"
)

// Lists are rows without a value that come and go. What went leaves a mark in the
// store until tables are merged, and to pass over the marks of years would cost
// more than to read the list. So each list is kept in buckets, and a row says for
// each how many stand in it: a bucket with none has no such row and is never
// looked at.

// bucketOf is the part of a list's key that its bucket is named by; nil, if there
// can be no such key.
func bucketOf(k []byte) []byte {
	switch {
	case len(k) < 7:
		return nil
	case k[1] == rowDue, k[1] == rowMoment:
		return k[:7] // to the day
	case k[1] == rowStatus:
		return k[:6] // 256 numbers
	}
	return k[:max(0, len(k)-16)] // of rowSystem: to the day
}

func bucketKey(bucket []byte) []byte { return key(rowBucket, bucket[1:]) }

// reindex takes the rows of was away and writes those of is.
func reindex(b Batch, was, is [][]byte) error {
	for _, k := range was {
		if !holds(is, k) {
			b.Delete(k)
			if err := countBucket(b, k, -1); err != nil {
				return err
			}
		}
	}
	for _, k := range is {
		if !holds(was, k) {
			b.Set(k, nil)
			if err := countBucket(b, k, 1); err != nil {
				return err
			}
		}
	}
	return nil
}

func holds(keys [][]byte, k []byte) bool {
	return slices.ContainsFunc(keys, func(x []byte) bool { return bytes.Equal(x, k) })
}

func countBucket(b Batch, k []byte, by int64) error {
	k = bucketKey(bucketOf(k))
	v, ok, err := b.Get(k)
	if err != nil {
		return err
	}
	n := by
	if ok {
		old, err := parseBucket(v)
		if err != nil {
			return err
		}
		n += int64(old)
	}
	switch {
	case n == 0:
		b.Delete(k)
	case n < 0:
		return fmt.Errorf("count a bucket of a list: less than none stand in it")
	default:
		b.Set(k, four(uint32(n)))
	}
	return nil
}

func parseBucket(v []byte) (uint32, error) {
	if len(v) != 4 || binary.BigEndian.Uint32(v) == 0 {
		return 0, fmt.Errorf("read the row of a bucket: %w", errForm)
	}
	return binary.BigEndian.Uint32(v), nil
}

// bucketsAtOnce is how many names of buckets are read ahead.
const bucketsAtOnce = 64

// buckets calls fn for the buckets under a prefix that hold anything, in order,
// from the one that the key from stands in, or would. fn returning
// inventory.ErrStop ends it.
func buckets(r Reader, prefix, from []byte, fn func(bucket []byte, n uint32) error) error {
	type one struct {
		bucket []byte
		n      uint32
	}
	start := bucketKey(from)
	for {
		var list []one
		err := r.Scan(bucketKey(prefix), start, func(k, v []byte) error {
			n, err := parseBucket(v)
			if err != nil {
				return err
			}
			if list = append(list, one{append([]byte{Family}, k[2:]...), n}); len(list) == bucketsAtOnce {
				return inventory.ErrStop
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, x := range list {
			if err := fn(x.bucket, x.n); err != nil {
				return err
			}
		}
		if len(list) < bucketsAtOnce {
			return nil
		}
		start = append(bucketKey(list[len(list)-1].bucket), 0)
	}
}

// entries calls fn for the keys of a list under a prefix, in order, from the key
// start on (from the beginning, if it is empty). size is how long they are.
func entries(r Reader, prefix, start []byte, size int, fn func(k []byte) error) error {
	from := prefix
	if b := bucketOf(start); len(b) > 0 {
		from = b
	}
	err := buckets(r, prefix, from, func(bucket []byte, _ uint32) error {
		stopped := false
		at := bucket
		if bytes.HasPrefix(start, bucket) {
			at = start
		}
		err := r.Scan(bucket, at, func(k, _ []byte) error {
			if len(k) != size {
				return errKey
			}
			err := fn(k)
			stopped = errors.Is(err, inventory.ErrStop)
			return err
		})
		if err == nil && stopped {
			err = inventory.ErrStop
		}
		return err
	})
	if errors.Is(err, inventory.ErrStop) {
		return nil
	}
	return err
}

// days sums the buckets of a list by day that lie before one.
func days(r Reader, prefix []byte, before uint32) (n int, err error) {
	err = buckets(r, prefix, prefix, func(bucket []byte, in uint32) error {
		if len(bucket) < len(prefix)+4 {
			return errKey
		}
		if binary.BigEndian.Uint32(bucket[len(prefix):]) >= before {
			return inventory.ErrStop
		}
		n += int(in)
		return nil
	})
	if errors.Is(err, inventory.ErrStop) {
		err = nil
	}
	return n, err
}
