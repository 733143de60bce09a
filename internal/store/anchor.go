package store

import (
	"cmp"
	"context"
	"slices"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
)

const (
	maxAnchors   = 512 // of one list
	anchorStep   = 64  // places between two anchors at least
	anchorOffset = 256 // pages that begin before are found fast enough by counting off
)

// anchor is a place in the list of everybody: what stands at an index of it.
type anchor struct {
	index int
	at    scim.Position
}

// anchors are known places of one list, in order. They hold as long as nobody has come or gone: state says since when.
type anchors struct {
	state int64
	known []anchor
}

// anchorFor returns the last known place at or before index start in a state of the list.
func (t *totals) anchorFor(k totalKey, state int64, start int) (anchor, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.anchors[k]
	if a == nil || a.state != state {
		return anchor{}, false
	}
	i, found := slices.BinarySearchFunc(a.known, start, func(a anchor, start int) int { return cmp.Compare(a.index, start) })
	if !found {
		i--
	}
	if i < 0 {
		return anchor{}, false
	}
	return a.known[i], true
}

// drop keeps places that were read in a state of the list, unless the list is known to have another state by now.
func (t *totals) drop(k totalKey, state int64, places ...anchor) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known[k].state != state {
		return
	}
	a := t.anchors[k]
	if a == nil || a.state != state {
		a = &anchors{state: state}
		t.anchors[k] = a
	}
	for _, p := range places {
		i, found := slices.BinarySearchFunc(a.known, p, func(a, b anchor) int { return cmp.Compare(a.index, b.index) })
		near := found || i > 0 && p.index-a.known[i-1].index < anchorStep || i < len(a.known) && a.known[i].index-p.index < anchorStep
		if !near && len(a.known) < maxAnchors {
			a.known = slices.Insert(a.known, i, p)
		}
	}
}

// everybody reads a page of the unfiltered list by index. Whoever reads such pages one after another, or in any order, starts from a place that was seen
// before instead of walking over everybody in front of it again.
func (r reader) everybody(ctx context.Context, f *renderer, where string, k totalKey, q directory.Query, documents bool) (directory.Page, error) {
	n, state, err := r.livingState(ctx, k)
	if err != nil {
		return directory.Page{}, err
	}
	p := bounded{most: q.Count, bytes: pageBytes}
	from := ""
	skip := q.Start
	if a, ok := r.totals.anchorFor(k, state, q.Start); ok && state != 0 {
		from = " and (r.created, r.id) >= (" + f.arg(a.at.Key) + ", " + f.arg(a.at.ID) + ")"
		skip -= a.index
	}
	text := where + from + " order by r.created, r.id limit " + f.arg(q.Count+1) + " offset " + f.arg(skip)
	if err := p.read(ctx, r, f.typ, documents, text, f.args...); err != nil {
		return directory.Page{}, err
	}
	p.Total = n
	if last := len(p.Keys) - 1; last >= 0 && state != 0 {
		r.totals.drop(k, state, anchor{q.Start, scim.Position{Key: p.Keys[0], ID: p.id(0)}},
			anchor{q.Start + last, scim.Position{Key: p.Keys[last], ID: p.id(last)}})
	}
	return p.Page, nil
}
