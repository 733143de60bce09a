package csv

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// column is one column of the people file: the attribute that its header names.
type column struct {
	index  int    // in the row
	header string // as the file spells it
	path   *scim.Path
	kind   scim.Type
	list   bool // a cell holds several values, with | between them
}

// layout is what the columns of a people file mean.
type layout struct {
	typ       *scim.ResourceType
	columns   []column // attributes to set, without manager
	key, name column
	manager   int          // index of the manager's column, -1: none
	suspects  map[int]bool // columns of lists that somebody was told about who separates by something else
}

// What identity returns for the attributes that have a part of their own in an import.
const (
	nameIdentity    = "username"
	managerIdentity = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:manager"
)

// attributeOf returns the path that a header cell names: a word of the vocabulary, a SCIM path, or an attribute that the organization registered, in any
// letter case.
func attributeOf(known *directory.Attributes, name string) (*scim.Path, error) {
	const skip = "--ignore-unknown skips columns that have no place in the directory"
	if n, ok := known.Find(name); ok && n.Path == "" {
		return nil, fault.Errorf(fault.ErrInvalid, "column %q cannot be imported: the directory works it out by itself. Leave the column out (%s)", brief(name), skip)
	}
	p, err := known.Path(name)
	if err == nil && p.Attribute != nil {
		return p, nil
	}
	if nearest := known.Nearest(name); nearest != "" {
		return nil, fault.Errorf(fault.ErrInvalid, "unknown column %q: did you mean %s? (%s)", brief(name), nearest, skip)
	}
	return nil, fault.Errorf(fault.ErrInvalid, "unknown column %q: expected is a name such as givenName, or a SCIM path (%s)", brief(name), skip)
}

// layoutOf reads the header of a people file. key names the column that identifies a person.
func layoutOf(header []string, key string, ignoreUnknown bool, known *directory.Attributes) (*layout, []string, error) {
	key = cmp.Or(key, DefaultKey)
	keyPath, err := attributeOf(known, key)
	if err != nil {
		return nil, nil, fmt.Errorf("--key: %w", err)
	}
	l := &layout{
		typ: known.ResourceType(), manager: -1, key: column{index: -1}, name: column{index: -1}, suspects: map[int]bool{},
	}
	var ignored []string
	seen := map[string]string{}
	for i, cell := range header {
		p, err := attributeOf(known, cell)
		switch {
		case cell == "" && !ignoreUnknown:
			return nil, nil, fault.Errorf(fault.ErrInvalid, "column %d has no name in the header: remove the column, or skip it with --ignore-unknown", i+1)
		case err != nil && ignoreUnknown:
			ignored = append(ignored, cell)
			continue
		case err != nil:
			return nil, nil, err
		}
		if first, twice := seen[identity(p)]; twice {
			return nil, nil, fault.Errorf(fault.ErrInvalid, "the columns %q and %q are the same attribute: leave one of them out", first, cell)
		}
		seen[identity(p)] = cell
		if identity(p) == managerIdentity {
			l.manager = i
			continue
		}
		c := column{index: i, header: cell, path: p, kind: p.Leaf().Type, list: p.Leaf().MultiValued}
		if err := writable(c); err != nil {
			return nil, nil, err
		}
		l.columns = append(l.columns, c)
		if identity(p) == identity(keyPath) {
			l.key = c
		}
		if identity(p) == nameIdentity {
			l.name = c
		}
	}
	return l, ignored, l.complete(key)
}

// complete reports a header that cannot describe people.
func (l *layout) complete(key string) error {
	switch {
	case l.key.index < 0:
		return fault.Errorf(fault.ErrInvalid, "the header has no column %s, which identifies a person: add it, or name another with --key", key)
	case l.name.index < 0:
		return fault.Errorf(fault.ErrInvalid, "the header has no column %s (or userName): every person needs a unique name", DefaultKey)
	case l.key.list:
		return fault.Errorf(fault.ErrInvalid, "%s cannot identify a person: it has several values, and one is expected", key)
	case l.key.kind != scim.TypeString:
		return fault.Errorf(fault.ErrInvalid, "%s cannot identify a person: it is a %s, and a text is expected", key, l.key.kind)
	}
	return nil
}

// identity is the same for two spellings of one attribute. manager and manager.value are one: both say who the manager is.
func identity(p *scim.Path) string {
	s := strings.ToLower(p.String())
	if strings.HasSuffix(s, ":manager.value") {
		return strings.TrimSuffix(s, ".value")
	}
	return s
}

// writable refuses attributes that a file must not or cannot set.
func writable(c column) error {
	leaf := c.path.Leaf()
	name := strings.ToLower(c.path.Attribute.Name)
	switch {
	case leaf.Mutability == scim.ReadOnly, c.path.URN == "" && (name == "id" || name == "meta" || name == "schemas" || name == "groups"):
		return fault.Errorf(fault.ErrInvalid, "column %q cannot be imported: the directory sets it by itself. Leave the column out", c.header)
	case leaf.Mutability == scim.WriteOnly:
		return fault.Errorf(fault.ErrInvalid, "column %q cannot be imported: secrets do not belong into a CSV file. Leave the column out", c.header)
	case c.path.Attribute.MultiValued && c.path.Attribute.Type == scim.TypeComplex && c.path.Filter == nil, leaf.MultiValued && c.path.Sub != nil:
		return fault.Errorf(fault.ErrInvalid, "column %q is a list, and a cell holds one value: say which one, for example emails[type eq \"work\"].value", c.header)
	case leaf.Type == scim.TypeComplex:
		return fault.Errorf(fault.ErrInvalid, "column %q is an attribute with parts: name one of them, for example %s.%s", c.header, c.path, firstPart(leaf))
	}
	return nil
}

func firstPart(a *scim.Attribute) string {
	if len(a.SubAttributes) == 0 {
		return "value"
	}
	return a.SubAttributes[0].Name
}
