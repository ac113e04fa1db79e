package normalise

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
)

func rules(t testing.TB) *Rules {
	t.Helper()
	r, err := New("GB")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func form(t testing.TB, r *Rules, kind, value string) (string, error) {
	t.Helper()
	f, err := r.Forms(events.Identifier{Kind: events.Code(kind), Value: events.NewPlaintext(value)})
	if err != nil {
		return "", err
	}
	return f[0].Text, nil
}

func TestForms(t *testing.T) {
	for _, c := range []struct{ kind, value, want string }{
		{"email", " Priya@Example.ORG ", "priya@example.org"},
		{"email", "Zoë.O'Neil+news@BÜCHER.example", "zoë.o'neil+news@xn--bcher-kva.example"},
		{"email", "ＦＵＬＬ@ｅｘａｍｐｌｅ.org", "full@example.org"},
		{"email", "a.b+c@sub-domain.example.co.uk.", "a.b+c@sub-domain.example.co.uk"},
		{"email", "x@host_1.example", "x@host_1.example"},
		{"phone", "020 7946 0018", "+442079460018"},
		{"phone", "+44 (0)7700 900123", "+447700900123"},
		{"phone", "0044 7700 900 123", "+447700900123"},
		{"phone", "+33 1 42 68 53 00", "+33142685300"},
		{"phone", "020 7946 0018 ext 12", "+442079460018 x12"},
		{"nhs_number", "943 476 5919", "9434765919"},
		{"nhs_number", "943-476-5919", "9434765919"},
		{"ni_number", "qq 12 34 56 c", "QQ123456"},
		{"ni_number", "QQ123456", "QQ123456"},
		{"passport", "123 456-789", "123456789"},
		{"postcode", "ox1 1aa", "OX11AA"},
		{"name", "  Ann\u00a0 O\u2019Shea ", "ann o\u2019shea"},
		{"name", "STRASSE Straße", "strasse strasse"},
		{"date_of_birth", "1950-02-28", "1950-02-28"},
		{"ip", "::ffff:192.0.2.1", "192.0.2.1"},
		{"ip", "2001:DB8:0::1", "2001:db8::1"},
		{"crm.contact", " 00A-7 b ", "00A-7 b"},
		{"undeclared.category", "Sock size", "Sock size"},
	} {
		got, err := form(t, rules(t), c.kind, c.value)
		if err != nil || got != c.want {
			t.Errorf("%s %q: got %q, %v; want %q", c.kind, c.value, got, err, c.want)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, c := range []struct{ kind, value string }{
		{"email", "nobody"}, {"email", "@planted.example"}, {"email", "planted@"}, {"email", "a b@example.org"},
		{"email", "a@exa mple.org"}, {"email", "a@xn--a"}, {"email", "a@b,c"},
		{"phone", "12"}, {"phone", "planted"}, {"phone", strings.Repeat("7", 300)},
		{"nhs_number", "943 476 5918"}, {"nhs_number", "9434765"}, {"nhs_number", "١٢٣٤٥٦٧٨٩٠"},
		{"ni_number", "Q1123456C"}, {"ni_number", "QQ123456E"},
		{"passport", "12"}, {"postcode", "£££"}, {"date_of_birth", "28/02/1950"}, {"ip", "300.1.1.1"},
		{"name", "   "}, {"crm.contact", ""}, {"crm.contact", "a\xff"}, {"crm.contact", strings.Repeat("x", MaxValue+1)},
	} {
		_, err := form(t, rules(t), c.kind, c.value)
		var bad *Error
		if !errors.As(err, &bad) || string(bad.Kind) != c.kind || bad.Want == "" {
			t.Errorf("%s %q: got %v, want an *Error that names the kind", c.kind, c.value, err)
			continue
		}
		// I1: an error never holds the value.
		if v := strings.TrimSpace(c.value); len(v) > 3 && strings.Contains(fmt.Sprintf("%v %+v", err, bad), v) {
			t.Errorf("%s: the error holds the value: %v", c.kind, err)
		}
	}
	if _, err := New("Britain"); err == nil {
		t.Error("an unknown region was accepted")
	}
}

// What was indexed or suppressed under an older rule is found under it.
func TestOlderRulesStillApply(t *testing.T) {
	r := rules(t)
	r.Extend("email", func(s string) (string, error) {
		out, err := email(s)
		local, domain, _ := strings.Cut(out, "@")
		local, _, _ = strings.Cut(local, "+")
		return local + "@" + domain, err
	})
	forms, err := r.Forms(events.Identifier{Kind: "email", Value: events.NewPlaintext("Ann+x@example.org")})
	if err != nil || len(forms) != 2 || forms[0] != (Form{2, "ann@example.org"}) || forms[1] != (Form{1, "ann+x@example.org"}) {
		t.Fatalf("got %v, %v", forms, err)
	}
}

// A form read again is itself: else one identifier would have two.
func FuzzForms(f *testing.F) {
	kinds := []string{"email", "phone", "nhs_number", "ni_number", "passport", "postcode", "name", "postal_address", "date_of_birth", "ip", "crm.contact"}
	for i, v := range []string{"Priya@Example.ORG", "020 7946 0018 x12", "943 476 5919", "QQ123456C", "AB-12345", "ox1 1aa", "Ann  O'Shea",
		"1 High St,\nOxford", "1950-02-28", "::1", "x", "ß@İ.example", "ſ@K.org", "\u0345x@e.org", "a@b..c", "A@-b.org", "a@1--2.org"} {
		f.Add(byte(i%len(kinds)), v)
		f.Add(byte(0), v)
	}
	r := rules(f)
	f.Fuzz(func(t *testing.T, k byte, value string) {
		kind := kinds[int(k)%len(kinds)]
		once, err := form(t, r, kind, value)
		if err != nil {
			return
		}
		twice, err := form(t, r, kind, once)
		if err != nil || twice != once {
			t.Errorf("%s: %q gives %q, which gives %q, %v", kind, value, once, twice, err)
		}
	})
}

// The short way for ordinary addresses agrees with the full rule.
func FuzzPlainEmail(f *testing.F) {
	for _, v := range []string{"Priya@Example.ORG", "a@b", "a@b.c", "a@b-.c", "a@1--2.c", "a.@b.c", "-a@b.c", "a@xn--bcher-kva.example", "_@b.c"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		short, ok := plainEmail(v)
		if !ok {
			return
		}
		// A leading no-op that only the full rule takes: full-width letters.
		full, err := email("Ａ" + v)
		if err != nil || full != "a"+short {
			t.Errorf("%q: short %q, full %q, %v", v, short, full, err)
		}
	})
}

func BenchmarkForms(b *testing.B) {
	r := rules(b)
	for _, c := range [][2]string{{"email", "Priya.Shah@example.org"}, {"phone", "+447700900123"}, {"crm.contact", "c-1234"}} {
		id := events.Identifier{Kind: events.Code(c[0]), Value: events.NewPlaintext(c[1])}
		b.Run(c[0], func(b *testing.B) {
			for range b.N {
				if _, err := r.Forms(id); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
