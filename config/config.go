// Package config owns the one Config struct and how it is filled: flag, then
// environment HABEAS_*, then the file habeas.yaml, then the default. It reads
// files and the environment and does nothing else. An unknown key is an error:
// a misspelt setting must not be a silent default.
package config

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Config is every setting of the server. The comments are the manual; `habeas
// doctor` prints the values in force and where each came from.
type Config struct {
	// Data is the directory of the journal, the map and the vault's entries.
	// It is created 0700 at first start and locked while a server runs.
	Data string `mapstructure:"data"`
	// Keys is the directory of the vault's keys, by default Data + ".keys".
	// Whoever has Data and Keys can read the identifiers; who loses Keys has
	// lost them for good. Keep it out of the backups of Data.
	Keys string `mapstructure:"keys"`
	// KeyCopies are further directories that receive the keys at every change.
	KeyCopies []string `mapstructure:"key_copies"`
	// Ledger is the directory of the restore ledger, by default Data +
	// ".ledger". It remembers what was erased and must outlive every backup.
	Ledger string `mapstructure:"ledger"`
	// Listen is the address of the HTTP server.
	Listen string `mapstructure:"listen"`
	// TLSCert and TLSKey are PEM files; with both set HTTP is served over TLS.
	TLSCert string `mapstructure:"tls_cert"`
	TLSKey  string `mapstructure:"tls_key"`
	// InsecureListen permits an address other than loopback without TLS, as
	// behind a proxy that ends TLS.
	InsecureListen bool `mapstructure:"insecure_listen"`
	// NATS is the URL of an external NATS cluster. Empty runs NATS inside.
	NATS string `mapstructure:"nats"`
	// NATSCreds is a credentials file for the external cluster.
	NATSCreds string `mapstructure:"nats_creds"`
	// NATSCA is a PEM file of the authority that signed the cluster's
	// certificates.
	NATSCA string `mapstructure:"nats_ca"`
	// NATSPlain permits an external cluster without TLS that is not loopback.
	NATSPlain bool `mapstructure:"nats_plain"`
	// NATSListen is the address on which the embedded NATS accepts source
	// systems. Empty, the default, opens no port.
	NATSListen string `mapstructure:"nats_listen"`
	// Replicas of each stream on an external cluster; 0 means 3 where the
	// cluster has three servers and 1 where it has one.
	Replicas int `mapstructure:"replicas"`
	// Catalogue is a file, or the name of a shipped catalogue.
	Catalogue string `mapstructure:"catalogue"`
	// Decisions is a file with what a person settled where the notice leaves it
	// open. Empty means the defaults that come with a shipped catalogue, and
	// none for a catalogue of your own.
	Decisions string `mapstructure:"decisions"`
	// Region is the default country of phone numbers written without one.
	Region string `mapstructure:"region"`
	// MaxInFlight is how many events may wait for durability before sources
	// are told to wait (HTTP 429).
	MaxInFlight int `mapstructure:"max_in_flight"`
	// UploadsPerToken is how many requests with events one token may have under
	// way at once, over NATS one system; further ones are told to wait (HTTP 429).
	UploadsPerToken int `mapstructure:"uploads_per_token"`
	// SessionsPerToken is how many browsers may be signed in with one token. One
	// more signs out the one that has been idle longest.
	SessionsPerToken int `mapstructure:"sessions_per_token"`
	// LooksPerMinute is how many people one token may look up in a minute.
	LooksPerMinute int `mapstructure:"looks_per_minute"`
	// FourEyes asks a second person before people are listed by name.
	FourEyes bool `mapstructure:"four_eyes"`
	// StrictFourEyes counts a token as that of whoever made it, all the way up:
	// who may make tokens cannot be their own second person with one.
	StrictFourEyes bool `mapstructure:"strict_four_eyes"`
	// DisposalShare is the part of everybody, from 0.001 to 1, beyond which a
	// batch of erasures stops with DISPOSAL_FUSE. A batch about at most 50 people
	// never does.
	DisposalShare float64 `mapstructure:"disposal_share"`
	// SweepEvery is how often pairs that nothing lives under are forgotten.
	SweepEvery time.Duration `mapstructure:"sweep_every"`
	// RotateEvery is how often the vault changes its epoch key by itself. At
	// the change what was forgotten becomes unreadable everywhere. 0 leaves it
	// to `habeas vault rotate`.
	RotateEvery time.Duration `mapstructure:"rotate_every"`
	// QuarantineFor is how long an event that could not be understood is kept.
	QuarantineFor time.Duration `mapstructure:"quarantine_for"`
	// ReasonsFor is how long the reasons given for looks and decisions are kept.
	ReasonsFor time.Duration `mapstructure:"reasons_for"`
	// DisclosureFor is how long a disclosure alone keeps an identifier.
	DisclosureFor time.Duration `mapstructure:"disclosure_for"`
	// CaseFilesFor is how long the file of a closed case is kept: what was asked,
	// decided, written and received. That there was a case stays.
	CaseFilesFor time.Duration `mapstructure:"case_files_for"`
	// IdentityFor is how long it is kept how a person showed who they are, once
	// their case is closed.
	IdentityFor time.Duration `mapstructure:"identity_for"`
	// TasksPerMinute is how many tasks one system or recipient is given in a
	// minute, and TasksAtOnce how many it may have in hand.
	TasksPerMinute int `mapstructure:"tasks_per_minute"`
	TasksAtOnce    int `mapstructure:"tasks_at_once"`
	// CopyMegabytes is how large one file of an export may be.
	CopyMegabytes int `mapstructure:"copy_megabytes"`
	// LookAfter is how long after something was reported as done a system is asked
	// to look whether it is; longer where it deletes by a run of the night.
	LookAfter time.Duration `mapstructure:"look_again_after"`
	// TaskRates are those of single targets, as system=tasks-per-minute.
	TaskRates []string `mapstructure:"task_rates"`
	// TestClock lets a script set the day. Every fact is then marked simulated.
	TestClock bool `mapstructure:"test_clock"`
	// LogFormat is text or json; LogLevel is debug, info, warn or error.
	LogFormat string `mapstructure:"log_format"`
	LogLevel  string `mapstructure:"log_level"`
}

// Default returns the settings of an empty configuration.
func Default() Config {
	return Config{
		Data: "./habeas-data", Listen: "127.0.0.1:8088", Region: "GB",
		Catalogue: "instant-connect", MaxInFlight: 65536, UploadsPerToken: 128, SessionsPerToken: 20, LooksPerMinute: 60, DisposalShare: 0.1, SweepEvery: time.Hour,
		RotateEvery: 24 * time.Hour, QuarantineFor: 30 * 24 * time.Hour,
		ReasonsFor: 3 * 365 * 24 * time.Hour, DisclosureFor: 6 * 365 * 24 * time.Hour,
		CaseFilesFor: 3 * 365 * 24 * time.Hour, IdentityFor: 90 * 24 * time.Hour,
		TasksPerMinute: 600, TasksAtOnce: 32, CopyMegabytes: 4096, LogFormat: "text", LogLevel: "info",
	}
}

// Check completes what depends on other settings and says everything that is
// wrong at once.
func (c *Config) Check() error {
	var wrong []string
	say := func(format string, a ...any) { wrong = append(wrong, fmt.Sprintf(format, a...)) }
	if c.Data == "" {
		say("data: want a directory")
	}
	c.Data = filepath.Clean(c.Data)
	if c.Keys == "" {
		c.Keys = c.Data + ".keys"
	}
	if c.Ledger == "" {
		c.Ledger = c.Data + ".ledger"
	}
	if within(c.Keys, c.Data) || within(c.Ledger, c.Data) {
		say("keys and ledger: want directories outside data (%s), so that a backup of data holds neither", c.Data)
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		say("tls_cert and tls_key: want both or neither")
	}
	if host, _, err := net.SplitHostPort(c.Listen); err != nil {
		say("listen: want host:port, such as 127.0.0.1:8088")
	} else if !loopback(host) && c.TLSCert == "" && !c.InsecureListen {
		say("listen: %s is open to the network without TLS; set tls_cert and tls_key, or insecure_listen: true behind a proxy that ends TLS", c.Listen)
	}
	if c.MaxInFlight < 256 {
		say("max_in_flight: want at least 256")
	}
	if c.UploadsPerToken < 1 {
		say("uploads_per_token: want at least 1")
	}
	if c.SessionsPerToken < 1 {
		say("sessions_per_token: want at least 1")
	}
	if c.LooksPerMinute < 1 {
		say("looks_per_minute: want at least 1")
	}
	if !(c.DisposalShare >= 0.001 && c.DisposalShare <= 1) {
		say("disposal_share: want a part from 0.001 to 1")
	}
	if c.TasksPerMinute < 1 || c.TasksAtOnce < 1 {
		say("tasks_per_minute and tasks_at_once: want at least 1")
	}
	if c.CopyMegabytes < 1 || c.CopyMegabytes > 1<<20 {
		say("copy_megabytes: want 1 to 1048576")
	}
	if c.LookAfter < 0 || c.LookAfter > 30*24*time.Hour {
		say("look_again_after: want a time from 0 to 720h")
	}
	if _, err := c.TaskRate(); err != nil {
		say("task_rates: %v", err)
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		say("log_format: want text or json")
	}
	switch c.LogLevel {
	case "debug", "info", "warn", "error":
	default:
		say("log_level: want debug, info, warn or error")
	}
	for name, d := range map[string]time.Duration{"sweep_every": c.SweepEvery, "quarantine_for": c.QuarantineFor, "disclosure_for": c.DisclosureFor, "reasons_for": c.ReasonsFor,
		"case_files_for": c.CaseFilesFor, "identity_for": c.IdentityFor} {
		if d < time.Minute {
			say("%s: want at least 1m", name)
		}
	}
	if c.RotateEvery != 0 && c.RotateEvery < time.Minute {
		say("rotate_every: want 0 or at least 1m")
	}
	if len(wrong) > 0 {
		return fmt.Errorf("check configuration:\n  %s", strings.Join(wrong, "\n  "))
	}
	return nil
}

// TaskRate reads TaskRates: tasks a minute by system.
func (c *Config) TaskRate() (map[string]int, error) {
	out := map[string]int{}
	for _, r := range c.TaskRates {
		system, n, ok := strings.Cut(r, "=")
		per, err := strconv.Atoi(n)
		if !ok || system == "" || err != nil || per < 1 {
			return nil, fmt.Errorf("want system=tasks-per-minute, such as crm=60; got %q", r)
		}
		out[system] = per
	}
	return out, nil
}

// JournalDir is where the embedded NATS keeps its streams.
func (c *Config) JournalDir() string { return filepath.Join(c.Data, "journal") }

// MapDir is where the projections live.
func (c *Config) MapDir() string { return filepath.Join(c.Data, "map") }

// VaultDir is where the vault keeps its index.
func (c *Config) VaultDir() string { return filepath.Join(c.Data, "vault") }

// AccessDir is where hashed tokens are kept.
func (c *Config) AccessDir() string { return filepath.Join(c.Data, "access") }

// AuditDir is where the audit log keeps its tree.
func (c *Config) AuditDir() string { return filepath.Join(c.Data, "audit") }

func within(path, dir string) bool {
	a, err1 := filepath.Abs(path)
	b, err2 := filepath.Abs(dir)
	if err1 != nil || err2 != nil {
		return false
	}
	return a == b || strings.HasPrefix(a, b+string(os.PathSeparator))
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
