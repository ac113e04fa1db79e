package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// progress draws one line on a terminal and nothing elsewhere. total 0 means
// that the end is not known. Not safe for concurrent use.
type progress struct {
	w           io.Writer
	total, at   int64
	start, last time.Time
	on          bool
}

func newProgress(w io.Writer, total int64) *progress {
	f, ok := w.(*os.File)
	return &progress{w: w, total: total, start: time.Now(), on: ok && term.IsTerminal(int(f.Fd()))}
}

func (p *progress) add(n int64) { p.set(p.at + n) }

func (p *progress) set(at int64) {
	p.at = at
	if !p.on || time.Since(p.last) < 100*time.Millisecond {
		return
	}
	p.last = time.Now()
	if p.total <= 0 {
		fmt.Fprintf(p.w, "\r%d", p.at)
		return
	}
	const width = 30
	n := int(min(p.at*width/p.total, width))
	left := ""
	if p.at > 0 {
		d := time.Duration(float64(time.Since(p.start)) * float64(p.total-p.at) / float64(p.at))
		left = d.Round(time.Second).String() + " left"
	}
	fmt.Fprintf(p.w, "\r[%s%s] %3d%% %-14s", strings.Repeat("#", n), strings.Repeat(".", width-n), min(p.at*100/p.total, 100), left)
}

// clear removes the line so that a message can be printed.
func (p *progress) clear() {
	if p.on {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

func (p *progress) done() { p.clear() }
