package clock

import (
	"fmt"
	"strings"
	"time"

	"github.com/habeas-data/habeas/events"
)

// plain writes a day as people say it.
func plain(d events.Date) string { return d.Time().Format("Monday 2 January 2006") }

// short is plain without the day of the week.
func short(d events.Date) string { return d.Time().Format("2 January 2006") }

func plainTime(t time.Time) string { return t.Format("15:04 on Monday 2 January 2006 (MST)") }

// count writes "1 day", "8 days".
func count(n int, what string) string {
	if n == 1 || n == -1 {
		return fmt.Sprintf("%d %s", n, what)
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// series writes "a, b and c".
func series(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}
