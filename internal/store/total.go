package store

import (
	"context"
	"sync"

	"github.com/rollcall-id/rollcall/internal/directory"
)

const (
	maxFollowed = 500    // changes that are followed before counting again is cheaper
	maxTotals   = 10_000 // totals kept; each organization has a few
)

// totals knows how many live objects of a type there are without counting them each time: the number as of a place in the change feed, corrected by what the
// feed says has come and gone since. Every node keeps its own; the feed, which every write adds to in its transaction, makes them agree. Where a
// change does not tell how the number changed (a purge may be of a live or of a deleted object, another owner may have taken one), it is counted again.
type totals struct {
	mu      sync.Mutex
	known   map[totalKey]total
	anchors map[totalKey]*anchors
	states  int64 // given so far
	offset  int   // see anchorOffset
}

type totalKey struct {
	org, typ string
	owner    directory.Owner
}

// total is the number of live objects when the change seq was the newest.
type total struct {
	n     int
	seq   int64
	state int64 // another one after somebody has come or gone
}

func newTotals() *totals {
	return &totals{known: map[totalKey]total{}, anchors: map[totalKey]*anchors{}, offset: anchorOffset}
}

func (t *totals) get(k totalKey) (total, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	v, ok := t.known[k]
	return v, ok
}

// put keeps a total and returns its state: that of before, or a new one where the list has changed.
func (t *totals) put(k totalKey, v total, same bool) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	old, ok := t.known[k]
	if ok && old.seq > v.seq {
		return 0
	}
	if !ok || !same || old.state != v.state {
		t.states++
		v.state = t.states
	}
	if len(t.known) >= maxTotals {
		clear(t.known)
		clear(t.anchors)
	}
	t.known[k] = v
	return v.state
}

// explained are the kinds of change whose effect on the number is known.
const explained = "('create', 'restore', 'delete', 'update', 'member-add', 'member-remove', 'assign', 'unassign')"

// live returns how many live objects of the type the owner may see.
func (r reader) live(ctx context.Context, k totalKey) (int, error) {
	n, _, err := r.livingState(ctx, k)
	return n, err
}

// livingState is live with the state of the list: as long as it stays, nobody has come or gone. 0: unknown.
func (r reader) livingState(ctx context.Context, k totalKey) (n int, state int64, err error) {
	if r.totals != nil {
		if known, ok := r.totals.get(k); ok {
			n, state, sure, err := r.follow(ctx, k, known)
			if err != nil || sure {
				return n, state, err
			}
		}
	}
	return r.countLive(ctx, k)
}

// since gives the changes behind $2, those without a number (see Store.number) last. One row more than are followed tells that there are too many.
func (d *dialect) since() string {
	const columns = "select seq, kind, type, object_id, paths from change where organization_id = $1"
	text := "(" + columns + " and seq > $2 order by seq limit $3)"
	if d.embedded() {
		return "(select * from " + text + ")"
	}
	return "(" + text + " union all (" + columns + " and seq is null limit $3))"
}

// follow corrects a known total by the changes since. It reads them, and the owners of what they are about, in one statement and so in one state of the
// database. sure is false when counting is needed.
func (r reader) follow(ctx context.Context, k totalKey, known total) (n int, state int64, sure bool, err error) {
	var head int64
	var read, unnumbered, unknown, more, moved int
	owned := ""
	if k.owner != directory.OwnerLocal {
		owned = " and r.owner = 'scim'"
	}
	err = r.q.get(r.short(ctx), []any{&head, &read, &unnumbered, &unknown, &more, &moved}, `select coalesce(max(c.seq), 0), count(*),
		coalesce(sum(case when c.seq is null then 1 else 0 end), 0),
		coalesce(sum(case when c.type = $4 and c.kind not in `+explained+` then 1 else 0 end), 0),
		coalesce(sum(case when c.type <> $4 or r.id is null then 0 when c.kind = 'delete' then -1 else 1 end), 0),
		coalesce(sum(case when c.type = $4 and c.kind in ('create', 'restore', 'delete') then 1 else 0 end), 0)
		from `+r.d.since()+` c left join resource r on r.id = c.object_id and c.kind in ('create', 'restore', 'delete')`+owned,
		k.org, known.seq, maxFollowed+1, k.typ)
	if err != nil {
		return 0, 0, false, r.d.fail("follow the change feed", err)
	}
	switch {
	case read > maxFollowed || unknown > 0:
		return 0, 0, false, nil
	case unnumbered == 0 && head > known.seq:
		state = r.totals.put(k, total{n: known.n + more, seq: head, state: known.state}, moved == 0)
	case moved == 0:
		state = known.state
	}
	return known.n + more, state, true, nil
}

// countLive counts, and remembers the number with the place in the feed that the same statement saw. On PostgreSQL changes may still be without a number;
// then there is no such place, and the number is not kept.
func (r reader) countLive(ctx context.Context, k totalKey) (n int, state int64, err error) {
	f := &renderer{d: r.d, typ: k.typ, owner: k.owner}
	where, err := f.where(k.org, nil)
	if err != nil {
		return 0, 0, err
	}
	unnumbered := "0"
	if !r.d.embedded() {
		unnumbered = "(select count(*) from (select 1 from change where organization_id = $1 and seq is null limit 1) u)"
	}
	var v total
	var pending int
	err = r.q.get(ctx, []any{&v.n, &v.seq, &pending}, "select (select count(*)"+where+
		"), (select coalesce(max(seq), 0) from change where organization_id = $1), "+unnumbered, f.args...)
	if err != nil {
		return 0, 0, r.d.fail("count objects", err)
	}
	if r.totals != nil && pending == 0 {
		state = r.totals.put(k, v, false)
	}
	return v.n, state, nil
}
