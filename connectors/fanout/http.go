package fanout

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/events"
)

// An HTTP serves the three doors of a system. Who says, of a request that passed
// the permission check, who asks; Problem writes an error in the API's form.
type HTTP struct {
	Fanout  *Fanout
	Who     func(*http.Request) access.Caller
	Problem func(w http.ResponseWriter, r *http.Request, status int, code, detail string)
}

const maxClaimBytes = 4 << 10

// Claim serves POST /v1/systems/{id}/tasks/claim.
func (h *HTTP) Claim(w http.ResponseWriter, r *http.Request) {
	system, ok := h.system(w, r)
	if !ok {
		return
	}
	c, err := decodeClaim(http.MaxBytesReader(w, r.Body, maxClaimBytes))
	if err != nil {
		h.fail(w, r, err)
		return
	}
	list, err := h.Fanout.Claim(r.Context(), h.Who(r), system, c)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	if list.RetryAfterSeconds > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(list.RetryAfterSeconds))
	}
	answer(w, list)
}

// Report serves POST /v1/systems/{id}/tasks/{task}/report.
func (h *HTTP) Report(w http.ResponseWriter, r *http.Request) {
	system, ok := h.system(w, r)
	if !ok {
		return
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, events.MaxWorkReport))
	if err != nil {
		h.fail(w, r, &Refusal{Status: http.StatusRequestEntityTooLarge, Code: "request.too_large", Detail: "a report has at most 256 KiB; files go as copies"})
		return
	}
	report, err := events.DecodeWorkReport(b)
	if err != nil {
		h.fail(w, r, &Refusal{Status: http.StatusBadRequest, Code: "request.malformed", Detail: err.Error()})
		return
	}
	got, err := h.Fanout.Report(r.Context(), h.Who(r), system, r.PathValue("task"), report)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	answer(w, got)
}

// Copy serves PUT /v1/systems/{id}/tasks/{task}/copies/{name}. The body is read
// as it comes and rests nowhere unsealed.
func (h *HTTP) Copy(w http.ResponseWriter, r *http.Request) {
	system, ok := h.system(w, r)
	if !ok {
		return
	}
	who := h.Who(r)
	if !who.MayActAs(system) {
		h.fail(w, r, &Refusal{Status: http.StatusForbidden, Code: "permission.denied", Detail: "a system sends copies for its own tasks and nobody else does"})
		return
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		media = "application/octet-stream"
	}
	got, err := h.Fanout.cfg.Desk.Copy(r.Context(), who, system, r.PathValue("task"), r.PathValue("name"), media, r.Body)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	answer(w, got)
}

func (h *HTTP) system(w http.ResponseWriter, r *http.Request) (events.Code, bool) {
	system, err := events.ParseCode(r.PathValue("id"))
	if err != nil {
		h.Problem(w, r, http.StatusBadRequest, "request.malformed", "want the id of a system in the path")
		return "", false
	}
	return system, true
}

func (h *HTTP) fail(w http.ResponseWriter, r *http.Request, err error) {
	no := h.Fanout.refusal(r.Context(), err)
	if no.After > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(no.After.Seconds()))))
	}
	h.Problem(w, r, no.Status, no.Code, no.Detail)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	// What was claimed or reported is durable; an answer that is lost is mended by
	// the end of the lease, or by reporting again.
	_ = json.NewEncoder(w).Encode(v)
}

// decodeClaim reads a claim strictly. An empty body asks for one task.
func decodeClaim(r io.Reader) (c events.WorkClaim, err error) {
	b, err := io.ReadAll(r)
	if err == nil && len(b) > 0 {
		err = strict(b, &c)
	}
	if err != nil {
		return c, &Refusal{Status: http.StatusBadRequest, Code: "request.malformed", Detail: "want a JSON object with max, wait_seconds and lease_seconds, each a number or left out"}
	}
	return c, nil
}

var errMore = errors.New("more follows the document")
