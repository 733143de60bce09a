package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/record"
)

const (
	fileRequests = "requests.db"
	pruneStep    = 2000 // rows removed in one transaction

	// requestLogLock is the PostgreSQL advisory lock under which batches are written one after the other on all nodes, so that positions become visible in
	// their order and whoever follows the log misses none.
	requestLogLock = 7231044512
)

// requestTables are the tables of the request log on SQLite; on PostgreSQL they are made by migration 0004. rules is ",N1,N3,". The body of a request is in
// a table of its own, because it is removed earlier.
const requestTables = `
create table if not exists request_log (
	position        integer primary key autoincrement,
	organization_id text    not null,
	time            bigint  not null,
	method          text    not null,
	status          bigint  not null,
	token_id        text    not null,
	resource_id     text    not null,
	rules           text    not null,
	doc             text    not null
);
create index if not exists request_log_organization on request_log (organization_id, position);
create index if not exists request_log_resource on request_log (organization_id, resource_id, position) where resource_id <> '';
create table if not exists request_body (
	position integer primary key,
	time     bigint not null,
	doc      text   not null
);
create index if not exists request_body_time on request_body (time);
`

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
	if f, err := os.OpenFile(path, os.O_CREATE, 0o600); err != nil { // its content is for the same eyes as the directory's
		return nil, fmt.Errorf("open the request log: %w", err)
	} else if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open the request log: %w", err)
	}
	db, err := openSQLite(path, 2, false)
	if err != nil {
		return nil, err
	}
	d := sqliteDialect()
	conn, err := db.Conn(ctx)
	if err == nil {
		_, err = conn.ExecContext(ctx, requestTables)
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
		if l.d.placeholder == '$' {
			if _, err := q.exec(ctx, "select pg_advisory_xact_lock($1)", requestLogLock); err != nil {
				return err
			}
		}
		rows := make([][]any, 0, len(requests))
		for _, r := range requests {
			bodies := r.Bodies
			r.Bodies = nil
			row, err := requestRow(r)
			if err != nil {
				return err
			}
			if bodies == nil {
				rows = append(rows, row)
				continue
			}
			if _, err := insertRows(ctx, q, insertRequest, "", rows); err != nil { // those before it come first
				return err
			}
			rows = rows[:0]
			if err := appendWithBodies(ctx, q, row, *bodies); err != nil {
				return err
			}
		}
		_, err := insertRows(ctx, q, insertRequest, "", rows)
		return err
	}))
}

const insertRequest = "insert into request_log (organization_id, time, method, status, token_id, resource_id, rules, doc)"

func requestRow(r record.Request) ([]any, error) {
	doc, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encode a request: %w", err)
	}
	rules := ""
	if len(r.Rules) > 0 {
		rules = "," + strings.Join(r.Rules, ",") + ","
	}
	return []any{r.Organization, micros(r.Time), r.Method, r.Status, r.Token, r.Resource, rules, string(doc)}, nil
}

func appendWithBodies(ctx context.Context, q querier, row []any, bodies record.RequestBodies) error {
	doc, err := json.Marshal(bodies)
	if err != nil {
		return fmt.Errorf("encode the bodies of a request: %w", err)
	}
	var position int64
	if err := q.get(ctx, []any{&position}, insertRequest+values(1, len(row))+" returning position", row...); err != nil {
		return err
	}
	_, err = q.exec(ctx, "insert into request_body (position, time, doc) values ($1, $2, $3)", position, row[1], string(doc))
	return err
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
		n, err := q.exec(ctx, `delete from request_log where position in (select position from request_log order by position limit $1) and time < $2`,
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
