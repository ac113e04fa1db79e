package ingest

import (
	"sync"

	"github.com/habeas-data/habeas/events"
)

// uploads counts the requests under way of each token, so that one source that
// opens more and more of them cannot take the places of the others. Its memory
// is that of the requests.
type uploads struct {
	most int // 0: any number
	mu   sync.Mutex
	by   map[events.Code]int // guarded by mu; no entry is zero
}

// begin takes a place, or reports that there is none.
func (u *uploads) begin(token events.Code) bool {
	if u.most == 0 || token == "" {
		return true
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.by[token] >= u.most {
		return false
	}
	u.by[token]++
	return true
}

// end gives the place back that begin took.
func (u *uploads) end(token events.Code) {
	if u.most == 0 || token == "" {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.by[token]--; u.by[token] == 0 {
		delete(u.by, token)
	}
}
