package events_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
)

const secret = "priya@example.org"

// holder keeps personal data where fmt calls no methods: in unexported fields.
type holder struct {
	Open   events.Plaintext
	hidden events.Plaintext
	id     events.Identifier
	list   []events.Identifier
	m      map[string]events.Plaintext
	any    any
	obs    *events.Observation
}

func newHolder() holder {
	p := events.NewPlaintext(secret)
	id := events.Identifier{Kind: "email", Value: p}
	return holder{p, p, id, []events.Identifier{id}, map[string]events.Plaintext{"a": p}, id,
		&events.Observation{ExternalID: p, Subject: []events.Identifier{id}, Item: id, Retracts: p}}
}

// I1: personal data does not leave by accident, whatever it is printed with
// and whatever it is wrapped in.
func TestPlaintextDoesNotPrint(t *testing.T) {
	h := newHolder()
	values := map[string]any{
		"value": h.hidden, "pointer": &h.hidden, "identifier": h.id, "list": h.list, "map": h.m,
		"observation": h.obs, "deref": *h.obs, "holder": h, "pointer to holder": &h, "any": h.any,
		"error": fmt.Errorf("look up %v: %w", h.id, errors.New(h.hidden.String())),
		"func":  func() events.Plaintext { return h.hidden },
	}
	for name, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%T", "%p", "%08.3v", "%[2]*[1]v"} {
			clean(t, name+" "+verb, fmt.Sprintf(verb, v, 5))
		}
		var text, js, std bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).Info("look", "v", v, slog.Any("w", v), slog.Group("g", "v", v))
		slog.New(slog.NewJSONHandler(&js, nil)).Info("look", "v", v, slog.Any("w", v), slog.Group("g", "v", v))
		log.New(&std, "", 0).Print("look ", v, v)
		clean(t, name+" slog text", text.String())
		clean(t, name+" slog JSON", js.String())
		clean(t, name+" log", std.String())
		if b, err := json.Marshal(v); err == nil {
			clean(t, name+" JSON", string(b))
		}
		if b, err := xml.Marshal(v); err == nil {
			clean(t, name+" XML", string(b))
		}
		var g bytes.Buffer
		_ = gob.NewEncoder(&g).Encode(v) // what cannot be encoded does not leave either
		clean(t, name+" gob", g.String())
		func() {
			defer func() { clean(t, name+" panic", fmt.Sprint(recover())) }()
			panic(v)
		}()
	}
}

func clean(t *testing.T, how, out string) {
	t.Helper()
	hex := fmt.Sprintf("%x", secret)
	for _, bad := range []string{secret, "priya", hex, strings.ToUpper(hex), hex[:10]} {
		if strings.Contains(out, bad) {
			t.Errorf("%s shows personal data: %s", how, out)
		}
	}
}

func TestPlaintextSaysThatItIsRedacted(t *testing.T) {
	p := events.NewPlaintext(secret)
	for _, got := range []string{fmt.Sprint(p), fmt.Sprintf("%#v", p), fmt.Sprintf("%x", p), p.String()} {
		if got != events.Redacted {
			t.Errorf("got %s", got)
		}
	}
	b, err := json.Marshal(map[string]any{"p": p})
	if err != nil || string(b) != `{"p":"[redacted]"}` {
		t.Errorf("got %s %v", b, err)
	}
	var back struct{ P events.Plaintext }
	if err := json.Unmarshal([]byte(`{"P":"x"}`), &back); err == nil {
		t.Error("personal data came in by the back door")
	}
}

func TestPlaintextEquality(t *testing.T) {
	a, b, c := events.NewPlaintext("x1"), events.NewPlaintext("x"+fmt.Sprint(1)), events.NewPlaintext("x2")
	if !a.Equal(b) || a.Equal(c) || !reflect.DeepEqual(a, b) || reflect.DeepEqual(a, c) {
		t.Error("equality is not that of the texts")
	}
	if reflect.TypeOf(a).Comparable() {
		t.Error("== would compare addresses")
	}
	zero := events.NewPlaintext("")
	if !zero.IsZero() || zero.Len() != 0 || zero.Expose() != "" || !zero.Equal(events.Plaintext{}) || a.Len() != 2 || a.Expose() != "x1" {
		t.Error("empty and length")
	}
	ab := events.Identifier{Kind: "email", Value: a}
	if !ab.Equal(events.Identifier{Kind: "email", Value: b}) || ab.Equal(events.Identifier{Kind: "phone", Value: b}) || ab.IsZero() {
		t.Error("equality of identifiers")
	}
}

func TestStrength(t *testing.T) {
	for kind, want := range map[events.Code]events.Strength{
		"crm.contact": events.Unique, "nhs_number": events.Unique, "ni_number": events.Unique, "passport": events.Unique,
		"email": events.Shareable, "phone": events.Shareable, "name": events.Weak, "postal_address": events.Weak,
		"date_of_birth": events.Weak, "device": events.Weak, "ip": events.Weak, "cookie": events.Weak, "anything": events.Weak,
	} {
		if got := events.StrengthOf(kind); got != want {
			t.Errorf("%s is %s, want %s", kind, got, want)
		}
	}
}
