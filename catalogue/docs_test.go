package catalogue_test

import (
	"os"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/catalogue"
)

// yamlBlocks lists the YAML examples of a page.
func yamlBlocks(t *testing.T, path string) (blocks []string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(b), "```yaml\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		blocks = append(blocks, block)
	}
	return blocks
}

// The examples of the page on the format are what it says they are.
func TestDocsExamplesLoad(t *testing.T) {
	whole, decisions := 0, 0
	for _, block := range yamlBlocks(t, "../docs/catalogue.md") {
		switch {
		case strings.HasPrefix(block, "catalogue:"):
			whole++
			c, err := catalogue.Load("example", strings.NewReader(block))
			if err != nil {
				t.Error(err)
			} else if got := c.RetentionText("deliver"); got != "6 years after the order is delivered" {
				t.Errorf("kept %s", got)
			}
		case strings.HasPrefix(block, "joins."):
			decisions++
			d, err := catalogue.LoadDecisions("example", strings.NewReader(block))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := osjct(t).WithDecisions(d); err != nil {
				t.Error(err)
			}
		}
	}
	if whole != 1 || decisions != 1 {
		t.Errorf("%d catalogues and %d files of decisions among the examples", whole, decisions)
	}
}
