package certificate

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/habeas-data/habeas/audit"
)

// A Log is the audit log as far as a certificate needs it.
type Log interface {
	Proof(index, size int64) (audit.Proof, error)
	Growth(from, to int64) (audit.Growth, error)
	SignedCheckpointAt(size int64) ([]byte, error)
	PublicKey() string
}

// Prove makes the certificate of a body that the log committed to as record own
// under the salt. earlier are the sizes of the log at the case's earlier
// certificates. It checks what it made: what it returns holds.
func Prove(log Log, body Body, salt audit.Salt, own int64, earlier []int64) (*Certificate, error) {
	// The checkpoint ends with the certificate's own record, so the same
	// certificate is the same file whenever it is drawn from the log again.
	size := own + 1
	key, err := audit.KeyName(log.PublicKey())
	if err != nil {
		return nil, fmt.Errorf("prove a certificate: %w", err)
	}
	signed, err := log.SignedCheckpointAt(size)
	if err != nil {
		return nil, fmt.Errorf("prove a certificate: %w", err)
	}
	c := &Certificate{Body: body, Proof: Proof{Key: key, Checkpoint: string(signed), Salt: salt}}
	if c.Proof.Own, err = include(log, own, size); err != nil {
		return nil, err
	}
	for _, r := range body.Records {
		in, err := include(log, r.Index, size)
		if err != nil {
			return nil, err
		}
		c.Proof.Records = append(c.Proof.Records, in)
	}
	for _, from := range earlier {
		e, err := grow(log, from, size)
		if err != nil {
			return nil, err
		}
		c.Proof.Earlier = append(c.Proof.Earlier, e)
	}
	if r := Check(c, true, log.PublicKey()); !r.Valid {
		return nil, fmt.Errorf("prove a certificate: it would not hold: %s %s: %s", r.Problems[0].Code, r.Problems[0].At, r.Problems[0].Text)
	}
	return c, nil
}

func include(log Log, index, size int64) (Included, error) {
	p, err := log.Proof(index, size)
	if err == nil {
		p, err = p.Public()
	}
	if err != nil {
		return Included{}, fmt.Errorf("prove record %d for a certificate: %w", index, err)
	}
	return Included{Index: index, Record: string(p.Record), Path: p.Path}, nil
}

func grow(log Log, from, size int64) (Earlier, error) {
	g, err := log.Growth(from, size)
	if err != nil {
		return Earlier{}, fmt.Errorf("prove growth for a certificate: %w", err)
	}
	signed, err := log.SignedCheckpointAt(from)
	if err != nil {
		return Earlier{}, fmt.Errorf("prove growth for a certificate: %w", err)
	}
	root, err := audit.OpenCheckpoint(signed, log.PublicKey())
	return Earlier{Size: from, Root: tlog.Hash(root.Root), Path: g.Path}, err
}
