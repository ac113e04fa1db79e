package postgres

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of processor time in /proc: USER_HZ, 100 on every Linux.
const tick = 10 * time.Millisecond

// CPU returns the processor time of the server: the postmaster, every child
// that lives, and every child that has ended.
func (c *Cluster) CPU() (time.Duration, error) {
	var ticks int64
	for _, pid := range c.pids() {
		f, err := statFields(pid)
		if err != nil {
			continue // it ended meanwhile and is counted with its parent
		}
		ticks += f[13] + f[14]
		if pid == c.cmd.Process.Pid {
			ticks += f[15] + f[16]
		}
	}
	if ticks == 0 {
		return 0, fmt.Errorf("read the processor time of postgres: /proc tells nothing")
	}
	return time.Duration(ticks) * tick, nil
}

// Memory returns what the server holds in memory, shared pages counted once.
func (c *Cluster) Memory() int64 {
	var sum int64
	for _, pid := range c.pids() {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			continue
		}
		for line := range strings.SplitSeq(string(b), "\n") {
			if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
				n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
				sum += n << 10
			}
		}
	}
	return sum
}

// pids lists the postmaster and its children.
func (c *Cluster) pids() []int {
	parent := c.cmd.Process.Pid
	out := []int{parent}
	names, _ := filepath.Glob("/proc/[0-9]*")
	for _, n := range names {
		pid, err := strconv.Atoi(filepath.Base(n))
		if err != nil {
			continue
		}
		if f, err := statFields(pid); err == nil && f[3] == int64(parent) {
			out = append(out, pid)
		}
	}
	return out
}

// statFields reads /proc/PID/stat; field i is number i+1 of the manual page.
// The name of the program, which may hold spaces, and its state are left 0.
func statFields(pid int) ([17]int64, error) {
	var f [17]int64
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return f, err
	}
	s := string(b)
	words := strings.Fields(s[strings.LastIndexByte(s, ')')+1:])
	for i, w := range words {
		if i == 0 || i+2 >= len(f) {
			continue
		}
		if f[i+2], err = strconv.ParseInt(w, 10, 64); err != nil {
			return f, fmt.Errorf("read /proc/%d/stat: %w", pid, err)
		}
	}
	return f, nil
}
