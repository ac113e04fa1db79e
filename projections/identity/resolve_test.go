package identity_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/projectionstest"
)

// A history is drawn in words, one statement a line or after a semicolon:
//
//	crm sees crm#42 ann@ +44     crm reports through its own id
//	crm notes ann@ +44           crm reports without its own id
//	shop tells crm ann@ of shop#7  shop shared with crm, which knows her as ann@
//	crm links a b, unlinks a b   crm says that two of its identifiers are one
//	merge a b, split a b         a person says so
//	shared office@, unshared     a person marks an identifier
//	retract 3                    the third statement is taken back
//
// crm#42 is a local id of crm, ann@ an e-mail address, +44 a telephone number,
// nhs:9 an NHS number, name:ann a name.
type drawing struct {
	w        *projectionstest.World
	mem      *projectionstest.Memory
	statm    []*events.Event
	systems  map[string][]string // identifier -> systems that know it
	places   map[events.Handle]place
	mayJoin  func(kind, a, b events.Code) bool
	position []events.Position
}

type place struct{ id, system string }

func kindOf(id string) events.Code {
	switch {
	case strings.HasSuffix(id, "@"):
		return "email"
	case strings.HasPrefix(id, "+"):
		return "phone"
	case strings.HasPrefix(id, "nhs:"):
		return "nhs_number"
	case strings.HasPrefix(id, "name:"):
		return "name"
	}
	system, _, _ := strings.Cut(id, "#")
	return events.Code(system + ".id")
}

func draw(t interface{ Fatal(...any) }, script string) *drawing {
	d := &drawing{
		w: projectionstest.NewWorld(), mem: projectionstest.NewMemory(),
		systems: make(map[string][]string), places: make(map[events.Handle]place),
		mayJoin: func(_, _, _ events.Code) bool { return true },
	}
	for _, line := range strings.FieldsFunc(script, func(r rune) bool { return r == '\n' || r == ';' }) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		e := d.statement(words)
		d.statm = append(d.statm, e)
		if err := d.mem.Apply(d.w.Now(), e); err != nil {
			t.Fatal(err)
		}
		d.position = append(d.position, d.mem.Position)
	}
	if d.mem.Refused > 0 {
		t.Fatal("a statement was refused")
	}
	return d
}

func (d *drawing) ref(system, id string) events.Ref {
	h := projectionstest.HandleOf(system, id)
	if !slices.Contains(d.systems[id], system) {
		d.systems[id] = append(d.systems[id], system)
	}
	d.places[h] = place{id, system}
	return events.Ref{Handle: h, Kind: kindOf(id)}
}

func (d *drawing) refs(system string, ids []string) (out []events.Ref) {
	for _, id := range ids {
		out = append(out, d.ref(system, id))
	}
	return out
}

func (d *drawing) statement(words []string) *events.Event {
	switch words[0] {
	case "merge":
		return d.w.Event(events.SubjectLinked, "habeas", d.refs("habeas", words[1:])...)
	case "split":
		return d.w.Event(events.SubjectUnlinked, "habeas", d.refs("habeas", words[1:])...)
	case "shared", "unshared":
		e := d.w.Event(events.IdentifierMarked, "habeas", d.refs("habeas", words[1:])...)
		if words[0] == "shared" {
			e.Flags |= events.SharedMark
		}
		return e
	case "retract":
		var n int
		fmt.Sscan(words[1], &n)
		e := d.w.Event(events.EventRetracted, "habeas")
		e.Retracts, e.RetractsSource = d.statm[n-1].ID, d.statm[n-1].Source
		return e
	}
	if words[1] == "tells" {
		e := d.w.Event(events.RecordShared, words[0], d.ref(words[0], words[5]))
		e.Activity.Code, e.Recipient.Code, e.RecipientRef = "a", events.Code(words[2]), d.ref(words[2], words[3])
		return e
	}
	refs := d.refs(words[0], words[2:])
	switch words[1] {
	case "links":
		return d.w.Event(events.SubjectLinked, words[0], refs...)
	case "unlinks":
		return d.w.Event(events.SubjectUnlinked, words[0], refs...)
	}
	e := d.w.Event(events.RecordStored, words[0], refs...)
	e.Activity.Code = "a"
	if words[1] == "notes" {
		e.Flags &^= events.Anchored
	}
	return e
}

func (d *drawing) graph() *identity.MapGraph {
	return &identity.MapGraph{Reader: d.mem, MayJoinSystems: d.mayJoin,
		SiblingsOf: func(_ context.Context, h events.Handle) (out []identity.Member, _ error) {
			p, ok := d.places[h]
			if !ok {
				return nil, nil
			}
			for _, s := range d.systems[p.id] {
				out = append(out, identity.Member{Handle: projectionstest.HandleOf(s, p.id), System: events.Code(s), Kind: kindOf(p.id)})
			}
			return out, nil
		}}
}

func (d *drawing) who(t interface{ Fatal(...any) }, id string, q identity.Query) *identity.Person {
	var start []events.Handle
	for _, s := range d.systems[id] {
		start = append(start, projectionstest.HandleOf(s, id))
	}
	p, err := identity.Resolve(context.Background(), start, d.graph(), q)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// members writes the identifiers of a person, without habeas' own handles.
func (d *drawing) members(p *identity.Person) string {
	var out []string
	for _, m := range p.Members {
		if x := d.places[m.Handle].id; m.System != inventory.Operator && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func (d *drawing) contests(p *identity.Person) string {
	var out []string
	for _, c := range p.Contests {
		if s := d.places[c.On.Handle].id + ":" + string(c.Why); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func (d *drawing) candidates(p *identity.Person) string {
	var out []string
	for _, c := range p.Candidates {
		out = append(out, d.places[c.Primary.Handle].id+":"+string(c.Confidence))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// B1-B4: what joins, what only proposes, what is contested.
func TestResolve(t *testing.T) {
	for _, c := range []struct{ name, history, who, members, contests, candidates string }{
		{"one system", "crm sees crm#1 ann@ +44", "ann@", "+44 ann@ crm#1", "", ""},
		{"a source joins through its own id only", "crm notes ann@ +44", "ann@", "ann@", "", "+44:proposed"},
		{"same address in two systems", "crm sees crm#1 ann@; web sees web#7 ann@", "crm#1", "ann@ crm#1 web#7", "", ""},
		{"NHS number across systems", "gp sees gp#1 nhs:9; care sees care#5 nhs:9", "gp#1", "care#5 gp#1 nhs:9", "", ""},
		{"two contacts with one NHS number are one person", "crm sees crm#1 nhs:9; crm sees crm#2 nhs:9", "crm#1", "crm#1 crm#2 nhs:9", "", ""},
		{"shared mailbox", "crm sees crm#1 office@ ann@; crm sees crm#2 office@ bob@", "ann@", "ann@ crm#1", "office@:conflict", "crm#2:contested"},
		{"look up the shared mailbox", "crm sees crm#1 office@ ann@; crm sees crm#2 office@ bob@", "office@", "", "office@:conflict", "crm#1:contested crm#2:contested"},
		{"shared mailbox, other joins hold", "crm sees crm#1 office@ ann@; crm sees crm#2 office@; web sees web#3 ann@", "web#3", "ann@ crm#1 web#3", "office@:conflict", "crm#2:contested"},
		{"contested by two NHS numbers of different systems", "gp sees gp#1 nhs:8 ann@; care sees care#5 nhs:9 ann@", "gp#1", "gp#1 nhs:8", "ann@:conflict", "care#5:contested"},
		{"a chain of harmless joins", "crm sees crm#1 x@; web sees web#1 x@ y@; crm sees crm#2 y@", "crm#1", "crm#1", "x@:chain", "web#1:contested"},
		{"the middle of the chain", "crm sees crm#1 x@; web sees web#1 x@ y@; crm sees crm#2 y@", "web#1", "web#1", "x@:chain y@:chain", "crm#1:contested crm#2:contested"},
		{"what hangs on a chain stays", "crm sees crm#1 x@ z@; web sees web#1 x@ y@; crm sees crm#2 y@; shop sees shop#1 z@", "shop#1", "crm#1 shop#1 z@", "x@:chain", "web#1:contested"},
		{"weak only proposes", "crm sees crm#1 name:ann; crm sees crm#2 name:ann", "name:ann", "", "", "crm#1:weak crm#2:weak"},
		{"one name is still weak", "crm sees crm#1 name:ann", "name:ann", "", "", "crm#1:weak"},
		{"marked as shared", "crm sees crm#1 office@; shared office@", "crm#1", "crm#1", "office@:marked_shared", "office@:contested"},
		{"marked, then not", "crm sees crm#1 office@; shared office@; unshared office@", "crm#1", "crm#1 office@", "", ""},
		{"merged by hand", "crm sees crm#1 ann@; crm sees crm#2 anne@; merge crm#1 crm#2", "anne@", "ann@ anne@ crm#1 crm#2", "", ""},
		{"merged, then split", "crm sees crm#1 ann@; crm sees crm#2 anne@; merge crm#1 crm#2; split crm#1 crm#2", "anne@", "anne@ crm#2", "", ""},
		{"split, then merged again", "crm sees crm#1 ann@; crm sees crm#2 anne@; merge crm#1 crm#2; split crm#1 crm#2; merge crm#2 crm#1", "ann@", "ann@ anne@ crm#1 crm#2", "", ""},
		{"a merge that is retracted", "crm sees crm#1 ann@; crm sees crm#2 anne@; merge crm#1 crm#2; retract 3", "anne@", "anne@ crm#2", "", ""},
		{"split of what unique evidence joins", "crm sees crm#1 nhs:9; crm sees crm#2 nhs:9; split crm#1 crm#2", "crm#1", "crm#1 crm#2 nhs:9", "crm#2:cut_by_hand", ""},
		{"a shared address after a split", "crm sees crm#1 ann@; web sees web#7 ann@; split crm#1 web#7", "crm#1", "crm#1", "ann@:split_by_hand", "web#7:contested"},
		{"a shared address between two accounts that were split", "crm sees crm#1 ann@; crm sees crm#2 ann@; split crm#1 crm#2", "ann@", "", "ann@:split_by_hand", "crm#1:contested crm#2:contested"},
		{"a split and another two", "crm sees crm#1 ann@; crm sees crm#2 ann@; crm sees crm#3 ann@; split crm#1 crm#2", "crm#1", "crm#1", "ann@:conflict", "crm#2:contested crm#3:contested"},
		{"split of a direct join", "crm sees crm#1 ann@; split crm#1 ann@", "crm#1", "crm#1", "", ""},
		{"merging a contested address with its owner", "crm sees crm#1 office@; crm sees crm#2 office@; merge office@ crm#1", "crm#1", "crm#1 office@", "office@:conflict", "crm#2:contested"},
		{"a source links two of its own", "crm sees crm#1 ann@; crm links crm#1 crm#2", "ann@", "ann@ crm#1 crm#2", "", ""},
		{"a source unlinks", "crm sees crm#1 ann@; crm unlinks crm#1 ann@", "crm#1", "crm#1", "", ""},
		{"evidence retracted", "crm sees crm#1 ann@; retract 1", "crm#1", "crm#1", "", ""},
		{"evidence retracted, other evidence stands", "crm sees crm#1 ann@; crm sees crm#1 ann@ +44; retract 1", "crm#1", "+44 ann@ crm#1", "", ""},
		{"a retraction retracted", "crm sees crm#1 ann@; retract 1; retract 2", "crm#1", "ann@ crm#1", "", ""},
		{"either end first", "gp sees gp#1 nhs:9; gp sees nhs:9 gp#1; retract 1", "nhs:9", "gp#1 nhs:9", "", ""},
		{"either end first, both taken back", "gp sees gp#1 nhs:9; gp sees nhs:9 gp#1; retract 1; retract 2", "nhs:9", "nhs:9", "", ""},
		{"either end noted, one sees", "gp notes nhs:9 gp#1; gp sees gp#1 nhs:9", "nhs:9", "gp#1 nhs:9", "", ""},
		{"anchored later", "crm notes ann@ crm#1; crm sees crm#1 ann@", "ann@", "ann@ crm#1", "", ""},
		{"unknown", "crm sees crm#1 ann@", "zoe@", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := draw(t, c.history)
			p := d.who(t, c.who, identity.Query{})
			if got := d.members(p); got != c.members {
				t.Errorf("members: %q, want %q", got, c.members)
			}
			if got := d.contests(p); got != c.contests {
				t.Errorf("contests: %q, want %q", got, c.contests)
			}
			if got := d.candidates(p); got != c.candidates {
				t.Errorf("candidates: %q, want %q", got, c.candidates)
			}
			if len(p.Members) > 0 && len(p.Joins) != len(p.Members)-1 {
				t.Errorf("%d joins for %d members", len(p.Joins), len(p.Members))
			}
		})
	}
}

// B3: without the catalogue's permission the same identifier only proposes.
func TestNotPermitted(t *testing.T) {
	d := draw(t, "crm sees crm#1 ann@; payroll sees payroll#7 ann@")
	d.mayJoin = func(_, _, _ events.Code) bool { return false }
	p := d.who(t, "crm#1", identity.Query{})
	if got := d.members(p) + " | " + d.candidates(p); got != "ann@ crm#1 | payroll#7:proposed" {
		t.Errorf("by local id: %s", got)
	}
	p = d.who(t, "ann@", identity.Query{})
	if got := d.members(p) + " | " + d.candidates(p); got != " | crm#1:proposed payroll#7:proposed" {
		t.Errorf("by address: %s", got)
	}
	d = draw(t, "crm sees crm#1 ann@; payroll sees payroll#7 ann@; merge ann@ crm#1")
	d.mayJoin = func(_, _, _ events.Code) bool { return false }
	if got := d.members(d.who(t, "payroll#7", identity.Query{})); got != "ann@ crm#1 payroll#7" {
		t.Errorf("merged by hand: %s", got)
	}
}

// listing lets these systems, and no other, be joined by any kind.
func listing(systems ...events.Code) func(kind, a, b events.Code) bool {
	return func(_, a, b events.Code) bool { return slices.Contains(systems, a) && slices.Contains(systems, b) }
}

// B3: a system that the catalogue does not list joins nobody and spoils
// nobody's identifier; it only proposes.
func TestForeignSystemOnlyProposes(t *testing.T) {
	ours := "crm sees crm#1 ann@; shop sees shop#7 ann@;"
	var crowd strings.Builder
	for i := range 2 * identity.MaxNeighbours {
		fmt.Fprintf(&crowd, "evil sees evil#%d ann@;", i)
	}
	for name, script := range map[string]string{
		"one record": "evil sees evil#1 ann@", "two people": "evil sees evil#1 ann@; evil sees evil#2 ann@", "a crowd": crowd.String(),
	} {
		d := draw(t, ours+script)
		d.mayJoin = listing("crm", "shop")
		p := d.who(t, "crm#1", identity.Query{})
		if got := d.members(p) + " | " + d.contests(p); got != "ann@ crm#1 shop#7 | " {
			t.Errorf("%s: %s", name, got)
		}
		if len(p.Candidates) != 1 || p.Candidates[0].Primary.System != "evil" || p.Candidates[0].Confidence != identity.Proposed {
			t.Errorf("%s: candidates %+v", name, p.Candidates)
		}
		for _, m := range d.who(t, "evil#1", identity.Query{}).Members {
			if m.System == "crm" || m.System == "shop" {
				t.Errorf("%s: the foreign record joined %s", name, m.System)
			}
		}
	}
	// Of the foreign system itself the same holds as ever.
	d := draw(t, ours+crowd.String())
	d.mayJoin = listing("crm", "shop")
	if got := d.contests(d.who(t, "evil#1", identity.Query{})); got != "ann@:crowded" {
		t.Errorf("the foreign system's own: %s", got)
	}
	// A person may still say that the records are one's.
	d = draw(t, ours+"evil sees evil#1 ann@; merge ann@ evil#1")
	d.mayJoin = listing("crm", "shop")
	if got := d.members(d.who(t, "evil#1", identity.Query{})); got != "ann@ crm#1 evil#1 shop#7" {
		t.Errorf("merged by hand: %s", got)
	}
	d = draw(t, ours+"shared ann@")
	d.mayJoin = listing("crm", "shop")
	if got := d.contests(d.who(t, "crm#1", identity.Query{})); got != "ann@:marked_shared" {
		t.Errorf("marked by hand: %s", got)
	}
}

// B3: naming somebody's identifier as a recipient's joins and crowds nothing
// unless both systems list the kind.
func TestForeignNamesDoNotCrowd(t *testing.T) {
	var b strings.Builder
	for i := range 2 * identity.MaxNeighbours {
		fmt.Fprintf(&b, "evil tells crm ann@ of evil#%d;", i)
	}
	d := draw(t, b.String()+"crm sees crm#1 ann@; shop sees shop#7 ann@")
	d.mayJoin = listing("crm", "shop")
	p := d.who(t, "shop#7", identity.Query{})
	if got := d.members(p) + " | " + d.contests(p); got != "ann@ crm#1 shop#7 | " {
		t.Errorf("named by a foreign system: %s", got)
	}
	d = draw(t, "shop tells crm ann@ of shop#7; crm sees crm#1 ann@")
	d.mayJoin = listing("crm", "shop")
	if got := d.members(d.who(t, "shop#7", identity.Query{})); got != "ann@ crm#1 shop#7" {
		t.Errorf("named where both list the kind: %s", got)
	}
}

// B1: more than 32 neighbours of one kind, and an identifier is shared.
func TestCrowded(t *testing.T) {
	var b strings.Builder
	for i := range identity.MaxNeighbours {
		fmt.Fprintf(&b, "shop sees shop#%d desk@;", i)
	}
	few := draw(t, "crm sees crm#1 +44; "+b.String())
	if got := few.contests(few.who(t, "shop#1", identity.Query{})); got != "desk@:conflict" {
		t.Errorf("32 neighbours: %s", got)
	}
	b.WriteString("shop sees shop#99 desk@")
	many := draw(t, b.String())
	p := many.who(t, "shop#1", identity.Query{})
	if got := many.members(p) + " | " + many.contests(p); got != "shop#1 | desk@:crowded" {
		t.Errorf("33 neighbours: %s", got)
	}
	p = many.who(t, "desk@", identity.Query{})
	if len(p.Members) > 0 || len(p.Candidates) < identity.MaxNeighbours {
		t.Errorf("look up: %d members, %d candidates", len(p.Members), len(p.Candidates))
	}
	p = many.who(t, "desk@", identity.Query{Known: inventory.Known{Position: many.position[31]}})
	if got := many.contests(p); got != "desk@:conflict" {
		t.Errorf("as known before the 33rd: %s", got)
	}
}

// A person made of more handles than are looked at is contested, not guessed.
func TestLimit(t *testing.T) {
	var b strings.Builder
	for i := range 30 { // each number of one system leads to one of the next
		fmt.Fprintf(&b, "s%d sees s%d#1 m%d@ m%d@;", i, i, i, i+1)
	}
	d := draw(t, b.String())
	if p := d.who(t, "m0@", identity.Query{}); len(p.Contests) > 0 || len(p.Members) < 60 {
		t.Errorf("without a limit: %d members, %s", len(p.Members), d.contests(p))
	}
	p := d.who(t, "m0@", identity.Query{Limit: 20})
	if len(p.Contests) == 0 || p.Contests[0].Why != identity.WhyLimit {
		t.Errorf("limited: %d members, contests %s", len(p.Members), d.contests(p))
	}
}

// C3: as known then, later evidence, words and marks do not exist.
func TestAsKnown(t *testing.T) {
	d := draw(t, "crm sees crm#1 ann@; web sees web#1 ann@; shared ann@; retract 3; web sees web#2 +44; merge crm#1 +44")
	for i, want := range []string{
		"ann@ crm#1", "ann@ crm#1 web#1", "crm#1", "ann@ crm#1 web#1", "ann@ crm#1 web#1",
		"+44 crm#1", // +44 brings web#2, which cannot be web#1: the address between them is contested
	} {
		p := d.who(t, "crm#1", identity.Query{Known: inventory.Known{Position: d.position[i]}})
		if got := d.members(p); got != want {
			t.Errorf("as known after %d: %q, want %q", i+1, got, want)
		}
	}
}

// Whoever of a person one starts from, the members are the same; and the order
// in which things were said does not matter, unless one takes another back.
func TestResolveIsSymmetricAndOrderFree(t *testing.T) {
	ids := []string{"crm#1", "crm#2", "crm#3", "web#1", "web#2", "ann@", "bob@", "office@", "+44", "+45", "nhs:9"}
	rapid.Check(t, func(rt *rapid.T) {
		var lines []string
		for range rapid.IntRange(1, 8).Draw(rt, "statements") {
			system := rapid.SampledFrom([]string{"crm", "web"}).Draw(rt, "system")
			n := rapid.IntRange(1, 3).Draw(rt, "others")
			line := system + " sees " + system + fmt.Sprint("#", rapid.IntRange(1, 3).Draw(rt, "id"))
			for range n {
				line += " " + rapid.SampledFrom(ids[5:]).Draw(rt, "other")
			}
			if rapid.IntRange(0, 9).Draw(rt, "hand") == 0 {
				line = "merge " + rapid.SampledFrom(ids).Draw(rt, "a") + " " + rapid.SampledFrom(ids).Draw(rt, "b")
			}
			lines = append(lines, line)
		}
		d := draw(rt, strings.Join(lines, ";"))
		shuffled := rapid.Permutation(lines).Draw(rt, "order")
		o := draw(rt, strings.Join(shuffled, ";"))
		for id := range d.systems {
			p := d.who(rt, id, identity.Query{})
			q := o.who(rt, id, identity.Query{})
			if a, b := d.members(p)+"|"+d.contests(p)+"|"+d.candidates(p), o.members(q)+"|"+o.contests(q)+"|"+o.candidates(q); a != b {
				rt.Fatalf("%s: %s in one order, %s in another:\n%s", id, a, b, strings.Join(lines, "\n"))
			}
			for _, m := range p.Members {
				r, err := identity.Resolve(context.Background(), []events.Handle{m.Handle}, d.graph(), identity.Query{Exact: true})
				if err != nil {
					rt.Fatal(err)
				}
				if a, b := d.members(p), d.members(r); a != b {
					rt.Fatalf("from %s: %s; from %s: %s:\n%s", id, a, d.places[m.Handle].id, b, strings.Join(lines, "\n"))
				}
			}
			single(rt, d, p)
		}
	})
}

// single: a person has one value of each unique kind in each system, save what
// unique evidence itself or a person's hand put together.
func single(rt *rapid.T, d *drawing, p *identity.Person) {
	for _, j := range p.Joins {
		if j.By == identity.ByUnique || j.By == identity.ByHand {
			return
		}
	}
	seen := make(map[string]string)
	for _, m := range p.Members {
		if m.Kind.System() != "" && m.System != inventory.Operator {
			k := string(m.System) + "/" + string(m.Kind)
			if seen[k] != "" {
				rt.Fatalf("two values of %s in one person: %s", k, d.members(p))
			}
			seen[k] = d.places[m.Handle].id
		}
	}
}
