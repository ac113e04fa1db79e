package transmit_test

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/connectors/transmit"
	"github.com/habeas-data/habeas/events"
)

// other is the other controller.
func other(t *testing.T, h http.HandlerFunc) (url string, roots *x509.CertPool) {
	t.Helper()
	s := httptest.NewTLSServer(h)
	t.Cleanup(s.Close)
	roots = x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return s.URL + "/inbox", roots
}

func sender(url string, roots *x509.CertPool, private bool) *transmit.Sender {
	return transmit.New(transmit.Config{AllowPrivate: private, Roots: roots, Contact: func(context.Context, events.Code) (string, error) { return url, nil }})
}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

func TestSend(t *testing.T) {
	var got, name string
	url, roots := other(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got, name = string(b), r.Header.Get("Content-Disposition")
		if r.Method != http.MethodPost || r.URL.RequestURI() != "/inbox" || r.Header.Get("Content-Type") != "application/zip" {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	if err := sender(url, roots, true).Send(t.Context(), "port_target", "habeas.zip", text("the copy")); err != nil {
		t.Fatal(err)
	}
	if got != "the copy" || name != `attachment; filename="habeas.zip"` {
		t.Errorf("%q as %q arrived", got, name)
	}
}

// Nothing goes into a private network, to nobody on record, in the clear, or
// where the other end sends us.
func TestGoesNowhereElse(t *testing.T) {
	elsewhere := 0
	away, _ := other(t, func(http.ResponseWriter, *http.Request) { elsewhere++ })
	url, roots := other(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		http.Redirect(w, r, away, http.StatusTemporaryRedirect)
	})
	for what, c := range map[string]struct {
		s    *transmit.Sender
		want error
	}{
		"a private address":      {sender(url, roots, false), transmit.ErrPrivate},
		"a name of this machine": {sender(strings.Replace(url, "127.0.0.1", "localhost", 1), roots, false), transmit.ErrPrivate},
		"a redirection":          {sender(url, roots, true), transmit.ErrRefused},
		"nobody":                 {sender("", roots, true), transmit.ErrNoContact},
		"in the clear":           {sender(strings.Replace(url, "https", "http", 1), roots, true), transmit.ErrNoContact},
		"with a password":        {sender(strings.Replace(url, "https://", "https://a:b@", 1), roots, true), transmit.ErrNoContact},
		"a mail address":         {sender("dpo@example.org", roots, true), transmit.ErrNoContact},
	} {
		err := c.s.Send(t.Context(), "port_target", "x.zip", text("the copy"))
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", what, err, c.want)
		}
		if err != nil && (strings.Contains(err.Error(), "127.0.0.1") || strings.Contains(err.Error(), "example.org")) {
			t.Errorf("%s: the error tells the address: %v", what, err)
		}
	}
	if elsewhere != 0 {
		t.Error("it followed")
	}
}

// Somebody whom the authorities do not vouch for gets nothing.
func TestStranger(t *testing.T) {
	heard := false
	url, _ := other(t, func(http.ResponseWriter, *http.Request) { heard = true })
	if err := sender(url, x509.NewCertPool(), true).Send(t.Context(), "port_target", "x.zip", text("the copy")); err == nil || heard {
		t.Errorf("a stranger was sent to: %v", err)
	}
}

// A copy that breaks off is not acknowledged, and a refusal is told by its number.
func TestNotTaken(t *testing.T) {
	broken := errors.New("the copy broke off")
	url, roots := other(t, func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err == nil {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, "priya@example.org is not ours")
		}
	})
	err := sender(url, roots, true).Send(t.Context(), "port_target", "x.zip", func(w io.Writer) error {
		_, _ = io.WriteString(w, "half of it")
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	err = sender(url, roots, true).Send(t.Context(), "port_target", "x.zip", text("the copy"))
	if !errors.Is(err, transmit.ErrRefused) || !strings.Contains(err.Error(), "403") || strings.Contains(err.Error(), "priya") {
		t.Errorf("%v", err)
	}
}
