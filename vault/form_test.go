package vault_test

import (
	"bytes"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/vault"
)

// Every form that was released is read for ever, and written the same.
func TestGoldenForms(t *testing.T) {
	got := strings.Join(vault.GoldenForms(), "\n") + "\n"
	if os.Getenv("HABEAS_WRITE_GOLDEN") != "" {
		makeDir(t, "testdata")
		if err := os.WriteFile("testdata/forms.hex", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/forms.hex")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("forms are not written as released:\n%s", got)
	}
}

// seeds are the goldens, as bytes.
func seeds(f *testing.F) {
	for _, line := range vault.GoldenForms() {
		_, digits, _ := strings.Cut(line, " ")
		b, err := hex.DecodeString(digits)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
}

func FuzzRecord(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := vault.DecodeRecord(b); err == nil && !bytes.Equal(r.Append(nil), b) {
			t.Errorf("reads and writes differently: %x", b)
		}
	})
}

func FuzzSealedForms(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, err := vault.DecodeEntry(b); err == nil && !bytes.Equal(e.Append(nil), b) {
			t.Errorf("entry reads and writes differently: %x", b)
		}
		if r, err := vault.DecodeRow(b); err == nil && !bytes.Equal(r.Append(nil), b) {
			t.Errorf("row reads and writes differently: %x", b)
		}
	})
}
