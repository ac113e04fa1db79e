package journal

import (
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// inside is the name under which the process speaks to its own server.
const inside = "habeas-inside"

// embedded is the NATS server in this process.
type embedded struct {
	srv    *server.Server
	secret string // password of this process; new at every start
	log    *serverLog
	// accounts makes the making of an account one step.
	accounts sync.Mutex
}

func startServer(c Config) (*embedded, error) {
	var raw [16]byte
	if _, err := io.ReadFull(c.Rand, raw[:]); err != nil {
		return nil, fmt.Errorf("start the embedded server: draw a password: %w", err)
	}
	e := &embedded{secret: hex.EncodeToString(raw[:]), log: newServerLog(c.Log)}
	opts := &server.Options{
		ServerName: c.ServerName, DontListen: c.Listen == "",
		NoSigs: true, NoLog: false, DisableJetStreamBanner: true,
		JetStream: true, StoreDir: filepath.Join(c.Dir, storeName), JetStreamDomain: c.Site,
		// I2: fsync before every acknowledgement.
		SyncAlways: true,
		MaxPayload: 1 << 20,
		// The default would refuse writes with a quarter of the disk still free;
		// Config.KeepFree is the limit here.
		JetStreamMaxStore: 1 << 60,
		// What may wait inside the server before it answers 429. The journal has
		// one frame in flight per log; the rest is for later streams.
		StreamMaxBufferedMsgs: 10_000, StreamMaxBufferedSize: 64 << 20,
		CustomClientAuthentication: &gate{e, c.Authenticate},
	}
	if c.Listen != "" {
		host, port, err := net.SplitHostPort(c.Listen)
		if err != nil {
			return nil, fmt.Errorf("start the embedded server: listen on %q: %w", c.Listen, err)
		}
		n, err := strconv.Atoi(port)
		if err != nil {
			return nil, fmt.Errorf("start the embedded server: listen on %q: want a port number", c.Listen)
		}
		if n == 0 {
			n = server.RANDOM_PORT
		}
		opts.Host, opts.Port, opts.TLSConfig = host, n, c.ListenTLS
	}
	var err error
	if e.srv, err = server.NewServer(opts); err != nil {
		return nil, fmt.Errorf("start the embedded server: %w", err)
	}
	// No debug, no trace: traces would hold payloads.
	e.srv.SetLoggerV2(e.log, false, false, false)
	e.srv.Start()
	if err := e.ready(); err != nil {
		e.stop()
		return nil, fmt.Errorf("start the embedded server in %s: %w", c.Dir, err)
	}
	return e, nil
}

func (e *embedded) ready() error {
	ok := e.srv.ReadyForConnections(30 * time.Second)
	if err := e.log.fatal(); err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("not ready after 30 s")
	}
	if !e.srv.JetStreamEnabled() {
		return fmt.Errorf("JetStream did not start")
	}
	return e.health()
}

// health is the server's own word on whether its streams can be written.
func (e *embedded) health() error {
	if h := e.srv.Healthz(&server.HealthzOptions{}); h.Status != "ok" {
		return fmt.Errorf("the store reports: %s", h.Error)
	}
	return nil
}

func (e *embedded) connect(opts ...nats.Option) (*nats.Conn, error) {
	opts = append(opts, nats.InProcessServer(e.srv), nats.UserInfo(inside, e.secret))
	return nats.Connect("", opts...)
}

// address returns where clients can connect, or "".
func (e *embedded) address() string {
	if a := e.srv.Addr(); a != nil {
		return a.String()
	}
	return ""
}

func (e *embedded) stop() {
	e.srv.Shutdown()
	e.srv.WaitForShutdown()
}

// gate lets in this process with everything and others with what Authenticate
// gives them. The journal's own subjects are private (what others may say goes
// through the gateway).
//
// Each set of rights lives in an account of its own, which sees of this process
// only the services it may ask. So no client can listen to the replies of
// another or to the journal's own reads, and a reply subject that a client makes
// up leads nowhere but into its own account.
type gate struct {
	e   *embedded
	ask func(user, token string) (publish, subscribe []string, ok bool)
}

// Check implements server.Authentication.
func (g *gate) Check(c server.ClientAuthentication) bool {
	o := c.GetOpts()
	token := o.Password
	if token == "" {
		token = o.Token
	}
	if o.Username == inside {
		if subtle.ConstantTimeCompare([]byte(token), []byte(g.e.secret)) != 1 {
			return false
		}
		c.RegisterUser(&server.User{Username: inside})
		return true
	}
	if g.ask == nil {
		return false
	}
	pub, sub, ok := g.ask(o.Username, token)
	if !ok {
		return false
	}
	account, err := g.e.account(pub)
	if err != nil {
		g.e.log.to.Error("nats: a client was not let in", "error", err)
		return false
	}
	c.RegisterUser(&server.User{Username: o.Username, Account: account, Permissions: &server.Permissions{
		Publish: permit(pub), Subscribe: permit(sub),
	}})
	return true
}

// account returns the account whose members may ask these subjects of this
// process and nothing else.
func (e *embedded) account(pub []string) (*server.Account, error) {
	e.accounts.Lock()
	defer e.accounts.Unlock()
	a, fresh := e.srv.LookupOrRegisterAccount("clients " + strings.Join(pub, " "))
	if !fresh {
		return a, nil
	}
	inner := e.srv.GlobalAccount()
	for _, subject := range pub {
		if err := inner.AddServiceExport(subject, nil); err != nil {
			return nil, fmt.Errorf("offer %s: %w", subject, err)
		}
		if err := a.AddServiceImport(inner, subject, subject); err != nil {
			return nil, fmt.Errorf("offer %s: %w", subject, err)
		}
	}
	return a, nil
}

func permit(allow []string) *server.SubjectPermission {
	if len(allow) == 0 {
		// An empty Allow would permit everything.
		return &server.SubjectPermission{Deny: []string{">"}}
	}
	return &server.SubjectPermission{Allow: allow, Deny: []string{private, "$SYS.>"}}
}

// serverLog passes the server's lines to slog. It remembers a fatal line
// instead of ending the process, and says when an error line came, because a
// write error is told to the log only.
type serverLog struct {
	to    *slog.Logger
	alarm chan struct{} // buffered: at least one error since last read
	mu    sync.Mutex
	last  error // guarded by mu: the first fatal line
}

func newServerLog(to *slog.Logger) *serverLog {
	return &serverLog{to: to, alarm: make(chan struct{}, 1)}
}

func (l *serverLog) fatal() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

func (l *serverLog) raise() {
	select {
	case l.alarm <- struct{}{}:
	default:
	}
}

// Noticef and the others implement server.Logger.
func (l *serverLog) Noticef(f string, v ...any) { l.to.Debug("nats: " + fmt.Sprintf(f, v...)) }

// Warnf passes a warning on.
func (l *serverLog) Warnf(f string, v ...any) {
	l.to.Warn("nats: " + fmt.Sprintf(f, v...))
	l.raise()
}

// Errorf passes an error on. A refused login is counted by whoever refused it;
// the server's line would quote the name that was tried, which may be a secret
// put in the wrong field, and as many lines as somebody cares to send.
func (l *serverLog) Errorf(f string, v ...any) {
	if line := fmt.Sprintf(f, v...); strings.Contains(line, "uthentication") || strings.Contains(line, "uthorization") {
		l.to.Debug("nats: a login was refused")
		return
	}
	l.to.Error("nats: " + fmt.Sprintf(f, v...))
	l.raise()
}

// Fatalf remembers the reason.
func (l *serverLog) Fatalf(f string, v ...any) {
	l.mu.Lock()
	if l.last == nil {
		l.last = fmt.Errorf(f, v...)
	}
	l.mu.Unlock()
	l.Errorf(f, v...)
}

// Debugf and Tracef are never called: both levels are off.
func (l *serverLog) Debugf(string, ...any) {}

// Tracef does nothing.
func (l *serverLog) Tracef(string, ...any) {}
