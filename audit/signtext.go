package audit

import (
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// SignText signs a text of several lines with the log's key, as a signed note that
// note.Open checks under PublicKey. Its first line says what it is, and can not be
// that of a checkpoint: a signature over one thing must never pass for another.
func (l *Log) SignText(text string) ([]byte, error) {
	first, _, ok := strings.Cut(text, "\n")
	if !ok || first == "" || first == l.origin || !strings.HasSuffix(text, "\n") {
		return nil, fmt.Errorf("sign a text: want lines, the first of which says what it is")
	}
	b, err := note.Sign(&note.Note{Text: text}, l.signer)
	if err != nil {
		return nil, fmt.Errorf("sign a text: %w", err)
	}
	return b, nil
}
