package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
)

// This is the only file that knows the SQLite driver.

const (
	busyTimeout     = 10 * time.Second // how long a statement waits for another process
	cacheKiB        = 8 << 10          // page cache of one connection; the driver never gives memory back
	readConnections = 4
	scanConnections = readConnections / 2 // those of them that searches without an index may hold at once
	walLimit        = 64 << 20            // bytes the write-ahead log keeps on disk after a checkpoint
	minSQLite       = "3.51.3"            // older ones can corrupt the file when the write-ahead log is reset
	fileSQLite      = "rollcall.db"
)

func sqliteDialect() *dialect {
	return &dialect{
		name:        "sqlite",
		placeholder: '?',
		listFrom:    "(select value as id from json_each(",
		listTo:      "))",
		json:        sqliteJSON{},
		classify:    classifySQLite,
	}
}

// openSQLite opens one pool of connections to the file. Settings are made on every connection, busy_timeout first, because the others may have to wait.
func openSQLite(path string, connections int, readOnly bool) (*sql.DB, error) {
	abs, err := filepath.Abs(path) // a path that starts with "/" is never taken for a URI
	if err != nil {
		return nil, fmt.Errorf("open the database %q: %w", path, err)
	}
	pragmas := []string{
		"busy_timeout = " + strconv.FormatInt(busyTimeout.Milliseconds(), 10),
		"foreign_keys = on",
		"synchronous = full", // an answer is sent only after the commit that holds it is on disk
		"cache_size = -" + strconv.Itoa(cacheKiB),
		"journal_size_limit = " + strconv.Itoa(walLimit),
	}
	if readOnly {
		pragmas = append(pragmas, "query_only = on")
	} else {
		// Savepoints keep the old content of pages in a temporary place: a file of its own would cost more than the writes themselves.
		pragmas = append(pragmas[:1], append([]string{"journal_mode = wal", "temp_store = memory"}, pragmas[1:]...)...)
	}
	if !readOnly {
		if err := private(abs); err != nil {
			return nil, err
		}
	}
	db, err := driver.Open(abs, func(c *sqlite3.Conn) error {
		// Otherwise a statement with a bound limit is parsed and planned again at each use, because its plan might depend on the value.
		if _, err := c.Config(sqlite3.DBCONFIG_ENABLE_QPSG, true); err != nil {
			return fmt.Errorf("keep query plans stable: %w", err)
		}
		for _, p := range pragmas {
			if err := patiently(func() error { return c.Exec("pragma " + p) }); err != nil {
				return fmt.Errorf("pragma %s: %w", p, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("open the database %q: %w", path, err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// privateLog takes the write-ahead log and its index, which the driver makes at the first use of the file, from other people's eyes.
func privateLog(path string) error {
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Chmod(path+suffix, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("open the database %q: %w", path, err)
		}
	}
	return nil
}

// private makes the file, if there is none, for its owner's eyes only, whatever the folder allows.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return fmt.Errorf("open the database %q: %w", path, err)
	}
	return nil
}

// patiently runs a setting again while the file is locked. SQLite does not wait by itself where two processes turn a fresh file to WAL at once: each
// holds what the other one needs.
func patiently(set func() error) error {
	const pause = 10 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		err := set()
		if classifySQLite(err) != failBusy || waited >= busyTimeout {
			return err
		}
		time.Sleep(pause)
	}
}

// inTransaction tells whether the connection's transaction is still open: SQLite ends it by itself when the disk is full or fails.
func inTransaction(conn *sql.Conn) (open bool) {
	err := conn.Raw(func(c any) error {
		open = !c.(driver.Conn).Raw().GetAutocommit()
		return nil
	})
	return err == nil && open
}

func classifySQLite(err error) failure {
	var extended sqlite3.ExtendedErrorCode // the driver's errors are of several types; all can be read as this one
	if !errors.As(err, &extended) {
		return failOther
	}
	switch extended {
	case sqlite3.CONSTRAINT_UNIQUE, sqlite3.CONSTRAINT_PRIMARYKEY:
		return failUnique
	case sqlite3.CONSTRAINT_FOREIGNKEY:
		return failForeign
	}
	switch extended.Code() {
	case sqlite3.FULL:
		return failFull
	case sqlite3.BUSY, sqlite3.LOCKED:
		return failBusy
	case sqlite3.IOERR, sqlite3.CANTOPEN:
		if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
			return failFull
		}
	}
	return failOther
}

// checkSQLite refuses an engine with the write-ahead log bug.
func checkSQLite(ctx context.Context, db *sql.DB) error {
	var version string
	if err := db.QueryRowContext(ctx, "select sqlite_version()").Scan(&version); err != nil {
		return err
	}
	if olderVersion(version, minSQLite) {
		return fmt.Errorf("the SQLite engine is %s; at least %s is needed, because older ones can corrupt the database", version, minSQLite)
	}
	return nil
}

// olderVersion compares dotted numbers.
func olderVersion(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(as), len(bs)) {
		if x, y := number(as, i), number(bs, i); x != y {
			return x < y
		}
	}
	return false
}

func number(parts []string, i int) int {
	if i >= len(parts) {
		return 0
	}
	n, err := strconv.Atoi(parts[i])
	if err != nil {
		return 0
	}
	return n
}

// sqliteVersion reads pragma data_version on a connection of its own: a number that changes with every commit of any other connection, in this process or
// another one. That costs a look at the head of the write-ahead log.
type sqliteVersion struct {
	mu   sync.Mutex
	db   *sql.DB
	conn *sql.Conn // held, so that nobody else uses raw
	stmt *sqlite3.Stmt
}

func newSQLiteVersion(ctx context.Context, path string) (v *sqliteVersion, err error) {
	v = &sqliteVersion{}
	if v.db, err = openSQLite(path, 1, true); err != nil {
		return nil, err
	}
	if v.conn, err = v.db.Conn(ctx); err == nil {
		err = v.conn.Raw(func(c any) (err error) {
			v.stmt, _, err = c.(driver.Conn).Raw().Prepare("pragma data_version")
			return err
		})
	}
	if err != nil {
		return nil, errors.Join(err, v.db.Close())
	}
	return v, nil
}

func (v *sqliteVersion) current() (int64, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.stmt.Step() {
		return 0, errors.Join(errors.New("no data_version"), v.stmt.Reset())
	}
	n := v.stmt.ColumnInt64(0)
	return n, v.stmt.Reset()
}

func (v *sqliteVersion) close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return errors.Join(v.stmt.Close(), v.conn.Close(), v.db.Close())
}
