package csv

import (
	"context"
	"fmt"
	"slices"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// A batch is what one transaction writes: small enough that a SCIM request waits only milliseconds behind it.
const (
	batchRows  = 200
	batchBytes = 4 << 20
)

// item is one row on its way into the directory.
type item struct {
	person  int32
	values  []string
	manager int32 // index in the roll; nobody: none; asBefore: whoever it was
}

// nobody is the index of no person.
const nobody int32 = -1

// asBefore stands for a manager that the file names and nobody knows: a slip of the pen must not take a manager away.
const asBefore int32 = -2

// action is what an item does to its person.
type action uint8

const (
	none action = iota
	add         // create, or bring back somebody who left
	change
)

// rows reads the file for the second time, compares each row with the directory, and writes what differs. People who take over somebody's name come last,
// all in one transaction.
func (r *run) rows(ctx context.Context) error {
	t, err := open(r.people, r.options.Encoding)
	if err != nil {
		return err
	}
	if !slices.Equal(t.header, r.header) {
		return r.moved(1)
	}
	var batch, takers []item
	size := 0
	flush := func() error {
		err := r.batch(ctx, batch)
		batch, size = batch[:0], 0
		return err
	}
	err = t.each(ctx, func(row *row) error {
		it, ok, err := r.item(row)
		if err != nil || !ok {
			return err
		}
		if r.roll.people[it.person].is(taker) {
			takers = append(takers, it)
			return nil
		}
		batch = append(batch, it)
		for _, v := range it.values {
			size += len(v)
		}
		if len(batch) >= batchRows || size >= batchBytes {
			return flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := flush(); err != nil {
		return err
	}
	return r.batch(ctx, takers)
}

// item makes a good row an item. A row that the first reading did not see means that somebody writes to the file.
func (r *run) item(row *row) (item, bool, error) {
	key, name, problem := r.layout.read(row)
	if problem != "" {
		return item{}, false, nil
	}
	at, known := r.roll.find(key)
	if !known {
		return item{}, false, r.moved(row.line)
	}
	p := &r.roll.people[at]
	if p.is(rejected) {
		return item{}, false, nil
	}
	if int(p.line) != row.line || p.wants != hashOf(name) {
		return item{}, false, r.moved(row.line)
	}
	return item{person: at, values: slices.Clone(row.values), manager: r.managerIn(row)}, true, nil
}

func (r *run) moved(line int) error {
	return fault.Errorf(fault.ErrInvalid, "%s changed while it was read (line %d): import it again when it is complete", r.people.Name, line)
}

// managerIn finds the row's manager by key, wherever in the file that person's own row stands.
func (r *run) managerIn(row *row) int32 {
	if r.layout.manager < 0 || row.values[r.layout.manager] == "" {
		return nobody
	}
	key := row.values[r.layout.manager]
	at, known := r.roll.find(key)
	switch {
	case !known || r.roll.people[at].is(ambiguous):
		r.warn("line %d: the manager %q is not among the people, so the manager stays as it was", row.line, brief(key))
		return asBefore
	case !r.roll.people[at].stays():
		r.warn("line %d: the manager %q leaves, so the manager was left empty", row.line, brief(key))
		return nobody
	}
	return at
}

// batch compares items with the directory, counts them, and writes those that differ in one transaction.
func (r *run) batch(ctx context.Context, items []item) error {
	if len(items) == 0 {
		return nil
	}
	current, err := r.current(ctx, items)
	if err != nil {
		return err
	}
	var todo []item
	for _, it := range items {
		d, err := r.decide(it, current[r.roll.people[it.person].id], nil)
		if err != nil {
			return err
		}
		switch d.action {
		case none:
			r.result.Unchanged++
			continue
		case add:
			r.result.Added++
		case change:
			r.result.Changed++
		}
		todo = append(todo, it)
	}
	if len(todo) == 0 || r.options.DryRun {
		return nil
	}
	return r.writeBatch(ctx, todo)
}

// writeBatch writes the items in one transaction.
func (r *run) writeBatch(ctx context.Context, items []item) error {
	var written map[int32]string
	var open []reference
	err := r.write(ctx, func(ctx context.Context, w *directory.Writer) error {
		written, open = make(map[int32]string, len(items)), nil
		if err := r.park(ctx, w, items); err != nil {
			return err
		}
		for _, it := range items {
			id, later, err := r.writeItem(ctx, w, it, written)
			if err != nil {
				return fmt.Errorf("line %d: %w", r.roll.people[it.person].line, err)
			}
			written[it.person] = id
			if later {
				open = append(open, reference{person: it.person, manager: it.manager})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.deferred = append(r.deferred, open...)
	for at, id := range written {
		p := &r.roll.people[at]
		p.id = id
		p.state = p.state&^left | live
	}
	return nil
}

// current reads the people of the items as they are.
func (r *run) current(ctx context.Context, items []item) (map[string]directory.Object, error) {
	ids := make([]string, 0, len(items))
	for _, it := range items {
		if id := r.roll.people[it.person].id; id != "" {
			ids = append(ids, id)
		}
	}
	out := make(map[string]directory.Object, len(ids))
	for chunk := range slices.Chunk(ids, page) {
		objects, err := r.Directory.Store.ObjectsByID(ctx, r.Organization, directory.User, chunk)
		if err != nil {
			return nil, fmt.Errorf("read the directory: %w", err)
		}
		for _, o := range objects {
			out[o.ID] = o
		}
	}
	return out, nil
}

// decision is what a row means for its person.
type decision struct {
	action     action
	attributes scim.Resource
	later      bool // the manager is not in the directory yet
}

// decide compares a row with its person as the directory has it; the zero Object is nobody. written holds ids of people whom the running transaction made.
// It changes nothing: the dry run and the writing share it.
func (r *run) decide(it item, old directory.Object, written map[int32]string) (d decision, err error) {
	if d.attributes, err = r.layout.attributes(it.values, old.Attributes); err != nil {
		return decision{}, err
	}
	if r.layout.manager >= 0 && it.manager != asBefore {
		id, known := r.idOf(it.manager, written)
		if d.later = !known; known {
			setManager(d.attributes, id)
		}
	}
	switch {
	case old.ID == "" || !old.Live():
		d.action = add
	case d.later, !scim.Equal(old.Attributes, d.attributes):
		d.action = change
	}
	return d, nil
}

// idOf returns the id of a live person; known is false when there is none yet. Nobody has the empty id.
func (r *run) idOf(at int32, written map[int32]string) (id string, known bool) {
	if at == nobody {
		return "", true
	}
	if p := &r.roll.people[at]; p.is(live) {
		return p.id, true
	}
	id, known = written[at]
	return id, known
}

// writeItem writes one item and returns the id of its person. It decides again, from what the transaction sees.
func (r *run) writeItem(ctx context.Context, w *directory.Writer, it item, written map[int32]string) (id string, later bool, err error) {
	id = r.roll.people[it.person].id
	var old directory.Object
	if id != "" {
		if old, err = w.Touch(ctx, r.Organization, directory.User, id); err != nil {
			return "", false, err
		}
	}
	d, err := r.decide(it, old, written)
	if err != nil {
		return "", false, err
	}
	if id != "" {
		_, err = w.RestoreAs(ctx, old, d.attributes)
		return id, d.later, err
	}
	o, err := w.Create(ctx, directory.User, d.attributes, nil)
	return o.ID, d.later, err
}
