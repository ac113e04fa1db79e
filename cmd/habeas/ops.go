package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/habeas-data/habeas/cmd/habeas/server"
	"github.com/habeas-data/habeas/config"
	"github.com/habeas-data/habeas/events/journal"
	"github.com/habeas-data/habeas/internal/atomicfile"
	"github.com/spf13/cobra"
)

// work runs a long operation on the running server, or, where none runs, on
// the directory itself, which it then locks.
func (a *app) work(cmd *cobra.Command, path string, damaged func(context.Context, config.Config, error) (any, error), offline func(context.Context, *server.Server, server.Progress) (any, error), out any) error {
	bar := newProgress(a.errout, 0)
	defer bar.done()
	show := func(p server.Step) {
		bar.total = int64(p.Of)
		bar.set(int64(p.Done))
	}
	c, err := a.dial()
	if err == nil {
		err = c.lines(cmd.Context(), http.MethodPost, path, func(line json.RawMessage) error {
			var l server.Line
			if err := json.Unmarshal(line, &l); err != nil {
				return reach("read the answer: %w", err)
			}
			switch {
			case l.Error != "":
				return &exit{exitNo, errors.New(l.Error)}
			case l.Progress != nil:
				show(*l.Progress)
			case l.Report != nil:
				return json.Unmarshal(l.Report, out)
			}
			return nil
		})
	}
	if err == nil || !unreachable(err) || cmd.Context().Err() != nil {
		return err
	}
	return a.offline(cmd, damaged, offline, show, out)
}

// offline opens the directory without a server.
func (a *app) offline(cmd *cobra.Command, damaged func(context.Context, config.Config, error) (any, error), fn func(context.Context, *server.Server, server.Progress) (any, error), show server.Progress, out any) error {
	cfg, err := a.configuration(cmd)
	if err != nil {
		return err
	}
	if _, err := os.Stat(cfg.Data); err != nil {
		return reach("no server answers and %s holds no data: name the server with --server or the directory with --data", cfg.Data)
	}
	s, err := server.Open(cmd.Context(), cfg, server.Options{Log: server.Logger(cfg, a.errout), Offline: true})
	var report any
	switch {
	case err != nil && (damaged == nil || errors.Is(err, journal.ErrLocked)):
		return reach("%w", err)
	case err != nil:
		report, err = damaged(cmd.Context(), cfg, err)
	default:
		report, err = fn(cmd.Context(), s, show)
		if cerr := s.Close(); err == nil {
			err = cerr
		}
	}
	if err != nil {
		if cmd.Context().Err() != nil {
			return errInterrupted
		}
		return &exit{exitNo, err}
	}
	b, err := json.Marshal(report)
	if err != nil {
		return reach("encode the report: %w", err)
	}
	return json.Unmarshal(b, out)
}

func (a *app) configuration(cmd *cobra.Command) (config.Config, error) {
	cfg, err := config.Load(cmp.Or(a.config, os.Getenv("HABEAS_CONFIG")), cmd.Flags())
	if err != nil {
		return cfg, &exit{exitUsage, err}
	}
	return cfg, nil
}

func (a *app) fsckCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "fsck",
		Short: "Check journal, map, vault and audit log against each other",
		Long: `Read the whole journal and check its chain; build the map a second time beside
the first and compare; check that every handle in use is known to the vault;
check the audit log's tree. Nothing is changed. Works on a running server and on
a stopped directory.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var r server.Report
			damaged := func(ctx context.Context, cfg config.Config, cause error) (any, error) {
				return server.Inspect(ctx, cfg, server.Logger(cfg, io.Discard), cause, func(server.Step) {})
			}
			err := a.work(cmd, "/v1/fsck", damaged, func(ctx context.Context, s *server.Server, p server.Progress) (any, error) { return s.Fsck(ctx, p) }, &r)
			if err != nil {
				return err
			}
			if a.json {
				if err := a.print(r); err != nil {
					return err
				}
			} else {
				for _, c := range r.Checks {
					fmt.Fprintf(a.out, "%-5s %-10s %s\n", c.Status, c.Name, c.Saw)
				}
			}
			if !r.OK {
				return said(exitNo)
			}
			return nil
		},
	}
}

func (a *app) rebuildCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "rebuild",
		Short: "Build the map anew from the journal, while the old one serves, and switch",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var r server.Rebuilt
			err := a.work(cmd, "/v1/rebuild", nil, func(ctx context.Context, s *server.Server, p server.Progress) (any, error) { return s.Rebuild(ctx, p) }, &r)
			if err != nil {
				return err
			}
			if a.json {
				return a.print(r)
			}
			_, err = fmt.Fprintf(a.out, "rebuilt to journal position %s: %d events in %.1f s\n", r.Position, r.Events, r.Seconds)
			return err
		},
	}
}

func (a *app) backupCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE|-",
		Short: "Write a backup of a running server or a stopped directory",
		Long: `Write one file that holds the journal, the vault's sealed entries, the audit log,
the catalogue, and the sealed files: packages that can be fetched and the copies
that systems sent for them. It does not hold the vault's keys nor the restore ledger: keep
copies of both directories elsewhere (key_copies and ledger in the
configuration), or the backup cannot be used. It holds no tokens either: a
restore must not bring back one that was revoked, so they are made anew.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.backup(cmd, args[0]) },
	}
}

func (a *app) backup(cmd *cobra.Command, name string) error {
	if _, err := os.Stat(name); err == nil && name != "-" {
		return usage("%s is there already; it was not touched", name)
	}
	c, err := a.dial()
	var resp *http.Response
	if err == nil {
		resp, err = c.do(cmd.Context(), http.MethodPost, "/v1/backup", "", nil)
	}
	switch {
	case err == nil:
		defer resp.Body.Close()
		return a.save(name, resp.Body)
	case unreachable(err) && cmd.Context().Err() == nil:
		cfg, err := a.configuration(cmd)
		if err != nil {
			return err
		}
		s, err := server.Open(cmd.Context(), cfg, server.Options{Log: server.Logger(cfg, a.errout), Offline: true})
		if err != nil {
			return reach("no server answers, and the directory cannot be opened: %w", err)
		}
		r, w := io.Pipe()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			w.CloseWithError(s.Backup(cmd.Context(), w))
		}()
		err = a.save(name, r)
		r.CloseWithError(errInterrupted) // whatever is still being written has no reader
		<-ended
		if cerr := s.Close(); err == nil {
			err = cerr
		}
		return err
	}
	return err
}

// save writes to a temporary file beside name and renames it once it is whole
// and synced, so that an interruption leaves no half backup under that name.
func (a *app) save(name string, r io.Reader) error {
	if name == "-" {
		if _, err := io.Copy(a.out, r); err != nil {
			return reach("write the backup: %w", err)
		}
		return nil
	}
	f, err := atomicfile.Create(name)
	if err != nil {
		return reach("make the backup file: %w", err)
	}
	defer f.Abort()
	n, err := io.Copy(f, r)
	if err == nil {
		err = server.CheckBackup(f.Name())
	}
	if err == nil {
		err = f.Commit()
	}
	if err != nil {
		return reach("write the backup: %w; no file was left", err)
	}
	if a.json {
		return a.print(map[string]any{"file": name, "bytes": n})
	}
	_, err = fmt.Fprintf(a.out, "%s: %d bytes, whole and checked\n", name, n)
	return err
}

func (a *app) restoreCmd() *cobra.Command {
	var accept server.Accept
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Bring a backup back into an empty data directory",
		Long: `Bring a backup back. The data directory must be empty, the key directory must
hold the vault's keys, and the ledger directory the restore ledger: what was
erased after the backup was made is forgotten again. Without a ledger the
restore is refused unless --accept-no-ledger says that this is understood.

A backup is signed under a key of the key directory. One that was altered, or
made by somebody else, is refused before anything is written. Backups of earlier
builds are not signed: --accept-unsigned takes one whose origin is sure.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := a.configuration(cmd)
			if err != nil {
				return err
			}
			r, err := server.Restore(cmd.Context(), cfg, server.Logger(cfg, a.errout), args[0], accept)
			if err != nil && cmd.Context().Err() != nil {
				return &exit{exitNo, errors.New("interrupted; nothing was restored")}
			}
			if err != nil {
				return reach("%w", err)
			}
			if a.json {
				return a.print(r)
			}
			_, err = fmt.Fprintf(a.out, "restored %d frames of the journal, %d of the vault and %d of the audit log\nwhat the ledger says was erased since is erased again\nstart the server, then habeas restore confirm lets it erase and send out again: the map is built from the journal, and the first people and every system get new tokens\n", r.Events, r.Vault, r.Audit)
			return err
		},
	}
	c.Flags().BoolVar(&accept.NoLedger, "accept-no-ledger", false, "restore without a ledger: what was erased since the backup comes back")
	c.Flags().BoolVar(&accept.Unsigned, "accept-unsigned", false, "restore a backup of an earlier build, which carries no signature")
	c.AddCommand(a.restoreConfirmCmd())
	return c
}
