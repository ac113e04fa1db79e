package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/desk"
)

// A Problem is an error of the API (RFC 9457). Code is stable: clients branch
// on it. Detail never holds a value of the request.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail,omitempty"`
	// Pointer is where in the request's JSON the fault stands (RFC 6901).
	Pointer string `json:"pointer,omitempty"`
	// Request names the request in the server's log.
	Request string `json:"request,omitempty"`
	// More holds members of their own for some codes, such as candidates.
	More map[string]any `json:"-"`
}

// codes lists every problem of this package with what to do about it. Handlers
// mounted beside it may use codes of their own.
var codes = map[string]struct {
	status int
	title  string
	remedy string
}{
	"request.malformed":     {400, "The request is not understood", "Send JSON as the OpenAPI document describes it. The detail says what was expected."},
	"request.too_large":     {413, "The request is too large", "Send less at once. Events in number go as application/x-ndjson."},
	"request.media_type":    {415, "The kind of content is not taken here", "Set Content-Type as the OpenAPI document describes it."},
	"request.too_slow":      {408, "The request arrived too slowly", "Send it again; nothing of it was taken unless the answer says so."},
	"request.cross_origin":  {403, "The form came from another site", "Open the console and try again from its own page."},
	"route.unknown":         {404, "There is nothing here", "See /v1/openapi.json for what there is."},
	"route.method":          {405, "The method is not taken here", "See /v1/openapi.json for what there is."},
	"token.missing":         {401, "A token is needed", "Send Authorization: Bearer <token>. The commands read it from --token, HABEAS_TOKEN or the operator's token file."},
	"token.invalid":         {401, "The token is not valid", "It may be mistyped, expired or revoked. Ask whoever manages access for a new one."},
	"permission.denied":     {403, "Not permitted", "The token's roles do not allow this. Ask whoever manages access, or use another token."},
	"clock.real":            {409, "The clock is the time of day", "Only a server started with --test-clock lets a script set the day."},
	"clock.backward":        {409, "The clock goes forward only", "Begin with the earliest day, or start again with an empty data directory."},
	"rate.limited":          {429, "Too many requests", "Wait as long as Retry-After says."},
	"person.not_found":      {404, "No system has reported this identifier", "Nothing recorded is not nothing held: see unknown for what could not be asked."},
	"person.ambiguous":      {409, "The identifier may mean several people", "Choose a candidate and ask again with its ref, or ask with a unique identifier."},
	"position.not_reached":  {503, "The map has not caught up yet", "Try again in a moment; the events are safe in the journal."},
	"look.not_recorded":     {503, "The look could not be recorded, so nothing is shown", "Look at the server's log: the journal does not take records."},
	"token.name_taken":      {409, "Another token has this name", "Choose another name or revoke the other token first."},
	"token.unknown":         {404, "There is no such token", "List the tokens to see their ids."},
	"audit.out_of_range":    {404, "The audit log is not that long", "Ask for the checkpoint first to learn its size."},
	"quarantine.gone":       {404, "There is no such event in quarantine", "It was mended, discarded, or its contents have expired."},
	"catalogue.wrong":       {422, "The configured catalogue or its decisions are wrong", "Mend what the detail lists, each with its file and line, and adopt again. The version in force stays in force."},
	"reference.unknown":     {404, "The reference means nobody", "Look the person up again."},
	"approval.needed":       {409, "A second person must approve this list", "Have somebody else with the permission impact.approve approve the request, then ask again within the hour."},
	"finding.unknown":       {404, "No finding of that id shows now", "List them with habeas findings --all; a state that is mended goes away by itself."},
	"hold.gone":             {404, "No hold of that id stands", "List them with habeas hold list. A hold that was lifted stays lifted; place another if it is needed again."},
	"disposal.unknown":      {404, "No batch of that id was proposed", "List them with habeas retention batches."},
	"disposal.empty":        {404, "Nothing has ended that may go", "See habeas retention due for what is paused, on hold or waits for a person."},
	"disposal.fuse":         {409, "The batch is out of the ordinary and was stopped", "The detail says why. Nothing was decided; propose a smaller batch, or wait."},
	"disposal.stale":        {409, "What is due has changed since the batch was proposed", "Propose it again and have it approved again."},
	"case.unknown":          {404, "There is no such case", "List them with habeas case list; an id may be cut short if it stays unique."},
	"task.unknown":          {404, "There is no such task", "List them with habeas tasks list; an id may be cut short if it stays unique."},
	"case.refused":          {409, "The case does not allow this as it stands", "The code and the detail say why, and what has to happen first."},
	"case.not_yours":        {403, "Somebody else has to do this", "Ask a colleague with the permission: one person may not do both."},
	"restore.unconfirmed":   {409, "The server was restored and waits for a word", "Look at what may be missing since the backup, then confirm with habeas restore confirm; until then nothing is erased, sent out or forgotten."},
	"server.error":          {500, "Something went wrong here", "The server's log has the details under the request's id."},
	"server.unavailable":    {503, "The server is not ready", "Try again in a moment; see /readyz."},
	"server.not_configured": {501, "This server does not offer that", "It was started without the part that does."},
}

// Codes lists the stable codes in order, for the documentation.
func Codes() []string {
	out := make([]string, 0, len(codes))
	for c := range codes {
		out = append(out, c)
	}
	slices.Sort(out)
	return out
}

// NewProblem makes a problem of a known code.
func NewProblem(code, detail string) *Problem {
	c, ok := codes[code]
	if !ok {
		c = codes["server.error"]
		detail, code = "problem code without an entry", "server.error"
	}
	return &Problem{Type: "/problems/" + code, Title: c.title, Status: c.status, Code: code, Detail: detail}
}

// With adds a member of its own to the problem.
func (p *Problem) With(name string, v any) *Problem {
	if p.More == nil {
		p.More = map[string]any{}
	}
	p.More[name] = v
	return p
}

func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// MarshalJSON writes the members of RFC 9457 and those of the code's own.
func (p *Problem) MarshalJSON() ([]byte, error) {
	type plain Problem
	b, err := json.Marshal((*plain)(p))
	if err != nil || len(p.More) == 0 {
		return b, err
	}
	more, err := json.Marshal(p.More)
	if err != nil {
		return nil, err
	}
	return append(append(b[:len(b)-1], ','), more[1:]...), nil
}

// Write sends the problem.
func (p *Problem) Write(w http.ResponseWriter, r *http.Request) {
	p.Request = RequestID(r.Context())
	b, err := json.Marshal(p)
	if err != nil {
		b = []byte(`{"title":"Something went wrong here","status":500,"code":"server.error"}`)
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Del("ETag")
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="habeas"`)
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(b, '\n'))
}

// WriteProblem is for handlers mounted beside this package: status, stable
// code, and a detail that holds no value of the request.
func WriteProblem(w http.ResponseWriter, r *http.Request, status int, code, detail string) {
	p := &Problem{Type: "/problems/" + code, Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
	if c, ok := codes[code]; ok {
		p.Title = c.title
	}
	if status == http.StatusTooManyRequests && w.Header().Get("Retry-After") == "" {
		w.Header().Set("Retry-After", "1")
	}
	p.Write(w, r)
}

// problemPage explains a code in words: the type of a problem resolves to it.
func problemPage(w http.ResponseWriter, r *http.Request) {
	code := r.PathValue("code")
	c, ok := codes[code]
	if !ok {
		if i := slices.IndexFunc(desk.Refusals(), func(x cases.RefusalRow) bool { return string(x.Code) == code }); i >= 0 {
			refusalPage(w, desk.Refusals()[i])
			return
		}
		NewProblem("route.unknown", "").Write(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = fmt.Fprintf(w, "%s (%d)\n%s\n\n%s\n", code, c.status, strings.Repeat("=", len(code)+6), c.title+". "+c.remedy)
}

// refusalPage explains a code under which a case, or a task, refuses an act.
func refusalPage(w http.ResponseWriter, x cases.RefusalRow) {
	p := refusalProblem(&cases.Refusal{Code: x.Code, Text: x.Says})
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = fmt.Fprintf(w, "%s (%d)\n%s\n\n%s.\nIt rests on: %s.\n", x.Code, p.Status, strings.Repeat("=", len(x.Code)+6), strings.ToUpper(x.Says[:1])+x.Says[1:], x.Source)
}

// Remedy says what to do about a problem; empty for codes of others.
func Remedy(code string) string { return codes[code].remedy }
