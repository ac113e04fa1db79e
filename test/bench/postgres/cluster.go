package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// settings are those of a server with a few cores and fast disks. What stays
// at PostgreSQL's default is not listed: fsync, full_page_writes, wal_level.
func settings(memory int64) map[string]string {
	buffers := min(memory/4, 4<<30) >> 20
	return map[string]string{
		"listen_addresses": "", "max_connections": "20",
		"fsync": "on", "synchronous_commit": "on",
		"shared_buffers": fmt.Sprintf("%dMB", buffers), "huge_pages": "try",
		"effective_cache_size": fmt.Sprintf("%dMB", 2*buffers), "work_mem": "64MB", "maintenance_work_mem": "512MB",
		"wal_buffers": "64MB", "wal_compression": "on", "max_wal_size": "8GB", "min_wal_size": "2GB",
		"checkpoint_timeout": "15min", "checkpoint_completion_target": "0.9",
		"random_page_cost": "1.1", "effective_io_concurrency": "200", "jit": "off",
		"autovacuum": "on", "autovacuum_naptime": "15s",
		"max_parallel_workers_per_gather": "0", "logging_collector": "off", "log_checkpoints": "off",
	}
}

// Bin finds the newest directory of server programs on this machine.
func Bin() (string, error) {
	if dir := os.Getenv("HABEAS_TEST_POSTGRES"); dir != "" {
		return dir, nil
	}
	if p, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(p), nil
	}
	dirs, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(dirs) == 0 {
		return "", errors.New("PostgreSQL is not on this machine: want initdb on the PATH or below /usr/lib/postgresql; " +
			"install it (apt-get install postgresql) or leave this part out with -skip postgres")
	}
	version := func(s string) int {
		n, _ := strconv.Atoi(strings.Split(s, "/")[4])
		return n
	}
	return filepath.Dir(slices.MaxFunc(dirs, func(a, b string) int { return version(a) - version(b) })), nil
}

// A Cluster is a running server of this process.
type Cluster struct {
	dir, bin string
	cmd      *exec.Cmd
	exited   chan error // one value, once the server is gone
	Version  string
}

// Start makes a cluster below dir and starts it. root may not run a server, so
// then the user postgres does.
func Start(ctx context.Context, dir string, memory int64) (*Cluster, error) {
	bin, err := Bin()
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: filepath.Join(dir, "pg"), bin: bin, exited: make(chan error, 1)}
	who, err := c.owner(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(c.dir, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust",
		"-E", "UTF8", "--locale=C.UTF-8", "--no-instructions")
	initdb.SysProcAttr, initdb.Dir = who, c.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, strings.TrimSpace(string(out)))
	}
	args := []string{"-D", data, "-c", "unix_socket_directories=" + c.dir}
	for k, v := range settings(memory) {
		args = append(args, "-c", k+"="+v)
	}
	c.cmd = exec.Command(filepath.Join(bin, "postgres"), args...)
	log, err := os.Create(filepath.Join(dir, "pg.log"))
	if err != nil {
		return nil, fmt.Errorf("make the log of postgres: %w", err)
	}
	defer log.Close()
	c.cmd.SysProcAttr, c.cmd.Dir, c.cmd.Stderr = who, c.dir, log
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	go func() { c.exited <- c.cmd.Wait() }()
	if err := c.ready(ctx); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

// owner makes the directory and says whose it is.
func (c *Cluster) owner(parent string) (*syscall.SysProcAttr, error) {
	if err := os.Mkdir(c.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make a directory for the cluster: %w", err)
	}
	if os.Geteuid() != 0 {
		return &syscall.SysProcAttr{Setpgid: true}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("root may not run PostgreSQL: %w", err)
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	if err := errors.Join(err1, err2, os.Chmod(parent, 0o711), os.Chown(c.dir, uid, gid)); err != nil {
		return nil, fmt.Errorf("give the directory to the user postgres: %w", err)
	}
	return &syscall.SysProcAttr{Setpgid: true, Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}

func (c *Cluster) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		conn, err := c.Connect(ctx)
		if err == nil {
			err = conn.QueryRow(ctx, "SHOW server_version").Scan(&c.Version)
			return errors.Join(err, conn.Close(ctx))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for postgres: %w", err)
		case werr := <-c.exited:
			c.exited <- werr
			text, _ := os.ReadFile(filepath.Join(filepath.Dir(c.dir), "pg.log"))
			return fmt.Errorf("postgres ended at its start: %w: %s", werr, strings.TrimSpace(string(text)))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Connect opens a connection over the socket.
func (c *Cluster) Connect(ctx context.Context) (*pgx.Conn, error) {
	return pgx.Connect(ctx, fmt.Sprintf("host=%s user=postgres dbname=postgres", c.dir))
}

// Stop ends the server and waits for it. Calling it twice is fine.
func (c *Cluster) Stop() error {
	if c.cmd == nil || c.cmd.Process == nil {
		return nil
	}
	_ = c.cmd.Process.Signal(os.Interrupt) // fast shutdown; gone already is fine
	select {
	case err := <-c.exited:
		c.exited <- err
		return err
	case <-time.After(time.Minute):
		return errors.Join(errors.New("postgres did not stop within a minute; killed"), c.cmd.Process.Kill())
	}
}

// Version is what the server program says of itself.
func Version(ctx context.Context) string {
	bin, err := Bin()
	if err != nil {
		return "not found"
	}
	out, err := exec.CommandContext(ctx, filepath.Join(bin, "postgres"), "--version").Output()
	if err != nil {
		return "not known"
	}
	return strings.TrimPrefix(strings.TrimSpace(string(out)), "postgres (PostgreSQL) ")
}
