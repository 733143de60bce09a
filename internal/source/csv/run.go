package csv

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

const (
	// maxRejected is how many bad rows a file may have before it is refused as a whole: so many mean a mistake about the file, not about people.
	maxRejected = 10_000
	// maxWarnings is how many warnings are kept; the rest is counted.
	maxWarnings = 200
	// maxTakers is how many people may take over the unique name of somebody who is still there. More look like a shifted column.
	maxTakers = 500
)

// run is one import.
type run struct {
	*Importer
	options Options
	result  Result
	quiet   int // warnings that were not kept

	people    File
	header    []string
	types     *scim.Registry // of the organization
	layout    *layout
	roll      *roll
	mentions  map[hash]bool   // values of rejected rows whose person is unknown
	deferred  []reference     // managers who were not in the directory yet when their people were written
	leaving   map[string]bool // ids of people and groups that go
	returning map[string]bool // ids of people and groups that were soft-deleted and come back
	groups    *groupPlan      // nil: groups stay as they are
}

// reference says who somebody's manager is, by index in the roll.
type reference struct{ person, manager int32 }

// all does the import: everything that can refuse the files first, then the writes.
func (r *run) all(ctx context.Context, people File) error {
	r.people, r.mentions, r.leaving, r.returning = people, map[hash]bool{}, map[string]bool{}, map[string]bool{}
	if err := r.survey(ctx); err != nil {
		return err
	}
	if err := r.protect(ctx); err != nil {
		return err
	}
	if err := r.settleNames(); err != nil { // after protect: who is kept keeps the name as well
		return err
	}
	if r.options.Groups != nil {
		if err := r.planGroups(ctx, *r.options.Groups); err != nil {
			return err
		}
	}
	leavers := r.leavers()
	r.result.People, r.result.Left = r.roll.live, len(leavers)
	limit := r.options.MaxLeavers.Of(r.roll.live)
	// A file that lists nobody is never a handful of leavers, however small the company: it is what an empty or a wrong file looks like.
	nobody := len(leavers) > 0 && !slices.ContainsFunc(r.roll.people, func(p person) bool { return p.line > 0 })
	if nobody && !r.options.Yes && !r.options.DryRun {
		return fault.Errorf(fault.ErrHeld, "%s lists nobody who can be imported, and the import would remove all %d people: nothing was changed. "+
			"Check that the file is complete; if that is what you want, repeat with --yes", r.people.Name, len(leavers))
	}
	if len(leavers) > limit && !r.options.Yes {
		refusal := &TooManyLeavers{Leavers: len(leavers), People: r.roll.live, Limit: limit}
		if !r.options.DryRun {
			return refusal
		}
		return cmp.Or(r.apply(ctx, leavers), error(refusal)) // a dry run writes nothing, and the counts help to understand the refusal
	}
	return r.apply(ctx, leavers)
}

// apply makes the directory what the file says. Leavers go first, because somebody else may get their unique names; groups come last, because their
// members must be there.
func (r *run) apply(ctx context.Context, leavers []int32) error {
	if err := r.dismiss(ctx, leavers); err != nil {
		return err
	}
	if err := r.rows(ctx); err != nil {
		return err
	}
	if err := r.setManagers(ctx); err != nil {
		return err
	}
	return r.applyGroups(ctx)
}

// survey reads the file for the first time: who is listed, and which rows are bad.
func (r *run) survey(ctx context.Context) error {
	t, err := open(r.people, r.options.Encoding)
	if err != nil {
		return err
	}
	r.result.Delimiter, r.result.Encoding = t.delimiterName(), t.encoding
	r.header = t.header
	var ignored []string
	types, err := r.Directory.Store.Registry(ctx, r.Organization)
	if err != nil {
		return fmt.Errorf("read the types of the organization: %w", err)
	}
	r.types = types
	known := directory.AttributesOf(types, directory.User)
	if r.layout, ignored, err = layoutOf(t.header, r.options.Key, r.options.IgnoreUnknown, known); err != nil {
		return fmt.Errorf("%s: %w", r.people.Name, err)
	}
	for _, name := range ignored {
		r.warn("the column %q was skipped: it has no place in the directory", name)
	}
	if r.roll, err = r.readRoll(ctx, r.layout); err != nil {
		return err
	}
	return t.each(ctx, r.enlist)
}

// each calls fn for every row.
func (t *table) each(ctx context.Context, fn func(*row) error) error {
	for n := 0; ; n++ {
		if n%1000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		row, err := t.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := fn(row); err != nil {
			return err
		}
	}
}

// enlist takes in one row.
func (r *run) enlist(row *row) error {
	key, name, problem := r.layout.read(row)
	if key == "" {
		r.mention(row.values)
		return r.reject(row.line, "%s", problem)
	}
	if header := r.layout.suspect(row.values); header != "" {
		r.warn("line %d: %s was read as one value, because values of a list have a | between them", row.line, header)
	}
	first, at, err := r.roll.list(key, name, row.line)
	if err != nil {
		return err
	}
	p := &r.roll.people[at]
	const twice = "%s %q is also in line %d: which row is right cannot be known, so none was used"
	switch {
	case !first:
		if !p.is(rejected) {
			if err := r.reject(int(p.line), twice, r.layout.key.header, brief(key), row.line); err != nil {
				return err
			}
		}
		r.roll.reject(at)
		return r.reject(row.line, twice, r.layout.key.header, brief(key), p.line)
	case p.is(foreign) && !p.is(ambiguous):
		r.roll.reject(at)
		r.result.Unchanged++
		r.warn("line %d: %s %q stays as it is, because a SCIM client looks after it", row.line, r.layout.key.header, brief(key))
	case problem != "":
		r.roll.reject(at)
		return r.reject(row.line, "%s", problem)
	case p.is(ambiguous):
		r.roll.reject(at)
		return r.reject(row.line, "%d people in the directory have %s %q: whom the row means cannot be known. Correct them first",
			len(r.roll.twins[at])+1, r.layout.key.header, brief(key))
	}
	return nil
}

// reject notes a bad row.
func (r *run) reject(line int, format string, args ...any) error {
	r.result.Rejected = append(r.result.Rejected, Note{Line: line, Reason: fmt.Sprintf(format, args...)})
	if len(r.result.Rejected) > maxRejected {
		first := r.result.Rejected[0]
		return fault.Errorf(fault.ErrInvalid, "%s has more than %d rows that cannot be used, and nothing was imported. The first is line %d: %s",
			r.people.Name, maxRejected, first.Line, first.Reason)
	}
	return nil
}

// mention remembers the values of a row that names nobody. Whoever one of them names is kept: a broken row must not make its person a leaver.
func (r *run) mention(values []string) {
	for _, v := range values {
		if v != "" {
			r.mentions[hashOf(v)] = true
		}
	}
}

func (r *run) warn(format string, args ...any) {
	if len(r.result.Warnings) >= maxWarnings {
		r.quiet++
		return
	}
	r.result.Warnings = append(r.result.Warnings, fmt.Sprintf(format, args...))
}

// finish puts the result into the order of the file.
func (r *run) finish() {
	byLine := func(a, b Note) int { return cmp.Compare(a.Line, b.Line) }
	slices.SortStableFunc(r.result.Rejected, byLine)
	if r.result.Groups != nil {
		slices.SortStableFunc(r.result.Groups.Rejected, byLine)
	}
	if r.quiet > 0 {
		r.result.Warnings = append(r.result.Warnings, fmt.Sprintf("and %d more warnings", r.quiet))
	}
}

// write runs fn in one transaction of this import.
func (r *run) write(ctx context.Context, fn func(ctx context.Context, w *directory.Writer) error) error {
	origin := directory.Origin{Actor: Actor, Cause: r.result.ID, Traceparent: r.options.Traceparent}
	err := r.Directory.Write(ctx, r.Organization, origin, fn)
	if errors.Is(err, fault.ErrConflict) || errors.Is(err, fault.ErrNotFound) || errors.Is(err, fault.ErrPrecondition) {
		return fmt.Errorf("somebody else changed the directory during the import; import the file again to do the rest: %w", err)
	}
	return err
}

// Actor is what the change feed says of writes by an import.
const Actor = "csv import"
