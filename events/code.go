package events

import (
	"fmt"
	"strings"
)

// A Code is a word of the catalogue or of this vocabulary: lower case,
// [a-z0-9][a-z0-9._-]{0,63}, never six digits in a row, so that a personal
// number cannot hide in it. The empty Code means absent. The one exception is
// undeclared.<handle>, which only habeas makes.
type Code string

// MaxCode is the greatest length of a Code in bytes.
const MaxCode = 64

// Undeclared stands for a code that the catalogue does not know.
const Undeclared Code = "undeclared"

// undeclaredPrefix begins the codes that habeas makes for unknown ones.
const undeclaredPrefix = "undeclared."

// ParseCode folds case and checks the form of a code.
func ParseCode(s string) (Code, error) {
	if err := checkCode(s); err != nil {
		return "", err
	}
	return Code(strings.ToLower(s)), nil
}

// The classes of bytes in a code.
const (
	notInCode = iota
	codeLetter
	codeUpper
	codeDigit
	codeMark // not at the start
)

var codeClass = func() (t [256]uint8) {
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = codeLetter, codeUpper
	}
	for c := '0'; c <= '9'; c++ {
		t[c] = codeDigit
	}
	t['.'], t['_'], t['-'] = codeMark, codeMark, codeMark
	return t
}()

// checkCode tests the form of a code before its case is folded. Its errors
// never hold the text.
func checkCode[T string | []byte](s T) error {
	if len(s) == 0 {
		return fmt.Errorf("want a code, got an empty string")
	}
	if len(s) > MaxCode {
		return fmt.Errorf("want a code of at most %d characters, got %d", MaxCode, len(s))
	}
	digits := 0
	for i := range len(s) {
		switch class := codeClass[s[i]]; {
		case class == codeDigit:
			if digits++; digits == 6 {
				return fmt.Errorf("want a code without six digits in a row")
			}
			continue
		case class == notInCode, class == codeMark && i == 0:
			return fmt.Errorf("want a code of a-z, 0-9, dot, underscore and hyphen, starting with a letter or digit")
		}
		digits = 0
	}
	return nil
}

// wellFormed reports whether c may stand in a frame: as ParseCode returns it,
// or undeclared.<handle>.
func (c Code) wellFormed() bool {
	if rest, ok := strings.CutPrefix(string(c), undeclaredPrefix); ok {
		if _, err := ParseHandle(rest); err == nil {
			return true
		}
	}
	folded, err := ParseCode(string(c))
	return err == nil && folded == c
}
