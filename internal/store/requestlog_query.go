package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/record"
)

// batches is how many rows are read at once. They hold a few hundred requests each where there is much to do, and a few where there is not.
const batches = 32

// Requests implements record.RequestLog. position is that of the last request looked at, selected or not.
func (l *RequestLog) Requests(ctx context.Context, q record.RequestQuery) (requests []record.Request, position int64, err error) {
	if q.Limit < 0 || q.Limit > maxRecords {
		return nil, q.After, fault.Errorf(fault.ErrInvalid, "%d requests in one call; at most %d are allowed", q.Limit, maxRecords)
	}
	position = q.After
	var places []int64
	err = l.scan(ctx, q, func(at int64, r record.Request) bool {
		if len(requests) == q.Limit {
			return false
		}
		position = max(position, at)
		if q.Matches(r) {
			requests, places = append(requests, r), append(places, at)
		}
		return true
	})
	if err == nil {
		err = l.bodies(ctx, requests, places)
	}
	if q.Newest {
		slices.Reverse(requests)
	}
	return requests, position, l.d.fail("read the request log", err)
}

// errEnough ends a scan.
var errEnough = errors.New("enough")

// scan hands out the requests of the organization behind q.After, in the order of their positions or from the newest back, until each returns false.
func (l *RequestLog) scan(ctx context.Context, q record.RequestQuery, each func(position int64, r record.Request) bool) error {
	bound, order := "position >= $2", "position"
	from := q.After >> batchBits
	if q.Newest {
		bound, order, from = "position < $2", "position desc", 1<<52
	}
	for {
		rows, err := collect(ctx, l.q, scanBatch, "select position, doc from request_batch where organization_id = $1 and "+bound+
			" and time >= $3 order by "+order+" limit $4", q.Organization, from, micros(q.Since), batches)
		if err != nil {
			return err
		}
		for _, b := range rows {
			if err := b.each(q, each); errors.Is(err, errEnough) {
				return nil
			} else if err != nil {
				return err
			}
			from = b.position
			if !q.Newest {
				from++
			}
		}
		if len(rows) < batches {
			return nil
		}
	}
}

// requestBatch is a row of the log.
type requestBatch struct {
	position int64
	doc      []byte
}

func scanBatch(rows *sql.Rows) (b requestBatch, err error) {
	err = rows.Scan(&b.position, &b.doc)
	return b, err
}

func (b requestBatch) each(q record.RequestQuery, each func(position int64, r record.Request) bool) error {
	var list []record.Request
	if err := json.Unmarshal(b.doc, &list); err != nil {
		return fmt.Errorf("read row %d of the request log: %w", b.position, err)
	}
	for n := range list {
		i := n
		if q.Newest {
			i = len(list) - 1 - n
		}
		at := b.position<<batchBits + int64(i)
		if at <= q.After {
			continue
		}
		list[i].Organization = q.Organization
		if !each(at, list[i]) {
			return errEnough
		}
	}
	return nil
}

// bodies adds the bodies to the requests at the places.
func (l *RequestLog) bodies(ctx context.Context, requests []record.Request, places []int64) error {
	for i, at := range places {
		var doc []byte
		err := l.q.get(ctx, []any{&doc}, "select doc from request_body where position = $1", at)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err == nil {
			requests[i].Bodies = new(record.RequestBodies)
			err = json.Unmarshal(doc, requests[i].Bodies)
		}
		if err != nil {
			return fmt.Errorf("read the bodies of a request: %w", err)
		}
	}
	return nil
}

// RuleCounts implements record.RequestLog.
func (l *RequestLog) RuleCounts(ctx context.Context, q record.RequestQuery) (map[string]int, error) {
	counts := map[string]int{}
	q.After, q.Newest = 0, false
	err := l.scan(ctx, q, func(_ int64, r record.Request) bool {
		if q.Matches(r) {
			for _, rule := range r.Rules {
				counts[rule]++
			}
		}
		return true
	})
	return counts, l.d.fail("count the rules in the request log", err)
}
