package journal

import (
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"time"
)

// A Config says where the journal lives. Either Dir or URL must be set;
// everything else may be zero.
type Config struct {
	// Dir holds the files of the embedded server, its lock and its marks. It is
	// made, 0700, if it is not there.
	Dir string

	// URL names an external NATS server or cluster with JetStream. The servers
	// must run with "sync_interval: always". Dir, if also set, holds the lock and
	// the marks only.
	URL         string
	Credentials string      // file with NATS user credentials
	User, Token string      // or a name and a password
	TLS         *tls.Config // or a tls:// URL
	Domain      string      // JetStream domain, if the API is reached through one
	// Replicas of new streams. 0: three in a cluster, one otherwise.
	Replicas int

	// Listen is an address for NATS clients of the embedded server, such as
	// connectors. Empty: it listens on nothing. Authenticate is then required,
	// and ListenTLS unless the address is of this machine.
	Listen    string
	ListenTLS *tls.Config
	// Authenticate decides who may connect and which subjects they may publish
	// and subscribe to. An empty list permits nothing.
	Authenticate func(user, token string) (publish, subscribe []string, ok bool)
	// InsecureNetwork permits URL and Listen without TLS beyond this machine.
	InsecureNetwork bool

	// ServerName and Site (the JetStream domain of the embedded server) are
	// written into the store and must stay the same.
	ServerName string // default habeas
	Site       string // default habeas

	// FlushEvery makes a frame wait for company even in an idle log. 0: a lone
	// event is written at once.
	FlushEvery time.Duration
	// AckTimeout bounds one attempt to save a frame, default 5 s; GiveUp all
	// attempts together, default 30 s. After that writing stops for good.
	AckTimeout, GiveUp time.Duration

	// KeepFree is how many bytes must stay free on the disk of Dir: below that
	// appends are refused with ErrFull until there is room again, so that what is
	// under way can end well. 0: 64 MiB; negative: write until the disk is full,
	// which stops the journal.
	KeepFree int64

	// Repeats of an event are recognised for DuplicateAge, default 24 h, and
	// DuplicateEvents, default 10 million, whichever is less. The table takes
	// about 40 bytes per event: where it stands, and four bytes of a digest of
	// its contents, by which a repeat with other contents is noticed.
	DuplicateAge    time.Duration
	DuplicateEvents int

	// Inspect opens for reading only and does not refuse a damaged log, so that
	// Verify can report on it.
	Inspect bool

	Log  *slog.Logger     // default: discards
	Now  func() time.Time // default: time.Now
	Rand io.Reader        // default: crypto/rand; names new logs

	wrap func(name string, s store) store // for tests that put faults between log and store
}

func (c Config) complete() (Config, error) {
	if c.Dir == "" && c.URL == "" {
		return c, fmt.Errorf("open journal: want a directory or a NATS URL")
	}
	if c.URL != "" && c.Listen != "" {
		return c, fmt.Errorf("open journal: an external NATS server has its own listeners; leave Listen empty")
	}
	if c.Listen != "" && c.Authenticate == nil {
		return c, fmt.Errorf("open journal: want Authenticate with Listen %s: without it anybody could write", c.Listen)
	}
	if c.Listen != "" && c.ListenTLS == nil && !c.InsecureNetwork && !localHostPort(c.Listen) {
		return c, fmt.Errorf("open journal: listen on %s: want TLS beyond this machine", c.Listen)
	}
	if err := c.checkURL(); err != nil {
		return c, err
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	setDefault(&c.ServerName, "habeas")
	setDefault(&c.Site, "habeas")
	setDefault(&c.AckTimeout, 5*time.Second)
	setDefault(&c.GiveUp, 30*time.Second)
	setDefault(&c.KeepFree, 64<<20)
	setDefault(&c.DuplicateAge, 24*time.Hour)
	setDefault(&c.DuplicateEvents, 10_000_000)
	return c, nil
}

func setDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

func (c Config) checkURL() error {
	for _, s := range strings.Split(c.URL, ",") {
		if s == "" {
			continue
		}
		u, err := url.Parse(strings.TrimSpace(s))
		if err != nil || u.Host == "" {
			return fmt.Errorf("open journal: want a URL such as tls://nats.example.org:4222")
		}
		if c.TLS == nil && u.Scheme != "tls" && !c.InsecureNetwork && !localHostPort(u.Host) {
			return fmt.Errorf("open journal: connect to %s: want TLS beyond this machine", u.Host)
		}
	}
	return nil
}

// localHostPort reports whether an address can only be reached from this
// machine.
func localHostPort(s string) bool {
	host, _, err := net.SplitHostPort(s)
	if err != nil {
		host = s
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
