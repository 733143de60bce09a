package scimserver

import (
	"net/http"

	"github.com/rollcall-id/rollcall/scim"
)

// listByCursor answers a query that gives a cursor (RFC 9865, 2), at one type or over all of them, each in the order of the registry.
func (c *call) listByCursor(p params) error {
	if p.startGiven {
		return scim.Errorf(http.StatusBadRequest, scim.InvalidValue, "cursor and startIndex exclude each other; send one of them")
	}
	types, queries, err := c.queries(p)
	if err != nil {
		return err
	}
	binding := c.binding(p)
	from := place{count: p.count}
	if p.cursor != "" {
		if from, err = c.h.cursors.open(p.cursor, binding); err != nil {
			return err
		}
		if p.counted && p.count != from.count {
			return scim.Errorf(http.StatusBadRequest, scim.InvalidCount, "count is %d, but the list was begun with %d; send the same count with every page, "+
				"or ask for the first page again, with an empty cursor", p.count, from.count)
		}
	}
	w := walk{c: c, from: from, types: types, queries: queries}
	if err := w.read(); err != nil {
		return err
	}
	out := w.answer()
	next, previous := w.neighbours()
	if next != nil {
		out.next = c.h.cursors.seal(*next, binding)
	}
	if previous != nil {
		out.previous = c.h.cursors.seal(*previous, binding)
	}
	c.sendList(p, out)
	return nil
}

// queries compiles the query for the type of the route, or for each type.
func (c *call) queries(p params) ([]*scim.ResourceType, []Query, error) {
	if c.route.rt != nil {
		q, err := c.compile(c.route.rt, p)
		return []*scim.ResourceType{c.route.rt}, []Query{q}, err
	}
	filters, err := c.rootFilters(p)
	if err != nil {
		return nil, nil, err
	}
	queries := make([]Query, len(c.h.types))
	for i := range queries {
		queries[i] = Query{Projection: p.projection}
		if filters != nil {
			queries[i].Filter = filters[i]
		}
	}
	return c.h.types, queries, nil
}

// walk reads one page from a place on, through the types in the direction of reading.
type walk struct {
	c       *call
	from    place
	types   []*scim.ResourceType
	queries []Query

	total       int
	pages       []Page // of types[i]; without resources where nothing was read
	more        bool   // in the direction of reading
	first, last place  // of the page
	found       bool   // the page holds a resource
}

func (w *walk) read() error {
	w.pages = make([]Page, len(w.types))
	room, reached := w.from.count, w.from.typ == ""
	for n := range w.types {
		i := n
		if w.from.backward {
			i = len(w.types) - 1 - n
		}
		q := w.queries[i]
		q.Start, q.Count, q.Keyset, q.Backward = 0, 0, true, w.from.backward
		if w.types[i].Name == w.from.typ {
			reached, q.From = true, w.from.at
		}
		if reached {
			q.Count = room
		}
		page, err := w.c.read(w.types[i], q)
		if err != nil {
			return err
		}
		w.total += page.Total
		if !reached {
			continue
		}
		if q.Count == 0 { // the page is full already
			w.more = w.more || page.Total > 0
			continue
		}
		w.take(i, page)
		room -= page.Len()
		if page.More { // also of a short page: what follows belongs to the next request
			w.more, room = true, 0
		}
	}
	if !reached { // a type that there is no more
		return invalidCursor()
	}
	return nil
}

// take keeps what was read of a type.
func (w *walk) take(i int, page Page) {
	w.pages[i] = page
	if page.Len() == 0 {
		return
	}
	first, last := place{typ: w.types[i].Name, at: page.First}, place{typ: w.types[i].Name, at: page.Last}
	if !w.found || w.from.backward {
		w.first = first
	}
	if !w.found || !w.from.backward {
		w.last = last
	}
	w.found = true
}

func (w *walk) answer() answer {
	return answer{total: w.total, types: w.types, pages: w.pages}
}

// neighbours are the places of the next and the previous page, nil where there is none. A page without resources, because all were deleted meanwhile,
// leads to the end of the list that it stands at: whoever comes from there has seen what lies on the other side.
func (w *walk) neighbours() (next, previous *place) {
	if w.from.count == 0 {
		return nil, nil
	}
	ahead, back := w.last, w.first
	if w.from.backward {
		ahead, back = w.first, w.last
	}
	if !w.found {
		ahead, back = place{}, place{}
	}
	ahead.backward, back.backward = w.from.backward, !w.from.backward
	ahead.count, back.count = w.from.count, w.from.count
	var forth, returning *place
	if w.more {
		forth = &ahead
	}
	if w.from.at != nil {
		returning = &back
	}
	if w.from.backward {
		return returning, forth
	}
	return forth, returning
}
