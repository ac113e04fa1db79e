package normalise

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/habeas-data/habeas/events"
)

// phoneRule gives E.164, such as +442079460000. An extension is part of the
// identifier: a switchboard is not the person behind it.
func phoneRule(region string) (Rule, error) {
	if phonenumbers.GetCountryCodeForRegion(region) == 0 {
		return nil, fmt.Errorf("phone region: want a country code of two capital letters, such as GB, got %q", region)
	}
	return func(s string) (string, error) {
		// A form must be its own form. An odd number loses a prefix only when read
		// again, so read until nothing changes.
		for range 4 {
			out, ok := e164(s, region)
			if !ok {
				break
			}
			if out == s {
				return out, nil
			}
			s = out
		}
		return "", errors.New("a phone number, such as +44 20 7946 0000")
	}, nil
}

func e164(s, region string) (string, bool) {
	if ext, ok := cutExtension(s); ok {
		s = ext
	}
	n, err := phonenumbers.Parse(s, region)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return "", false
	}
	out := phonenumbers.Format(n, phonenumbers.E164)
	if x := n.GetExtension(); x != "" {
		out += " x" + x
	}
	return out, true
}

// cutExtension keeps our own form stable when it is read again.
func cutExtension(s string) (string, bool) {
	number, ext, ok := strings.Cut(s, " x")
	if !ok || digitsOf(ext) != ext {
		return "", false
	}
	return number + " ext. " + ext, true
}

// nhsNumber checks the NHS number (NHS Data Dictionary: ten digits, the last a
// modulus 11 check digit).
func nhsNumber(s string) (string, error) {
	s = strip(s)
	if len(s) != 10 || digitsOf(s) != s {
		return "", errors.New("ten digits")
	}
	sum := 0
	for i := range 9 {
		sum += int(s[i]-'0') * (10 - i)
	}
	if check := 11 - sum%11; check == 10 || check%11 != int(s[9]-'0') {
		return "", errors.New("ten digits with a valid check digit")
	}
	return s, nil
}

// niNumber takes two letters and six digits. The suffix A to D only tells when
// cards were once exchanged and is often left out, so it does not count.
func niNumber(s string) (string, error) {
	s = strings.ToUpper(strip(s))
	if len(s) == 9 && s[8] >= 'A' && s[8] <= 'D' {
		s = s[:8]
	}
	if len(s) != 8 || digitsOf(s[2:]) != s[2:] || !capital(s[0]) || !capital(s[1]) {
		return "", errors.New("two letters, six digits and a letter A to D, such as QQ 12 34 56 C")
	}
	return s, nil
}

func passport(s string) (string, error) {
	s = strings.ToUpper(strip(s))
	if len(s) < 5 || len(s) > 20 || !alphanumeric(s) {
		return "", errors.New("5 to 20 letters and digits")
	}
	return s, nil
}

func postcode(s string) (string, error) {
	s = strings.ToUpper(strip(s))
	if len(s) < 3 || len(s) > 12 || !alphanumeric(s) {
		return "", errors.New("a postal code, such as OX1 1AA")
	}
	return s, nil
}

func dateOfBirth(s string) (string, error) {
	d, err := events.ParseDate(s)
	if err != nil {
		return "", err
	}
	return d.String(), nil
}

func ip(s string) (string, error) {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return "", errors.New("an IP address")
	}
	return a.Unmap().String(), nil
}

// foldText serves names and addresses, which only ever propose a match: NFKC,
// case folded, one blank between words.
func foldText(s string) (string, error) {
	for range 2 {
		s = norm.NFKC.String(cases.Fold().String(s))
	}
	s = strings.Join(strings.Fields(s), " ")
	if s == "" {
		return "", errors.New("some text")
	}
	return s, nil
}

// strip removes the marks people put between groups of digits.
func strip(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\u00a0', '\t', '-', '.', '\u2011', '\u2013':
			return -1
		}
		return r
	}, norm.NFKC.String(s))
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

func capital(c byte) bool { return c >= 'A' && c <= 'Z' }

func alphanumeric(s string) bool {
	for i := range len(s) {
		if !capital(s[i]) && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}
