package server_test

import (
	"net/http"
	"strings"
	"testing"
)

// What the vault does not take for an identifier of its kind is the caller's
// mistake, told with its place; the value is not repeated.
func TestMistypedIdentifierIsTheCallersMistake(t *testing.T) {
	r := start(t, configure(t, t.TempDir()))
	r.ready()
	for path, body := range map[string]string{
		"/v1/footprint":    `{"identifier":{"kind":"email","value":"planted.example.org"},"reason":"test"}`,
		"/v1/history":      `{"identifier":{"kind":"email","value":"planted.example.org"},"reason":"test"}`,
		"/v1/person/mark":  `{"identifier":{"kind":"email","value":"planted.example.org"},"shared":true,"reason":"test"}`,
		"/v1/person/merge": `{"identifier_a":{"kind":"email","value":"planted.example.org"},"b":"x","reason":"test"}`,
	} {
		status, answer := r.post(path, "application/json", strings.NewReader(body))
		if status != http.StatusBadRequest || !strings.Contains(answer, `"code":"request.malformed"`) || !strings.Contains(answer, `/value"`) ||
			!strings.Contains(answer, `"detail":"want `) || strings.Contains(answer, "want want") || strings.Contains(answer, "planted") {
			t.Errorf("%s: %d %s", path, status, answer)
		}
	}
}
