package store

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"time"
)

const (
	writeAttempts = 8
	retryBase     = 5 * time.Millisecond // doubled with each attempt, plus as much again by chance
)

// postgresWriter runs each write in a transaction of its own at READ COMMITTED: writers of one object wait for each other at its row (Tx.Touch), all
// others run side by side. A transaction that lost against another one (deadlock, serialization failure) is run again.
type postgresWriter struct {
	d  *dialect
	db *sql.DB
}

func (w *postgresWriter) write(ctx context.Context, fn func(ctx context.Context, t *tx) error) error {
	wait := retryBase
	for attempt := 1; ; attempt++ {
		err := w.once(ctx, fn)
		if kindOf(err) != failRetry || attempt == writeAttempts {
			return err
		}
		timer := time.NewTimer(wait + rand.N(wait))
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
		wait *= 2
	}
}

func (w *postgresWriter) once(ctx context.Context, fn func(ctx context.Context, t *tx) error) error {
	dbtx, err := w.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return w.d.fail("begin to write", err)
	}
	// After a commit this does nothing; otherwise fn failed, or panicked, and the panic goes on to the caller.
	defer func() { _ = dbtx.Rollback() }()
	broken := &broken{querier: direct{d: w.d, h: dbtx}}
	err = fn(ctx, newTx(broken, w.d))
	if err == nil && broken.err != nil {
		// fn swallowed an error after which PostgreSQL refuses to commit.
		err = w.d.fail("write", broken.err)
	}
	if err != nil {
		if k := w.d.fail("write", broken.err); kindOf(k) == failRetry {
			return k
		}
		return err
	}
	return w.d.fail("commit", dbtx.Commit())
}

func (w *postgresWriter) close() error { return nil }

// broken remembers the first error of a statement: it aborts the transaction, whatever the caller makes of it.
type broken struct {
	querier
	err error
}

func (b *broken) keep(err error) {
	if b.err == nil && err != nil && !errors.Is(err, sql.ErrNoRows) {
		b.err = err
	}
}

func (b *broken) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	rows, err := b.querier.query(ctx, text, args...)
	b.keep(err)
	return rows, err
}

func (b *broken) get(ctx context.Context, dest []any, text string, args ...any) error {
	err := b.querier.get(ctx, dest, text, args...)
	b.keep(err)
	return err
}

func (b *broken) exec(ctx context.Context, text string, args ...any) (int64, error) {
	n, err := b.querier.exec(ctx, text, args...)
	b.keep(err)
	return n, err
}
