package browser

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

var aDate = regexp.MustCompile(`\b\d{1,2} [A-Z][a-z]+ 20\d\d\b`)

// startDemo runs the command that HABEAS_TEST_BIN names, or builds it.
func startDemo(t *testing.T) *Demo {
	t.Helper()
	command := os.Getenv("HABEAS_TEST_BIN")
	if command == "" {
		command = filepath.Join(t.TempDir(), "habeas")
		build := exec.Command("go", "build", "-o", command, "./cmd/habeas")
		build.Dir = "../.."
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build the command: %v\n%s", err, out)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	d, err := StartDemo(ctx, command, "--people", "40", "--listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Stop(); err != nil {
			t.Errorf("stop the demo: %v", err)
		}
	})
	return d
}

// fit wants the page in the tab to be without fault: in light and in dark, on a
// desk and on a telephone; nothing from elsewhere, nothing in the console, no
// personal data in address or title (I1).
func fit(t *testing.T, tab *Tab, name string) {
	t.Helper()
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1200, 390} {
			err := chromedp.Do(tab.Ctx, chromedp.EmulateViewport(width, 900), colourScheme(scheme))
			if err != nil {
				t.Fatal(err)
			}
			faults, err := tab.Judge()
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range faults {
				t.Errorf("%s (%s, %d wide): %s", name, scheme, width, f)
			}
		}
	}
	for _, w := range tab.Wrong() {
		t.Errorf("%s: %s", name, w)
	}
	for _, get := range []chromedp.Action[string]{chromedp.Location(), chromedp.Title()} {
		s, err := chromedp.Run(tab.Ctx, get)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(s, "@") || strings.Contains(s, "priya") || strings.Contains(s, "%40") {
			t.Errorf("%s: personal data in the address or the title: %s", name, s)
		}
	}
	if err := chromedp.Do(tab.Ctx, chromedp.EmulateViewport(1200, 900), colourScheme("light")); err != nil {
		t.Fatal(err)
	}
}

func colourScheme(name string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
		})
		return err
	})
}

// text returns what the page says, and fails if that takes too long.
func text(t *testing.T, tab *Tab) string {
	t.Helper()
	s, err := chromedp.Run(tab.Ctx, chromedp.Text(chromedp.CSS("main")))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func do(t *testing.T, tab *Tab, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(tab.Ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// press submits the form that the button belongs to and waits for the next page.
func press(t *testing.T, tab *Tab, button string) {
	t.Helper()
	if _, err := chromedp.RunResponse(tab.Ctx, chromedp.Click(chromedp.CSS(button))); err != nil {
		t.Fatal(err)
	}
}

// TestConsole walks through the pages as an officer would: sign in by the
// one-time link, look somebody up, read, look at the timeline, sign out.
func TestConsole(t *testing.T) {
	d := startDemo(t)
	tab := open(t, d.Base)

	do(t, tab, chromedp.Navigate(d.Base+"/search"))
	fit(t, tab, "sign-in")

	do(t, tab, chromedp.Navigate(d.SignIn))
	fit(t, tab, "one-time link")
	press(t, tab, "main button")
	fit(t, tab, "home")

	do(t, tab, chromedp.Navigate(d.Base+"/search"))
	fit(t, tab, "search")
	do(t, tab,
		chromedp.SendKeys(chromedp.CSS("#value"), "nobody@example.org"),
		chromedp.SetValue(chromedp.CSS("#kind"), "email"),
		chromedp.SendKeys(chromedp.CSS("#reason"), "browser test"))
	press(t, tab, "main button[type=submit]")
	if got := text(t, tab); !strings.Contains(got, "No system has reported this identifier") {
		t.Errorf("an unknown address finds:\n%s", got)
	}
	tab.Wrong() // a 404 page is told in the console of the browser
	fit(t, tab, "nobody found")

	do(t, tab, chromedp.Navigate(d.Base+"/search"),
		chromedp.SendKeys(chromedp.CSS("#value"), "priya@example.org"),
		chromedp.SetValue(chromedp.CSS("#kind"), "email"),
		chromedp.SendKeys(chromedp.CSS("#reason"), "browser test"))
	press(t, tab, "main button[type=submit]")
	page := text(t, tab)
	for _, want := range []string{"What is held about this person", "priya@example.org", "GoCardless", "Booking platform", "Criminal record checks"} {
		if !strings.Contains(page, want) {
			t.Errorf("the footprint does not say %q", want)
		}
	}
	fit(t, tab, "footprint")

	press(t, tab, `a[href$="/history"]`)
	if got := text(t, tab); !aDate.MatchString(got) {
		t.Errorf("the timeline has no dates:\n%s", got)
	}
	fit(t, tab, "timeline")

	decideInBrowser(t, d, tab)
	caseInBrowser(t, d, tab)

	for _, path := range []string{"/systems", "/quarantine", "/audit", "/cases", "/tasks"} {
		do(t, tab, chromedp.Navigate(d.Base+path))
		fit(t, tab, path)
	}

	press(t, tab, "form.out button")
	do(t, tab, chromedp.Navigate(d.Base+"/search"))
	if got := text(t, tab); strings.Contains(got, "priya") || !strings.Contains(got, "Sign in") {
		t.Errorf("after signing out the search page says:\n%s", got)
	}

	// I1: nothing personal went into an address on the way.
	for _, asked := range tab.Asked() {
		if strings.Contains(asked, "priya") || strings.Contains(asked, "example.org") || strings.Contains(asked, "reception") {
			t.Errorf("an address holds personal data: %s", asked)
		}
	}
}

// caseInBrowser records a request, reads its plan, confirms and decides.
func caseInBrowser(t *testing.T, d *Demo, tab *Tab) {
	t.Helper()
	do(t, tab, chromedp.Navigate(d.Base+"/cases/new"))
	fit(t, tab, "a new case")
	do(t, tab, chromedp.SendKeys(chromedp.CSS("#value"), "jonas@example.net"),
		chromedp.SetValue(chromedp.CSS("#kind"), "email"),
		chromedp.Click(chromedp.CSS("input[name=right][value=erasure]")))
	press(t, tab, "main button[type=submit]")
	if got := text(t, tab); !strings.Contains(got, "Asked for erasure") || !strings.Contains(got, "The last day is") {
		t.Errorf("a new case says:\n%s", got)
	}
	fit(t, tab, "a case")
	press(t, tab, `main a[href$="/plan"]`)
	fit(t, tab, "a plan")
	press(t, tab, `form[action$="/confirm"] button`)
	do(t, tab, chromedp.SendKeys(chromedp.CSS("#reason"), "browser test"))
	press(t, tab, `button[name=how][value=accept]`)
	if got := text(t, tab); !strings.Contains(got, "Recorded: decided.") {
		t.Errorf("after deciding the plan says:\n%s", got)
	}
	fit(t, tab, "a decided plan")
}

// decideInBrowser settles the contested address of the demo: it is a reception's,
// which two locums share.
func decideInBrowser(t *testing.T, d *Demo, tab *Tab) {
	t.Helper()
	do(t, tab, chromedp.Navigate(d.Base+"/search"),
		chromedp.SendKeys(chromedp.CSS("#value"), "reception@harbour-practice.example"),
		chromedp.SetValue(chromedp.CSS("#kind"), "email"),
		chromedp.SendKeys(chromedp.CSS("#reason"), "browser test"))
	press(t, tab, "main button[type=submit]")
	if got := text(t, tab); !strings.Contains(got, "two members of Booking platform") || !strings.Contains(got, "share this e-mail address") {
		t.Errorf("a shared address is explained as:\n%s", got)
	}
	fit(t, tab, "candidates")
	press(t, tab, `a[href$="/decide"]`)
	fit(t, tab, "decide")
	do(t, tab, chromedp.SendKeys(chromedp.CSS("#mark-reason"), "the address of a reception"))
	press(t, tab, `button[name=shared][value=yes]`)
	if got := text(t, tab); !strings.Contains(got, "Recorded: the identifier is shared") || !strings.Contains(got, "Decided by hand") {
		t.Errorf("after the decision the page says:\n%s", got)
	}
	fit(t, tab, "decided")
}

// TestKeyboard: the first thing that the keyboard reaches leads past the menu.
func TestKeyboard(t *testing.T) {
	d := startDemo(t)
	tab := open(t, d.Base)
	do(t, tab, chromedp.Navigate(d.Base+"/sign-in"), chromedp.KeyEvent("\t"))
	first, err := chromedp.Run(tab.Ctx, chromedp.Evaluate[string](`document.activeElement.textContent`))
	if err != nil || !strings.Contains(first, "Skip") {
		t.Errorf("the first stop of the keyboard is %q (%v)", first, err)
	}
}
