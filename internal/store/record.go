package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

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
		rows[i] = []any{app, micros(r.Time), r.CycleID, string(r.Status), recordKey(r.Source.Name), recordKey(r.Target.Name), doc}
	}
	_, err := insertRows(ctx, t.q, "insert into record (application_id, time, cycle_id, status, source_key, target_key, doc)", "", rows)
	return t.d.fail("write the provisioning log", err)
}

// Records implements record.Log. position is that of the last record returned, q.After when there is none.
func (s *Store) Records(ctx context.Context, q record.Query) (records []record.Record, position int64, err error) {
	if q.Limit < 0 || q.Limit > maxRecords {
		return nil, q.After, fault.Errorf(fault.ErrInvalid, "%d records in one call; at most %d are allowed", q.Limit, maxRecords)
	}
	text, args := recordQuery(q)
	position = q.After
	records, err = collect(ctx, s.q, func(rows *sql.Rows) (record.Record, error) {
		var r record.Record
		var doc []byte
		if err := rows.Scan(&position, &doc); err != nil {
			return r, err
		}
		if err := json.Unmarshal(doc, &r); err != nil {
			return r, fmt.Errorf("read record %d: %w", position, err)
		}
		r.Application = q.Application
		return r, nil
	}, text, args...)
	return records, position, s.d.fail("read the provisioning log", err)
}

func recordQuery(q record.Query) (string, []any) {
	args := []any{q.Application, q.After, q.Limit}
	filter := ""
	where := func(condition string, value string) {
		args = append(args, value)
		filter += " and " + condition + strconv.Itoa(len(args))
	}
	if q.Status != "" {
		where("status = $", string(q.Status))
	}
	if q.CycleID != "" {
		where("cycle_id = $", q.CycleID)
	}
	if q.User == "" {
		return "select position, doc from record where application_id = $1 and position > $2" + filter + " order by position limit $3", args
	}
	// One select for each index. A union drops the record that has the name on both sides.
	args = append(args, recordKey(q.User))
	n := strconv.Itoa(len(args))
	half := func(column string) string {
		return "select position from record where application_id = $1 and position > $2 and " + column + " = $" + n + filter
	}
	both := half("source_key") + " union " + half("target_key")
	return "select position, doc from record where position in (" + both + ") order by position limit $3", args
}
