package desk_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/certificate"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

// lands carries an erasure to its end by hand: what can be looked at is verified,
// the rest is accepted as it stands.
func lands(t *testing.T, w *desktest.World, id string) {
	t.Helper()
	settles(t, w, id)
	if _, err := w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(id, boss, "")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Desk.RunCase(ctx, desk.RunOrder{Caller: boss, Case: id}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Desk.AnswerCase(ctx, desk.CaseAnswerOrder{CaseStep: act(id, worker, "")}); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		p, err := w.Desk.ListTasks(ctx, desk.TaskQuery{Caller: boss, Case: id})
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range p.Tasks {
			finish(t, w, &k)
		}
	}
}

// priyas reveals somebody for every handle.
type priyas struct{}

func (priyas) RevealForTasks(_ context.Context, handles []events.Handle) (map[events.Handle]events.Identifier, error) {
	out := map[events.Handle]events.Identifier{}
	for _, h := range handles {
		out[h] = desktest.ID("email=priya@example.org")
	}
	return out, nil
}

// speaks lets the platform claim its own tasks.
func speaks(w *desktest.World) {
	w.Tasks = desk.TaskDeps{Names: priyas{}, Speaks: func(system events.Code) bool { return system == "platform" }}
	w.Open()
}

// claims lets a system do a task, or look again.
func claims(t *testing.T, w *desktest.World, k *desk.TaskView) {
	t.Helper()
	who := access.Caller{Token: "systoken001", Name: "sysname", Roles: []access.Role{access.SystemRole(events.Code(k.System))}}
	id, err := events.ParseEventID(k.Task)
	if err != nil {
		t.Fatal(err)
	}
	work, err := w.Desk.ClaimTask(ctx, who, events.Code(k.System), id, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Desk.ReportTask(ctx, who, events.Code(k.System), k.Task, &events.WorkReport{Attempt: work.Attempt, Outcome: events.WorkDone}); err != nil {
		t.Fatal(err)
	}
}

func finish(t *testing.T, w *desktest.World, k *desk.TaskView) {
	t.Helper()
	order := desk.TaskOrder{Caller: boss, Task: k.Task, Reason: events.NewPlaintext("asked by telephone")}
	var err error
	w.Now = w.Now.Add(time.Hour)
	switch {
	case k.Ended:
	case k.System == "platform":
		w.Now = w.Now.Add(24 * time.Hour)
		claims(t, w, k)
	case k.State == string(cases.TaskManual) || k.State == string(cases.TaskPlanned):
		_, err = w.Desk.ReportByHand(ctx, desk.HandReport{TaskOrder: order, Report: events.WorkReport{Outcome: events.WorkDone, Text: events.NewPlaintext("done, says sam")}})
	default:
		_, err = w.Desk.SettleTask(ctx, desk.SettleOrder{TaskOrder: order, Choice: cases.ChooseAccept})
	}
	if err != nil {
		t.Fatalf("%s of %s in state %s (%s): %v", k.Verb, k.System, k.State, k.Detail, err)
	}
}

func checked(t *testing.T, w *desktest.World, v *desk.CertificateView) *certificate.Certificate {
	t.Helper()
	c, exact, err := certificate.Decode(v.File)
	if err != nil || !exact {
		t.Fatalf("read the certificate: %v, %v", exact, err)
	}
	if r := certificate.Check(c, exact, w.Audit.PublicKey()); !r.Valid {
		t.Fatalf("it does not hold: %+v", r.Problems)
	}
	return c
}

// The certificate of an erasure: it holds under the public key, names nobody, is
// the same file when it is asked for again, and says after a rotation that nobody
// can tell any more whom it was about.
func TestCertificate(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	speaks(w)
	w.Keys = desk.KeyFacts{Epoch: 3, Began: events.InstantOf(w.Now), Rotates: events.InstantOf(w.Now.AddDate(0, 0, 9)), Locations: []certificate.Location{{Number: 1, Epochs: []uint32{3}}}}
	id := opens(t, w, "email=priya@example.org", catalogue.RightErasure).Case
	_, err := w.Desk.CertifyCase(ctx, act(id, boss, ""))
	refused(t, err, cases.NotComplete)
	lands(t, w, id)
	v, err := w.Desk.CertifyCase(ctx, act(id, boss, "for the regulator, says ada"))
	if err != nil {
		t.Fatal(err)
	}
	c := checked(t, w, v)
	b := &c.Body
	if b.Standing != certificate.Complete || b.Holdings == 0 || len(b.Targets) == 0 || b.Totals.Verified == 0 || b.Totals.Open != 0 || len(b.Records) < len(b.Targets) || b.Plan == nil || b.Keys.State != certificate.KeysInUse {
		t.Errorf("%+v", b)
	}
	for _, word := range []string{"priya", `"ada"`, `"kim"`, " ada", " kim", string(boss.Token), string(worker.Token), "systoken", "sysname", "says sam", "telephone", "regulator"} {
		if bytes.Contains(bytes.ToLower(v.File), []byte(word)) || strings.Contains(strings.ToLower(v.Text), word) {
			t.Errorf("the certificate holds %q", word)
		}
	}
	again, err := w.Desk.Certificate(ctx, desk.CertificateQuery{Caller: boss, Case: id})
	if err != nil || !bytes.Equal(again.File, v.File) || !bytes.Equal(again.PDF, v.PDF) {
		t.Fatalf("asked for again it is another: %v", err)
	}

	// Everything is forgotten. Until a rotation it can be read with an old copy.
	for _, name := range []string{"email=priya@example.org", "platform.member=IC-4471", "name=Priya Nair", "finance.customer=F-90", "marketing.contact=M1"} {
		w.Forget(name)
	}
	w.Now, w.Keys.Fresh = w.Now.AddDate(0, 1, 0), true
	keys := certifiesAgain(t, w, id, c)
	if keys.Forgotten != keys.Identifiers || keys.State != certificate.Removed || keys.ReadableUntil.IsZero() {
		t.Errorf("forgotten: %+v", keys)
	}
	// The keys are rotated; then somebody else is forgotten.
	w.Now = w.Now.AddDate(0, 0, 1)
	w.Keys.Epoch, w.Keys.Began = 4, events.InstantOf(w.Now)
	w.Now = w.Now.Add(time.Hour)
	if keys = certifiesAgain(t, w, id, c); keys.State != certificate.Gone || !keys.ReadableUntil.IsZero() {
		t.Errorf("rotated: %+v", keys)
	}
	// A key location that was not reached says the contrary.
	w.Keys.Locations[0].Behind = true
	if keys = certifiesAgain(t, w, id, c); keys.State != certificate.Removed {
		t.Errorf("a location is behind: %+v", keys)
	}

	// The case file is destroyed; its certificates are not.
	if _, err := w.Desk.CloseCase(ctx, act(id, boss, "")); err != nil {
		t.Fatal(err)
	}
	for system, name := range map[events.Code]string{"platform": "platform.member=IC-4471", "finance": "finance.customer=F-90", "marketing": "marketing.contact=M1"} {
		w.Report(events.RecordRemoved, system, "2032-04-01", []string{name}, nil)
	}
	w.Now = w.Now.AddDate(30, 0, 0)
	if n, err := w.Desk.ShredCases(ctx, time.Hour, time.Hour); n != 1 || err != nil {
		t.Fatalf("%d files destroyed, %v", n, err)
	}
	first, err := w.Desk.Certificate(ctx, desk.CertificateQuery{Caller: boss, Case: id, Number: 1})
	if err != nil || !bytes.Equal(first.File, v.File) {
		t.Errorf("the first is another now: %v", err)
	}
	if _, err := w.Desk.Certificate(ctx, desk.CertificateQuery{Caller: boss, Case: id, Number: 5}); !errors.Is(err, desk.ErrGone) {
		t.Errorf("one more than were drawn: %v", err)
	}
	if _, err := w.Desk.OpenCommitment(ctx, desk.CommitmentOrder{Caller: boss, Case: id, Content: b.Targets[0].Receipts[0]}); !errors.Is(err, desk.ErrGone) {
		t.Errorf("a commitment opens after its case file was destroyed: %v", err)
	}
}

// certifiesAgain draws a later certificate and checks that it follows the first.
func certifiesAgain(t *testing.T, w *desktest.World, id string, first *certificate.Certificate) certificate.Keys {
	t.Helper()
	v, err := w.Desk.CertifyCase(ctx, act(id, boss, ""))
	if err != nil {
		t.Fatal(err)
	}
	c := checked(t, w, v)
	r := certificate.Check(c, true, w.Audit.PublicKey())
	if r.Since(c, first, nil, w.Audit.PublicKey()); !r.Valid {
		t.Fatalf("%+v", r.Problems)
	}
	return c.Body.Keys
}

// Who may, and that it is recorded before anything is shown (I7).
func TestCertificateIsRecorded(t *testing.T) {
	w := desktest.New(t)
	w.Priya()
	speaks(w)
	id := opens(t, w, "email=priya@example.org", catalogue.RightErasure).Case
	lands(t, w, id)
	nobody := access.Caller{Token: "nobody00001", Name: "nob", Roles: []access.Role{access.Engineer}}
	if _, err := w.Desk.CertifyCase(ctx, act(id, nobody, "")); !errors.Is(err, desk.ErrForbidden) {
		t.Errorf("drawn by anybody: %v", err)
	}
	v, err := w.Desk.CertifyCase(ctx, act(id, boss, ""))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Desk.Certificate(ctx, desk.CertificateQuery{Caller: nobody, Case: id}); !errors.Is(err, desk.ErrForbidden) {
		t.Errorf("shown to anybody: %v", err)
	}
	c := checked(t, w, v)
	content := c.Body.Targets[0].Receipts[0]
	order := desk.CommitmentOrder{Caller: boss, Case: id, Content: content[:12], Reason: events.NewPlaintext("the regulator asks")}
	o, err := w.Desk.OpenCommitment(ctx, order)
	if err != nil {
		t.Fatal(err)
	}
	r := certificate.Check(c, true, w.Audit.PublicKey())
	if r.Open(c, o); !r.Valid || o.Content != content {
		t.Errorf("the opening does not fit: %+v", r.Problems)
	}
	var acts []events.Code
	if err := w.Audit.Each(context.Background(), audit.Filter{}, func(n audit.Numbered) error { acts = append(acts, n.Entry.Act); return nil }); err != nil {
		t.Fatal(err)
	}
	for _, want := range []events.Code{certificate.ActDrawn, "case.certified", "case.commitment", "case.completed"} {
		if !slices.Contains(acts, want) {
			t.Errorf("%s is not in the record", want)
		}
	}
	w.Journal.Refuse = true
	for name, err := range map[string]error{
		"opening": second(w.Desk.OpenCommitment(ctx, order)), "reading": second(w.Desk.Certificate(ctx, desk.CertificateQuery{Caller: boss, Case: id})),
		"drawing": second(w.Desk.CertifyCase(ctx, act(id, boss, ""))),
	} {
		if !errors.Is(err, desk.ErrNotRecorded) {
			t.Errorf("%s without a record: %v", name, err)
		}
	}
	w.Journal.Refuse = false
	order.Content = strings.Repeat("0", 64)
	if _, err := w.Desk.OpenCommitment(ctx, order); !errors.Is(err, desk.ErrGone) {
		t.Errorf("a commitment to nothing: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }
