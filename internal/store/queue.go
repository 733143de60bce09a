package store

import (
	"database/sql"
	"path/filepath"

	"github.com/rollcall-id/rollcall/internal/fault"
)

const fileQueue = "queue.db"

// Queue opens the database in which the job queue (River) keeps its tables, and tells whether it is PostgreSQL. On SQLite it is a file of its own in the
// data folder, so that the queue does not contend with the directory's writer; losing it costs a few seconds of schedule. The caller closes it.
func Queue(c Config) (db *sql.DB, postgres bool, err error) {
	if isPostgres(c.URL) {
		db, err = openPostgres(c.URL)
		return db, true, err
	}
	if c.Dir == "" {
		return nil, false, fault.Errorf(fault.ErrInvalid, "no data folder given; name one with --data DIR")
	}
	// River's SQLite driver wants a single connection.
	db, err = openSQLite(filepath.Join(c.Dir, fileQueue), 1, false)
	return db, false, err
}
