package clock_test

import (
	"errors"
	"testing"

	"github.com/habeas-data/habeas/rights/clock"
)

func ledger(t *testing.T, lines ...string) *clock.Ledger {
	t.Helper()
	l := &clock.Ledger{Regime: clock.UK, Right: clock.Access}
	for i := 0; i < len(lines); i += 2 {
		l.Entries = append(l.Entries, clock.Entry{Mark: clock.Mark(lines[i]), On: date(t, lines[i+1])})
	}
	return l
}

// TestLedger: one case from receipt to answer, looked at on many days. The past is
// shown as it was known by then.
func TestLedger(t *testing.T) {
	l := ledger(t,
		"received", "2026-06-08",
		"identity_checked", "2026-06-09", // nobody had doubted it
		"clarification_asked", "2026-06-10",
		"clarification_received", "2026-06-19",
		"extension_told", "2026-07-20",
		"answered", "2026-09-18",
	)
	for _, c := range []struct {
		on    string
		stand clock.Stand
		due   string
	}{
		{"2026-06-08", clock.Running, "2026-07-08"},
		{"2026-06-09", clock.Running, "2026-07-08"},
		{"2026-06-10", clock.StandsStill, ""},
		{"2026-06-18", clock.StandsStill, ""},
		{"2026-06-19", clock.Running, "2026-07-20"},
		{"2026-07-19", clock.Running, "2026-07-20"},
		{"2026-07-20", clock.Running, "2026-09-18"},
		{"2026-09-17", clock.Running, "2026-09-18"},
		{"2026-09-18", clock.InTime, "2026-09-18"},
		{"2027-01-01", clock.InTime, "2026-09-18"},
	} {
		s, err := l.On(date(t, c.on), clock.Shipped(), clock.Defaults)
		if err != nil {
			t.Fatalf("%s: %v", c.on, err)
		}
		if s.Stand != c.stand || s.Answer.Due.String() != c.due {
			t.Errorf("on %s: %s, due %s; want %s, %s", c.on, s.Stand, s.Answer.Due, c.stand, c.due)
		}
	}
	l.Entries = l.Entries[:5]
	for on, want := range map[string]clock.Stand{"2026-09-18": clock.DueToday, "2026-09-19": clock.Overdue} {
		if s, err := l.On(date(t, on), clock.Shipped(), clock.Defaults); err != nil || s.Stand != want {
			t.Errorf("on %s: %v, %v", on, s, err)
		}
	}
	late := ledger(t, "received", "2026-06-08", "answered", "2026-07-09")
	if s, err := late.On(date(t, "2026-07-10"), clock.Shipped(), clock.Defaults); err != nil || s.Stand != clock.AnsweredLate {
		t.Errorf("%v, %v", s, err)
	}
	doubt := ledger(t, "received", "2026-06-08", "identity_asked", "2026-06-09", "identity_received", "2026-06-12", "identity_asked", "2026-06-15")
	if s, err := doubt.On(date(t, "2026-06-16"), clock.Shipped(), clock.Defaults); err != nil || s.Stand != clock.NotBegun {
		t.Errorf("%v, %v", s, err)
	}
}

// TestLedgerRefuses: an entry that cannot follow is refused before it is recorded.
func TestLedgerRefuses(t *testing.T) {
	for name, lines := range map[string][]string{
		"empty":                            {},
		"not received":                     {"answered", "2026-06-08"},
		"received twice":                   {"received", "2026-06-08", "received", "2026-06-09"},
		"before the receipt":               {"received", "2026-06-08", "identity_asked", "2026-06-07"},
		"proof that nobody asked for":      {"received", "2026-06-08", "identity_received", "2026-06-09"},
		"a fee that nobody asked for":      {"received", "2026-06-08", "fee_paid", "2026-06-09"},
		"clarification nobody asked for":   {"received", "2026-06-08", "clarification_received", "2026-06-09"},
		"two open under one reference":     {"received", "2026-06-08", "clarification_asked", "2026-06-09", "clarification_asked", "2026-06-10"},
		"a second extension":               {"received", "2026-06-08", "extension_told", "2026-06-09", "extension_told", "2026-06-10"},
		"something after the answer":       {"received", "2026-06-08", "answered", "2026-06-09", "extension_told", "2026-06-10"},
		"a word that is no mark":           {"received", "2026-06-08", "thought_about", "2026-06-09"},
		"clarification that came too soon": {"received", "2026-06-08", "clarification_asked", "2026-06-12", "clarification_received", "2026-06-10"},
	} {
		if _, _, err := ledger(t, lines...).Facts(); !errors.Is(err, clock.ErrFacts) {
			t.Errorf("%s: %v", name, err)
		}
	}
	two := ledger(t, "received", "2026-06-08", "clarification_asked", "2026-06-09", "clarification_asked", "2026-06-10", "clarification_received", "2026-06-11")
	two.Entries[2].Ref = 1
	f, _, err := two.Facts()
	if err != nil || len(f.Clarifications) != 2 || f.Clarifications[0].Answered != date(t, "2026-06-11") || !f.Clarifications[1].Answered.IsZero() {
		t.Errorf("%+v, %v", f, err)
	}
}
