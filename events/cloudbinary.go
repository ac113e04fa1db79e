package events

import (
	"strings"
	"time"
	"unicode/utf8"
)

// DecodeBinary reads one CloudEvent in binary form: the attributes in headers
// named ce-id, ce-source and so on, the data as the body. It checks what
// DecodeCloudEvent checks. header returns the first value of a header, or "":
// the Get of an http.Header or a nats.Header.
//
// The content type stands in Content-Type over HTTP and in ce-datacontenttype
// over NATS; both are looked at.
func DecodeBinary(header func(name string) string, body []byte, now time.Time) (*Observation, *Rejection) {
	if len(body) > MaxEventBytes {
		return nil, tooLarge()
	}
	d := newDecoder(body, new(Observation))
	d.setNow(now)
	if !d.headers(header) || !d.dataAt(0) {
		return nil, d.rej
	}
	if d.depth = 0; !d.end() {
		return nil, d.rej
	}
	return d.o, nil
}

func (d *decoder) headers(header func(string) string) bool {
	seen := 1 << attrData // of the body, even if it is empty: then the data say what is missing
	for i, name := range attrNames[:attrData] {
		v := header("ce-" + name)
		if v == "" {
			continue
		}
		d.enter(name)
		s, ok := headerValue(v)
		if !ok {
			return d.fail(RejectUTF8, "want a header value of ASCII, with UTF-8 percent-encoded in it")
		}
		if !d.set(i, s) {
			return false
		}
		d.depth = 0
		seen |= 1 << i
	}
	if header("ce-subject") != "" {
		return d.failAt("subject", RejectAttribute, subjectRefused)
	}
	for _, name := range []string{"Content-Type", "ce-datacontenttype"} {
		if v := header(name); v != "" && !isJSON(v) {
			return d.failAt("datacontenttype", RejectAttribute, "want data as application/json")
		}
	}
	return d.complete(seen)
}

// headerValue undoes what the HTTP binding of CloudEvents (3.1.3.2) does to a
// value: quotation marks around it, then percent-encoding.
func headerValue(v string) ([]byte, bool) {
	if len(v) >= 2 && v[0] == '"' && v[len(v)-1] == '"' {
		v = strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(v[1 : len(v)-1])
	}
	out := make([]byte, 0, len(v))
	for i := 0; i < len(v); i++ {
		c := v[i]
		if c == '%' {
			if i+2 >= len(v) {
				return nil, false
			}
			hi, lo := hexValue(v[i+1]), hexValue(v[i+2])
			if hi > 15 || lo > 15 {
				return nil, false
			}
			c = hi<<4 | lo
			i += 2
		}
		out = append(out, c)
	}
	return out, utf8.Valid(out)
}
