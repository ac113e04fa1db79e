package measure

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// rusageThread asks for the calling thread only. Linux has it; elsewhere the
// call is refused and the answer is zero.
const rusageThread = 1

// CPU returns the processor time, user and system, that this process has used
// in all its threads.
func CPU() time.Duration { return rusage(syscall.RUSAGE_SELF) }

// threadCPU returns that of the calling thread; the caller has locked its
// goroutine to it.
func threadCPU() time.Duration { return rusage(rusageThread) }

func rusage(who int) time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(who, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// PeakRSS returns the greatest resident size of this process so far in bytes,
// or 0 where the system does not tell.
func PeakRSS() int64 { return procField("/proc/self/status", "VmHWM:") << 10 }

// Written returns how many bytes this process has sent towards the disk.
func Written() int64 { return procField("/proc/self/io", "write_bytes:") }

// procField reads one number from a file of "name: number" lines.
func procField(file, name string) int64 {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	for line := range strings.SplitSeq(string(b), "\n") {
		rest, ok := strings.CutPrefix(line, name)
		if !ok {
			continue
		}
		for _, word := range strings.Fields(rest) {
			if n, err := strconv.ParseInt(word, 10, 64); err == nil {
				return n
			}
		}
	}
	return 0
}

// DiskBytes returns what the files below dir occupy: allocated blocks, because
// a sparse file is not as big as it says. Files that vanish meanwhile count 0.
func DiskBytes(dir string) int64 {
	var sum int64
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil
		}
		if st, ok := info.Sys().(*syscall.Stat_t); ok {
			sum += min(st.Blocks*512, info.Size()+4096)
		} else {
			sum += info.Size()
		}
		return nil
	})
	return sum
}

// A Meter measures one stretch of work of this process.
type Meter struct {
	start   time.Time
	cpu     time.Duration
	written int64
}

// StartMeter begins a stretch.
func StartMeter() Meter { return Meter{time.Now(), CPU(), Written()} }

// A Stretch is what a Meter saw.
type Stretch struct {
	Wall, CPU time.Duration
	Written   int64
	// Generated is the generator's processor time, which CPU leaves out.
	Generated time.Duration
}

// Stop ends the stretch.
func (m Meter) Stop() Stretch {
	return Stretch{Wall: time.Since(m.start), CPU: CPU() - m.cpu, Written: Written() - m.written}
}

// Report writes the stretch of n units of work under a name: units a second,
// processor microseconds a unit, and bytes written a unit.
func (s Stretch) Report(m Metrics, name string, n int) {
	m[name+".per_s"] = float64(n) / s.Wall.Seconds()
	m[name+".cpu_us"] = micros(s.CPU) / float64(n)
	m[name+".written"] = float64(s.Written) / float64(n)
	m[name+".wall_s"] = s.Wall.Seconds()
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// Memory returns the memory of the machine in bytes, or 0 where unknown.
func Memory() int64 { return procField("/proc/meminfo", "MemTotal:") << 10 }
