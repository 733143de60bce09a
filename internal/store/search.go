package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// searchTime bounds a search that no index can answer. A whole organization of a hundred thousand people is read in a fraction of it.
const searchTime = 30 * time.Second

const (
	pageBytes   = 16 << 20 // bytes of documents after which a page ends
	sortedChunk = 50       // objects of a sorted page that are read at once
)

// Search implements directory.Objects. A filter on id, userName, displayName or externalId is answered by an index; the total is counted only when the
// page does not tell it already.
func (r reader) Search(ctx context.Context, org, typ string, q directory.Query) (directory.Page, error) {
	if q.Start < 0 || q.Count < 0 {
		return directory.Page{}, fault.Errorf(fault.ErrInvalid, "a page cannot start at %d or hold %d objects; both are at least 0", q.Start, q.Count)
	}
	limited, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	page, err := r.search(limited, org, typ, q)
	if err != nil && ctx.Err() == nil && errors.Is(limited.Err(), context.DeadlineExceeded) {
		return directory.Page{}, fault.Errorf(fault.ErrUnavailable, "the search took more than %s; filter by userName, externalId or id, "+
			"or ask for a smaller part", searchTime)
	}
	return page, err
}

func (r reader) search(ctx context.Context, org, typ string, q directory.Query) (directory.Page, error) {
	f := &renderer{d: r.d, typ: typ}
	where, err := f.where(org, q.Filter)
	if err != nil {
		return directory.Page{}, err
	}
	if q.Filter == nil || !f.selective(q.Filter.Root()) {
		done, err := r.beginScan(ctx)
		if err != nil {
			return directory.Page{}, err
		}
		defer done()
	}
	counting := f.args
	count := func() (total int, err error) {
		err = r.q.get(ctx, []any{&total}, "select count(*)"+where, counting...)
		return total, r.d.fail("count the matches of a search", err)
	}
	if q.Count == 0 {
		total, err := count()
		return directory.Page{Total: total}, err
	}
	objects, cut, err := r.page(ctx, f, org, typ, where, q)
	if err != nil {
		return directory.Page{}, err
	}
	page := directory.Page{Objects: objects, Total: q.Start + len(objects)}
	if cut || len(objects) == q.Count || len(objects) == 0 && q.Start > 0 {
		page.Total, err = count()
	}
	return page, err
}

// beginScan waits for a place among the searches that read a whole organization; done gives it back.
func (r reader) beginScan(ctx context.Context) (done func(), err error) {
	if r.scans == nil {
		return func() {}, nil
	}
	select {
	case r.scans <- struct{}{}:
		return func() { <-r.scans }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// where selects the live objects of a type that satisfy the filter.
func (f *renderer) where(org string, filter *scim.Filter) (string, error) {
	text := " from resource r where r.organization_id = " + f.arg(org) + " and r.type = " + f.arg(f.typ) + " and r.deleted = 0"
	if filter == nil {
		return text, nil
	}
	condition, err := f.condition(filter.Root())
	return text + " and " + condition, err
}

// order is the order of creation. An index gives it without sorting, which is right for everything but a filter that another index answers: the plus
// tells SQLite's planner, which has no statistics, that this one is no use for the order.
func (f *renderer) order(q directory.Query) string {
	direction, plus := "", ""
	if q.Descending {
		direction = " desc"
	}
	if q.Filter != nil && f.selective(q.Filter.Root()) {
		plus = "+"
	}
	return " order by " + plus + "r.created" + direction + ", r.id" + direction
}

// bounded gathers objects until their documents reach pageBytes.
type bounded struct {
	objects []directory.Object
	bytes   int
}

// errPageFull ends the reading of rows.
var errPageFull = errors.New("the page is full")

// add takes the object of a row, and refuses it with errPageFull once the page is full.
func (p *bounded) add(rows *sql.Rows) (struct{}, error) {
	if p.bytes >= pageBytes {
		return struct{}{}, errPageFull
	}
	var r objectRow
	if err := rows.Scan(r.dest()...); err != nil {
		return struct{}{}, err
	}
	p.bytes += len(r.doc)
	o, err := r.object()
	p.objects = append(p.objects, o)
	return struct{}{}, err
}

// page reads the objects of a page; cut says that it ends early because they are big.
func (r reader) page(
	ctx context.Context, f *renderer, org, typ, where string, q directory.Query,
) (out []directory.Object, cut bool, err error) {
	var p bounded
	if q.SortBy == nil {
		text := "select " + objectColumns + where + f.order(q) + " limit " + f.arg(q.Count) + " offset " + f.arg(q.Start)
		if _, err = collect(ctx, r.q, p.add, text, f.args...); errors.Is(err, errPageFull) {
			return p.objects, true, nil
		}
		return p.objects, false, r.d.fail("search", err)
	}
	key, err := f.sortKey(q.SortBy)
	if err != nil {
		return nil, false, err
	}
	order := "sort_key is null, sort_key, id"
	if q.Descending {
		order = "sort_key is null desc, sort_key desc, id"
	}
	// Only keys are sorted; the objects of the page are read afterwards, so that the documents of everybody else stay where they are.
	ids, err := texts(ctx, r.q, "select id from (select r.id, "+key+" as sort_key"+where+") sorted order by "+order+" limit "+f.arg(q.Count)+
		" offset "+f.arg(q.Start), f.args...)
	if err != nil {
		return nil, false, r.d.fail("search", err)
	}
	// One statement for each object would be slow, one for all could read more than a page holds.
	for chunk := range slices.Chunk(ids, sortedChunk) {
		objects, err := r.ObjectsByID(ctx, org, typ, chunk)
		if err != nil {
			return nil, false, err
		}
		for _, o := range objects {
			if p.bytes >= pageBytes {
				return p.objects, true, nil
			}
			p.bytes += len(scim.Encode(o.Attributes))
			p.objects = append(p.objects, o)
		}
	}
	return p.objects, false, nil
}
