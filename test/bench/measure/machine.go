package measure

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

// A Machine says where and with what a run was made.
type Machine struct {
	CPU      string            `json:"cpu"`
	Cores    int               `json:"cores"`
	MemoryGB float64           `json:"memory_gb"`
	System   string            `json:"system"`
	Go       string            `json:"go"`
	Commit   string            `json:"commit"`
	Modules  map[string]string `json:"modules"`
	// Load and LoadAfter are load averages at the start and the end: how much
	// else the machine had to do.
	Load      string `json:"load_average"`
	LoadAfter string `json:"load_average_after"`
}

// shownModules are those whose version matters to the numbers.
var shownModules = []string{
	"github.com/nats-io/nats-server/v2", "github.com/nats-io/nats.go",
	"github.com/dgraph-io/badger/v4", "github.com/jackc/pgx/v5",
}

// ThisMachine describes the machine and the program.
func ThisMachine() Machine {
	m := Machine{
		CPU: cpuName(), Cores: runtime.NumCPU(), System: systemName(), Go: runtime.Version(), Commit: commit(),
		MemoryGB: float64(procField("/proc/meminfo", "MemTotal:")) / (1 << 20), Modules: map[string]string{},
	}
	m.Load = loadAverage()
	if b, ok := debug.ReadBuildInfo(); ok {
		for _, d := range b.Deps {
			if slices.Contains(shownModules, d.Path) {
				m.Modules[d.Path] = d.Version
			}
		}
	}
	return m
}

func loadAverage() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	f := strings.Fields(string(b))
	return strings.Join(f[:min(3, len(f))], " ")
}

func cpuName() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.SplitSeq(string(b), "\n") {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == "model name" {
			return strings.TrimSpace(v)
		}
	}
	return runtime.GOARCH
}

func systemName() string {
	b, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return runtime.GOOS
	}
	return runtime.GOOS + " " + strings.TrimSpace(string(b))
}

// commit asks the build first and git second: `go run` does not stamp.
func commit() string {
	if b, ok := debug.ReadBuildInfo(); ok {
		var rev, dirty string
		for _, s := range b.Settings {
			switch s.Key {
			case "vcs.revision":
				rev = s.Value
			case "vcs.modified":
				if s.Value == "true" {
					dirty = " with changes"
				}
			}
		}
		if len(rev) >= 12 {
			return rev[:12] + dirty
		}
	}
	out, err := exec.Command("git", "describe", "--always", "--dirty=, with changes", "--abbrev=12").Output()
	if err != nil {
		return "not known"
	}
	return strings.TrimSpace(string(out))
}

func (m Machine) String() string {
	return fmt.Sprintf("%s, %d cores, %.0f GB memory, %s, %s", m.CPU, m.Cores, m.MemoryGB, m.System, m.Go)
}
