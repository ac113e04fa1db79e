package events_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/habeas-data/habeas/events"
)

// verdicts shortens a batch to one word an element.
func verdicts(body string) string {
	var out []string
	for i, el := range events.DecodeBatch([]byte(body), now) {
		switch {
		case (el.Observation == nil) == (el.Rejection == nil):
			out = append(out, "both or neither")
		case el.Observation != nil:
			out = append(out, el.Observation.ExternalID.Expose())
		case el.Rejection.Line != i+1:
			out = append(out, fmt.Sprintf("line %d of %d", el.Rejection.Line, i+1))
		default:
			out = append(out, el.Rejection.Code)
		}
	}
	return strings.Join(out, " ")
}

func TestBatch(t *testing.T) {
	ev := func(id string) string { return strings.Replace(base, `"e1"`, `"`+id+`"`, 1) }
	big := strings.Replace(base, "priya", strings.Repeat("x", 40<<10), 1)
	rows := []struct{ name, body, want string }{
		{"two", "[" + ev("a") + "," + ev("b") + "]", "a b"},
		{"none", " [ ] \n", ""},
		{"spaces", " [ " + ev("a") + " , " + ev("b") + " ] ", "a b"},
		{"a bad one between", "[" + ev("a") + `,{,[{}]},` + ev("b") + "]", "a event.json b"},
		{"a bare word between", "[" + ev("a") + `,nul,` + ev("b") + "]", "a event.json b"},
		{"brackets and commas in texts", "[" + ev("a]}") + "," + ev(`\",{[`) + "]", `a]} ",{[`},
		{"a missing field between", "[" + ev("a") + "," + strings.Replace(base, `"id":"e1",`, "", 1) + "," + ev("b") + "]", "a event.field.missing b"},
		{"too large between", "[" + ev("a") + "," + big + "," + ev("b") + "]", "a event.limit b"},
		{"a list between", "[" + ev("a") + "," + strings.Repeat("[", 999) + strings.Repeat("]", 999) + "," + ev("b") + "]", "a event.json b"},
		{"an empty element", "[" + ev("a") + ",," + ev("b") + "]", "a event.json b"},
		{"a comma at the end", "[" + ev("a") + ",]", "a event.json"},
		{"not closed", "[" + ev("a") + "," + ev("b"), "a b event.json"},
		{"cut in an element", "[" + ev("a") + "," + ev("b")[:50], "a event.json event.json"},
		{"cut after a comma", "[" + ev("a") + ",", "a event.json"},
		{"cut in a text", "[" + ev("a") + `,"abc`, "a event.json event.json"},
		{"more after it", "[" + ev("a") + "]]", "a event.json"},
		{"not a batch", ev("a"), "event.json"},
		{"nothing", "", "event.json"},
		{"a stray bracket", "[" + ev("a") + "},{" + ev("b") + "]", "event.json event.json event.json"},
	}
	for _, row := range rows {
		if got := verdicts(row.body); got != row.want {
			t.Errorf("%s: got %q, want %q", row.name, got, row.want)
		}
	}
	for range events.DecodeBatch([]byte("["+ev("a")+","+ev("b")+"]"), now) {
		break // stopping early is fine
	}
}

func lineVerdicts(r io.Reader) (out []string, err error) {
	err = events.DecodeLines(r, func() time.Time { return now }, func(n int, o *events.Observation, rej *events.Rejection) error {
		if rej == nil {
			out = append(out, fmt.Sprintf("%d:%s", n, o.ExternalID.Expose()))
		} else if rej.Line == n {
			out = append(out, fmt.Sprintf("%d:%s", n, rej.Code))
		}
		return nil
	})
	return out, err
}

func TestLines(t *testing.T) {
	long := strings.Repeat("y", 100<<10)
	full := base + strings.Repeat(" ", events.MaxEventBytes-len(base))
	rows := []struct{ name, text, want string }{
		{"plain", base + "\n" + base + "\n", "1:e1 2:e1"},
		{"no newline at the end", base + "\n" + base, "1:e1 2:e1"},
		{"Windows", "\ufeff" + base + "\r\n" + base + "\r\n", "1:e1 2:e1"},
		{"empty lines", "\n \n" + base + "\n\n\n" + base, "3:e1 6:e1"},
		{"a bad one between", base + "\nnonsense\n" + base, "1:e1 2:event.json 3:e1"},
		{"too long between", base + "\n" + long + "\n" + base, "1:e1 2:event.limit 3:e1"},
		{"too long at the end", base + "\n" + long, "1:e1 2:event.limit"},
		{"as long as may be", full + "\r\n" + base, "1:e1 2:e1"},
		{"nothing", "", ""},
		{"a byte order mark later", base + "\n\ufeff" + base, "1:e1 2:event.json"},
	}
	for _, row := range rows {
		for _, r := range []io.Reader{strings.NewReader(row.text), iotest.OneByteReader(strings.NewReader(row.text)), iotest.DataErrReader(strings.NewReader(row.text))} {
			got, err := lineVerdicts(r)
			if err != nil || strings.Join(got, " ") != row.want {
				t.Errorf("%s: got %v %v, want %s", row.name, got, err, row.want)
			}
		}
	}
	broken := io.MultiReader(strings.NewReader(base+"\n"+base), iotest.ErrReader(errors.New("torn cable")))
	if got, err := lineVerdicts(broken); err == nil || len(got) != 1 || !strings.Contains(err.Error(), "read line 2") {
		t.Errorf("half a line is not taken when the reader fails: %v %v", got, err)
	}
	stop := errors.New("stop")
	err := events.DecodeLines(strings.NewReader(base), time.Now, func(int, *events.Observation, *events.Rejection) error { return stop })
	if !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
}

func TestBinaryMode(t *testing.T) {
	for name, body := range samples(t) {
		want, r := events.DecodeCloudEvent(body, now)
		if r != nil {
			t.Fatal(r)
		}
		h, data := binaryMode(t, want)
		got, r := events.DecodeBinary(h.Get, data, now)
		if r != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\n got %s\nwant %s", name, r, dump(got), dump(want))
		}
	}
	want, _ := events.DecodeCloudEvent([]byte(base), now)
	h, data := binaryMode(t, want)
	rows := []struct{ header, value, code, pointer string }{
		{"ce-id", "", events.RejectMissing, "/id"},
		{"ce-type", "", events.RejectMissing, "/type"},
		{"ce-specversion", "0.3", events.RejectVersion, "/specversion"},
		{"ce-id", "%", events.RejectUTF8, "/id"},
		{"ce-id", "%zz", events.RejectUTF8, "/id"},
		{"ce-id", "%ff", events.RejectUTF8, "/id"},
		{"ce-id", "%00", events.RejectIdentifier, "/id"},
		{"ce-time", "yesterday", events.RejectTime, "/time"},
		{"ce-source", "a b", events.RejectCode, "/source"},
		{"ce-subject", "priya@example.org", events.RejectAttribute, "/subject"},
		{"Content-Type", "text/plain", events.RejectAttribute, "/datacontenttype"},
		{"ce-datacontenttype", "application/avro", events.RejectAttribute, "/datacontenttype"},
	}
	for _, row := range rows {
		bad := h.Clone()
		bad.Set(row.header, row.value)
		if o, r := events.DecodeBinary(bad.Get, data, now); o != nil || r == nil || r.Code != row.code || r.Pointer != row.pointer {
			t.Errorf("%s = %q: %v", row.header, row.value, r)
		}
	}
	for _, text := range []string{"", "[]", string(data) + "x", string(data[:20])} {
		if o, r := events.DecodeBinary(h.Get, []byte(text), now); o != nil || r == nil {
			t.Errorf("taken: %q", text)
		}
	}
	h.Set("ce-id", `"a \"b\" %C3%A9"`)
	if o, r := events.DecodeBinary(h.Get, data, now); r != nil || o.ExternalID.Expose() != `a "b" é` {
		t.Errorf("a quoted value: %v", r)
	}
}

// binaryMode writes o as a sender in binary mode would.
func binaryMode(t *testing.T, o *events.Observation) (http.Header, []byte) {
	body, err := events.EncodeCloudEvent(o)
	if err != nil {
		t.Fatal(err)
	}
	_, data, _ := bytes.Cut(body, []byte(`,"data":`))
	h := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	h.Set("ce-specversion", "1.0")
	h.Set("ce-source", string(o.Event.Source))
	h.Set("ce-type", o.Event.Kind.Type())
	h.Set("ce-time", o.Event.Time.String())
	h.Set("ce-id", strings.NewReplacer("%", "%25", " ", "%20", `"`, "%22", "é", "%c3%a9").Replace(o.ExternalID.Expose()))
	return h, data[:len(data)-1]
}
