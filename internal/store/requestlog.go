package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/record"
)

const (
	fileRequests = "requests.db"
	pruneStep    = 200 // rows removed in one transaction

	// requestLogLock is the PostgreSQL advisory lock under which batches are written one after the other on all nodes, so that positions become visible in
	// their order and whoever follows the log misses none.
	requestLogLock = 7231044512
)

// requestTables are the tables of the request log on SQLite; on PostgreSQL they are made by migration 0004. A row holds the requests of one organization that
// were written together, as a JSON array: a row for each would cost several times as much, for every request, to make a rare look into the log faster. time is
// the newest one's. Bodies are in a table of their own, by the position of their request, because they go earlier.
const requestTables = `
create table if not exists request_batch (
	position        integer primary key autoincrement,
	organization_id text    not null,
	time            bigint  not null,
	doc             text    not null
);
create index if not exists request_batch_organization on request_batch (organization_id, position);
create table if not exists request_body (
	position integer primary key,
	time     bigint not null,
	doc      text   not null
);
create index if not exists request_body_time on request_body (time);
`

// A request's position is its batch's, shifted, plus its place there.
const (
	batchBits = 10
	batchSize = 1<<batchBits - 1
)

// RequestLog keeps requests to SCIM endpoints. On SQLite it is a file of its own in the data folder, so that writing it does not hold up the directory's
// writer; on PostgreSQL it is in the database.
type RequestLog struct {
	d  *dialect
	db *sql.DB
	q  querier

	// On SQLite one connection writes, with its statements kept prepared: parsing them would cost as much as writing.
	mu      sync.Mutex
	conn    *sql.Conn
	written *prepared
}

var _ record.RequestLog = (*RequestLog)(nil)

// OpenRequestLog opens the log, and makes its file when there is none. The store of the same Config must have been opened before, which makes the folder
// and the tables. The caller closes it.
func OpenRequestLog(ctx context.Context, c Config) (*RequestLog, error) {
	if isPostgres(c.URL) {
		db, err := openPostgres(c.URL)
		if err != nil {
			return nil, err
		}
		d := postgresDialect()
		return &RequestLog{d: d, db: db, q: direct{d: d, h: db}}, nil
	}
	if c.Dir == "" {
		return nil, fault.Errorf(fault.ErrInvalid, "no data folder given; name one with --data DIR")
	}
	path := filepath.Join(c.Dir, fileRequests)
	db, err := openSQLite(path, 2, false)
	if err != nil {
		return nil, err
	}
	d := sqliteDialect()
	conn, err := db.Conn(ctx)
	if err == nil {
		_, err = conn.ExecContext(ctx, requestTables)
	}
	if err == nil {
		err = privateLog(path)
	}
	if err != nil {
		return nil, errors.Join(d.fail("make the request log", err), db.Close())
	}
	return &RequestLog{d: d, db: db, q: direct{d: d, h: db}, conn: conn, written: newPrepared(d, conn)}, nil
}

// Close closes the log.
func (l *RequestLog) Close() error {
	if l.conn == nil {
		return l.db.Close()
	}
	return errors.Join(l.written.close(), l.conn.Close(), l.db.Close())
}

// AppendRequests implements record.RequestLog.
func (l *RequestLog) AppendRequests(ctx context.Context, requests []record.Request) error {
	return l.d.fail("write the request log", l.transaction(ctx, func(q querier) error {
		if !l.d.embedded() {
			if _, err := q.exec(ctx, "select pg_advisory_xact_lock($1)", requestLogLock); err != nil {
				return err
			}
		}
		byOrganization := map[string][]record.Request{}
		for _, r := range requests {
			byOrganization[r.Organization] = append(byOrganization[r.Organization], r)
		}
		for org, list := range byOrganization {
			for batch := range slices.Chunk(list, batchSize) {
				if err := appendBatch(ctx, q, org, batch); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

func appendBatch(ctx context.Context, q querier, org string, batch []record.Request) error {
	var newest time.Time
	bare := slices.Clone(batch)
	for i, r := range batch {
		newest = latest(newest, r.Time)
		bare[i].Bodies = nil
	}
	doc, err := json.Marshal(bare)
	if err != nil {
		return fmt.Errorf("encode %d requests: %w", len(batch), err)
	}
	var position int64
	err = q.get(ctx, []any{&position}, "insert into request_batch (organization_id, time, doc) values ($1, $2, $3) returning position",
		org, micros(newest), string(doc))
	if err != nil {
		return err
	}
	for i, r := range batch {
		if r.Bodies == nil {
			continue
		}
		doc, err := json.Marshal(r.Bodies)
		if err != nil {
			return fmt.Errorf("encode the bodies of a request: %w", err)
		}
		_, err = q.exec(ctx, "insert into request_body (position, time, doc) values ($1, $2, $3)", position<<batchBits+int64(i), micros(r.Time), string(doc))
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *RequestLog) transaction(ctx context.Context, fn func(q querier) error) error {
	if l.conn == nil {
		tx, err := l.db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		if err := fn(direct{d: l.d, h: tx}); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		return tx.Commit()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	// A transaction that a context ends in the middle would stay open on the connection.
	ctx = context.WithoutCancel(ctx)
	if _, err := l.conn.ExecContext(ctx, "begin immediate"); err != nil {
		return err
	}
	err := fn(steady{l.written})
	if err == nil {
		if _, err = l.conn.ExecContext(ctx, "commit"); err == nil {
			return nil
		}
	}
	if inTransaction(l.conn) {
		_, undo := l.conn.ExecContext(ctx, "rollback")
		err = errors.Join(err, undo)
	}
	return err
}

// PruneRequests implements record.RequestLog. Positions grow with time but for the moment that a batch waits, so the oldest are at the front.
func (l *RequestLog) PruneRequests(ctx context.Context, before, bodiesBefore time.Time) (more bool, err error) {
	err = l.transaction(ctx, func(q querier) error {
		n, err := q.exec(ctx, `delete from request_batch where position in (select position from request_batch order by position limit $1) and time < $2`,
			pruneStep, micros(before))
		if err != nil {
			return err
		}
		bodies, err := q.exec(ctx, "delete from request_body where position in (select position from request_body where time < $1 order by time limit $2)",
			micros(latest(before, bodiesBefore)), pruneStep)
		more = n == pruneStep || bodies == pruneStep
		return err
	})
	return more, l.d.fail("remove old requests from the log", err)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
