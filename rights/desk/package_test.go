package desk_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/answer/pack"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/rights/desk/desktest"
	"github.com/habeas-data/habeas/vault/files"
)

// fileNotes keeps the keys of sealed files in memory.
type fileNotes map[events.EventID][]byte

var errNoNote = errors.New("no such note")

func (n fileNotes) SealAs(_ context.Context, id events.EventID, body []byte) error {
	n[id] = bytes.Clone(body)
	return nil
}

func (n fileNotes) OpenNote(_ context.Context, id events.EventID) ([]byte, error) {
	if b, ok := n[id]; ok {
		return bytes.Clone(b), nil
	}
	return nil, errNoNote
}

func (n fileNotes) Shred(_ context.Context, id events.EventID) error { delete(n, id); return nil }

// copies keeps what systems send, as the server does.
type copies struct {
	w     *desktest.World
	store *files.Store
}

func (c copies) Put(ctx context.Context, task events.EventID, name, media string, r io.Reader) (events.EventID, int64, [32]byte, error) {
	p, err := c.store.PutAs(ctx, c.w.EventID(desk.CopyKey(task, name)), desk.CopyLabel(task, name, media, events.DateOf(c.w.Now)+180), func(w io.Writer) error {
		_, err := io.Copy(w, r)
		return err
	})
	return p.ID, p.Size, p.SHA256, err
}

// packs is a world whose desk makes packages, with the folder of sealed files.
func packs(t *testing.T) (*desktest.World, string) {
	t.Helper()
	w := desktest.New(t)
	dir := t.TempDir()
	store, err := files.Open(ctx, files.Config{Dir: dir, Notes: fileNotes{}, Unknown: errNoNote, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	w.Answers = desk.AnswerDeps{Files: store, Sign: w.Audit.SignText, Key: w.Audit.PublicKey()}
	w.Tasks.Names, w.Tasks.Copies, w.Tasks.Speaks = w.Names(), copies{w, store}, func(events.Code) bool { return true }
	w.Open()
	w.Priya()
	return w, dir
}

// approved is a case that two people have brought to its approval.
func approved(t *testing.T, w *desktest.World, rights ...catalogue.RightKind) string {
	t.Helper()
	c := opens(t, w, "email=priya@example.org", rights...)
	settles(t, w, c.Case)
	if _, err := w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(c.Case, boss, "")}); err != nil {
		t.Fatal(err)
	}
	return c.Case
}

// exports runs a case and has the systems named send a copy each.
func exports(t *testing.T, w *desktest.World, c string, systems ...events.Code) {
	t.Helper()
	run, err := w.Desk.RunCase(ctx, desk.RunOrder{Caller: boss, Case: c})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range systems {
		who := access.Caller{Token: "csystem0001", Name: s, Roles: []access.Role{access.Role("system:" + string(s))}}
		for _, v := range run.Tasks {
			if v.System != string(s) || v.Verb != "export" {
				continue
			}
			id, err := events.ParseEventID(v.Task)
			if err != nil {
				t.Fatal(err)
			}
			work, err := w.Desk.ClaimTask(ctx, who, s, id, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Desk.CopyTask(ctx, who, s, v.Task, "../export of priya@example.org.json", "application/json", strings.NewReader(`{"email":"priya@example.org"}`)); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Desk.ReportTask(ctx, who, s, v.Task, &events.WorkReport{Attempt: work.Attempt, Outcome: events.WorkDone, Copies: []string{"../export of priya@example.org.json"}}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func key(t *testing.T) (*age.X25519Identity, string) {
	t.Helper()
	k, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return k, k.Recipient().String()
}

// fetches downloads and opens the last package of a case.
func fetches(t *testing.T, w *desktest.World, c string, id age.Identity) map[string]string {
	t.Helper()
	f, err := w.Desk.DownloadPackage(ctx, desk.DownloadOrder{CaseStep: act(c, worker, "the person asked for it")})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Body.Close()
	r, err := age.Decrypt(f.Body, id)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pack.Check(bytes.NewReader(b), int64(len(b)), w.Audit.PublicKey()); err != nil {
		t.Error(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, e := range z.File {
		rc, err := e.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(rc)
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name] = string(body)
	}
	return out
}

// Article 15(3), electronic: the copy goes encrypted to the person and to nobody
// else; nothing of it rests in the clear, and each fetching is on record.
func TestPackageOfAnAccess(t *testing.T) {
	temp := filepath.Join(t.TempDir(), "temp")
	if err := os.Mkdir(temp, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", temp)
	w, dir := packs(t)
	c := approved(t, w, catalogue.RightAccess)
	exports(t, w, c, "platform")
	id, recipient := key(t)
	v, err := w.Desk.PackageCase(ctx, desk.PackageOrder{CaseStep: act(c, worker, ""), Recipient: recipient})
	if err != nil {
		t.Fatal(err)
	}
	if v.Kind != "access" || v.Expires != day(t, "2025-03-24")+30 || v.Bytes == 0 || v.Passphrase != "" || v.Files < 6 {
		t.Errorf("package %+v", v)
	}
	if strings.Join(v.Without, " ") != "finance marketing" {
		t.Errorf("without a copy of %v", v.Without)
	}
	got := fetches(t, w, c, id)
	for name, want := range map[string]string{"index.html": "priya@example.org", "answer.json": "priya@example.org", "copies/platform/_export_of_priya_example.org.json": `{"email"`, "answer.pdf": "%PDF-1.7"} {
		if !strings.Contains(got[name], want) {
			t.Errorf("%s does not have %q; the files: %d", name, want, len(got))
			for n := range got {
				t.Log(n)
			}
		}
	}
	if !strings.Contains(got["index.html"], "it was asked, and its copy had not come") {
		t.Error("the answer does not say why there is no copy of a system")
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
		t.Errorf("%d temporary files were written, %v", len(left), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%d sealed files, %v; want the copy and the package", len(entries), err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil || bytes.Contains(b, []byte("priya")) {
			t.Errorf("%s holds plaintext, %v", e.Name(), err)
		}
	}
	records := string(bytes.Join(w.Journal.Records(), nil))
	for _, act := range []string{"cases.package", "case.packaged", "case.downloaded"} {
		if !strings.Contains(records, act) {
			t.Errorf("%s is not on record", act)
		}
	}
}

// A passphrase is drawn where nobody gave one, shown once and kept nowhere.
func TestPackageDrawsAPassphrase(t *testing.T) {
	w, _ := packs(t)
	c := approved(t, w, catalogue.RightAccess)
	exports(t, w, c, "platform")
	v, err := w.Desk.PackageCase(ctx, desk.PackageOrder{CaseStep: act(c, worker, "")})
	if err != nil || len(v.Passphrase) != 29 {
		t.Fatalf("%+v, %v", v, err)
	}
	id, err := age.NewScryptIdentity(v.Passphrase)
	if err != nil {
		t.Fatal(err)
	}
	fetches(t, w, c, id)
}

// What is out of order is refused with its code, before anything is made.
func TestPackageRefused(t *testing.T) {
	w, dir := packs(t)
	_, recipient := key(t)
	order := func(c string) desk.PackageOrder {
		return desk.PackageOrder{CaseStep: act(c, worker, ""), Recipient: recipient}
	}
	c := opens(t, w, "email=priya@example.org", catalogue.RightAccess)
	_, err := w.Desk.PackageCase(ctx, order(c.Case))
	refused(t, err, cases.JoinsUnconfirmed)
	settles(t, w, c.Case)
	_, err = w.Desk.PackageCase(ctx, order(c.Case))
	refused(t, err, cases.NothingApproved)
	if _, err := w.Desk.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: act(c.Case, boss, "")}); err != nil {
		t.Fatal(err)
	}
	_, err = w.Desk.PackageCase(ctx, order(c.Case))
	refused(t, err, cases.NothingStarted) // nobody was asked for a copy
	_, err = w.Desk.DownloadPackage(ctx, desk.DownloadOrder{CaseStep: act(c.Case, worker, "")})
	refused(t, err, cases.NoPackage)
	bad := order(c.Case)
	bad.Recipient = "priya@example.org"
	var f *desk.Fault
	if _, err = w.Desk.PackageCase(ctx, bad); !errors.As(err, &f) || f.Part != "recipient" || strings.Contains(err.Error(), "priya") {
		t.Errorf("a key that is none: %v", err)
	}
	bad = order(c.Case)
	bad.Caller.Roles = []access.Role{access.Viewer}
	if _, err = w.Desk.PackageCase(ctx, bad); !errors.Is(err, desk.ErrForbidden) {
		t.Errorf("somebody who may not: %v", err)
	}
	bad = order(c.Case)
	bad.Days = 1000
	if _, err = w.Desk.PackageCase(ctx, bad); !errors.As(err, &f) || f.Part != "days" {
		t.Errorf("for ever: %v", err)
	}
	erasure := opens(t, w, "email=priya@example.org", catalogue.RightErasure)
	_, err = w.Desk.PackageCase(ctx, order(erasure.Case))
	refused(t, err, cases.NotARequest)
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("%d files were left, %v", len(entries), err)
	}
}

// A package expires: it cannot be fetched, and then it is destroyed.
func TestPackageExpires(t *testing.T) {
	w, dir := packs(t)
	c := approved(t, w, catalogue.RightAccess)
	exports(t, w, c, "platform")
	_, recipient := key(t)
	if _, err := w.Desk.PackageCase(ctx, desk.PackageOrder{CaseStep: act(c, worker, ""), Recipient: recipient, Days: 7}); err != nil {
		t.Fatal(err)
	}
	if n, err := w.Desk.ExpireFiles(ctx); n != 0 || err != nil {
		t.Errorf("%d expired at once, %v", n, err)
	}
	w.Now = w.Now.AddDate(0, 0, 7)
	_, err := w.Desk.DownloadPackage(ctx, desk.DownloadOrder{CaseStep: act(c, worker, "")})
	refused(t, err, cases.NoPackage)
	if n, err := w.Desk.ExpireFiles(ctx); n != 1 || err != nil {
		t.Errorf("%d expired, %v", n, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%d files are left, %v; want the copy", len(entries), err)
	}
}

// I7: without a record nothing is made and nothing is given.
func TestPackageNeedsARecord(t *testing.T) {
	w, dir := packs(t)
	c := approved(t, w, catalogue.RightAccess)
	exports(t, w, c, "platform")
	_, recipient := key(t)
	if _, err := w.Desk.PackageCase(ctx, desk.PackageOrder{CaseStep: act(c, worker, ""), Recipient: recipient}); err != nil {
		t.Fatal(err)
	}
	w.BreakVault(true)
	if _, err := w.Desk.PackageCase(ctx, desk.PackageOrder{CaseStep: act(c, worker, ""), Recipient: recipient}); err == nil {
		t.Error("a package was made without a record")
	}
	if _, err := w.Desk.DownloadPackage(ctx, desk.DownloadOrder{CaseStep: act(c, worker, "")}); err == nil {
		t.Error("a package was given without a record")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("%d files, %v; want the copy and the first package", len(entries), err)
	}
}

// sent is another controller that takes what it is sent.
type sent struct {
	to   events.Code
	name string
	b    bytes.Buffer
	err  error
}

func (s *sent) Send(_ context.Context, to events.Code, name string, fill func(io.Writer) error) error {
	s.to, s.name = to, name
	if s.err != nil {
		return s.err
	}
	return fill(&s.b)
}

// Article 20(2): transmitted directly to another controller. It is on record before
// it leaves, in the case once it was taken, and in no file.
func TestSendPackage(t *testing.T) {
	w, dir := packs(t)
	other := &sent{}
	w.Answers.Send = other
	w.Open()
	c := approved(t, w, catalogue.RightPortability)
	exports(t, w, c, "platform", "finance", "marketing")
	order := desk.SendOrder{CaseStep: act(c, worker, "asked in the letter"), Recipient: "gocardless"}
	v, err := w.Desk.SendPackage(ctx, order)
	if err != nil {
		t.Fatal(err)
	}
	if other.to != "gocardless" || !strings.HasSuffix(other.name, ".zip") || v.Bytes != int64(other.b.Len()) || v.SHA256 == "" {
		t.Errorf("%+v; %d bytes arrived at %s", v, other.b.Len(), other.to)
	}
	if _, err := pack.Check(bytes.NewReader(other.b.Bytes()), int64(other.b.Len()), w.Audit.PublicKey()); err != nil {
		t.Error(err)
	}
	if n, _ := os.ReadDir(dir); len(n) > 3 {
		t.Errorf("%d files: the transmission was kept", len(n))
	}
	shown, err := w.Desk.ShowCase(ctx, worker, c)
	if err != nil || len(shown.Letters) != 1 || shown.Letters[0].Kind != "transmission" || !strings.Contains(shown.Letters[0].Text, v.SHA256) {
		t.Errorf("%+v, %v", shown.Letters, err)
	}
	other.err = errors.New("not taken")
	if _, err := w.Desk.SendPackage(ctx, order); !errors.Is(err, other.err) {
		t.Errorf("a refusal: %v", err)
	}
	order.Recipient = "dental_practice" // a class, nobody by name
	var f *desk.Fault
	if _, err := w.Desk.SendPackage(ctx, order); !errors.As(err, &f) || f.Part != "recipient" {
		t.Errorf("a class: %v", err)
	}
}
