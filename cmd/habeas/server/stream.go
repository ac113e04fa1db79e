package server

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// A Step says how far a long operation is.
type Step struct {
	What string `json:"what"`
	Done uint64 `json:"done"`
	Of   uint64 `json:"of,omitempty"` // 0: not known
}

// Progress is told now and then how far it is. It may be called from one
// goroutine at a time.
type Progress = func(Step)

// A Line is one line of the answer of a long operation: progress, then either
// an error or the report.
type Line struct {
	Progress *Step           `json:"progress,omitempty"`
	Error    string          `json:"error,omitempty"`
	Report   json.RawMessage `json:"report,omitempty"`
}

// long serves an operation as a stream of lines. One of each kind runs at a
// time: a second asker is told so.
func long[T any](fn func(context.Context, Progress) (T, error), busy func(http.ResponseWriter, *http.Request)) http.HandlerFunc {
	var running sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		if !running.TryLock() {
			busy(w, r)
			return
		}
		defer running.Unlock()
		w.Header().Set("Content-Type", "application/x-ndjson")
		control := http.NewResponseController(w)
		enc := json.NewEncoder(w)
		say := func(l Line) {
			_ = enc.Encode(l) // a client that went away shows as the end of r's context
			_ = control.SetWriteDeadline(time.Now().Add(time.Minute))
			_ = control.Flush()
		}
		var last time.Time
		report, err := fn(r.Context(), func(s Step) {
			if time.Since(last) > 200*time.Millisecond {
				last = time.Now()
				say(Line{Progress: &s})
			}
		})
		if err != nil {
			say(Line{Error: err.Error()})
			return
		}
		b, err := json.Marshal(report)
		if err != nil {
			say(Line{Error: err.Error()})
			return
		}
		say(Line{Report: b})
	}
}
