package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/scim"
)

const maxRecords = 1000

// recordKey is a folded name as the log is searched by. A name too long for an index is cut; the query cuts alike.
func recordKey(name string) string {
	key := scim.Fold(name)
	if len(key) > maxKey {
		return strings.ToValidUTF8(key[:maxKey], "")
	}
	return key
}

func (t *tx) record(ctx context.Context, app string, records []record.Record) error {
	rows := make([][]any, len(records))
	for i, r := range records {
		doc, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("encode the record of %s %q: %w", r.Kind, r.Source.Name, err)
		}
		rows[i] = []any{
			app, micros(r.Time), r.CycleID, r.Kind, string(r.Action), string(r.Status), r.ErrorCode, recordKey(r.Source.Name), recordKey(r.Target.Name), doc,
		}
	}
	_, err := insertRows(ctx, t.q, "insert into record (application_id, time, cycle_id, kind, action, status, code, source_key, target_key, doc)", "", rows)
	return t.d.fail("write the provisioning log", err)
}

// Records implements record.Log. position is the highest one of the records returned, q.After when there is none.
func (s *Store) Records(ctx context.Context, q record.Query) (records []record.Record, position int64, err error) {
	if q.Limit < 0 || q.Limit > maxRecords {
		return nil, q.After, fault.Errorf(fault.ErrInvalid, "%d records in one call; at most %d are allowed", q.Limit, maxRecords)
	}
	position = q.After
	if err := s.startAt(ctx, &q); err != nil {
		return nil, position, s.d.fail("read the provisioning log", err)
	}
	text, args := recordQuery(q)
	records, err = collect(ctx, s.q, func(rows *sql.Rows) (record.Record, error) {
		var r record.Record
		var at int64
		var doc []byte
		if err := rows.Scan(&at, &doc); err != nil {
			return r, err
		}
		position = max(position, at)
		if err := json.Unmarshal(doc, &r); err != nil {
			return r, fmt.Errorf("read record %d: %w", at, err)
		}
		r.Application = q.Application
		return r, nil
	}, text, args...)
	if q.Newest {
		slices.Reverse(records)
	}
	return records, position, s.d.fail("read the provisioning log", err)
}

// startAt moves the beginning of a query to the first record of its time, so that nothing older is read. Records are written about, but not exactly, in the
// order of their times: so that place is the lowest of all that are young enough. It is looked for once, not for each page.
func (s *Store) startAt(ctx context.Context, q *record.Query) error {
	if q.Since.IsZero() || q.After > 0 || q.Newest {
		return nil
	}
	var first int64
	err := s.q.get(ctx, []any{&first}, `select coalesce(min(position), (select coalesce(max(position), 0) + 1 from record where application_id = $1))
		from record where application_id = $1 and time >= $2`, q.Application, micros(q.Since))
	q.After = max(0, first-1)
	return err
}

// recordFilter is what a query asks of a record, save its names, with the parameters.
func recordFilter(q record.Query) (filter string, args []any) {
	args = []any{q.Application, q.After, q.Limit}
	where := func(condition string, value any) {
		args = append(args, value)
		filter += " and " + condition + strconv.Itoa(len(args))
	}
	texts := []struct{ condition, value string }{
		{"status = $", string(q.Status)}, {"cycle_id = $", q.CycleID}, {"kind = $", q.Kind},
		{"action <> 'none' and action = $", string(q.Action)}, {"code <> '' and code = $", q.Code},
	}
	for _, t := range texts {
		if q.Action == record.NoAction && t.value == string(q.Action) {
			t.condition = "action = $" // not in the index: it is most of the log
		}
		if t.value != "" {
			where(t.condition, t.value)
		}
	}
	// The plus keeps the index of times out: what is read is in the order of positions, and begins where the time does.
	if !q.Since.IsZero() {
		where("+time >= $", micros(q.Since))
	}
	if !q.Until.IsZero() {
		where("+time < $", micros(q.Until))
	}
	return filter, args
}

func recordQuery(q record.Query) (string, []any) {
	filter, args := recordFilter(q)
	order := " order by position limit $3"
	if q.Newest {
		order = " order by position desc limit $3"
	}
	if q.User == "" {
		return "select position, doc from record where application_id = $1 and position > $2" + filter + order, args
	}
	// One select for each index. A union drops the record that has the name on both sides.
	args = append(args, recordKey(q.User))
	n := strconv.Itoa(len(args))
	half := func(column string) string {
		return "select position from record where application_id = $1 and position > $2 and " + column + " = $" + n + filter
	}
	both := half("source_key") + " union " + half("target_key")
	return "select position, doc from record where position in (" + both + ")" + order, args
}

// PurgeRecords removes up to limit of the application's records that are older than before, the oldest first, and returns how many. It is the retention of
// the provisioning log: in small steps, so that a cycle goes on writing in between.
func (s *Store) PurgeRecords(ctx context.Context, app string, before time.Time, limit int) (n int64, err error) {
	err = s.write(ctx, func(ctx context.Context, t *tx) (err error) {
		n, err = t.q.exec(ctx, `delete from record where position in
			(select position from record where application_id = $1 and time < $2 order by time limit $3)`, app, micros(before), limit)
		return t.d.fail("remove old records of the provisioning log", err)
	})
	return n, err
}
