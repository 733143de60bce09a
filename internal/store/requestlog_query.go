package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/record"
)

// requestFilter gathers the conditions of a query on the log.
type requestFilter struct {
	text strings.Builder
	args []any
}

func newRequestFilter(q record.RequestQuery) *requestFilter {
	f := &requestFilter{}
	f.text.WriteString(" from request_log l where l.organization_id = ")
	f.arg(q.Organization)
	f.and("l.position > ", q.After, true)
	f.and("l.status >= ", q.MinStatus, q.MinStatus > 0)
	f.and("l.status <= ", q.MaxStatus, q.MaxStatus > 0)
	f.and("l.method = ", strings.ToUpper(q.Method), q.Method != "")
	f.and("l.token_id = ", q.Token, q.Token != "")
	f.and("l.resource_id = ", q.Resource, q.Resource != "")
	f.and("l.rules like ", "%,"+strings.ToUpper(q.Rule)+",%", q.Rule != "")
	f.and("l.time >= ", micros(q.Since), !q.Since.IsZero())
	return f
}

func (f *requestFilter) arg(v any) {
	f.args = append(f.args, v)
	f.text.WriteString("$" + strconv.Itoa(len(f.args)))
}

func (f *requestFilter) and(condition string, v any, wanted bool) {
	if wanted {
		f.text.WriteString(" and " + condition)
		f.arg(v)
	}
}

// Requests implements record.RequestLog. position is that of the last request returned, q.After when there is none.
func (l *RequestLog) Requests(ctx context.Context, q record.RequestQuery) (requests []record.Request, position int64, err error) {
	if q.Limit < 0 || q.Limit > maxRecords {
		return nil, q.After, fault.Errorf(fault.ErrInvalid, "%d requests in one call; at most %d are allowed", q.Limit, maxRecords)
	}
	f := newRequestFilter(q)
	f.text.WriteString(" order by l.position")
	if q.Newest {
		f.text.WriteString(" desc")
	}
	f.text.WriteString(" limit ")
	f.arg(q.Limit)
	position = q.After
	requests, err = collect(ctx, l.q, func(rows *sql.Rows) (record.Request, error) {
		var at int64
		r, err := scanRequest(rows, &at)
		position = max(position, at)
		r.Organization = q.Organization
		return r, err
	}, "select l.position, l.doc, (select b.doc from request_body b where b.position = l.position)"+f.text.String(), f.args...)
	if q.Newest {
		slices.Reverse(requests)
	}
	return requests, position, l.d.fail("read the request log", err)
}

func scanRequest(rows *sql.Rows, position *int64) (r record.Request, err error) {
	var doc []byte
	var bodies sql.NullString
	if err := rows.Scan(position, &doc, &bodies); err != nil {
		return r, err
	}
	if err := json.Unmarshal(doc, &r); err != nil {
		return r, fmt.Errorf("read request %d of the log: %w", *position, err)
	}
	if bodies.Valid {
		r.Bodies = new(record.RequestBodies)
		if err := json.Unmarshal([]byte(bodies.String), r.Bodies); err != nil {
			return r, fmt.Errorf("read the bodies of request %d of the log: %w", *position, err)
		}
	}
	return r, nil
}

// RuleCounts implements record.RequestLog.
func (l *RequestLog) RuleCounts(ctx context.Context, q record.RequestQuery) (map[string]int, error) {
	f := newRequestFilter(q)
	rows, err := l.q.query(ctx, "select l.rules, count(*)"+f.text.String()+" and l.rules <> '' group by l.rules", f.args...)
	if err != nil {
		return nil, l.d.fail("count the rules in the request log", err)
	}
	defer rows.Close()
	counts := map[string]int{}
	for rows.Next() {
		var rules string
		var n int
		if err := rows.Scan(&rules, &n); err != nil {
			return nil, l.d.fail("count the rules in the request log", err)
		}
		for _, rule := range strings.Split(strings.Trim(rules, ","), ",") {
			counts[rule] += n
		}
	}
	return counts, l.d.fail("count the rules in the request log", rows.Err())
}
