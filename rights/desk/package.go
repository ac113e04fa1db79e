package desk

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/habeas-data/habeas/access"
	"github.com/habeas-data/habeas/audit"
	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	answers "github.com/habeas-data/habeas/rights/answer"
	"github.com/habeas-data/habeas/rights/answer/pack"
	"github.com/habeas-data/habeas/rights/cases"
	"github.com/habeas-data/habeas/vault/files"
)

// SealedFiles keeps large files encrypted at rest. Errors: files.ErrGone,
// files.ErrMissing, files.ErrDamaged.
type SealedFiles interface {
	PutFrom(ctx context.Context, label string, fill func(io.Writer) error) (files.Put, error)
	Open(ctx context.Context, id events.EventID) (*files.File, error)
	Stat(ctx context.Context, id events.EventID) (files.Info, error)
	Shred(ctx context.Context, id events.EventID) error
	List(ctx context.Context, fn func(events.EventID) error) error
}

// AnswerDeps is what a desk needs to make packages.
type AnswerDeps struct {
	Files SealedFiles // nil: no package is made
	// Sign signs a text as a signed note under Key, the public key that checks it;
	// nil: packages are not signed.
	Sign func(text string) ([]byte, error)
	Key  string
	// Send transmits to another controller; nil: nothing is sent from here.
	Send Sender
}

// packageDays is how long a package can be fetched, unless the order says less or
// more; packageMost is the most.
const (
	packageDays = 30
	packageMost = 90
)

// A PackageOrder has the answer of a case made and encrypted.
type PackageOrder struct {
	CaseStep
	// Kind is access or portability; empty: the one that the case is about, access
	// where it is about both.
	Kind events.Code
	// Passphrase or Recipient (a public key of age) say who can open it. Where both
	// are empty a passphrase is drawn and shown once.
	Passphrase events.Plaintext
	Recipient  string
	Days       int // zero: 30
}

// A PackageView says what a package is, never what is in it.
type PackageView struct {
	Case    string      `json:"case"`
	Package string      `json:"package"`
	Kind    string      `json:"kind"`
	Bytes   int64       `json:"bytes"`
	SHA256  string      `json:"sha256"`
	Files   int         `json:"files,omitempty"` // in it, beside the manifest and its signature
	Expires events.Date `json:"expires"`
	// Passphrase is shown once, where it was drawn here. It goes to the person by
	// another way than the package.
	Passphrase string `json:"passphrase,omitempty"`
	// Without names the systems of which there is no copy.
	Without  []string `json:"without_copy_of,omitempty"`
	Position string   `json:"position"`
}

// PackageCase makes the answer to a request for access, or the copy for
// portability, from what was approved and from the copies that systems sent. It
// goes encrypted, as it is made, into a sealed file; nothing of it rests in the
// clear. Errors: those of every act on a case; *Fault for a lock that is none;
// refusals UNDECIDED, JOINS_CONTESTED, NOTHING_STARTED.
//
// A crash before the fact leaves a sealed file that no case names: it expires like
// any package.
func (d *Desk) PackageCase(ctx context.Context, o PackageOrder) (*PackageView, error) {
	if err := permit(o.Caller, access.CasesAnswer); err != nil {
		return nil, err
	}
	lock, drawn, err := d.lockOf(&o)
	if err != nil {
		return nil, err
	}
	f, view, err := d.lookAt(ctx, o.Caller, o.Case, "cases.package")
	if err != nil {
		return nil, err
	}
	defer d.shut(ctx, view)
	kind, err := packageKind(f, o.Kind)
	if err != nil {
		return nil, err
	}
	m, err := d.parcel(ctx, view, f, o.Caller, kind)
	if err != nil {
		return nil, err
	}
	expires := d.today() + events.Date(o.Days)
	put, files, err := d.fill(ctx, f, m, lock, expires)
	if err != nil {
		return nil, err
	}
	body := cases.Body{Reason: cases.Text(o.Reason.Expose()), Package: &cases.Package{ID: put.ID.String(), Kind: events.Code(kind), SHA256: hex.EncodeToString(put.SHA256[:]),
		Bytes: put.Size, Expires: expires, Sources: cases.IDsOf(m.sources...)}}
	at, err := d.appendCase(ctx, o.Caller, f, cases.Packaged, d.today(), body)
	if err != nil {
		if at.IsZero() { // nothing is on the journal that names it
			err = errors.Join(err, d.d.Answers.Files.Shred(context.WithoutCancel(ctx), put.ID))
		}
		return nil, err
	}
	v := packageView(f.id, body.Package, at)
	v.Files, v.Without, v.Passphrase = files, m.without, drawn
	return v, nil
}

func packageView(of events.EventID, p *cases.Package, at events.Position) *PackageView {
	return &PackageView{Case: of.String(), Package: p.ID, Kind: string(p.Kind), Bytes: p.Bytes, SHA256: p.SHA256, Expires: p.Expires, Position: at.String()}
}

// lockOf checks who is to open the package before anything is read.
func (d *Desk) lockOf(o *PackageOrder) (lock pack.Lock, drawn string, err error) {
	switch {
	case d.d.Answers.Files == nil:
		return lock, "", errors.New("this desk was made without a place for packages; nothing was made")
	case o.Days < 0 || o.Days > packageMost:
		return lock, "", &Fault{Part: "days", Text: fmt.Sprintf("want 1 to %d days", packageMost)}
	case o.Days == 0:
		o.Days = packageDays
	}
	lock = pack.Lock{Passphrase: o.Passphrase, Recipient: o.Recipient}
	if o.Passphrase.IsZero() && o.Recipient == "" {
		lock.Passphrase = pack.Draw()
		return lock, lock.Passphrase.Expose(), nil
	}
	if lock.Check() != nil {
		part := "passphrase"
		if o.Recipient != "" {
			part = "recipient"
		}
		return lock, "", &Fault{Part: part, Text: pack.ErrLock.Error()}
	}
	return lock, "", nil
}

// packageKind is which of the two a case can have a package for.
func packageKind(f *caseFile, asked events.Code) (catalogue.RightKind, error) {
	if err := f.living(); err != nil {
		return "", err
	}
	for _, r := range []catalogue.RightKind{catalogue.RightAccess, catalogue.RightPortability} {
		for _, has := range f.opening().Rights {
			if has == r && (asked == "" || asked == events.Code(r)) {
				return r, nil
			}
		}
	}
	if asked != "" && asked != events.Code(catalogue.RightAccess) && asked != events.Code(catalogue.RightPortability) {
		return "", &Fault{Part: "kind", Text: "want access or portability"}
	}
	return "", &cases.Refusal{Code: cases.NotARequest, Text: "a package answers a request for access or portability; this case is not about that"}
}

// fill writes the package into a sealed file. The label lets it expire.
func (d *Desk) fill(ctx context.Context, f *caseFile, m *parcel, lock pack.Lock, expires events.Date) (put files.Put, n int, err error) {
	var manifest pack.Manifest
	put, err = d.d.Answers.Files.PutFrom(ctx, fileLabel(labelPackage, f.id, expires), func(w io.Writer) error {
		manifest, err = pack.Write(ctx, w, lock, d.contents(m))
		return err
	})
	if err != nil {
		return put, 0, fmt.Errorf("make a package: %w", parcelRefusal(err))
	}
	return put, len(manifest.Files), nil
}

func (d *Desk) contents(m *parcel) pack.Contents {
	return pack.Contents{Access: m.access, Portable: m.portable, Copies: m.copies, Made: d.d.Now().In(d.d.Zone).Truncate(24 * time.Hour), Sign: d.d.Answers.Sign, Key: d.d.Answers.Key}
}

// parcelRefusal says in the words of a case what an answer cannot be made of.
func parcelRefusal(err error) error {
	for of, r := range map[error]*cases.Refusal{
		answers.ErrUndecided: {Code: cases.Undecided, Text: "something that the answer has to speak of waits for a person; see the plan"},
		answers.ErrContested: {Code: cases.JoinsContested, Text: "it is contested whose records some are; nothing leaves before a person has decided"},
		answers.ErrNoCopy:    {Code: cases.NothingStarted, Text: "a system that holds some of it was never asked for its copy; run the case first"},
	} {
		if errors.Is(err, of) {
			return r
		}
	}
	return err
}

// A PackageFetch is a package on its way out. Whoever gets it closes it.
type PackageFetch struct {
	View PackageView
	Body io.ReadCloser
}

// DownloadOrder fetches a package. Package may be the beginning of its id; empty:
// the last one that was made.
type DownloadOrder struct {
	CaseStep
	Package string
}

// DownloadPackage opens a package to be sent. The download is on record, and in
// the case, before the first byte is given (I7). Errors: those of every act on a
// case; refusal NO_PACKAGE where there is none, or it has expired.
func (d *Desk) DownloadPackage(ctx context.Context, o DownloadOrder) (*PackageFetch, error) {
	if err := permit(o.Caller, access.CasesAnswer); err != nil {
		return nil, err
	}
	if d.d.Answers.Files == nil {
		return nil, errors.New("this desk was made without a place for packages")
	}
	var p cases.Package
	f, done, err := d.step(ctx, o.CaseStep, access.CasesAnswer, func(ctx context.Context, _ View, f *caseFile) (cases.Act, cases.Body, error) {
		var err error
		p, err = d.packageOf(ctx, f, o.Package)
		return cases.Downloaded, cases.Body{Package: &cases.Package{ID: p.ID, Kind: p.Kind, SHA256: p.SHA256, Bytes: p.Bytes, Expires: p.Expires}}, err
	})
	if err != nil {
		return nil, err
	}
	id, err := events.ParseEventID(p.ID)
	if err != nil {
		return nil, fmt.Errorf("fetch a package: %w", err)
	}
	body, err := d.d.Answers.Files.Open(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("fetch a package: %w", err)
	}
	v := packageView(f.id, &p, events.Position{})
	v.Position = done.Position
	return &PackageFetch{*v, body}, nil
}

// packageOf finds a package of a case that can still be fetched.
func (d *Desk) packageOf(ctx context.Context, f *caseFile, prefix string) (cases.Package, error) {
	for i := len(f.c.Packages) - 1; i >= 0; i-- {
		p := f.c.Packages[i]
		if len(prefix) > len(p.ID) || p.ID[:len(prefix)] != prefix {
			continue
		}
		if p.Expires <= d.today() {
			return p, &cases.Refusal{Code: cases.NoPackage, Text: "the package expired on " + p.Expires.String() + "; make another"}
		}
		id, err := events.ParseEventID(p.ID)
		if err == nil {
			_, err = d.d.Answers.Files.Stat(ctx, id)
		}
		if errors.Is(err, files.ErrGone) {
			return p, &cases.Refusal{Code: cases.NoPackage, Text: "the package was destroyed; make another"}
		}
		return p, err
	}
	return cases.Package{}, &cases.Refusal{Code: cases.NoPackage, Text: "no package of this case was made, or none of that id"}
}

// ExpireFiles destroys the packages, and the copies of exports, whose time is
// over. It may be called at any time and again after a crash.
func (d *Desk) ExpireFiles(ctx context.Context) (n int, err error) {
	if d.d.Answers.Files == nil {
		return 0, nil
	}
	var over []events.EventID
	err = d.d.Answers.Files.List(ctx, func(id events.EventID) error {
		info, err := d.d.Answers.Files.Stat(ctx, id)
		if errors.Is(err, files.ErrGone) {
			return nil
		}
		if l, ok := readLabel(info.Label); err == nil && ok && l.Expires <= d.today() {
			over = append(over, id)
		}
		return err
	})
	for _, id := range over {
		if err != nil {
			break
		}
		if _, err = d.recordEntry(ctx, d.self(), audit.Entry{Act: "files.expire", Outcome: audit.Done}, nil, nil, events.Plaintext{}); err == nil {
			err = d.d.Answers.Files.Shred(ctx, id)
			n++
		}
	}
	if err != nil {
		return n, fmt.Errorf("destroy what has expired: %w", err)
	}
	return n, nil
}
