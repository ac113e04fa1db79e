package server

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/config"
	"github.com/habeas-data/habeas/connectors/fanout"
	"github.com/habeas-data/habeas/connectors/ingest"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/journal"
	"github.com/habeas-data/habeas/internal/failpoint"
	"github.com/habeas-data/habeas/projections"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/vault"
	"github.com/habeas-data/habeas/vault/files"
	"golang.org/x/sys/unix"
)

// Options are what the configuration file does not say.
type Options struct {
	Log *slog.Logger
	// Offline opens the stores for one operation: nothing is served, and the
	// map is not followed.
	Offline bool
	// Restore lets the vault begin with parts that are older than others and
	// forget again what the ledger says.
	Restore        bool
	AcceptNoLedger bool
	// Inspect opens a damaged journal for reading.
	Inspect bool
	// Demo is set by the demo: its catalogue is given, not read from a file.
	Catalogue *Shelf
}

// A Server is everything, open. Its parts are safe for concurrent use.
type Server struct {
	cfg   config.Config
	opt   Options
	log   *slog.Logger
	clock *clock

	journal *journal.Journal
	events  *journal.EventLog
	vaults  *journal.RawLog
	audits  *journal.RawLog
	vault   *vault.Vault
	files   *files.Store
	shelf   *Shelf
	graph   *projections.Map
	audit   *audit.Log
	access  *access.Store
	links   *access.Links
	gateway *ingest.Gateway
	desk    *desk.Desk
	fanout  atomic.Pointer[fanout.Fanout]
	api     *api.Server
	metrics *metrics
	ready   readiness
	// reasonsShredded is the first audit record whose reason may still be kept;
	// owned by the schedule.
	reasonsShredded int64
	// reasonsFollowed is set once the reasons of looks at everybody forgotten so
	// far are shredded; owned by the schedule.
	reasonsFollowed bool
	// restored is the mark of a restore that nobody has confirmed; nil: none.
	restored atomic.Pointer[restoration]

	closers []func() error // in the order of opening
	once    sync.Once
	err     error // of Close
}

// Open opens every part. What was opened is closed again on an error.
func Open(ctx context.Context, cfg config.Config, opt Options) (*Server, error) {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{cfg: cfg, opt: opt, log: opt.Log, clock: newClock(cfg.TestClock)}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// open opens the parts in the order in which they vouch for each other: the
// lock and the journal, then the vault that the journal needs, then what is
// derived from both, then those who answer.
func (s *Server) open(ctx context.Context) error {
	if err := harden(); err != nil {
		return err
	}
	if err := privateDir(s.cfg.Data); err != nil {
		return err
	}
	if err := s.resumeClock(); err != nil {
		return err
	}
	steps := []func(context.Context) error{s.openJournal, s.openVault, s.openFiles, s.clearLeftovers, s.openCatalogue, s.openMap, s.openAudit, s.openAccess}
	if !s.opt.Offline {
		steps = append(steps, s.loadRestoration, s.openGateway, s.openDesk, s.openFanout, s.openAPI)
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) later(c func() error) { s.closers = append(s.closers, c) }

// harden makes every file that is made from here on private, and keeps memory,
// which may hold identifiers, out of core dumps.
func harden() error {
	unix.Umask(0o077)
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("switch core dumps off: %w", err)
	}
	return nil
}

func privateDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	st, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("look at the data directory: %w", err)
	}
	if st.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("open %s: others can read it (%v); nothing was started. Make it private: chmod 700 %s", dir, st.Mode().Perm(), dir)
	}
	return nil
}

func (s *Server) openJournal(ctx context.Context) (err error) {
	jc := journal.Config{
		Dir: s.cfg.JournalDir(), URL: s.cfg.NATS, Credentials: s.cfg.NATSCreds, Replicas: s.cfg.Replicas,
		InsecureNetwork: s.cfg.NATSPlain, Inspect: s.opt.Inspect, Log: s.log.With("part", "journal"), Now: s.clock.stamp,
	}
	if s.cfg.NATSListen != "" && !s.opt.Offline {
		jc.Listen, jc.Authenticate = s.cfg.NATSListen, s.authenticateNATS
		if s.cfg.TLSCert != "" {
			pair, err := tls.LoadX509KeyPair(s.cfg.TLSCert, s.cfg.TLSKey)
			if err != nil {
				return fmt.Errorf("read tls_cert and tls_key: %w", err)
			}
			jc.ListenTLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
		}
	}
	if jc.TLS, err = natsTLS(s.cfg.NATSCA); err != nil {
		return err
	}
	if s.journal, err = journal.Open(ctx, jc); err != nil {
		return err
	}
	s.later(s.journal.Close)
	if s.events, err = s.journal.Events(ctx); err != nil {
		return err
	}
	if s.vaults, err = s.journal.Raw(ctx, "vault"); err != nil {
		return err
	}
	s.audits, err = s.journal.Raw(ctx, "audit")
	return err
}

func (s *Server) openVault(ctx context.Context) (err error) {
	// A vault is created only beside a journal that has never needed one: keys
	// that are missing later are lost, not to be made anew.
	fresh := s.events.Last().Seq == 0 && s.vaults.Last().Seq == 0
	s.vault, err = vault.Open(ctx, vault.Config{
		Dir: s.cfg.VaultDir(), KeyDir: s.cfg.Keys, KeyCopies: s.cfg.KeyCopies, LedgerDir: s.cfg.Ledger,
		Log: vaultLog{s.vaults}, Create: fresh, Restore: s.opt.Restore, AcceptNoLedger: s.opt.AcceptNoLedger,
		Region: s.cfg.Region, Now: s.clock.now, Logger: s.log.With("part", "vault"),
		Step: func(step string) error { failpoint.Hit(step); return nil },
	})
	if err != nil {
		return err
	}
	s.later(s.vault.Close)
	return s.vault.RequireAtLeast(s.events.VaultNeeded())
}

func (s *Server) openCatalogue(ctx context.Context) (err error) {
	if s.opt.Catalogue != nil {
		s.shelf = s.opt.Catalogue
		return nil
	}
	if s.opt.Offline {
		s.shelf, err = openKept(filepath.Join(s.cfg.Data, "catalogue"))
		if s.shelf != nil {
			return nil
		}
		if err != nil {
			s.log.Warn("the catalogue that was adopted last cannot be read; the one named is used", "error", err)
		}
	}
	s.shelf, err = openShelf(filepath.Join(s.cfg.Data, "catalogue"), s.cfg.Catalogue, s.cfg.Decisions)
	return err
}

func (s *Server) mapConfig() projections.Config {
	return projections.Config{Dir: s.cfg.MapDir(), Source: eventSource{s.events}, Log: s.log.With("part", "map"), Now: s.clock.now}
}

func (s *Server) openMap(ctx context.Context) (err error) {
	s.graph, err = projections.Open(ctx, s.mapConfig())
	if errors.Is(err, projections.ErrRebuildNeeded) && !s.opt.Inspect {
		// The map holds nothing that the journal does not.
		s.log.Warn("the map cannot be used as it is and is built anew from the journal", "cause", err)
		if err = projections.Rebuild(ctx, s.mapConfig(), nil); err == nil {
			s.graph, err = projections.Open(ctx, s.mapConfig())
		}
	}
	if err != nil {
		return err
	}
	s.later(s.graph.Close)
	return nil
}

func (s *Server) openAudit(ctx context.Context) (err error) {
	ac := audit.Config{Dir: s.cfg.AuditDir(), Journal: auditJournal{s.audits}, KeyFile: filepath.Join(s.cfg.Keys, "audit.key"),
		Origin: "habeas-audit", Create: s.audits.Last().Seq == 0, Now: s.clock.now, Log: s.log.With("part", "audit")}
	s.audit, err = audit.Open(ctx, ac)
	if errors.Is(err, audit.ErrDamaged) && !s.opt.Inspect {
		s.log.Warn("the audit log's derived files are built anew", "cause", err)
		ac.Rebuild = true
		s.audit, err = audit.Open(ctx, ac)
	}
	if err != nil {
		return err
	}
	s.later(s.audit.Close)
	return nil
}

func (s *Server) openAccess(ctx context.Context) (err error) {
	if s.access, err = access.Open(ctx, access.Config{Dir: s.cfg.AccessDir(), Strict: s.cfg.StrictFourEyes}); err != nil {
		return err
	}
	s.links = access.NewLinks(nil, nil)
	if s.opt.Offline {
		return nil
	}
	return s.access.EnsureOperator(ctx)
}

func (s *Server) openGateway(context.Context) error {
	s.gateway = ingest.New(ingest.Config{
		Vault: gatewayVault{s.vault.Resolver(), s.vault}, Journal: keepingJournal{gatewayJournal{s.events}, s.vault, s.events.Seen},
		Catalogue: func() ingest.Catalogue { return s.shelf.Current() }, Now: s.clock.arrival, Simulated: s.cfg.TestClock,
		MaxInFlight: s.cfg.MaxInFlight, MaxUploads: s.cfg.UploadsPerToken, Heard: s.heard, Seen: s.events.Seen, Log: s.log.With("part", "ingest"),
	})
	return nil
}

func (s *Server) openDesk(ctx context.Context) (err error) {
	r, past := s.vault.Resolver(), newVersions(s.shelf)
	s.desk, err = desk.Open(ctx, desk.Deps{
		Map: s.graph, View: s.freshView, Facets: s.graph.Facets, FourEyes: s.cfg.FourEyes,
		Finder: deskFinder{r, s.knownKind}, Revealer: deskRevealer{s.vault.Revealer()}, Sealer: s.vault, Allocator: deskAllocator{r}, Forgetter: deskForgetter{s.vault, func() *files.Store { return s.files }}, Frozen: s.frozen, Answers: s.answers(), Tasks: s.taskDeps(),
		Appender: deskAppender{s.gateway}, Audit: s.audit, Catalogue: s.shelf.Current,
		Proofs: s.audit, Keys: s.keyFacts,
		Earlier: past.earlier, InForce: past.inForce, First: past.first, SamePerson: s.access.SamePerson, DisposalShare: s.cfg.DisposalShare,
		Limit: access.NewLimit(s.cfg.LooksPerMinute, time.Minute/time.Duration(s.cfg.LooksPerMinute), nil), Last: s.last, Simulated: s.cfg.TestClock,
		Now: s.clock.now, Rand: rand.Reader, Log: s.log.With("part", "desk"), Zone: london(),
	})
	return err
}

// freshWait is how long a question waits for the map to take in what was durable
// when it was asked. A map that is further behind answers, and says so.
const freshWait = time.Second

// freshView lets whoever has just sent an event find it: an answer knows
// everything that was acknowledged before the question.
func (s *Server) freshView() desk.View {
	if to := s.last(); s.graph.Applied().Compare(to) < 0 {
		ctx, cancel := context.WithTimeout(context.Background(), freshWait)
		defer cancel()
		if err := s.graph.WaitFor(ctx, to); err != nil {
			s.log.Warn("a question is answered from a map that is behind", "error", err)
		}
	}
	return s.graph.View()
}

// last is the position of the last event that is durable.
func (s *Server) last() events.Position {
	c := s.events.Last()
	if c.Seq == 0 {
		return events.Position{}
	}
	return events.Position{Generation: c.Generation, Seq: c.Seq}
}

// Close closes the parts in the opposite order. Twice is fine.
func (s *Server) Close() error {
	s.once.Do(func() {
		var errs []error
		for i := len(s.closers) - 1; i >= 0; i-- {
			errs = append(errs, s.closers[i]())
		}
		s.err = errors.Join(errs...)
	})
	return s.err
}

// deskAppender makes the desk's facts durable through the gateway, so that the
// fence of the vault sees them.
type deskAppender struct{ g *ingest.Gateway }

func (a deskAppender) Append(ctx context.Context, e *events.Event, vault uint64) (events.Position, error) {
	at, err := a.g.Write(ctx, []*events.Event{e}, vault)
	if err != nil {
		return events.Position{}, err
	}
	return at[0], nil
}
