package keys

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// writeEpoch writes the three files of t's epoch, under a fresh key.
func writeEpoch(ctx context.Context, cfg *Config, t *Table) error {
	key := make([]byte, 32)
	if _, err := io.ReadFull(cfg.Rand, key); err != nil {
		return fmt.Errorf("draw an epoch key: %w", err)
	}
	defer clear(key)
	s, err := newSeals(key)
	if err != nil {
		return err
	}
	wrapped, err := cfg.KEK.Wrap(ctx, t.Epoch, key)
	if err != nil {
		return fmt.Errorf("wrap an epoch key: %w", err)
	}
	plain := encodeTable(t)
	defer clear(plain)
	base, err := sealBase(s, t.Vault, t.Epoch, plain, cfg.Rand)
	if err != nil {
		return fmt.Errorf("seal the key table: %w", err)
	}
	for _, f := range []struct {
		name string
		b    []byte
	}{
		{logFile(t.Epoch), header(logMagic, t.Vault, t.Epoch)},
		{baseFile(t.Epoch), base},
		{keyFile(t.Epoch), encodeKeyFile(t.Vault, t.Epoch, cfg.KEK.Name(), wrapped)},
	} {
		if err := writeFile(cfg.Dir, f.name, f.b); err != nil {
			return fmt.Errorf("write %s: %w", f.name, err)
		}
	}
	return nil
}

// load reads the epoch that the file current names.
func (d *Dir) load(ctx context.Context) error {
	vault, epoch, err := readCurrent(d.cfg.Dir)
	if err != nil {
		return err
	}
	t, s, err := readBase(ctx, &d.cfg, vault, epoch)
	if err != nil {
		return err
	}
	path := filepath.Join(d.cfg.Dir, logFile(epoch))
	f, b, err := openLog(path)
	if err != nil {
		return err
	}
	changes, good, torn, err := readLog(s, vault, epoch, t.Seq, b)
	if err != nil {
		return errors.Join(fmt.Errorf("read %s: %w", path, err), f.Close())
	}
	if torn {
		// A crash during the last append left a part of a record. Its change was
		// never reported as done, so dropping it loses nothing.
		d.cfg.Logger.Warn("dropped the torn last record of the key table's log", "bytes", len(b)-good)
		if err := errors.Join(f.Truncate(int64(good)), f.Sync()); err != nil {
			return errors.Join(fmt.Errorf("cut %s: %w", path, err), f.Close())
		}
	}
	for _, c := range changes {
		a := Applied{Change: c}
		for _, r := range c.Rekeyed {
			a.Former = append(a.Former, t.Routes.Under(r.Depth, r.Prefix))
			t.Routes.Replace(r.Depth, r.Prefix, r.Key)
		}
		t.Entries.Puncture(c.Punctured...)
		t.count(c)
		d.applied = append(d.applied, a)
	}
	d.table, d.seals, d.log, d.size = t, s, f, int64(good)
	d.head = header(logMagic, vault, epoch)
	return nil
}

func (t *Table) count(c *Change) {
	t.Seq = c.Seq
	t.NextSlot = max(t.NextSlot, c.NextSlot)
	t.Forgotten += uint64(len(c.Punctured))
	t.Fresh += uint64(len(c.Punctured))
}

func readBase(ctx context.Context, cfg *Config, vault VaultID, epoch uint32) (*Table, seals, error) {
	key, err := readEpochKey(ctx, cfg.Dir, vault, epoch, cfg.KEK)
	if err != nil {
		return nil, seals{}, err
	}
	defer clear(key)
	s, err := newSeals(key)
	if err != nil {
		return nil, seals{}, err
	}
	path := filepath.Join(cfg.Dir, baseFile(epoch))
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, seals{}, fmt.Errorf("read the key table: %w: %w", ErrDamaged, err)
	}
	if err := checkMode(path); err != nil {
		return nil, seals{}, err
	}
	plain, err := openBase(s, vault, epoch, b)
	if err != nil {
		return nil, seals{}, fmt.Errorf("read %s: %w", path, err)
	}
	defer clear(plain)
	t, err := decodeTable(plain)
	if err != nil {
		return nil, seals{}, fmt.Errorf("read %s: %w: %w", path, ErrDamaged, err)
	}
	t.Vault, t.Epoch = vault, epoch
	return t, s, nil
}

func openLog(path string) (*os.File, []byte, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("open the key table's log: %w: %w", ErrDamaged, err)
	}
	if err := checkMode(path); err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	b, err := io.ReadAll(f)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("read %s: %w", path, err), f.Close())
	}
	return f, b, nil
}
