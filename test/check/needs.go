package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

// A need is something a machine with Go alone may lack.
type need struct {
	name string
	find func() bool
	apt  []string
	// onlyPart: the group can run without it, leaving out a part by name.
	onlyPart bool
}

var (
	cCompiler = need{name: "a C compiler (for the race detector)", find: onPath("gcc", "clang"),
		apt: []string{"gcc", "libc6-dev"}, onlyPart: true}
	postgres = need{name: "PostgreSQL", find: func() bool { return postgresBin() != "" },
		apt: []string{"postgresql"}, onlyPart: true}
	chromium = need{name: "Chromium", find: func() bool { return chromiumBin() != "" },
		apt: []string{"chromium"}}
	poppler = need{name: "poppler", find: onPath("pdfinfo"),
		apt: []string{"poppler-utils"}}
)

// leftOut is the error of a group that could not be run here.
type leftOut struct{ why string }

func (l *leftOut) Error() string { return l.why }

func asLeftOut(err error, target **leftOut) bool { return errors.As(err, target) }

var aptUpdate = sync.OnceValue(func() error {
	return exec.Command("apt-get", "update", "-qq").Run()
})

// provide makes sure of the need: it is there, or it can be installed.
func (n need) provide(ctx context.Context) error {
	if n.find() {
		return nil
	}
	missing := &leftOut{why: n.name + " is not on this machine"}
	if os.Getenv("HABEAS_TEST_NO_INSTALL") == "1" || os.Geteuid() != 0 || !onPath("apt-get")() {
		return missing
	}
	fmt.Printf("installing %s (apt-get install %v)\n", n.name, n.apt)
	if err := aptUpdate(); err != nil {
		return missing
	}
	args := append([]string{"install", "-y", "-qq", "--no-install-recommends"}, n.apt...)
	if out, err := output(ctx, ".", []string{"DEBIAN_FRONTEND=noninteractive"}, "apt-get", args...); err != nil {
		fmt.Print(out)
		return missing
	}
	if !n.find() {
		return missing
	}
	return nil
}

func onPath(names ...string) func() bool {
	return func() bool {
		for _, n := range names {
			if _, err := exec.LookPath(n); err == nil {
				return true
			}
		}
		return false
	}
}

// postgresBin returns the folder of initdb and postgres, which Debian keeps
// off the PATH.
func postgresBin() string {
	if p, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(p)
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1])
	}
	return ""
}

func chromiumBin() string {
	for _, n := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if p, err := exec.LookPath(n); err == nil {
			return p
		}
	}
	return ""
}
