package projections

import (
	"fmt"
	"log/slog"
	"strings"
)

// badgerLog passes Badger's own messages on. They name files and sizes, never
// rows.
type badgerLog struct{ l *slog.Logger }

func (b badgerLog) say(format string, a []any) string {
	return strings.TrimSpace("badger: " + fmt.Sprintf(format, a...))
}

func (b badgerLog) Errorf(format string, a ...any)   { b.l.Error(b.say(format, a)) }
func (b badgerLog) Warningf(format string, a ...any) { b.l.Warn(b.say(format, a)) }
func (b badgerLog) Infof(string, ...any)             {}
func (b badgerLog) Debugf(string, ...any)            {}
