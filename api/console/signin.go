package console

import (
	"errors"
	"net"
	"net/http"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/events"
)

// A form shows again what was wrong with it. It never repeats a secret.
type form struct{ Error string }

func (c *Console) signInForm(w http.ResponseWriter, r *http.Request) {
	c.show(w, r, http.StatusOK, "signin", "Sign in", form{})
}

func (c *Console) signIn(w http.ResponseWriter, r *http.Request) {
	if !c.parse(w, r) {
		return
	}
	who, err := c.cfg.Access.Authenticate(events.NewPlaintext(r.PostForm.Get("token")))
	if err == nil {
		c.begin(w, r, who.Token)
		return
	}
	if c.tooMany(w, r) {
		return
	}
	c.show(w, r, http.StatusUnauthorized, "signin", "Sign in", form{"The token is not valid. It may be mistyped, expired or revoked. Ask whoever manages access for a new one."})
}

// tooMany holds wrong tokens and links to a rate, by address.
func (c *Console) tooMany(w http.ResponseWriter, r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if _, ok := c.tries.Take(host); ok {
		return false
	}
	w.Header().Set("Retry-After", "10")
	c.Refuse(w, r, api.NewProblem("rate.limited", "too many wrong tries from this address"))
	return true
}

func (c *Console) begin(w http.ResponseWriter, r *http.Request, token events.Code) {
	if err := c.cfg.Sessions.Begin(w, r, token); err != nil {
		c.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (c *Console) signOut(w http.ResponseWriter, r *http.Request) {
	c.cfg.Sessions.End(w, r)
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
}

// parse reads a small form.
func (c *Console) parse(w http.ResponseWriter, r *http.Request) bool {
	if err := r.ParseForm(); err != nil {
		c.Refuse(w, r, api.NewProblem("request.malformed", "the form could not be read"))
		return false
	}
	return true
}

// opening is the part of the page of a one-time link.
type opening struct {
	Path  string // of the link itself: a code, no personal data
	SetUp bool
	Error string
	Name  string
}

func (c *Console) link(w http.ResponseWriter, r *http.Request) (access.LinkFor, bool) {
	does, err := c.cfg.Links.Peek(events.NewPlaintext(r.PathValue("code")))
	// A set-up link is for the first people only: once there are any, whoever
	// finds it in an old terminal must not become one more.
	if err == nil && !(does.SetUp && c.cfg.Access.People()) {
		return does, true
	}
	if !c.tooMany(w, r) {
		c.show(w, r, http.StatusGone, "signin", "Sign in", form{"The link is not valid any more: it was used, or it is older than an hour. Start the server again for a new one, or sign in with a token."})
	}
	return does, false
}

// openForm asks before it uses the link up: scanners open links too.
func (c *Console) openForm(w http.ResponseWriter, r *http.Request) {
	if does, ok := c.link(w, r); ok {
		c.show(w, r, http.StatusOK, "open", "Welcome", opening{Path: r.URL.Path, SetUp: does.SetUp})
	}
}

func (c *Console) open(w http.ResponseWriter, r *http.Request) {
	does, ok := c.link(w, r)
	if !ok || !c.parse(w, r) {
		return
	}
	if does.SetUp {
		c.setUp(w, r)
		return
	}
	if _, err := c.cfg.Links.Redeem(events.NewPlaintext(r.PathValue("code"))); err != nil {
		c.link(w, r)
		return
	}
	c.begin(w, r, does.SignIn)
}

// opened shows the first tokens, this once.
type opened struct{ Name, Officer, AdminName, Admin string }

// setUp makes the first two tokens: who manages access sees no person's data,
// so one person who does both holds one token for each.
func (c *Console) setUp(w http.ResponseWriter, r *http.Request) {
	again := func(msg string) {
		c.show(w, r, http.StatusUnprocessableEntity, "open", "Welcome", opening{Path: r.URL.Path, SetUp: true, Error: msg})
	}
	name, err := events.ParseCode(r.PostForm.Get("name"))
	if err != nil || len(name) > events.MaxCode-len("-admin") {
		again("Choose a short name of lower-case letters and digits, such as jo or j.smith.")
		return
	}
	for _, t := range c.cfg.Access.List(r.Context()) {
		if t.Revoked.IsZero() && (t.Name == name || t.Name == name+"-admin") {
			again("That name is taken. Choose another.")
			return
		}
	}
	if _, err := c.cfg.Links.Redeem(events.NewPlaintext(r.PathValue("code"))); err != nil {
		c.link(w, r)
		return
	}
	officer, o, err1 := c.first(r, name, access.DPO)
	_, a, err2 := c.first(r, name+"-admin", access.Admin)
	if err := errors.Join(err1, err2); err != nil {
		c.fail(w, r, err)
		return
	}
	if err := c.cfg.Sessions.Begin(w, r, officer.ID); err != nil {
		c.fail(w, r, err)
		return
	}
	c.show(w, r, http.StatusOK, "opened", "Keep these tokens", opened{string(name), o.Expose(), string(name) + "-admin", a.Expose()})
}

// first makes one of the first tokens, on record.
func (c *Console) first(r *http.Request, name events.Code, role access.Role) (access.Token, events.Plaintext, error) {
	setUp := access.Caller{Token: "setup", Name: "setup"}
	if err := c.cfg.Record(r.Context(), setUp, "token.create", name); err != nil {
		return access.Token{}, events.Plaintext{}, err
	}
	return c.cfg.Access.Create(r.Context(), access.NewToken{Name: name, Roles: []access.Role{role}})
}
