package measure

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"github.com/habeas-data/habeas/events"
)

// A Census says whom to ask for, by e-mail address, so that every side answers
// for the same people in the same order.
type Census struct {
	// Head are people who end with about 300 rows or more; Tail, with 1 to 20.
	Head []string `json:"head"`
	Tail []string `json:"tail"`
}

// Rows of the people asked for, when all is loaded. Under full ingest a head
// person has on average about two thirds of the rows they end with.
const (
	headFrom, headTo = 350, 600
	tailTo           = 20
	tailPeople       = 4000
)

const censusFile = "census.json"

// TakeCensus counts the rows of every person, writes whom to ask for into
// o.Dir, and reports the shape of the load and what it costs to generate.
func TakeCensus(_ context.Context, o Options, _ string) (Metrics, error) {
	m := Metrics{"load.events": float64(o.Events)}
	timeGenerator(o, m)
	email, rows := emails(o), countRows(o)
	census := Census{}
	holdings := 0
	for person, n := range rows {
		holdings += n
		who, ok := email[person]
		switch {
		case !ok:
		case n >= headFrom && n <= headTo:
			census.Head = append(census.Head, who)
		case n <= tailTo:
			census.Tail = append(census.Tail, who)
		}
	}
	// A map has no order of its own; the same people must be asked every time.
	slices.Sort(census.Head)
	slices.Sort(census.Tail)
	rnd := rand.New(rand.NewPCG(o.Seed, 1))
	for _, list := range []*[]string{&census.Head, &census.Tail} {
		l := *list
		rnd.Shuffle(len(l), func(i, j int) { l[i], l[j] = l[j], l[i] })
		*list = l[:min(len(l), tailPeople)]
	}
	if len(census.Head) == 0 || len(census.Tail) == 0 {
		return nil, fmt.Errorf("take a census of %d events: nobody has %d to %d rows, or nobody has at most %d; want more events",
			o.Events, headFrom, headTo, tailTo)
	}
	m["load.people"], m["load.holdings"] = float64(len(rows)), float64(holdings)
	b, err := json.Marshal(census)
	if err != nil {
		return nil, fmt.Errorf("write the census: %w", err)
	}
	return m, os.WriteFile(filepath.Join(o.Dir, censusFile), b, 0o600)
}

// ReadCensus reads what TakeCensus wrote.
func ReadCensus(o Options) (Census, error) {
	var c Census
	b, err := os.ReadFile(filepath.Join(o.Dir, censusFile))
	if err != nil {
		return c, fmt.Errorf("read the census: %w", err)
	}
	if err := json.Unmarshal(b, &c); err != nil {
		return c, fmt.Errorf("read the census: %w", err)
	}
	return c, nil
}

// countRows counts the distinct (system, activity, category, recipient) of each
// person: the rows that a table of holdings ends with.
func countRows(o Options) map[int]int {
	type row struct {
		person                                int32
		system, activity, category, recipient int8
	}
	rows := map[int]int{}
	seen := map[row]struct{}{}
	for s := o.Load().Stream(0, o.Events); s.Next(); {
		e := s.Event()
		for _, c := range e.Categories[:e.NCategory] {
			r := row{int32(e.Person), int8(e.System), int8(e.Activity), int8(c), -1}
			if e.Kind == events.RecordShared {
				r.recipient = int8(e.Recipient)
			}
			if _, had := seen[r]; !had {
				seen[r] = struct{}{}
				rows[e.Person]++
			}
		}
	}
	return rows
}

// timeGenerator runs the generator alone.
func timeGenerator(o Options, m Metrics) {
	meter := StartMeter()
	var x events.Observation
	for s := o.Load().Stream(0, o.Events); s.Next(); {
		s.Observe(&x)
	}
	meter.Stop().Report(m, "load.generate", o.Events)
}

// emails lists the people whom every system that knows them has named by
// e-mail address, so that the address leads to all they have.
func emails(o Options) map[int]string {
	type pair struct {
		person int32
		system int8
	}
	named := map[pair]bool{}
	email := map[int]string{}
	var x events.Observation
	for s := o.Load().Stream(0, o.Events); s.Next(); {
		s.Observe(&x)
		e := s.Event()
		p := pair{int32(e.Person), int8(e.System)}
		named[p] = named[p] || e.WithEmail
		if e.WithEmail {
			email[e.Person] = x.Subject[1].Value.Expose()
		}
	}
	for p, ok := range named {
		if !ok {
			delete(email, int(p.person))
		}
	}
	return email
}
