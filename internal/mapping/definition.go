package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/scim/filter"
)

// Key is the one spelling of a target path by which paths are compared: lower case, without the URN of the core schema, and with real booleans in the
// brackets (Entra writes roles[primary eq "True"].value).
func Key(target string) (string, error) {
	path, err := filter.ParsePath(target)
	if err != nil {
		return "", err
	}
	path.Filter = booleans(path.Filter)
	key := strings.ToLower(path.String())
	for _, typ := range []string{user, group} {
		key = strings.TrimPrefix(key, strings.ToLower(coreURN+typ+":"))
	}
	return key, nil
}

// booleans makes texts that say true or false what they mean.
func booleans(x filter.Expr) filter.Expr {
	switch x := x.(type) {
	case *filter.And:
		return &filter.And{Left: booleans(x.Left), Right: booleans(x.Right)}
	case *filter.Compare:
		if x.Value.Kind != filter.String {
			return x
		}
		c := *x
		switch strings.ToLower(x.Value.Text) {
		case "true":
			c.Value = filter.Value{Kind: filter.True}
		case "false":
			c.Value = filter.Value{Kind: filter.False}
		}
		return &c
	}
	return x
}

// Definition returns what the list of attributes says of a target path, in any spelling of it; nil: nothing.
func (m *ObjectMapping) Definition(target string) *Definition {
	if i := m.definitionAt(target); i >= 0 {
		return &m.Definitions[i]
	}
	return nil
}

func (m *ObjectMapping) definitionAt(target string) int {
	key, err := Key(target)
	if err != nil {
		return -1
	}
	return slices.IndexFunc(m.Definitions, func(d Definition) bool {
		k, err := Key(d.Name)
		return err == nil && k == key
	})
}

// Row returns the row that writes a target path, in any spelling of it, with its number as shown; nil: none does.
func (m *ObjectMapping) Row(target string) (row *AttributeMapping, number int) {
	key, err := Key(target)
	if err != nil {
		return nil, 0
	}
	for i := range m.Attributes {
		if k, err := Key(m.Attributes[i].Target); err == nil && k == key {
			return &m.Attributes[i], i + 1
		}
	}
	return nil, 0
}

// definitions is an attribute list by Key. An empty one knows nothing and refuses nothing: the target was never asked.
type definitions map[string]*Definition

func indexed(list []Definition) definitions {
	out := make(definitions, len(list))
	for i := range list {
		if key, err := Key(list[i].Name); err == nil {
			out[key] = &list[i]
		}
	}
	return out
}

// define lets the list say what a row's target attribute is. Its error is for an attribute that the list does not have, or that nobody may write.
func (l definitions) define(a *AttributeMapping) error {
	key, err := Key(a.Target)
	if len(l) == 0 || err != nil {
		return nil //nolint:nilerr // what is wrong with the path is checkTarget's to say
	}
	d := l[key]
	switch {
	case d == nil:
		return l.unknown(a.Target)
	case d.PrimaryKey:
		return fmt.Errorf("the target attribute %s is the target's own id of the object (primary key) and cannot be mapped", a.Target)
	case d.ReadOnly:
		return fmt.Errorf("the target attribute %s is read-only: the target decides its value, so remove the row", a.Target)
	}
	a.Type, a.Required, a.MultiValued, a.CaseExact, a.Reference = d.Type, d.Required, d.MultiValued, d.CaseExact, d.Reference
	return nil
}

func (l definitions) unknown(target string) error {
	what := fmt.Sprintf("the target's list of attributes has no %s", target)
	if near := l.nearest(target); near != "" {
		return fmt.Errorf("%s: did you mean %s? If the target does have it, add it with `rollcall app attribute add`", what, near)
	}
	return fmt.Errorf("%s: check the spelling; if the target does have it, add it with `rollcall app attribute add`, "+
		"or let `rollcall app attribute discover` find it", what)
}

// nearest is the name in the list that was probably meant. Behind a URN the whole path is too long to compare: then the attributes of that URN are.
func (l definitions) nearest(target string) string {
	prefix, word := splitURN(target)
	short := map[string]string{}
	for _, d := range l {
		if p, name := splitURN(d.Name); strings.EqualFold(p, prefix) {
			short[name] = d.Name
		}
	}
	names := make([]string, 0, len(short))
	for name := range short {
		names = append(names, name)
	}
	slices.Sort(names)
	return short[expression.Nearest(word, names)]
}

// splitURN splits a path behind the URN of its schema, which is empty for the core schema.
func splitURN(target string) (urn, name string) {
	if len(target) < 4 || !strings.EqualFold(target[:4], "urn:") {
		return "", target
	}
	head, _, _ := strings.Cut(target, "[")
	i := strings.LastIndexByte(head, ':')
	return target[:i+1], target[i+1:]
}

// Effective returns what the set does, and nothing else: each row as the attribute list defines it, without the lists and without the document it came
// from. Two sets with the same effective form provision the same.
func (s *Set) Effective() Set {
	out := Set{Objects: slices.Clone(s.Objects)}
	for i := range out.Objects {
		m := &out.Objects[i]
		list := indexed(m.Definitions)
		m.Definitions, m.Attributes = nil, slices.Clone(m.Attributes)
		for j := range m.Attributes {
			a := &m.Attributes[j]
			_ = list.define(a) // a row that Compile refuses is compared as it is
			*a = a.filled()
		}
	}
	return out
}

// filled is the row with what it leaves to be understood.
func (a AttributeMapping) filled() AttributeMapping {
	if a.Apply == "" {
		a.Apply = Always
	}
	if a.Type == "" {
		a.Type = String
	}
	if key, err := Key(a.Target); err == nil && a.Type == Reference && key == members {
		a.MultiValued = true
	}
	return a
}

// unmapped returns the attributes that a new account must have and no row writes.
func (m *ObjectMapping) unmapped() []string {
	var names []string
	for _, d := range m.Definitions {
		if row, _ := m.Row(d.Name); row == nil && d.Required && !d.PrimaryKey && !d.ReadOnly {
			names = append(names, d.Name)
		}
	}
	return names
}
