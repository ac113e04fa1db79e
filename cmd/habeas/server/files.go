package server

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/habeas-data/habeas/config"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/internal/atomicfile"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/habeas-data/habeas/rights/desk"
	"github.com/habeas-data/habeas/vault"
	"github.com/habeas-data/habeas/vault/files"
)

// filesFolder is where sealed files stand, in the data directory and in a backup.
const filesFolder = "files"

// fileNotes shows the notes of the vault to the sealed files.
type fileNotes struct {
	*vault.Vault
	r *vault.Revealer
}

func (n fileNotes) OpenNote(ctx context.Context, id events.EventID) ([]byte, error) {
	return n.r.OpenNote(ctx, id)
}

func (s *Server) openFiles(ctx context.Context) (err error) {
	s.files, err = files.Open(ctx, files.Config{Dir: filepath.Join(s.cfg.Data, filesFolder), Notes: fileNotes{s.vault, s.vault.Revealer()},
		Unknown: vault.ErrUnknown, Rand: rand.Reader, Keep: s.opt.Inspect})
	return err
}

// backUpFiles copies the sealed files as they rest. The journal's snapshot was
// taken before: a file that is younger comes back without its key and is removed,
// and one that was shredded meanwhile is left out.
func (s *Server) backUpFiles(ctx context.Context, b *backupWriter) error {
	return s.files.List(ctx, func(id events.EventID) error {
		f, err := os.Open(filepath.Join(s.cfg.Data, filesFolder, id.String()))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		return errors.Join(b.file(filesFolder+"/"+id.String(), f), f.Close())
	})
}

// unpackFile brings a sealed file back.
func unpackFile(cfg config.Config, base string, src io.Reader) error {
	if _, err := events.ParseEventID(base); err != nil {
		return fmt.Errorf("not the name of a sealed file")
	}
	dir := filepath.Join(cfg.Data, filesFolder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := atomicfile.Create(filepath.Join(dir, base))
	if err != nil {
		return err
	}
	defer f.Abort()
	if _, err := io.Copy(f, src); err != nil {
		return err
	}
	return f.Commit()
}

// checkFiles reads every sealed file to its end.
func (s *Server) checkFiles(ctx context.Context, r *Report) {
	n, err := s.files.Check(ctx)
	r.add("sealed files", err, "%d files, each whole and with its key", n)
}

// copyDays is how long the copy of an export is kept where nothing destroys it
// before: the case that asked for it does when it ends.
const copyDays = 180

// taskCopies keeps what systems send for exports.
type taskCopies struct {
	files *files.Store
	r     *vault.Resolver
	today func() events.Date
	most  int64 // bytes of one
	free  func() (uint64, error)
}

// Put keeps a copy under an id that follows from its task and name, so that one
// that is sent again takes the place of the one before.
func (c taskCopies) Put(ctx context.Context, task events.EventID, name, media string, r io.Reader) (events.EventID, int64, [32]byte, error) {
	id := c.r.EventID(inventory.Operator, desk.CopyKey(task, name))
	p, err := c.files.PutAs(ctx, id, desk.CopyLabel(task, name, media, c.today()+copyDays), func(w io.Writer) error {
		_, err := io.Copy(w, &bounded{r: r, most: c.most, free: c.free})
		return err
	})
	return p.ID, p.Size, p.SHA256, err
}

func (s *Server) taskCopies() taskCopies {
	return taskCopies{s.files, s.vault.Resolver(), func() events.Date { return events.DateOf(s.clock.now().In(london())) },
		int64(s.cfg.CopyMegabytes) << 20, freeIn(s.cfg.Data)}
}

// answers is what the desk makes packages with.
func (s *Server) answers() desk.AnswerDeps {
	return desk.AnswerDeps{Files: s.files, Sign: s.audit.SignText, Key: s.audit.PublicKey(), Send: s.sender()}
}

// expireFiles destroys packages and copies whose time is over.
func (s *Server) expireFiles(ctx context.Context) error {
	n, err := s.desk.ExpireFiles(ctx)
	if n > 0 {
		s.log.Info("packages and copies were destroyed because their time was over", "files", n)
	}
	return err
}
