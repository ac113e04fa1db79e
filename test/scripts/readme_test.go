package scripts

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var shBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

var (
	textBlock = regexp.MustCompile("(?s)```text\n(.*?)```")
	dated     = regexp.MustCompile(`\d{4}$|\d{4}[^\d]|^\.\.\.$|^\s*$|on \d+$`)
)

// shown wants every line that README.md shows of the answer, but for those with
// a date, in the answer itself.
func shown(readme string) string {
	script := ""
	for _, line := range strings.Split(textBlock.FindStringSubmatch(readme)[1], "\n") {
		if line = strings.TrimSpace(line); !dated.MatchString(line) {
			script += "stdout '" + strings.ReplaceAll(regexp.QuoteMeta(line), "'", "''") + "'\n"
		}
	}
	return script
}

// TestReadme runs the commands of README.md as they stand, in their order. The
// one that starts the demo goes on in the background, as it does in the reader's
// other terminal; the built command stands for `go run ./cmd/habeas`.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	script, files := "", ""
	for i, block := range shBlock.FindAllStringSubmatch(string(text), -1) {
		body := strings.ReplaceAll(block[1], "go run ./cmd/habeas", "habeas")
		body = strings.ReplaceAll(body, "http://127.0.0.1:8088", "$HABEAS_SERVER")
		switch {
		case strings.HasPrefix(body, "git clone"), strings.Contains(body, "./test.sh"):
			continue // the reader has done the first; this test is part of the second
		case strings.HasPrefix(body, "habeas demo"):
			script += "demo-start" + strings.TrimPrefix(strings.TrimSpace(body), "habeas demo") + "\n"
		default:
			name := fmt.Sprintf("block%d.sh", i)
			script += "exec sh -eu " + name + "\nstdout .\n"
			if strings.Contains(body, "priya") {
				script += shown(string(text))
			}
			files += "-- " + name + " --\n" + body
		}
	}
	if !strings.HasPrefix(script, "demo-start") || strings.Count(script, "\n") < 3 {
		t.Fatal("README.md does not start the demo and then use it")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "readme.txtar"), []byte(script+"serve-stop\n"+files), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, params(dir))
}
