package measure

import (
	"strings"
	"testing"
)

func TestSpreadAndRatio(t *testing.T) {
	r := Rounds{{"a": 10, "b": 2}, {"a": 30, "b": 3}, {"a": 8}}
	s, ok := r.Metric("a")
	if !ok || s != (Spread{10, 8, 30, 3}) {
		t.Errorf("a: %+v, want the median 10 of 8 to 30", s)
	}
	// A ratio is taken inside a round; the round without b has none.
	s, ok = r.Of(ratio("a", "b"))
	if !ok || s != (Spread{7.5, 5, 10, 2}) {
		t.Errorf("a/b: %+v, want 7.5 of 5 to 10 in two rounds", s)
	}
	if _, ok := r.Metric("c"); ok {
		t.Error("c was never measured and has a value")
	}
}

func TestMetricsAddTwice(t *testing.T) {
	m := Metrics{"a": 1}
	if err := m.Add(Metrics{"a": 2}); err == nil {
		t.Error("two phases reported the same number and nobody said so")
	}
}

func TestJudge(t *testing.T) {
	goal := func(list []Verdict, text string) Verdict {
		for _, v := range list {
			if strings.HasPrefix(v.Goal, text) {
				return v
			}
		}
		t.Fatalf("no goal %q", text)
		return Verdict{}
	}
	list := Judge(Rounds{{"habeas.e2e.cpu_us": 12, "habeas.e2e.per_s": 40, "pg.e2e.per_s": 9, "pg.two.e2e.per_s": 10, "habeas.disk.map": 30}})
	for text, want := range map[string]string{
		"end to end to queryable": "met", "end to end against": "missed", "map,": "aim met", "rebuild": "not measured",
	} {
		if got := goal(list, text); got.Result != want {
			t.Errorf("%s: %s, want %s", text, got.Result, want)
		}
	}
}

func TestNumber(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 0.1234: "0.123", 12.34: "12.3", 123.4: "123", 9876: "9876",
		123456: "123 000", 1234567: "1 230 000"} {
		if got := number(x); got != want {
			t.Errorf("%v: %q, want %q", x, got, want)
		}
	}
}
