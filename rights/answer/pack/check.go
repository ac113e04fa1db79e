package pack

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/note"
)

// ErrAltered is returned for a package that is not what was signed.
var ErrAltered = errors.New("the package is not what was signed")

// maxManifest bounds what Check reads into memory.
const maxManifest = 16 << 20

// Check reads an archive that was decrypted and compares every file with the
// manifest, and the manifest with its signature under a public key. It needs
// nothing of ours but that key. Errors: ErrAltered.
func Check(r io.ReaderAt, size int64, key string) (Manifest, error) {
	var m Manifest
	z, err := zip.NewReader(r, size)
	if err != nil {
		return m, fmt.Errorf("check a package: %w: %w", ErrAltered, err)
	}
	files := map[string]*zip.File{}
	for _, f := range z.File {
		if files[f.Name] != nil {
			return m, fmt.Errorf("check a package: %w: a name stands twice", ErrAltered)
		}
		files[f.Name] = f
	}
	text, err := small(files[ManifestName])
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("check a package: %w: the manifest cannot be read", ErrAltered)
	}
	signed, err := small(files[SignatureName])
	if err != nil {
		return m, err
	}
	v, err := note.NewVerifier(key)
	if err != nil {
		return m, fmt.Errorf("check a package: read the key: %w", err)
	}
	n, err := note.Open(signed, note.VerifierList(v))
	if err != nil || n.Text != signedText(m.Case, text) {
		return m, fmt.Errorf("check a package: %w: the signature is not of this manifest and key", ErrAltered)
	}
	if len(files) != len(m.Files)+2 {
		return m, fmt.Errorf("check a package: %w: it has other files than the manifest names", ErrAltered)
	}
	for _, e := range m.Files {
		if err := same(files[e.Name], e); err != nil {
			return m, err
		}
	}
	return m, nil
}

func small(f *zip.File) ([]byte, error) {
	if f == nil {
		return nil, fmt.Errorf("check a package: %w: no manifest or no signature", ErrAltered)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("check a package: %w: %w", ErrAltered, err)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxManifest))
	if err != nil {
		return nil, fmt.Errorf("check a package: %w: %w", ErrAltered, err)
	}
	return b, nil
}

func same(f *zip.File, e Entry) error {
	if f == nil {
		return fmt.Errorf("check a package: %w: a file is missing", ErrAltered)
	}
	r, err := f.Open()
	if err != nil {
		return fmt.Errorf("check a package: %w: %w", ErrAltered, err)
	}
	defer r.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, r)
	if err != nil || n != e.Bytes || hex.EncodeToString(sum.Sum(nil)) != e.SHA256 {
		return fmt.Errorf("check a package: %w: a file is not what the manifest says", ErrAltered)
	}
	return nil
}
