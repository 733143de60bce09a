package store

import (
	"context"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// reader reads with single statements, on the pool or inside a transaction.
type reader struct {
	q querier
	d *dialect
	// scans has room for the searches that may read a whole organization at the same time; fewer than there are connections, so that a look-up never
	// waits behind them. nil: no bound.
	scans chan struct{}
	// totals knows how many objects there are; nil inside a transaction, which sees what is not committed.
	totals *totals
}

// tx is an open write transaction.
type tx struct {
	reader
	types  map[string]*scim.Registry // by organization: as they were when they were first asked for
	locked rowKeys                   // of the object that was touched or updated last
	shared sharedTypes               // nil: nothing is shared with other writes
}

var _ directory.Tx = (*tx)(nil)

func newTx(q querier, d *dialect) *tx { return &tx{reader: reader{q: q, d: d}} }

// writing marks the context of a function that runs inside a write of the store.
type writing struct{ s *Store }

// Write runs fn in one transaction; see directory.Store. A Write inside a Write of the same Store is refused: it would wait for itself.
func (s *Store) Write(ctx context.Context, fn func(ctx context.Context, tx directory.Tx) error) error {
	return s.write(ctx, func(ctx context.Context, t *tx) error { return fn(ctx, t) })
}

func (s *Store) write(ctx context.Context, fn func(ctx context.Context, t *tx) error) error {
	key := writing{s}
	if ctx.Value(key) != nil {
		return fault.Errorf(fault.ErrInvalid, "a write was begun inside another write of the same store; use the transaction that is open")
	}
	return s.writer.write(context.WithValue(ctx, key, true), fn)
}
