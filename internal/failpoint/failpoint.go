// Package failpoint lets a test kill the process at a named durable step. It
// owns nothing and does nothing unless the environment names a step:
//
//	HABEAS_TEST_CRASH=vault.appended:3
//
// kills the process, as SIGKILL would, the third time that step is reached.
// It may never change what a program does otherwise.
package failpoint

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

var (
	step string
	left atomic.Int64
)

func init() {
	v := os.Getenv("HABEAS_TEST_CRASH")
	i := strings.LastIndexByte(v, ':') // names hold colons of their own
	if i <= 0 {
		return
	}
	n, err := strconv.ParseInt(v[i+1:], 10, 64)
	if err != nil || n < 1 {
		return
	}
	step = v[:i]
	left.Store(n)
}

// Hit marks a durable step. The name says what has just become durable, such
// as "journal.published", or is about to, such as "map.commit".
func Hit(name string) {
	if step == "" || name != step || left.Add(-1) != 0 {
		return
	}
	_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
	select {} // the signal is on its way; nothing more may happen here
}
