package scimserver

import (
	"net/http"
	"strconv"

	"github.com/rollcall-id/rollcall/scim"
)

// query answers GET on a collection and on the root (RFC 7644, 3.4.2).
func (c *call) query() error {
	p, err := c.params()
	if err != nil {
		return err
	}
	return c.list(p)
}

// list answers a query, however it came.
func (c *call) list(p params) error {
	if c.route.rt == nil && p.sortBy != "" {
		return scim.Errorf(http.StatusBadRequest, scim.InvalidValue, "sortBy is not offered for a query over several resource types; ask at %s",
			c.h.types[0].Endpoint)
	}
	if p.byCursor {
		return c.listByCursor(p)
	}
	if c.route.rt == nil {
		return c.listAll(p)
	}
	q, err := c.compile(c.route.rt, p)
	if err != nil {
		return err
	}
	page, err := c.read(c.route.rt, q)
	if err != nil {
		return err
	}
	var out answer
	out.add(c.route.rt, page)
	c.sendList(p, out)
	return nil
}

// compile checks the parameters of a query against a resource type.
func (c *call) compile(rt *scim.ResourceType, p params) (q Query, err error) {
	q = Query{Start: p.start - 1, Count: p.count, Projection: p.projection}
	if p.filtered {
		if q.Filter, err = rt.ParseFilterWith(p.filter, p.limits()); err != nil {
			return q, err
		}
		c.event.Filter = q.Filter.Shape()
	}
	if p.sortBy != "" {
		q.SortBy, err = rt.ParseSortPath(p.sortBy)
		q.Descending = p.descending
	}
	return q, err
}

// answer gathers the pages of a list with their types.
type answer struct {
	total int
	types []*scim.ResourceType
	pages []Page

	next, previous string // cursors; empty: none
}

func (a *answer) add(rt *scim.ResourceType, p Page) {
	a.total += p.Total
	a.types, a.pages = append(a.types, rt), append(a.pages, p)
}

func (a *answer) size() (n int) {
	for _, p := range a.pages {
		n += p.Len()
	}
	return n
}

// listAll answers a query over all types: each type in the order of the registry, as one long list.
func (c *call) listAll(p params) error {
	filters, err := c.rootFilters(p)
	if err != nil {
		return err
	}
	var out answer
	start, room := p.start-1, p.count
	for i, rt := range c.h.types {
		q := Query{Start: start, Count: room, Projection: p.projection}
		if filters != nil {
			q.Filter = filters[i]
		}
		page, err := c.read(rt, q)
		if err != nil {
			return err
		}
		out.add(rt, page)
		start = max(0, start-page.Total)
		room -= page.Len()
		if room > 0 && q.Start+page.Len() < page.Total {
			room = 0 // a short page: what follows belongs to the next request
		}
	}
	c.sendList(p, out)
	return nil
}

// rootFilters compiles a filter for each type; an attribute that a type does not have counts as unassigned there (RFC 7644, 3.4.2.1).
func (c *call) rootFilters(p params) ([]*scim.Filter, error) {
	if !p.filtered {
		return nil, nil
	}
	byType, err := c.h.cfg.Registry.ParseFilter(p.filter, p.limits())
	if err != nil {
		return nil, err
	}
	out := make([]*scim.Filter, len(c.h.types))
	for i, rt := range c.h.types {
		out[i] = byType[rt.Name]
		c.event.Filter = out[i].Shape()
	}
	return out, nil
}

// sendList answers with a ListResponse (RFC 7644, 3.4.2). It is written member by member, because the resources are the bulk of it.
func (c *call) sendList(p params, a answer) {
	n := a.size()
	c.event.Results = n
	c.sendWith(http.StatusOK, func(b []byte) []byte {
		b = append(b, `{"schemas":["`+scim.URNListResponse+`"],"totalResults":`...)
		b = strconv.AppendInt(b, int64(a.total), 10)
		if !p.byCursor {
			b = append(b, `,"startIndex":`...)
			b = strconv.AppendInt(b, int64(p.start), 10)
		}
		b = append(b, `,"itemsPerPage":`...)
		b = strconv.AppendInt(b, int64(n), 10)
		b = appendCursor(b, `,"nextCursor":"`, a.next)
		b = appendCursor(b, `,"previousCursor":"`, a.previous)
		b = append(b, `,"Resources":[`...)
		empty := len(b)
		for i, page := range a.pages {
			b = c.appendPage(b, a.types[i], page, p.projection)
		}
		if len(b) > empty {
			b = b[:len(b)-1] // the comma behind the last one
		}
		return append(b, ']', '}')
	})
}

// appendPage appends resources, each with a comma behind it.
func (c *call) appendPage(b []byte, rt *scim.ResourceType, page Page, p scim.Projection) []byte {
	for _, d := range page.Documents {
		b = append(c.appendDocument(b, rt, d, c.location(rt, d.ID)), ',')
	}
	if len(page.Resources) == 0 {
		return b
	}
	projector := rt.Projector(p)
	for _, r := range page.Resources {
		c.link(rt, r)
		b = append(scim.AppendJSON(b, map[string]any(projector.Apply(r))), ',')
	}
	return b
}

func appendCursor(b []byte, name, cursor string) []byte {
	if cursor == "" {
		return b
	}
	b = append(b, name...)
	b = append(b, cursor...) // has no characters that JSON escapes
	return append(b, '"')
}
