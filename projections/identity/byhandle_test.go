package identity

import (
	"encoding/binary"
	"testing"

	"github.com/habeas-data/habeas/events"
)

// Few handles and many are kept alike, and room is given out clean.
func TestByHandle(t *testing.T) {
	var s byHandle[int]
	of := func(i int) (h events.Handle) {
		binary.BigEndian.PutUint64(h[8:], uint64(i))
		return h
	}
	for round := range 3 {
		n := []int{3, 5 * manyHandles, manyHandles}[round]
		for i := range n {
			s.put(of(i), i)
			s.put(of(i/2), -i)
		}
		for i := range n {
			want := i
			if x := min(2*i+1, n-1); x/2 == i {
				want = -x
			}
			if v, ok := s.get(of(i)); !ok || v != want {
				t.Errorf("%d of %d: got %d, %v, want %d", i, n, v, ok, want)
			}
		}
		if _, ok := s.get(of(n)); ok || s.len() != n {
			t.Errorf("%d are kept, want %d", s.len(), n)
		}
		s.reset()
		if _, ok := s.get(of(0)); ok || s.len() != 0 {
			t.Error("kept after reset")
		}
	}
	var a arena[int]
	for _, n := range []int{1, 15, 16, 1, 40, 2 * arenaKept} {
		for range 3 {
			x := a.take(n)
			for i := range x {
				if x[i] != 0 {
					t.Fatalf("took %d, used before", x[i])
				}
				x[i] = 7
			}
			if y := append(x, 8); &y[0] == &x[0] {
				t.Error("what is taken can grow into what is taken next")
			}
		}
		a.reset()
	}
	if cap(a.room) > arenaKept {
		t.Errorf("room for %d is kept", cap(a.room))
	}
	for range 10 * arenaKept { // of somebody who never resets
		a.take(1)
	}
	if cap(a.room) > arenaKept {
		t.Errorf("room for %d is made at once", cap(a.room))
	}
}
