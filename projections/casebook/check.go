package casebook

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/habeas-data/habeas/events"
)

// CheckRow reads one row of this package and says what is wrong with it, and
// whether the rows that belong to it are there.
func CheckRow(r Reader, k, v []byte) error {
	if len(k) < 2 || k[0] != Family {
		return errKey
	}
	switch k[1] {
	case rowCase:
		return checkCase(r, k, v)
	case rowHead:
		return checkHead(r, k, v)
	case rowFact, rowTaskFact:
		return checkFact(r, k, v)
	case rowDue, rowStatus:
		return checkCaseList(r, k, v)
	case rowBucket:
		return checkBucket(r, k, v)
	case rowTask:
		return checkTask(r, k, v)
	case rowOfCase, rowSystem, rowMoment:
		return checkIndex(r, k, v)
	case rowTally:
		return checkTally(r, k, v)
	case rowTotals:
		if len(k) != 2 {
			return errKey
		}
		_, err := parseTotals(v)
		return err
	}
	return fmt.Errorf("no row of cases begins with %d", k[1])
}

func checkCase(r Reader, k, v []byte) error {
	if len(k) != 18 || len(v) != 4 {
		return errForm
	}
	h, err := headOf(r, events.EventID(k[2:]))
	if err == nil && h == nil {
		err = errKey
	}
	return err
}

func checkHead(r Reader, k, v []byte) error {
	h, err := parseHead(r, k, v)
	if err != nil {
		return err
	}
	own, err := headOf(r, h.ID)
	if err != nil {
		return err
	}
	if own == nil || own.Number != h.Number {
		return fmt.Errorf("the case has another number")
	}
	for _, own := range h.indexKeys() {
		if err := errors.Join(there(r, own), there(r, bucketKey(bucketOf(own)))); err != nil {
			return err
		}
	}
	return allOf(r, key(rowFact, h.ID[:]), h.Version)
}

// allOf reports a version of a case or a task whose fact is missing, or is none
// of it.
func allOf(r Reader, prefix []byte, last uint32) error {
	list, err := facts(r, prefix)
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].Event.Count != uint32(i+1) {
			return fmt.Errorf("the fact of version %d is missing", i+1)
		}
	}
	if uint32(len(list)) != last {
		return fmt.Errorf("%d facts, the last version is %d", len(list), last)
	}
	return nil
}

// there reports a row that is missing.
func there(r Reader, k []byte) error {
	_, ok, err := r.Get(k)
	if err == nil && !ok {
		err = fmt.Errorf("the row %c%c that belongs to it is missing", k[0], k[1])
	}
	return err
}

func checkFact(r Reader, k, v []byte) error {
	f, err := parseFact(r, k, v)
	if err != nil {
		return err
	}
	if e := &f.Event; e.Kind == events.TaskRecorded {
		_, err = TaskOf(r, e.Digest)
	} else {
		_, err = Case(r, e.Of)
	}
	return err // whether each version is there once, the row of the case or the task tells
}

// checkCaseList finds the case that the row is of, and the row among its rows.
func checkCaseList(r Reader, k, v []byte) error {
	var number uint32
	switch {
	case len(v) != 0:
		return errForm
	case k[1] == rowDue && len(k) == 11:
		number = binary.BigEndian.Uint32(k[7:])
	case k[1] == rowStatus && len(k) == 7:
		number = ^binary.BigEndian.Uint32(k[3:])
	default:
		return errKey
	}
	h, err := CaseByNumber(r, number)
	if err == nil && !holds(h.indexKeys(), k) {
		err = errKey
	}
	return err
}

// checkBucket counts what stands in a bucket again.
func checkBucket(r Reader, k, v []byte) error {
	n, err := parseBucket(v)
	if err != nil || len(k) < 6 {
		return errors.Join(err, errKey)
	}
	bucket, found := append([]byte{Family}, k[2:]...), uint32(0)
	err = r.Scan(bucket, nil, func(k, _ []byte) error {
		if len(k) <= len(bucket) || !bytes.Equal(bucketOf(k), bucket) {
			return errKey
		}
		found++
		return nil
	})
	if err == nil && found != n {
		err = fmt.Errorf("%d rows in a bucket of a list, %d counted", found, n)
	}
	return err
}

func checkTask(r Reader, k, v []byte) error {
	t, err := parseTask(r, k, v)
	if err != nil {
		return err
	}
	own := append(t.indexKeys(), ofCaseKey(t.Case, t.ID), tallyKey(t.Case))
	for _, k := range t.indexKeys() {
		own = append(own, bucketKey(bucketOf(k)))
	}
	for _, own := range own {
		if err := there(r, own); err != nil {
			return err
		}
	}
	return allOf(r, key(rowTaskFact, t.ID[:]), t.Version)
}

// checkIndex finds the task that the row is of, and the row among its rows.
func checkIndex(r Reader, k, v []byte) error {
	if len(k) < 2+16 || len(v) != 0 {
		return errForm
	}
	t, err := TaskOf(r, events.EventID(k[len(k)-16:]))
	if err != nil {
		return err
	}
	for _, own := range append(t.indexKeys(), ofCaseKey(t.Case, t.ID)) {
		if bytes.Equal(own, k) {
			return nil
		}
	}
	return errKey
}

func checkTally(r Reader, k, v []byte) error {
	if len(k) != 18 {
		return errKey
	}
	t, err := parseTally(v)
	if err != nil {
		return err
	}
	list, err := TasksOf(r, events.EventID(k[2:]))
	if err != nil {
		return err
	}
	var again Tally
	for i := range list {
		again.add(&list[i])
	}
	if again != t {
		return fmt.Errorf("%d tasks by state, %d of the case, or in other states", t.Total(), again.Total())
	}
	return nil
}

// CheckTotals counts everything again and compares it with the totals.
func CheckTotals(r Reader) error {
	was, err := readTotals(r)
	if err != nil {
		return err
	}
	var again Totals
	err = r.Scan(key(rowHead), nil, func(k, v []byte) error {
		h, err := parseHead(r, k, v)
		if err == nil {
			again.Cases++
			again.Statuses[h.Status()]++
		}
		return err
	})
	if err == nil {
		err = r.Scan(key(rowTask), nil, func(k, v []byte) error {
			t, err := parseTask(r, k, v)
			if err == nil {
				again.Tasks.add(t)
			}
			return err
		})
	}
	if err == nil && again != *was {
		err = fmt.Errorf("totals of %d cases and %d tasks, there are %d and %d, or in other states",
			was.Cases, was.Tasks.Total(), again.Cases, again.Tasks.Total())
	}
	return err
}
