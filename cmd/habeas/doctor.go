package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/config"
	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

// A verdict of one check.
const (
	pass = "pass"
	warn = "warn"
	fail = "fail"
)

// finding is one line of the doctor's report.
type finding struct {
	Check  string `json:"check"`
	Status string `json:"status"`
	Saw    string `json:"saw"`
	Remedy string `json:"remedy,omitempty"`
}

func (a *app) doctorCmd() *cobra.Command {
	var require bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check configuration, directories, keys, machine and server, with a remedy for each fault",
		Long: `Check configuration, directories, keys, machine and server, and say what to do
about each fault. A server that does not answer is a warning, because one may not
be meant to run here; with --require-server it is a fault and the exit code is 3.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list := a.examine(cmd.Context(), cmd)
			bad, absent := 0, false
			for i := range list {
				f := &list[i]
				if f.Check == noServer {
					f.Check, absent = "server", require
					if require {
						f.Status = fail
					}
				}
				if f.Status == fail {
					bad++
				}
			}
			if a.json {
				if err := a.print(map[string]any{"checks": list, "failed": bad}); err != nil {
					return err
				}
			} else {
				for _, f := range list {
					fmt.Fprintf(a.out, "%-5s %-18s %s\n", f.Status, f.Check, f.Saw)
					if f.Remedy != "" {
						fmt.Fprintf(a.out, "      %-18s -> %s\n", "", f.Remedy)
					}
				}
			}
			switch {
			case absent:
				return said(exitReach)
			case bad > 0:
				return said(exitNo)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&require, "require-server", false, "a server that does not answer is a fault (exit 3)")
	return c
}

// noServer marks the finding that no server answers, until it is printed.
const noServer = "no server"

func (a *app) examine(ctx context.Context, command *cobra.Command) []finding {
	cfg, err := a.configuration(command)
	if err != nil {
		return []finding{{"configuration", fail, err.Error(), "correct the setting named above"}}
	}
	list := []finding{{"configuration", pass, "data " + cfg.Data + ", keys " + cfg.Keys + ", ledger " + cfg.Ledger + ", listen " + cfg.Listen, ""}}
	list = append(list, checkCatalogue(cfg.Catalogue, cfg.Decisions))
	for name, dir := range map[string]string{"data": cfg.Data, "keys": cfg.Keys, "ledger": cfg.Ledger} {
		list = append(list, checkDir(name, dir))
	}
	for _, dir := range cfg.KeyCopies {
		list = append(list, checkDir("key copy", dir))
	}
	list = append(list, checkFree(cfg.Data), checkSwap(), checkCore(), checkClock(time.Now()))
	return append(list, a.checkServer(ctx, cfg)...)
}

func checkCatalogue(name, decisions string) finding {
	c, err := catalogue.Find(name)
	if err != nil {
		return finding{"catalogue", fail, err.Error(), "name a file or one of: " + strings.Join(catalogue.Shipped(), ", ")}
	}
	if decisions != "" {
		f, err := os.Open(decisions)
		if err == nil {
			defer f.Close()
			c, err = c.Decide(decisions, f)
		}
		if err != nil {
			return finding{"catalogue", fail, err.Error(), "correct the file of decisions, or leave it out for the shipped ones"}
		}
	}
	return finding{"catalogue", pass, fmt.Sprintf("%s: %d systems, %d activities", c.ID, len(c.AllSystems()), len(c.Activities)), ""}
}

func checkDir(name, dir string) finding {
	st, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return finding{name + " directory", pass, dir + " is not there yet; the first start makes it", ""}
	}
	if err != nil {
		return finding{name + " directory", fail, err.Error(), "make it readable for this user"}
	}
	if !st.IsDir() {
		return finding{name + " directory", fail, dir + " is not a directory", "move it away or name another"}
	}
	if st.Mode().Perm()&0o077 != 0 {
		return finding{name + " directory", fail, fmt.Sprintf("%s is open to others (%v)", dir, st.Mode().Perm()), "chmod 700 " + dir}
	}
	probe, err := os.CreateTemp(dir, ".probe")
	if err != nil {
		return finding{name + " directory", fail, dir + " cannot be written", "give this user the right to write there, or remount it writable"}
	}
	_ = probe.Close()
	if err := os.Remove(probe.Name()); err != nil {
		return finding{name + " directory", warn, "a probe file could not be removed: " + filepath.Base(probe.Name()), "remove it by hand"}
	}
	return finding{name + " directory", pass, dir + " is private and writable", ""}
}

func checkFree(dir string) finding {
	for dir != "." && dir != "/" {
		if _, err := os.Stat(dir); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return finding{"free space", warn, err.Error(), ""}
	}
	gb := float64(s.Bavail) * float64(s.Bsize) / (1 << 30)
	f := finding{"free space", pass, fmt.Sprintf("%.1f GiB", gb), ""}
	if gb < 1 {
		f.Status, f.Remedy = fail, "free at least 1 GiB: a full disk stops the journal"
	} else if gb < 10 {
		f.Status, f.Remedy = warn, "a million events need about 0.3 GiB"
	}
	return f
}

func checkSwap() finding {
	b, err := os.ReadFile("/proc/swaps")
	if err != nil {
		return finding{"swap", pass, "not known on this system", ""}
	}
	if strings.Count(strings.TrimSpace(string(b)), "\n") == 0 {
		return finding{"swap", pass, "off", ""}
	}
	return finding{"swap", warn, "on: memory that held an identifier may reach the disk", "swapoff -a, or encrypt the swap device"}
}

func checkCore() finding {
	var r unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &r); err != nil {
		return finding{"core dumps", warn, err.Error(), ""}
	}
	if r.Cur == 0 {
		return finding{"core dumps", pass, "off", ""}
	}
	return finding{"core dumps", pass, "on for this shell; serve switches them off for itself", ""}
}

func checkClock(now time.Time) finding {
	if now.Year() < 2024 || now.Year() > 2100 {
		return finding{"clock", fail, now.Format(time.RFC3339), "set the clock: deadlines and the order of events depend on it"}
	}
	return finding{"clock", pass, now.Format(time.RFC3339), ""}
}

func (a *app) checkServer(ctx context.Context, cfg config.Config) []finding {
	c, err := a.dial()
	base := defaultServer
	if err == nil {
		base = c.base
	} else if s := cmp.Or(a.server, os.Getenv("HABEAS_SERVER")); s != "" {
		base = s
	}
	req, rerr := http.NewRequestWithContext(ctx, http.MethodGet, base+"/readyz", nil)
	if rerr != nil {
		return []finding{{"server", fail, rerr.Error(), "--server wants an address such as " + defaultServer}}
	}
	resp, rerr := (&http.Client{Timeout: 5 * time.Second}).Do(req)
	if rerr != nil {
		f := finding{noServer, warn, "none answers at " + base, "start it with: habeas serve"}
		if l, err := net.Listen("tcp", cfg.Listen); err != nil {
			f = finding{noServer, fail, cfg.Listen + " is taken by something that is not habeas", "stop it or set --listen"}
		} else {
			_ = l.Close()
		}
		return []finding{f}
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return []finding{{"server", fail, base + " is up and not ready: " + resp.Status, "see its log, and GET /readyz"}}
	}
	list := []finding{{"server", pass, base + " is ready", ""}}
	if err != nil {
		return append(list, finding{"token", warn, err.Error(), ""})
	}
	var me map[string]any
	if err := c.call(ctx, http.MethodGet, "/v1/self", nil, &me); err != nil {
		return append(list, finding{"token", fail, err.Error(), "make one with: habeas token create"})
	}
	return append(list, finding{"token", pass, fmt.Sprintf("accepted; roles %v", me["roles"]), ""})
}
