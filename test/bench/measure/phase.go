package measure

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"time"
)

// Options say how big a run is and where it writes.
type Options struct {
	Events int    `json:"events"`
	People int    `json:"people"`
	Seed   uint64 `json:"seed"`
	// Dir is where phases put their directories; each removes its own.
	Dir string `json:"dir"`
	// LookUps a second run beside full ingest.
	LookUps int `json:"look_ups"`
	// AskFor bounds how long an idle system is asked about people of one size.
	AskFor time.Duration `json:"ask_for"`
	// Profile, if set, is a directory for processor profiles, one a phase.
	Profile string `json:"profile,omitempty"`
}

// Check says what is wrong with the options.
func (o Options) Check() error {
	switch {
	case o.Events < 10_000:
		return fmt.Errorf("want at least 10000 events, got %d: less measures the start, not the work", o.Events)
	case o.People < 1000:
		return fmt.Errorf("want at least 1000 people, got %d", o.People)
	case o.AskFor < time.Millisecond:
		return fmt.Errorf("want to ask an idle system for some time, got %v", o.AskFor)
	case o.LookUps < 1:
		return fmt.Errorf("want at least one look-up a second, got %d", o.LookUps)
	}
	return nil
}

// A Phase is one thing that is measured, in a process of its own.
type Phase struct {
	Name string
	Says string // what it does, for progress
	Run  func(ctx context.Context, o Options, dir string) (Metrics, error)
}

// Order is job as the child process receives it.
type order struct {
	Phase   string  `json:"phase"`
	Options Options `json:"options"`
}

// Spawn runs a phase in a new process of this same program, whose flag takes
// the order and hands it to Serve. What the child says goes to log.
func Spawn(ctx context.Context, flag []string, phase string, o Options, log io.Writer) (Metrics, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	text, err := json.Marshal(order{phase, o})
	if err != nil {
		return nil, fmt.Errorf("write the order of phase %s: %w", phase, err)
	}
	cmd := exec.CommandContext(ctx, self, append(slices.Clone(flag), string(text))...)
	cmd.Stderr = log
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("run phase %s: %w", phase, err)
	}
	var m Metrics
	if err := json.Unmarshal(out, &m); err != nil {
		return nil, fmt.Errorf("read the result of phase %s: %w", phase, err)
	}
	return m, nil
}

// Serve carries out an order of Spawn, one of phases or Shape, and writes its
// numbers to out.
func Serve(ctx context.Context, text string, phases []Phase, out io.Writer) error {
	var job order
	if err := json.Unmarshal([]byte(text), &job); err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	phases = append(slices.Clone(phases), Shape)
	i := slices.IndexFunc(phases, func(p Phase) bool { return p.Name == job.Phase })
	if i < 0 {
		return fmt.Errorf("phase %q is not known here", job.Phase)
	}
	dir, err := os.MkdirTemp(job.Options.Dir, "habeas-bench-")
	if err != nil {
		return fmt.Errorf("make a directory for phase %s: %w", job.Phase, err)
	}
	defer os.RemoveAll(dir)
	stop, err := profile(job)
	if err != nil {
		return err
	}
	m, err := phases[i].Run(ctx, job.Options, dir)
	stop()
	if err != nil {
		return fmt.Errorf("phase %s: %w", job.Phase, err)
	}
	return json.NewEncoder(out).Encode(m)
}
