package test

import (
	"slices"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/test/house"
)

// importRules is the import table of docs/architecture.md. A package that is
// not here fails the test: say what it may import, and why, before writing it.
// "x/..." means x and everything below it. Test files are free, but for rule
// TestDoors.
var importRules = []struct {
	pkg   string
	may   []string
	since string // the reason: what would break without the rule
}{
	{"events", nil,
		"the vocabulary is imported by everybody, so whatever it imports everybody imports; standard library only"},
	{"events/journal", []string{"events"},
		"the log keeps frames and knows nothing of people, so a fault in the map or the vault cannot reach it"},
	{"events/journal/journaltest", []string{"events", "events/journal"},
		"the fake lives beside the real log and speaks its types"},
	{"events/eventstest", []string{"events"},
		"samples of events for everybody's tests"},
	{"audit/audittest", []string{"events", "audit"},
		"the fake lives beside the real log and speaks its types"},
	{"projections/projectionstest", []string{"events", "events/eventstest", "projections/..."},
		"the fake source lives beside the map"},
	{"internal/failpoint", nil,
		"a named step for tests to stop at; it must weigh nothing in every package that has durable steps"},
	{"internal/atomicfile", []string{"internal/failpoint"},
		"replaces a file whole; every package that keeps a file beside the journal needs it, so it knows none of them"},
	{"internal/tagpdf", nil,
		"sets text as pages and knows nothing of what it says; with nothing of ours in reach it can add nothing to it"},
	{"internal/tagpdf/tagpdftest", []string{"internal/tagpdf"},
		"a document with everything in it, for tests"},
	{"internal/runs", []string{"internal/atomicfile", "internal/failpoint"},
		"keeps rows for whoever can make them again; knows nothing of what they mean"},
	{"config", []string{"events"},
		"configuration is words and numbers; it opens nothing, so reading it can never have an effect"},
	{"catalogue/...", []string{"events", "catalogue/..."},
		"the declared side is read without the observed side, or it could not be compared with it"},
	{"vault/...", []string{"events", "vault/...", "internal/runs"},
		"the one place that can name a person must be judged by itself; it reaches the log through an interface it declares"},
	{"vault/files", []string{"events"},
		"keeps bytes under keys that are the vault's notes; it takes the vault as an interface and knows nothing of what it keeps"},
	{"audit", []string{"events"},
		"the record of looks must not depend on what was looked at"},
	{"access", []string{"events"},
		"who may do what is decided without looking at data"},
	{"projections/...", []string{"events", "projections/...", "internal/runs"},
		"I4: with no vault, clock or catalogue in reach, a fold can only depend on the events"},
	{"rights", []string{"events", "catalogue"},
		"the law is a pure function; it sees facts and declarations, never stores"},
	{"rights/retention", []string{"events", "catalogue"},
		"I10: until when something is kept is a pure function of what was declared and what happened; the day is an argument"},
	{"rights/clock", []string{"events"},
		"by when an answer is due is arithmetic over facts; with no catalogue, store or clock in reach anybody can count it again"},
	{"rights/decide", []string{"events", "catalogue", "rights/retention"},
		"what the law asks for each holding is a pure function of facts, declarations and clocks; nothing in reach of it can act"},
	{"rights/answer", []string{"events", "catalogue", "rights/decide"},
		"what a person gets is a pure function of what is held, what was decided and the law of the day; what is left out cannot be reached from it"},
	{"rights/answer/render", []string{"events", "catalogue", "rights/answer", "internal/tagpdf"},
		"turns an answer into pages; everything it says is in the answer"},
	{"rights/answer/pack", []string{"events", "rights/answer", "rights/answer/render"},
		"puts an answer and its copies into one encrypted file on their way out; it reads no store and writes no file"},
	{"rights/cases", []string{"events", "catalogue", "rights/clock", "rights/decide", "rights/retention"},
		"what may follow what in a case or a task is a pure function of its facts; with no store and no clock in reach it is the same after a restart"},
	{"rights/ropa", []string{"events", "catalogue"},
		"the record of Article 30 is a pure function of what was declared and what was seen"},
	{"rights/observed", []string{"events", "catalogue", "catalogue/rules"},
		"where observed and declared disagree is a pure function of both; it shares the verdicts of the rules over the catalogue alone"},
	{"rights/certificate", []string{"events", "audit", "internal/tagpdf"},
		"a certificate is judged by whoever is given it: nothing but the public key and the shapes of the audit log are in reach of it"},
	{"rights/desk/desktest", []string{"..."},
		"a whole world for tests of the desk and of the API"},
	{"rights/desk/...", []string{"events", "rights", "rights/answer/...", "rights/cases", "rights/certificate", "rights/clock", "rights/decide", "rights/observed", "rights/retention", "rights/ropa", "rights/desk/...", "vault/...", "projections/...", "catalogue", "audit", "access"},
		"the one service that may bring map, names and law together; I7 is upheld at this door"},
	{"connectors/ingest", []string{"events", "connectors", "access"},
		"the gateway takes the vault and the journal as interfaces, so it can be tested against fakes that enforce their contracts"},
	{"connectors/fanout", []string{"events", "connectors", "access"},
		"fan-out takes the desk and the book as interfaces: it carries whom a task is about in a live reply, and cannot look it up"},
	{"connectors/sdk", nil,
		"a module of its own for systems: it speaks the published form and knows nothing of the server"},
	{"connectors/...", []string{"events", "connectors/..."},
		"a connector acts on a task; it must not be able to read the map or the vault"},
	{"api", []string{"events", "rights/desk", "rights/cases", "rights/clock", "rights/decide", "rights/ropa", "api/ropaview", "access", "catalogue", "audit"},
		"HTTP is a reader of the desk like any other; a handler that could reach a store could skip the audit (I7). Of audit it uses the record's own shapes"},
	{"api/...", []string{"events", "rights/desk", "rights/cases", "rights/clock", "rights/decide", "rights/ropa", "access", "catalogue", "api/..."},
		"the console is a client of the desk like any other"},
	{"demo/standin", []string{"events"},
		"stand-ins take tasks over the published interface, as anybody's system would"},
	{"demo", []string{"events", "catalogue/..."},
		"the generator speaks to the server as source systems do, through events only"},
	{"api/textview", []string{"events"},
		"turns an answer into words; everything it says is in the answer"},
	{"cmd/habeas/...", []string{"..."},
		"the one place where everything is opened and wired"},
	{"test/...", []string{"..."},
		"tests and measuring programs may reach everything; nothing imports them"},
}

// common packages may be imported by every package but events.
var common = []string{"internal/failpoint", "internal/atomicfile"}

// guarded lists libraries that only some packages may use.
var guarded = []struct {
	lib   string
	by    []string
	since string
}{
	{"github.com/nats-io/", []string{"events/journal/...", "connectors/ingest", "connectors/fanout", "connectors/sdk", "cmd/habeas/...", "test/..."},
		"journal subjects are private: only the log and the gateway's own endpoint speak NATS"},
	{"github.com/dgraph-io/badger/", []string{"test/..."},
		"something we are measured against, not a store of ours (ADR 0013)"},
	{"filippo.io/age", []string{"vault/files", "rights/answer/pack", "cmd/habeas/...", "test/..."},
		"what leaves or rests encrypted is encrypted in two places, so that each can be read and judged"},
	{"github.com/spf13/", []string{"cmd/habeas/...", "config", "test/..."},
		"flags and files become one Config before anything is opened"},
	{"github.com/RoaringBitmap/", []string{"projections/facets", "test/..."},
		"sets of ordinals are the facets' own; others use them by the name that facets gives"},
	{"github.com/jackc/", []string{"test/...", "cmd/habeas/...", "connectors/..."},
		"PostgreSQL is something we are measured against or connect to, never a store of ours"},
	{"net/http", []string{"api/...", "access", "connectors/...", "cmd/habeas/...", "demo/...", "test/..."},
		"only the edges speak HTTP (access sets the session cookie); a store or a rule that could call out could leak (I1)"},
	{"math/rand", []string{"demo", "test/..."},
		"seeded randomness is for the generator and the tests; everything else takes an io.Reader or crypto/rand"},
	{"math/rand/v2", []string{"demo", "rights/desk/desktest", "test/...", "connectors/...", "cmd/habeas/..."},
		"as above; retry jitter at the edges is allowed"},
	{"unsafe", nil, "no package needs it"},
}

func TestImports(t *testing.T) {
	for _, p := range tree(t).Packages {
		may, why, ok := ruleOf(p.Path)
		if !ok {
			t.Errorf("%s: no row in importRules (test/imports_test.go); add one with its reason", p.Path)
			continue
		}
		for _, f := range p.Files {
			if f.Test {
				continue
			}
			for _, im := range f.Imports {
				of, ours := house.Internal(im)
				if ours && !allowed(of, may) && (p.Path == "events" || !allowed(of, common)) {
					t.Errorf("%s imports %s: not allowed, because %s", f.Path, of, why)
				}
				if !ours && p.Path == "events" && !house.IsStandard(im) {
					t.Errorf("%s imports %s: not allowed, because %s", f.Path, im, why)
				}
			}
		}
	}
}

func TestGuardedLibraries(t *testing.T) {
	for _, p := range tree(t).Packages {
		for _, f := range p.Files {
			if f.Test {
				continue
			}
			for _, im := range f.Imports {
				for _, g := range guarded {
					if im != g.lib && !(strings.HasSuffix(g.lib, "/") && strings.HasPrefix(im, g.lib)) {
						continue
					}
					if !allowed(p.Path, g.by) {
						t.Errorf("%s imports %s: not allowed, because %s", f.Path, im, g.since)
					}
				}
			}
		}
	}
}

// testImporters may import from test/: `habeas bench` is the measuring program
// of test/bench as a command, so that anybody can repeat the measurements.
var testImporters = map[string]string{"cmd/habeas": "test/bench/..."}

// insiders may import a command: test/lives runs the built program, and for the
// sweep that forgets, which only its own schedule starts, the server in process.
var insiders = map[string]string{"test/lives": "cmd/habeas/server"}

// TestDoors holds test files too: nothing may import cmd or test, or a test
// could come to depend on the program it tests from outside.
func TestDoors(t *testing.T) {
	for _, p := range tree(t).Packages {
		for _, f := range p.Files {
			for _, im := range f.Imports {
				of, ours := house.Internal(im)
				if ours && allowed(of, []string{"cmd/..."}) && !allowed(p.Path, []string{"cmd/..."}) && insiders[p.Path] != of {
					t.Errorf("%s imports %s: a command is run, not imported", f.Path, of)
				}
				if ours && allowed(of, []string{"test/..."}) && !allowed(p.Path, []string{"test/..."}) &&
					!allowed(of, []string{testImporters[p.Path]}) {
					t.Errorf("%s imports %s: what a package's tests need lives beside the package", f.Path, of)
				}
			}
		}
	}
}

// pure lists packages that must give the same answer for the same events for
// ever (I4): they may not read a clock, draw a number or touch the machine.
var pure = []string{"events", "projections/inventory", "projections/identity", "projections/facets", "projections/retention", "projections/findings", "projections/casebook", "rights", "rights/answer", "rights/cases", "rights/clock", "rights/decide", "rights/retention", "rights/observed", "rights/certificate"}

func TestPurePackages(t *testing.T) {
	tr := tree(t)
	banned := []string{"os", "net", "net/http", "crypto/rand", "math/rand", "math/rand/v2", "log", "runtime", "os/exec"}
	for _, p := range tr.Packages {
		if !slices.Contains(pure, p.Path) {
			continue
		}
		for _, f := range p.Files {
			if f.Test {
				continue
			}
			for _, im := range f.Imports {
				if slices.Contains(banned, im) {
					t.Errorf("%s imports %s: the package is pure (I4)", f.Path, im)
				}
			}
			for _, name := range []string{"Now", "Since", "Until", "After", "Tick", "NewTimer", "NewTicker", "Sleep"} {
				for _, c := range tr.Functions(f, "time", name) {
					t.Errorf("%s:%d reads the clock (time.%s): the package is pure, time is an argument (I4)", f.Path, c.Line, name)
				}
			}
		}
	}
}

// ruleOf returns the most exact row for a package.
func ruleOf(pkg string) (may []string, why string, ok bool) {
	best := -1
	for _, r := range importRules {
		if allowed(pkg, []string{r.pkg}) && len(r.pkg) > best {
			exact := r.pkg == pkg
			if exact {
				return r.may, r.since, true
			}
			best, may, why, ok = len(r.pkg), r.may, r.since, true
		}
	}
	return may, why, ok
}

func allowed(pkg string, patterns []string) bool {
	for _, p := range patterns {
		if p == "..." || p == pkg {
			return true
		}
		if base, ok := strings.CutSuffix(p, "/..."); ok && (pkg == base || strings.HasPrefix(pkg, base+"/")) {
			return true
		}
	}
	return false
}
