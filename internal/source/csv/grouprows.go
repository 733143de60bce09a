package csv

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// nestedPrefix marks a member that is a group.
const nestedPrefix = "group:"

// maxMemberships keeps the memberships of a file within memory: 8 bytes each.
const maxMemberships = 20_000_000

// groupColumns is the meaning of the columns of a groups file; -1: there is no such column.
type groupColumns struct {
	name, member, externalID int
	typ                      *scim.ResourceType
	attributes               []column
}

// group is one group of the directory or the file.
type group struct {
	id         string // "": not in the directory yet
	name       string // as the file gives it
	externalID string
	current    string   // folded displayName now; "" unless live
	line       int      // of the first row; 0: not listed
	state      state    // live, left, rejected, taker, as of people
	partial    bool     // a row of this group was bad: no member may be removed
	values     []string // of the columns of attributes, in their order
	unclear    bool     // a row was bad in one of them: the attributes stay as they are
	members    []int32
	nested     []int32
}

func (g *group) is(s state) bool { return g.state&s != 0 }

// leaves reports whether the import removes the group.
func (g *group) leaves() bool { return g.is(live) && g.line == 0 && !g.is(rejected|protected|foreign) }

// groupPlan is everything the groups file says.
type groupPlan struct {
	file    File
	columns groupColumns
	groups  []group
	byKey   map[string]int32 // "e:" + externalId, or "n:" + folded displayName
	listed  map[string]int32 // groups of the file by folded displayName
	pending []nestedRow      // nested groups are resolved when all rows are known
	rows    int
	partial bool // a bad row names no group: nothing may be removed at all
}

type nestedRow struct {
	group int32
	name  string
	line  int
}

// planGroups reads the groups file and compares its groups with those of the directory.
func (r *run) planGroups(ctx context.Context, f File) error {
	p := &groupPlan{file: f, byKey: map[string]int32{}, listed: map[string]int32{}}
	r.groups, r.result.Groups = p, &Groups{Rejected: []Note{}}
	t, err := open(f, r.options.Encoding)
	if err != nil {
		return err
	}
	if p.columns, err = groupLayout(t.header, r.options.IgnoreUnknown, directory.AttributesOf(r.types, directory.Group)); err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	if err := r.readGroups(ctx); err != nil {
		return err
	}
	if p.columns.externalID >= 0 {
		// Groups with a key come first, wherever they stand, so that a row without a key does not take the name for another group's.
		if err := t.each(ctx, r.enlistKey); err != nil {
			return err
		}
		if t, err = open(f, r.options.Encoding); err != nil {
			return err
		}
	}
	if err := t.each(ctx, r.enlistGroup); err != nil {
		return err
	}
	if p.rows == 0 && slices.ContainsFunc(p.groups, func(g group) bool { return g.leaves() }) && !r.options.Yes {
		return fault.Errorf(fault.ErrHeld, "%s lists no group, and the import would remove all of them: nothing was changed. Check that the file is complete; "+
			"if that is what you want, repeat with --yes", f.Name)
	}
	if err := r.nest(); err != nil {
		return err
	}
	return r.settleGroups()
}

func groupLayout(header []string, ignoreUnknown bool, known *directory.Attributes) (groupColumns, error) {
	c := groupColumns{name: -1, member: -1, externalID: -1, typ: known.ResourceType()}
	for i, cell := range header {
		var at *int
		switch strings.ToLower(cell) {
		case "displayname":
			at = &c.name
		case "member":
			at = &c.member
		case "externalid":
			at = &c.externalID
		default:
			if err := c.attribute(i, cell, ignoreUnknown, known); err != nil {
				return c, err
			}
			continue
		}
		if *at >= 0 {
			return c, fault.Errorf(fault.ErrInvalid, "the column %q is there twice: leave one of them out", cell)
		}
		*at = i
	}
	if c.name < 0 || c.member < 0 {
		return c, fault.Errorf(fault.ErrInvalid, "the header has the columns %s; a groups file needs displayName and member", strings.Join(header, ", "))
	}
	return c, nil
}

// read checks a row and returns what it says. problem says why it cannot be used.
func (p *groupPlan) read(row *row) (name, external, member, problem string) {
	if row.problem != "" {
		return "", "", "", row.problem
	}
	name, member = row.values[p.columns.name], row.values[p.columns.member]
	if p.columns.externalID >= 0 {
		external = row.values[p.columns.externalID]
	}
	if err := directory.CheckName(directory.Group, name); err != nil {
		return "", "", "", err.Error()
	}
	if len(external) > maxKey {
		return "", "", "", fmt.Sprintf("externalId has %d bytes; at most %d are allowed", len(external), maxKey)
	}
	return name, external, member, ""
}

// enlistKey takes in the group of one row, if the row gives its key.
func (r *run) enlistKey(row *row) error {
	if name, external, _, problem := r.groups.read(row); problem == "" && external != "" {
		r.groups.list(name, external, row.line)
	}
	return nil
}

// enlistGroup takes in one row: a membership, or a group without members.
func (r *run) enlistGroup(row *row) error {
	p := r.groups
	p.rows++
	name, external, member, problem := p.read(row)
	if problem != "" {
		p.partial = true
		return r.rejectGroup(row.line, "%s", problem)
	}
	at := p.list(name, external, row.line)
	g := &p.groups[at]
	if problem := p.columns.take(g, row); problem != "" {
		g.partial, g.unclear = true, true
		return r.rejectGroup(row.line, "%s", problem)
	}
	if !strings.EqualFold(g.name, name) {
		g.partial = true
		return r.rejectGroup(row.line, "the group with externalId %q is called %q in line %d and %q here: a group has one name",
			brief(external), brief(g.name), g.line, brief(name))
	}
	return r.enlistMember(at, member, row.line)
}

func (r *run) enlistMember(at int32, member string, line int) error {
	p := r.groups
	if member == "" {
		return nil
	}
	if nested, ok := cutPrefixFold(member, nestedPrefix); ok {
		p.pending = append(p.pending, nestedRow{group: at, name: strings.TrimSpace(nested), line: line})
		return nil
	}
	who, known := r.roll.find(member)
	switch {
	case !known || !r.roll.people[who].stays():
		// Somebody who leaves takes the membership along. A name that nobody has may be anybody's, so nobody loses a membership of this group.
		p.groups[at].partial = p.groups[at].partial || !known
		return r.rejectGroup(line, "the member %q is not among the people; expected is the %s of a person, or %sNAME for a group",
			brief(member), r.layout.key.header, nestedPrefix)
	case r.roll.people[who].is(ambiguous):
		p.groups[at].partial = true
		return r.rejectGroup(line, "several people have the %s %q: whom the row means cannot be known", r.layout.key.header, brief(member))
	}
	if p.rows > maxMemberships {
		return fault.Errorf(fault.ErrInvalid, "%s has more than %d rows: one import cannot hold them", p.file.Name, maxMemberships)
	}
	p.groups[at].members = append(p.groups[at].members, who)
	return nil
}

// nest resolves nested groups by name, in any order of rows.
func (r *run) nest() error {
	p := r.groups
	for _, n := range p.pending {
		at, ok := p.listed[fold(n.name)]
		if !ok {
			p.groups[n.group].partial = true
			if err := r.rejectGroup(n.line, "the nested group %q is not listed in the file: add a row that declares it", brief(n.name)); err != nil {
				return err
			}
			continue
		}
		p.groups[n.group].nested = append(p.groups[n.group].nested, at)
	}
	p.pending = nil
	return nil
}

// rejectGroup notes a bad row of the groups file.
func (r *run) rejectGroup(line int, format string, args ...any) error {
	g := r.result.Groups
	g.Rejected = append(g.Rejected, Note{Line: line, Reason: fmt.Sprintf(format, args...)})
	if len(g.Rejected) > maxRejected {
		return fault.Errorf(fault.ErrInvalid, "%s has more than %d rows that cannot be used, and nothing was imported. The first is line %d: %s",
			r.groups.file.Name, maxRejected, g.Rejected[0].Line, g.Rejected[0].Reason)
	}
	return nil
}

// cutPrefixFold is strings.CutPrefix without regard to ASCII letter case.
func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}
