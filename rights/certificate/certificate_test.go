package certificate_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/audit/audittest"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/certificate"
)

var (
	ctx    = context.Background()
	update = flag.Bool("update", false, "write the samples and goldens anew")
)

// samples are shipped, so that anybody can try habeas verify.
const samples = "../../docs/samples/"

func day(s string) events.Date {
	d, err := events.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// world is an audit log and one case in it.
type world struct {
	t     *testing.T
	log   *audit.Log
	now   time.Time
	id    events.EventID
	drawn []int64 // size of the log at each certificate
	body  certificate.Body
	refs  []int64 // records the body rests on
	open  *certificate.Opening
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, now: time.Date(2025, 3, 20, 9, 0, 0, 0, time.UTC), id: events.EventID{0xc0, 0xff, 0xee, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}}
	log, err := audit.Open(ctx, audit.Config{Dir: t.TempDir(), Journal: &audittest.Journal{}, KeyFile: filepath.Join(t.TempDir(), "audit.key"), Create: true, Now: func() time.Time { return w.now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	w.log = log
	return w
}

func (w *world) at(s string) {
	w.t.Helper()
	v, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		w.t.Fatal(err)
	}
	w.now = v
}

// noise is a look at somebody else.
func (w *world) noise(n int) {
	w.t.Helper()
	for range n {
		if _, err := w.log.Append(ctx, audit.Entry{Actor: "bcdfghjkmn", Name: "jo", Roles: []string{"dpo"}, Act: "footprint.read", Outcome: audit.Found}); err != nil {
			w.t.Fatal(err)
		}
	}
}

// act records an act of the case and returns the commitment to its body.
func (w *world) act(act events.Code, role, body string) string {
	w.t.Helper()
	c, salt, err := audit.CommitContent(rand.Reader, []byte(body))
	if err != nil {
		w.t.Fatal(err)
	}
	about, _, err := audit.Commit(rand.Reader, []events.Handle{{1}})
	if err != nil {
		w.t.Fatal(err)
	}
	n, err := w.log.Append(ctx, audit.Entry{Actor: "tokenofanna", Name: "anna", Roles: []string{role}, Act: act, About: about, Note: events.EventID{9, 9}, Outcome: audit.Done, Case: w.id, Content: c})
	if err != nil {
		w.t.Fatal(err)
	}
	text, _ := c.MarshalText()
	w.body.Records = append(w.body.Records, certificate.Record{Index: n, Act: act, Content: string(text)})
	w.refs = append(w.refs, n)
	w.open = certificate.NewOpening(w.id.String(), salt, []byte(body))
	return string(text)
}

// erasure is a case as it might have been: two systems proven, one recipient that
// nobody can look into.
func (w *world) erasure() {
	w.noise(3)
	w.at("2025-03-24 10:00")
	w.act("case.decided", "caseworker", `{"decisions":[]}`)
	w.noise(2)
	w.at("2025-03-25 11:30")
	w.act("case.approved", "approver", `{"approval":{}}`)
	w.at("2025-03-25 11:45")
	a := w.act("task.reported", "system:platform", `{"outcome":"done","removed":4}`)
	w.at("2025-03-26 08:00")
	b := w.act("task.reported", "system:platform", `{"outcome":"found_nothing"}`)
	w.noise(1)
	c := w.act("task.reported", "system:mailer", `{"outcome":"done"}`)
	w.act("case.settled", "dpo", `{"settle":{}}`)
	w.at("2025-04-02 16:00")
	w.body = certificate.Body{
		Case: w.id.String(), Rights: []string{"erasure"}, Received: day("2025-03-20"), Due: day("2025-04-22"), Answered: day("2025-03-28"), Completed: day("2025-04-02"),
		Position: certificate.Position{AsOf: "1-42-7", AsKnown: "1-42-7"}, Catalogue: certificate.Catalogue{ID: "instant-connect", Version: 3},
		Plan: &certificate.Plan{Digest: "00112233445566778899aabbccddeeff", On: day("2025-03-24"), Approved: day("2025-03-25"), Roles: []string{"approver"}},
		Decisions: []certificate.Decision{
			{Right: "erasure", Outcome: "erase", Code: "ERASE_NOT_NEEDED", Article: "17(1)(a)", Holdings: 4},
			{Right: "erasure", Outcome: "retain", Code: "RETAIN_LEGAL_OBLIGATION", Article: "17(3)(b)", Holdings: 2},
		},
		Retained: []certificate.Retained{{Right: "erasure", Code: "RETAIN_LEGAL_OBLIGATION", Article: "17(3)(b)", Until: day("2032-03-14"), Holdings: 2}},
		Targets: []certificate.Target{
			{Task: "a1000000000000000000000000000000", At: "system", Code: "platform", Name: "The platform", Verb: "erase", State: "verified", Detail: "found_nothing", Holdings: 4, Acted: day("2025-03-25"), Looked: day("2025-03-26"), Receipts: []string{a, b}},
			{Task: "a2000000000000000000000000000000", At: "recipient", Code: "mailer", Name: "The mail service", Verb: "erase", State: "accepted_unverifiable", Holdings: 1, Acted: day("2025-03-26"), Receipts: []string{c},
				Unproven: &certificate.Unproven{On: day("2025-04-02"), Roles: []string{"dpo"}, With: "settled"}},
		},
		Keys:    certificate.Keys{Epoch: 4, Began: events.InstantOf(w.now.Add(-time.Hour)), Identifiers: 3, State: certificate.KeysInUse, Locations: []certificate.Location{{Number: 1, Epochs: []uint32{4}}, {Number: 2, Epochs: []uint32{4}}}},
		Records: w.body.Records,
	}
}

// rotated is the same case after its identifiers were forgotten and the keys
// rotated.
func (w *world) rotated() {
	w.at("2025-04-10 09:00")
	w.noise(5)
	w.body.Keys.Epoch, w.body.Keys.Began = 5, events.InstantOf(w.now.Add(-time.Minute))
	w.body.Keys.Forgotten, w.body.Keys.State = 3, certificate.Gone
	for i := range w.body.Keys.Locations {
		w.body.Keys.Locations[i].Epochs = []uint32{5}
	}
}

// draw records the body and proves it.
func (w *world) draw() *certificate.Certificate {
	w.t.Helper()
	w.body.Number, w.body.Drawn = len(w.drawn)+1, events.InstantOf(w.now)
	w.body.Settle()
	content, err := w.body.Content()
	if err != nil {
		w.t.Fatal(err)
	}
	commitment, salt, err := audit.CommitContent(rand.Reader, content)
	if err != nil {
		w.t.Fatal(err)
	}
	own, err := w.log.Append(ctx, audit.Entry{Actor: "tokenofanna", Name: "anna", Roles: []string{"dpo"}, Act: certificate.ActDrawn, Outcome: audit.Done, Case: w.id, Content: commitment})
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := certificate.Prove(w.log, w.body, salt, own, w.drawn)
	if err != nil {
		w.t.Fatal(err)
	}
	w.drawn = append(w.drawn, own+1)
	// A copy that what the world does next cannot reach.
	c, exact, err := certificate.Decode(encode(w.t, c))
	if err != nil || !exact {
		w.t.Fatalf("read back: %v, %v", exact, err)
	}
	return c
}

func encode(t *testing.T, c *certificate.Certificate) []byte {
	t.Helper()
	b, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func verify(t *testing.T, b []byte, key string) *certificate.Report {
	t.Helper()
	c, exact, err := certificate.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	return certificate.Check(c, exact, key)
}

func codes(r *certificate.Report) (out []string) {
	for _, p := range r.Problems {
		out = append(out, string(p.Code))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestCertificateHoldsUnderThePublicKeyAlone(t *testing.T) {
	w := newWorld(t)
	w.erasure()
	first := w.draw()
	r := verify(t, encode(t, first), w.log.PublicKey())
	if !r.Valid || r.Standing != certificate.Complete || r.Number != 1 || len(r.Checked) < 9 || len(r.NotProven) == 0 {
		t.Fatalf("%+v", r)
	}
	w.rotated()
	second := w.draw()
	r = verify(t, encode(t, second), w.log.PublicKey())
	r.Since(second, first, nil, w.log.PublicKey())
	r.Open(second, w.open)
	if !r.Valid || r.Number != 2 {
		t.Fatalf("%+v", r)
	}
	other := newWorld(t)
	if r := verify(t, encode(t, first), other.log.PublicKey()); r.Valid || codes(r)[0] != string(certificate.KeyOther) {
		t.Errorf("under another key: %v", codes(r))
	}
}

// The certificate names nobody: no identifier, no handle, no member of staff.
func TestCertificateNamesNobody(t *testing.T) {
	w := newWorld(t)
	w.erasure()
	b := encode(t, w.draw())
	for _, word := range []string{"anna", "tokenofanna", "bcdfghjkmn", `"jo"`, "0909000000"} {
		if bytes.Contains(b, []byte(word)) {
			t.Errorf("the certificate holds %q", word)
		}
	}
}

// leaves lists every place of a JSON document where a value stands.
func leaves(v any, path []any, each func(path []any, v any)) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			leaves(x, append(slices.Clone(path), k), each)
		}
	case []any:
		for i, x := range v {
			leaves(x, append(slices.Clone(path), i), each)
		}
	default:
		each(path, v)
	}
}

func replace(v any, path []any, with any) any {
	if len(path) == 0 {
		return with
	}
	switch at := path[0].(type) {
	case string:
		m := v.(map[string]any)
		m[at] = replace(m[at], path[1:], with)
	case int:
		l := v.([]any)
		l[at] = replace(l[at], path[1:], with)
	}
	return v
}

func other(v any) any {
	switch v := v.(type) {
	case string:
		if d, err := events.ParseDate(v); err == nil {
			return (d + 1).String()
		}
		if v == "" {
			return "x"
		}
		last := "a"
		if strings.HasSuffix(v, last) {
			last = "b"
		}
		return v[:len(v)-1] + last
	case json.Number:
		return json.Number("1" + v.String())
	case bool:
		return !v
	}
	return "x"
}

// Whatever value is altered, also by somebody who writes the file in its own form
// again, the certificate no longer holds.
func TestEveryAlteredValueIsSeen(t *testing.T) {
	w := newWorld(t)
	w.erasure()
	w.draw()
	w.rotated()
	b := encode(t, w.draw())
	parse := func() (v any) {
		d := json.NewDecoder(bytes.NewReader(b))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	n := 0
	leaves(parse(), nil, func(path []any, v any) {
		n++
		altered, err := json.Marshal(replace(parse(), path, other(v)))
		if err != nil {
			t.Fatal(err)
		}
		c, _, err := certificate.Decode(altered)
		if err != nil {
			return
		}
		// In its one form again, so that only its sense can give it away.
		if r := certificate.Check(c, true, w.log.PublicKey()); r.Valid {
			t.Errorf("%v altered from %v passes", path, v)
		}
	})
	if n < 150 {
		t.Fatalf("%d values", n)
	}
}

// No byte of the file can be another.
func TestEveryAlteredByteIsSeen(t *testing.T) {
	w := newWorld(t)
	w.erasure()
	b := encode(t, w.draw())
	key := w.log.PublicKey()
	for i := range b {
		for _, bit := range []byte{1, 32} {
			x := bytes.Clone(b)
			x[i] ^= bit
			if c, exact, err := certificate.Decode(x); err == nil && exact && certificate.Check(c, exact, key).Valid {
				t.Fatalf("byte %d of %d may be %q instead of %q", i, len(b), x[i], b[i])
			}
		}
	}
	for name, x := range map[string][]byte{"a space more": append(bytes.Clone(b), ' '), "no line feed": b[:len(b)-1], "compact": compact(t, b)} {
		c, exact, err := certificate.Decode(x)
		if err != nil {
			t.Fatal(err)
		}
		if r := certificate.Check(c, exact, key); r.Valid || codes(r)[0] != string(certificate.Altered) {
			t.Errorf("%s: %v", name, codes(r))
		}
	}
}

func compact(t *testing.T, b []byte) []byte {
	var out bytes.Buffer
	if err := json.Compact(&out, b); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestDecodeRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"empty":       {"", certificate.ErrNotCertificate},
		"other JSON":  {`{"a":1}`, certificate.ErrNotCertificate},
		"a later one": {`{"certificate":{"v":2,"kind":"habeas.certificate"}}`, certificate.ErrVersion},
		"a new field": {`{"certificate":{"v":1,"kind":"habeas.certificate","person":"ann@example.org"}}`, certificate.ErrNotCertificate},
	} {
		_, _, err := certificate.Decode([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want.Error()) || strings.Contains(err.Error(), "ann@") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s changed:\n%s", name, got)
	}
}
