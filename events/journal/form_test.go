package journal

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
)

var sampleCheckpoint = Checkpoint{
	Stream: "HABEAS_EVENTS_0/00112233445566778899aabbccddeeff", Generation: 3, Seq: 123456789,
	Hash: sha256.Sum256([]byte("frame")), Next: 987654321,
}

// sampleSnapshot is a snapshot of one log with one frame.
func sampleSnapshot() []byte {
	var fb events.FrameBuilder
	fb.AddRaw([]byte("sealed"))
	frame, _ := fb.Seal(events.FrameHeader{Body: events.RawBody, Generation: 1, Recorded: 1_700_000_000_000_000})
	var out bytes.Buffer
	s := &snapshotWriter{w: bufio.NewWriter(&out), sum: sha256.New()}
	s.write([]byte(snapshotMagic + "L\x05vault\x2000112233445566778899aabbccddeeff\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01"))
	s.write([]byte{0, 0, 0, byte(len(frame))})
	s.write(frame)
	s.write([]byte{snapshotEnd})
	s.write(s.sum.Sum(nil))
	_ = s.w.Flush()
	return out.Bytes()
}

// The forms on disk are released: what is in testdata is never edited.
func TestGoldens(t *testing.T) {
	for name, got := range map[string][]byte{
		"checkpoint": sampleCheckpoint.Marshal(),
		"mark":       mark{123456789, sha256.Sum256([]byte("frame"))}.marshal(),
		"snapshot":   sampleSnapshot(),
	} {
		file := filepath.Join("testdata", name+".golden")
		want, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) && os.Getenv("UPDATE_GOLDENS") != "" {
			err = os.WriteFile(file, []byte(hex.EncodeToString(got)+"\n"), 0o644)
			want = []byte(hex.EncodeToString(got))
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.TrimSpace(string(want)) != hex.EncodeToString(got) {
			t.Errorf("%s is now %x, was released as %s", name, got, want)
		}
	}
}

func FuzzParseCheckpoint(f *testing.F) {
	f.Add(sampleCheckpoint.Marshal())
	f.Add(Checkpoint{}.Marshal())
	f.Add([]byte{2, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseCheckpoint(b)
		if err == nil && !bytes.Equal(c.Marshal(), b) {
			t.Errorf("%x reads as %+v, which writes as %x", b, c, c.Marshal())
		}
	})
}

func FuzzParseMark(f *testing.F) {
	f.Add(mark{7, events.Hash{1}}.marshal())
	f.Add([]byte(markMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseMark(b)
		if err == nil && !bytes.Equal(m.marshal(), b) {
			t.Errorf("%x reads as %+v", b, m)
		}
	})
}

// FuzzSnapshot: no bytes make the reader of snapshots do more than say no, and
// what it accepts is whole.
func FuzzSnapshot(f *testing.F) {
	f.Add(sampleSnapshot())
	f.Add([]byte(snapshotMagic + "E"))
	f.Fuzz(func(t *testing.T, b []byte) {
		frames, err := readSnapshot(b)
		if err == nil && len(b) > 0 && frames > len(b) {
			t.Errorf("%d frames in %d bytes", frames, len(b))
		}
		if err != nil && !errors.Is(err, errSnapshot) {
			t.Errorf("an error that callers cannot recognise: %v", err)
		}
	})
}

// readSnapshot walks a snapshot without writing it anywhere.
func readSnapshot(b []byte) (frames int, err error) {
	s := &snapshotReader{r: bufio.NewReader(bytes.NewReader(b)), sum: sha256.New()}
	if magic, err := s.read(len(snapshotMagic)); err != nil || string(magic) != snapshotMagic {
		return 0, errSnapshot
	}
	for {
		h, ok, err := s.head()
		if err != nil || !ok {
			return frames, err
		}
		for range h.count {
			if _, err := s.frame(); err != nil {
				return frames, err
			}
			frames++
		}
	}
}

// Restore reads the id of an event without decoding it: this holds the two
// together.
func TestIDOfARecord(t *testing.T) {
	for _, e := range testEvents(0, 50) {
		var b events.FrameBuilder
		b.Add(e)
		raw, _ := b.Seal(events.FrameHeader{Body: events.EventBody})
		f, err := events.DecodeFrame(raw)
		if err != nil {
			t.Fatal(err)
		}
		if id, err := idOf(f.Record(0)); err != nil || id != e.ID {
			t.Errorf("id %v, %v; want %v", id, err, e.ID)
		}
	}
	if _, err := idOf([]byte{1, 1, 2, 0}); err == nil {
		t.Error("found an id in an event without one")
	}
}
