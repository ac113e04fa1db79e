package main

import (
	"errors"
	"fmt"
	"net"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/cmd/habeas/server"
	"github.com/habeas-data/habeas/config"
	"github.com/habeas-data/habeas/events/journal"
	"github.com/spf13/cobra"
)

func (a *app) serveCmd() *cobra.Command {
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Long: `Run the server: the journal (NATS JetStream inside, unless --nats names a
cluster), the vault, the map and the HTTP API with its pages.

At its first start it makes the data directory, the directory of the vault's keys
beside it, and the file of the operator's token, all private, and prints a
one-time link with which the first people sign in. Whoever loses the key
directory loses every identifier for good: keep a copy of it away from the
backups of the data.

The catalogue and the decisions that lie over it are checked before anything
starts. If either has a fault, every fault is told, nothing starts, and what was
adopted before stays adopted. A change of either is recorded as a new version.

Each flag can be set as HABEAS_NAME in the environment or name: in habeas.yaml.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.serve(cmd) },
	}
	d := config.Default()
	f := c.Flags()
	f.String("listen", d.Listen, "address of the HTTP server")
	f.String("catalogue", d.Catalogue, "catalogue: a file, or the name of a shipped one")
	f.String("decisions", "", "file of decisions that lie over the catalogue, in place of the shipped defaults")
	f.String("keys", "", "directory of the vault's keys (default DATA.keys)")
	f.StringSlice("key-copies", nil, "further directories that receive the keys at every change")
	f.String("ledger", "", "directory of the restore ledger (default DATA.ledger)")
	f.String("tls-cert", "", "PEM file of the server's certificate")
	f.String("tls-key", "", "PEM file of its key")
	f.Bool("insecure-listen", false, "permit an address beyond this machine without TLS, behind a proxy that ends TLS")
	f.String("nats", "", "URL of an external NATS cluster with JetStream")
	f.String("nats-creds", "", "credentials file for it")
	f.String("nats-ca", "", "PEM file of the authority of its certificates")
	f.Bool("nats-plain", false, "permit it without TLS beyond this machine")
	f.String("nats-listen", "", "address on which the embedded NATS takes events (default: none)")
	f.Int("replicas", 0, "copies of each stream on an external cluster (default: 3 where there are three servers)")
	f.String("region", d.Region, "country of phone numbers written without one")
	f.Int("max-in-flight", d.MaxInFlight, "events that may wait for durability before sources are told to wait")
	f.Int("looks-per-minute", d.LooksPerMinute, "people that one token may look up in a minute")
	f.Duration("sweep-every", d.SweepEvery, "how often identifiers that nothing needs are forgotten")
	f.Duration("rotate-every", d.RotateEvery, "how often the vault changes its epoch key by itself; 0 never")
	f.Duration("quarantine-for", d.QuarantineFor, "how long an event that could not be understood is kept")
	f.Duration("reasons-for", d.ReasonsFor, "how long the reasons given for looks and decisions are kept")
	f.Duration("disclosure-for", d.DisclosureFor, "how long a disclosure alone keeps an identifier")
	f.Bool("four-eyes", false, "ask a second person before people are listed by name (habeas impact --list)")
	f.Bool("test-clock", false, "let a script set the day; every fact is marked simulated")
	f.String("log-format", d.LogFormat, "text or json")
	f.String("log-level", d.LogLevel, "debug, info, warn or error")
	return c
}

func (a *app) serve(cmd *cobra.Command) error {
	cfg, err := a.configuration(cmd)
	if err != nil {
		return err
	}
	// The port first: a second server on the same address must not touch data.
	l, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return reach("listen on %s: %w; nothing was started", cfg.Listen, err)
	}
	s, err := server.Open(cmd.Context(), cfg, server.Options{Log: server.Logger(cfg, a.errout)})
	if err != nil {
		_ = l.Close()
		if errors.Is(err, journal.ErrLocked) {
			return reach("%w; stop it, or name another directory with --data", err)
		}
		if wrong := new(catalogue.Errors); errors.As(err, wrong) {
			return usage("%w", err)
		}
		return reach("%w", err)
	}
	if link, ok := s.SetUpLink(baseURL(cfg, l.Addr())); ok {
		fmt.Fprintf(a.errout, "No people can sign in yet. Open this once, within an hour, to make the first of them:\n  %s\n", link)
	}
	err = s.Run(cmd.Context(), l)
	if cerr := s.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return reach("%w", err)
	}
	return nil
}

func baseURL(cfg config.Config, addr net.Addr) string {
	scheme := "http"
	if cfg.TLSCert != "" {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}
