package mapping

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Difference is what is different between two mapping sets. The order of rows makes none.
type Difference struct {
	Objects []ObjectDifference `json:"objects"`
}

// What became of an object mapping, a row or a definition.
const (
	Added   = "added"
	Removed = "removed"
	Changed = "changed"
)

// ObjectDifference is what is different in the mapping of one source object type.
type ObjectDifference struct {
	Source      string            `json:"source"`
	Change      string            `json:"change"`      // added, removed or changed
	Fields      []FieldDifference `json:"fields"`      // name, target, enabled, and the object actions create, update, delete
	Filters     *FieldDifference  `json:"filters"`     // null: the same scoping filters
	Rows        []RowDifference   `json:"rows"`        // by target attribute
	Definitions []RowDifference   `json:"definitions"` // of the target's attribute list
}

// RowDifference is a row, or a definition, that is not the same in both. One that was added or removed lists all it has.
type RowDifference struct {
	Target string            `json:"target"`
	Change string            `json:"change"`
	Fields []FieldDifference `json:"fields"`
}

// FieldDifference is one field by its JSON name. nil: not there.
type FieldDifference struct {
	Field string `json:"field"`
	From  any    `json:"from"`
	To    any    `json:"to"`
}

// Same reports that two sets are one to the last byte, the imported document included, which Compare does not look at.
func Same(a, b Set) (bool, error) {
	x, err := json.Marshal(a)
	if err != nil {
		return false, fmt.Errorf("encode the mapping: %w", err)
	}
	y, err := json.Marshal(b)
	if err != nil {
		return false, fmt.Errorf("encode the mapping: %w", err)
	}
	return bytes.Equal(x, y), nil
}

// Compare tells what makes the set to another one than from.
func Compare(from, to Set) Difference {
	d := Difference{Objects: []ObjectDifference{}}
	for _, source := range sources(from, to) {
		if o, differs := compareObjects(source, from.For(source), to.For(source)); differs {
			d.Objects = append(d.Objects, o)
		}
	}
	return d
}

// sources are the object types that either set maps, in their order.
func sources(sets ...Set) []string {
	var all []string
	for _, s := range sets {
		for _, o := range s.Objects {
			if !slices.Contains(all, o.Source) {
				all = append(all, o.Source)
			}
		}
	}
	return all
}

func compareObjects(source string, from, to *ObjectMapping) (ObjectDifference, bool) {
	d := ObjectDifference{Source: source, Change: Changed}
	var none ObjectMapping
	switch {
	case from == nil:
		d.Change, from = Added, &none
	case to == nil:
		d.Change, to = Removed, &none
	}
	d.Fields = compareFields(heading(from), heading(to))
	d.Rows = compareRows(from.Attributes, to.Attributes, func(a AttributeMapping) string { return a.Target }, func(a AttributeMapping) any { return a.filled() })
	d.Definitions = compareRows(from.Definitions, to.Definitions, func(a Definition) string { return a.Name }, func(a Definition) any { return a })
	if a, b := compact(from.Scope), compact(to.Scope); !bytes.Equal(a, b) {
		d.Filters = &FieldDifference{Field: "scope", From: raw(a), To: raw(b)}
	}
	return d, d.Change != Changed || len(d.Fields)+len(d.Rows)+len(d.Definitions) > 0 || d.Filters != nil
}

// heading is an object mapping without what is compared by itself.
func heading(m *ObjectMapping) map[string]any {
	h := *m
	h.Attributes, h.Definitions, h.Scope = nil, nil, nil
	out := fields(h)
	delete(out, "attributes")
	delete(out, "source")
	return out
}

// compareRows compares two lists by the names of their elements, which are compared without regard to letter case.
func compareRows[T any](from, to []T, name func(T) string, complete func(T) any) []RowDifference {
	out := []RowDifference{}
	former := map[string]T{}
	for _, a := range from {
		former[strings.ToLower(name(a))] = a
	}
	kept := map[string]bool{}
	for _, b := range to {
		key := strings.ToLower(name(b))
		a, there := former[key]
		kept[key] = true
		if !there {
			out = append(out, RowDifference{Target: name(b), Change: Added, Fields: compareFields(nil, fields(complete(b)))})
		} else if f := compareFields(fields(complete(a)), fields(complete(b))); len(f) > 0 {
			out = append(out, RowDifference{Target: name(b), Change: Changed, Fields: f})
		}
	}
	for _, a := range from {
		if !kept[strings.ToLower(name(a))] {
			out = append(out, RowDifference{Target: name(a), Change: Removed, Fields: compareFields(fields(complete(a)), nil)})
		}
	}
	return out
}

// fields are the JSON fields of v. Through JSON, a field that somebody adds to a row is compared without a word here.
func fields(v any) map[string]any {
	out := map[string]any{}
	data, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(data, &out)
	}
	if err != nil {
		return map[string]any{"unreadable": err.Error()} // a difference to everything that can be read
	}
	return out
}

func compareFields(from, to map[string]any) []FieldDifference {
	out := []FieldDifference{}
	names := slices.Collect(maps.Keys(from))
	for name := range to {
		if _, both := from[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if !reflect.DeepEqual(from[name], to[name]) {
			out = append(out, FieldDifference{Field: name, From: from[name], To: to[name]})
		}
	}
	return out
}

func compact(doc json.RawMessage) []byte {
	var b bytes.Buffer
	if json.Compact(&b, doc) != nil {
		return doc
	}
	return b.Bytes()
}

// raw is a document as the value of a field; nil: none.
func raw(doc []byte) any {
	if len(doc) == 0 {
		return nil
	}
	return json.RawMessage(doc)
}
