package directory

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

// demand is what a change of the registered types asks of the objects of one type that are stored already.
type demand struct {
	typ       string // name of the type
	schema    string // URN
	extension bool   // whether the schema is an extension of the type
	attribute string // "": the extension as a whole
	sub       string
	empty     bool   // no object may hold a value; otherwise every object must
	change    string // what changes, for a person
}

// String says what is demanded, without who is in the way.
func (d demand) String() string {
	path := d.schema
	if d.attribute != "" {
		path += ":" + d.attribute
	}
	if d.sub != "" {
		path += "." + d.sub
	}
	return path + " " + d.change
}

// breaks reports whether an object does not meet the demand.
func (d demand) breaks(o Object) bool {
	at := map[string]any(o.Attributes)
	if d.extension {
		at, _ = at[d.schema].(map[string]any)
		if d.attribute == "" {
			return d.empty == (len(at) > 0)
		}
		if len(at) == 0 {
			return false
		}
	}
	value, there := at[d.attribute]
	if d.sub == "" {
		return d.empty == there
	}
	for _, e := range elementsOf(value) {
		if _, has := e[d.sub]; has == d.empty {
			return true
		}
	}
	return false
}

// elementsOf are the objects of a complex attribute, single or multi-valued.
func elementsOf(value any) []map[string]any {
	switch v := value.(type) {
	case map[string]any:
		return []map[string]any{v}
	case []any:
		out := make([]map[string]any, 0, len(v))
		for _, e := range v {
			if m, ok := e.(map[string]any); ok {
				out = append(out, m)
			}
		}
		return out
	}
	return nil
}

// replaced is a schema of a type that is going to change.
type replaced struct {
	before *scim.ResourceType
	schema *scim.Schema
	whole  bool // the type's own schema: it concerns all objects
}

// differences compares the types of an organization before and after a change.
func differences(before, after *scim.Registry) (demands []demand, changed []replaced) {
	for _, was := range before.Types() {
		is := after.Type(was.Name)
		if is == nil {
			continue
		}
		d := differ{typ: was.Name}
		if was.Schema.ID == is.Schema.ID {
			d.schemas(was.Schema, is.Schema, false)
			if !sameSchema(was.Schema, is.Schema) {
				changed = append(changed, replaced{was, was.Schema, true})
			}
		}
		for _, e := range was.Extensions {
			next, kept := extensionIn(is, e.Schema.ID)
			if !kept {
				d.add(demand{schema: e.Schema.ID, extension: true, empty: true, change: "is no longer an extension of " + was.Name})
				continue
			}
			d.schemas(e.Schema, next.Schema, true)
			if !sameSchema(e.Schema, next.Schema) {
				changed = append(changed, replaced{was, e.Schema, false})
			}
		}
		for _, e := range is.Extensions {
			if old, had := extensionIn(was, e.Schema.ID); e.Required && (!had || !old.Required) {
				d.add(demand{schema: e.Schema.ID, extension: true, change: "becomes a required extension of " + was.Name})
			}
		}
		demands = append(demands, d.demands...)
	}
	return demands, changed
}

func extensionIn(rt *scim.ResourceType, urn string) (scim.Extension, bool) {
	for _, e := range rt.Extensions {
		if e.Schema.ID == urn {
			return e, true
		}
	}
	return scim.Extension{}, false
}

func sameSchema(a, b *scim.Schema) bool {
	return a == b || bytes.Equal(scim.Encode(a.Resource()), scim.Encode(b.Resource()))
}

// differ gathers the demands of one type.
type differ struct {
	typ     string
	demands []demand
}

func (d *differ) add(x demand) {
	x.typ = d.typ
	d.demands = append(d.demands, x)
}

func (d *differ) schemas(was, is *scim.Schema, extension bool) {
	if was != is {
		d.attributes(demand{schema: was.ID, extension: extension}, was.Attributes, is.Attributes)
	}
}

// attributes compares two lists; at says where they stand.
func (d *differ) attributes(at demand, was, is []*scim.Attribute) {
	for _, a := range was {
		here := at.of(a.Name)
		next := named(is, a.Name)
		if next == nil {
			here.empty, here.change = true, "is no longer defined"
			d.add(here)
			continue
		}
		for _, change := range narrowed(a, next) {
			here.empty, here.change = true, change
			d.add(here)
		}
		if next.Required && !a.Required && next.Mutability != scim.ReadOnly {
			here.empty, here.change = false, "becomes required"
			d.add(here)
		}
		d.attributes(here, a.SubAttributes, next.SubAttributes)
	}
	for _, a := range is {
		if named(was, a.Name) == nil && a.Required && a.Mutability != scim.ReadOnly {
			here := at.of(a.Name)
			here.empty, here.change = false, "is new and required"
			d.add(here)
		}
	}
}

// of is the demand's place one name further.
func (d demand) of(name string) demand {
	if d.attribute == "" {
		d.attribute = name
	} else {
		d.sub = name
	}
	return d
}

// named finds an attribute by its exact spelling, by which values are stored.
func named(list []*scim.Attribute, name string) *scim.Attribute {
	for _, a := range list {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// narrowed lists how an attribute changed in a way that values which are stored may not bear.
func narrowed(was, is *scim.Attribute) []string {
	var out []string
	note := func(what string, a, b any) {
		out = append(out, fmt.Sprintf("changes its %s from %v to %v", what, a, b))
	}
	if was.Type != is.Type {
		note("type", was.Type, is.Type)
	}
	if was.MultiValued != is.MultiValued {
		note("multiValued", was.MultiValued, is.MultiValued)
	}
	if was.Type == scim.TypeString && was.CaseExact != is.CaseExact {
		note("caseExact", was.CaseExact, is.CaseExact)
	}
	if was.Mutability != is.Mutability && (is.Mutability != scim.ReadWrite || was.Mutability == scim.WriteOnly) {
		note("mutability", was.Mutability, is.Mutability)
	}
	if was.Returned == scim.ReturnedNever && is.Returned != scim.ReturnedNever {
		note("returned", was.Returned, is.Returned) // it would show what was promised to be secret
	}
	return out
}

// inTheWay describes who does not meet a demand.
type inTheWay struct {
	demand demand
	count  int
	names  []string // some of them
}

const namesInTheWay = 3

func (w inTheWay) String() string {
	holds := "hold a value"
	if !w.demand.empty {
		holds = "hold none"
	}
	return fmt.Sprintf("%s, and %d of type %s %s (%s)", w.demand, w.count, w.demand.typ, holds, strings.Join(w.names, ", "))
}
