package index

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
)

// What concerns the restore ledger or the key table is on disk when Commit
// returns, also where the caller's Meta had it before the batch began.
func TestMarksAreDurable(t *testing.T) {
	dir := t.TempDir()
	x, err := Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	m := Meta{}
	commit := func() {
		t.Helper()
		m.Seq++
		if err := x.Begin(m).Commit(); err != nil {
			t.Fatal(err)
		}
	}
	crashed := func() Meta { // what a power cut would leave
		t.Helper()
		to := filepath.Join(t.TempDir(), "index")
		if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		y, err := Open(to, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer y.Close()
		m, err := y.Meta()
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	commit()
	if got := crashed(); got.Seq != 0 {
		t.Errorf("frame %d is durable, and nothing asked for it", got.Seq)
	}
	m.Ledger = 100
	commit()
	if got := crashed(); got.Ledger != 100 || got.Seq != 2 {
		t.Errorf("frame %d, ledger %d; want 2 and 100", got.Seq, got.Ledger)
	}
	m.Table = 7
	commit()
	commit()
	if got := crashed(); got.Table != 7 || got.Seq != 3 {
		t.Errorf("frame %d, table %d; want 3 and 7", got.Seq, got.Table)
	}
}
