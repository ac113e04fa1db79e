package vault_test

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault"
	"github.com/habeas-data/habeas/vault/vaulttest"
)

func pairs(t interface{ Fatal(...any) }, limit int) vault.Pairs {
	p, err := vault.NewPairs(limit, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// What is known is what was put last under a stamp that still holds, or nothing.
func TestKnownPairs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := pairs(t, 1024)
		type put struct {
			handle events.Handle
			row    byte
			lost   int
		}
		model, losses := map[[12]byte]put{}, map[byte]int{}
		draw := func(name string) [12]byte {
			return p.Name("crm", "email", fmt.Sprint(rapid.IntRange(0, 3000).Draw(t, name)))
		}
		row := func(b byte) (d [16]byte) { d[3] = b; return d }
		serial := uint64(0)
		for range rapid.IntRange(1, 2000).Draw(t, "steps") {
			n, b := draw("name"), byte(rapid.IntRange(0, 5).Draw(t, "row"))
			switch rapid.IntRange(0, 9).Draw(t, "do") {
			case 0:
				p.Lose(row(b))
				losses[b]++
			case 1: // put in after it was lost
				stamp := p.Stamp(row(b))
				p.Lose(row(b))
				losses[b]++
				p.Put(n, events.Handle{1}, stamp)
				delete(model, n)
			case 2:
				if rapid.IntRange(0, 30).Draw(t, "clear") == 0 {
					stamp := p.Stamp(row(b))
					p.Clear()
					clear(model)
					p.Put(n, events.Handle{1}, stamp)
				}
			default:
				serial++
				var h events.Handle
				binary.BigEndian.PutUint64(h[8:], serial)
				p.Put(n, h, p.Stamp(row(b)))
				model[n] = put{h, b, losses[b]}
			}
			other := draw("other")
			got := p.Find(n, other)
			for i, n := range [][12]byte{n, other} {
				want, known := model[n]
				known = known && want.lost == losses[want.row]
				if got[i] != (events.Handle{}) && (!known || got[i] != want.handle) {
					t.Fatalf("got %v, want %v (%v)", got[i], want.handle, known)
				}
			}
		}
		if all, one := p.Bytes(); one != 32 || all > 1024*32 {
			t.Fatalf("%d bytes are held, %d each, want at most 1024 of 32", all, one)
		}
	})
}

// Most of what fits is held, and all of it while it is a quarter.
func TestKnownPairsHold(t *testing.T) {
	t.Parallel()
	const limit = 1 << 14
	p := pairs(t, limit)
	held := func(n int) (held int) {
		for i := range n {
			if p.Find(p.Name("crm", "email", fmt.Sprint(i)))[0] != (events.Handle{}) {
				held++
			}
		}
		return held
	}
	for i := range limit {
		p.Put(p.Name("crm", "email", fmt.Sprint(i)), events.Handle{1}, p.Stamp([16]byte{}))
		if n := i + 1; n == limit/4 || n == limit {
			if got := held(n); n == limit/4 && got < n*99/100 || got < n*80/100 {
				t.Errorf("%d of %d are held", got, n)
			}
		}
	}
	// What is asked for stays while others come and go.
	hot := limit / 8
	for i := range 4 * limit {
		p.Put(p.Name("crm", "email", fmt.Sprint(limit+i)), events.Handle{1}, p.Stamp([16]byte{}))
		if i%(limit/16) == 0 {
			for k := range hot {
				n := p.Name("crm", "email", fmt.Sprint(k))
				if p.Find(n)[0] == (events.Handle{}) {
					p.Put(n, events.Handle{1}, p.Stamp([16]byte{}))
				}
			}
		}
	}
	if got := held(hot); got < hot*70/100 {
		t.Errorf("%d of %d that are asked for again and again are held", got, hot)
	}
}

// A counter of losses that comes round takes what it vouched for with it.
func TestKnownPairsRound(t *testing.T) {
	t.Parallel()
	p, n, row := pairs(t, 1024), [12]byte{1}, [16]byte{}
	stamp := p.Stamp(row)
	p.Put(n, events.Handle{1}, stamp)
	for range vault.Losses {
		p.Lose(row)
		if p.Find(n)[0] != (events.Handle{}) {
			t.Fatal("a lost pair is known")
		}
	}
	if p.Stamp(row) != stamp {
		t.Fatal("the counter has not come round; this test is about when it has")
	}
}

// It does so for those, too, who look while it comes round.
func TestKnownPairsRoundMeanwhile(t *testing.T) {
	t.Parallel()
	row := [16]byte{}
	for range 20 {
		p, n := pairs(t, 1024), [12]byte{1}
		p.Put(n, events.Handle{1}, p.Stamp(row))
		p.Lose(row)
		for range vault.Losses - 10 {
			p.Lose(row)
		}
		var asking, begun sync.WaitGroup
		var over atomic.Bool
		begun.Add(4)
		for range 4 {
			asking.Go(func() {
				for first := true; !over.Load(); first = false {
					if first {
						begun.Done()
					}
					if p.Find(n)[0] != (events.Handle{}) {
						t.Error("a lost pair is known")
						return
					}
				}
			})
		}
		begun.Wait()
		for range 20 {
			p.Lose(row)
		}
		over.Store(true)
		asking.Wait()
	}
}

// Names keep system, kind and value apart, and do not depend on what was named
// before.
func TestPairNames(t *testing.T) {
	t.Parallel()
	p := pairs(t, 1)
	seen := map[[12]byte]string{}
	for _, x := range [][3]string{{"a", "b", "c"}, {"ab", "", "c"}, {"", "ab", "c"}, {"a", "", "bc"}, {"", "", "abc"}, {"a", "bc", ""}, {"", "", ""},
		{"a", "b", "c\x00"}, {"a", "b", "0123456789abcdef0123456789abcdef"}, {"a", "b", "0123456789abcdef0123456789abcdeg"}, {"a", "b", "1123456789abcdef0123456789abcdef"}} {
		n := p.Name(events.Code(x[0]), events.Code(x[1]), x[2])
		if other, twice := seen[n]; twice {
			t.Errorf("%q and %s have one name", x, other)
		}
		seen[n] = fmt.Sprintf("%q", x)
		if p.Name(events.Code(x[0]), events.Code(x[1]), x[2]) != n {
			t.Errorf("%q has two names", x)
		}
	}
	if pairs(t, 1).Name("a", "b", "c") == p.Name("a", "b", "c") {
		t.Error("two processes give one name")
	}
}

// Nobody who asks after Retire has returned gets the retired handle, while others
// ask all the time and put what they read into memory.
func TestRetiredIsNotKnown(t *testing.T) {
	t.Parallel()
	v := vaulttest.New(t)
	const people = 100
	id := func(i int64) []string {
		return []string{fmt.Sprintf("email=ann%d@example.org", i), fmt.Sprintf("email=Ann%d@Example.org", i)}
	}
	var retired [people]atomic.Pointer[events.Handle]
	var now atomic.Int64
	var asking sync.WaitGroup
	for range 4 {
		asking.Go(func() {
			for i := now.Load(); i < people; i = now.Load() {
				gone := retired[i].Load()
				out := resolve(t, v, "crm", id(i)...)
				if gone != nil && (out[0].Ref.Handle == *gone || out[1].Ref.Handle == *gone) {
					t.Error("a retired handle was given")
					return
				}
			}
		})
	}
	for i := range int64(people) {
		h := handle(t, v, "crm", id(i)[0])
		if err := v.Retire(ctx, h); err != nil {
			t.Fatal(err)
		}
		retired[i].Store(&h)
		if got := handle(t, v, "crm", id(i)[0]); got == h {
			t.Error("a retired handle was given")
		}
		now.Store(i + 1)
	}
	asking.Wait()
	sound(t, v)
}

// waitFor waits until so many jobs wait for the writer.
func waitFor(t *testing.T, v *vault.Vault, n int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); v.Waiting() < n; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d jobs wait, want %d", v.Waiting(), n)
		}
	}
}

// What a caller read before a pair was retired does not make it known afterwards,
// however late the caller is with it.
func TestRetiredMeanwhile(t *testing.T) {
	t.Parallel()
	held, release := make(chan bool), make(chan bool)
	var armed atomic.Bool
	v := vaulttest.NewPlace(t).Open(t, func(c *vault.Config) {
		c.Step = func(step string) error {
			if step == "vault: append" && armed.CompareAndSwap(true, false) {
				held <- true
				<-release
			}
			return nil
		}
	})
	old := handle(t, v, "crm", "email=ann@example.org")
	v.DropCaches()
	armed.Store(true)
	var waiting sync.WaitGroup
	waiting.Go(func() { resolve(t, v, "crm", "email=bob@example.org") })
	<-held // the writer is busy; what follows waits in this order
	waiting.Go(func() {
		if err := v.Retire(ctx, old); err != nil {
			t.Error(err)
		}
	})
	waitFor(t, v, 1)
	waiting.Go(func() {
		if got := resolve(t, v, "crm", "email=ann@example.org", "email=new@example.org"); got[0].Ref.Handle != old {
			t.Error("the look-up did not begin before the pair was retired; this test is about one that does")
		}
	})
	waitFor(t, v, 2)
	close(release)
	waiting.Wait()
	if handle(t, v, "crm", "email=ann@example.org") == old {
		t.Error("a retired handle was given")
	}
}

// That an identifier was erased before is said each time, not only while its pair
// is fresh.
func TestErasedIsSaidAgain(t *testing.T) {
	t.Parallel()
	v := vaulttest.New(t)
	if err := v.Retire(ctx, handle(t, v, "crm", "email=ann@example.org")); err != nil {
		t.Fatal(err)
	}
	first := resolve(t, v, "crm", "email=ann@example.org")[0]
	if !first.Fresh || first.Erased == 0 {
		t.Fatalf("got %+v, want a fresh handle that was erased before", first)
	}
	for i := range 4 {
		got := resolve(t, v, "crm", "email=ann@example.org")[0]
		if got.Fresh || got.Ref != first.Ref || got.Erased != first.Erased {
			t.Errorf("got %+v, want %+v", got, first)
		}
		if i == 1 {
			v.DropCaches()
		}
	}
}

// A rotation ends what memory holds of the forgotten as well.
func TestRotationEmptiesMemory(t *testing.T) {
	t.Parallel()
	v := vaulttest.New(t)
	h := handle(t, v, "crm", "email=ann@example.org")
	if v.InMemory() == 0 {
		t.Fatal("nothing is in memory")
	}
	if err := v.Rotate(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if n := v.InMemory(); n != 0 {
		t.Errorf("%d bytes are in memory after a rotation", n)
	}
	if handle(t, v, "crm", "email=ann@example.org") != h {
		t.Error("a rotation has given a second handle")
	}
}

// Randomness is handed out as it comes, and none of it twice.
func TestRandomness(t *testing.T) {
	t.Parallel()
	source := make([]byte, 3*4096)
	if _, err := rand.Read(source); err != nil {
		t.Fatal(err)
	}
	fill := vault.NewRandomness(bytes.NewReader(source))
	for at := 0; at < 4096-32; at += 12 {
		b := make([]byte, 12)
		if err := fill(b); err != nil || !bytes.Equal(b, source[at:at+12]) {
			t.Fatalf("bytes %d to %d are not those drawn: %v", at, at+12, err)
		}
	}
	if err := fill(make([]byte, 4096)); err != nil {
		t.Fatal(err)
	}
	if err := fill(make([]byte, 4096)); err != nil {
		t.Fatal(err)
	}
	if err := fill(make([]byte, 1)); err == nil {
		t.Error("got randomness where none was left")
	}
}
