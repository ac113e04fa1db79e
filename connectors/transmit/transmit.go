package transmit

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"github.com/habeas-data/habeas/events"
)

var (
	// ErrNoContact: no https address is on record for the recipient.
	ErrNoContact = errors.New("no https address is on record for the recipient")
	// ErrPrivate: the address leads into a private network.
	ErrPrivate = errors.New("the address leads into a private network")
	// ErrRefused: the other end did not take it, or sent us elsewhere.
	ErrRefused = errors.New("the other end did not take it")
)

// Config says where things may be sent.
type Config struct {
	// Contact is what is on record for a recipient; empty: nothing.
	Contact func(ctx context.Context, recipient events.Code) (string, error)
	// AllowPrivate lets it connect to private addresses: for a partner inside the
	// same network.
	AllowPrivate bool
	// Roots are the authorities that certificates of others are checked with; nil:
	// those of the system.
	Roots *x509.CertPool
	// Timeout is the longest that one transmission may take; zero: an hour.
	Timeout time.Duration
}

// A Sender sends. It is safe for concurrent use.
type Sender struct {
	c      Config
	client *http.Client
}

// New returns a sender.
func New(c Config) *Sender {
	if c.Timeout == 0 {
		c.Timeout = time.Hour
	}
	d := &net.Dialer{Timeout: 30 * time.Second, Control: control(c.AllowPrivate)}
	return &Sender{c, &http.Client{
		Transport: &http.Transport{DialContext: d.DialContext, TLSClientConfig: &tls.Config{RootCAs: c.Roots, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: 30 * time.Second, DisableKeepAlives: true, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: 64 << 10},
		Timeout: c.Timeout,
		// What was meant for one address goes to no other.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// control looks at an address when it is about to be connected to.
func control(private bool) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return ErrPrivate
		}
		if !private && !public(at.Addr().Unmap()) {
			return ErrPrivate
		}
		return nil
	}
}

// inner are networks that the standard library does not call private and that
// lead to nobody outside either.
var inner = []netip.Prefix{netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("::/96"), netip.MustParsePrefix("::ffff:0:0:0/96"), netip.MustParsePrefix("fec0::/10"),
	netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/32")}

func public(a netip.Addr) bool {
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range inner {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// Send streams what fill writes, a zip archive of this name, to the address on
// record for a recipient. It returns once the other end has said that it took all
// of it; anything else is an error, and what arrived is then not a whole archive or
// not acknowledged. Errors: ErrNoContact, ErrPrivate, ErrRefused.
func (s *Sender) Send(ctx context.Context, recipient events.Code, name string, fill func(io.Writer) error) error {
	to, err := s.address(ctx, recipient)
	if err != nil {
		return fmt.Errorf("send to %s: %w", recipient, err)
	}
	body, w := io.Pipe()
	go func() { w.CloseWithError(fill(w)) }() // ends with the request: its body is closed
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), body)
	if err != nil {
		_ = body.Close()
		return fmt.Errorf("send to %s: %w", recipient, ErrNoContact)
	}
	req.Header.Set("Content-Type", "application/zip")
	req.Header.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	req.Header.Set("User-Agent", "habeas")
	resp, err := s.client.Do(req)
	if err != nil {
		return fmt.Errorf("send to %s: %w", recipient, plain(err))
	}
	defer resp.Body.Close()
	// What the other end says is not ours to keep; it is read so far only that it
	// can finish.
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("send to %s: %w: it answered with status %d", recipient, ErrRefused, resp.StatusCode)
	}
	return nil
}

func (s *Sender) address(ctx context.Context, recipient events.Code) (*url.URL, error) {
	text, err := s.c.Contact(ctx, recipient)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return nil, ErrNoContact
	}
	return u, nil
}

// plain takes the address out of an error of the client: it is on record sealed.
func plain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if errors.Is(err, ErrPrivate) {
		return ErrPrivate
	}
	var n *net.OpError
	if errors.As(err, &n) {
		return fmt.Errorf("the other end could not be reached (%s)", n.Op)
	}
	return err
}
