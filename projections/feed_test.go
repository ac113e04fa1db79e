package projections

import (
	"hash/maphash"
	"testing"
)

// A row that a batch took away is gone for every reader of the feed, wherever
// that batch is on its way; one without a value is not.
func TestGetAfterDelete(t *testing.T) {
	k := []byte("Px")
	f := &feed{s: new(store), filter: newFilter(maphash.MakeSeed())}
	f.cur = &batch{rows: map[string][]byte{}}
	older := map[string][]byte{string(k): {1}}
	get := func(when string, want bool) {
		t.Helper()
		if _, ok, err := f.Get(k); ok != want || err != nil {
			t.Errorf("%s: %v, %v", when, ok, err)
		}
	}
	f.recent = []map[string][]byte{older}
	get("in an older batch", true)
	f.Delete(k)
	get("taken away in the batch being assembled", false)
	f.flying, f.cur = f.cur, &batch{rows: map[string][]byte{}}
	get("taken away in the batch on its way", false)
	f.flying, f.recent = nil, []map[string][]byte{f.flying.rows, older}
	get("taken away in the last batch", false)
	f.Set(k, nil)
	get("written again without a value", true)
}
