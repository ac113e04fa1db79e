package access

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	mrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/events"
)

var update = flag.Bool("update", false, "write the goldens anew")

// clock is a hand-set clock for tests.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newClock() *clock { return &clock{time.Date(2025, 3, 14, 9, 26, 53, 0, time.UTC)} }

func open(t *testing.T, dir string, c *clock) *Store {
	t.Helper()
	s, err := Open(context.Background(), Config{Dir: dir, Now: c.now, Rand: mrand.NewChaCha8([32]byte{1})})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func make1(t *testing.T, s *Store, name events.Code, roles ...Role) (Token, events.Plaintext) {
	t.Helper()
	tok, secret, err := s.Create(context.Background(), NewToken{Name: name, Roles: roles})
	if err != nil {
		t.Fatal(err)
	}
	return tok, secret
}

func TestTokenLivesAcrossRestartUntilRevokedOrExpired(t *testing.T) {
	ctx, dir, c := context.Background(), t.TempDir(), newClock()
	s := open(t, dir, c)
	tok, secret := make1(t, s, "jo", DPO)
	old, oldSecret, err := s.Create(ctx, NewToken{Name: "temp", Roles: []Role{Viewer}, Expires: c.at.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, c)
	who, err := s.Authenticate(secret)
	if err != nil || who.Name != "jo" || !who.May(FootprintRead) || who.May(TokensManage) {
		t.Fatalf("authenticate: %+v, %v", who, err)
	}
	if _, err := s.Authenticate(oldSecret); err != nil {
		t.Fatal(err)
	}
	c.at = c.at.Add(time.Hour)
	if _, err := s.Authenticate(oldSecret); !errors.Is(err, ErrUnknownToken) {
		t.Fatalf("expired token %s: %v", old.ID, err)
	}
	if err := s.Revoke(ctx, tok.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.Revoke(ctx, tok.ID); err != nil {
		t.Fatalf("revoking twice: %v", err)
	}
	s = open(t, dir, c)
	if _, err := s.Authenticate(secret); !errors.Is(err, ErrUnknownToken) {
		t.Fatalf("revoked token: %v", err)
	}
	if _, err := s.Caller(tok.ID); !errors.Is(err, ErrUnknownToken) {
		t.Fatalf("caller of a revoked token: %v", err)
	}
	if err := s.Revoke(ctx, "nobody"); !errors.Is(err, ErrNoToken) {
		t.Fatalf("revoke an absent token: %v", err)
	}
}

func TestWrongSecretsAreAllRefusedAlike(t *testing.T) {
	s := open(t, t.TempDir(), newClock())
	_, secret := make1(t, s, "jo", DPO)
	text := secret.Expose()
	flip := text[:len(text)-1] + map[bool]string{true: "0", false: "1"}[text[len(text)-1] != '0']
	for _, wrong := range []string{"", "x", "hbs_", text + "0", text[:len(text)-1], flip, strings.ToUpper(text), strings.Replace(text, "hbs", "hbt", 1), "hbs_" + strings.Repeat("b", 10) + text[14:]} {
		if _, err := s.Authenticate(events.NewPlaintext(wrong)); err != ErrUnknownToken { //nolint:errorlint // exactly this: no detail may leak
			t.Errorf("a wrong token gave %v", err)
		}
	}
}

func TestSecretIsNeitherKeptNorListed(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, newClock())
	_, secret := make1(t, s, "jo", DPO)
	b, err := os.ReadFile(filepath.Join(dir, "tokens.json"))
	if err != nil {
		t.Fatal(err)
	}
	list, _ := json.Marshal(s.List(context.Background()))
	half := secret.Expose()[20:40]
	if strings.Contains(string(b), half) || strings.Contains(string(list), half) || strings.Contains(string(list), "hash") {
		t.Error("the secret or its hash was kept where it must not be")
	}
	if info, _ := os.Stat(filepath.Join(dir, "tokens.json")); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %o, want 600", info.Mode().Perm())
	}
	if fmt.Sprintf("%v %+v", secret, secret) != "[redacted] [redacted]" {
		t.Error("a secret prints itself")
	}
}

func TestOpenRefusesWhatItCannotTrust(t *testing.T) {
	good, err := os.ReadFile("testdata/tokens.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(string) string{
		"newer version": func(s string) string { return strings.Replace(s, `"version": 1`, `"version": 2`, 1) },
		"unknown field": func(s string) string { return strings.Replace(s, `"version"`, `"colour": 1, "version"`, 1) },
		"unknown role":  func(s string) string { return strings.Replace(s, `"dpo"`, `"king"`, 1) },
		"cut":           func(s string) string { return s[:len(s)/2] },
		"more":          func(s string) string { return s + "{}" },
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "tokens.json"), []byte(change(string(good))), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(context.Background(), Config{Dir: dir}); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tokens.json"), good, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(context.Background(), Config{Dir: dir}); err == nil || !strings.Contains(err.Error(), "chmod") {
		t.Errorf("a file others may read: %v", err)
	}
}

func TestTokenFileGolden(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, newClock())
	make1(t, s, "jo", DPO)
	make1(t, s, "crm-feed", SystemRole("crm"))
	got, err := os.ReadFile(filepath.Join(dir, "tokens.json"))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("testdata/tokens.json", got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/tokens.json")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("tokens.json changed:\n%s", got)
	}
}

func TestRolesKeepDutiesApart(t *testing.T) {
	for _, p := range personal {
		if (Caller{Token: "x", Roles: []Role{Admin}}).May(p) || (Caller{Token: "x", Roles: []Role{Engineer}}).May(p) {
			t.Errorf("admin or engineer may %s", p)
		}
	}
	for _, bad := range [][]Role{nil, {Admin, DPO}, {Admin, Viewer}, {SystemRole("crm"), Viewer}, {Operator, Viewer}, {"king"}, {"system"}, {"system:"}, {"system:A B"}} {
		if checkRoles(bad) == nil {
			t.Errorf("roles %v were accepted", bad)
		}
	}
	if err := checkRoles([]Role{DPO, Auditor}); err != nil {
		t.Error(err)
	}
	for r, ps := range grants {
		for _, p := range ps {
			if !p.Known() {
				t.Errorf("role %s names %s, which nothing explains", r, p)
			}
		}
	}
	if (Caller{}).May(SelfRead) || !(Caller{}).May(Public) {
		t.Error("nobody may do something, or the public door is shut")
	}
}

func TestSystemSpeaksForItselfOnly(t *testing.T) {
	crm := Caller{Token: "x", Roles: []Role{SystemRole("crm")}}
	if !crm.MaySpeakFor("crm") || crm.MaySpeakFor("payroll") || crm.MaySpeakFor("") || crm.May(FootprintRead) {
		t.Error("a system token reaches beyond its system")
	}
	if !(Caller{Token: "x", Roles: []Role{Operator}}).MaySpeakFor("payroll") || (Caller{Token: "x", Roles: []Role{DPO}}).MaySpeakFor("crm") {
		t.Error("operator must speak for each system, an officer for none")
	}
}

// Who may speak for a system is looked up by the system, and follows tokens as
// they are made, end, are revoked and are read again.
func TestSpeaks(t *testing.T) {
	ctx, c, dir := context.Background(), newClock(), t.TempDir()
	s := open(t, dir, c)
	want := func(when string, system events.Code, speaks bool) {
		t.Helper()
		if got := s.Speaks(system); got != speaks {
			t.Errorf("%s: %s speaks: %v, want %v", when, system, got, speaks)
		}
	}
	want("at first", "crm", false)
	for i := range 50 {
		make1(t, s, events.Code("other-"+string(rune('a'+i%26))+string(rune('a'+i/26))), SystemRole("other"))
	}
	first, _ := make1(t, s, "crm-one", SystemRole("crm"))
	if _, _, err := s.Create(ctx, NewToken{Name: "crm-two", Roles: []Role{SystemRole("crm")}, Expires: c.at.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	make1(t, s, "jo", DPO)
	want("with two tokens", "crm", true)
	want("nobody's", "jo", false)
	if n := len(s.bySystem["crm"]); n != 2 || len(s.bySystem) != 2 {
		t.Errorf("%d tokens are looked at for one system, of %d systems", n, len(s.bySystem))
	}
	if err := s.Revoke(ctx, first.ID); err != nil {
		t.Fatal(err)
	}
	want("with one of two revoked", "crm", true)
	s = open(t, dir, c)
	want("read again", "crm", true)
	c.at = c.at.Add(2 * time.Hour)
	want("when the other has ended", "crm", false)
	want("another system", "other", true)
}

func TestNamesAreUniqueAmongTheLiving(t *testing.T) {
	ctx := context.Background()
	s := open(t, t.TempDir(), newClock())
	tok, _ := make1(t, s, "jo", DPO)
	if _, _, err := s.Create(ctx, NewToken{Name: "jo", Roles: []Role{Viewer}}); !errors.Is(err, ErrTaken) {
		t.Errorf("second token of the name: %v", err)
	}
	if err := s.Revoke(ctx, tok.ID); err != nil {
		t.Fatal(err)
	}
	make1(t, s, "jo", Viewer)
	if _, _, err := s.Create(ctx, NewToken{Name: "Jo Smith", Roles: []Role{Viewer}}); err == nil {
		t.Error("a name that is no code was taken")
	}
}

func TestOperatorFile(t *testing.T) {
	ctx, dir, c := context.Background(), t.TempDir(), newClock()
	s := open(t, dir, c)
	if s.People() {
		t.Error("people before any token")
	}
	for range 2 {
		if err := s.EnsureOperator(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.List(ctx)); n != 1 {
		t.Fatalf("%d tokens after ensuring twice", n)
	}
	if s.People() {
		t.Error("the operator's file counts as a person")
	}
	info, err := os.Stat(OperatorFile(dir))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("operator file: %v, %v", info, err)
	}
	text, err := ReadOperator(dir)
	if err != nil {
		t.Fatal(err)
	}
	if who, err := s.Authenticate(text); err != nil || !who.May(FootprintRead) {
		t.Fatalf("operator: %v", err)
	}
	// A lost file: the old token ends, a new one opens.
	if err := os.Remove(OperatorFile(dir)); err != nil {
		t.Fatal(err)
	}
	if err := s.EnsureOperator(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Authenticate(text); err == nil {
		t.Error("the lost operator token still opens")
	}
}

func TestLinkOpensOnceAndForAnHour(t *testing.T) {
	c := newClock()
	l := NewLinks(c.now, nil)
	code, err := l.Issue(LinkFor{SetUp: true})
	if err != nil {
		t.Fatal(err)
	}
	if does, err := l.Peek(code); err != nil || !does.SetUp {
		t.Fatalf("peek: %v", err)
	}
	if does, err := l.Redeem(code); err != nil || !does.SetUp {
		t.Fatalf("redeem: %v", err)
	}
	if _, err := l.Redeem(code); !errors.Is(err, ErrLink) {
		t.Errorf("a used link: %v", err)
	}
	late, _ := l.Issue(LinkFor{SignIn: "abc"})
	c.at = c.at.Add(time.Hour)
	if _, err := l.Redeem(late); !errors.Is(err, ErrLink) {
		t.Errorf("an old link: %v", err)
	}
}

func TestSessionEndsByIdlenessRevocationAndSignOut(t *testing.T) {
	ctx, c := context.Background(), newClock()
	s := open(t, t.TempDir(), c)
	tok, _ := make1(t, s, "jo", DPO)
	all := NewSessions(s, nil)
	begin := func() string {
		w := httptest.NewRecorder()
		if err := all.Begin(w, httptest.NewRequest("POST", "/", nil), tok.ID); err != nil {
			t.Fatal(err)
		}
		h := w.Header().Get("Set-Cookie")
		if !strings.Contains(h, "HttpOnly") || !strings.Contains(h, "SameSite=Strict") {
			t.Fatalf("cookie without its guards: %s", h)
		}
		return strings.Split(h, ";")[0]
	}
	of := func(cookie string) (*Session, error) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", cookie)
		v, _, err := all.Of(r)
		return v, err
	}
	a := begin()
	v, err := of(a)
	if err != nil {
		t.Fatal(err)
	}
	word, err := v.Keep("what was asked")
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := v.Kept(word); !ok || got != "what was asked" {
		t.Error("a kept search was lost")
	}
	other, _ := of(begin())
	if _, ok := other.Kept(word); ok {
		t.Error("one session sees the searches of another")
	}
	c.at = c.at.Add(29 * time.Minute)
	if _, err := of(a); err != nil {
		t.Fatalf("within the idle time: %v", err)
	}
	c.at = c.at.Add(30 * time.Minute)
	if _, err := of(a); !errors.Is(err, ErrNoSession) {
		t.Errorf("idle session: %v", err)
	}
	b := begin()
	w, r := httptest.NewRecorder(), httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Cookie", b)
	all.End(w, r)
	if _, err := of(b); !errors.Is(err, ErrNoSession) {
		t.Errorf("signed out: %v", err)
	}
	d := begin()
	if err := s.Revoke(ctx, tok.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := of(d); !errors.Is(err, ErrNoSession) {
		t.Errorf("revoked token: %v", err)
	}
}

// One token cannot fill the sessions: beyond its number the one idle longest
// ends, and nobody else's.
func TestSessionsOfOneTokenAreLimited(t *testing.T) {
	c := newClock()
	s := open(t, t.TempDir(), c)
	jo, _ := make1(t, s, "jo", DPO)
	sam, _ := make1(t, s, "sam", DPO)
	all := NewSessions(s, nil)
	all.PerToken = 3
	begin := func(token events.Code) *http.Request {
		c.at = c.at.Add(time.Second)
		w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
		if err := all.Begin(w, r, token); err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Cookie", strings.Split(w.Header().Get("Set-Cookie"), ";")[0])
		return r
	}
	other := begin(sam.ID)
	var mine []*http.Request
	for range 3 {
		mine = append(mine, begin(jo.ID))
	}
	c.at = c.at.Add(time.Second)
	if _, _, err := all.Of(mine[0]); err != nil { // now the second is idle longest
		t.Fatal(err)
	}
	mine = append(mine, begin(jo.ID))
	for i, r := range append(mine, other) {
		if _, _, err := all.Of(r); (err != nil) != (i == 1) {
			t.Errorf("session %d of jo's 4 and sam's: %v", i+1, err)
		}
	}
}

func TestSecureCookieBehindProxy(t *testing.T) {
	s := open(t, t.TempDir(), newClock())
	tok, _ := make1(t, s, "jo", DPO)
	all := NewSessions(s, nil)
	all.Secure = true
	w := httptest.NewRecorder()
	if err := all.Begin(w, httptest.NewRequest("POST", "/", nil), tok.ID); err != nil {
		t.Fatal(err)
	}
	if h := w.Header().Get("Set-Cookie"); !strings.HasPrefix(h, "__Host-") || !strings.Contains(h, "Secure") {
		t.Errorf("cookie %s", strings.Split(h, "=")[0])
	}
}

func TestLimitHoldsEachKeyApart(t *testing.T) {
	c := newClock()
	l := NewLimit(3, time.Second, c.now)
	for range 3 {
		if _, ok := l.Take("a"); !ok {
			t.Fatal("refused within the burst")
		}
	}
	wait, ok := l.Take("a")
	if ok || wait <= 0 || wait > time.Second {
		t.Fatalf("beyond the burst: %v %v", wait, ok)
	}
	if _, ok := l.Take("b"); !ok {
		t.Error("one key's haste held up another")
	}
	c.at = c.at.Add(time.Second)
	if _, ok := l.Take("a"); !ok {
		t.Error("refused after waiting")
	}
	c.at = c.at.Add(time.Hour)
	for range 1001 {
		l.Take("c")
	}
	if len(l.keys) > 2 {
		t.Errorf("%d keys are still followed", len(l.keys))
	}
}

func TestParseRole(t *testing.T) {
	for _, r := range append(Roles(), SystemRole("crm")) {
		if got, err := ParseRole(string(r)); err != nil || got != r {
			t.Errorf("parse %s: %s, %v", r, got, err)
		}
	}
	if slices.Contains(Roles(), system) {
		t.Error("the bare system role is offered")
	}
}

func FuzzTokens(f *testing.F) {
	b, err := os.ReadFile("testdata/tokens.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"version":1,"tokens":[]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := decodeTokens(b)
		if err != nil {
			return
		}
		out, err := encodeTokens(v.Tokens)
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeTokens(out)
		if err != nil {
			t.Fatal(err)
		}
		if out2, _ := encodeTokens(again.Tokens); string(out2) != string(out) {
			t.Fatal("what was written reads differently")
		}
	})
}

func FuzzSplit(f *testing.F) {
	f.Add("hbs_bcdfghjkmn_" + strings.Repeat("0a", 32))
	f.Fuzz(func(t *testing.T, s string) {
		if id, secret, ok := split(s); ok && (len(id) != idSize || len(secret) != secretSize) {
			t.Fatal("a token of a wrong size was taken")
		}
	})
}

// Who may make tokens has seen their secrets: where the server is strict nobody is
// their own second person with a token they made, or had made.
func TestStrictFourEyes(t *testing.T) {
	ctx := context.Background()
	for _, strict := range []bool{false, true} {
		s, err := Open(ctx, Config{Dir: t.TempDir(), Strict: strict})
		if err != nil {
			t.Fatal(err)
		}
		token := func(name, by events.Code) events.Code {
			t.Helper()
			tok, _, err := s.Create(ctx, NewToken{Name: name, Roles: []Role{Operator}, By: by})
			if err != nil {
				t.Fatal(err)
			}
			return tok.ID
		}
		root := token("root", "")
		ann := token("ann", root)
		ben := token("ben", root)
		second := token("second", ann)
		third := token("third", second)
		if err := s.Revoke(ctx, ann); err != nil {
			t.Fatal(err)
		}
		anew := token("ann", "")
		for _, x := range []struct {
			a, b events.Code
			want bool
		}{{ann, ben, false}, {root, ann, strict}, {ann, second, strict}, {third, ann, strict}, {root, third, strict}, {anew, third, strict}, {ben, third, false}} {
			if got := s.SamePerson(x.a, x.b); got != x.want {
				t.Errorf("strict %v, %s and %s: %v, want %v", strict, x.a, x.b, got, x.want)
			}
		}
	}
}

// A token that was made anew under the name of an ended one is the same person's:
// two of them are no two persons.
func TestSamePerson(t *testing.T) {
	ctx := context.Background()
	s, err := Open(ctx, Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	token := func(name events.Code) events.Code {
		t.Helper()
		tok, _, err := s.Create(ctx, NewToken{Name: name, Roles: []Role{DPO}})
		if err != nil {
			t.Fatal(err)
		}
		return tok.ID
	}
	old, sam := token("jo"), token("sam")
	if err := s.Revoke(ctx, old); err != nil {
		t.Fatal(err)
	}
	jo := token("jo")
	for _, x := range []struct {
		a, b events.Code
		want bool
	}{{old, jo, true}, {jo, jo, true}, {jo, sam, false}, {old, sam, false}, {"zzzzzzzzzz", sam, true}} {
		if got := s.SamePerson(x.a, x.b); got != x.want {
			t.Errorf("%s and %s: %v, want %v", x.a, x.b, got, x.want)
		}
	}
}
