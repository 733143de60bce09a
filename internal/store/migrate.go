package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/rollcall-id/rollcall/internal/fault"
)

//go:embed migrations/sqlite/*.sql migrations/postgres/*.sql
var migrations embed.FS

// migrateAttempts is how often a migration of SQLite is tried. Two processes may find the same fresh file; each migration is one transaction, so the one
// that comes second fails harmlessly and then finds the work done.
const (
	migrateAttempts = 5
	migratePause    = 200 * time.Millisecond
)

// Migrate brings the tables up to this program's version and returns the versions before and after. Open the Store with NoMigrate for it. Running
// it on several nodes at once is safe: on PostgreSQL an advisory lock lets one of them work.
func (s *Store) Migrate(ctx context.Context) (before, after int64, err error) {
	db, err := s.patient(ctx)
	if err != nil {
		return 0, 0, err
	}
	if db != s.writes {
		defer func() { err = errors.Join(err, db.Close()) }()
	}
	p, err := newMigrator(s.d, db)
	if err != nil {
		return 0, 0, err
	}
	before, after, err = p.GetVersions(ctx)
	if err != nil {
		return 0, 0, s.d.fail("read the version of "+s.where, err)
	}
	if before > after {
		return before, before, checkVersion(s.where, before, after)
	}
	return before, after, s.up(ctx, s.d, p)
}

// patient is the pool for statements that change every row. SQLite keeps what a statement may have to undo, here a copy of all rows: in memory, as the writer
// wants it, that is more than the engine has for 100,000 people, and it fails without an answer.
func (s *Store) patient(ctx context.Context) (*sql.DB, error) {
	if s.postgres {
		return s.writes, nil
	}
	db, err := openSQLite(filepath.Join(s.dir, fileSQLite), 1, false)
	if err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, "pragma temp_store = file"); err != nil {
		return nil, errors.Join(s.d.fail("open "+s.where, err), db.Close())
	}
	return db, nil
}

// Version returns the version of the database's tables and the one that this program needs.
func (s *Store) Version(ctx context.Context) (current, needed int64, err error) {
	p, err := newMigrator(s.d, s.writes)
	if err != nil {
		return 0, 0, err
	}
	current, needed, err = p.GetVersions(ctx)
	return current, needed, s.d.fail("read the version of "+s.where, err)
}

// migrateAtOpen makes the tables of an empty database and refuses one of another version: changing the tables under nodes that still run the older
// program is a person's decision.
func (s *Store) migrateAtOpen(ctx context.Context, d *dialect, no bool) error {
	if no {
		return nil
	}
	p, err := newMigrator(d, s.writes)
	if err != nil {
		return err
	}
	for attempt := range migrateAttempts {
		var current, needed int64
		current, needed, err = p.GetVersions(ctx)
		switch {
		case err != nil: // another process may be making the table of versions
		case current >= needed, current > 0 && attempt == migrateAttempts-1:
			return checkVersion(s.where, current, needed)
		case current > 0: // another process may be between two migrations of a fresh file
			select {
			case <-time.After(migratePause):
			case <-ctx.Done():
			}
		default:
			if err = s.up(ctx, d, p); err == nil {
				return nil
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return d.fail("prepare "+s.where, err)
}

// checkVersion refuses tables of another version than this program's.
func checkVersion(where string, current, needed int64) error {
	switch {
	case current > needed:
		return fault.Errorf(fault.ErrPrecondition, "%s is of version %d, made by a newer Rollcall; this program knows versions up to %d: "+
			"run the newer program, or restore the backup made before it", where, current, needed)
	case current < needed:
		return fault.Errorf(fault.ErrPrecondition, "%s is of version %d and this program needs version %d: stop the other nodes, "+
			"make a backup, and run `rollcall migrate`", where, current, needed)
	}
	return nil
}

func (s *Store) up(ctx context.Context, d *dialect, p *goose.Provider) error {
	results, err := p.Up(ctx)
	for _, r := range results {
		s.logger.Info("migrated", "database", s.where, "version", r.Source.Version, "duration", r.Duration)
	}
	return d.fail("migrate "+s.where, err)
}

func newMigrator(d *dialect, db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations/"+d.name)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	if d.name == "sqlite" {
		return goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, fmt.Errorf("prepare the lock of the migrations: %w", err)
	}
	return goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
}
