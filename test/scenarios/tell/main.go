// Command tell plays one worked scenario and prints the story: what happened on
// which day, what is held then and until when, and what differs from what was
// worked out by hand. It owns nothing beyond that.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/habeas-data/habeas/test/scenarios/play"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := tell(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func tell(ctx context.Context, args []string) error {
	root := filepath.Join("test", "scenarios")
	list, err := play.All(root)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		for _, dir := range list {
			fmt.Println(filepath.Base(dir))
		}
		return errors.New("say which: test/scenarios/run ID, the beginning of it is enough, or all")
	}
	tmp, err := os.MkdirTemp("", "habeas-scenario-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	bin := os.Getenv("HABEAS_TEST_BIN")
	if bin == "" {
		if bin, err = play.Build(ctx, tmp); err != nil {
			return err
		}
	}
	told, differ := 0, 0
	for _, dir := range list {
		id := filepath.Base(dir)
		if args[0] != "all" && !strings.HasPrefix(id, strings.ToLower(args[0])) {
			continue
		}
		told++
		n, err := one(ctx, bin, filepath.Join(tmp, id), dir)
		if err != nil {
			return err
		}
		differ += n
	}
	if told == 0 {
		return fmt.Errorf("no scenario begins with %q", args[0])
	}
	if differ > 0 {
		return fmt.Errorf("%d things differ", differ)
	}
	fmt.Println("\nEverything is as it was worked out by hand.")
	return nil
}

// one plays a scenario in a directory of its own and returns how much differs.
func one(ctx context.Context, bin, home, dir string) (int, error) {
	s, err := play.Load(dir)
	if err != nil {
		return 0, err
	}
	if err := os.MkdirAll(home, 0o700); err != nil {
		return 0, err
	}
	w, err := play.Start(ctx, bin, home, s)
	if err != nil {
		return 0, err
	}
	faults, err := (&play.Player{World: w, Scenario: s, Tell: os.Stdout}).Play(ctx)
	return len(faults), errors.Join(err, w.Close())
}
