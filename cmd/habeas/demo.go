package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/cmd/habeas/server"
	"github.com/habeas-data/habeas/config"
	"github.com/habeas-data/habeas/demo"
	"github.com/habeas-data/habeas/demo/standin"
	"github.com/habeas-data/habeas/events"
	"github.com/spf13/cobra"
)

func (a *app) demoCmd() *cobra.Command {
	var notice, listen, keep string
	var people int
	var seed uint64
	var moods []string
	c := &cobra.Command{
		Use:   "demo",
		Short: "Start everything in a temporary directory with months of invented events",
		Long: `Start everything embedded in a fresh temporary directory, play months of
plausible events of a real notice's systems about invented people, and print what
to try. Ctrl-C ends it and leaves nothing behind.

Each notice has its own systems, recipients and people, and things that go wrong
as they do: data sent to somebody nobody declared, consent taken from a visit,
a period that has run out. The notices are:
` + storyList(),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			story, err := demo.Of(notice)
			if err != nil {
				return usage("--notice: %w", err)
			}
			how, err := standin.ParseMoods(moods)
			if err != nil {
				return usage("--misbehave: %w", err)
			}
			return a.demo(cmd.Context(), story, demoOptions{listen: listen, keep: keep, people: people, seed: seed, moods: how})
		},
	}
	f := c.Flags()
	f.StringVar(&notice, "notice", demo.Notice, "whose notice to play: "+strings.Join(demo.Notices(), ", "))
	f.IntVar(&people, "people", 200, "how many people live in it")
	f.Uint64Var(&seed, "seed", 1, "the same seed gives the same story")
	f.StringVar(&listen, "listen", "127.0.0.1:8088", "address of the server; another free port is taken if it is in use")
	f.StringSliceVar(&moods, "misbehave", nil, "how stand-ins of systems and recipients act on their tasks, as system=mood: "+moodList())
	f.StringVar(&keep, "keep", "", "use this directory, which must be empty, and leave it")
	return c
}

// storyList has a line for each notice that can be played.
func storyList() string {
	var b strings.Builder
	for _, n := range demo.Notices() {
		if story, err := demo.Of(n); err == nil {
			fmt.Fprintf(&b, "  %-16s %s\n", n, story.About())
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// demoOptions are the flags of the demo.
type demoOptions struct {
	listen, keep string
	people       int
	seed         uint64
	moods        map[events.Code]standin.Mood
}

func moodList() string {
	var out []string
	for _, m := range standin.Moods() {
		out = append(out, string(m))
	}
	return strings.Join(out, ", ")
}

func (a *app) demo(ctx context.Context, story *demo.Story, o demoOptions) (err error) {
	dir := o.keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "habeas-demo-"); err != nil {
			return reach("make a temporary directory: %w", err)
		}
		defer func() {
			if rerr := os.RemoveAll(dir); err == nil && rerr != nil {
				err = reach("remove the demo's directory: %w", rerr)
			}
		}()
	}
	cfg := config.Default()
	cfg.Data, cfg.Listen, cfg.LogLevel = filepath.Join(dir, "data"), o.listen, "error"
	cfg.RotateEvery = 0
	if err := cfg.Check(); err != nil {
		return usage("%w", err)
	}
	cat, err := story.Catalogue()
	if err != nil {
		return reach("load the demo's catalogue: %w", err)
	}
	l, err := net.Listen("tcp", o.listen)
	if err != nil {
		host, _, _ := net.SplitHostPort(o.listen)
		if l, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
			return reach("listen: %w", err)
		}
		fmt.Fprintf(a.errout, "%s is in use by something else; this demo is at %s\n", o.listen, l.Addr())
	}
	s, err := server.Open(ctx, cfg, server.Options{Log: server.Logger(cfg, a.errout), Catalogue: server.NewShelf(cat)})
	if err != nil {
		_ = l.Close()
		return reach("%w", err)
	}
	running := make(chan error, 1)
	go func() { running <- s.Run(ctx, l) }()
	if err := a.play(ctx, s, story, o, baseURL(cfg, l.Addr())); err != nil && ctx.Err() == nil {
		fmt.Fprintln(a.errout, "habeas: the story was not played to its end:", err)
	}
	if ctx.Err() == nil {
		if err := a.invite(ctx, s, story, baseURL(cfg, l.Addr()), cfg.Data); err != nil {
			fmt.Fprintln(a.errout, "habeas: no sign-in link could be made:", err)
		}
	}
	err = <-running
	if cerr := s.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return reach("%w", err)
	}
	return nil
}

// play sends the story through the gateway, as source systems would.
func (a *app) play(ctx context.Context, s *server.Server, story *demo.Story, o demoOptions, base string) error {
	g, err := story.New(demo.Config{People: o.people, Seed: o.seed, Until: time.Now()})
	if err != nil {
		return err
	}
	list := g.Observations()
	bar := newProgress(a.errout, int64(len(list)))
	defer bar.done()
	if err := s.Play(ctx, list, func(done int) { bar.set(int64(done)) }); err != nil {
		return err
	}
	cat, err := story.Catalogue()
	if err != nil {
		return err
	}
	return standIn(ctx, s, cat, o, base, standin.Fill(list))
}

// standIn starts a stand-in for each system and recipient that has data of the
// story. An authority, the public and single people have none: somebody writes to
// them. They end with the demo.
func standIn(ctx context.Context, s *server.Server, cat *catalogue.Catalogue, o demoOptions, base string, shelves map[events.Code]*standin.Shelf) error {
	for id, shelf := range shelves {
		r, isRecipient := cat.Recipient(id)
		if strings.HasPrefix(string(id), string(events.Undeclared)) || isRecipient && (r.Kind == catalogue.KindAuthority || r.Kind == catalogue.KindPublic || r.Kind == catalogue.KindIndividual) {
			continue
		}
		token, err := s.SystemToken(ctx, id)
		if err != nil {
			return fmt.Errorf("make the token of the stand-in for %s: %w", id, err)
		}
		go func() {
			_ = standin.Run(ctx, standin.Config{Server: base, System: id, Token: token, Shelf: shelf, Mood: o.moods[id], Seed: o.seed})
		}()
	}
	return nil
}

func (a *app) invite(ctx context.Context, s *server.Server, story *demo.Story, base, data string) error {
	link, err := s.SignInLink(ctx, base, "demo-dpo", access.DPO)
	if err != nil {
		return err
	}
	who := story.Guests()[0].Find
	run := "habeas"
	if strings.Contains(os.Args[0], "go-build") {
		run = "go run ./cmd/habeas"
	}
	at := " HABEAS_SERVER=" + base
	if base == defaultServer {
		at = ""
	}
	fmt.Fprintf(a.out, `
%d events of invented people are in the journal and in the map: %s.

Open the pages (this link signs you in once, as the data protection officer):
  %s

Or try, in another terminal:
  export HABEAS_DATA=%s%s
  echo %s | %s footprint -
  echo %s | %s history -
  %s systems
  %s findings
  %s catalogue check %s

Three people worth asking about:
%s
Ctrl-C ends the demo and leaves nothing behind.
`, s.Events(), story.About(), link, data, at, who, run, who, run, run, run, run, story.Notice(), guests(story))
	return nil
}

// guests are the people worth looking up first, each with why.
func guests(story *demo.Story) string {
	var b strings.Builder
	for _, p := range story.Guests() {
		fmt.Fprintf(&b, "  %s\n%s\n", p.Find, wrapped("      "+p.Story, ""))
	}
	return b.String()
}
