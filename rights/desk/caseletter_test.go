package desk_test

import (
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

// A letter claims nothing that was not done, names no ground that nobody recorded,
// and tells the person where to turn (Article 12(4)).
func TestLettersClaimNothing(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	c := opens(t, w, "email=priya@example.org", catalogue.RightErasure)
	letter := func(kind events.Code) string {
		t.Helper()
		l, err := w.Desk.LetterCase(ctx, desk.CaseLetterOrder{CaseStep: act(c.Case, worker, ""), Kind: kind})
		if err != nil {
			t.Fatal(err)
		}
		return l.Text
	}
	if text := letter(desk.LetterRefusal); strings.Contains(text, "The request is manifestly unfounded.") {
		t.Errorf("a refusal has a ground that nobody recorded: %s", text)
	}
	settles(t, w, c.Case)
	if _, err := w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(c.Case, boss, "")}); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []events.Code{desk.LetterAnswer, desk.LetterRecipients} {
		for _, claim := range []string{"we told it", "We have erased", "confirmed that"} {
			if text := letter(kind); strings.Contains(text, claim) {
				t.Errorf("nothing was sent out, and %s says %q: %s", kind, claim, text)
			}
		}
	}
	if text := letter(desk.LetterAnswer); !strings.Contains(text, "These have data about you from us:") || !strings.Contains(text, "Information Commissioner") || strings.Contains(text, "after this:") {
		t.Errorf("the answer: %s", text)
	}
}
