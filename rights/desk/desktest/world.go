package desktest

import (
	"context"
	"errors"
	mrand "math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/audit/audittest"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/casebook"
	"github.com/habeas-data/habeas/projections/facets"
	"github.com/habeas-data/habeas/projections/findings"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/retention"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/rights/desk"
	rights "github.com/habeas-data/habeas/rights/retention"
)

// A World is a desk and everything around it. It speaks the shipped catalogue
// instant-connect, and its clock stands at Now until a test moves it.
type World struct {
	T     testing.TB
	Desk  *desk.Desk
	Audit *audit.Log
	// Journal is the audit log's, to make it fail.
	Journal *audittest.Journal
	Cat     *catalogue.Catalogue
	Now     time.Time
	Limit   desk.Limiter   // set before Open, as is Zone
	Zone    *time.Location // UTC if nil
	// InForce is the catalogue of an earlier moment, as the desk asks for it.
	InForce func(events.Instant) *catalogue.Catalogue
	// First is the first version of the catalogue, as the desk asks for it.
	First func() *catalogue.Catalogue
	// Earlier finds a version of the catalogue by its number, as the desk asks for it.
	Earlier func(uint32) *catalogue.Catalogue
	// SamePerson and DisposalMost are the desk's. Set before Open.
	SamePerson   func(a, b events.Code) bool
	DisposalMost int
	// Appended is told each event that the desk made durable; nil: nobody is.
	Appended func(*events.Event)
	// Before is told each event that the desk is about to make durable; nil: nobody
	// is.
	Before func(*events.Event)
	// FailAppend makes the journal take nothing; LoseAppend makes it take the event
	// and say that it failed.
	FailAppend, LoseAppend bool
	// Speaks are the systems and recipients that claim their tasks. Set before Open.
	Speaks map[events.Code]bool
	// Policy is how patient tasks are; zero: the usual. Set before Open.
	Policy cases.Policy
	// Rung counts how often the desk said that there may be something to claim, and
	// Revealed how often names were opened for a task.
	Rung, Revealed int
	// Requests is what people asked.
	Requests []rights.Request
	// Tasks is what the desk has tasks done with. Set before Open.
	Tasks desk.TaskDeps
	// Answers is what packages are made with. Set before Open.
	Answers desk.AnswerDeps
	// Keys is how the vault stands, for certificates; handles are counted as they
	// are forgotten.
	Keys desk.KeyFacts
	// FourEyes: lists of people need a second person. Set before Open.
	FourEyes bool
	// Frozen: the server was restored and nobody has confirmed it.
	Frozen bool
	store  *store
	vault  *vault
	rand   *mrand.ChaCha8 // goes on where the desk is opened again
	inv    *inventory.Applier
	id     identity.Applier
	fac    *facets.Applier
	find   *findings.Applier
	book   casebook.Applier
	count  int
	stamp  events.Instant
	last   events.Position // of the journal; the map may lag behind it
}

// New opens a world with nobody in it.
func New(t testing.TB) *World {
	t.Helper()
	cat, err := catalogue.LoadShipped("instant-connect")
	if err != nil {
		t.Fatal(err)
	}
	return NewWith(t, cat)
}

// NewWith opens a world that speaks another catalogue.
func NewWith(t testing.TB, cat *catalogue.Catalogue) *World {
	t.Helper()
	w := &World{T: t, Cat: cat, Now: time.Date(2025, 3, 24, 9, 26, 53, 0, time.UTC), store: newStore(), vault: newVault(), rand: mrand.NewChaCha8([32]byte{7})}
	var err error
	if w.inv, err = inventory.NewApplier(w.store, w.store.gone, w.store.bodies); err != nil {
		t.Fatal(err)
	}
	w.fac = facets.NewApplier(facets.NewIndex())
	if w.find, err = findings.NewApplier(w.store); err != nil {
		t.Fatal(err)
	}
	w.Audit, w.Journal = audittest.NewAt(t, func() time.Time { return w.Now })
	w.Open()
	t.Cleanup(func() {
		if w.store.opened != 0 {
			t.Errorf("%d views of the map were left open", w.store.opened)
		}
	})
	return w
}

// Open makes the desk anew, with what the test has set.
func (w *World) Open() {
	w.T.Helper()
	d, err := desk.Open(context.Background(), desk.Deps{
		Map: w.store, View: func() desk.View { w.store.opened++; return &view{store: w.store} },
		Finder: w.vault, Revealer: w.vault, Sealer: w.vault, Allocator: w.vault, Appender: appender{w}, Audit: w.Audit,
		Proofs: w.Audit, Keys: w.keyFacts, Tasks: w.tasks(), Answers: w.Answers,
		Forgetter: w.vault, Frozen: func() bool { return w.Frozen }, Facets: w.fac.Index, FourEyes: w.FourEyes,
		Catalogue: func() *catalogue.Catalogue { return w.Cat }, Limit: w.Limit,
		Zone: w.Zone, Last: func() events.Position { return w.last },
		InForce: func(at events.Instant) *catalogue.Catalogue {
			if w.InForce == nil {
				return nil
			}
			return w.InForce(at)
		},
		Earlier: func(v uint32) *catalogue.Catalogue {
			if w.Earlier == nil {
				return nil
			}
			return w.Earlier(v)
		},
		First: func() *catalogue.Catalogue {
			if w.First == nil {
				return nil
			}
			return w.First()
		},
		SamePerson: w.SamePerson, DisposalMost: w.DisposalMost,
		Requests: func(context.Context, desk.View, []events.Handle) ([]rights.Request, error) { return w.Requests, nil },
		Now:      func() time.Time { return w.Now }, Rand: w.rand,
	})
	if err != nil {
		w.T.Fatal(err)
	}
	w.Desk = d
}

// tasks is what the desk has tasks done with: what the test has set, and this world
// for the rest. Nothing is made side by side, for one goroutine owns the world.
func (w *World) tasks() desk.TaskDeps {
	t := w.Tasks
	t.Planning, t.Policy = 1, w.Policy
	if t.Names == nil {
		t.Names = w
	}
	if t.Retired == nil {
		t.Retired = w.vault.retiredOf
	}
	if t.Speaks == nil {
		t.Speaks = func(c events.Code) bool { return w.Speaks[c] }
	}
	if t.Ring == nil {
		t.Ring = func() { w.Rung++ }
	}
	return t
}

// RevealForTasks implements desk.TaskRevealer.
func (w *World) RevealForTasks(ctx context.Context, handles []events.Handle) (map[events.Handle]events.Identifier, error) {
	w.Revealed++
	return w.vault.Reveal(ctx, handles)
}

func (w *World) keyFacts(ctx context.Context, handles []events.Handle) (desk.KeyFacts, error) {
	k := w.Keys
	there, err := w.vault.Reveal(ctx, handles)
	k.Forgotten = len(handles) - len(there)
	return k, err
}

// BreakVault makes sealing fail, or work again.
func (w *World) BreakVault(broken bool) { w.vault.Broken = broken }

// Looked is how often the desk asked which handles are of one identifier.
func (w *World) Looked() int { return w.vault.looked }

// Notes is how many notes were sealed.
func (w *World) Notes() int { return len(w.vault.notes) }

// Note is what is sealed under an id; nothing if it was shredded.
func (w *World) Note(id events.EventID) []byte {
	b, err := w.vault.OpenNote(w.T.Context(), id)
	if err != nil {
		return nil
	}
	return b
}

// Shred destroys a note.
func (w *World) Shred(id events.EventID) { delete(w.vault.notes, id) }

// Lag lets the journal run ahead of the map.
func (w *World) Lag() { w.last.Seq += 3 }

// Caller is somebody with these roles.
func Caller(roles ...access.Role) access.Caller {
	return access.Caller{Token: "bcdfghjkmn", Name: "jo", Roles: roles}
}

// ID reads "kind=value".
func ID(s string) events.Identifier {
	kind, value, _ := strings.Cut(s, "=")
	return events.Identifier{Kind: events.Code(kind), Value: events.NewPlaintext(value)}
}

// Item is the handle of an item as a system knows it.
func (w *World) Item(system events.Code, id string) events.Ref { return w.vault.handle(system, ID(id)) }

// Forget removes an identifier from the vault, in every system.
func (w *World) Forget(id string) {
	for h, x := range w.vault.ids {
		if x.Equal(fold(ID(id))) {
			delete(w.vault.ids, h)
		}
	}
}

// Seal keeps a note and names it.
func (w *World) Seal(body string) events.EventID {
	id, err := w.vault.Seal(context.Background(), []byte(body))
	if err != nil {
		w.T.Fatal(err)
	}
	return id
}

// Report has a system say something about a person on a day ("2024-02-03", at
// noon) or at a moment (RFC 3339). ids are "kind=value", the primary first.
func (w *World) Report(kind events.Kind, system events.Code, when string, ids []string, change func(*events.Event)) events.Position {
	w.T.Helper()
	e := &events.Event{Kind: kind, Source: system, Time: w.instant(when), Flags: events.Anchored}
	for _, id := range ids {
		e.Subject = append(e.Subject, w.vault.handle(system, ID(id)))
	}
	if change != nil {
		change(e)
	}
	w.count++
	if e.ID.IsZero() {
		e.ID = w.vault.EventID(system, events.NewPlaintext(strconv.Itoa(w.count)))
	}
	at, err := w.Append(context.Background(), e, 1)
	if err != nil {
		w.T.Fatal(err)
	}
	return at
}

func (w *World) instant(s string) events.Instant {
	w.T.Helper()
	if d, err := events.ParseDate(s); err == nil {
		return events.InstantOf(d.Time().Add(12 * time.Hour))
	}
	t, err := events.ParseInstant(s)
	if err != nil {
		w.T.Fatal(err)
	}
	return t
}

var errAppend = errors.New("journal: not appended")

// An appender is the journal of the desk, that tells of what it took in.
type appender struct{ *World }

func (a appender) Append(ctx context.Context, e *events.Event, vault uint64) (events.Position, error) {
	if a.Before != nil {
		a.Before(e)
	}
	if a.FailAppend {
		return events.Position{}, errAppend
	}
	at, err := a.World.Append(ctx, e, vault)
	if err == nil && a.LoseAppend {
		return events.Position{}, errAppend
	}
	if err == nil && a.Appended != nil {
		a.Appended(e)
	}
	return at, err
}

// Append applies one event at the next position.
func (w *World) Append(_ context.Context, e *events.Event, _ uint64) (events.Position, error) {
	if err := inventory.Check(e); err != nil {
		return events.Position{}, err
	}
	at := events.Position{Generation: 1, Seq: w.last.Seq + 1}
	// Recorded as it happened, unless something was recorded later already.
	w.stamp = max(w.stamp, min(e.Time, events.InstantOf(w.Now)))
	r := &events.Recorded{Event: *e, Position: at, At: w.stamp, Catalogue: 1}
	if err := w.inv.Apply(w.store, r); err != nil {
		return events.Position{}, err
	}
	if err := (retention.Applier{}).Apply(w.store, r, w.inv.Noted().Changed); err != nil {
		return events.Position{}, err
	}
	if err := w.find.Apply(w.store, r, w.inv.Noted()); err != nil {
		return events.Position{}, err
	}
	if err := w.id.Apply(w.store, r); err != nil {
		return events.Position{}, err
	}
	if err := w.book.Apply(w.store, r); err != nil {
		return events.Position{}, err
	}
	w.fac.Apply(r, w.inv.Noted(), w.store.gone, w.id.Joined())
	w.inv.Flush(w.store)
	w.last, w.store.at = at, at
	err := w.fac.Flush(w.store, w.store, at, true)
	for err == nil && w.fac.Waiting() {
		err = w.fac.Flush(w.store, w.store, at, true)
	}
	if err != nil {
		return events.Position{}, err
	}
	return at, nil
}
