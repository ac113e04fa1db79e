package browser

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// open starts a browser for one test. ./test.sh provides Chromium or leaves the
// group out by name; by hand the tests are skipped without it.
func open(t *testing.T, base string) *Tab {
	t.Helper()
	if os.Getenv("HABEAS_TEST_CHROMIUM") == "" {
		if _, err := exec.LookPath("chromium"); err != nil {
			t.Skip("no chromium on the PATH and HABEAS_TEST_CHROMIUM not set")
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	tab, stop, err := NewTab(ctx, base)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); cancel() })
	return tab
}

// TestJudge: a judge that finds nothing proves nothing, so it is shown a page
// with every fault and one with none.
func TestJudge(t *testing.T) {
	const good = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Good</title>
<main><h1>Good</h1><h2>Part</h2><form><label>Name <input name="n"></label><button>Look</button></form>
<table><tr><th scope="col">A</th></tr><tr><td>1</td></tr></table></main></html>`
	const bad = `<!doctype html><html><title></title><h1>Bad</h1><h3>Left out</h3><input name="n"><button></button><img src="data:,">
<table><tr><td>1</td></tr></table><p id="a" style="color:#bbb;background:#fff">Pale</p><p id="a">Twice</p>
<script>var inPage = 1</script></html>`
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch r.URL.Path {
		case "/good":
			_, _ = w.Write([]byte(good))
		case "/bad":
			_, _ = w.Write([]byte(bad))
		default:
			w.WriteHeader(http.StatusNoContent)
		}
	}))
	defer srv.Close()
	tab := open(t, srv.URL)
	for path, want := range map[string][]string{
		"/good": nil,
		"/bad": {"no language", "no title", "small screen", "heading level", "no main part", "field has no label", "button has no name",
			"picture has no words", "no headings", "used twice", "hard to read (1.9:1)", "script is written"},
	} {
		if err := chromedp.Do(tab.Ctx, chromedp.Navigate(srv.URL+path)); err != nil {
			t.Fatal(err)
		}
		got, err := tab.Judge()
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Join(got, "\n")
		for _, w := range want {
			if !strings.Contains(all, w) {
				t.Errorf("%s: the judge did not say %q:\n%s", path, w, all)
			}
		}
		if len(want) == 0 && len(got) > 0 {
			t.Errorf("%s: the judge found fault:\n%s", path, all)
		}
	}
	if wrong := tab.Wrong(); len(wrong) != 0 {
		t.Errorf("the tab reports %v", wrong)
	}
}
