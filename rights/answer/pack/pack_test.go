package pack_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/answer"
	"github.com/habeas-data/habeas/rights/answer/pack"
	"golang.org/x/mod/sumdb/note"
)

const planted = "planted.person@example.org"

func sample(t testing.TB) *answer.Answer {
	t.Helper()
	b, err := os.ReadFile("../testdata/answer.json")
	if err != nil {
		t.Fatal(err)
	}
	a := new(answer.Answer)
	if err := json.Unmarshal(b, a); err != nil {
		t.Fatal(err)
	}
	a.Person.Identifiers[0].Value = planted
	return a
}

// file is a copy of n bytes.
func file(name string, b []byte) pack.File {
	sum := sha256.Sum256(b)
	return pack.File{Copy: answer.Copy{System: "platform", Name: name, Bytes: int64(len(b)), SHA256: hex.EncodeToString(sum[:])},
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }}
}

func contents(t testing.TB) (pack.Contents, string) {
	t.Helper()
	private, public, err := note.GenerateKey(rand.Reader, "habeas-audit")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	return pack.Contents{Access: sample(t), Made: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), Key: public,
		Copies: []pack.File{file("copies/platform/profile.json", []byte(`{"email":"`+planted+`"}`)), file("copies/platform/photo.bin", bytes.Repeat([]byte{1, 2, 3}, 40_000))},
		Sign:   func(text string) ([]byte, error) { return note.Sign(&note.Note{Text: text}, signer) }}, public
}

func key(t testing.TB) (*age.X25519Identity, pack.Lock) {
	t.Helper()
	k, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return k, pack.Lock{Recipient: k.Recipient().String()}
}

func open(t *testing.T, sealed []byte, id age.Identity) []byte {
	t.Helper()
	r, err := age.Decrypt(bytes.NewReader(sealed), id)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPackage(t *testing.T) {
	c, public := contents(t)
	id, lock := key(t)
	var b bytes.Buffer
	m, err := pack.Write(t.Context(), &b, lock, c)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b.Bytes(), []byte(planted)) || bytes.Contains(b.Bytes(), []byte("index.html")) {
		t.Error("what is encrypted can be read")
	}
	plain := open(t, b.Bytes(), id)
	got, err := pack.Check(bytes.NewReader(plain), int64(len(plain)), public)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range got.Files {
		names = append(names, f.Name)
	}
	if want := "README.txt index.html answer.pdf answer.json answer.csv copies/platform/profile.json copies/platform/photo.bin"; strings.Join(names, " ") != want {
		t.Errorf("files %v, want %s", names, want)
	}
	if len(got.Files) != len(m.Files) || got.Case != "c1" || got.Kind != "access" || got.Key != public {
		t.Errorf("manifest %+v", got)
	}
}

func TestPassphrase(t *testing.T) {
	c, _ := contents(t)
	phrase := pack.Draw()
	if n := len(phrase.Expose()); n != 29 || phrase.Equal(pack.Draw()) {
		t.Errorf("a passphrase of %d characters", n)
	}
	var b bytes.Buffer
	if _, err := pack.Write(t.Context(), &b, pack.Lock{Passphrase: phrase}, c); err != nil {
		t.Fatal(err)
	}
	id, err := age.NewScryptIdentity(phrase.Expose())
	if err != nil {
		t.Fatal(err)
	}
	open(t, b.Bytes(), id)
	other, _ := age.NewScryptIdentity("another passphrase")
	if _, err := age.Decrypt(bytes.NewReader(b.Bytes()), other); err == nil {
		t.Error("another passphrase opens it")
	}
}

func TestLock(t *testing.T) {
	_, good := key(t)
	for what, l := range map[string]pack.Lock{"nothing": {}, "both": {Passphrase: events.NewPlaintext("a long passphrase"), Recipient: good.Recipient},
		"a short one": {Passphrase: events.NewPlaintext("short")}, "no key": {Recipient: "priya@example.org"}, "two keys": {Recipient: good.Recipient + "\n" + good.Recipient},
		"a private key": {Recipient: "AGE-SECRET-KEY-1QQQ"}} {
		if err := l.Check(); !errors.Is(err, pack.ErrLock) || strings.Contains(err.Error(), "priya") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
}

// Whatever is changed in a package is seen by whoever has the public key.
func TestCheckSeesChanges(t *testing.T) {
	c, public := contents(t)
	var b bytes.Buffer
	if _, err := pack.WriteZip(t.Context(), &b, c); err != nil {
		t.Fatal(err)
	}
	if _, err := pack.Check(bytes.NewReader(b.Bytes()), int64(b.Len()), public); err != nil {
		t.Fatal(err)
	}
	_, other, _ := note.GenerateKey(rand.Reader, "habeas-audit")
	if _, err := pack.Check(bytes.NewReader(b.Bytes()), int64(b.Len()), other); !errors.Is(err, pack.ErrAltered) {
		t.Errorf("another key: %v", err)
	}
	for what, change := range map[string]func(name string, b []byte) (string, []byte){
		"a changed file": func(n string, b []byte) (string, []byte) { return n, swap(n == "index.html", b, append(b, ' ')) },
		"a changed manifest": func(n string, b []byte) (string, []byte) {
			return n, swap(n == pack.ManifestName, b, bytes.Replace(b, []byte("index"), []byte("indec"), 1))
		},
		"a renamed file":   func(n string, b []byte) (string, []byte) { return strings.Replace(n, "answer.csv", "other.csv", 1), b },
		"a file taken out": func(n string, b []byte) (string, []byte) { return strings.Replace(n, "answer.csv", "", 1), b },
		"no signature":     func(n string, b []byte) (string, []byte) { return strings.Replace(n, pack.SignatureName, "", 1), b },
	} {
		z := again(t, b.Bytes(), change, "")
		if _, err := pack.Check(bytes.NewReader(z), int64(len(z)), public); !errors.Is(err, pack.ErrAltered) {
			t.Errorf("%s: %v", what, err)
		}
	}
	z := again(t, b.Bytes(), func(n string, b []byte) (string, []byte) { return n, b }, "extra.exe")
	if _, err := pack.Check(bytes.NewReader(z), int64(len(z)), public); !errors.Is(err, pack.ErrAltered) {
		t.Errorf("a file put in: %v", err)
	}
}

func swap(do bool, a, b []byte) []byte {
	if do {
		return b
	}
	return a
}

// again packs an archive anew with a change; a file without a name is left out.
func again(t *testing.T, b []byte, change func(string, []byte) (string, []byte), extra string) []byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	put := func(name string, body []byte) {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write(body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range r.File {
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(rc)
		if err != nil {
			t.Fatal(err)
		}
		if name, body := change(f.Name, body); name != "" {
			put(name, body)
		}
	}
	if extra != "" {
		put(extra, []byte("x"))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A copy that is not what came, a name that leaves the folder, and a source that
// breaks off stop the package.
func TestRefusesCopies(t *testing.T) {
	_, lock := key(t)
	other := file("copies/platform/x", []byte("one"))
	other.SHA256 = strings.Repeat("0", 64)
	broken := file("copies/platform/x", nil)
	gone := errors.New("gone")
	broken.Open = func(context.Context) (io.ReadCloser, error) { return nil, gone }
	for what, c := range map[string]struct {
		f    pack.File
		want error
	}{
		"another file":  {other, pack.ErrCopy},
		"a broken one":  {broken, gone},
		"up":            {file("copies/../index.html", nil), pack.ErrName},
		"absolute":      {file("/etc/passwd", nil), pack.ErrName},
		"backslash":     {file(`copies/platform\x`, nil), pack.ErrName},
		"hidden":        {file("copies/platform/.profile", nil), pack.ErrName},
		"outside":       {file("index.html", nil), pack.ErrName},
		"end of a line": {file("copies/platform/a\nb", nil), pack.ErrName},
	} {
		in, _ := contents(t)
		in.Copies = []pack.File{c.f}
		if _, err := pack.Write(t.Context(), io.Discard, lock, in); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", what, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	in, _ := contents(t)
	if _, err := pack.Write(ctx, io.Discard, lock, in); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that ended: %v", err)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// Memory does not grow with a package.
func TestConstantMemory(t *testing.T) {
	size := int64(128 << 20)
	if s := os.Getenv("HABEAS_TEST_PACKAGE_MB"); s != "" {
		if _, err := fmt.Sscan(s, &size); err != nil {
			t.Fatal(err)
		}
		size <<= 20
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.LimitReader(zeros{}, size)); err != nil {
		t.Fatal(err)
	}
	c, _ := contents(t)
	c.Copies = []pack.File{{Copy: answer.Copy{System: "platform", Name: "copies/platform/big", Bytes: size, SHA256: hex.EncodeToString(sum.Sum(nil))},
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(zeros{}, size)), nil }}}
	_, lock := key(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := pack.Write(t.Context(), io.Discard, lock, c); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if grew := after.TotalAlloc - before.TotalAlloc; grew > 64<<20 {
		t.Errorf("a package of %d bytes allocated %d", size, grew)
	}
	status, _ := os.ReadFile("/proc/self/status")
	for l := range strings.Lines(string(status)) {
		if strings.HasPrefix(l, "VmHWM") {
			t.Logf("%d MB packed; %s", size>>20, strings.TrimSpace(l))
		}
	}
}

// The form of the manifest is what others check packages by.
func TestManifestGolden(t *testing.T) {
	got, err := json.MarshalIndent(pack.Manifest{Version: 1, Kind: "access", Case: "c1", Made: "2026-07-01", Key: "habeas-audit+1+x",
		Files: []pack.Entry{{Name: "index.html", Bytes: 3, SHA256: strings.Repeat("ab", 32)}}}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, bytes.TrimSpace(want)) {
		t.Errorf("the manifest is\n%s", got)
	}
}

// Whatever bytes are given, Check says what it thinks and nothing worse.
func FuzzCheck(f *testing.F) {
	c, public := contents(f)
	c.Access, c.Copies = nil, nil
	c.Portable = &answer.Portable{Kind: "portability", Case: "c1"}
	var b bytes.Buffer
	if _, err := pack.WriteZip(context.Background(), &b, c); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("PK"))
	f.Fuzz(func(t *testing.T, z []byte) {
		if _, err := pack.Check(bytes.NewReader(z), int64(len(z)), public); err != nil && !errors.Is(err, pack.ErrAltered) {
			t.Fatal(err)
		}
	})
}
