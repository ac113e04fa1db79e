package test

import (
	"encoding/json"
	"go/ast"
	"go/token"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// forbidden lists words that no kept file may hold, with the reason. The
// patterns are written so that this file does not match itself.
var forbidden = []struct {
	word  *regexp.Regexp
	since string
}{
	{regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`),
		"do it, or open an issue; a note in the code is neither"},
	{regexp.MustCompile(`(^|[\s"'(=\x60:])/wo` + `rk/|\bsha` + `red/[A-Zfn][a-zA-Z]+`),
		"a path of somebody's workplace means nothing to a reader"},
	{regexp.MustCompile(`\bRULI` + `NGS?\b|\bDESIGN ` + `§|\bDESIGN` + `\.md|\bSTYLE` + `\.md|\bCONTRACT` + `\b`),
		"the project's papers are in docs/; cite those, or say the rule"},
	{regexp.MustCompile(`(?i)\bthe bri` + `ef (says|asks|wants)|\b(cla` + `ude|chat` + `gpt|co` + `pilot|sub-?agent)\b`),
		"how a line came to be written is not part of it"},
	{regexp.MustCompile(`^(<{7}|>{7}) `),
		"a merge that was not finished"},
}

// wordsFree lists files that may hold a forbidden word.
var wordsFree = map[string]string{}

func TestForbiddenWords(t *testing.T) {
	tr := tree(t)
	for _, path := range tr.Files {
		if !isText(path) || wordsFree[path] != "" {
			continue
		}
		text, err := tr.Text(path)
		if err != nil {
			t.Fatal(err)
		}
		if !utf8.ValidString(text) {
			if !strings.Contains(path, "testdata/") {
				t.Errorf("%s: not UTF-8", path)
			}
			continue
		}
		for i, line := range strings.Split(text, "\n") {
			for _, f := range forbidden {
				if w := f.word.FindString(line); w != "" {
					t.Errorf("%s:%d: %q: %s", path, i+1, w, f.since)
				}
			}
		}
	}
}

// TestDataFiles: every JSON and YAML file of the project can be read by the
// readers of those forms. Broken samples live under testdata/bad.
func TestDataFiles(t *testing.T) {
	tr := tree(t)
	for _, path := range tr.Files {
		if strings.Contains(path, "testdata/") && (strings.Contains(path, "bad") || strings.Contains(path, "fuzz")) {
			continue
		}
		text, err := tr.Text(path)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case strings.HasSuffix(path, ".json"):
			if !json.Valid([]byte(text)) {
				t.Errorf("%s: not JSON", path)
			}
		case strings.HasSuffix(path, ".ndjson"), strings.HasSuffix(path, ".jsonl"):
			for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
				if !json.Valid([]byte(line)) {
					t.Errorf("%s:%d: not JSON", path, i+1)
				}
			}
		case strings.HasSuffix(path, ".yaml"), strings.HasSuffix(path, ".yml"):
			var v any
			if err := yaml.Unmarshal([]byte(text), &v); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}

// namedHosts are hosts that tests may name because they are names of things
// (schemas, vocabularies) and are never dialled.
var namedHosts = map[string]bool{
	"json-schema.org": true, "spec.openapis.org": true, "www.w3.org": true, "w3id.org": true,
	"cloudevents.io": true, "github.com": true,
}

// TestNoNetworkInTests: a test that needs another machine fails on the train,
// and tells that machine about us.
func TestNoNetworkInTests(t *testing.T) {
	tr := tree(t)
	for _, p := range tr.Packages {
		for _, f := range p.Files {
			if !f.Test {
				continue
			}
			ast.Inspect(f.AST, func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				s, err := strconv.Unquote(lit.Value)
				if err != nil {
					return true
				}
				for _, raw := range urls.FindAllString(s, -1) {
					u, err := url.Parse(raw)
					if err == nil && u.Hostname() != "" && !harmless(u.Hostname()) {
						t.Errorf("%s:%d: names the host %s; tests stay on this machine", f.Path, tr.Line(lit), u.Hostname())
					}
				}
				return true
			})
		}
	}
}

var urls = regexp.MustCompile(`\b(https?|nats|tls|wss?|postgres)://[A-Za-z0-9.\[\]:_-]+`)

func harmless(host string) bool {
	if namedHosts[host] || host == "localhost" || host == "::1" || strings.HasPrefix(host, "127.") {
		return true
	}
	for _, tld := range []string{"example", "example.org", "example.com", "example.net", "invalid", "test"} {
		if host == tld || strings.HasSuffix(host, "."+tld) {
			return true
		}
	}
	return !strings.Contains(host, ".") // a name of a compose service, never resolved here
}

func isText(path string) bool {
	for _, ext := range []string{
		".go", ".md", ".sh", ".yaml", ".yml", ".json", ".txt", ".txtar", ".html", ".css", ".js", ".svg",
		".conf", ".service", ".toml", ".mod", "Makefile", "Dockerfile", ".ci/run", ".tmpl", ".ndjson",
	} {
		if strings.HasSuffix(path, ext) {
			return true
		}
	}
	return false
}
