package pack

import (
	"archive/zip"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/habeas-data/habeas/rights/answer"
	"github.com/habeas-data/habeas/rights/answer/render"
)

// A File is a copy that a system sent.
type File struct {
	answer.Copy
	// Open gives its bytes; they are read once.
	Open func(context.Context) (io.ReadCloser, error)
}

// Contents is what goes into a package. Exactly one of Access and Portable is set.
type Contents struct {
	Access   *answer.Answer
	Portable *answer.Portable
	Copies   []File
	Made     time.Time
	// Sign signs a text as a signed note; nil leaves the package unsigned. Key is
	// the public key that checks it.
	Sign func(text string) ([]byte, error)
	Key  string
}

// A Manifest names every file of a package but itself and its signature.
type Manifest struct {
	Version int     `json:"version"`
	Kind    string  `json:"kind"`
	Case    string  `json:"case"`
	Made    string  `json:"made"`
	Key     string  `json:"key,omitempty"`
	Files   []Entry `json:"files"`
}

// An Entry is one file.
type Entry struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Names of what stands in every package.
const (
	ManifestName  = "manifest.json"
	SignatureName = "manifest.sig"
)

var (
	// ErrCopy is returned for a copy that is not what was recorded of it.
	ErrCopy = errors.New("a copy is not what was recorded of it")
	// ErrName is returned for a name of a file that no package may have.
	ErrName = errors.New("a copy has a name that no package may have")
)

// Write writes a package, encrypted to lock, and returns its manifest. Where it
// fails w has a part that nobody can take for a whole: the last chunk is missing.
func Write(ctx context.Context, w io.Writer, lock Lock, c Contents) (Manifest, error) {
	sealed, err := lock.seal(w)
	if err != nil {
		return Manifest{}, err
	}
	m, err := writeZip(ctx, sealed, c)
	if err != nil {
		return m, fmt.Errorf("write a package: %w", err)
	}
	if err := sealed.Close(); err != nil {
		return m, fmt.Errorf("write a package: %w", err)
	}
	return m, nil
}

// WriteZip writes the archive without encryption, for a channel that is encrypted
// itself and whose other end is another controller.
func WriteZip(ctx context.Context, w io.Writer, c Contents) (Manifest, error) {
	m, err := writeZip(ctx, w, c)
	if err != nil {
		return m, fmt.Errorf("write a package: %w", err)
	}
	return m, nil
}

func writeZip(ctx context.Context, w io.Writer, c Contents) (Manifest, error) {
	z := &archive{ctx: ctx, zip: zip.NewWriter(w), made: c.Made.UTC(), m: Manifest{Version: answer.Version, Made: c.Made.UTC().Format(time.DateOnly), Key: c.Key, Files: []Entry{}}}
	z.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.DefaultCompression) })
	var err error
	switch {
	case c.Access != nil && c.Portable == nil:
		err = z.access(c.Access)
	case c.Portable != nil && c.Access == nil:
		err = z.portable(c.Portable)
	default:
		err = errors.New("want an answer or a copy for portability, and one of them only")
	}
	for i := 0; i < len(c.Copies) && err == nil; i++ {
		err = z.copy(&c.Copies[i])
	}
	if err == nil {
		err = z.end(c)
	}
	if err == nil {
		err = z.zip.Close()
	}
	return z.m, err
}

// An archive is being written.
type archive struct {
	ctx  context.Context // of one Write
	zip  *zip.Writer
	made time.Time
	m    Manifest
}

func (z *archive) access(a *answer.Answer) error {
	z.m.Kind, z.m.Case = a.Kind, a.Case
	return errors.Join(
		z.add("README.txt", func(w io.Writer) error { return readme(w, a.Organisation.Name, accessText) }),
		z.add("index.html", func(w io.Writer) error { return render.HTML(w, a) }),
		z.add("answer.pdf", func(w io.Writer) error { return render.PDF(w, a) }),
		z.add("answer.json", func(w io.Writer) error { return answer.Write(w, a) }),
		z.add("answer.csv", func(w io.Writer) error { return render.CSV(w, a) }))
}

func (z *archive) portable(p *answer.Portable) error {
	z.m.Kind, z.m.Case = p.Kind, p.Case
	return errors.Join(
		z.add("README.txt", func(w io.Writer) error { return readme(w, p.Organisation.Name, portableText) }),
		z.add("portability.json", func(w io.Writer) error { return answer.Write(w, p) }),
		z.add("portability.csv", func(w io.Writer) error { return render.PortableCSV(w, p) }))
}

// add writes a file and notes its size and hash.
func (z *archive) add(name string, fill func(io.Writer) error) error {
	_, err := z.put(name, zip.Deflate, fill)
	return err
}

func (z *archive) put(name string, method uint16, fill func(io.Writer) error) (Entry, error) {
	e := Entry{Name: name}
	if err := z.ctx.Err(); err != nil {
		return e, err
	}
	w, err := z.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: z.made})
	if err != nil {
		return e, err
	}
	sum := sha256.New()
	n := &counter{ctx: z.ctx, w: io.MultiWriter(w, sum)}
	if err := fill(n); err != nil {
		return e, err
	}
	e.Bytes, e.SHA256 = n.n, hex.EncodeToString(sum.Sum(nil))
	z.m.Files = append(z.m.Files, e)
	return e, nil
}

// copy writes what a system sent, as it is: it may be compressed already. It is
// compared with what was recorded when it came.
func (z *archive) copy(f *File) error {
	if !safe(f.Name) {
		return ErrName
	}
	r, err := f.Open(z.ctx)
	if err != nil {
		return fmt.Errorf("open a copy of %s: %w", f.System, err)
	}
	e, err := z.put(f.Name, zip.Store, func(w io.Writer) error {
		_, err := io.Copy(w, r)
		return err
	})
	if err = errors.Join(err, r.Close()); err != nil {
		return fmt.Errorf("read a copy of %s: %w", f.System, err)
	}
	if e.Bytes != f.Bytes || e.SHA256 != f.SHA256 {
		return fmt.Errorf("a copy of %s: %w", f.System, ErrCopy)
	}
	return nil
}

// safe reports whether a name stays below copies/ on every system it is unpacked
// on, and is no longer than any of them takes.
func safe(name string) bool {
	return len(name) <= 240 && strings.HasPrefix(name, "copies/") && path.Clean(name) == name && !strings.ContainsAny(name, "\\:*?\"<>|\x00\r\n") && !strings.Contains(name, "/.")
}

// end writes the manifest and its signature.
func (z *archive) end(c Contents) error {
	text, err := json.MarshalIndent(z.m, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	files := z.m.Files
	err = z.add(ManifestName, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	if err == nil && c.Sign != nil {
		var signed []byte
		if signed, err = c.Sign(signedText(z.m.Case, text)); err != nil {
			return fmt.Errorf("sign: %w", err)
		}
		err = z.add(SignatureName, func(w io.Writer) error {
			_, err := w.Write(signed)
			return err
		})
	}
	z.m.Files = files
	return err
}

// signedText is what the signature is over. Its first line tells it from
// everything else that the key signs.
func signedText(of string, manifest []byte) string {
	return fmt.Sprintf("habeas-package/v1\n%s\nsha256 %x\n", of, sha256.Sum256(manifest))
}

// A counter counts what goes through and stops with its context.
type counter struct {
	ctx context.Context // of one Write
	w   io.Writer
	n   int64
}

func (c *counter) Write(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
