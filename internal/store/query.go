package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// querier runs statements on a pool or inside a transaction. Statements are written with $N placeholders.
type querier interface {
	query(ctx context.Context, text string, args ...any) (*sql.Rows, error)
	// get scans the single row of the answer into dest; sql.ErrNoRows when there is none.
	get(ctx context.Context, dest []any, text string, args ...any) error
	// exec returns the number of rows affected.
	exec(ctx context.Context, text string, args ...any) (int64, error)
}

// handle is what *sql.DB, *sql.Conn and *sql.Tx have in common.
type handle interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// direct hands every statement to the driver as it is. pgx keeps prepared statements itself.
type direct struct {
	d *dialect
	h handle
}

func (q direct) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	return q.h.QueryContext(ctx, q.d.rewrite(text), args...)
}

func (q direct) get(ctx context.Context, dest []any, text string, args ...any) error {
	return q.h.QueryRowContext(ctx, q.d.rewrite(text), args...).Scan(dest...)
}

func (q direct) exec(ctx context.Context, text string, args ...any) (int64, error) {
	res, err := q.h.ExecContext(ctx, q.d.rewrite(text), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// maxPrepared bounds the statements kept. The fixed ones of this package are about a hundred; the rest is for rendered filters, whose number of shapes
// the clients choose. What does not fit is prepared for each use: slower, never wrong.
const maxPrepared = 250

// prepared keeps statements prepared: SQLite parses a statement in about the time it takes to run it.
type prepared struct {
	direct

	mu    sync.RWMutex
	stmts map[string]*sql.Stmt
}

func newPrepared(d *dialect, h handle) *prepared {
	return &prepared{direct: direct{d: d, h: h}, stmts: map[string]*sql.Stmt{}}
}

// stmt returns the prepared statement, nil when there is no room for another one.
func (q *prepared) stmt(ctx context.Context, text string) (*sql.Stmt, error) {
	q.mu.RLock()
	s, n := q.stmts[text], len(q.stmts)
	q.mu.RUnlock()
	if s != nil || n >= maxPrepared {
		return s, nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if s := q.stmts[text]; s != nil {
		return s, nil
	}
	s, err := q.h.PrepareContext(ctx, q.d.rewrite(text)) //nolint:sqlclosecheck // kept until close
	if err != nil {
		return nil, err
	}
	q.stmts[text] = s
	return s, nil
}

// close releases the statements; a connection of SQLite cannot be closed before.
func (q *prepared) close() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	var errs []error
	for _, s := range q.stmts {
		errs = append(errs, s.Close())
	}
	clear(q.stmts)
	return errors.Join(errs...)
}

func (q *prepared) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	s, err := q.stmt(ctx, text) //nolint:sqlclosecheck // kept until close
	if err != nil {
		return nil, err
	}
	if s == nil {
		return q.direct.query(ctx, text, args...)
	}
	return s.QueryContext(ctx, args...)
}

func (q *prepared) get(ctx context.Context, dest []any, text string, args ...any) error {
	s, err := q.stmt(ctx, text) //nolint:sqlclosecheck // kept until close
	if err != nil {
		return err
	}
	if s == nil {
		return q.direct.get(ctx, dest, text, args...)
	}
	return s.QueryRowContext(ctx, args...).Scan(dest...)
}

func (q *prepared) exec(ctx context.Context, text string, args ...any) (int64, error) {
	s, err := q.stmt(ctx, text) //nolint:sqlclosecheck // kept until close
	if err != nil {
		return 0, err
	}
	if s == nil {
		return q.direct.exec(ctx, text, args...)
	}
	res, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// steady runs the statements of a write on SQLite. The caller's context ends a write between two statements, never inside one: an interrupted statement
// would undo the whole group of writes that share the transaction.
type steady struct{ q querier }

func (s steady) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.q.query(context.Background(), text, args...)
}

func (s steady) get(ctx context.Context, dest []any, text string, args ...any) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.q.get(context.Background(), dest, text, args...)
}

func (s steady) exec(ctx context.Context, text string, args ...any) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return s.q.exec(context.Background(), text, args...)
}

// collect reads all rows of a query with scan.
func collect[T any](ctx context.Context, q querier, scan func(*sql.Rows) (T, error), text string, args ...any) (out []T, err error) {
	rows, err := q.query(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// texts reads a one-column answer.
func texts(ctx context.Context, q querier, text string, args ...any) ([]string, error) {
	return collect(ctx, q, func(r *sql.Rows) (s string, err error) {
		err = r.Scan(&s)
		return s, err
	}, text, args...)
}
