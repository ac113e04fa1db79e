package access

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A Limit holds callers to a rate each. It forgets keys that have not asked
// for long enough to have their full burst back, so its memory is bounded by
// those who ask now.
type Limit struct {
	every time.Duration
	burst int
	now   func() time.Time

	mu   sync.Mutex
	keys map[string]*rate.Limiter // guarded by mu
	turn int                      // guarded by mu; asks since the last sweep
}

// maxKeys bounds how many keys one Limit follows; beyond it, strangers share
// one allowance.
const maxKeys = 10_000

// NewLimit allows burst at once and one more each time every has passed.
func NewLimit(burst int, every time.Duration, now func() time.Time) *Limit {
	if now == nil {
		now = time.Now
	}
	return &Limit{every: every, burst: burst, now: now, keys: map[string]*rate.Limiter{}}
}

// Take takes one from the key's allowance. If there is none it returns how
// long to wait; the try itself costs nothing.
func (l *Limit) Take(key string) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if l.turn++; l.turn > 1000 {
		l.sweep(now)
	}
	v := l.keys[key]
	if v == nil && len(l.keys) >= maxKeys {
		key = ""
		v = l.keys[key]
	}
	if v == nil {
		v = rate.NewLimiter(rate.Every(l.every), l.burst)
		l.keys[key] = v
	}
	r := v.ReserveN(now, 1)
	if wait = r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return wait, false
	}
	return 0, true
}

// sweep needs mu held.
func (l *Limit) sweep(now time.Time) {
	l.turn = 0
	for k, v := range l.keys {
		if v.TokensAt(now) >= float64(l.burst) {
			delete(l.keys, k)
		}
	}
}
