package store

import (
	"context"
	"database/sql"
	"errors"
	"math"
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
	return r.timed(ctx, org, typ, q, false)
}

func (r reader) timed(ctx context.Context, org, typ string, q directory.Query, documents bool) (directory.Page, error) {
	if q.Start < 0 || q.Count < 0 {
		return directory.Page{}, fault.Errorf(fault.ErrInvalid, "a page cannot start at %d or hold %d objects; both are at least 0", q.Start, q.Count)
	}
	limited, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	page, err := r.search(limited, org, typ, q, documents)
	if err != nil && ctx.Err() == nil && errors.Is(limited.Err(), context.DeadlineExceeded) {
		return directory.Page{}, fault.Errorf(fault.ErrUnavailable, "the search took more than %s; filter by userName, externalId or id, "+
			"or ask for a smaller part", searchTime)
	}
	return page, err
}

func (r reader) search(ctx context.Context, org, typ string, q directory.Query, documents bool) (directory.Page, error) {
	f := &renderer{d: r.d, typ: typ, owner: q.Owner}
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
		if q.Filter == nil {
			return r.live(ctx, totalKey{org: org, typ: typ, owner: q.Owner})
		}
		err = r.q.get(ctx, []any{&total}, "select count(*)"+where, counting...)
		return total, r.d.fail("count the matches of a search", err)
	}
	if q.Count == 0 {
		total, err := count()
		return directory.Page{Total: total}, err
	}
	if r.totals != nil && q.Filter == nil && q.SortBy == nil && !q.Keyset && q.Start >= r.totals.offset {
		return r.everybody(ctx, f, where, totalKey{org: org, typ: typ, owner: q.Owner}, q, documents)
	}
	page, err := r.page(ctx, f, where, q, documents)
	if err != nil {
		return directory.Page{}, err
	}
	if q.Backward {
		slices.Reverse(page.Objects)
		slices.Reverse(page.Documents)
		slices.Reverse(page.Keys)
	}
	n := len(page.Keys)
	page.Total = q.Start + n
	if page.More || q.From != nil || n == 0 && q.Start > 0 {
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

// owned is the condition that the owner the search is for owns the row: a constant, so that the index on SCIM's objects can answer it.
func (f *renderer) owned(row string) string {
	if f.owner == directory.OwnerLocal {
		return ""
	}
	return " and " + row + ".owner = 'scim'"
}

// where selects the live objects of a type that satisfy the filter.
func (f *renderer) where(org string, filter *scim.Filter) (string, error) {
	f.org = f.arg(org)
	if filter != nil {
		f.rt = filter.Type()
	}
	text := " from resource r where r.organization_id = " + f.org + " and r.type = " + f.arg(f.typ) + " and r.deleted = 0" + f.owned("r")
	if filter == nil {
		return text, nil
	}
	condition, err := f.condition(filter.Root())
	return text + " and " + condition, err
}

// bounded gathers objects or documents until there are most of them or they have so many bytes.
type bounded struct {
	directory.Page
	most, bytes int
	sizes       []int
}

// errPageFull ends the reading of rows.
var errPageFull = errors.New("the page is full")

// full reports whether the page takes nothing more; that there is more means that the list goes on behind the page.
func (p *bounded) full() bool {
	p.More = p.bytes <= 0 || len(p.Keys) == p.most
	return p.More
}

func (p *bounded) added(size int, key any) {
	p.bytes -= size
	p.sizes = append(p.sizes, size)
	p.Keys = append(p.Keys, key)
}

// object takes the object of a row, and refuses it with errPageFull once the page is full.
func (p *bounded) object(rows *sql.Rows) (struct{}, error) {
	if p.full() {
		return struct{}{}, errPageFull
	}
	var r objectRow
	if err := rows.Scan(r.dest()...); err != nil {
		return struct{}{}, err
	}
	o, err := r.object()
	p.Objects = append(p.Objects, o)
	p.added(len(r.doc), r.created)
	return struct{}{}, err
}

// document is object for documents.
func (p *bounded) document(rows *sql.Rows) (struct{}, error) {
	if p.full() {
		return struct{}{}, errPageFull
	}
	var r documentRow
	if err := rows.Scan(r.dest()...); err != nil {
		return struct{}{}, err
	}
	p.Documents = append(p.Documents, r.document())
	p.added(len(r.d.Attributes), r.created)
	return struct{}{}, nil
}

// read adds the rows of a search; the text is what follows the columns.
func (p *bounded) read(ctx context.Context, r reader, typ string, documents bool, text string, args ...any) error {
	take, columns := p.object, objectColumns
	if documents {
		take, columns = p.document, documentColumns(typ)
	}
	if _, err := collect(ctx, r.q, take, "select "+columns+text, args...); err != nil && !errors.Is(err, errPageFull) {
		return r.d.fail("search", err)
	}
	return nil
}

// page reads a page in the order of reading, which Backward turns around. One row more than the page holds tells whether there are more.
func (r reader) page(ctx context.Context, f *renderer, where string, q directory.Query, documents bool) (directory.Page, error) {
	p := bounded{most: q.Count, bytes: pageBytes}
	if q.SortBy == nil {
		err := p.read(ctx, r, f.typ, documents, where+f.created(q)+f.limit(q), f.args...)
		return p.Page, err
	}
	order, err := f.sorted(where, q)
	if err != nil {
		return p.Page, err
	}
	// Only keys are sorted; the objects of the page are read afterwards, so that the documents of everybody else stay where they are.
	places, err := collect(ctx, r.q, scanPlace(q.SortBy.Leaf()), order+f.limit(q), f.args...)
	if err != nil {
		return p.Page, r.d.fail("search", err)
	}
	err = p.fill(ctx, r, f.typ, documents, places)
	p.More = p.More || len(places) > q.Count // also when one of them was deleted in between
	return p.Page, err
}

// fill reads what stands at the places.
func (p *bounded) fill(ctx context.Context, r reader, typ string, documents bool, places []scim.Position) error {
	// One statement for each object would be slow, one for all could read more than a page holds.
	for chunk := range slices.Chunk(places, sortedChunk) {
		ids, order := make([]string, len(chunk)), make(map[string]int, len(chunk))
		for i, at := range chunk {
			ids[i] = at.ID
		}
		list, err := idList(ids, maxIDs)
		if err != nil {
			return err
		}
		some := bounded{most: len(chunk) + 1, bytes: math.MaxInt}
		// The pluses keep SQLite from an index that reads everybody; the ids are of this organization and type.
		if err := some.read(ctx, r, typ, documents, " from resource r where r.id in (select id from "+r.d.list(1)+" l) and r.deleted + 0 = 0", list); err != nil {
			return err
		}
		for i := range some.Keys {
			order[some.id(i)] = i
		}
		for _, at := range chunk {
			i, there := order[at.ID]
			if !there {
				continue
			}
			if p.full() {
				return nil
			}
			p.move(&some, i, at.Key)
		}
	}
	return nil
}

// id is that of the i-th object or document.
func (p *bounded) id(i int) string {
	if p.Documents != nil {
		return p.Documents[i].ID
	}
	return p.Objects[i].ID
}

// move takes over the i-th object or document.
func (p *bounded) move(from *bounded, i int, key any) {
	if from.Documents != nil {
		p.Documents = append(p.Documents, from.Documents[i])
	} else {
		p.Objects = append(p.Objects, from.Objects[i])
	}
	p.added(from.sizes[i], key)
}
