package journal

import (
	"fmt"
	"sync"
	"syscall"
	"time"
)

// lookAgain is how long the last look at the disk is believed.
const lookAgain = 5 * time.Millisecond

// A space watches how much room the disk has. The zero value never refuses.
type space struct {
	dir  string
	keep int64

	mu   sync.Mutex
	at   time.Time // guarded by mu: when the disk was last looked at
	last error     // guarded by mu: what came of it
}

// check returns ErrFull while there is too little room.
func (s *space) check() error {
	if s.dir == "" || s.keep < 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); now.Sub(s.at) > lookAgain {
		s.at, s.last = now, s.look()
	}
	return s.last
}

// look asks the file system. Not knowing is no reason to refuse: the write
// itself will say.
func (s *space) look() error {
	var st syscall.Statfs_t
	if s.dir == "" || s.keep < 0 || syscall.Statfs(s.dir, &st) != nil {
		return nil
	}
	if free := int64(st.Bavail) * int64(st.Bsize); free < s.keep {
		return fmt.Errorf("%w: %d MiB are free in %s, want at least %d MiB", ErrFull, free>>20, s.dir, s.keep>>20)
	}
	return nil
}
