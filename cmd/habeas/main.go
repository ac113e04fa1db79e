// Command habeas keeps, for every person, one standing map of what personal
// data is held about them, why, until when, from where, and who received it.
//
// This package owns the command line only: flags become a configuration, the
// server is assembled in cmd/habeas/server, and every other command is a
// client of the HTTP API. One file holds one command.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// patience is how long further signals are taken for the same one.
const patience = 3 * time.Second

func main() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// The published exit codes.
const (
	exitDone    = 0
	exitNo      = 1 // the answer is "no", or a check found errors
	exitUsage   = 2 // wrong usage or bad input
	exitReach   = 3 // could not reach or open what it needs
	exitRefused = 4 // refused by permission
)

// An exit is an error that knows its exit code. A nil cause means that
// everything has been said already.
type exit struct {
	code  int
	cause error
}

func (e *exit) Error() string {
	if e.cause == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.cause.Error()
}

func (e *exit) Unwrap() error { return e.cause }

func usage(format string, a ...any) error { return &exit{exitUsage, fmt.Errorf(format, a...)} }
func reach(format string, a ...any) error { return &exit{exitReach, fmt.Errorf(format, a...)} }

// said ends a command whose answer was "no" and has been printed.
func said(code int) error { return &exit{code: code} }

// app is what every command shares: the streams and the global flags.
type app struct {
	in          io.Reader
	out, errout io.Writer
	json        bool
	format      string // csv: a list goes to a spreadsheet
	server      string
	token       string
	data        string
	config      string
}

// Main runs one command line and returns its exit code.
func Main(args []string, in io.Reader, out, errout io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The first Ctrl-C ends a command in good order. Some shells and wrappers send
	// it twice at once, so only one that comes later ends the process at once.
	context.AfterFunc(ctx, func() { time.AfterFunc(patience, stop) })
	a := &app{in: in, out: out, errout: errout}
	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	var e *exit
	if !errors.As(err, &e) {
		e = &exit{exitUsage, err} // cobra's own errors are about usage
	}
	if e.cause != nil {
		fmt.Fprintln(errout, "habeas:", e.cause)
	}
	return e.code
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "habeas",
		Short: "Know what personal data is held about every person, why, until when, and who received it",
		Long: `habeas keeps one map per person of the personal data your systems hold about them.
Source systems send an event when they store, share or remove data; habeas keeps
the events in a durable journal and answers from the map it builds of them.

Start with "habeas demo": it needs nothing else and leaves nothing behind.`,
		SilenceUsage: true, SilenceErrors: true,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.errout)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage("%w\nSee: %s --help", err, c.CommandPath())
	})
	f := root.PersistentFlags()
	f.BoolVar(&a.json, "json", false, "print one JSON document on standard output")
	f.StringVar(&a.server, "server", "", "address of the server (HABEAS_SERVER; default http://127.0.0.1:8088)")
	f.StringVar(&a.token, "token", "", "access token (HABEAS_TOKEN; default: the operator token of the data directory)")
	f.StringVar(&a.data, "data", "", "data directory (HABEAS_DATA; default ./habeas-data)")
	f.StringVar(&a.config, "config", "", "configuration file (HABEAS_CONFIG; default ./habeas.yaml if it is there)")
	root.AddCommand(
		a.serveCmd(), a.demoCmd(), a.ingestCmd(), a.footprintCmd(), a.historyCmd(),
		a.personCmd(), a.eventCmd(), a.impactCmd(), a.systemsCmd(), a.quarantineCmd(), a.catalogueCmd(), a.recipientsCmd(), a.tokenCmd(),
		a.auditCmd(), a.verifyCmd(), a.vaultCmd(), a.fsckCmd(), a.rebuildCmd(), a.backupCmd(), a.restoreCmd(),
		a.caseCmd(), a.tasksCmd(), a.findingsCmd(), a.retentionCmd(), a.holdCmd(), a.clockCmd(), a.ropaCmd(),
		a.deadlineCmd(), a.doctorCmd(), a.benchCmd(), a.versionCmd(),
	)
	return root
}
