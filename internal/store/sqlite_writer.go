package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rollcall-id/rollcall/internal/fault"
)

const (
	groupSize    = 256                   // most writes in one commit
	groupTime    = 25 * time.Millisecond // a group that took this long is committed; it bounds what the first write of a group waits for the last
	quietTime    = 2 * time.Second       // without a write: time to move the write-ahead log into the file
	checkpointMS = 50                    // how long that may wait for readers
)

// sqliteWriter is the one writer of an SQLite database. Concurrent writes share a commit: the goroutine run opens a transaction, lets each waiting
// caller in turn run its function inside a savepoint, commits, and only then answers all of them. With synchronous=full a commit costs a flush of the
// disk, so sharing it is what makes many small durable writes fast.
//
// A caller's function runs on the caller's own goroutine while it holds the turn: a panic or an exit of it unwinds the caller's stack as usual, costs
// the savepoint, and nobody else notices.
type sqliteWriter struct {
	d      *dialect
	conn   *sql.Conn
	q      *prepared
	types  sharedTypes // of the open transaction
	queue  chan *job
	quit   chan struct{}
	done   chan struct{}
	once   sync.Once
	logger *slog.Logger
}

// job is one write on its way through the writer.
type job struct {
	fn     func(ctx context.Context, t *tx) error
	ctx    context.Context
	state  atomic.Int32 // waiting, taken or gone
	turn   chan struct{}
	ran    chan error
	result chan error
}

const (
	waiting int32 = iota
	taken         // the writer is going to run it
	gone          // the caller gave up before that
)

func newSQLiteWriter(ctx context.Context, d *dialect, db *sql.DB, logger *slog.Logger) (*sqliteWriter, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &sqliteWriter{
		d: d, conn: conn, q: newPrepared(d, conn), types: sharedTypes{}, logger: logger,
		queue: make(chan *job, groupSize), quit: make(chan struct{}), done: make(chan struct{}),
	}
	go w.run()
	return w, nil
}

// errClosed says that the Store was closed.
func errClosed() error {
	return fault.Errorf(fault.ErrUnavailable, "the database was closed; the program is ending")
}

func (w *sqliteWriter) write(ctx context.Context, fn func(ctx context.Context, t *tx) error) error {
	j := &job{fn: fn, ctx: ctx, turn: make(chan struct{}), ran: make(chan error), result: make(chan error, 1)}
	select {
	case w.queue <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.done:
		return errClosed()
	}
	canceled := ctx.Done()
	for {
		select {
		case <-j.turn:
			canceled = nil // from here on the answer is the commit's
			w.runTurn(j)
		case err := <-j.result:
			return err
		case <-canceled:
			if j.state.CompareAndSwap(waiting, gone) {
				return ctx.Err()
			}
			canceled = nil
		case <-w.done:
			select {
			case err := <-j.result:
				return err
			default:
				return errClosed()
			}
		}
	}
}

// errUnwound reports a function that ended by a panic or an exit of its goroutine.
var errUnwound = errors.New("the function of the transaction did not return")

// runTurn runs the caller's function and gives the turn back, however the function ends.
func (w *sqliteWriter) runTurn(j *job) {
	err := errUnwound
	defer func() { j.ran <- err }()
	t := newTx(steady{w.q}, w.d)
	t.shared = w.types
	err = j.fn(j.ctx, t)
}

// run is the writer's goroutine.
func (w *sqliteWriter) run() {
	defer close(w.done)
	quiet := time.NewTimer(quietTime)
	defer quiet.Stop()
	dirty := true // a log may be left from an earlier run
	for {
		select {
		case <-w.quit:
			w.drain()
			return
		case j := <-w.queue:
			w.group(j)
			dirty = true
			quiet.Reset(quietTime)
		case <-quiet.C:
			if dirty {
				w.checkpoint()
				dirty = false
			}
		}
	}
}

// drain runs what was queued before the writer was closed.
func (w *sqliteWriter) drain() {
	for {
		select {
		case j := <-w.queue:
			w.group(j)
		default:
			return
		}
	}
}

// next takes another waiting write into the group, as long as there is one and the group has room.
func (w *sqliteWriter) next(n int, began time.Time) *job {
	if n >= groupSize || time.Since(began) > groupTime {
		return nil
	}
	select {
	case j := <-w.queue:
		return j
	default:
		return nil
	}
}

// group runs first and what waits behind it in one transaction.
func (w *sqliteWriter) group(first *job) {
	began := time.Now()
	var done []*job // ran well in the open transaction; answered by its commit
	for j := first; j != nil; j = w.next(len(done), began) {
		if err := j.ctx.Err(); err != nil {
			j.answer(err)
			continue
		}
		if !j.state.CompareAndSwap(waiting, taken) {
			continue
		}
		var err error
		if len(done) == 0 {
			if err := w.begin(); err != nil {
				w.refuse(j, w.d.fail("begin to write", err))
				return
			}
			// Alone in the transaction it needs no savepoint, which a large import would pay for with a copy of every page that it changes.
			if err = w.giveTurn(j); err != nil {
				w.rollback()
			}
		} else {
			err = w.inSavepoint(j)
		}
		if err == nil {
			done = append(done, j)
			continue
		}
		j.answer(err)
		if len(done) > 0 && !inTransaction(w.conn) {
			// The database ended the whole transaction, because the disk is full or failing. The others did nothing wrong: each gets one more try in a
			// transaction of its own.
			w.alone(done)
			return
		}
	}
	if len(done) > 0 {
		w.commit(done)
	}
}

// refuse answers j, and everything that waits behind it, with the reason why no transaction can be opened. They waited as long as j did; letting each
// of them wait for the other process again would add up.
func (w *sqliteWriter) refuse(j *job, err error) {
	j.answer(err)
	for range len(w.queue) {
		(<-w.queue).answer(err)
	}
}

// giveTurn lets the caller run its function.
func (w *sqliteWriter) giveTurn(j *job) error {
	j.turn <- struct{}{}
	return <-j.ran
}

// inSavepoint gives j the turn. An error undoes what j did, and only that.
func (w *sqliteWriter) inSavepoint(j *job) error {
	if err := w.exec("savepoint write"); err != nil {
		return w.d.fail("begin to write", err)
	}
	err := w.giveTurn(j)
	if err == nil {
		return w.d.fail("write", w.exec("release write"))
	}
	if !inTransaction(w.conn) {
		return err
	}
	if e := errors.Join(w.exec("rollback to write"), w.exec("release write")); e != nil {
		w.rollback()
		return errors.Join(err, fmt.Errorf("undo a failed write: %w", e))
	}
	return err
}

// alone runs writes again whose transaction was lost through another one.
func (w *sqliteWriter) alone(jobs []*job) {
	for _, j := range jobs {
		if err := w.begin(); err != nil {
			j.answer(w.d.fail("begin to write", err))
			continue
		}
		if err := w.giveTurn(j); err != nil {
			w.rollback()
			j.answer(err)
			continue
		}
		w.commit([]*job{j})
	}
}

func (w *sqliteWriter) begin() error {
	clear(w.types)
	return w.exec("begin immediate")
}

// commit answers the jobs: they are durable, or none of them happened.
func (w *sqliteWriter) commit(jobs []*job) {
	err := w.exec("commit")
	if err != nil {
		w.rollback()
		err = w.d.fail("commit", err)
	}
	for _, j := range jobs {
		j.answer(err)
	}
}

func (w *sqliteWriter) rollback() {
	if !inTransaction(w.conn) {
		return
	}
	if err := w.exec("rollback"); err != nil {
		w.logger.Error("roll back a transaction", "error", err)
	}
}

// exec runs a statement of the writer itself. No caller's context may reach SQLite here: interrupting one write would undo the whole group.
func (w *sqliteWriter) exec(text string) error {
	_, err := w.q.exec(context.Background(), text)
	return err
}

// checkpoint empties the write-ahead log in a quiet moment, so that it does not stay at the size of the busiest one.
func (w *sqliteWriter) checkpoint() {
	ctx := context.Background()
	var busy, logged, moved int
	err := errors.Join(
		w.exec(fmt.Sprintf("pragma busy_timeout = %d", checkpointMS)),
		w.conn.QueryRowContext(ctx, "pragma wal_checkpoint(truncate)").Scan(&busy, &logged, &moved),
		w.exec(fmt.Sprintf("pragma busy_timeout = %d", busyTimeout.Milliseconds())))
	if err != nil {
		w.logger.Debug("checkpoint", "error", err)
	}
}

func (j *job) answer(err error) { j.result <- err }

func (w *sqliteWriter) close() error {
	w.once.Do(func() { close(w.quit) })
	<-w.done
	return errors.Join(w.q.close(), w.conn.Close())
}
