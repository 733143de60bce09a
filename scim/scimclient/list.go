package scimclient

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

// NoPageSize leaves the size of the pages to the service: no count is sent.
const NoPageSize = -1

// maxPages bounds a listing against a service that never ends.
const maxPages = 1_000_000

// Query selects what a listing returns.
type Query struct {
	Filter     string   // RFC 7644 section 3.4.2.2; empty: everything
	Attributes []string // only these; empty: the default set
	Excluded   []string // not these
	PageSize   int      // 0: the client's
	Cursor     bool     // ask for cursor paging (RFC 9865) from the start; a service that answers with a cursor is followed in any case
}

// page is one ListResponse as it is understood.
type page struct {
	resources []map[string]any
	total     int // -1: not said
	next      string
}

// List returns the resources of a type one by one, reading pages as they are needed. An error ends the sequence; it is an *Error.
//
// Paging by index moves on by what came that is new, not by what was asked for; a page that is empty or that holds only resources seen before ends it, so does
// the total where one is given. A nextCursor is followed whenever there is one. Each id is returned once.
func (c *Client) List(ctx context.Context, typ string, q Query) iter.Seq2[scim.Resource, error] {
	return func(yield func(scim.Resource, error) bool) {
		l := lister{client: c, typ: typ, query: q, schemas: c.Schemas(typ), seen: map[string]bool{}, start: 1, byCursor: q.Cursor}
		for range maxPages {
			more, err := l.page(ctx, yield)
			if err != nil {
				yield(nil, err)
				return
			}
			if !more {
				return
			}
		}
		yield(nil, &Error{Op: "GET /" + endpoint(typ), Kind: KindNotSCIM, Detail: fmt.Sprintf("the list does not end after %d pages", maxPages)})
	}
}

// Survey calls each with every resource of a type and reports whether it is sure to have called for all of them: the service said how many there are, not
// more than most, said the same with every page, and so many different ones came. A service that says otherwise is not read any further.
func (c *Client) Survey(ctx context.Context, typ string, q Query, most int, each func(scim.Resource)) (complete bool, err error) {
	l := lister{client: c, typ: typ, query: q, schemas: c.Schemas(typ), seen: map[string]bool{}, start: 1}
	for total := -1; ; total = l.total {
		more, err := l.page(ctx, func(r scim.Resource, _ error) bool {
			each(r)
			return true
		})
		if err != nil || l.total < 0 || l.total > most || len(l.seen) > l.total {
			return false, err
		}
		if total >= 0 && total != l.total {
			return false, nil // somebody came or went meanwhile: who moved to a page that was read already was not seen
		}
		if !more {
			return len(l.seen) == l.total, nil
		}
	}
}

// lister is the state of one listing.
type lister struct {
	client   *Client
	typ      string
	query    Query
	schemas  Schemas
	seen     map[string]bool // by id
	start    int             // next startIndex, from 1
	cursor   string
	byCursor bool
	total    int // as the last page said; -1: it did not
}

// page reads one page and yields what is new in it. It reports whether there may be more.
func (l *lister) page(ctx context.Context, yield func(scim.Resource, error) bool) (more bool, err error) {
	r := &request{method: http.MethodGet, segments: []string{endpoint(l.typ)}, query: l.values(), list: true}
	a, err := l.client.do(ctx, r)
	if err != nil {
		return false, err
	}
	p, e := l.client.list(r, a)
	if e != nil {
		return false, e
	}
	l.total = p.total
	fresh := 0
	for _, m := range p.resources {
		res := l.schemas.normalise(m)
		if res.ID() == "" {
			return false, l.client.unusable(r, a, KindNotSCIM, "the list holds a resource without id; every resource must have one")
		}
		if l.seen[res.ID()] {
			continue
		}
		l.seen[res.ID()] = true
		fresh++
		if !yield(res, nil) {
			return false, nil
		}
	}
	return l.advance(r, a, p, fresh)
}

func (l *lister) advance(r *request, a *answer, p *page, fresh int) (more bool, err error) {
	if p.next != "" {
		if p.next == l.cursor {
			return false, l.client.unusable(r, a, KindNotSCIM, "the list gives the same cursor again: it would never end")
		}
		l.cursor, l.byCursor = p.next, true
		return true, nil
	}
	l.start += fresh // not by what came: a page that overlaps the one before would push the end out of sight
	switch {
	case l.byCursor, fresh == 0, p.total >= 0 && l.start > p.total:
		return false, nil
	}
	return true, nil
}

func (l *lister) values() url.Values {
	v := url.Values{}
	if l.query.Filter != "" {
		v.Set("filter", l.query.Filter)
	}
	projection(v, l.query.Attributes, l.query.Excluded)
	switch {
	case l.byCursor:
		v.Set("cursor", l.cursor)
	case l.start > 1 || l.query.PageSize != NoPageSize:
		v.Set("startIndex", strconv.Itoa(l.start))
	}
	switch {
	case l.query.PageSize > 0:
		v.Set("count", strconv.Itoa(l.query.PageSize))
	case l.query.PageSize == 0:
		v.Set("count", strconv.Itoa(l.client.cfg.PageSize))
	}
	return v
}

func projection(v url.Values, attributes, excluded []string) {
	if len(attributes) > 0 {
		v.Set("attributes", strings.Join(attributes, ","))
	}
	if len(excluded) > 0 {
		v.Set("excludedAttributes", strings.Join(excluded, ","))
	}
}

// list reads a ListResponse (RFC 7644 section 3.4.2) as generously as it can be read without guessing.
func (c *Client) list(r *request, a *answer) (*page, *Error) {
	const what = "a SCIM ListResponse"
	m, e := c.object(r, a, what)
	if e != nil {
		return nil, e
	}
	p := &page{total: -1}
	p.next, _ = field(m, "nextCursor").(string)
	if n, ok := integer(field(m, "totalResults")); ok && n >= 0 {
		p.total = n
	}
	switch list := field(m, "Resources").(type) {
	case nil:
		// Absent or null is an empty list, if this is a list at all.
		if p.total != 0 && !isListResponse(m) {
			return nil, c.unusable(r, a, KindNotSCIM, "expected "+what+" with Resources; the service answered with another object"+c.excerpt(a.body))
		}
	case []any:
		for _, v := range list {
			resource, ok := v.(map[string]any)
			if !ok {
				return nil, c.unusable(r, a, KindNotSCIM, "the Resources of the list are not all objects"+c.excerpt(a.body))
			}
			p.resources = append(p.resources, resource)
		}
	default:
		return nil, c.unusable(r, a, KindNotSCIM, "the Resources of the list are not a list"+c.excerpt(a.body))
	}
	return p, nil
}

func isListResponse(m map[string]any) bool {
	for _, s := range elements(field(m, "schemas")) {
		if strings.EqualFold(text(s), scim.URNListResponse) {
			return true
		}
	}
	return false
}
