package certificate_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/certificate"
)

// forge draws a certificate whose body says something that cannot be: somebody who
// may write to the log, and holds the key, lies in a consistent way.
func forge(t *testing.T, harm func(*certificate.Body)) []string {
	t.Helper()
	w := newWorld(t)
	w.erasure()
	w.body.Number, w.body.Drawn = 1, events.InstantOf(w.now)
	w.body.Settle()
	harm(&w.body)
	return codes(certificate.Check(&certificate.Certificate{Body: w.body}, true, w.log.PublicKey()))
}

// TestContradictionsAreFound: what the certificate says must fit together, also
// where the log would vouch for every word of it.
func TestContradictionsAreFound(t *testing.T) {
	sound := strings.Join(forge(t, func(*certificate.Body) {}), " ")
	if sound != string(certificate.KeyOther) { // it has no proof at all here
		t.Fatalf("a sound body: %s", sound)
	}
	verified := func(b *certificate.Body) *certificate.Target {
		for i := range b.Targets {
			if b.Targets[i].State == "verified" {
				return &b.Targets[i]
			}
		}
		panic("none")
	}
	unproven := func(b *certificate.Body) *certificate.Target {
		for i := range b.Targets {
			if b.Targets[i].Unproven != nil {
				return &b.Targets[i]
			}
		}
		panic("none")
	}
	for name, c := range map[string]struct {
		want certificate.Code
		harm func(*certificate.Body)
	}{
		"more holdings":                  {certificate.CountWrong, func(b *certificate.Body) { b.Holdings++ }},
		"less kept":                      {certificate.CountWrong, func(b *certificate.Body) { b.Retained[0].Holdings-- }},
		"nothing decided":                {certificate.CountWrong, func(b *certificate.Body) { b.Decisions[0].Holdings = 0; b.Holdings = 2 }},
		"a target less":                  {certificate.CountWrong, func(b *certificate.Body) { b.Totals.Targets-- }},
		"one verified more":              {certificate.CountWrong, func(b *certificate.Body) { b.Totals.Verified++ }},
		"no such state":                  {certificate.StateWrong, func(b *certificate.Body) { verified(b).State = "gone" }},
		"no such verb":                   {certificate.StateWrong, func(b *certificate.Body) { verified(b).Verb = "shred" }},
		"no such target":                 {certificate.StateWrong, func(b *certificate.Body) { verified(b).At = "person" }},
		"erased without a look":          {certificate.ErasedUnproven, func(b *certificate.Body) { verified(b).Looked = 0 }},
		"erased without a receipt":       {certificate.ErasedUnproven, func(b *certificate.Body) { verified(b).Receipts = nil }},
		"erased and not verified":        {certificate.ErasedUnproven, func(b *certificate.Body) { unproven(b).Result = "erased" }},
		"not proven and said kept":       {certificate.StateWrong, func(b *certificate.Body) { unproven(b).Result = certificate.Kept }},
		"nobody approved":                {certificate.NotApproved, func(b *certificate.Body) { unproven(b).Unproven = nil }},
		"approved by nobody":             {certificate.StateWrong, func(b *certificate.Body) { unproven(b).Unproven.Roles = nil }},
		"complete and still open":        {certificate.NotApproved, func(b *certificate.Body) { unproven(b).State, unproven(b).Result = "sent", certificate.Open }},
		"complete without a day":         {certificate.StateWrong, func(b *certificate.Body) { b.Completed = 0 }},
		"another standing":               {certificate.StateWrong, func(b *certificate.Body) { b.Standing = "done" }},
		"a receipt nobody recorded":      {certificate.ReceiptMissing, func(b *certificate.Body) { verified(b).Receipts[0] = strings.Repeat("0", 64) }},
		"due before receipt":             {certificate.DateOrder, func(b *certificate.Body) { b.Due = day("2025-03-19") }},
		"looked before it was done":      {certificate.DateOrder, func(b *certificate.Body) { verified(b).Looked = day("2025-03-24") }},
		"done before it was asked":       {certificate.DateOrder, func(b *certificate.Body) { verified(b).Acted = day("2025-03-01") }},
		"completed after it was drawn":   {certificate.DateOrder, func(b *certificate.Body) { b.Completed = day("2025-05-02") }},
		"approved before receipt":        {certificate.DateOrder, func(b *certificate.Body) { b.Plan.Approved = day("2025-03-01") }},
		"without receipt":                {certificate.DateOrder, func(b *certificate.Body) { b.Received = 0 }},
		"more forgotten than there were": {certificate.CountWrong, func(b *certificate.Body) { b.Keys.Forgotten = 9 }},
		"unreadable and not forgotten":   {certificate.KeysWrong, func(b *certificate.Body) { b.Keys.State = certificate.Gone }},
		"unreadable and an old key": {certificate.KeysWrong, func(b *certificate.Body) {
			b.Keys.Forgotten, b.Keys.State, b.Keys.Locations[1].Behind = 3, certificate.Gone, true
		}},
	} {
		if got := strings.Join(forge(t, c.harm), " "); !strings.Contains(got, string(c.want)) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// Every code has its sentence, and every sentence is about a code.
func TestCodes(t *testing.T) {
	if len(certificate.Codes()) != 16 {
		t.Errorf("%d codes", len(certificate.Codes()))
	}
	page, err := os.ReadFile("../../docs/proof.md")
	if err != nil {
		t.Fatal(err)
	}
	for code, text := range certificate.Codes() {
		if !bytes.Contains(page, []byte("`"+string(code)+"`")) || text == "" {
			t.Errorf("docs/proof.md does not explain %s", code)
		}
	}
}

func TestSinceAndOpening(t *testing.T) {
	w := newWorld(t)
	w.erasure()
	key := w.log.PublicKey()
	first := w.draw()
	w.rotated()
	second := w.draw()
	report := func() *certificate.Report { return certificate.Check(second, true, key) }
	has := func(name string, r *certificate.Report, want certificate.Code) {
		t.Helper()
		if got := strings.Join(codes(r), " "); got != string(want) || r.Valid != (want == "") {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	r := report()
	r.Since(second, second, nil, key)
	has("itself", r, "")
	r = certificate.Check(first, true, key)
	r.Since(first, second, nil, key)
	has("the later one", r, certificate.GrowthBroken)
	r = report()
	r.Since(second, newCertificate(t), nil, key)
	has("of another log", r, certificate.SignatureBad)

	// A certificate of another case needs a proof of growth beside it.
	bare := *second
	bare.Proof.Earlier = nil
	r = report()
	r.Since(&bare, first, nil, key)
	has("no proof", r, certificate.GrowthMissing)
	g, err := w.log.Growth(w.drawn[0], w.drawn[1])
	if err != nil {
		t.Fatal(err)
	}
	r = report()
	r.Since(&bare, first, []audit.Growth{g}, key)
	has("a proof beside it", r, "")
	g.Path[0][0] ^= 1
	r = report()
	r.Since(&bare, first, []audit.Growth{g}, key)
	has("a false proof", r, certificate.GrowthBroken)

	for name, harm := range map[string]func(*certificate.Opening){
		"another body": func(o *certificate.Opening) { o.Body += " " },
		"another salt": func(o *certificate.Opening) { o.Salt[0] ^= 1 },
		"another case": func(o *certificate.Opening) { o.Case = "other" },
		"another name": func(o *certificate.Opening) { o.Content = strings.Repeat("0", 64) },
	} {
		o := *w.open
		harm(&o)
		r := report()
		r.Open(second, &o)
		has(name, r, certificate.OpeningOther)
	}
	if _, err := certificate.DecodeOpening([]byte(`{"kind":"habeas.certificate"}`)); err == nil {
		t.Error("a certificate is read as an opening")
	}
}

func newCertificate(t *testing.T) *certificate.Certificate {
	w := newWorld(t)
	w.erasure()
	return w.draw()
}

// TestSamples: the shipped certificates hold under the shipped key, are of the
// published form, and read as they did.
func TestSamples(t *testing.T) {
	if *update {
		writeSamples(t)
	}
	file := func(name string) []byte {
		t.Helper()
		b, err := os.ReadFile(samples + name)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	key := strings.TrimSpace(string(file("audit.pub")))
	var last *certificate.Certificate
	for _, name := range []string{"certificate.json", "certificate-after-rotation.json"} {
		c, exact, err := certificate.Decode(file(name))
		if err != nil || !exact {
			t.Fatalf("%s: %v, %v", name, exact, err)
		}
		if r := certificate.Check(c, exact, key); !r.Valid {
			t.Fatalf("%s: %+v", name, r.Problems)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(file(name)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema(t).Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var text, pdf bytes.Buffer
		if err := c.WriteText(&text); err != nil {
			t.Fatal(err)
		}
		golden(t, "testdata/"+strings.TrimSuffix(name, ".json")+".txt", text.Bytes())
		if err := c.WritePDF(&pdf); err != nil || !bytes.HasPrefix(pdf.Bytes(), []byte("%PDF-1.")) {
			t.Errorf("%s as PDF: %v", name, err)
		}
		last = c
	}
	o, err := certificate.DecodeOpening(file("receipt.json"))
	if err != nil {
		t.Fatal(err)
	}
	r := certificate.Check(last, true, key)
	if r.Open(last, o); !r.Valid {
		t.Errorf("the shipped receipt: %+v", r.Problems)
	}
	if _, err := audit.CheckExport(bytes.NewReader(file("audit.jsonl")), key, func(audit.Numbered) {}); err != nil {
		t.Errorf("the shipped export: %v", err)
	}
}

func writeSamples(t *testing.T) {
	w := newWorld(t)
	w.erasure()
	first := encode(t, w.draw())
	w.rotated()
	second := encode(t, w.draw())
	var export bytes.Buffer
	if err := w.log.Export(ctx, &export, audit.Filter{Case: w.id}); err != nil {
		t.Fatal(err)
	}
	o, err := json.MarshalIndent(w.open, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"certificate.json": first, "certificate-after-rotation.json": second, "audit.pub": []byte(w.log.PublicKey() + "\n"), "receipt.json": append(o, '\n'), "audit.jsonl": export.Bytes()} {
		golden(t, samples+name, b)
	}
}

// schema is the published one; its example is what the sample is.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("../../docs/schemas/certificate.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("urn:test", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("urn:test")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSchema(t *testing.T) {
	s := schema(t)
	text, err := os.ReadFile("../../docs/schemas/certificate.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Examples []any `json:"examples"`
	}
	if err := json.Unmarshal(text, &doc); err != nil || len(doc.Examples) == 0 {
		t.Fatalf("%d examples, %v", len(doc.Examples), err)
	}
	for _, e := range doc.Examples {
		if err := s.Validate(e); err != nil {
			t.Error(err)
		}
	}
	body := doc.Examples[0].(map[string]any)["certificate"].(map[string]any)
	for field, v := range map[string]any{"person": "ann@example.org", "standing": "done", "holdings": -1.0, "case": "ann"} {
		old, had := body[field]
		body[field] = v
		if s.Validate(doc.Examples[0]) == nil {
			t.Errorf("%s may be %v", field, v)
		}
		if body[field] = old; !had {
			delete(body, field)
		}
	}
}

// FuzzDecode: no file makes it panic, and what it takes for exact is what it
// writes.
func FuzzDecode(f *testing.F) {
	for _, name := range []string{"certificate.json", "certificate-after-rotation.json"} {
		b, err := os.ReadFile(samples + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	key, err := os.ReadFile(samples + "audit.pub")
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"certificate":{"v":1,"kind":"habeas.certificate","targets":[{}],"records":[{"index":-1}]},"proof":{"earlier":[{}],"records":[{"index":9}]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, exact, err := certificate.Decode(b)
		if err != nil {
			return
		}
		again, err := c.Encode()
		if err != nil || exact != bytes.Equal(again, b) {
			t.Fatalf("exact %v: %q reads and writes as %q, %v", exact, b, again, err)
		}
		_ = certificate.Check(c, exact, strings.TrimSpace(string(key)))
		var text bytes.Buffer
		if err := c.WriteText(&text); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzDecodeOpening: no file makes it panic.
func FuzzDecodeOpening(f *testing.F) {
	b, err := os.ReadFile(samples + "receipt.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(_ *testing.T, b []byte) {
		if o, err := certificate.DecodeOpening(b); err == nil {
			(&certificate.Report{}).Open(&certificate.Certificate{}, o)
		}
	})
}
