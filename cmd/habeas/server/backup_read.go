package server

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
)

// ErrUnsigned: a backup carries no signature, or none of these keys.
var ErrUnsigned = errors.New("the backup is not signed by these keys")

// A judge says whether the manifest of a backup is ours. mac is empty where the
// backup is of the first version, which had none.
type judge func(manifest, mac []byte) error

// anyone takes every manifest: for a look that needs no keys.
func anyone(_, _ []byte) error { return nil }

// signedBy takes a manifest that was signed under key, and where unsigned is
// accepted also one that never was. A signature that does not fit is never taken.
func signedBy(key func() ([]byte, error), unsigned bool) judge {
	return func(manifest, mac []byte) error {
		if len(mac) == 0 {
			if unsigned {
				return nil
			}
			return fmt.Errorf("%w: it was made before backups were signed, or its signature was taken away; if it is surely the file that habeas wrote, say so with --accept-unsigned", ErrUnsigned)
		}
		k, err := key()
		if err != nil {
			return err
		}
		if !hmac.Equal(mac, sign(k, manifest)) {
			return fmt.Errorf("%w: it was altered, or it belongs to a vault with other keys; bring the key directory that belongs to it", ErrUnsigned)
		}
		return nil
	}
}

// CheckBackup reads a backup to its end and compares every file with the
// manifest. It says that the file is whole, not who made it.
func CheckBackup(path string) error { return checkBackup(path, anyone) }

func checkBackup(path string, ours judge) error {
	_, err := readBackup(path, ours, func(_ string, r io.Reader) error {
		_, err := io.Copy(io.Discard, r)
		return err
	})
	return err
}

// readBackup calls fn with every file before the manifest, compares hashes and
// has the manifest judged.
func readBackup(path string, ours judge, fn func(name string, r io.Reader) error) (*manifest, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open backup: %w", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("read backup %s: it is no backup of habeas: %w", path, err)
	}
	tr := tar.NewReader(z)
	sums := map[string]string{}
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read backup %s: it has no manifest: it was cut off", path)
		}
		if err != nil {
			return nil, fmt.Errorf("read backup %s: %w", path, err)
		}
		if h.Name == manifestName {
			m, err := readEnd(tr, ours, sums)
			if err == nil {
				_, err = io.Copy(io.Discard, z) // to the end, where its own checksum stands
			}
			if err != nil {
				return nil, fmt.Errorf("read backup %s: %w", path, err)
			}
			return m, nil
		}
		if _, twice := sums[h.Name]; twice || h.Typeflag != tar.TypeReg || len(sums) > maxBackupFiles {
			return nil, fmt.Errorf("read backup %s: it holds what no backup of habeas holds", path)
		}
		sum := sha256.New()
		if err := fn(h.Name, io.TeeReader(tr, sum)); err != nil {
			return nil, fmt.Errorf("read backup %s: %s: %w", path, h.Name, err)
		}
		if err := drain(tr, sum); err != nil {
			return nil, fmt.Errorf("read backup %s: %s: %w", path, h.Name, err)
		}
		sums[h.Name] = hex.EncodeToString(sum.Sum(nil))
	}
}

func drain(r io.Reader, h hash.Hash) error {
	_, err := io.Copy(h, r)
	return err
}

// readEnd reads the manifest, which tr stands at, and what signs it.
func readEnd(tr *tar.Reader, ours judge, sums map[string]string) (*manifest, error) {
	text, err := io.ReadAll(io.LimitReader(tr, maxManifest))
	if err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	var mac []byte
	h, err := tr.Next()
	switch {
	case errors.Is(err, io.EOF): // of the first version
	case err != nil:
		return nil, fmt.Errorf("it was cut off or altered: %w", err)
	case h.Name != macName:
		return nil, errors.New("it holds what no backup of habeas holds")
	default:
		if mac, err = io.ReadAll(io.LimitReader(tr, maxManifest)); err != nil {
			return nil, fmt.Errorf("signature: %w", err)
		}
	}
	m, err := compare(text, sums)
	if err != nil {
		return nil, err
	}
	if len(mac) == 0 && m.Version != unsignedVersion {
		return nil, errors.New("its signature is missing: it was cut off or altered")
	}
	return m, ours(text, mac)
}

func compare(text []byte, sums map[string]string) (*manifest, error) {
	var m manifest
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&m); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	if m.Version != unsignedVersion && m.Version != manifestVersion {
		return nil, fmt.Errorf("version %d is not known here", m.Version)
	}
	if sums[snapshotName] == "" {
		return nil, errors.New("it holds no journal")
	}
	if len(m.Files) != len(sums) {
		return nil, fmt.Errorf("%d files, the manifest lists %d", len(sums), len(m.Files))
	}
	for name, want := range m.Files {
		if sum, ok := sums[name]; !ok || sum != want {
			return nil, fmt.Errorf("%s is missing or was altered", name)
		}
	}
	return &m, nil
}
