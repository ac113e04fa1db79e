package identity_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/projections/identity"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/projections/projectionstest"
)

// counted tells how often a map was read.
type counted struct {
	*projectionstest.Memory
	gets, scans int
}

func (c *counted) Get(key []byte) ([]byte, bool, error) {
	c.gets++
	return c.Memory.Get(key)
}

func (c *counted) Scan(prefix, start []byte, fn func(k, v []byte) error) error {
	c.scans++
	return c.Memory.Scan(prefix, start, fn)
}

func (c *counted) Unused(family byte) bool {
	return family == identity.FamilyHand || family == identity.FamilyMark
}

// kinds counts links by kind, and by whether they cross systems.
func kinds(list []identity.Link) string {
	count := make(map[string]int)
	for i := range list {
		k := string(list[i].Other.Kind)
		if list[i].Crossing != identity.NotCrossing {
			k += "!"
		}
		count[k]++
	}
	var out []string
	for k, n := range count {
		out = append(out, fmt.Sprintf("%s:%d", k, n))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// However many links a handle has, and whatever was taken back of them, as many
// of each kind are listed as Links promises, each once, from whichever end.
func TestLinksOfMany(t *testing.T) {
	for _, c := range []struct {
		name                   string
		mails, phones, crosses int
		gone                   int // of the mails, taken back
		want                   string
	}{
		{"few", 3, 2, 1, 0, "email!:1 email:3 phone:2"},
		{"just all", 33, 5, 0, 0, "email:33 phone:5"},
		{"too many of a kind", 34, 5, 0, 0, "email:33 phone:5"},
		{"far too many", 400, 7, 0, 0, "email:33 phone:7"},
		{"too many of each", 200, 200, 0, 0, "email:33 phone:33"},
		{"most taken back", 90, 3, 0, 70, "email:20 phone:3"},
		{"all taken back", 70, 3, 0, 70, "phone:3"},
		{"exactly one stretch", 32, 32, 0, 0, "email:32 phone:32"},
		{"crossing beside many", 20, 1, 70, 0, "email!:33 email:20 phone:1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s []string
			for i := range c.mails {
				s = append(s, fmt.Sprintf("crm sees crm#1 m%d@", i))
			}
			for i := range c.gone {
				s = append(s, fmt.Sprintf("retract %d", i+1))
			}
			for i := range c.phones {
				s = append(s, fmt.Sprintf("crm sees crm#1 +%d", i))
			}
			for i := range c.crosses {
				s = append(s, fmt.Sprintf("crm tells shop x%d@ of crm#1", i))
			}
			d := draw(t, strings.Join(s, ";"))
			h := projectionstest.HandleOf("crm", "crm#1")
			g := &identity.MapGraph{Reader: d.mem}
			for range 2 { // the second time from memory
				list, err := g.Links(context.Background(), h, inventory.Known{})
				if err != nil {
					t.Fatal(err)
				}
				if got := kinds(list); got != c.want {
					t.Errorf("got %s, want %s", got, c.want)
				}
				seen := make(map[events.Handle]bool)
				for _, l := range list {
					back, err := g.Links(context.Background(), l.Other.Handle, inventory.Known{})
					if err != nil || len(back) != 1 || back[0].Other.Handle != h || back[0].Evidence[0] != l.Evidence[0] {
						t.Errorf("from the other end: %v, %v", back, err)
					}
					if seen[l.Other.Handle] {
						t.Errorf("listed twice")
					}
					seen[l.Other.Handle] = true
				}
			}
		})
	}
}

// A person of three handles is read with one scan for each, and nothing else.
func TestReadsOncePerHandle(t *testing.T) {
	d := draw(t, "crm sees crm#1 ann@; web sees web#7 ann@")
	r := &counted{Memory: d.mem}
	g := d.graph()
	g.Reader = r
	start := []events.Handle{projectionstest.HandleOf("crm", "ann@"), projectionstest.HandleOf("web", "ann@")}
	p, err := identity.Resolve(context.Background(), start, g, identity.Query{})
	if err != nil {
		t.Fatal(err)
	}
	if d.members(p) != "ann@ crm#1 web#7" || r.scans != 4 || r.gets != 0 {
		t.Errorf("members %s with %d scans and %d gets, want 4 and 0", d.members(p), r.scans, r.gets)
	}
	// Whoever asks about links alone does not go on to the others.
	r.scans = 0
	list, err := (&identity.MapGraph{Reader: r}).Links(context.Background(), start[0], inventory.Known{})
	if err != nil || len(list) != 1 || r.scans != 1 || r.gets != 1 {
		t.Errorf("%d links with %d scans and %d gets, want one each; %v", len(list), r.scans, r.gets, err)
	}
}

// What an answer holds stays as it is while others are made, one after the other
// and at the same time: room is used again, answers are not.
func TestAnswersKeep(t *testing.T) {
	var s []string
	for i := range 40 {
		s = append(s, fmt.Sprintf("crm sees crm#%d p%d@ +%d name:n%d; web sees web#%d p%d@; shop tells crm p%d@ of shop#%d", i, i, i%7, i, i, i, i, i))
	}
	d := draw(t, strings.Join(s, ";"))
	ask := func(i int) *identity.Person { return d.who(t, fmt.Sprintf("p%d@", i), identity.Query{Exact: i%2 == 0}) }
	var first []*identity.Person
	var written []string
	for i := range 40 {
		first = append(first, ask(i))
		written = append(written, fmt.Sprintf("%+v", *first[i]))
	}
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			for i := n * 5; i < 40; i++ {
				if p := ask(i); !reflect.DeepEqual(p, first[i]) {
					t.Errorf("%d: asked again, the answer is another", i)
				}
			}
		})
	}
	all.Wait()
	for i, p := range first {
		if fmt.Sprintf("%+v", *p) != written[i] {
			t.Errorf("%d: the answer changed", i)
		}
	}
}
