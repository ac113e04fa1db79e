package server

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/connectors/fanout"
)

// A copy ends at the size that is allowed, and before the disk is full, which
// would stop the journal; the system is told which.
func TestCopiesAreBounded(t *testing.T) {
	const most = 1 << 20
	free := uint64(100 << 30)
	read := func(n int) (int64, int) {
		t.Helper()
		b := &bounded{r: strings.NewReader(strings.Repeat("x", n)), most: most, free: func() (uint64, error) { return free, nil }}
		got, err := io.Copy(io.Discard, b)
		var no *fanout.Refusal
		if errors.As(err, &no) {
			return got, no.Status
		}
		if err != nil {
			t.Fatal(err)
		}
		return got, 0
	}
	if n, status := read(most); n != most || status != 0 {
		t.Errorf("a copy of the size that is allowed: %d bytes, %d", n, status)
	}
	if _, status := read(most + 1); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a copy that is too large: %d", status)
	}
	free = copyRoom
	if n, status := read(10); n != 0 || status != http.StatusInsufficientStorage {
		t.Errorf("a copy on a full disk: %d bytes, %d", n, status)
	}
	// The disk fills while a large copy comes.
	free = copyRoom + 3*lookEvery
	b := &bounded{r: io.LimitReader(zeros{}, 1<<30), most: 1 << 40, free: func() (uint64, error) { free -= lookEvery; return free, nil }}
	n, err := io.Copy(io.Discard, b)
	var no *fanout.Refusal
	if !errors.As(err, &no) || no.Code != "copy.no_room" || n == 0 || n > 4*lookEvery {
		t.Errorf("while the disk fills: %d bytes, %v", n, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
