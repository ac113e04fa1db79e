package server

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/habeas-data/habeas/config"
	"github.com/habeas-data/habeas/events/journal"
)

// Inspect looks at a journal that cannot be used as it is, log by log, and says
// how far each is good. cause is why it cannot be used. Nothing is changed.
func Inspect(ctx context.Context, cfg config.Config, log *slog.Logger, cause error, progress Progress) (Report, error) {
	r := Report{}
	r.add("open", cause, "")
	j, err := journal.Open(ctx, journal.Config{Dir: cfg.JournalDir(), URL: cfg.NATS, Credentials: cfg.NATSCreds,
		InsecureNetwork: cfg.NATSPlain, Inspect: true, Log: log})
	if err != nil {
		r.add("journal", fmt.Errorf("it cannot be opened for reading either: %w", err), "")
		return r, ctx.Err()
	}
	s := &Server{cfg: cfg, log: log, journal: j}
	if s.events, err = j.Events(ctx); err == nil {
		if s.vaults, err = j.Raw(ctx, "vault"); err == nil {
			s.audits, err = j.Raw(ctx, "audit")
		}
	}
	if err != nil {
		r.add("journal", err, "")
	} else {
		s.checkLogs(ctx, progress, &r)
		r.Checks = append(r.Checks, Check{"advice", "warn", "what is good up to a frame ends there for good: restore the newest backup into an empty directory, " +
			"then have each source send again what it sent since; events count once however often they are sent"})
	}
	if err := j.Close(); err != nil {
		r.add("close", err, "")
	}
	return r, ctx.Err()
}
