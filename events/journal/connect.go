package journal

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
)

func (j *Journal) connect() error {
	for _, c := range []struct {
		name string
		to   **nats.Conn
	}{{"habeas journal write", &j.write}, {"habeas journal read", &j.read}, {"habeas", &j.shared}} {
		nc, err := j.dial(nats.Name(c.name))
		if err != nil {
			return fmt.Errorf("connect to the server: %w", err)
		}
		*c.to = nc
	}
	return nil
}

func (j *Journal) dial(opts ...nats.Option) (*nats.Conn, error) {
	opts = append(opts, nats.MaxReconnects(-1), nats.ReconnectWait(250*time.Millisecond),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			j.c.Log.Warn("journal connection", slog.Any("error", err))
		}),
		// A frame must not wait in a buffer unseen: while there is no connection,
		// publishing fails at once and is tried again in the open.
		nats.ReconnectBufSize(-1))
	if j.srv != nil {
		return j.srv.connect(opts...)
	}
	if j.c.TLS != nil {
		opts = append(opts, nats.Secure(j.c.TLS))
	}
	if j.c.Credentials != "" {
		opts = append(opts, nats.UserCredentials(j.c.Credentials))
	}
	if j.c.User != "" || j.c.Token != "" {
		opts = append(opts, nats.UserInfo(j.c.User, j.c.Token))
	}
	return nats.Connect(j.c.URL, opts...)
}
