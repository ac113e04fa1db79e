package console

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/events"
)

// A recorded line is one record of a look or decision in words.
type recordedLine struct {
	Index                 int64
	At, Who, Token        string
	Roles, Did, To, Ended string
}

// recorded is the part of the page of the record.
type recorded struct {
	Lines []recordedLine
	Older string // path of what is older; empty if nothing is
	Size  int64
}

// acts says what was done. Further acts are said by their code.
var acts = map[events.Code]string{
	"footprint.read": "Looked up what is held about somebody", "history.read": "Looked up somebody's timeline",
	"identity.merge": "Decided that records are of one person", "identity.split": "Decided that records are of different people",
	"identity.mark": "Decided whether an identifier is shared", "audit.read": "Read this record", "audit.open": "Opened the reason of a look or decision",
	"quarantine.open": "Opened an event that could not be understood", "quarantine.mend": "Mended an event", "quarantine.discard": "Discarded an event",
	"token.create": "Created a token", "token.revoke": "Revoked a token",
}

var outcomes = map[events.Code]string{
	"found": "One person was found", "not_found": "Nobody was found", "candidates": "Only candidates were shown", "refused": "Refused",
	"done": "Done", "attempted": "Tried; what came of it is the next record",
}

func inWords(m map[events.Code]string, c events.Code) string {
	if w, ok := m[c]; ok {
		return w
	}
	return strings.ReplaceAll(string(c), "_", " ")
}

// audit shows the record of looks and decisions. Reading it is recorded first.
func (c *Console) audit(w http.ResponseWriter, r *http.Request) {
	before := int64(-1)
	if text := r.PathValue("before"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			c.Refuse(w, r, api.NewProblem("audit.out_of_range", ""))
			return
		}
		before = n
	}
	who := api.CallerOf(r.Context())
	if c.cfg.Audit == nil {
		c.Refuse(w, r, api.NewProblem("server.not_configured", ""))
		return
	}
	if err := c.cfg.Record(r.Context(), who, events.Code(access.AuditRead), ""); err != nil {
		c.fail(w, r, err)
		return
	}
	page, err := c.cfg.Audit(r.Context(), before, 100)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	v := recorded{Lines: []recordedLine{}, Size: page.Size}
	for _, n := range page.Entries {
		e := &n.Entry
		at := e.At
		line := recordedLine{Index: n.Index, At: c.moment(&at), Who: string(page.Names[e.Actor]), Token: string(e.Actor), Roles: strings.Join(e.Roles, ", "),
			Did: inWords(acts, e.Act), Ended: inWords(outcomes, e.Outcome)}
		if e.Target != "" {
			line.To = page.Who(e.Target)
		}
		v.Lines = append(v.Lines, line)
	}
	if page.Next >= 0 {
		v.Older = "/audit/" + strconv.FormatInt(page.Next, 10)
	}
	c.show(w, r, http.StatusOK, "audit", "Who looked", v)
}
