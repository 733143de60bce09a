package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/record"
)

// Config says which database to open.
type Config struct {
	Dir string // data folder: the SQLite file rollcall.db and the key file rollcall.key; made (0700) when it does not exist
	URL string // postgres://…; empty: SQLite in Dir

	// Keys are the keys that seal the secrets of targets, as in the environment variable ROLLCALL_KEY, which is read when Keys is empty. When both are
	// empty, the file rollcall.key in Dir is used, and made when it is first needed.
	Keys string

	Logger *slog.Logger     // nil: none
	Now    func() time.Time // nil: time.Now
	// NoMigrate opens the database whatever its version and changes nothing in it. It is for Migrate and for telling the version.
	NoMigrate bool
}

// Store keeps everything in one database. It is safe for concurrent use.
type Store struct {
	reader

	db       *sql.DB // readers of SQLite; everything of PostgreSQL
	writes   *sql.DB // the writer's pool of SQLite, the same as db on PostgreSQL
	writer   transactor
	bearers  *bearers // nil on PostgreSQL
	keys     *keyRing
	now      func() time.Time
	logger   *slog.Logger
	where    string // the database for a person, without secrets
	dir      string
	postgres bool
}

var (
	_ directory.Store               = (*Store)(nil)
	_ organization.Store            = (*Store)(nil)
	_ organization.IntegrationStore = (*Store)(nil)
	_ application.Store             = (*Store)(nil)
	_ application.AssignmentStore   = (*Store)(nil)
	_ application.VersionStore      = (*Store)(nil)
	_ provisioning.Store            = (*Store)(nil)
	_ record.Log                    = (*Store)(nil)
)

// transactor runs a function in a write transaction and returns once it is durable.
type transactor interface {
	write(ctx context.Context, fn func(ctx context.Context, t *tx) error) error
	close() error
}

// Open opens the database and makes its tables when it is empty. A database of an older version is refused with fault.ErrPrecondition and a hint to run
// `rollcall migrate`, one of a newer version with fault.ErrPrecondition as well. Close it after use.
func Open(ctx context.Context, c Config) (*Store, error) {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Keys == "" {
		c.Keys = os.Getenv("ROLLCALL_KEY")
	}
	keys, err := newKeyRing(c.Keys, filepath.Join(c.Dir, fileKey))
	if err != nil {
		return nil, err
	}
	s := &Store{keys: keys, now: c.Now, logger: c.Logger, dir: c.Dir}
	switch {
	case c.URL == "":
		err = s.openSQLite(ctx, c)
	case isPostgres(c.URL):
		err = s.openPostgres(ctx, c)
	default:
		err = fault.Errorf(fault.ErrInvalid, "the database URL must start with postgres:// (or be empty, for the SQLite file in the data folder)")
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) openSQLite(ctx context.Context, c Config) error {
	if c.Dir == "" {
		return fault.Errorf(fault.ErrInvalid, "no data folder given; name one with --data DIR")
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w; choose another one with --data DIR", err)
	}
	path := filepath.Join(c.Dir, fileSQLite)
	s.where = fmt.Sprintf("the database %q", path)
	d := sqliteDialect()
	var err error
	// One connection is the writer's, the other one is for migrations.
	if s.writes, err = openSQLite(path, 2, false); err != nil {
		return err
	}
	if err := checkSQLite(ctx, s.writes); err != nil {
		return d.fail("open "+s.where, err)
	}
	if err := s.migrateAtOpen(ctx, d, c.NoMigrate); err != nil {
		return err
	}
	if s.db, err = openSQLite(path, readConnections, true); err != nil {
		return err
	}
	s.reader = reader{q: newPrepared(d, s.db), d: d, scans: make(chan struct{}, scanConnections), totals: newTotals()}
	version, err := newSQLiteVersion(ctx, path)
	if err != nil {
		return d.fail("open "+s.where, err)
	}
	s.bearers = newBearers(version)
	w, err := newSQLiteWriter(ctx, d, s.writes, s.logger)
	if err != nil {
		return d.fail("open "+s.where, err)
	}
	s.writer = w
	return privateLog(path)
}

func (s *Store) openPostgres(ctx context.Context, c Config) error {
	s.postgres = true
	s.where = describe(c.URL)
	d := postgresDialect()
	db, err := openPostgres(c.URL)
	if err != nil {
		return err
	}
	s.db, s.writes = db, db
	if err := checkPostgres(ctx, db); err != nil {
		return d.fail("open "+s.where, err)
	}
	if err := s.migrateAtOpen(ctx, d, c.NoMigrate); err != nil {
		return err
	}
	s.reader = reader{q: direct{d: d, h: db}, d: d, totals: newTotals()}
	s.writer = &postgresWriter{d: d, db: db}
	return nil
}

// Close waits for the running transaction and closes the database.
func (s *Store) Close() error {
	var errs []error
	if s.writer != nil {
		errs = append(errs, s.writer.close())
	}
	if s.bearers != nil {
		errs = append(errs, s.bearers.version.close())
	}
	if s.db != nil && s.db != s.writes {
		errs = append(errs, s.db.Close())
	}
	if s.writes != nil {
		errs = append(errs, s.writes.Close())
	}
	return errors.Join(errs...)
}

// Where names the database for a person, without its password.
func (s *Store) Where() string { return s.where }

// Postgres tells whether the database is PostgreSQL, which several nodes may share.
func (s *Store) Postgres() bool { return s.postgres }
