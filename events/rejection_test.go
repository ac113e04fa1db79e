package events_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/eventstest"
	"pgregory.net/rapid"
)

// base is an event that is right; each row below spoils one thing.
const base = `{"specversion":"1.0","id":"e1","source":"crm","type":"habeas.record.stored.v1","time":"2025-03-14T09:26:53Z","data":{"subject":[{"kind":"email","value":"priya@example.org"}],"subject_type":"locum","activity":"ic-a03","categories":["identity"],"provenance":"provided"}}`

var objection = strings.NewReplacer("record.stored", "objection.made", `,"subject_type":"locum"`, "", `,"categories":["identity"],"provenance":"provided"`, "").Replace(base)

func TestRejections(t *testing.T) {
	subject := `{"kind":"email","value":"priya@example.org"}`
	many := func(n int, one string) string { return strings.TrimSuffix(strings.Repeat(one+",", n), ",") }
	rows := []struct {
		name, old, new string
		code, pointer  string
		reason         string // must be in it
	}{
		{"not an object", base, `[]`, "event.json", "", "want an object"},
		{"empty", base, ``, "event.json", "", "end of the text"},
		{"cut", `"provided"}}`, `"prov`, "event.json", "/data/provenance", "end of a text"},
		{"cut after data", `"provided"}}`, `"provided"}`, "event.json", "", "comma or the end"},
		{"more after it", `"provided"}}`, `"provided"}} x`, "event.json", "", "nothing after"},
		{"two events", `"provided"}}`, `"provided"}}{}`, "event.json", "", "nothing after"},
		{"trailing comma", `"provided"}`, `"provided",}`, "event.json", "/data", "name of a field"},
		{"trailing comma in a list", `["identity"]`, `["identity",]`, "event.json", "/data/categories/1", "a value"},
		{"no comma", `"crm",`, `"crm"`, "event.json", "", "comma"},
		{"no colon", `"source":`, `"source"`, "event.json", "", "colon"},
		{"single quotes", `"crm"`, `'crm'`, "event.json", "/source", "a value"},
		{"comment", `"crm",`, `"crm",/*x*/`, "event.json", "", "name of a field"},
		{"bare newline in a text", `"crm"`, "\"c\nm\"", "event.json", "/source", "control character"},
		{"unknown escape", `"crm"`, `"\x63rm"`, "event.json", "/source", "escape"},
		{"short escape", `"crm"`, `"\u12"`, "event.json", "/source", "four hexadecimal"},
		{"escape at the end", `"crm"` + base[strings.Index(base, `,"type"`):], `"\`, "event.json", "/source", "end of a text"},
		{"nearly true", `"provided"`, `tru`, "event.field.type", "/data/provenance", "true or false"},
		{"nearly null", `"id":"e1"`, `"id":nul`, "event.json", "/id", "a value"},
		{"a list without comma", `["identity"]`, `["identity" "contact"]`, "event.json", "/data/categories", "end of the list"},
		{"an extension without end", `"id":"e1"`, `"id":"e1","n":1.`, "event.json", "/n", "a number"},
		{"an extension with a leading zero", `"id":"e1"`, `"id":"e1","n":007`, "event.json", "/n", "a number"},
		{"an extension in hexadecimal", `"id":"e1"`, `"id":"e1","n":0x1`, "event.json", "", "comma"},
		{"data without end before the type", base, `{"data":{"a":"}`, "event.json", "/data", "end of a text"},
		{"data without end before the type", base, `{"data":{"a":"\"}"`, "event.json", "/data", "end of the object"},
		{"data of another type before the type", base, `{"data":[]`, "event.field.type", "/data", "object"},
		{"NaN", `"provided"`, `NaN`, "event.json", "/data/provenance", "value"},
		{"byte order mark", `{"specversion"`, "\ufeff" + `{"specversion"`, "event.json", "", "object"},
		{"broken UTF-8", `priya@`, "priya\xff@", "event.utf8", "/data/subject/0/value", "UTF-8"},
		{"overlong UTF-8", `priya@`, "priya\xc0\xaf@", "event.utf8", "/data/subject/0/value", "UTF-8"},
		{"broken UTF-8 beside an escape", `priya@`, "p\\n\xff@", "event.utf8", "/data/subject/0/value", "UTF-8"},
		{"half a surrogate pair", `priya@`, `\ud83d@`, "event.utf8", "/data/subject/0/value", "surrogate"},
		{"the wrong half", `priya@`, `\ude00\ud83d@`, "event.utf8", "/data/subject/0/value", "surrogate"},
		{"deep before the type is known", base, `{"data":` + strings.Repeat(`{"a":`, 17) + `1`, "event.depth", "/data", "16"},
		{"deep where a code belongs", `"ic-a03"`, strings.Repeat("[", 5000), "event.field.type", "/data/activity", "list"},
		{"twice", `"subject_type":"locum"`, `"subject_type":"locum","subject_type":"nurse"`, "event.duplicate_key", "/data/subject_type", "once"},
		{"twice, escaped", `"subject_type":"locum"`, `"subject_type":"locum","subject\u005ftype":"nurse"`, "event.duplicate_key", "/data/subject_type", "once"},
		{"attribute twice", `"id":"e1"`, `"id":"e1","id":"e1"`, "event.duplicate_key", "/id", "once"},
		{"attribute twice, once null", `"id":"e1"`, `"id":null,"id":"e1"`, "event.duplicate_key", "/id", "once"},
		{"data twice", `{"specversion"`, `{"data":{},"specversion"`, "event.duplicate_key", "/data", "once"},
		{"extension twice", `"id":"e1"`, `"id":"e1","a1":1,"a1":2`, "event.duplicate_key", "", "twice"},
		{"kind twice", `"kind":"email"`, `"kind":"email","kind":"email"`, "event.duplicate_key", "/data/subject/0/kind", "once"},
		{"value twice", `"kind":"email",`, `"value":"x","kind":"email",`, "event.duplicate_key", "/data/subject/0/value", "once"},
		{"too large", `priya@`, strings.Repeat("x", 32<<10), "event.limit", "", "32768"},
		{"17 identifiers", subject, many(17, subject), "event.limit", "/data/subject", "1 to 16"},
		{"no identifiers", subject, ``, "event.limit", "/data/subject", "1 to 16"},
		{"65 categories", `"identity"`, many(65, `"identity"`), "event.limit", "/data/categories", "1 to 64"},
		{"long identifier", `priya@`, strings.Repeat("x", 1024), "event.limit", "/data/subject/0/value", "1024"},
		{"33 extensions", `"id":"e1"`, `"id":"e1"` + extensions(33), "event.limit", "", "32"},
		{"old specversion", `"1.0"`, `"0.3"`, "event.version", "/specversion", "1.0"},
		{"unknown type", `record.stored.v1`, `record.seen.v1`, "event.type.unknown", "/type", "record.stored.v1"},
		{"newer type", `record.stored.v1`, `record.stored.v2`, "event.type.unknown", "/type", "record.stored.v1"},
		{"type of habeas itself", `record.stored.v1`, `catalogue.adopted.v1`, "event.type.unknown", "/type", "record.stored.v1"},
		{"subject attribute", `"id":"e1"`, `"id":"e1","subject":"priya@example.org"`, "event.attribute.refused", "/subject", "broker"},
		{"base64 data", `"id":"e1"`, `"id":"e1","data_base64":"e30="`, "event.attribute.refused", "/data_base64", "JSON object"},
		{"XML data", `"id":"e1"`, `"id":"e1","datacontenttype":"application/xml"`, "event.attribute.refused", "/datacontenttype", "application/json"},
		{"no specversion", `"specversion":"1.0",`, ``, "event.field.missing", "/specversion", "must have"},
		{"no id", `"id":"e1",`, ``, "event.field.missing", "/id", "must have"},
		{"null id", `"id":"e1",`, `"id":null,`, "event.field.missing", "/id", "must have"},
		{"no time", `,"time":"2025-03-14T09:26:53Z"`, ``, "event.field.missing", "/time", "must have"},
		{"no data", base[strings.Index(base, `,"data"`):], `}`, "event.field.missing", "/data", "must have"},
		{"no kind", `"kind":"email",`, ``, "event.field.missing", "/data/subject/0/kind", "kind"},
		{"no value", `,"value":"priya@example.org"`, ``, "event.field.missing", "/data/subject/0/value", "value"},
		{"half a transfer", base, strings.NewReplacer("record.stored", "record.shared", `"provenance":"provided"`, `"recipient":"x","transfer":{"country":"US"}`).Replace(base), "event.field.missing", "/data/transfer/safeguard", "this object"},
		{"text for true", base, strings.Replace(objection, `"activity":"ic-a03"`, `"direct_marketing":"true"`, 1), "event.field.type", "/data/direct_marketing", "got text"},
		{"empty location", `"provided"`, `"provided","location":{}`, "event.field.missing", "/data/location", "at least one"},
		{"unknown field", `"locum"`, `"locum","purpose":"x"`, "event.field.unknown", "/data/purpose", "no event"},
		{"unknown field that may be a person", `"locum"`, `"locum","Priya Shah":"x"`, "event.field.unknown", "/data", "number 3"},
		{"field of data beside data", `"id":"e1"`, `"id":"e1","subject_type":"locum"`, "event.field.unknown", "/subject_type", "inside data"},
		{"attribute in capitals", `"id":"e1"`, `"ID":"e1"`, "event.field.unknown", "", "number 2"},
		{"third field of an identifier", `"kind":"email",`, `"kind":"email","verified":true,`, "event.field.unknown", "/data/subject/0/verified", "kind and value"},
		{"field of another kind", `"locum"`, `"locum","recipient":"courier"`, "event.field.kind", "/data/recipient", "record.shared"},
		{"data is text", base[strings.Index(base, `{"subject"`):], `"x"}`, "event.field.type", "/data", "object"},
		{"data is null", base[strings.Index(base, `{"subject"`):], `null}`, "event.field.type", "/data", "null"},
		{"number for a code", `"ic-a03"`, `3`, "event.field.type", "/data/activity", "number"},
		{"number for a value", `"priya@example.org"`, `42`, "event.field.type", "/data/subject/0/value", "quotation marks"},
		{"null field", `"provided"`, `"provided","basis":null`, "event.field.type", "/data/basis", "leave the field out"},
		{"text for a list", `["identity"]`, `"identity"`, "event.field.type", "/data/categories", "list"},
		{"text for an identifier", subject, `"priya@example.org"`, "event.field.type", "/data/subject/0", "kind and value"},
		{"object for an extension", `"id":"e1"`, `"id":"e1","ext":{"a":1}`, "event.field.type", "/ext", "object"},
		{"code with a space", `"ic-a03"`, `"ic a03"`, "event.code.form", "/data/activity", "a-z"},
		{"code with a number of a person", `"ic-a03"`, `"ic-485777"`, "event.code.form", "/data/activity", "six digits"},
		{"empty code", `"ic-a03"`, `""`, "event.code.form", "/data/activity", "empty"},
		{"long code", `"ic-a03"`, `"` + strings.Repeat("a", 65) + `"`, "event.code.form", "/data/activity", "64"},
		{"empty part", `"ic-a03"`, `"ic-a03/"`, "event.code.form", "/data/activity", "empty"},
		{"two parts", `"identity"`, `"a/b/c"`, "event.code.form", "/data/categories/0", "a-z"},
		{"code that habeas makes", `"ic-a03"`, `"Undeclared.abc"`, "event.code.form", "/data/activity", "keeps"},
		{"source is a URL", `"crm"`, `"https://crm.example"`, "event.code.form", "/source", "a-z"},
		{"country of three letters", `"provided"`, `"provided","location":{"country":"GBR"}`, "event.code.form", "/data/location/country", "two letters"},
		{"country of digits", `"provided"`, `"provided","location":{"country":"44"}`, "event.code.form", "/data/location/country", "two letters"},
		{"unknown word", `"provided"`, `"guessed"`, "event.word.unknown", "/data/provenance", "provided, observed, derived, inferred, generated, third_party"},
		{"unknown mark", `"provided"`, `"provided","marks":["secret"]`, "event.word.unknown", "/data/marks/0", "never_output"},
		{"time without zone", `09:26:53Z`, `09:26:53`, "event.time", "/time", "zone"},
		{"time in words", `2025-03-14T09:26:53Z`, `yesterday`, "event.time", "/time", "RFC 3339"},
		{"no such day", `2025-03-14T`, `2025-02-29T`, "event.time", "/time", "RFC 3339"},
		{"ancient", `2025-03-14T`, `1899-12-31T`, "event.time", "/time", "1900"},
		{"a clock never set", `2025-03-14T09:26:53Z`, `1970-01-01T00:00:00Z`, "event.time", "/time", "never set"},
		{"more than a day ahead", `2025-03-14T`, `2025-06-03T`, "event.time", "/time", "a day ahead"},
		{"date for a day that is not", `"provided"`, `"provided","record_date":"2025-04-31"`, "event.time", "/data/record_date", "YYYY-MM-DD"},
		{"ancient date", `"provided"`, `"provided","record_date":"1850-01-01"`, "event.time", "/data/record_date", "1900"},
		{"empty id", `"e1"`, `""`, "event.identifier.form", "/id", "empty"},
		{"empty value", `"priya@example.org"`, `""`, "event.identifier.form", "/data/subject/0/value", "empty"},
		{"control character", `priya@`, `priya\u0000@`, "event.identifier.form", "/data/subject/0/value", "control"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if !strings.Contains(base, row.old) {
				t.Fatal("the row spoils nothing")
			}
			body := strings.Replace(base, row.old, row.new, 1)
			o, r := events.DecodeCloudEvent([]byte(body), now)
			if r == nil {
				t.Fatalf("taken: %s", dump(o))
			}
			if o != nil || r.Code != row.code || r.Pointer != row.pointer || !strings.Contains(r.Reason, row.reason) {
				t.Errorf("got %+v", *r)
			}
			known(t, r)
		})
	}
	if _, r := events.DecodeCloudEvent([]byte(base), now); r != nil {
		t.Errorf("the base is refused: %v", r)
	}
}

func extensions(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"x%d":1`, i)
	}
	return b.String()
}

// known checks that a code is in the published table.
func known(t *testing.T, r *events.Rejection) {
	t.Helper()
	for _, c := range events.RejectionCodes() {
		if c.Code == r.Code && c.Meaning != "" {
			return
		}
	}
	t.Errorf("code %s is not in the table", r.Code)
}

// Every way to write a text is read as the standard library reads it.
func TestTextsAgreeWithTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := eventstest.Plaintexts().Draw(t, "text").Expose() + rapid.SampledFrom([]string{"", "\u2028", "😀", "\t\r\n"}).Draw(t, "end")
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range []string{string(quoted), strconv.QuoteToASCII(text), `"` + allEscaped(text) + `"`} {
			if strings.Contains(q, `\U`) || !json.Valid([]byte(q)) {
				continue // Go's own way for what JSON writes as a pair
			}
			o, r := events.DecodeCloudEvent([]byte(strings.Replace(base, `"priya@example.org"`, q, 1)), now)
			if r != nil || o.Subject[0].Value.Expose() != text {
				t.Fatalf("%s: %v", q, r)
			}
		}
	})
	o, r := events.DecodeCloudEvent([]byte(strings.Replace(base, "priya", `\/\\\"\t\n\r`, 1)), now)
	if r != nil || o.Subject[0].Value.Expose() != "/\\\"\t\n\r@example.org" {
		t.Errorf("short escapes: %v", r)
	}
}

func allEscaped(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, `\u%04X`, u)
	}
	return b.String()
}

func TestRulesAcrossFields(t *testing.T) {
	linked := strings.NewReplacer("objection.made", "subject.linked", `"activity":"ic-a03"`, `"evidence":"same"`).Replace(objection)
	rows := []struct{ name, body, code, pointer string }{
		{"neither activity nor marketing", strings.Replace(objection, `,"activity":"ic-a03"`, "", 1), events.RejectMissing, "/data/activity"},
		{"marketing is false", strings.Replace(objection, `"activity":"ic-a03"`, `"direct_marketing":false`, 1), events.RejectMissing, "/data/activity"},
		{"both", strings.Replace(objection, `"activity"`, `"direct_marketing":true,"activity"`, 1), events.RejectContradicts, "/data/activity"},
		{"one of two", linked, events.RejectLimit, "/data/subject"},
		{"since after through", `{"specversion":"1.0","id":"e1","source":"crm","type":"habeas.source.synced.v1","time":"2025-03-14T09:26:53Z","data":{"since":"2025-03-14T09:00:00Z","through":"2025-03-13T09:00:00Z"}}`, events.RejectContradicts, "/data/since"},
	}
	for _, row := range rows {
		_, r := events.DecodeCloudEvent([]byte(row.body), now)
		if r == nil || r.Code != row.code || r.Pointer != row.pointer {
			t.Errorf("%s: %v", row.name, r)
		}
	}
}

func TestTimesThatAreTaken(t *testing.T) {
	for _, s := range []string{"1900-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2025-06-02T11:59:59Z", "2025-06-02T14:59:59+03:00", "2025-03-14t09:26:53.123456789z"} {
		o, r := events.DecodeCloudEvent([]byte(strings.Replace(base, "2025-03-14T09:26:53Z", s, 1)), now)
		if r != nil {
			t.Errorf("%s: %v", s, r)
			continue
		}
		want, err := time.Parse(time.RFC3339Nano, strings.ToUpper(s))
		if err != nil || o.Event.Time != events.InstantOf(want) {
			t.Errorf("%s is read as %s (%v)", s, o.Event.Time, err)
		}
	}
	far := strings.Replace(base, "2025-03-14", "2999-03-14", 1)
	if _, r := events.DecodeCloudEvent([]byte(far), time.Time{}); r != nil {
		t.Errorf("without a clock no date lies ahead: %v", r)
	}
}

// I1: whatever is wrong, wherever, no value of the event is repeated.
func TestRejectionsHoldNoValues(t *testing.T) {
	const secret = "zanzibar7"
	spoiled := strings.NewReplacer(`"e1"`, `"zanzibar7 \u0000"`, `"crm"`, `"zanzibar7 "`, `"locum"`, `"zanzibar7 "`, `"ic-a03"`, `"zanzibar7 "`,
		`"identity"`, `"zanzibar7 "`, `"provided"`, `"zanzibar7 "`, `priya`, `zanzibar7\u0000`, `2025-03-14T09:26:53Z`, `zanzibar7`,
		`"1.0"`, `"zanzibar7"`, `habeas.record`, `zanzibar7.record`, `"email"`, `"zanzibar7 "`)
	parts := strings.Split(base, ",")
	for i := range parts {
		one := append([]string{}, parts...)
		one[i] = spoiled.Replace(one[i])
		for _, body := range []string{strings.Join(one, ","), strings.Join(one, ",zanzibar7"), strings.Join(one, `,"zanzibar7":1,`), strings.Join(one[:i+1], ",")} {
			if _, r := events.DecodeCloudEvent([]byte(body), now); r != nil && strings.Contains(r.Error()+r.Code, secret) {
				t.Errorf("%v tells a value of %s", r, body)
			}
		}
	}
}
