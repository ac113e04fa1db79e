package normalise

import (
	"errors"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

var errEmail = errors.New("an e-mail address, such as name@example.org")

// domains maps a domain as RFC 5891 and UTS 46 look-up do. Labels with an
// underscore exist, so the host-name rule is off.
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false))

// email folds an address for matching: NFKC, domain to its ASCII form, all in
// lower case. Dots and plus tags stay: only the receiving host knows whether
// they matter, and joining two people is worse than missing one spelling.
func email(s string) (string, error) {
	if out, ok := plainEmail(s); ok {
		return out, nil
	}
	s = norm.NFKC.String(s)
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return "", errEmail
	}
	domain, err := domains.ToASCII(strings.TrimSuffix(s[at+1:], "."))
	if err != nil || strings.ContainsAny(domain, "@<>,;") || strings.Contains("."+domain+".", "..") {
		return "", errEmail
	}
	// Folding can undo the normal form and the reverse; twice reaches the end.
	local := s[:at]
	for range 2 {
		local = norm.NFKC.String(strings.ToLower(local))
	}
	return local + "@" + strings.ToLower(domain), nil
}

// plainEmail serves the ordinary address without allocation beyond its result:
// only letters, digits and the usual marks, and no label in the xn-- form.
func plainEmail(s string) (string, bool) {
	at := -1
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-' && i > 0:
		case c == '.', c == '_', c == '+', c == '\'':
			if at >= 0 && (c != '.' || s[i-1] == '.' || i-1 == at) {
				return "", false
			}
		case c == '@' && at < 0 && i > 0:
			at = i
		default:
			return "", false
		}
	}
	if at < 0 || at == len(s)-1 || s[len(s)-1] == '.' || len(s)-at > 60 || !plainDomain(s[at+1:]) {
		return "", false
	}
	return strings.ToLower(s), true
}

// plainDomain leaves every domain with a hyphen at an edge of a label or in its
// third and fourth place to the full rule.
func plainDomain(s string) bool {
	start := 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] != '.' {
			continue
		}
		l := s[start:i]
		if l == "" || l[0] == '-' || l[len(l)-1] == '-' || len(l) > 3 && l[2] == '-' && l[3] == '-' {
			return false
		}
		start = i + 1
	}
	return true
}
