package measure

import (
	"context"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/habeas-data/habeas/demo"
	"github.com/habeas-data/habeas/events"
)

// rawWindow is how many events may be unacknowledged at once while the raw
// limit is measured: far more than one log allows itself, so that this is the
// limit of the store and not of the way it is asked.
const rawWindow = 16 << 10

// rawSingles is how many events are sent one to a message: each costs an fsync.
const rawSingles = 6000

// RawJournal measures what JetStream itself can do with the very bytes of
// finished frames: no identifiers to resolve, no chain, no grouping.
func RawJournal(ctx context.Context, o Options, dir string) (Metrics, error) {
	m := Metrics{}
	n := min(o.Events, 500_000)
	for _, pack := range []int{256, 1024, 1} {
		count := n
		if pack == 1 {
			count = min(n, rawSingles)
		}
		name := fmt.Sprintf("raw.frames%d", pack)
		if pack == 1 {
			name = "raw.singles"
		}
		frames := packFrames(o.Load().Stream(0, count), pack, 0)
		if err := publishFrames(ctx, filepath.Join(dir, name), frames, pack, count, m, name); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	n = min(n, 200_000)
	wide := packFrames(o.Load().Stream(0, n), 256, wideEvent)
	if err := publishFrames(ctx, filepath.Join(dir, "wide"), wide, 256, n, m, "raw.wide256"); err != nil {
		return nil, fmt.Errorf("raw.wide256: %w", err)
	}
	return m, nil
}

// wideEvent is the size of the events with which the goals' limits were first
// estimated. Ours are a quarter of it, so the raw limit is that much higher.
const wideEvent = 400

// packFrames encodes a load as the journal would, with handles made up from
// the identifiers. No frame is larger than a frame may be. Events narrower than
// width are filled up with bytes that do not compress.
func packFrames(s *demo.Stream, pack, width int) [][]byte {
	var out [][]byte
	var b events.FrameBuilder
	var prev events.Hash
	seal := func() {
		frame, hash := b.Seal(events.FrameHeader{Body: events.EventBody, Generation: 1, Previous: prev})
		out, prev = append(out, frame), hash
		b.Reset()
	}
	var o events.Observation
	for s.Next() {
		s.Observe(&o)
		invent(&o)
		if width == 0 {
			b.Add(&o.Event)
		} else {
			b.AddRaw(fill(events.AppendEvent(nil, &o.Event, &b), width))
		}
		if b.Count() == pack || b.Size() > events.MaxFrameBytes-events.MaxEventBytes {
			seal()
		}
	}
	if b.Count() > 0 {
		seal()
	}
	return out
}

func fill(b []byte, width int) []byte {
	for sum := sha256.Sum256(b); len(b) < width; sum = sha256.Sum256(sum[:]) {
		b = append(b, sum[:min(len(sum), width-len(b))]...)
	}
	return b
}

func digest16(s string) (h [16]byte) {
	sum := sha256.Sum256([]byte(s))
	copy(h[:], sum[:])
	return h
}

func publishFrames(ctx context.Context, dir string, frames [][]byte, pack, count int, m Metrics, name string) error {
	srv, nc, err := rawServer(dir)
	if err != nil {
		return err
	}
	defer srv.Shutdown()
	defer nc.Close()
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(max(rawWindow/pack, 2)))
	if err != nil {
		return fmt.Errorf("reach JetStream: %w", err)
	}
	if _, err := js.CreateStream(ctx, jetstream.StreamConfig{
		Name: "RAW", Subjects: []string{"raw"}, Storage: jetstream.FileStorage, Compression: jetstream.S2Compression,
	}); err != nil {
		return fmt.Errorf("make the stream: %w", err)
	}
	meter := StartMeter()
	for _, f := range frames {
		if _, err := js.PublishAsync("raw", f, jetstream.WithStallWait(time.Minute)); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
	}
	select {
	case <-js.PublishAsyncComplete():
	case <-ctx.Done():
		return ctx.Err()
	}
	meter.Stop().Report(m, name, count)
	s, err := js.Stream(ctx, "RAW")
	if err != nil {
		return fmt.Errorf("look at the stream: %w", err)
	}
	if got := s.CachedInfo().State.Msgs; got != uint64(len(frames)) {
		return fmt.Errorf("the stream holds %d of %d messages", got, len(frames))
	}
	return nil
}

// rawServer starts a server with the settings of the journal's own: in this
// process, no listener, fsync before every acknowledgement.
func rawServer(dir string) (*server.Server, *nats.Conn, error) {
	srv, err := server.NewServer(&server.Options{
		DontListen: true, NoSigs: true, NoLog: true, JetStream: true, StoreDir: dir,
		SyncAlways: true, MaxPayload: 1 << 20, StreamMaxBufferedMsgs: 2 * rawWindow, StreamMaxBufferedSize: 256 << 20,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("start the server: %w", err)
	}
	srv.Start()
	if !srv.ReadyForConnections(30 * time.Second) {
		srv.Shutdown()
		return nil, nil, fmt.Errorf("start the server: not ready after 30 s")
	}
	nc, err := nats.Connect("", nats.InProcessServer(srv))
	if err != nil {
		srv.Shutdown()
		return nil, nil, fmt.Errorf("connect in the process: %w", err)
	}
	return srv, nc, nil
}
