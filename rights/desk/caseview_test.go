package desk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	law "github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

// Arrays of the published shapes are never null, and a plan says its codes in
// words.
func TestCaseShapes(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	c := opens(t, w, "email=priya@example.org", catalogue.RightErasure, catalogue.RightAccess)
	p := plans(t, w, c.Case)
	v, err := w.Desk.ShowCase(ctx, worker, c.Case)
	if err != nil {
		t.Fatal(err)
	}
	empty, err := w.Desk.ListCases(ctx, desk.CaseQuery{Caller: worker, Status: "closed"})
	if err != nil || len(empty.Cases) != 0 {
		t.Fatalf("listed %+v, %v", empty, err)
	}
	for name, x := range map[string]any{"plan": p, "case": v, "list": empty} {
		b, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		for _, list := range []string{"items", "recipients", "because", "also", "blocked_by", "findings", "assumed", "rerun", "unknown", "contested", "candidates", "members", "not_deleted",
			"identifiers", "scope", "channels", "states", "clocks", "timeline", "assessments", "letters", "packages", "task_list", "next_steps", "cases", "rights"} {
			if strings.Contains(string(b), `"`+list+`":null`) {
				t.Errorf("%s: %s is null", name, list)
			}
		}
	}
	if p.Words["system/platform"] == "" || p.Words["activity/ic-a03"] == "" {
		t.Errorf("words %v", p.Words)
	}
	for _, x := range p.Items {
		if x.Item != nil && x.Item.Value != "DD-77" {
			t.Errorf("an item without its value: %+v", x.Item)
		}
		if x.Right == "erasure" && x.Outcome == "erase" && len(x.BlockedBy) == 0 {
			t.Errorf("what is erased before the copy is given: %+v", x)
		}
	}
	if p.Counts["erase"] == 0 || p.ByRight["access"]["disclose"] == 0 || len(p.Recipients) == 0 {
		t.Errorf("counts %v, by right %v, recipients %v", p.Counts, p.ByRight, p.Recipients)
	}
}

// The list pages, filters and streams; it names nobody.
func TestListOfCases(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	for n := range 7 {
		o := order(fmt.Sprintf("email=p%d@example.org", n), catalogue.RightAccess)
		o.Received = day(t, "2025-03-10") + events.Date(n)
		if _, err := w.Desk.OpenCase(ctx, o); err != nil {
			t.Fatal(err)
		}
	}
	opens(t, w, "email=priya@example.org", catalogue.RightErasure)
	auditor := access.Caller{Token: "auditor0001", Name: "al", Roles: []access.Role{access.Auditor}}
	seen, last := 0, ""
	for after := ""; ; {
		page, err := w.Desk.ListCases(ctx, desk.CaseQuery{Caller: auditor, Limit: 3, After: after})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page.Cases {
			if seen++; *c.Due < last {
				t.Errorf("%s stands after %s", *c.Due, last)
			}
			last = *c.Due
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if seen != 8 {
		t.Errorf("%d cases on the pages", seen)
	}
	one, err := w.Desk.ListCases(ctx, desk.CaseQuery{Caller: auditor, Right: catalogue.RightErasure})
	if err != nil || len(one.Cases) != 1 || one.Cases[0].Number != 8 {
		t.Errorf("by right %+v, %v", one, err)
	}
	w.Now = time.Date(2025, 4, 12, 9, 0, 0, 0, time.UTC)
	late, err := w.Desk.ListCases(ctx, desk.CaseQuery{Caller: auditor, Overdue: true})
	if err != nil || len(late.Cases) == 0 || len(late.Cases) == 8 {
		t.Errorf("overdue %d, %v", len(late.Cases), err)
	}
	for _, c := range late.Cases {
		if !c.Overdue {
			t.Errorf("not overdue: %+v", c)
		}
	}
	n := 0
	if err := w.Desk.ExportCases(ctx, desk.CaseQuery{Caller: auditor}, func(*desk.CaseLine) error { n++; return nil }); err != nil || n != 8 {
		t.Errorf("exported %d, %v", n, err)
	}
	stop := errors.New("stop")
	if err := w.Desk.ExportCases(ctx, desk.CaseQuery{Caller: auditor}, func(*desk.CaseLine) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("an export that was stopped: %v", err)
	}
	for _, q := range []desk.CaseQuery{{Caller: auditor, Status: "sung"}, {Caller: auditor, After: "zz"}} {
		if _, err := w.Desk.ListCases(ctx, q); !errors.Is(err, desk.ErrQuestion) {
			t.Errorf("%+v: %v", q, err)
		}
	}
	if _, err := w.Desk.ShowCase(ctx, auditor, "1"); !errors.Is(err, desk.ErrForbidden) {
		t.Errorf("an auditor read a case: %v", err)
	}
	if v, err := w.Desk.ShowCase(ctx, worker, "8"); err != nil || v.Number != 8 {
		t.Errorf("by number: %v", err)
	}
}

// What was asked about only: an item, by the number that a system gave it.
func TestScopeOfAnItem(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	o := order("email=priya@example.org", catalogue.RightErasure)
	o.Scope = []desk.CaseScope{{Item: desktest.ID("finance.mandate=DD-77")}}
	o.Agent = &desk.CaseAgent{As: law.Attorney, Name: events.NewPlaintext("Mr Nair"), Evidence: true}
	c, err := w.Desk.OpenCase(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, x := range plans(t, w, c.Case).Items {
		if x.Code != string(law.NotAsked) && x.Code != string(law.NotAffected) {
			if asked++; x.Item == nil {
				t.Errorf("asked about %+v", x)
			}
		}
	}
	if asked != 1 {
		t.Errorf("%d holdings were asked about", asked)
	}
	v, err := w.Desk.ShowCase(ctx, worker, c.Case)
	if err != nil || len(v.Scope) != 1 || v.Scope[0].Item == nil || v.Scope[0].Item.Value != "DD-77" || v.Asker == nil || v.Asker.Name != "Mr Nair" {
		t.Errorf("shown %+v %+v, %v", v.Scope, v.Asker, err)
	}
	// The same asked about everything is another request.
	if other := opens(t, w, "email=priya@example.org", catalogue.RightErasure); other.Case == "" {
		t.Errorf("taken for a duplicate: %+v", other)
	}
}

// A candidate is accepted by a named person, and one of the joined handles is not.
func TestConfirmAmongHandles(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	c := opens(t, w, "email=priya@example.org", catalogue.RightErasure)
	p := plans(t, w, c.Case)
	var refs []string
	for _, m := range p.Members {
		if m.System != "marketing" {
			refs = append(refs, m.Ref)
		}
	}
	if len(refs) == len(p.Members) {
		t.Fatal("nothing is joined from marketing, so the test says nothing")
	}
	if _, err := w.Desk.ConfirmCase(ctx, desk.CaseConfirmOrder{CaseStep: act(c.Case, worker, "not hers"), Refs: refs}); err != nil {
		t.Fatal(err)
	}
	p = plans(t, w, c.Case)
	if !p.Confirmed {
		t.Error("a confirmation of some is none")
	}
	for _, x := range p.Items {
		if x.System == "marketing" {
			t.Errorf("planned although it is not hers: %+v", x)
		}
	}
	// A handle that joins later waits for a person again.
	w.Report(events.RecordStored, "support", "2025-03-22", []string{"support.ticket=T1", "email=priya@example.org"}, desktest.Codes("ic-a03", "locum", desktest.Cat("identity")))
	if p = plans(t, w, c.Case); p.Confirmed {
		t.Error("a handle that joined later counts as confirmed")
	}
	if _, err := w.Desk.ConfirmCase(ctx, desk.CaseConfirmOrder{CaseStep: act(c.Case, worker, ""), Refs: []string{"nonsense"}}); !errors.Is(err, desk.ErrQuestion) {
		t.Errorf("a reference that is none: %v", err)
	}
}

// Every letter can be drafted where it is due, and is kept as a person sends it.
func TestLetters(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	c := opens(t, w, "email=priya@example.org", catalogue.RightErasure, catalogue.RightMarketing)
	for kind, words := range map[events.Code]string{
		desk.LetterAcknowledgement: "22 April 2025", desk.LetterIdentity: "Article 12(6)", desk.LetterAuthority: "shows that you may", desk.LetterClarification: "Please tell us",
		desk.LetterFee: "free of charge", desk.LetterExtension: "two months more", desk.LetterRefusal: "[say why]",
	} {
		l, err := w.Desk.LetterCase(ctx, desk.CaseLetterOrder{CaseStep: act(c.Case, worker, ""), Kind: kind})
		if err != nil || !strings.Contains(l.Text, words) || l.Kept {
			t.Errorf("%s: %v %s", kind, err, l.Text)
		}
	}
	settles(t, w, c.Case)
	if _, err := w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(c.Case, boss, "")}); err != nil {
		t.Fatal(err)
	}
	l, err := w.Desk.LetterCase(ctx, desk.CaseLetterOrder{CaseStep: act(c.Case, worker, ""), Kind: desk.LetterRecipients})
	if err != nil || !strings.Contains(l.Text, "Article 19") {
		t.Errorf("recipients: %v %s", err, l.Text)
	}
	own := events.NewPlaintext("Dear Priya, we did it.")
	if _, err := w.Desk.LetterCase(ctx, desk.CaseLetterOrder{CaseStep: act(c.Case, worker, ""), Kind: desk.LetterAnswer, Text: own}); !errors.Is(err, desk.ErrQuestion) {
		t.Errorf("a text that is not kept: %v", err)
	}
	kept, err := w.Desk.LetterCase(ctx, desk.CaseLetterOrder{CaseStep: act(c.Case, worker, ""), Kind: desk.LetterAnswer, Text: own, Keep: true, Via: "letter"})
	if err != nil || !kept.Kept {
		t.Fatal(err)
	}
	v, err := w.Desk.ShowCase(ctx, worker, c.Case)
	if err != nil || len(v.Letters) != 1 || v.Letters[0].Text != "Dear Priya, we did it." || v.Letters[0].Event != kept.Event {
		t.Errorf("kept %+v, %v", v.Letters, err)
	}
	if _, err := w.Desk.LetterCase(ctx, desk.CaseLetterOrder{CaseStep: act(c.Case, worker, ""), Kind: "sonnet"}); !errors.Is(err, desk.ErrQuestion) {
		t.Errorf("a sonnet: %v", err)
	}
}

// A case that somebody finds to be the same as another, and one of the past.
func TestDuplicateByHandAndHistory(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	a := opens(t, w, "email=priya@example.org", catalogue.RightErasure)
	b := opens(t, w, "email=priya@example.org", catalogue.RightAccess)
	_, err := w.Desk.DuplicateCase(ctx, act(b.Case, worker, ""), b.Case)
	refused(t, err, cases.NotADuplicate)
	done, err := w.Desk.DuplicateCase(ctx, act(b.Case, worker, "the same letter"), a.Case)
	if err != nil || done.Status != "duplicate" {
		t.Errorf("%+v, %v", done, err)
	}
	o := order("email=priya@example.org", catalogue.RightAccess)
	o.Received, o.Answered = day(t, "2024-01-10"), day(t, "2024-02-01")
	c, err := w.Desk.OpenCase(ctx, o)
	if err != nil || c.Status != "closed" {
		t.Errorf("of the past: %+v, %v", c, err)
	}
	v, err := w.Desk.ShowCase(ctx, worker, c.Case)
	if err != nil || !v.Historic || v.Clocks[0].Stand != "answered_in_time" {
		t.Errorf("shown %+v, %v", v, err)
	}
	// One reference of an earlier answer stands for an identifier.
	ref := footprint(t, w, ask("email=priya@example.org")).Subject.Ref
	d, err := w.Desk.OpenCase(ctx, desk.CaseOrder{Caller: worker, Rights: []catalogue.RightKind{catalogue.RightErasure}, Refs: []string{ref}})
	if err != nil || d.DuplicateOf != a.Case {
		t.Errorf("by reference: %+v, %v", d, err)
	}
}

// An item that speaks of somebody else as well is for a person to decide, and a
// record that was moved after the request came is in its scope.
func TestOthersAndCopies(t *testing.T) {
	w := desktest.New(t)
	photo := func(e *events.Event) { e.Item = w.Item("platform", "platform.photo=P1") }
	for _, m := range []string{"platform.member=IC-1", "platform.member=IC-2"} {
		w.Report(events.RecordStored, "platform", "2024-01-02", []string{m}, desktest.All(desktest.Codes("ic-a11", "locum", desktest.Cat("contact", "email")), photo))
	}
	w.Report(events.RecordStored, "platform", "2024-01-03", []string{"platform.member=IC-1"}, desktest.Codes("ic-a03", "locum", desktest.Cat("identity")))
	c := opens(t, w, "platform.member=IC-1", catalogue.RightErasure)
	w.Report(events.RecordRemoved, "platform", "2025-03-21", []string{"platform.member=IC-1"}, desktest.Codes("ic-a03", "locum", desktest.Cat("identity")))
	w.Report(events.RecordStored, "platform", "2025-03-22", []string{"platform.member=IC-1"}, desktest.All(desktest.Codes("ic-a03", "locum", desktest.Cat("identity")),
		func(e *events.Event) { e.Dataset = "new_profiles" }))
	w.Report(events.RecordStored, "platform", "2025-03-22", []string{"platform.member=IC-1"}, desktest.Codes("ic-a04", "locum", desktest.Cat("services")))
	found := 0
	for _, x := range plans(t, w, c.Case).Items {
		switch {
		case x.Item != nil:
			if found++; x.AlsoAbout != 1 || !x.NeedsPerson {
				t.Errorf("of two people: %+v", x)
			}
		case x.Dataset == "new_profiles":
			if found++; x.Code == string(law.NotHeldAtReceipt) {
				t.Errorf("a copy of what was held: %+v", x)
			}
		case x.Activity == "ic-a04":
			if found++; x.Code != string(law.NotHeldAtReceipt) {
				t.Errorf("what is new: %+v", x)
			}
		}
	}
	if found != 3 {
		t.Errorf("%d of 3 were found", found)
	}
}
