package desk

import (
	"context"
	"errors"
	"sync"

	"github.com/habeas-data/habeas/events"
)

// sayAll says many words, side by side: each waits for the disk, and they share the
// wait. It returns the last position. Where some fail the others stand; all may be
// said again.
func (d *Desk) sayAll(ctx context.Context, words []events.Event, why string, of events.EventID) (last events.Position, err error) {
	var mu sync.Mutex
	var errs []error
	var wg sync.WaitGroup
	slots := make(chan struct{}, d.atOnce())
	for i := range words {
		slots <- struct{}{}
		mu.Lock()
		failed := len(errs) > 0
		mu.Unlock()
		if failed {
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			at, err := d.say(ctx, &words[i], why, of)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				errs = append(errs, err)
			} else if at.Compare(last) > 0 {
				last = at
			}
		})
	}
	wg.Wait()
	return last, errors.Join(errs...)
}
