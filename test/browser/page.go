package browser

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// A Tab is one tab of a headless Chromium that remembers everything that went
// wrong in it.
type Tab struct {
	Ctx  context.Context
	base string

	mu    sync.Mutex
	wrong []string // guarded by mu: console errors, foreign requests, policy violations
	asked []string // guarded by mu: every address requested
}

// NewTab starts a browser with one tab. Call the returned function to end it.
func NewTab(ctx context.Context, base string) (*Tab, func(), error) {
	opts := []chromedp.ExecAllocatorOption{
		chromedp.NoFirstRun, chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-default-apps", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("no-default-browser-check", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.WindowSize(1200, 900),
	}
	if p := os.Getenv("HABEAS_TEST_CHROMIUM"); p != "" {
		opts = append(opts, chromedp.ExecPath(p))
	}
	alloc, stopAlloc := chromedp.NewExecAllocator(ctx, opts...)
	tabCtx, stopTab := chromedp.NewContext(alloc)
	t := &Tab{Ctx: tabCtx, base: base}
	stop := func() { stopTab(); stopAlloc() }
	if err := chromedp.Listen(tabCtx, t.note); err != nil {
		stop()
		return nil, nil, fmt.Errorf("start the browser: %w", err)
	}
	return t, stop, nil
}

// note keeps what a reader with the developer tools open would see.
func (t *Tab) note(ev any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch e := ev.(type) {
	case *network.EventRequestWillBeSent:
		t.asked = append(t.asked, e.Request.URL)
		if !strings.HasPrefix(e.Request.URL, t.base+"/") && !strings.HasPrefix(e.Request.URL, "data:") {
			t.wrong = append(t.wrong, "asked another host: "+e.Request.URL)
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			t.wrong = append(t.wrong, "error: "+e.Entry.Text+" "+e.Entry.URL)
		}
	case *runtime.EventExceptionThrown:
		t.wrong = append(t.wrong, "exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			t.wrong = append(t.wrong, "console error")
		}
	}
}

// Wrong returns and forgets what went wrong since the last call.
func (t *Tab) Wrong() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.wrong
	t.wrong = nil
	return w
}

// Asked lists every address that was requested.
func (t *Tab) Asked() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.asked...)
}

//go:embed judge.js
var judge string

// Judge lists what the page in the tab gets wrong for somebody who cannot see
// it, cannot use a mouse, or reads with poor light.
func (t *Tab) Judge() ([]string, error) {
	faults, err := chromedp.Run(t.Ctx, chromedp.Evaluate[[]string](judge))
	if err != nil {
		return nil, fmt.Errorf("judge the page: %w", err)
	}
	return faults, nil
}
