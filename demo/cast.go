package demo

import (
	"fmt"
	"math/rand/v2"

	"github.com/habeas-data/habeas/events"
)

// A Persona is one invented person that guides and tests may name.
type Persona struct {
	Key  string // short name
	Find string // an identifier to look the person up by: KIND=VALUE
	// Story says what the person is there to show.
	Story string
}

// person is one member of the cast: the names by which the systems know them.
type person struct {
	n      int
	r      *rand.Rand // this person's own, so that others change nothing
	email  string
	phone  string
	role   events.Code
	joined float64 // when they first appear, as a fraction of the story
	ends   float64 // when they leave for good: nothing new is done with their data after that
	quiet  float64 // when promotion ends, because they said no
}

// never is a moment after every story.
const never = 9

// active reports whether the person has an account from which something can
// happen at a moment.
func (p *person) active(f float64) bool { return f >= p.joined && f < p.ends }

var (
	firstNames = []string{"amara", "ben", "chiara", "dilys", "emeka", "farah", "gethin", "hana", "idris", "joan",
		"kemi", "lewis", "mina", "noor", "oskar", "petra", "quinn", "rhian", "sunil", "tessa", "uma", "viktor", "wanda", "yusuf", "zofia"}
	lastNames = []string{"abbot", "brook", "carver", "dunmore", "ellwood", "fenwick", "garrow", "hollins", "ibbot", "jessop",
		"kerrow", "larkin", "mottram", "nairn", "oakes", "penrose", "quill", "rudge", "sallow", "thorne", "upton", "vane", "wray", "yarrow"}
	mailHosts = []string{"example.org", "example.net"}
)

// newPerson makes up member n of the cast.
func (s *script) newPerson(n int, role events.Code) *person {
	r := rand.New(rand.NewPCG(s.cfg.Seed, uint64(n)+1))
	p := &person{n: n, r: r, role: role, joined: 0.02 + 0.7*r.Float64(), ends: never, quiet: never}
	p.email = fmt.Sprintf("%s.%s%d@%s", pick(r, firstNames), pick(r, lastNames), n, pick(r, mailHosts))
	p.phone = dramaPhone(n)
	return p
}

// dramaPhone gives each of the first people a number of their own from the
// ranges that are kept for drama, and the rest none. The second hundred belongs
// to the personas.
func dramaPhone(n int) string {
	if n >= 100 {
		n += 100
	}
	switch {
	case n < 1000:
		return fmt.Sprintf("+4477009%05d", n)
	case n < 2000:
		return fmt.Sprintf("+441632960%03d", n-1000)
	}
	return ""
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func (p *person) member() events.Identifier { return id("platform.member", fmt.Sprint("M", 1000+p.n)) }
func (p *person) customer() events.Identifier {
	return id("finance.customer", fmt.Sprint("C", 70000+p.n))
}
func (p *person) contact() events.Identifier { return id("support.contact", fmt.Sprint("S", 3000+p.n)) }
func (p *person) lead() events.Identifier    { return id("marketing.contact", fmt.Sprint("K", 5000+p.n)) }
func (p *person) visitor() events.Identifier {
	return id("web.visitor", fmt.Sprintf("v-%08x", uint32(p.n+1)*2654435761))
}
func (p *person) mail() events.Identifier { return id("email", p.email) }
func (p *person) tel() events.Identifier  { return id("phone", p.phone) }

// onPlatform, onFinance, ... are the names each system uses for the person.
func (p *person) onPlatform() []events.Identifier {
	return []events.Identifier{p.member(), p.mail()}
}
func (p *person) onFinance() []events.Identifier {
	return []events.Identifier{p.customer(), p.mail()}
}
func (p *person) onSupport() []events.Identifier {
	if p.phone != "" && p.n%3 == 0 {
		return []events.Identifier{p.contact(), p.tel()}
	}
	return []events.Identifier{p.contact(), p.mail()}
}
func (p *person) onMarketing() []events.Identifier {
	return []events.Identifier{p.lead(), p.mail()}
}

// onWeb is a visit of somebody not signed in: only the browser is known.
func (p *person) onWeb() []events.Identifier {
	return []events.Identifier{p.visitor(), id("cookie", fmt.Sprintf("_ga.%d", 4000+p.n)), id("ip", fmt.Sprintf("192.0.2.%d", p.n%250+1))}
}

// signedIn is a visit of somebody whom the website knows by e-mail.
func (p *person) signedIn() []events.Identifier {
	return []events.Identifier{p.visitor(), p.mail()}
}
