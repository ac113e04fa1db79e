package rules

import (
	"os"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
)

// FuzzCheck: whatever catalogue can be loaded can be checked; each finding has
// a rule, a text and a verdict.
func FuzzCheck(f *testing.F) {
	b, err := os.ReadFile("testdata/good.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(b))
	for i, m := range mutations() {
		if i%15 != 0 {
			continue
		}
		text := string(b)
		for _, e := range m.edits {
			text = strings.Replace(text, e.old, e.new, 1)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := catalogue.Load("fuzz.yaml", strings.NewReader(text))
		if err != nil {
			return
		}
		for _, x := range Check(c) {
			if _, ok := Named(x.Rule); !ok || x.Text == "" || x.Verdict < Info || x.Verdict > Error {
				t.Errorf("%+v", x)
			}
		}
	})
}
