package events_test

import (
	"bytes"
	"encoding"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
)

// golden compares got with a released form. HABEAS_GOLDEN=write writes a file
// that is not there yet; a golden that exists is never written over, because
// what was released stays readable.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	want, err := os.ReadFile(path)
	if os.IsNotExist(err) && os.Getenv("HABEAS_GOLDEN") == "write" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from its golden\n got: %s\nwant: %s", name, got, want)
	}
}

// dump writes everything in v that is not zero, one line a field, with the
// personal data in the clear: for goldens of invented people only.
func dump(v any) string {
	var b strings.Builder
	dumpValue(&b, "", reflect.ValueOf(v))
	return b.String()
}

func dumpValue(b *strings.Builder, name string, v reflect.Value) {
	if v.IsZero() {
		return
	}
	switch x := v.Interface().(type) {
	case events.Plaintext:
		fmt.Fprintf(b, "%s = %q\n", name, x.Expose())
		return
	case fmt.Stringer:
		if _, text := x.(encoding.TextMarshaler); text || v.Kind() == reflect.Uint8 {
			fmt.Fprintf(b, "%s = %s\n", name, x)
			return
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		dumpValue(b, name, v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			dumpValue(b, strings.TrimPrefix(name+"."+v.Type().Field(i).Name, "."), v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			dumpValue(b, fmt.Sprintf("%s[%d]", name, i), v.Index(i))
		}
	default:
		fmt.Fprintf(b, "%s = %v\n", name, v)
	}
}
