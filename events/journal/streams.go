package journal

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/habeas-data/habeas/events"
)

// private is the tree of the journal's own subjects: nobody but this package
// publishes there. Below habeas.v1 the gateway listens.
const (
	private  = "habeas.journal.>"
	doorbell = "habeas.doorbell."
	ours     = "HABEAS_" // prefix of our streams
)

// A logName is one of the logs that habeas keeps.
type logName struct {
	name, stream, subject string
	before, after         string // names of the durable step, see failpoint
	body                  events.Body
}

var logNames = []logName{
	{"events", "HABEAS_EVENTS_0", "habeas.journal.events.0", "journal.publish.before", "journal.publish.after", events.EventBody},
	{"vault", "HABEAS_VAULT_0", "habeas.journal.vault.0", "journal.vault.publish.before", "journal.vault.publish.after", events.RawBody},
	{"audit", "HABEAS_AUDIT", "habeas.journal.audit", "journal.audit.publish.before", "journal.audit.publish.after", events.RawBody},
}

func findLog(name string) (logName, error) {
	for _, l := range logNames {
		if l.name == name {
			return l, nil
		}
	}
	return logName{}, fmt.Errorf("open log %q: want events, vault or audit", name)
}

// Metadata keys of a stream. The id survives backup and restore and the
// promotion of a mirror, so positions stay valid.
const (
	metaID         = "habeas.log.id"
	metaGeneration = "habeas.log.generation"
	metaForm       = "habeas.log.form"
)

// identity is what a log is called inside checkpoints.
type identity struct {
	id         string
	generation uint32
}

func (n logName) checkpoint(id identity) Checkpoint {
	return Checkpoint{Stream: n.stream + "/" + id.id, Generation: id.generation}
}

func newIdentity(rand io.Reader) (identity, error) {
	var raw [16]byte
	if _, err := io.ReadFull(rand, raw[:]); err != nil {
		return identity{}, fmt.Errorf("name a new log: %w", err)
	}
	return identity{hex.EncodeToString(raw[:]), 1}, nil
}

// settings are those under which the promises of this package hold.
func (n logName) settings(id identity, replicas int) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: n.stream, Subjects: []string{n.subject},
		Description: "habeas: append-only frames; written by one process only",
		Retention:   jetstream.LimitsPolicy, Discard: jetstream.DiscardNew,
		MaxMsgs: -1, MaxBytes: -1, MaxMsgsPerSubject: -1, MaxConsumers: -1, MaxMsgSize: -1,
		Storage: jetstream.FileStorage, Replicas: replicas, Compression: jetstream.S2Compression,
		Duplicates: 2 * time.Minute, AllowDirect: true,
		DenyDelete: true, DenyPurge: true, // so that any gap is a loss
		Metadata: map[string]string{
			metaID: id.id, metaGeneration: strconv.FormatUint(uint64(id.generation), 10), metaForm: "1",
		},
	}
}

// check compares what is there with what is needed and names the first setting
// that differs.
func (n logName) check(got jetstream.StreamConfig, replicas int) (identity, error) {
	bad := func(setting string, got, want any) (identity, error) {
		return identity{}, fmt.Errorf("check stream %s: %s is %v, want %v: %w", n.stream, setting, got, want, ErrSettings)
	}
	m := got.Metadata
	if m[metaForm] != "1" {
		return bad("metadata "+metaForm, strconv.Quote(m[metaForm]), `"1"`)
	}
	gen, err := strconv.ParseUint(m[metaGeneration], 10, 32)
	if err != nil || gen == 0 {
		return bad("metadata "+metaGeneration, strconv.Quote(m[metaGeneration]), "a number from 1")
	}
	if len(m[metaID]) != 32 {
		return bad("metadata "+metaID, strconv.Quote(m[metaID]), "32 hexadecimal digits")
	}
	id := identity{m[metaID], uint32(gen)}
	want := n.settings(id, replicas)
	type row struct {
		name      string
		got, want any
	}
	rows := []row{
		{"subjects", strings.Join(got.Subjects, " "), n.subject},
		{"storage", got.Storage, want.Storage},
		{"retention", got.Retention, want.Retention},
		{"discard", got.Discard, want.Discard},
		{"max_age", got.MaxAge, want.MaxAge},
		{"max_msgs", got.MaxMsgs, want.MaxMsgs},
		{"max_bytes", got.MaxBytes, want.MaxBytes},
		{"max_msgs_per_subject", got.MaxMsgsPerSubject, want.MaxMsgsPerSubject},
		{"max_msg_size", got.MaxMsgSize, want.MaxMsgSize},
		{"compression", got.Compression, want.Compression},
		{"deny_delete", got.DenyDelete, want.DenyDelete},
		{"deny_purge", got.DenyPurge, want.DenyPurge},
		{"allow_direct", got.AllowDirect, want.AllowDirect},
		{"allow_rollup_hdrs", got.AllowRollup, want.AllowRollup},
		{"allow_msg_ttl", got.AllowMsgTTL, want.AllowMsgTTL},
		{"allow_msg_counter", got.AllowMsgCounter, want.AllowMsgCounter},
		{"allow_msg_schedules", got.AllowMsgSchedules, want.AllowMsgSchedules},
		{"allow_atomic", got.AllowAtomicPublish, want.AllowAtomicPublish},
		{"allow_batched", got.AllowBatchPublish, want.AllowBatchPublish},
		{"persist_mode", got.PersistMode, want.PersistMode},
		{"no_ack", got.NoAck, want.NoAck},
		{"sealed", got.Sealed, want.Sealed},
		{"mirror", got.Mirror != nil, false},
		{"sources", len(got.Sources), 0},
		{"republish", got.RePublish != nil, false},
		{"subject_transform", got.SubjectTransform != nil, false},
	}
	if replicas > 0 {
		rows = append(rows, row{"num_replicas", got.Replicas, replicas})
	}
	for _, r := range rows {
		if r.got != r.want {
			return bad(r.name, r.got, r.want)
		}
	}
	if got.Duplicates < time.Minute {
		return bad("duplicate_window", got.Duplicates, "at least 1m")
	}
	return id, nil
}

// openStream finds the stream and checks it, or makes it.
func (j *Journal) openStream(ctx context.Context, n logName) (identity, error) {
	s, err := j.js.Stream(ctx, n.stream)
	if err == nil {
		return n.check(s.CachedInfo().Config, j.c.Replicas)
	}
	if !errors.Is(err, jetstream.ErrStreamNotFound) {
		return identity{}, fmt.Errorf("look for stream %s: %w", n.stream, err)
	}
	if m, err := readMark(j.markPath(n)); err != nil || !m.isZero() {
		// It was here: JetStream leaves out a stream whose files are damaged.
		return identity{}, fmt.Errorf("stream %s is gone, though %s says that it held frames: %w: "+
			"restore the newest backup", n.stream, j.markPath(n), ErrShorter)
	}
	if j.c.Inspect {
		return identity{}, fmt.Errorf("look for stream %s: %w", n.stream, err)
	}
	id, err := newIdentity(j.c.Rand)
	if err != nil {
		return identity{}, err
	}
	return id, j.create(ctx, n, id)
}

// create makes the stream. A crash here leaves an empty stream with its
// identity, or none: both are a good start.
func (j *Journal) create(ctx context.Context, n logName, id identity) error {
	replicas := j.c.Replicas
	if replicas == 0 {
		replicas = 1
		if j.srv == nil && j.shared.ConnectedClusterName() != "" {
			replicas = 3
		}
	}
	_, err := j.js.CreateStream(ctx, n.settings(id, replicas))
	if err != nil && replicas == 3 && j.c.Replicas == 0 {
		return fmt.Errorf("make stream %s on three servers: %w: if the cluster is meant to have fewer, say how many replicas",
			n.stream, err)
	}
	if err != nil {
		return fmt.Errorf("make stream %s: %w", n.stream, err)
	}
	return nil
}

// refuseForeign looks for streams of others that would take what is said on our
// subjects or in replies.
func (j *Journal) refuseForeign(ctx context.Context) error {
	l := j.js.ListStreams(ctx)
	for s := range l.Info() {
		if strings.HasPrefix(s.Config.Name, ours) {
			continue
		}
		for _, subject := range s.Config.Subjects {
			if overlaps(subject, "habeas.>") || overlaps(subject, "_INBOX.>") {
				return fmt.Errorf("stream %q takes subject %q: %w: it would keep copies of what passes there; remove the stream",
					s.Config.Name, subject, ErrForeign)
			}
		}
	}
	if err := l.Err(); err != nil {
		return fmt.Errorf("list streams: %w", err)
	}
	return nil
}

// overlaps reports whether a message could match both subjects.
func overlaps(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := 0; i < len(x) && i < len(y); i++ {
		switch {
		case x[i] == ">" || y[i] == ">":
			return true
		case x[i] == "*" || y[i] == "*" || x[i] == y[i]:
		default:
			return false
		}
	}
	return len(x) == len(y)
}
