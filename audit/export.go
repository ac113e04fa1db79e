package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/habeas-data/habeas/events"
)

const (
	exportVersion = 1
	exportKind    = "habeas.audit"
	maxLine       = 16 << 10
)

// An ExportHead is the first line of an export.
type ExportHead struct {
	V    int    `json:"v"`
	Kind string `json:"kind"`
	Key  string `json:"key"` // its name
	Size int64  `json:"size"`
	// Whole: every record of the log is here. Otherwise what the filter took,
	// each with a path of its own.
	Whole   bool        `json:"whole"`
	Case    string      `json:"case,omitempty"`
	Actor   events.Code `json:"actor,omitempty"`
	Act     events.Code `json:"act,omitempty"`
	Outcome events.Code `json:"outcome,omitempty"`
	From    string      `json:"from,omitempty"`
	To      string      `json:"to,omitempty"`
}

// An ExportLine is a record of an export. The last line holds the number of
// records and the signed checkpoint, and no record.
type ExportLine struct {
	Index      *int64           `json:"index,omitempty"`
	Record     json.RawMessage  `json:"record,omitempty"`
	Path       tlog.RecordProof `json:"path,omitempty"`
	Records    *int64           `json:"records,omitempty"`
	Checkpoint string           `json:"checkpoint,omitempty"`
}

func (f Filter) head(key string, size int64) ExportHead {
	h := ExportHead{V: exportVersion, Kind: exportKind, Key: key, Size: size, Whole: f == Filter{}, Actor: f.Actor, Act: f.Act, Outcome: f.Outcome}
	if !f.Case.IsZero() {
		h.Case = f.Case.String()
	}
	for at, to := range map[events.Instant]*string{f.From: &h.From, f.To: &h.To} {
		if at != 0 {
			*to = at.String()
		}
	}
	return h
}

// Export writes the records that the filter takes, oldest first, as JSON Lines
// with all that is needed to check them without the server. It goes as far as
// the log went when it was called.
func (l *Log) Export(ctx context.Context, w io.Writer, f Filter) error {
	size, err := l.settled()
	if err != nil {
		return err
	}
	key, err := KeyName(l.vkey)
	if err != nil {
		return err
	}
	signed, err := l.SignedCheckpointAt(size)
	if err != nil {
		return err
	}
	head := f.head(key, size)
	out := bufio.NewWriter(w)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	if err := lines.Encode(head); err != nil {
		return fmt.Errorf("write the audit export: %w", err)
	}
	count := int64(0)
	err = l.each(ctx, f, size, func(n int64, record []byte, _ *Entry) error {
		line := ExportLine{Index: &n, Record: record}
		if !head.Whole {
			p, err := l.Proof(n, size)
			if err != nil {
				return err
			}
			line.Path = p.Path
		}
		count++
		return lines.Encode(line)
	})
	if err == nil {
		err = lines.Encode(ExportLine{Records: &count, Checkpoint: string(signed)})
	}
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return fmt.Errorf("write the audit export: %w", err)
	}
	return nil
}

// Each calls fn for every record that the filter takes, oldest first, to the
// end as of the call.
func (l *Log) Each(ctx context.Context, f Filter, fn func(Numbered) error) error {
	size, err := l.settled()
	if err != nil {
		return err
	}
	return l.each(ctx, f, size, func(n int64, _ []byte, e *Entry) error { return fn(Numbered{n, *e}) })
}

func (l *Log) each(ctx context.Context, f Filter, size int64, fn func(n int64, record []byte, e *Entry) error) error {
	first, err := l.firstAt(f.From, size)
	if err != nil {
		return err
	}
	var mark []byte // what a record of the case must hold, so that others need not be decoded
	if !f.Case.IsZero() {
		mark = []byte(`"case":"` + f.Case.String() + `"`)
	}
	for n := first; n < size; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		b, err := l.tree.record(n)
		if err != nil {
			return err
		}
		if mark != nil && !bytes.Contains(b, mark) {
			continue
		}
		e, err := decodeEntry(b)
		if err != nil {
			return fmt.Errorf("read audit record %d: %w: %w", n, ErrDamaged, err)
		}
		if f.To > 0 && e.At >= f.To {
			return nil // times never go back
		}
		if !f.takes(&e) {
			continue
		}
		if err := fn(n, b, &e); err != nil {
			return err
		}
	}
	return nil
}

// firstAt is the first record that is not older than at.
func (l *Log) firstAt(at events.Instant, size int64) (int64, error) {
	low, high := int64(0), size
	for at > 0 && low < high {
		mid := low + (high-low)/2
		e, err := l.entry(mid)
		if err != nil {
			return 0, err
		}
		if e.At < at {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, nil
}

// What is wrong with an export.
var (
	// ErrNotExport: the file is no audit export, or one of a form not known here.
	ErrNotExport = errors.New("this is no audit export of a form known here")
	// ErrExport: the export does not agree with its checkpoint, or was cut.
	ErrExport = errors.New("the audit export does not hold")
)

// An ExportReport says what CheckExport checked.
type ExportReport struct {
	Head       ExportHead
	Records    int64
	Checkpoint Checkpoint
}

// CheckExport checks an export under the public key and calls fn for each of its
// records. It needs no server. Of an export that is not whole it cannot say
// whether records were left out.
//
// fn sees records before they are proved: believe none of them unless
// CheckExport returns no error. Errors: ErrNotExport, ErrExport.
func CheckExport(r io.Reader, vkey string, fn func(Numbered)) (ExportReport, error) {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, maxLine), maxLine)
	var rep ExportReport
	if !in.Scan() || strictJSON(in.Bytes(), &rep.Head) != nil || rep.Head.Kind != exportKind {
		return rep, ErrNotExport
	}
	if rep.Head.V != exportVersion {
		return rep, fmt.Errorf("version %d: %w", rep.Head.V, ErrNotExport)
	}
	c := exportCheck{head: rep.Head, last: -1}
	for in.Scan() {
		if c.end != nil {
			return rep, fmt.Errorf("%w: something follows its last line", ErrExport)
		}
		if err := c.line(in.Bytes(), fn); err != nil {
			return rep, fmt.Errorf("%w: line %d: %w", ErrExport, c.count+2, err)
		}
	}
	if err := in.Err(); err != nil {
		return rep, fmt.Errorf("%w: read it: %w", ErrExport, err)
	}
	if c.end == nil {
		return rep, fmt.Errorf("%w: its last line is missing, so it was cut", ErrExport)
	}
	rep.Records = c.count
	var err error
	if rep.Checkpoint, err = OpenCheckpoint([]byte(c.end.Checkpoint), vkey); err == nil {
		err = c.finish(rep.Checkpoint)
	}
	if err != nil {
		return rep, fmt.Errorf("%w: %w", ErrExport, err)
	}
	return rep, nil
}

// exportCheck holds what must be kept until the checkpoint at the end is read.
type exportCheck struct {
	head  ExportHead
	last  int64
	count int64
	end   *ExportLine
	peaks []peak // of the tree so far, where the export is whole
	root  *tlog.Hash
}

// A peak is the root of 1<<level records that are all there.
type peak struct {
	level int
	hash  tlog.Hash
}

func (c *exportCheck) line(b []byte, fn func(Numbered)) error {
	var v ExportLine
	if strictJSON(b, &v) != nil {
		return errors.New("not in its form")
	}
	if v.Index == nil {
		c.end = &v
		return nil
	}
	e, err := decodeEntry(v.Record)
	if err != nil {
		return err
	}
	if *v.Index <= c.last || *v.Index >= c.head.Size {
		return errors.New("records are out of order")
	}
	if !c.head.takes(&e) {
		return errors.New("a record is not of what its first line says")
	}
	if c.head.Whole && *v.Index != c.last+1 {
		return errors.New("a record is missing")
	}
	shown, err := leaf(v.Record)
	if err != nil {
		return err
	}
	c.last = *v.Index
	c.count++
	if c.head.Whole {
		c.add(tlog.RecordHash(shown))
	} else if err := c.prove(*v.Index, v.Path, tlog.RecordHash(shown)); err != nil {
		return err
	}
	fn(Numbered{*v.Index, e})
	return nil
}

// takes reports whether a record is one that the head speaks of: nothing else proves
// what the head says.
func (h *ExportHead) takes(e *Entry) bool {
	return (h.Case == "" || h.Case == e.Case.String()) && (h.Actor == "" || h.Actor == e.Actor) && (h.Act == "" || h.Act == e.Act) && (h.Outcome == "" || h.Outcome == e.Outcome)
}

// add is one leaf more: equal peaks merge.
func (c *exportCheck) add(h tlog.Hash) {
	p := peak{0, h}
	for n := len(c.peaks); n > 0 && c.peaks[n-1].level == p.level; n-- {
		p = peak{p.level + 1, tlog.NodeHash(c.peaks[n-1].hash, p.hash)}
		c.peaks = c.peaks[:n-1]
	}
	c.peaks = append(c.peaks, p)
}

// prove computes the root that the path of one record leads to. All must lead
// to the same, which is compared with the checkpoint at the end.
func (c *exportCheck) prove(index int64, path tlog.RecordProof, h tlog.Hash) error {
	root, err := rootOf(path, c.head.Size, index, h)
	if err != nil {
		return err
	}
	if c.root != nil && *c.root != root {
		return errors.New("two records lead to different roots")
	}
	c.root = &root
	return nil
}

// rootOf folds the path of a record, as in RFC 6962, section 2.1.1.
func rootOf(path tlog.RecordProof, size, index int64, h tlog.Hash) (tlog.Hash, error) {
	at, last := index, size-1
	for _, p := range path {
		if last == 0 {
			return h, errors.New("the path of a record is too long")
		}
		if at&1 == 1 || at == last {
			h = tlog.NodeHash(p, h)
			for at&1 == 0 && at != 0 {
				at, last = at>>1, last>>1
			}
		} else {
			h = tlog.NodeHash(h, p)
		}
		at, last = at>>1, last>>1
	}
	if last != 0 {
		return h, errors.New("the path of a record is too short")
	}
	return h, nil
}

func (c *exportCheck) finish(to Checkpoint) error {
	if c.end.Records == nil || *c.end.Records != c.count {
		return errors.New("the number of its records is not the one its last line names")
	}
	if to.Size != c.head.Size {
		return fmt.Errorf("it is of a log of %d records, its checkpoint of %d", c.head.Size, to.Size)
	}
	if !c.head.Whole {
		if c.root != nil && *c.root != to.Root {
			return errors.New("its records do not lead to the signed root")
		}
		return nil
	}
	if c.count != to.Size {
		return errors.New("records are missing at its end")
	}
	if c.count == 0 {
		return nil
	}
	h := c.peaks[len(c.peaks)-1].hash
	for n := len(c.peaks) - 2; n >= 0; n-- {
		h = tlog.NodeHash(c.peaks[n].hash, h)
	}
	if h != to.Root {
		return errors.New("its records do not lead to the signed root")
	}
	return nil
}

func strictJSON(b []byte, out any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(out); err != nil {
		return err
	}
	if d.More() {
		return errors.New("something follows")
	}
	return nil
}
