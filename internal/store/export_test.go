package store

import (
	"context"
	"errors"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
)

// What tests of package store_test need to see.

const (
	MaxName  = maxName
	MinMicro = lastUsedStep
)

// ExecWriter runs a statement on the writer's connection, outside a transaction.
func (s *Store) ExecWriter(ctx context.Context, text string) error {
	w, ok := s.writer.(*sqliteWriter)
	if !ok {
		_, err := s.db.ExecContext(ctx, text)
		return err
	}
	_, err := w.conn.ExecContext(ctx, text)
	return err
}

// Checkpoint does what the writer does in a quiet moment.
func (s *Store) Checkpoint() {
	if w, ok := s.writer.(*sqliteWriter); ok {
		w.checkpoint()
	}
}

// WriterNumber runs a query with one number in the answer on the writer's connection.
func (s *Store) WriterNumber(ctx context.Context, text string) (n int, err error) {
	w, ok := s.writer.(*sqliteWriter)
	if !ok {
		return 0, errors.New("not SQLite")
	}
	err = w.conn.QueryRowContext(ctx, text).Scan(&n)
	return n, err
}

// QueryText runs a query with one text in the answer.
func (s *Store) QueryText(ctx context.Context, text string, args ...any) (string, error) {
	var out string
	err := s.db.QueryRowContext(ctx, s.d.rewrite(text), args...).Scan(&out)
	return out, err
}

// Explain returns SQLite's plan of a search.
func (s *Store) Explain(ctx context.Context, org, typ string, filter *scim.Filter) ([]string, error) {
	f := &renderer{d: s.d, typ: typ, owner: directory.OwnerSCIM}
	where, err := f.where(org, filter)
	if err != nil {
		return nil, err
	}
	return s.explain(ctx, "select "+objectColumns+where+f.created(directory.Query{Filter: filter})+" limit 10", f.args)
}

// ExplainCount returns SQLite's plan of counting what SCIM owns.
func (s *Store) ExplainCount(ctx context.Context, org, typ string) ([]string, error) {
	f := &renderer{d: s.d, typ: typ, owner: directory.OwnerSCIM}
	where, err := f.where(org, nil)
	if err != nil {
		return nil, err
	}
	return s.explain(ctx, "select count(*)"+where, f.args)
}

func (s *Store) explain(ctx context.Context, text string, args []any) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, s.d.rewrite("explain query plan "+text), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			return nil, err
		}
		plan = append(plan, detail)
	}
	return plan, rows.Err()
}

// Render returns the SQL condition of a filter.
func Render(postgres bool, typ string, filter *scim.Filter) (string, []any, error) {
	d := sqliteDialect()
	if postgres {
		d = postgresDialect()
	}
	f := &renderer{d: d, typ: typ}
	text, err := f.condition(filter.Root())
	return text, f.args, err
}

// Prepare checks a statement's syntax.
func (s *Store) Prepare(ctx context.Context, text string) error {
	stmt, err := s.db.PrepareContext(ctx, s.d.rewrite(text))
	if err != nil {
		return err
	}
	return stmt.Close() //nolint:sqlclosecheck // nothing happens in between
}

// Rewrite is the SQLite dialect's rewriting of placeholders.
func Rewrite(text string) string { return sqliteDialect().rewrite(text) }

// ParseKeys returns the ids of the keys in the text.
func ParseKeys(text string) ([]string, error) {
	keys, err := parseKeys(text)
	ids := make([]string, len(keys))
	for i, k := range keys {
		ids[i] = k.id
	}
	return ids, err
}

// OlderVersion compares dotted version numbers.
func OlderVersion(a, b string) bool { return olderVersion(a, b) }

// ClassifySQLState is the meaning of a SQLSTATE as the closed list of the program knows it, nil for none.
func ClassifySQLState(code string) error {
	d := postgresDialect()
	d.classify = func(error) failure { return classifySQLState(code) }
	var e *databaseError
	if errors.As(d.fail("op", errors.New("cause")), &e) {
		return e.meaning
	}
	return nil
}

// CheckVersion refuses tables of another version.
func CheckVersion(where string, current, needed int64) error {
	return checkVersion(where, current, needed)
}

// HoldScans takes all places for searches without an index until release is called.
func (s *Store) HoldScans() (release func()) {
	for range cap(s.scans) {
		s.scans <- struct{}{}
	}
	return func() {
		for range cap(s.scans) {
			<-s.scans
		}
	}
}

// MigrateTo brings the tables of a database opened with NoMigrate to a version.
func (s *Store) MigrateTo(ctx context.Context, version int64) error {
	p, err := newMigrator(s.d, s.writes)
	if err != nil {
		return err
	}
	_, err = p.UpTo(ctx, version)
	return err
}

// MigrationTempStore is where SQLite keeps what a migration may have to undo: 1 is a file, 2 memory.
func (s *Store) MigrationTempStore(ctx context.Context) (n int, err error) {
	db, err := s.patient(ctx)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	err = db.QueryRowContext(ctx, "pragma temp_store").Scan(&n)
	return n, err
}

// AnchorAll makes pages by index start from known places however near they are.
func (s *Store) AnchorAll() { s.totals.offset = 0 }

// UpdateText is the statement that Update runs after a Touch that returned old.
func UpdateText(rt *scim.ResourceType, old, o directory.Object) (string, error) {
	was, err := columnsOf(rt, old)
	if err != nil {
		return "", err
	}
	is, err := columnsOf(rt, o)
	if err != nil {
		return "", err
	}
	text, _ := is.update(o, rowKeysOf(old, was))
	return text, nil
}

// Queued is how many writes wait for their turn on SQLite.
func (s *Store) Queued() int { return len(s.writer.(*sqliteWriter).queue) }
