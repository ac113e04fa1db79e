package console_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/api/console"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk/desktest"
)

var update = flag.Bool("update", false, "write the goldens anew")

// browser drives the console as a person without a script would: it keeps
// cookies, follows redirects, and checks every page it sees.
type browser struct {
	t      *testing.T
	world  *desktest.World
	store  *access.Store
	links  *access.Links
	server *httptest.Server
	client *http.Client
	urls   []string
	titles map[string]bool
	lines  *bytes.Buffer
	site   string // Sec-Fetch-Site of posts
}

func open(t *testing.T) *browser {
	t.Helper()
	b := &browser{t: t, world: desktest.New(t), titles: map[string]bool{}, lines: &bytes.Buffer{}, site: "same-origin"}
	var err error
	if b.store, err = access.Open(context.Background(), access.Config{Dir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	b.links = access.NewLinks(nil, nil)
	log := slog.New(slog.NewTextHandler(b.lines, nil))
	sessions := access.NewSessions(b.store, nil)
	cat := func() *catalogue.Catalogue { return b.world.Cat }
	now := func() time.Time { return b.world.Now }
	c, err := console.New(console.Config{Desk: b.world.Desk, Cases: b.world.Desk, Tasks: b.world.Desk, Access: b.store, Sessions: sessions, Links: b.links, Catalogue: cat, Now: now, Log: log, Note: "Rehearsal",
		Record: func(ctx context.Context, who access.Caller, act, target events.Code) error {
			return api.Record(ctx, b.world.Audit, who, act, target, audit.Done)
		},
		Audit: func(ctx context.Context, before int64, limit int) (api.AuditPage, error) {
			return api.ReadAudit(ctx, b.world.Audit, b.store, audit.Filter{}, before, limit)
		}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := api.New(api.Config{Access: b.store, Sessions: sessions, Pages: c, Desk: b.world.Desk, Cases: b.world.Desk, Tasks: b.world.Desk, Audit: b.world.Audit, Catalogue: cat, Mounts: c.Routes(), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	b.server = httptest.NewServer(s)
	t.Cleanup(b.server.Close)
	b.fresh()
	return b
}

// fresh forgets the cookies.
func (b *browser) fresh() {
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	b.client = &http.Client{Jar: jar}
}

func (b *browser) get(path string, status int) string {
	b.t.Helper()
	return b.do("GET", path, nil, status)
}

func (b *browser) post(path string, form url.Values, status int) string {
	b.t.Helper()
	return b.do("POST", path, form, status)
}

func (b *browser) do(method, path string, form url.Values, status int) string {
	b.t.Helper()
	r, err := http.NewRequest(method, b.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", b.site)
	}
	resp, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(resp.Body); err != nil {
		b.t.Fatal(err)
	}
	b.urls = append(b.urls, resp.Request.URL.String())
	if resp.StatusCode != status {
		b.t.Fatalf("%s %s: %d, want %d\n%s", method, path, resp.StatusCode, status, body.String())
	}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		b.check(method+" "+path, body.String(), resp.Header)
	}
	return body.String()
}

// path is where the browser is now.
func (b *browser) path() string {
	u, _ := url.Parse(b.urls[len(b.urls)-1])
	return u.Path
}

// check tests what every page owes to people who use a keyboard, a screen
// reader or a small screen, and that no script is needed.
func (b *browser) check(where, page string, h http.Header) {
	b.t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		b.t.Fatalf("%s: %v", where, err)
	}
	if h.Get("Cache-Control") != "no-store" {
		b.t.Errorf("%s: may be kept by a cache", where)
	}
	var labelled, ids, needs []string
	headings, h1 := []int{}, 0
	walk(doc, func(n *html.Node) {
		at := func(k string) string {
			for _, a := range n.Attr {
				if a.Key == k {
					return a.Val
				}
			}
			return ""
		}
		if id := at("id"); id != "" {
			if slices.Contains(ids, id) {
				b.t.Errorf("%s: id %s stands twice", where, id)
			}
			ids = append(ids, id)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
				b.t.Errorf("%s: %s has %s, which the policy forbids", where, n.Data, a.Key)
			}
		}
		switch n.Data {
		case "script":
			b.t.Errorf("%s: needs a script", where)
		case "html":
			if at("lang") != "en-GB" {
				b.t.Errorf("%s: no language", where)
			}
		case "title":
			b.titles[strings.TrimSuffix(text(n), " - habeas")] = true
			if strings.ContainsAny(text(n), "@0123456789") {
				b.t.Errorf("%s: title %q may name somebody", where, text(n))
			}
		case "label":
			labelled = append(labelled, at("for"))
		case "input", "select", "textarea":
			if at("type") != "hidden" {
				needs = append(needs, at("id"))
			}
		case "h1", "h2", "h3":
			level := int(n.Data[1] - '0')
			if level == 1 {
				h1++
			}
			if k := len(headings); k > 0 && level > headings[k-1]+1 {
				b.t.Errorf("%s: heading %q skips a level", where, text(n))
			}
			headings = append(headings, level)
		case "button", "a":
			if strings.TrimSpace(text(n)) == "" {
				b.t.Errorf("%s: a %s without words", where, n.Data)
			}
		case "table":
			if !strings.Contains(render(n), "<caption>") {
				b.t.Errorf("%s: a table without a caption", where)
			}
		case "th":
			if at("scope") == "" {
				b.t.Errorf("%s: th %q without scope", where, text(n))
			}
		case "form":
			if at("method") != "post" {
				b.t.Errorf("%s: a form puts its fields into the URL", where)
			}
		}
	})
	for _, id := range needs {
		if !slices.Contains(labelled, id) {
			b.t.Errorf("%s: field %q has no label", where, id)
		}
	}
	if h1 != 1 || !slices.Contains(ids, "main") {
		b.t.Errorf("%s: %d first headings, landmarks %v", where, h1, ids)
	}
	for _, ref := range regexp.MustCompile(`(?:aria-labelledby|aria-describedby)="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		for _, id := range strings.Fields(ref[1]) {
			if !slices.Contains(ids, id) {
				b.t.Errorf("%s: refers to %s, which is not there", where, id)
			}
		}
	}
}

func walk(n *html.Node, fn func(*html.Node)) {
	if n.Type == html.ElementNode {
		fn(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, fn)
	}
}

func text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	s := ""
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		s += text(c)
	}
	return s
}

func render(n *html.Node) string {
	var b bytes.Buffer
	_ = html.Render(&b, n)
	return b.String()
}

// signIn makes a token with the roles and signs in with it.
func (b *browser) signIn(name events.Code, roles ...access.Role) {
	b.t.Helper()
	_, secret, err := b.store.Create(context.Background(), access.NewToken{Name: name, Roles: roles})
	if err != nil {
		b.t.Fatal(err)
	}
	b.fresh()
	b.post("/sign-in", url.Values{"token": {secret.Expose()}}, 200)
}

func find(value, kind string) url.Values {
	return url.Values{"value": {value}, "kind": {kind}, "reason": {"she asked in person"}}
}

func contains(t *testing.T, page string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(page, w) {
			t.Errorf("the page lacks %q", w)
		}
	}
}

// The whole life of an officer at the console. Every page is seen once, and no
// identifier stands in any URL, title or log line.
func TestEveryPage(t *testing.T) {
	b := open(t)
	b.world.Priya()
	b.get("/", 200)
	if b.path() != "/sign-in" {
		t.Fatalf("without a session one lands on %s", b.path())
	}
	code, err := b.links.Issue(access.LinkFor{SetUp: true})
	if err != nil {
		t.Fatal(err)
	}
	contains(t, b.get("/setup/"+code.Expose(), 200), "Set up habeas")
	contains(t, b.post("/setup/"+code.Expose(), url.Values{"name": {"Jo Smith!"}}, 422), "There is a problem")
	page := b.post("/setup/"+code.Expose(), url.Values{"name": {"jo"}}, 200)
	contains(t, page, "hbs_", "jo-admin", "shown this once")
	b.get("/setup/"+code.Expose(), 410)
	contains(t, b.get("/", 200), "Look somebody up", "Signed in as jo")

	contains(t, b.get("/search", 200), "Guess from what I type", "Booking platform member", `value="phone"`)
	contains(t, b.post("/search", url.Values{"value": {"Priya Nair"}, "kind": {"auto"}}, 422), "does not show from what you typed", "Say why you look")
	page = b.post("/search", find("Priya@example.org", "auto"), 200)
	contains(t, page, "Booking platform", "criminal record data", "special category: health", "GoCardless", "14 March 2032", "What we cannot see",
		"Website.", "a recipient that the catalogue does not name", "Reference ")
	if *update {
		if err := os.WriteFile("testdata/person.html", []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/person.html")
	if err != nil {
		t.Fatal(err)
	}
	word := regexp.MustCompile(`/person/[0-9a-f]{32}`)
	if word.ReplaceAllString(page, "/person/W") != word.ReplaceAllString(string(want), "/person/W") {
		t.Error("the footprint page changed; if that is meant, run the test with -update")
	}
	person := b.path()
	contains(t, b.get(person+"/history", 200), "account deleted on 14 March 2025", "2 May 2023")
	page = b.post(person, url.Values{"at": {"2023-05-10"}}, 200)
	contains(t, page, `value="2023-05-10"`, "What was held on 10 May 2023, 23:59")
	if strings.Contains(page, "GoCardless (") {
		t.Error("a later disclosure is shown as of May 2023")
	}
	b.post(person, url.Values{"at": {"soon"}}, 400)
	contains(t, b.post("/search", find("nobody@example.org", "auto"), 200), "No system has reported this identifier", "not the same as nothing held")
	page = b.post("/search", find("Priya Nair", "name"), 200)
	contains(t, page, "This may mean several people", "Show this one")
	ref := regexp.MustCompile(`name="ref" value="([0-9a-f]+)"`).FindStringSubmatch(page)
	contains(t, b.post("/search", url.Values{"ref": {ref[1]}, "reason": {"she asked"}}, 200), "IC-4471")
	contains(t, b.get("/systems", 200), "Has fallen silent", "Complete up to", "GoCardless")
	page = b.get("/quarantine", 200)
	at := regexp.MustCompile(`action="/quarantine/([0-9-]+)"`).FindStringSubmatch(page)
	contains(t, b.post("/quarantine/"+at[1], nil, 200), "priya@example.org", "As it came")
	contains(t, b.get("/person/0123", 404), "The reference means nobody")
	b.get("/style.css", 200)
	b.post("/sign-out", nil, 200)
	b.get(person, 200)
	if b.path() != "/sign-in" {
		t.Error("signed out, and still shown")
	}
	link, _ := b.links.Issue(access.LinkFor{SignIn: b.store.List(context.Background())[0].ID})
	contains(t, b.get("/signin/"+link.Expose(), 200), "signs you in once")
	contains(t, b.post("/signin/"+link.Expose(), nil, 200), "Signed in as jo")

	for _, title := range []string{"Sign in", "Welcome", "Keep these tokens", "Start", "Look somebody up", "What is held", "Timeline", "Several people", "Nobody found", "Systems", "Not understood", "There is a problem"} {
		if !b.titles[title] {
			t.Errorf("page %q was not seen", title)
		}
	}
	for _, u := range b.urls {
		if l := strings.ToLower(u); strings.Contains(l, "priya") || strings.Contains(l, "nobody") || strings.Contains(l, "4471") || strings.Contains(u, "?") {
			t.Errorf("a URL names somebody: %s", u)
		}
	}
	for _, plain := range []string{"priya", "Priya", "4471", "she asked", "hbs_"} {
		if strings.Contains(b.lines.String(), plain) {
			t.Errorf("the log holds %q", plain)
		}
	}
}

// I7 holds for pages: each opening of a person's page is a look of its own, and
// without a record nothing is shown.
func TestEachOpeningIsRecorded(t *testing.T) {
	b := open(t)
	b.world.Priya()
	b.signIn("jo", access.DPO)
	b.post("/search", find("priya@example.org", "auto"), 200)
	n := b.world.Audit.Size()
	person := b.path()
	b.get(person, 200)
	b.get(person+"/history", 200)
	if got := b.world.Audit.Size(); got != n+2 {
		t.Errorf("%d records after two openings", got-n)
	}
	b.world.Journal.Refuse = true
	if page := b.get(person, 503); strings.Contains(page, "IC-4471") {
		t.Error("shown without a record")
	}
	b.world.Journal.Refuse = false
}

func TestSearchBelongsToItsSession(t *testing.T) {
	b := open(t)
	b.world.Priya()
	b.signIn("jo", access.DPO)
	b.post("/search", find("priya@example.org", "auto"), 200)
	person := b.path()
	b.signIn("sam", access.DPO)
	b.get(person, 404)
}

func TestRolesSeeWhatIsTheirs(t *testing.T) {
	b := open(t)
	b.world.Priya()
	for _, c := range []struct {
		role access.Role
		may  map[string]int
	}{
		{access.Admin, map[string]int{"/": 200, "/search": 403, "/systems": 200, "/quarantine": 403}},
		{access.Engineer, map[string]int{"/": 200, "/search": 403, "/systems": 200, "/quarantine": 200}},
		{access.Viewer, map[string]int{"/": 200, "/search": 200, "/systems": 200, "/quarantine": 403}},
		{access.SystemRole("crm"), map[string]int{"/": 200, "/search": 403, "/systems": 403, "/quarantine": 403}},
	} {
		b.signIn(events.Code(strings.ReplaceAll(string(c.role), ":", "-")), c.role)
		for path, status := range c.may {
			page := b.get(path, status)
			if path == "/quarantine" && status == 200 && strings.Contains(page, "Open<") {
				t.Errorf("%s is offered what it may not open", c.role)
			}
			if path == "/" && c.may["/search"] == 403 && strings.Contains(page, `href="/search"`) {
				t.Errorf("%s is shown a door it may not use", c.role)
			}
		}
	}
	b.post("/quarantine/1-13-0", nil, 403)
}

func TestFormsFromOtherSitesAreRefused(t *testing.T) {
	b := open(t)
	b.world.Priya()
	b.signIn("jo", access.DPO)
	b.site = "cross-site"
	b.post("/search", find("priya@example.org", "auto"), 403)
	b.post("/sign-out", nil, 403)
	b.site = "same-origin"
	b.post("/search", find("priya@example.org", "auto"), 200)
}

func TestWrongTokensAreSlowedDown(t *testing.T) {
	b := open(t)
	for range 6 {
		page := b.post("/sign-in", url.Values{"token": {"hbs_wrong_" + planted}}, 401)
		if strings.Contains(page, planted) {
			t.Fatal("the page repeats what was typed")
		}
	}
	b.post("/sign-in", url.Values{"token": {"hbs_wrong"}}, 429)
}

const planted = "c0ffee"

// What a source or a person sends is shown as text, never as markup.
func TestNothingSentBecomesMarkup(t *testing.T) {
	b := open(t)
	evil := `<script>alert(1)</script>"><img src=x>`
	b.world.Report(events.RecordStored, "platform", "2024-01-02", []string{"platform.member=" + evil, "name=" + evil}, desktest.Codes("ic-a03", "locum", desktest.Cat("identity")))
	b.signIn("jo", access.DPO)
	page := b.post("/search", url.Values{"value": {evil}, "kind": {"platform.member"}, "reason": {evil}}, 200)
	contains(t, page, "What is held about this person", "&lt;script&gt;")
	b.post("/search", url.Values{"value": {evil}, "kind": {""}, "reason": {evil}}, 422)
}

func TestGuess(t *testing.T) {
	b := open(t)
	b.world.Report(events.RecordStored, "support", "2024-01-02", []string{"support.contact=1", "phone=07700 900123"}, desktest.Codes("ic-a03", "locum", desktest.Cat("identity")))
	b.signIn("jo", access.DPO)
	contains(t, b.post("/search", find("07700 900123", "auto"), 200), "What is held about this person")
	for _, v := range []string{"12", "IC-4471", ""} {
		b.post("/search", find(v, "auto"), 422)
	}
}

// The colours of text reach the contrast of WCAG 2.2 AA in both schemes.
func TestContrast(t *testing.T) {
	b, err := os.ReadFile("pages/style.css")
	if err != nil {
		t.Fatal(err)
	}
	roots := regexp.MustCompile(`:root \{([^}]*)\}`).FindAllStringSubmatch(string(b), 2)
	for i, root := range roots {
		colour := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6})`).FindAllStringSubmatch(root[1], -1) {
			colour[m[1]] = m[2]
		}
		for _, pair := range [][3]string{{"ink", "paper", "4.5"}, {"ink", "soft", "4.5"}, {"link", "paper", "4.5"}, {"link", "soft", "4.5"}, {"press-ink", "press", "4.5"},
			{"bad", "paper", "4.5"}, {"bad", "soft", "4.5"}, {"bad", "bad-paper", "4.5"}, {"mark", "mark-paper", "4.5"}, {"line", "paper", "3"}, {"focus", "paper", "3"}} {
			var want float64
			_, _ = fmt.Sscan(pair[2], &want)
			if got := contrast(colour[pair[0]], colour[pair[1]]); got < want {
				t.Errorf("scheme %d: %s on %s has contrast %.2f, want %.1f", i, pair[0], pair[1], got, want)
			}
		}
	}
}

// A mistyped identifier comes back to the form with what was expected.
func TestMistypedIdentifier(t *testing.T) {
	b := open(t)
	b.world.Priya()
	b.signIn("jo", access.DPO)
	contains(t, b.post("/search", find("priya.example.org", "email"), 422), "There is a problem", "want an e-mail address", `value="priya.example.org"`, "she asked")
}

// Kinds of data that one system treats alike stand in one card, each with what
// makes it special.
func TestKindsTreatedAlikeStandTogether(t *testing.T) {
	b := open(t)
	b.world.Report(events.RecordStored, "platform", "2024-01-02", []string{"platform.member=IC-9", "email=kim@example.org"},
		desktest.Codes("ic-a10", "locum", desktest.Cat("identity"), desktest.Cat("occupational_health"), desktest.Cat("contact")))
	b.signIn("jo", access.DPO)
	page := b.post("/search", find("kim@example.org", "auto"), 200)
	contains(t, page, "<h3>3 kinds of data</h3>", `Occupational health <span class="mark">special category: health</span></li>`)
	if n := strings.Count(page, "<dt>Why</dt>"); n != 1 {
		t.Errorf("%d cards, want 1", n)
	}
}
