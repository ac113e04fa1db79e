package vault_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault"
	"github.com/habeas-data/habeas/vault/vaulttest"
)

// sound fails the test if fsck finds anything.
func sound(t testing.TB, v *vault.Vault) vault.Checked {
	t.Helper()
	c, err := v.Check(ctx)
	if err != nil {
		t.Fatalf("check: %v", err)
	}
	for _, p := range c.Problems {
		t.Errorf("check: %s slot %d: %s", p.Code, p.Slot, p.Text)
	}
	return c
}

func forget(t testing.TB, v *vault.Vault, handles ...events.Handle) {
	t.Helper()
	done, err := v.Forget(ctx, handles, vaulttest.NothingLives())
	if err != nil || len(done.Living) > 0 || len(done.Forgotten) != len(handles) {
		t.Fatalf("forget: %+v, %v", done, err)
	}
}

func revealed(t testing.TB, v *vault.Vault, h events.Handle, opt ...vault.RevealOption) string {
	t.Helper()
	m, err := v.Revealer().Reveal(ctx, []events.Handle{h}, opt...)
	if err != nil {
		t.Fatalf("reveal: %v", err)
	}
	return m[h].Value.Expose()
}

// A retired pair is not found; the next observation gets a fresh handle and
// is told of the erasure; only tasks reveal it.
func TestRetire(t *testing.T) {
	t.Parallel()
	place := vaulttest.NewPlace(t)
	v := place.Open(t)
	old := handle(t, v, "crm", "email=ann@example.org")
	kept := handle(t, v, "payroll", "email=ann@example.org")
	find(t, v, "email=ann@example.org") // into the cache
	if err := v.Retire(ctx, old); err != nil {
		t.Fatal(err)
	}
	if err := v.Retire(ctx, old, events.Handle{9}); err != nil {
		t.Fatalf("retire again: %v", err)
	}
	if p := find(t, v, "email=ann@example.org"); len(p) != 1 || p[0].Handle != kept {
		t.Errorf("found %v, want payroll only", p)
	}
	if got := revealed(t, v, old); got != "" {
		t.Error("a retired pair is revealed to everyone")
	}
	if got := revealed(t, v, old, vault.ForTasks()); got != "ann@example.org" {
		t.Errorf("a task cannot reveal a retired pair: %q", got)
	}
	if s, err := v.Resolver().Siblings(ctx, old); err != nil || len(s) != 0 {
		t.Errorf("siblings of a retired pair: %v, %v", s, err)
	}
	// Whoever asks what stands in the way of erasing is told that it is one.
	if r, err := v.Resolver().Retired(ctx, kept); err != nil || len(r) != 1 || r[0] != old {
		t.Errorf("retired beside a living one: %v, %v", r, err)
	}
	if r, err := v.Resolver().Retired(ctx, old); err != nil || len(r) != 0 {
		t.Errorf("retired beside a retired one: %v, %v", r, err)
	}
	fresh := resolve(t, v, "crm", "email=ann@example.org")[0]
	if !fresh.Fresh || fresh.Ref.Handle == old || fresh.Erased.IsZero() {
		t.Errorf("after retiring: %+v, want a fresh handle and when it was erased", fresh)
	}
	again := resolve(t, v, "crm", "email=ann@example.org")[0]
	if again.Fresh || again.Ref != fresh.Ref || again.Erased != fresh.Erased {
		t.Errorf("later: %+v, want the same and still told of the erasure", again)
	}
	forget(t, v, old)
	if got := resolve(t, v, "crm", "email=ann@example.org")[0]; got != again {
		t.Errorf("after forgetting: %+v, want %+v", got, again)
	}
	sound(t, v)
	_ = v.Close()
	v = place.Open(t)
	if got := resolve(t, v, "crm", "email=ann@example.org")[0]; got != again {
		t.Errorf("after opening again: %+v", got)
	}
	sound(t, v)
}

func TestForget(t *testing.T) {
	t.Parallel()
	place := vaulttest.NewPlace(t)
	v := place.Open(t)
	gone := handle(t, v, "crm", "email=ann@example.org")
	kept := handle(t, v, "crm", "email=bob@example.org")
	other := handle(t, v, "payroll", "email=ann@example.org")
	forget(t, v, gone)
	check := func(v *vault.Vault) {
		t.Helper()
		if p := find(t, v, "email=ann@example.org"); len(p) != 1 || p[0].Handle != other {
			t.Errorf("found %v", p)
		}
		if revealed(t, v, gone, vault.ForTasks()) != "" {
			t.Error("a forgotten handle is revealed")
		}
		if s, err := v.Resolver().Siblings(ctx, gone); err != nil || len(s) != 0 {
			t.Errorf("siblings of a forgotten handle: %v, %v", s, err)
		}
		if revealed(t, v, kept) != "bob@example.org" || revealed(t, v, other) != "ann@example.org" {
			t.Error("a neighbour was lost")
		}
		c := sound(t, v)
		if c.Entries != 2 || c.Forgotten != 1 {
			t.Errorf("%+v", c)
		}
	}
	check(v)
	forget(t, v, gone) // again is fine
	if err := v.Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	check(v)
	_ = v.Close()
	v = place.Open(t)
	check(v)
	// The person comes back: a fresh handle, and without a suppression nothing is
	// remembered.
	back := resolve(t, v, "crm", "email=ann@example.org")[0]
	if !back.Fresh || back.Ref.Handle == gone || !back.Erased.IsZero() {
		t.Errorf("came back as %+v", back)
	}
	sound(t, v)
}

// Forgetting waits for frames resolved earlier and then looks again; what
// lives keeps its pair.
func TestForgetLooksAgain(t *testing.T) {
	t.Parallel()
	v := vaulttest.New(t)
	a, b := handle(t, v, "crm", "email=ann@example.org"), handle(t, v, "crm", "email=bob@example.org")
	fenced := false
	done, err := v.Forget(ctx, []events.Handle{a, b}, vault.ForgetGuard{
		Fence: func(context.Context) error {
			if len(find(t, v, "email=ann@example.org")) != 0 {
				t.Error("fenced before the pair was retired")
			}
			// What the fence waits for may need the vault.
			handle(t, v, "crm", "email=carl@example.org")
			fenced = true
			return nil
		},
		Living: func(_ context.Context, h events.Handle) (bool, error) {
			if !fenced {
				t.Error("looked before the fence")
			}
			return h == a, nil
		},
	})
	if err != nil || len(done.Living) != 1 || done.Living[0] != a || len(done.Forgotten) != 1 || done.Forgotten[0] != b {
		t.Fatalf("%+v, %v", done, err)
	}
	if revealed(t, v, a, vault.ForTasks()) == "" || revealed(t, v, b, vault.ForTasks()) != "" {
		t.Error("the wrong pair was forgotten")
	}
	broken := errors.New("not reachable")
	for name, g := range map[string]vault.ForgetGuard{
		"fence":  {Fence: func(context.Context) error { return broken }, Living: vaulttest.NothingLives().Living},
		"living": {Fence: vaulttest.NothingLives().Fence, Living: func(context.Context, events.Handle) (bool, error) { return false, broken }},
	} {
		if _, err := v.Forget(ctx, []events.Handle{a}, g); !errors.Is(err, broken) || revealed(t, v, a, vault.ForTasks()) == "" {
			t.Errorf("%s fails: %v, and the pair must stay", name, err)
		}
	}
	if _, err := v.Forget(ctx, []events.Handle{a}, vault.ForgetGuard{}); err == nil {
		t.Error("forgot without a guard")
	}
}

// Many are forgotten in a vault wide enough for several buckets; everybody else
// is still found.
func TestForgetMany(t *testing.T) {
	t.Parallel()
	place := vaulttest.NewPlace(t)
	v := place.Open(t)
	const n = 3000
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("email=p%d@example.org", i)
	}
	all := resolve(t, v, "crm", ids...)
	var gone []events.Handle
	for i := 0; i < n; i += 7 {
		gone = append(gone, all[i].Ref.Handle)
	}
	forget(t, v, gone...)
	for i := range all {
		if p := find(t, v, ids[i]); (len(p) == 0) != (i%7 == 0) {
			t.Fatalf("%d: found %v", i, p)
		}
	}
	sound(t, v)
	s, err := v.Status(ctx)
	if err != nil || s.UntilRotation != uint64(len(gone)) || s.Entries != n-uint64(len(gone)) {
		t.Errorf("status %+v, %v", s, err)
	}
	if err := v.Rotate(ctx, nil); err != nil {
		t.Fatal(err)
	}
	s, err = v.Status(ctx)
	if err != nil || s.UntilRotation != 0 || s.Forgotten != uint64(len(gone)) || s.Epoch != 2 {
		t.Errorf("status %+v, %v", s, err)
	}
	_ = v.Close()
	v = place.Open(t)
	sound(t, v)
	if len(find(t, v, ids[1])) != 1 || len(find(t, v, ids[0])) != 0 {
		t.Error("wrong after rotation and opening again")
	}
}

// Pairs under which nothing lives are forgotten; their return is no
// resurrection; one that is observed while it is swept keeps its handle.
func TestSweep(t *testing.T) {
	t.Parallel()
	v := vaulttest.New(t)
	held := handle(t, v, "crm", "email=held@example.org")
	dead := handle(t, v, "crm", "email=dead@example.org")
	seen := handle(t, v, "crm", "email=seen@example.org")
	late := handle(t, v, "crm", "email=late@example.org")
	task := handle(t, v, "crm", "email=task@example.org")
	if err := v.Retire(ctx, task); err != nil {
		t.Fatal(err)
	}
	fenced := false
	guard := vault.ForgetGuard{
		Fence: func(context.Context) error {
			fenced = true
			if len(find(t, v, "email=dead@example.org")) != 1 {
				t.Error("a pair that is being swept is not found")
			}
			if r := resolve(t, v, "crm", "email=seen@example.org")[0]; r.Ref.Handle != seen || r.Fresh || !r.Erased.IsZero() {
				t.Errorf("observed while swept: %+v", r)
			}
			return nil
		},
		Living: func(_ context.Context, h events.Handle) (bool, error) {
			if h == task {
				t.Error("a retired pair is for its case, not for the sweep")
			}
			return h == held || h == late && fenced, nil
		},
	}
	if got, err := v.Sweep(ctx, guard, 1<<40); err != nil || got != (vault.Swept{}) {
		t.Errorf("young pairs: %+v, %v", got, err)
	}
	got, err := v.Sweep(ctx, guard, -1e9)
	if err != nil || got.Forgotten != 1 || got.Revived != 2 || got.Looked != 4 {
		t.Errorf("swept %+v, %v", got, err)
	}
	for id, h := range map[string]events.Handle{"held": held, "seen": seen, "late": late} {
		if p := find(t, v, "email="+id+"@example.org"); len(p) != 1 || p[0].Handle != h {
			t.Errorf("%s: %v", id, p)
		}
	}
	if back := resolve(t, v, "crm", "email=dead@example.org")[0]; !back.Fresh || back.Ref.Handle == dead || !back.Erased.IsZero() {
		t.Errorf("the swept one came back as %+v", back)
	}
	sound(t, v)
}

// A note has a key of its own and is shredded by it.
func TestNotes(t *testing.T) {
	t.Parallel()
	place := vaulttest.NewPlace(t)
	place.Stream.Plant("a reason in plain words")
	v := place.Open(t)
	long := make([]byte, 300<<10)
	for i := range long {
		long[i] = byte(i * 7)
	}
	var ids []events.EventID
	for _, body := range [][]byte{[]byte("a reason in plain words"), {}, long} {
		id, err := v.Seal(ctx, body)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
		got, err := v.Revealer().OpenNote(ctx, id)
		if err != nil || string(got) != string(body) {
			t.Fatalf("note of %d bytes: %d, %v", len(body), len(got), err)
		}
	}
	if _, err := v.Seal(ctx, make([]byte, vault.MaxNote+1)); !errors.Is(err, vault.ErrTooLong) {
		t.Errorf("too long: %v", err)
	}
	if err := v.Shred(ctx, ids[2]); err != nil {
		t.Fatal(err)
	}
	check := func(v *vault.Vault) {
		t.Helper()
		if _, err := v.Revealer().OpenNote(ctx, ids[2]); !errors.Is(err, vault.ErrUnknown) {
			t.Errorf("shredded: %v", err)
		}
		if got, err := v.Revealer().OpenNote(ctx, ids[0]); err != nil || string(got) != "a reason in plain words" {
			t.Errorf("kept: %q, %v", got, err)
		}
		if c := sound(t, v); c.Notes != 2 {
			t.Errorf("%+v", c)
		}
	}
	check(v)
	if err := v.Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	check(v)
	if err := v.Shred(ctx, ids[2]); err != nil {
		t.Errorf("shred again: %v", err)
	}
}

// A note under a name that its caller chose is sealed once: what is there stays,
// across a restart too. Once it is shredded the name is free again.
func TestNoteByName(t *testing.T) {
	t.Parallel()
	place := vaulttest.NewPlace(t)
	v := place.Open(t)
	id := events.EventID{1, 2, 3}
	seal := func(body string) string {
		t.Helper()
		if err := v.SealAs(ctx, id, []byte(body)); err != nil {
			t.Fatal(err)
		}
		got, err := v.Revealer().OpenNote(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		return string(got)
	}
	if got := seal("the first"); got != "the first" {
		t.Errorf("got %q", got)
	}
	if got := seal("the second"); got != "the first" {
		t.Errorf("sealed again it says %q", got)
	}
	if err := v.Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	if got := seal("the third"); got != "the first" {
		t.Errorf("after a rebuild it says %q", got)
	}
	if c := sound(t, v); c.Notes != 1 {
		t.Errorf("%d notes, want 1", c.Notes)
	}
	if err := v.Shred(ctx, id); err != nil {
		t.Fatal(err)
	}
	if got := seal("the fourth"); got != "the fourth" {
		t.Errorf("after it was shredded it says %q", got)
	}
	if err := v.Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	if got := seal("the fifth"); got != "the fourth" {
		t.Errorf("after a rebuild it says %q", got)
	}
}

// What is large goes through in pieces: a batch of many identifiers, notes near
// their limit, and the replay of all of it.
func TestLarge(t *testing.T) {
	t.Parallel()
	place := vaulttest.NewPlace(t)
	v := place.Open(t)
	var notes []events.EventID
	for range 4 {
		id, err := v.Seal(ctx, make([]byte, vault.MaxNote))
		if err != nil {
			t.Fatal(err)
		}
		notes = append(notes, id)
	}
	long := strings.Repeat("x", 1900)
	ids := make([]string, 5000)
	for i := range ids {
		ids[i] = fmt.Sprintf("crm.contact=%d-%s", i, long[:i%2*1900])
	}
	resolve(t, v, "crm", ids...)
	if err := v.Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	if body, err := v.Revealer().OpenNote(ctx, notes[3]); err != nil || len(body) != vault.MaxNote {
		t.Errorf("note: %d, %v", len(body), err)
	}
	if c := sound(t, v); c.Entries != 5000 || c.Notes != 4 {
		t.Errorf("%+v", c)
	}
}

// A replay that ends in the middle goes on there, also in another process: the
// log is only ever asked for marks that it gave.
func TestReplayCutOff(t *testing.T) {
	t.Parallel()
	place := vaulttest.NewPlace(t)
	v := place.Open(t)
	ids := make([]string, 3000)
	for i := range ids {
		ids[i] = fmt.Sprintf("crm.contact=%d", i)
	}
	resolve(t, v, "crm", ids...)
	_ = v.Close()
	dir := t.TempDir() + "/vault"
	for n := 0; ; n++ {
		at := &crashAt{n: n}
		w, err := place.TryOpen(func(c *vault.Config) { c.Dir, c.Step = dir, at.step })
		if err == nil {
			sound(t, w)
			_ = w.Close()
			if n < 3 {
				t.Errorf("the replay was not cut: %v", at.seen)
			}
			return
		}
		if n > 20 {
			t.Fatal(err)
		}
	}
}
