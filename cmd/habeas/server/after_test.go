package server_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/cmd/habeas/server"
	"github.com/habeas-data/habeas/config"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/desk"
)

// An office is a running server and two people who work with it.
type office struct {
	*running
	kim, ada access.Caller
}

// staff gives the two their tokens.
func staff(r *running) *office {
	return &office{r, r.person("kim"), r.person("ada")}
}

func (r *running) person(name string) access.Caller {
	r.t.Helper()
	status, body := r.post("/v1/tokens", "application/json", strings.NewReader(fmt.Sprintf(`{"name":%q,"roles":["dpo"]}`, name)))
	var made struct{ Token struct{ ID events.Code } }
	if err := json.Unmarshal([]byte(body), &made); err != nil || made.Token.ID == "" {
		r.t.Fatalf("token: status %d: %s", status, body)
	}
	return access.Caller{Token: made.Token.ID, Name: events.Code(name), Roles: []access.Role{access.DPO}}
}

// planted stands for a person nobody else is.
var planted = []string{"FORENSIC-4711-ZAPHOD", "zaphod.forensic@beeblebrox.example", "MKT-9-FORENSIC"}

const plantedStory = `{"specversion":"1.0","id":"a1","source":"platform","type":"habeas.record.stored.v1","time":"2024-03-01T10:00:00Z","data":{"subject":[{"kind":"platform.member","value":"FORENSIC-4711-ZAPHOD"},{"kind":"email","value":"zaphod.forensic@beeblebrox.example"}],"subject_type":"locum","activity":"ic-a09","categories":["criminal_offences/dbs_certificate_copy"],"provenance":"third_party"}}
{"specversion":"1.0","id":"a2","source":"marketing","type":"habeas.record.stored.v1","time":"2024-03-02T10:00:00Z","data":{"subject":[{"kind":"marketing.contact","value":"MKT-9-FORENSIC"},{"kind":"email","value":"zaphod.forensic@beeblebrox.example"}],"subject_type":"locum","activity":"ic-a11","categories":["contact/email"],"provenance":"provided"}}
{"specversion":"1.0","id":"a3","source":"platform","type":"habeas.record.stored.v1","time":"2024-03-01T10:00:00Z","data":{"subject":[{"kind":"platform.member","value":"SOMEBODY-ELSE"}],"subject_type":"locum","activity":"ic-a03","categories":["identity"],"provenance":"provided"}}`

func (r *running) day(day string) {
	r.t.Helper()
	if status, body := r.post("/v1/clock", "application/json", strings.NewReader(fmt.Sprintf(`{"day":%q}`, day))); status != http.StatusOK {
		r.t.Fatalf("clock: status %d: %s", status, body)
	}
}

func (r *running) speaksFor(systems ...string) {
	r.t.Helper()
	for _, s := range systems {
		if status, body := r.post("/v1/tokens", "application/json", strings.NewReader(fmt.Sprintf(`{"name":%q,"roles":["system:%s"]}`, s, s))); status != http.StatusCreated && status != http.StatusOK {
			r.t.Fatalf("token: status %d: %s", status, body)
		}
	}
}

func step(c string, who access.Caller, why string) desk.CaseStep {
	return desk.CaseStep{Caller: who, Case: c, Reason: events.NewPlaintext(why)}
}

// erases opens a request to erase for somebody and has it approved.
func (r *office) erases(kind, value string) string {
	r.t.Helper()
	ctx, d := r.t.Context(), r.Desk()
	received, _ := events.ParseDate("2025-03-20")
	c, err := d.OpenCase(ctx, desk.CaseOrder{Caller: r.kim, Rights: []catalogue.RightKind{catalogue.RightErasure}, Received: received, Via: "email",
		Identifiers: []events.Identifier{{Kind: events.Code(kind), Value: events.NewPlaintext(value)}}, Text: events.NewPlaintext("please, says " + value)})
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := d.ConfirmCase(ctx, desk.CaseConfirmOrder{CaseStep: step(c.Case, r.kim, "her records")}); err != nil {
		r.t.Fatal(err)
	}
	p, err := d.PlanCase(ctx, r.kim, c.Case, 0)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, x := range p.Items {
		if x.Outcome == string(decide.Review) {
			if _, err := d.DecideCase(ctx, desk.CaseDecideOrder{CaseStep: step(c.Case, r.kim, "should never have been held, says "+value), Items: []string{x.Holding},
				Right: catalogue.RightErasure, Outcome: decide.Erase, Code: decide.EraseUnlawful}); err != nil {
				r.t.Fatal(err)
			}
		}
	}
	if p, err = d.PlanCase(ctx, r.kim, c.Case, 0); err == nil && p.Undecided > 0 {
		_, err = d.DecideCase(ctx, desk.CaseDecideOrder{CaseStep: step(c.Case, r.kim, "as proposed"), AcceptProposed: true})
	}
	if err == nil {
		_, err = d.ApproveCase(ctx, desk.CaseApproveOrder{CaseStep: step(c.Case, r.ada, "looked at it")})
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return c.Case
}

// targets do what they are told, for as many days as that takes.
func (r *office) targets(c string, days ...string) {
	r.t.Helper()
	ctx, d := r.t.Context(), r.Desk()
	for _, day := range days {
		p, err := d.ListTasks(ctx, desk.TaskQuery{Caller: r.kim, Case: c})
		if err != nil {
			r.t.Fatal(err)
		}
		for _, k := range p.Tasks {
			if k.Ended || k.State == string(cases.TaskManual) {
				continue
			}
			who := access.Caller{Token: "ssssssssss", Name: "sys", Roles: []access.Role{access.SystemRole(events.Code(k.System))}}
			id, _ := events.ParseEventID(k.Task)
			work, err := d.ClaimTask(ctx, who, events.Code(k.System), id, time.Hour)
			if err != nil {
				continue // not yet
			}
			if len(work.Subject) == 0 {
				r.t.Errorf("%s %s: nobody to act on", k.System, k.Verb)
			}
			if _, err := d.ReportTask(ctx, who, events.Code(k.System), k.Task, &events.WorkReport{Attempt: work.Attempt, Outcome: events.WorkDone}); err != nil {
				r.t.Fatalf("%s %s: %v", k.System, k.Verb, err)
			}
		}
		r.day(day)
	}
}

// erasedWorld has carried out an erasure to its end, and made a backup before it.
func erasedWorld(t *testing.T) (r *office, cfg config.Config, backup, id string) {
	t.Helper()
	dir := t.TempDir()
	cfg = configure(t, dir)
	cfg.TestClock = true
	cfg.SweepEvery, cfg.DisclosureFor = time.Nanosecond, time.Nanosecond
	r = staff(start(t, cfg))
	r.day("2025-03-19")
	r.send(plantedStory)
	r.day("2025-03-24")
	r.speaksFor("platform", "marketing")
	backup = filepath.Join(dir, "before.tar.gz")
	r.backsUp(backup)
	id = r.erases("email", planted[1])
	if _, err := r.Desk().RunCase(t.Context(), desk.RunOrder{Caller: r.kim, Case: id}); err != nil {
		t.Fatal(err)
	}
	if _, status := r.footprint("platform.member", planted[0]); status != http.StatusNotFound {
		t.Errorf("approved for erasure, and still found: status %d", status)
	}
	if _, err := r.Desk().LetterCase(t.Context(), desk.CaseLetterOrder{CaseStep: step(id, r.kim, ""), Kind: "answer", Keep: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Desk().AnswerCase(t.Context(), desk.CaseAnswerOrder{CaseStep: step(id, r.kim, ""), Via: "email"}); err != nil {
		t.Fatal(err)
	}
	r.targets(id, "2025-03-25", "2025-03-27", "2025-03-30", "2025-04-02")
	if _, err := r.Desk().CloseCase(t.Context(), step(id, r.kim, "")); err != nil {
		t.Fatal(err)
	}
	return r, cfg, backup, id
}

func (r *running) backsUp(path string) {
	r.t.Helper()
	f, err := os.Create(path)
	if err == nil {
		err = errors.Join(r.Backup(r.t.Context(), f), f.Close())
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// The forensic test: a person's whole life here, an erasure proven to its end,
// forgotten, the keys rotated. Then nothing that was written anywhere names them,
// and a backup of before, brought back with the keys of today, does not find them.
func TestForensicErasure(t *testing.T) {
	r, cfg, backup, id := erasedWorld(t)
	before, err := r.Forgotten(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := r.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Two names in each system, and the one under which habeas knew them.
	if after, _ := r.Forgotten(t.Context()); after < before+5 {
		t.Errorf("%d forgotten, want at least 5 more than %d", after, before)
	}
	for _, x := range [][2]string{{"platform.member", planted[0]}, {"email", planted[1]}, {"marketing.contact", planted[2]}} {
		if _, status := r.footprint(x[0], x[1]); status != http.StatusNotFound {
			t.Errorf("%s is found: status %d", x[0], status)
		}
	}
	if _, status := r.footprint("platform.member", "SOMEBODY-ELSE"); status != http.StatusOK {
		t.Errorf("somebody else: status %d", status)
	}
	if l, err := r.Desk().ListCases(t.Context(), desk.CaseQuery{Caller: r.kim}); err != nil || len(l.Cases) != 1 || l.Cases[0].Status != "closed" {
		t.Errorf("the register: %+v, %v", l, err)
	}
	if v, err := r.Desk().ShowCase(t.Context(), r.kim, id); err != nil || len(v.Identifiers) > 0 && v.Identifiers[0].Value == planted[1] {
		t.Errorf("the case still names them: %v", err)
	}
	sawOf(t, r.Server, "map")
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	nothingNames(t, filepath.Dir(cfg.Data), r.logs.String())

	// The backup knows them; the keys of today and the ledger do not.
	if err := os.Rename(cfg.Data, cfg.Data+".gone"); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Restore(t.Context(), cfg, slog.New(slog.DiscardHandler), backup, server.Accept{}); err != nil {
		t.Fatal(err)
	}
	again := start(t, cfg)
	for _, x := range [][2]string{{"platform.member", planted[0]}, {"email", planted[1]}} {
		if _, status := again.footprint(x[0], x[1]); status != http.StatusNotFound {
			t.Errorf("after the restore %s is found: status %d", x[0], status)
		}
	}
}

// nothingNames searches every file, also within backups.
func nothingNames(t *testing.T, root, logs string) {
	t.Helper()
	files := map[string][]byte{"the log": []byte(logs)}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		files[path] = b
		if strings.HasSuffix(path, ".gz") && err == nil {
			z, err := gzip.NewReader(bytes.NewReader(b))
			if err != nil {
				return err
			}
			if files[path+" unpacked"], err = io.ReadAll(z); err != nil {
				return err
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range files {
		low := bytes.ToLower(b)
		for _, p := range planted {
			for _, form := range []string{strings.ToLower(p), hex.EncodeToString([]byte(p)), strings.ToLower(base64.StdEncoding.EncodeToString([]byte(p)[:12]))} {
				if bytes.Contains(low, []byte(form)) {
					t.Errorf("%s holds %s", name, p)
				}
			}
		}
	}
}

func (r *running) restoreState() (s server.RestoreState) {
	r.t.Helper()
	status, body := r.get("/v1/restore")
	if err := json.Unmarshal([]byte(body), &s); err != nil || status != http.StatusOK {
		r.t.Fatalf("status %d: %s", status, body)
	}
	return s
}

// A7: what was said since the backup is said again after a restore; nothing is
// erased until a person confirms; and what comes back of the erased is found.
func TestRestoreKeepsItsWord(t *testing.T) {
	r, cfg, backup, _ := erasedWorld(t)
	ctx := t.Context()
	review, _ := events.ParseDate("2030-01-01")
	if _, err := r.Desk().PlaceHold(ctx, desk.HoldOrder{Caller: r.kim, System: "platform", Ground: "claims", Review: review, Owner: events.NewPlaintext("sam")}); err != nil {
		t.Fatal(err)
	}
	received, _ := events.ParseDate("2025-04-01")
	if _, err := r.Desk().OpenCase(ctx, desk.CaseOrder{Caller: r.kim, Rights: []catalogue.RightKind{catalogue.RightMarketing}, Received: received, Via: "phone",
		Identifiers: []events.Identifier{{Kind: "platform.member", Value: events.NewPlaintext("SOMEBODY-ELSE")}}}); err != nil {
		t.Fatal(err)
	}
	r.send(`{"specversion":"1.0","id":"b1","source":"platform","type":"habeas.objection.made.v1","time":"2025-04-01T10:00:00Z","data":{"subject":[{"kind":"platform.member","value":"SOMEBODY-ELSE"}],"activity":"ic-a03"}}`)
	if err := errors.Join(r.stop(), os.Rename(cfg.Data, cfg.Data+".gone")); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Restore(ctx, cfg, slog.New(slog.DiscardHandler), backup, server.Accept{}); err != nil {
		t.Fatal(err)
	}
	again := start(t, cfg)
	again.day("2025-04-03")
	if s := again.restoreState(); !s.Frozen || s.SaidAgain < 4 {
		t.Errorf("restored: %+v", s)
	}
	f, status := again.footprint("platform.member", "SOMEBODY-ELSE")
	if status != http.StatusOK || len(f.Holdings) != 1 || len(f.Holdings[0].Holds) != 1 || len(f.Consents) != 2 {
		t.Errorf("status %d, %d holdings, consents %+v", status, len(f.Holdings), f.Consents)
	}
	if _, err := again.Desk().RunDisposal(ctx, again.person("lee"), "00000000000000000000000000000001"); !errors.Is(err, desk.ErrFrozen) {
		t.Errorf("a disposal ran: %v", err)
	}
	if status, body := again.post("/v1/restore/confirm", "application/json", strings.NewReader(`{"reason":"looked at the register"}`)); status != http.StatusOK || again.restoreState().Frozen {
		t.Errorf("status %d: %s", status, body)
	}
	if err := again.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	// The platform restored itself as well, and asks.
	if status, body := again.post("/v1/systems/platform/recheck", "application/json",
		strings.NewReader(`{"identifiers":[{"kind":"platform.member","value":"FORENSIC-4711-ZAPHOD"},{"kind":"platform.member","value":"SOMEBODY-ELSE"}]}`)); status != http.StatusOK ||
		strings.Count(body, `"erased":true`) != 1 || !strings.Contains(body, `"erased":false`) {
		t.Errorf("recheck: status %d: %s", status, body)
	}
	again.send(`{"specversion":"1.0","id":"b2","source":"platform","type":"habeas.record.stored.v1","time":"2025-04-03T10:00:00Z","data":{"subject":[{"kind":"platform.member","value":"FORENSIC-4711-ZAPHOD"}],"subject_type":"locum","activity":"ic-a09","categories":["criminal_offences"],"provenance":"observed"}}`)
	f, _ = again.footprint("platform.member", "FORENSIC-4711-ZAPHOD")
	found := false
	for _, x := range f.Findings {
		found = found || x.Rule == "RESURRECTION"
	}
	if !found || len(f.Holdings) != 1 {
		t.Errorf("it came back unseen: %d holdings, findings %+v", len(f.Holdings), f.Findings)
	}
	if status, body := again.get("/v1/findings"); status != http.StatusOK || !strings.Contains(body, "RESURRECTION") {
		t.Errorf("findings: status %d", status)
	}
}
