package desk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

var (
	update = flag.Bool("update", false, "write the goldens anew")
	ctx    = context.Background()
	dpo    = desktest.Caller(access.DPO)
)

func ask(id string) desk.Query {
	return desk.Query{Caller: dpo, Identifier: desktest.ID(id), Reason: events.NewPlaintext("she asked")}
}

func footprint(t *testing.T, w *desktest.World, q desk.Query) *events.Footprint {
	t.Helper()
	f, err := w.Desk.Footprint(ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func golden(t *testing.T, name string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile("testdata/"+name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s changed; got:\n%s", name, got)
	}
}

func TestFootprintGolden(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	golden(t, "footprint.json", footprint(t, w, ask("email=Priya@Example.org")))
}

func TestHistoryGolden(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	h, err := w.Desk.History(ctx, ask("platform.member=IC-4471"))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "history.json", h)
}

// Arrays of the published shape are never null.
func TestNothingIsNullThatIsAList(t *testing.T) {
	w := desktest.New(t)
	w.Report(events.RecordStored, "platform", "2024-01-02", []string{"platform.member=IC-1"}, func(e *events.Event) { e.Activity.Code = "ic-a03" })
	b, err := json.Marshal(footprint(t, w, ask("platform.member=IC-1")))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"holdings", "unknown", "findings", "joins", "identifiers", "subject_types", "lawful_basis", "conditions", "holds", "disclosures"} {
		if strings.Contains(string(b), `"`+name+`":null`) {
			t.Errorf("%s is null", name)
		}
	}
}

// I7: the record stands before anything is read, with who, by which right and
// about whom as a commitment; without it there is no answer.
func TestLookIsRecordedFirst(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	notes := w.Notes()
	f := footprint(t, w, ask("email=priya@example.org"))
	p, err := w.Audit.List(audit.Filter{}, -1, 0)
	if err != nil || len(p.Entries) != 1 {
		t.Fatalf("%d records, %v", len(p.Entries), err)
	}
	e := p.Entries[0].Entry
	if e.Actor != "bcdfghjkmn" || e.Name != "jo" || e.Act != "footprint.read" || e.Outcome != audit.Found || e.About.IsZero() || e.Note.IsZero() || e.Position.String() != f.AsOf.Position {
		t.Errorf("recorded %+v", e)
	}
	if w.Notes() != notes+1 {
		t.Errorf("%d notes were sealed", w.Notes()-notes)
	}
	for _, r := range w.Journal.Records() {
		for _, plain := range []string{"priya", "she asked", "IC-4471", f.Subject.Ref} {
			if bytes.Contains(bytes.ToLower(r), []byte(strings.ToLower(plain))) {
				t.Errorf("the record holds %q", plain)
			}
		}
	}
	// The reason opens to whoever may open it, and that is recorded too.
	v, err := w.Desk.Reason(ctx, dpo, e.Note)
	if err != nil || v.Reason != "she asked" || v.Subjects == 0 {
		t.Errorf("reason: %+v, %v", v, err)
	}
	if _, err := w.Desk.Reason(ctx, desktest.Caller(access.Admin), e.Note); !errors.Is(err, desk.ErrForbidden) {
		t.Errorf("an admin opened a reason: %v", err)
	}
	if w.Audit.Size() != 2 {
		t.Errorf("%d records after opening a reason", w.Audit.Size())
	}
}

func TestNoRecordNoAnswer(t *testing.T) {
	for name, harm := range map[string]func(*desktest.World){
		"journal down": func(w *desktest.World) { w.Journal.Refuse = true },
		"unsure":       func(w *desktest.World) { w.Journal.Lose = true },
		"vault down":   func(w *desktest.World) { w.BreakVault(true) },
	} {
		w := desktest.New(t)
		w.Priya()
		harm(w)
		for _, id := range []string{"email=priya@example.org", "platform.member=IC-4471"} {
			if f, err := w.Desk.Footprint(ctx, ask(id)); !errors.Is(err, desk.ErrNotRecorded) || f != nil {
				t.Errorf("%s: footprint %v", name, err)
			}
			if h, err := w.Desk.History(ctx, ask(id)); !errors.Is(err, desk.ErrNotRecorded) || h != nil {
				t.Errorf("%s: history %v", name, err)
			}
		}
	}
}

// Nothing found is recorded too, and the answer says what could not be asked.
func TestNobodyFound(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	_, err := w.Desk.Footprint(ctx, ask("email=nobody@example.org"))
	var none *desk.NotFound
	if !errors.As(err, &none) || none.AsOf.Position == "" || len(none.Unknown) == 0 {
		t.Fatalf("nobody: %v", err)
	}
	p, _ := w.Audit.List(audit.Filter{Outcome: audit.NotFound}, -1, 0)
	if len(p.Entries) != 1 || !p.Entries[0].Entry.About.IsZero() {
		t.Errorf("recorded %+v", p.Entries)
	}
	w.Journal.Refuse = true
	if _, err := w.Desk.Footprint(ctx, ask("email=nobody@example.org")); !errors.Is(err, desk.ErrNotRecorded) {
		t.Errorf("nobody, unrecorded: %v", err)
	}
}

func TestPermissionAndRate(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	for _, r := range []access.Role{access.Admin, access.Engineer, access.Auditor, access.SystemRole("platform")} {
		q := ask("email=priya@example.org")
		q.Caller = desktest.Caller(r)
		if _, err := w.Desk.Footprint(ctx, q); !errors.Is(err, desk.ErrForbidden) {
			t.Errorf("%s: %v", r, err)
		}
		if _, err := w.Desk.History(ctx, q); !errors.Is(err, desk.ErrForbidden) {
			t.Errorf("%s: %v", r, err)
		}
	}
	w.Limit = access.NewLimit(2, time.Minute, func() time.Time { return w.Now })
	w.Open()
	for range 2 {
		footprint(t, w, ask("email=priya@example.org"))
	}
	var limited *desk.Limited
	if _, err := w.Desk.Footprint(ctx, ask("email=priya@example.org")); !errors.As(err, &limited) || limited.RetryAfter < 1 {
		t.Errorf("beyond the rate: %v", err)
	}
}

// A weak identifier shows candidates and nothing else.
func TestWeakIdentifierGivesCandidates(t *testing.T) {
	w := desktest.New(t)
	w.Report(events.RecordStored, "platform", "2024-01-02", []string{"platform.member=IC-1", "name=Sam Lee"}, desktest.Codes("ic-a03", "locum", desktest.Cat("identity")))
	w.Report(events.RecordStored, "platform", "2024-01-02", []string{"platform.member=IC-2", "name=Sam Lee"}, desktest.Codes("ic-a03", "locum", desktest.Cat("identity")))
	_, err := w.Desk.Footprint(ctx, ask("name=Sam Lee"))
	var many *desk.Ambiguous
	if !errors.As(err, &many) || len(many.Candidates) != 2 {
		t.Fatalf("a name: %v %+v", err, many)
	}
	b, _ := json.Marshal(many)
	if strings.Contains(string(b), "IC-1") || strings.Contains(string(b), "Lee") {
		t.Errorf("candidates show data: %s", b)
	}
	f := footprint(t, w, desk.Query{Caller: dpo, Ref: many.Candidates[0].Ref})
	if len(f.Holdings) != 1 || f.Subject.Ref != many.Candidates[0].Ref {
		t.Errorf("the chosen candidate: %+v", f.Subject)
	}
	p, _ := w.Audit.List(audit.Filter{Outcome: audit.Candidates}, -1, 0)
	if len(p.Entries) != 1 || p.Entries[0].Entry.About.IsZero() {
		t.Error("candidates were shown and not recorded")
	}
}

// B1: an e-mail used by two members joins nobody until a person decides; a mark
// settles it, and a split and a merge by hand do what they say.
func TestIdentityByHand(t *testing.T) {
	w := desktest.New(t)
	for _, m := range []string{"platform.member=IC-1", "platform.member=IC-2"} {
		w.Report(events.RecordStored, "platform", "2024-01-02", []string{m, "email=office@example.org"}, desktest.Codes("ic-a01", "employer_contact", desktest.Cat("identity")))
	}
	var many *desk.Ambiguous
	if _, err := w.Desk.Footprint(ctx, ask("email=office@example.org")); !errors.As(err, &many) || len(many.Candidates) != 2 {
		t.Fatalf("a shared mailbox: %v", err)
	}
	one := footprint(t, w, ask("platform.member=IC-1"))
	if len(one.Holdings) != 1 || len(one.Contested) == 0 {
		t.Errorf("a member behind a contested address: %d holdings, contested %v", len(one.Holdings), one.Contested)
	}
	if !slices.ContainsFunc(one.Unknown, func(u events.Unknown) bool { return u.Why == "person_unconfirmed" }) {
		t.Error("records left out are not told")
	}
	decision := desk.Decision{Caller: dpo, Identifier: desktest.ID("email=office@example.org"), Shared: true, Reason: events.NewPlaintext("front desk")}
	if _, err := w.Desk.Mark(ctx, decision); err != nil {
		t.Fatal(err)
	}
	if f := footprint(t, w, ask("platform.member=IC-2")); len(f.Holdings) != 1 {
		t.Errorf("after the mark: %d holdings", len(f.Holdings))
	}
	a, b := footprint(t, w, ask("platform.member=IC-1")), footprint(t, w, ask("platform.member=IC-2"))
	pair := desk.Decision{Caller: dpo, A: a.Subject.Ref, B: b.Subject.Ref, Reason: events.NewPlaintext("two accounts of one person")}
	at, err := w.Desk.Merge(ctx, pair)
	if err != nil {
		t.Fatal(err)
	}
	q := ask("platform.member=IC-1")
	q.Min = at
	both := footprint(t, w, q)
	if len(both.Holdings) != 2 || !slices.ContainsFunc(both.Joins, func(j events.Join) bool { return j.By == "hand" }) {
		t.Errorf("after the merge: %d holdings, joins %+v", len(both.Holdings), both.Joins)
	}
	w.Now = w.Now.Add(time.Minute)
	if _, err := w.Desk.Split(ctx, pair); err != nil {
		t.Fatal(err)
	}
	if f := footprint(t, w, ask("platform.member=IC-1")); len(f.Holdings) != 1 {
		t.Errorf("after the split: %d holdings", len(f.Holdings))
	}
	p, _ := w.Audit.List(audit.Filter{Outcome: audit.Done}, -1, 0)
	if len(p.Entries) != 3 {
		t.Errorf("%d decisions recorded", len(p.Entries))
	}
}

func TestDecisionsAreRefused(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	ref := footprint(t, w, ask("email=priya@example.org")).Subject.Ref
	reason := events.NewPlaintext("because")
	other := events.Handle{1}.String()
	for name, c := range map[string]struct {
		d    desk.Decision
		want error
	}{
		"no right":     {desk.Decision{Caller: desktest.Caller(access.Viewer), Identifier: desktest.ID("email=priya@example.org"), Reason: reason}, desk.ErrForbidden},
		"unknown ref":  {desk.Decision{Caller: dpo, A: ref, B: other, Reason: reason}, desk.ErrGone},
		"the same ref": {desk.Decision{Caller: dpo, A: ref, B: ref, Reason: reason}, desk.ErrQuestion},
		"no ref":       {desk.Decision{Caller: dpo, A: "priya", B: ref, Reason: reason}, desk.ErrQuestion},
		"unknown mark": {desk.Decision{Caller: dpo, Identifier: desktest.ID("email=nobody@example.org"), Reason: reason}, desk.ErrGone},
		"no reason":    {desk.Decision{Caller: dpo, Identifier: desktest.ID("email=priya@example.org")}, desk.ErrQuestion},
	} {
		act := w.Desk.Merge
		if !c.d.Identifier.IsZero() {
			act = w.Desk.Mark
		}
		if _, err := act(ctx, c.d); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), "priya") {
			t.Errorf("%s: the error repeats an identifier", name)
		}
	}
	w.Journal.Refuse = true
	at := w.Notes()
	if _, err := w.Desk.Mark(ctx, desk.Decision{Caller: dpo, Identifier: desktest.ID("email=priya@example.org"), Reason: reason}); !errors.Is(err, desk.ErrNotRecorded) {
		t.Errorf("an unrecorded decision: %v", err)
	}
	if w.Notes() != at {
		t.Error("a decision that cannot be recorded leaves a note")
	}
}

func TestAsOfAndAsKnown(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	q := ask("platform.member=IC-4471")
	q.AsOf = events.InstantOf(time.Date(2023, 5, 10, 0, 0, 0, 0, time.UTC))
	if f := footprint(t, w, q); len(f.Holdings) != 4 || f.AsOf.Time != q.AsOf {
		t.Errorf("as of May 2023: %d holdings at %s", len(f.Holdings), f.AsOf.Time)
	}
	q = ask("platform.member=IC-4471")
	q.AsKnown = desk.AsKnown{Position: events.Position{Generation: 1, Seq: 1}}
	if f := footprint(t, w, q); len(f.Holdings) != 2 || f.AsOf.AsKnown != "1-1-0" {
		t.Errorf("as known at the first event: %d holdings, %q", len(f.Holdings), f.AsOf.AsKnown)
	}
	if _, err := desk.ParseAsKnown("yesterday"); !errors.Is(err, desk.ErrQuestion) {
		t.Errorf("parse: %v", err)
	}
}

func TestAnswerWaitsForItsPositionOrSaysSo(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	q := ask("email=priya@example.org")
	q.Min = events.Position{Generation: 1, Seq: 9999}
	if _, err := w.Desk.Footprint(ctx, q); !errors.Is(err, desk.ErrBehind) {
		t.Errorf("beyond the journal: %v", err)
	}
	w.Lag()
	f := footprint(t, w, ask("email=priya@example.org"))
	if len(f.Unknown) == 0 || f.Unknown[0].System != "habeas" || f.Unknown[0].Why != "behind" {
		t.Errorf("a map that lags is not told: %+v", f.Unknown[:1])
	}
}

// C12: every system of the catalogue is accounted for in every answer.
func TestEverySystemIsAccountedFor(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	f := footprint(t, w, ask("email=priya@example.org"))
	for _, s := range w.Cat.AllSystems() {
		if !slices.ContainsFunc(f.Unknown, func(u events.Unknown) bool { return u.System == string(s.ID) }) {
			t.Errorf("%s is not accounted for", s.ID)
		}
	}
	why := map[string][]string{}
	for _, u := range f.Unknown {
		why[u.System] = append(why[u.System], u.Why)
	}
	for system, want := range map[string][]string{
		"platform": {"before"}, "finance": {"silent", "before"}, "marketing": {"silent", "before"}, "support": {"before", "quarantined"},
		"web": {"never_connected"}, "gocardless": {"recipient_silent"}, "gohighlevel": {"recipient_silent"},
	} {
		if !slices.Equal(why[system], want) {
			t.Errorf("%s: %v, want %v", system, why[system], want)
		}
	}
	for _, u := range f.Unknown {
		if u.System == "platform" && u.Since.String() != "2022-01-01T12:00:00Z" {
			t.Errorf("platform is known from %s, its own word is 2022", u.Since)
		}
		if u.System == "gocardless" && u.Detail == "" {
			t.Error("a recipient of this person's data is told like any other")
		}
	}
}

func TestBehindIsNotSilent(t *testing.T) {
	w := desktest.New(t)
	w.Report(events.RecordStored, "platform", "2024-01-02", []string{"platform.member=IC-1"}, desktest.Codes("ic-a03", "locum", desktest.Cat("identity")))
	w.Report(events.SourceSynced, "platform", "2025-03-24", nil, func(e *events.Event) {
		e.Through = events.InstantOf(time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC))
	})
	f := footprint(t, w, ask("platform.member=IC-1"))
	i := slices.IndexFunc(f.Unknown, func(u events.Unknown) bool { return u.System == "platform" && u.Why == "behind" })
	if i < 0 || f.Unknown[i].Since.String() != "2025-03-01T00:00:00Z" {
		t.Errorf("unknown %+v", f.Unknown)
	}
}

func TestFindings(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	w.Report(events.RecordStored, "platform", "2024-01-02", []string{"platform.member=IC-4471"}, desktest.Codes("ic-a01", "locum", desktest.Cat("occupational_health")))
	w.Report(events.RecordStored, "platform", "2024-01-02", []string{"platform.member=IC-4471"}, desktest.All(desktest.Codes("ic-a03", "locum", desktest.Cat("identity", "photo_id_copy")),
		func(e *events.Event) { e.Flags |= events.Resurrection }))
	w.Report(events.ConsentGiven, "web", "2024-01-02", []string{"web.visitor=V1", "email=priya@example.org"}, func(e *events.Event) {
		e.Activity.Code, e.Method, e.GivenBy = "ic-a14", 4, 4
	})
	got := map[string]string{}
	for _, f := range footprint(t, w, ask("email=priya@example.org")).Findings {
		got[f.Rule] = f.Verdict
		if f.Text == "" || f.About["system"] == "" || f.At.IsZero() {
			t.Errorf("finding %+v is not explained", f)
		}
	}
	for rule, verdict := range map[string]string{
		"RECIPIENT_UNDECLARED": "error", "RECIPIENT_UNNAMED": "warn", "RECIPIENT_NOT_IN_ROW": "warn", "SHARED_NOT_STORED": "warn", "CATEGORY_NOT_IN_ROW": "error",
		"SUBJECT_NOT_IN_ROW": "warn", "RESURRECTION": "error", "CONSENT_BY_VISIT": "error", "CONSENT_BY_PROXY": "warn", "CONSENT_ENDED_STILL_STORED": "review",
	} {
		if got[rule] != verdict {
			t.Errorf("%s: %q, want %q", rule, got[rule], verdict)
		}
	}
}

func TestForgottenNamesAreNotGuessed(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	ref := footprint(t, w, ask("email=priya@example.org")).Subject.Ref
	for _, id := range []string{"email=priya@example.org", "platform.member=IC-4471", "finance.mandate=DD-77"} {
		w.Forget(id)
	}
	var none *desk.NotFound
	if _, err := w.Desk.Footprint(ctx, desk.Query{Caller: dpo, Ref: ref}); !errors.As(err, &none) {
		t.Errorf("a forgotten person's reference: %v", err)
	}
	f := footprint(t, w, ask("finance.customer=F-90"))
	i := slices.IndexFunc(f.Holdings, func(h events.Holding) bool { return h.Item != nil })
	if i < 0 || f.Holdings[i].Item.Value != "" || f.Holdings[i].Item.Ref == "" {
		t.Errorf("an item whose name is gone: %+v", f.Holdings)
	}
}

func TestSystems(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	w.Report(events.RecordStored, "crm", "2025-03-24", []string{"crm.contact=1"}, nil)
	s, err := w.Desk.Systems(ctx, desktest.Caller(access.Engineer))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]desk.SystemView{}
	for _, v := range s.Systems {
		got[v.ID] = v
	}
	for id, want := range map[string]string{"platform": "reporting", "finance": "silent", "web": "never_connected", "gocardless": "not_expected", "crm": "reporting"} {
		if got[id].Status != want {
			t.Errorf("%s is %s, want %s", id, got[id].Status, want)
		}
	}
	if got["crm"].Owner != "undeclared" || got["support"].Quarantined != 1 || got["platform"].Through == nil {
		t.Errorf("systems: %+v %+v %+v", got["crm"], got["support"], got["platform"])
	}
	if _, err := w.Desk.Systems(ctx, desktest.Caller(access.SystemRole("crm"))); !errors.Is(err, desk.ErrForbidden) {
		t.Errorf("a system listed systems: %v", err)
	}
}

func TestQuarantineIsOpenedOnRecordOnly(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	list, err := w.Desk.Quarantine(ctx, desktest.Caller(access.Engineer))
	if err != nil || len(list.Items) != 1 || list.Items[0].System != "support" {
		t.Fatalf("list: %+v, %v", list, err)
	}
	b, _ := json.Marshal(list)
	if strings.Contains(string(b), "priya") {
		t.Error("the list shows contents")
	}
	at, _ := events.ParsePosition(list.Items[0].Position)
	if _, err := w.Desk.QuarantineOpen(ctx, desktest.Caller(access.Engineer), at); !errors.Is(err, desk.ErrForbidden) {
		t.Errorf("an engineer opened it: %v", err)
	}
	w.Journal.Refuse = true
	if _, err := w.Desk.QuarantineOpen(ctx, dpo, at); !errors.Is(err, desk.ErrNotRecorded) {
		t.Errorf("opened unrecorded: %v", err)
	}
	w.Journal.Refuse = false
	v, err := w.Desk.QuarantineOpen(ctx, dpo, at)
	if err != nil || !strings.Contains(v.Body, "priya") {
		t.Errorf("open: %+v, %v", v, err)
	}
	if _, err := w.Desk.QuarantineOpen(ctx, dpo, events.Position{}); !errors.Is(err, desk.ErrGone) {
		t.Errorf("open an absent one: %v", err)
	}
}

func TestOpenRefusesAMissingPart(t *testing.T) {
	if _, err := desk.Open(ctx, desk.Deps{}); err == nil {
		t.Error("a desk without parts was opened")
	}
}
