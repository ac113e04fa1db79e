package catalogue

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/habeas-data/habeas/events"
)

// bases are the grounds of UK GDPR Article 6(1). "6.1.ea" (recognised legitimate
// interests) was put there by the Data (Use and Access) Act 2025.
var bases = map[events.Code]string{
	"6.1.a":  "consent (UK GDPR Article 6(1)(a))",
	"6.1.b":  "contract (UK GDPR Article 6(1)(b))",
	"6.1.c":  "legal obligation (UK GDPR Article 6(1)(c))",
	"6.1.d":  "vital interests (UK GDPR Article 6(1)(d))",
	"6.1.e":  "public task (UK GDPR Article 6(1)(e))",
	"6.1.ea": "recognised legitimate interest (UK GDPR Article 6(1)(ea))",
	"6.1.f":  "legitimate interests (UK GDPR Article 6(1)(f))",
}

func knownBasis(c events.Code) bool { _, ok := bases[c]; return ok }

func basisNames() string { return strings.Join(sortedKeys(bases), ", ") }

// conditions are the grounds of UK GDPR Article 9(2), and Article 10.
var conditions = map[events.Code]string{
	"9.2.a": "explicit consent (UK GDPR Article 9(2)(a))",
	"9.2.b": "employment, social security and social protection law (UK GDPR Article 9(2)(b))",
	"9.2.c": "vital interests (UK GDPR Article 9(2)(c))",
	"9.2.d": "not-for-profit bodies (UK GDPR Article 9(2)(d))",
	"9.2.e": "made public by the person (UK GDPR Article 9(2)(e))",
	"9.2.f": "legal claims (UK GDPR Article 9(2)(f))",
	"9.2.g": "substantial public interest (UK GDPR Article 9(2)(g))",
	"9.2.h": "health or social care (UK GDPR Article 9(2)(h))",
	"9.2.i": "public health (UK GDPR Article 9(2)(i))",
	"9.2.j": "archiving, research and statistics (UK GDPR Article 9(2)(j))",
	"10":    "authorised by law (UK GDPR Article 10)",
}

func knownCondition(c events.Code) bool { _, ok := conditions[c]; return ok }

func conditionNames() string { return strings.Join(sortedKeys(conditions), ", ") }

// scheduleForm is a paragraph of a schedule to the Data Protection Act 2018.
var scheduleForm = regexp.MustCompile(`^dpa-s[0-9]+-p[0-9]+[a-z]?(\.[0-9a-z]+)*$`)

// PlainCondition says a second ground in words: "9.2.h" is "health or social
// care (UK GDPR Article 9(2)(h))". An unknown code is said as it stands.
func PlainCondition(code events.Code) string {
	if w, ok := conditions[code]; ok {
		return w
	}
	return string(code)
}

// specials are the kinds of data named by UK GDPR Article 9(1).
var specials = map[events.Code]string{
	"ethnicity":          "ethnic origin",
	"religion":           "religious belief",
	"ethnicity_religion": "ethnic origin or religious belief",
	"belief":             "religious or philosophical belief",
	"political":          "political opinion",
	"union_membership":   "trade union membership",
	"genetic":            "genetic data",
	"biometric":          "biometric data",
	"health":             "health",
	"sex_life":           "sex life",
	"sexual_orientation": "sexual orientation",
	"several":            "several kinds of special data",
	"unclear":            "kind not explained in the notice",
}

const inferredSuffix = "_inferred"

func knownSpecialKind(c events.Code) bool {
	_, ok := specials[events.Code(strings.TrimSuffix(string(c), inferredSuffix))]
	return ok
}

func specialKindNames() string { return strings.Join(sortedKeys(specials), ", ") }

func sortedKeys(m map[events.Code]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, string(k))
	}
	slices.Sort(keys)
	return keys
}

// PlainBasis says a lawful basis in words: "6.1.b" is "contract (UK GDPR
// Article 6(1)(b))". An unknown code is said as it stands.
func PlainBasis(code events.Code) string {
	if w, ok := bases[code]; ok {
		return w
	}
	return string(code)
}

// PlainBasisStatus says how sure a lawful basis is.
func PlainBasisStatus(s BasisStatus) string {
	switch s {
	case BasisStated:
		return "stated in the notice"
	case BasisPooled:
		return "the notice lists several grounds together and does not say which applies here"
	case BasisConditional:
		return "the notice names more than one ground, depending on what the law requires"
	case BasisInferred:
		return "read from the notice, not written there"
	case BasisNoneStated:
		return "the notice states no lawful basis"
	}
	return string(s)
}

// PlainStatus says how a fact is known.
func PlainStatus(s Status) string {
	switch s {
	case Stated:
		return "stated in the notice"
	case Pooled:
		return "listed together with others, not told apart"
	case Conditional:
		return "one or another, depending on circumstances that the notice names"
	case Inferred:
		return "inferred, not written in the notice"
	case NotStated:
		return "not stated in the notice"
	}
	return string(s)
}

// PlainSpecial says what makes a category special: "special category: health",
// "may reveal trade union membership". Empty where it is not special.
func PlainSpecial(kind events.Code) string {
	base, inferred := strings.CutSuffix(string(kind), inferredSuffix)
	words, ok := specials[events.Code(base)]
	switch {
	case kind == "":
		return ""
	case !ok:
		return "special category: " + string(kind)
	case inferred:
		return "may reveal " + words
	}
	return "special category: " + words
}

// PlainRecipientKind says in which role a recipient takes data.
func PlainRecipientKind(k RecipientKind) string {
	switch k {
	case KindController:
		return "decides for itself what it does with the data (controller)"
	case KindProcessor:
		return "works on our instructions (processor)"
	case KindAuthority:
		return "public authority"
	case KindIndividual:
		return "private person"
	case KindPublic:
		return "the public"
	case KindNone:
		return "nobody: the notice says that none is meant to be shared"
	case KindUnspecified:
		return "role not known"
	}
	return string(k)
}

// PlainDate says a day as people write it: "14 March 2025". Absent is empty.
func PlainDate(d events.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.Time().Format("2 January 2006")
}

// PlainTime says a moment in a place: "14 March 2025, 09:26". Absent is empty.
func PlainTime(i events.Instant, loc *time.Location) string {
	if i.IsZero() {
		return ""
	}
	return i.Time().In(loc).Format("2 January 2006, 15:04")
}

// PlainMonth says a month: "2025-03" is "March 2025". Anything else is said as
// it stands.
func PlainMonth(yyyymm string) string {
	t, err := time.Parse("2006-01", yyyymm)
	if err != nil {
		return yyyymm
	}
	return t.Format("January 2006")
}

// PlainCountry names a country by its ISO 3166 code in either case: "gb" is
// "United Kingdom". An unknown code is said in upper case.
func PlainCountry(code events.Code) string {
	if name, ok := countries[events.Code(strings.ToLower(string(code)))]; ok {
		return name
	}
	return strings.ToUpper(string(code))
}

// CountryCode writes a country as answers print it: "GB".
func CountryCode(code events.Code) string { return strings.ToUpper(string(code)) }

func isCountry(code events.Code) bool { _, ok := countries[code]; return ok }
