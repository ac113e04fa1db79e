package server

import (
	"io"
	"log/slog"

	"github.com/habeas-data/habeas/config"
)

// Logger writes structured logs as the configuration asks. Plaintext redacts
// itself in either form (I1).
func Logger(c config.Config, w io.Writer) *slog.Logger {
	var level slog.Level
	switch c.LogLevel {
	case "debug":
		level = slog.LevelDebug
	case "warn":
		level = slog.LevelWarn
	case "error":
		level = slog.LevelError
	}
	o := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
