package api

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/habeas-data/habeas/rights/desk"
)

// certificate gives a certificate that was drawn, in the form that is asked for.
// The file is byte for byte what is verified.
func (s *Server) certificate(w http.ResponseWriter, r *http.Request) {
	q := desk.CertificateQuery{Caller: CallerOf(r.Context()), Case: r.PathValue("id")}
	var f fields
	if n := r.URL.Query().Get("number"); n != "" {
		var err error
		if q.Number, err = strconv.Atoi(n); err != nil || q.Number < 1 {
			f.fail("number", errors.New("want a number from 1"))
		}
	}
	form := r.URL.Query().Get("form")
	if form != "" && form != "file" && form != "pdf" && form != "json" {
		f.fail("form", errors.New("want file, pdf or json"))
	}
	if f.bad != nil {
		f.bad.Write(w, r)
		return
	}
	v, err := s.cfg.Cases.Certificate(r.Context(), q)
	switch {
	case err != nil:
		keepCase(s, w, r, v, err)
	case form == "pdf" || strings.Contains(r.Header.Get("Accept"), "application/pdf"):
		sendFile(w, "application/pdf", "certificate.pdf", v.PDF)
	case form == "file":
		sendFile(w, "application/json", "certificate.json", v.File)
	default:
		WriteJSON(w, r, http.StatusOK, v)
	}
}

// fetchPackage streams a package. One that breaks off ends the connection, so that
// nobody takes it for whole.
func (s *Server) fetchPackage(w http.ResponseWriter, r *http.Request) {
	p, err := s.cfg.Cases.DownloadPackage(r.Context(), desk.DownloadOrder{CaseStep: desk.CaseStep{Caller: CallerOf(r.Context()), Case: r.PathValue("id")}, Package: r.URL.Query().Get("package")})
	if err != nil {
		keepCase(s, w, r, p, err)
		return
	}
	SendPackage(w, r, p, s.cfg.Log)
}

// SendPackage streams a package on its way out and closes it.
func SendPackage(w http.ResponseWriter, r *http.Request, p *desk.PackageFetch, log *slog.Logger) {
	defer p.Body.Close() //nolint:errcheck // it was only read
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Length", strconv.FormatInt(p.View.Bytes, 10))
	h.Set("Content-Disposition", `attachment; filename="habeas-`+p.View.Case[:min(12, len(p.View.Case))]+`.zip.age"`)
	// The writer of a stream is let go piece by piece; each piece has its time.
	control := http.NewResponseController(w)
	b := make([]byte, 256<<10)
	for {
		n, err := p.Body.Read(b)
		if n > 0 {
			_ = control.SetWriteDeadline(time.Now().Add(stepTime))
			if _, werr := w.Write(b[:n]); werr != nil {
				return // whoever asked went away; what was given is on record
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			log.ErrorContext(r.Context(), "a package broke off", "request", RequestID(r.Context()), "error", err)
			panic(http.ErrAbortHandler)
		}
	}
}

// sendFile sends bytes as a file to be kept. Its name says what it is, not whose.
func sendFile(w http.ResponseWriter, media, name string, b []byte) {
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = w.Write(b)
}
