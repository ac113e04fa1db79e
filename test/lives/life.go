package lives

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// A Step is one thing that happens in a life. What it needs is in it by name, and
// what is counted (cases, tasks, holds) is counted round, so that a life stays one
// when steps are left out.
type Step struct {
	Do                         string
	System, Activity, Category string
	Recipient, Channel         string
	Rights                     []string
	Mood                       string
	N, Days                    int
	Crash                      Crash
}

// A Crash ends the process within a step, at a durable step of it: Step counts
// them. Lost: it was durable before the process ended.
type Crash struct {
	At   string // journal, audit, vault, forgetter; empty: none
	Step int
	Lost bool
}

// A Life is what happens to one person.
type Life struct {
	Seed  uint64
	Steps []Step
}

// moods are how targets behave when they do a task.
var moods = []string{"done", "done", "done", "done", "slow", "failing", "lying", "partly", "refusing", "keeping", "twice", "out of order", "never"}

var rightsAsked = [][]string{
	{"erasure"}, {"erasure"}, {"erasure"}, {"erasure"}, {"erasure", "access"}, {"access"}, {"access"}, {"objection"}, {"erasure", "objection"}, {"objection-marketing"},
	{"withdraw-consent"}, {"portability"}, {"erasure", "objection-marketing"},
}

// Draw makes a life from a seed.
func Draw(seed uint64) Life {
	r := rand.New(rand.NewPCG(seed, 0x11fe))
	life := Life{Seed: seed}
	add := func(s Step) {
		if r.IntN(7) == 0 && s.Do != "days" && s.Do != "look" && s.Do != "store" && s.Do != "share" {
			s.Crash = Crash{At: []string{"journal", "journal", "journal", "audit", "vault", "forgetter"}[r.IntN(6)], Step: 1 + r.IntN(6), Lost: r.IntN(2) == 0}
		}
		life.Steps = append(life.Steps, s)
	}
	for range 2 + r.IntN(7) {
		add(drawEvent(r))
	}
	for range 1 + r.IntN(3) {
		drawCase(r, add)
		for range r.IntN(3) {
			add(drawEvent(r))
		}
	}
	add(Step{Do: "look"})
	return life
}

func drawEvent(r *rand.Rand) Step {
	row := rows[r.IntN(len(rows))]
	s := Step{System: row.system, Activity: row.activity, Category: row.categories[r.IntN(len(row.categories))]}
	switch x := r.IntN(20); {
	case x < 10:
		s.Do, s.Days = "store", []int{0, 0, 5, 40, 200, 350, 364, 365, 366, 800, 1090, 2180}[r.IntN(12)]
	case x < 14:
		s.Do, s.Recipient = "share", []string{"courier", "partner", "taxman", "website"}[r.IntN(4)]
	case x < 15:
		s = Step{Do: "milestone", Days: []int{0, 0, 100, 360, 400, 729, 800}[r.IntN(7)]}
	case x < 16:
		s = Step{Do: "consent", Activity: "news", System: "shop", Channel: []string{"email", "sms"}[r.IntN(2)]}
	case x < 17:
		s = Step{Do: "objects", Activity: []string{"listing", "creed", "mixed", "promo"}[r.IntN(4)], System: "shop"}
	case x < 18:
		s = Step{Do: "hold"}
		switch r.IntN(3) {
		case 0:
			s.System = []string{"shop", "office"}[r.IntN(2)]
		case 1:
			s.Activity = row.activity
		}
	case x < 19:
		s = Step{Do: "lift", N: r.IntN(3)}
	default:
		s = Step{Do: "days", Days: []int{1, 3, 20, 31, 100, 366}[r.IntN(6)]}
	}
	return s
}

// drawCase draws a request and what people do about it, mostly in order; between
// its steps anything may happen.
func drawCase(r *rand.Rand, add func(Step)) {
	n := r.IntN(3)
	rights := rightsAsked[r.IntN(len(rightsAsked))]
	add(Step{Do: "open", Rights: rights, Days: r.IntN(4)})
	var plan []Step
	if r.IntN(4) == 0 {
		plan = append(plan, Step{Do: "identity asked"}, Step{Do: "days", Days: 1 + r.IntN(40)}, Step{Do: "identity received"})
	}
	if r.IntN(4) == 0 {
		plan = append(plan, Step{Do: "clarification asked"}, Step{Do: "days", Days: r.IntN(12)}, Step{Do: "clarification received"})
	}
	if r.IntN(5) == 0 {
		plan = append(plan, Step{Do: "days", Days: r.IntN(45)}, Step{Do: "extend"})
	}
	plan = append(plan, Step{Do: "look"}, Step{Do: "confirm"}, Step{Do: "decide", Mood: []string{"keep", "erase", "some"}[r.IntN(3)]}, Step{Do: "approve"}, Step{Do: "run"}, Step{Do: "look"})
	if r.IntN(5) == 0 { // after it was approved, and before it is done
		plan = append(plan, Step{Do: "hold", System: []string{"shop", "office"}[r.IntN(2)]})
	}
	if slices.Contains(rights, "access") || slices.Contains(rights, "portability") || r.IntN(2) == 0 {
		plan = append(plan, Step{Do: "answer"})
	}
	for range 2 + r.IntN(10) {
		plan = append(plan, Step{Do: "work", N: r.IntN(12), Mood: moods[r.IntN(len(moods))]})
	}
	plan = append(plan, Step{Do: "days", Days: r.IntN(3)})
	for range 2 + r.IntN(8) {
		plan = append(plan, Step{Do: "work", N: r.IntN(12), Mood: moods[r.IntN(len(moods))]})
	}
	if r.IntN(3) > 0 {
		plan = append(plan, Step{Do: "run"}, Step{Do: "settle"}, Step{Do: "answer"}, Step{Do: "look"}, Step{Do: "close"})
	}
	for _, s := range plan {
		if r.IntN(12) == 0 {
			continue // people forget steps
		}
		if r.IntN(8) == 0 {
			add(drawEvent(r))
		}
		if r.IntN(40) == 0 {
			add(Step{Do: "withdraw"})
		}
		if s.Do != "work" && r.IntN(10) == 0 {
			s.N = n // another case
		}
		add(s)
	}
}

// String tells a step to a reader.
func (s Step) String() string {
	what := map[string]string{
		"store":     fmt.Sprintf("%s stores %s for %s, of %d days ago", s.System, s.Category, s.Activity, s.Days),
		"share":     fmt.Sprintf("%s shares %s of %s with %s", s.System, s.Category, s.Activity, s.Recipient),
		"milestone": fmt.Sprintf("the contract ended %d days ago", s.Days),
		"consent":   "consent to " + s.Activity + " by " + s.Channel,
		"objects":   "the person objects to " + s.Activity + ", at the shop",
		"hold":      strings.TrimSpace(fmt.Sprintf("a hold on the person %s %s", s.System, s.Activity)),
		"lift":      fmt.Sprintf("hold %d is lifted", s.N),
		"days":      fmt.Sprintf("%d days pass", s.Days),
		"open":      fmt.Sprintf("the person asks for %s, received %d days ago", strings.Join(s.Rights, " and "), s.Days),
		"work":      fmt.Sprintf("task %d is taken; its target is %s", s.N, s.Mood),
		"decide":    "everything is decided: reviews are to " + s.Mood,
		"look":      "everything is compared",
	}[s.Do]
	if what == "" {
		what = s.Do
	}
	if s.N > 0 && s.Do != "work" && s.Do != "lift" {
		what += fmt.Sprintf(" (case -%d)", s.N)
	}
	if s.Crash.At != "" {
		what += fmt.Sprintf("   CRASH at %s step %d", s.Crash.At, s.Crash.Step)
		if s.Crash.Lost {
			what += ", saved"
		}
	}
	return what
}

// Story tells a life.
func (l Life) Story() string {
	var b strings.Builder
	for i, s := range l.Steps {
		fmt.Fprintf(&b, "  %2d. %s\n", i+1, s)
	}
	return b.String()
}

// Shrink leaves out steps, and crashes, while a life fails in the same way.
func (l Life) Shrink(fails func(Life) bool, most int) Life {
	for n := len(l.Steps) / 2; n >= 1; n /= 2 {
		for i := 0; i+n <= len(l.Steps) && most > 0; most-- {
			less := Life{l.Seed, slices.Delete(slices.Clone(l.Steps), i, i+n)}
			if fails(less) {
				l = less
			} else {
				i += n
			}
		}
	}
	for i := range l.Steps {
		if l.Steps[i].Crash.At == "" || most <= 0 {
			continue
		}
		less := Life{l.Seed, slices.Clone(l.Steps)}
		less.Steps[i].Crash = Crash{}
		most--
		if fails(less) {
			l = less
		}
	}
	return l
}
