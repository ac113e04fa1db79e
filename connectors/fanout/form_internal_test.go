package fanout

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
)

const bellGolden = `{"task":"0a1b2c3d4e5f60718293a4b5c6d7e8f9","verb":"erase"}`

// TestBellForm: the message of the queue is a task and a verb, and there is no field
// in which anything else could stand (I1).
func TestBellForm(t *testing.T) {
	id, err := decodeBell([]byte(bellGolden))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := json.Marshal(bell{id.String(), "erase"}); err != nil || string(b) != bellGolden {
		t.Errorf("got %s, %v; want %s", b, err, bellGolden)
	}
	for _, bad := range []string{``, `{}`, `[]`, `{"task":"x"}`, `{"task":"0A1B2C3D4E5F60718293A4B5C6D7E8F9"}`} {
		if _, err := decodeBell([]byte(bad)); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

// FuzzBell: no input makes the decoder panic.
func FuzzBell(f *testing.F) {
	f.Add([]byte(bellGolden))
	f.Fuzz(func(t *testing.T, b []byte) {
		if id, err := decodeBell(b); err == nil && id.IsZero() && !bytes.Contains(b, []byte("00000000")) {
			t.Errorf("%s rings for nothing", b)
		}
	})
}

// FuzzClaim: no input makes the decoder panic, and what is refused is refused as a
// bad request.
func FuzzClaim(f *testing.F) {
	f.Add([]byte(`{"max":1,"wait_seconds":30,"lease_seconds":600}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := decodeClaim(bytes.NewReader(b))
		var no *Refusal
		if err != nil && (!errors.As(err, &no) || no.Status != 400) {
			t.Errorf("%s: %v", b, err)
		}
	})
}
