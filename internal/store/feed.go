package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/rollcall-id/rollcall/internal/directory"
)

const changeColumns = "organization_id, time, actor, cause, traceparent, kind, type, object_id, member_id, application_id, paths"

// Append implements directory.Tx. On SQLite a change gets its seq here, on PostgreSQL when it is first read (number).
func (t *tx) Append(ctx context.Context, changes ...directory.Change) error {
	rows := make([][]any, len(changes))
	for i, c := range changes {
		paths, err := encodePaths(c.Paths)
		if err != nil {
			return err
		}
		rows[i] = []any{c.Organization, micros(c.Time), c.Actor, c.Cause, c.Traceparent, string(c.Kind), c.Type, c.ID, c.Member, c.Application, paths}
	}
	_, err := insertRows(ctx, t.q, "insert into change ("+changeColumns+")", "", rows)
	return t.d.fail("append to the change feed", err)
}

func encodePaths(paths []string) (string, error) {
	if len(paths) == 0 {
		return "", nil
	}
	doc, err := json.Marshal(paths)
	if err != nil {
		return "", fmt.Errorf("encode changed paths: %w", err)
	}
	return string(doc), nil
}

func scanChange(rows *sql.Rows) (directory.Change, error) {
	var c directory.Change
	var at int64
	var paths string
	err := rows.Scan(&c.Seq, &c.Organization, &at, &c.Actor, &c.Cause, &c.Traceparent, &c.Kind, &c.Type, &c.ID, &c.Member, &c.Application, &paths)
	if err != nil {
		return c, err
	}
	c.Time = fromMicros(at)
	if paths != "" {
		if err := json.Unmarshal([]byte(paths), &c.Paths); err != nil {
			return c, fmt.Errorf("read the paths of change %d: %w", c.Seq, err)
		}
	}
	return c, nil
}

// Changes implements directory.Feed. Inside a transaction on PostgreSQL, changes that were not read outside before do not show yet.
func (r reader) Changes(ctx context.Context, org string, after int64, limit int) ([]directory.Change, error) {
	out, err := collect(ctx, r.q, scanChange, "select seq, "+changeColumns+
		" from change where organization_id = $1 and seq > $2 order by seq limit $3", org, after, limit)
	return out, r.d.fail("read the change feed", err)
}

// Head implements directory.Feed.
func (r reader) Head(ctx context.Context, org string) (int64, error) {
	var head int64
	err := r.q.get(ctx, []any{&head}, "select coalesce(max(seq), 0) from change where organization_id = $1", org)
	return head, r.d.fail("read the head of the change feed", err)
}

// Changes implements directory.Feed.
func (s *Store) Changes(ctx context.Context, org string, after int64, limit int) ([]directory.Change, error) {
	if err := s.number(ctx); err != nil {
		return nil, err
	}
	return s.reader.Changes(ctx, org, after, limit)
}

// Head implements directory.Feed.
func (s *Store) Head(ctx context.Context, org string) (int64, error) {
	if err := s.number(ctx); err != nil {
		return 0, err
	}
	return s.reader.Head(ctx, org)
}

// number gives the changes that PostgreSQL transactions have committed since the last time their seq, in the order of their insertion. The row of
// feed_head lets one node at a time do it and holds the newest seq; the numbers are computed by a statement that begins after the row is locked, so it
// sees every number given before. A transaction that commits later gets higher numbers, whatever was committed or numbered meanwhile. The check before
// costs one look at a partial index that is empty most of the time. On SQLite every change has its seq.
func (s *Store) number(ctx context.Context) error {
	if !s.postgres {
		return nil
	}
	const pending = "select exists (select 1 from change where seq is null)"
	var some bool
	if err := s.q.get(ctx, []any{&some}, pending); err != nil || !some {
		return s.d.fail("read the change feed", err)
	}
	return s.writer.write(ctx, func(ctx context.Context, t *tx) error {
		var head int64
		if err := t.q.get(ctx, []any{&head}, "select seq from feed_head for update"); err != nil {
			return t.d.fail("number the change feed", err)
		}
		n, err := t.q.exec(ctx, `update change set seq = $1 + fresh.n
			from (select id, row_number() over (order by id) as n from change where seq is null) fresh where change.id = fresh.id`, head)
		if err == nil && n > 0 {
			_, err = t.q.exec(ctx, "update feed_head set seq = $1", head+n)
		}
		return t.d.fail("number the change feed", err)
	})
}
