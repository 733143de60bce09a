package graphschema

import (
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/mapping"
)

// definitions writes the attributes of the application's object: those of the list, those of rows that the list has not, and an anchor. It returns the
// entries that say which of them are not in the list, and what else has no place in a definition.
func (w *writer) definitions(o *objectMapping, m *mapping.ObjectMapping) []any {
	all := slices.Clone(m.Definitions)
	var extras []any
	if len(all) == 0 {
		extras = append(extras, o.extra(extraDefinitions, "", "none"))
	}
	for _, d := range m.Definitions {
		if d.Doc != "" {
			extras = append(extras, o.extra(extraDoc, d.Name, d.Doc))
		}
	}
	for _, d := range undefined(o, m) {
		was := o.definition.find(d.Name)
		if len(m.Definitions) > 0 && (was == nil || was.unlisted == "") { // an anchor can be what the list cannot hold
			extras = append(extras, o.extra(extraUndefined, d.Name, "true"))
		}
		if d.PrimaryKey {
			all = slices.Insert(all, 0, d)
			continue
		}
		all = append(all, d)
	}
	all = withUnlisted(all, o.definition.attributes)
	names := o.rule.target.referenceNames()
	spell(o.definition.value, "name", "supportedApis", "metadata", "attributes")
	items := make([]any, len(all))
	for i := range all {
		items[i] = writeDefinition(o.definition.find(all[i].Name), &all[i], names)
	}
	o.definition.value.(*object).set("attributes", &list{items}) //nolint:forcetypeassert // it was read as one, or made
	return extras
}

// withUnlisted puts what an import left out behind the definition that it came after.
func withUnlisted(all []mapping.Definition, document []*attributeDefinition) []mapping.Definition {
	at := 0
	for _, d := range document {
		i := slices.IndexFunc(all, func(x mapping.Definition) bool { return strings.EqualFold(x.Name, d.Name) })
		switch {
		case i >= 0:
			at = i + 1
		case d.unlisted != "":
			all = slices.Insert(all, at, d.Definition)
			at++
		}
	}
	return all
}

// undefined makes the definitions that a document needs and the list has not: of rows, of what an import left out, and the anchor.
func undefined(o *objectMapping, m *mapping.ObjectMapping) []mapping.Definition {
	var out []mapping.Definition
	have := func(name string) bool {
		same := func(d mapping.Definition) bool { return strings.EqualFold(d.Name, name) }
		return slices.ContainsFunc(m.Definitions, same) || slices.ContainsFunc(out, same)
	}
	if !slices.ContainsFunc(m.Definitions, func(d mapping.Definition) bool { return d.PrimaryKey }) {
		anchor := mapping.Definition{Name: targetAnchor, Type: mapping.String, PrimaryKey: true, Required: true}
		for _, d := range o.definition.attributes {
			if d.PrimaryKey {
				anchor = d.Definition
			}
		}
		out = append(out, anchor)
	}
	for i := range m.Attributes {
		a := &m.Attributes[i]
		if !have(a.Target) {
			out = append(out, mapping.Definition{
				Name: a.Target, Type: typeOr(a.Type), Required: a.Required, MultiValued: a.MultiValued, CaseExact: a.CaseExact, Reference: a.Reference,
			})
		}
	}
	for _, row := range o.rows {
		if d := o.definition.find(row.mapping.Target); d != nil && d.unlisted == "" && !have(d.Name) {
			out = append(out, d.Definition)
		}
	}
	return out
}

func typeOr(t mapping.Type) mapping.Type {
	if t == "" {
		return mapping.String
	}
	return t
}

// referenceNames are the names of the directory's users and groups.
func (d *directory) referenceNames() map[string]string {
	names := map[string]string{}
	for _, o := range d.objects {
		if kind := kindOf(o.name); kind != "" && names[kind] == "" {
			names[kind] = o.name
		}
	}
	return names
}

// writeDefinition lays a definition over the one of the document; nil: a new one.
func writeDefinition(was *attributeDefinition, d *mapping.Definition, names map[string]string) *object {
	if was == nil {
		metadata := &list{}
		if d.Custom {
			metadata.items = append(metadata.items, made("key", customerDefined, "value", "true"))
		}
		return made("name", d.Name, "anchor", d.PrimaryKey, "caseExact", d.CaseExact, "type", string(typeOr(d.Type)), "multivalued", d.MultiValued,
			"mutability", mutability(d), "required", d.Required, "defaultValue", nil, "flowNullValues", false, "apiExpressions", &list{},
			"referencedObjects", references(d, names), "metadata", metadata)
	}
	o := was.value.(*object) //nolint:forcetypeassert // it was read as one
	spell(o, "name", "anchor", "caseExact", "type", "multivalued", "mutability", "required", "defaultValue", "flowNullValues", "apiExpressions",
		"referencedObjects", "metadata")
	o.set("name", d.Name)
	o.set("anchor", d.PrimaryKey)
	o.set("caseExact", d.CaseExact)
	o.set("type", string(typeOr(d.Type)))
	o.set("multivalued", d.MultiValued)
	o.set("required", d.Required)
	if was.ReadOnly != d.ReadOnly || o.get("mutability") == nil {
		o.set("mutability", mutability(d))
	}
	if was.Reference != d.Reference || was.Type != d.Type {
		o.set("referencedObjects", references(d, names))
	}
	if was.Custom != d.Custom {
		writeCustom(o, d.Custom)
	}
	return o
}

func writeCustom(o *object, custom bool) {
	l, _ := o.get("metadata").(*list)
	if l == nil {
		l = &list{}
	}
	l.items = slices.DeleteFunc(l.items, func(item any) bool {
		e, _ := item.(*object)
		if e == nil {
			return false
		}
		key, _ := e.get("key").(string)
		return strings.EqualFold(key, customerDefined)
	})
	if custom {
		l.items = append(l.items, made("key", customerDefined, "value", "true"))
	}
	o.set("metadata", l)
}

func mutability(d *mapping.Definition) string {
	if d.ReadOnly {
		return readOnly
	}
	return readWrite
}

// references names the objects that a reference may point to: users, groups, or both.
func references(d *mapping.Definition, names map[string]string) *list {
	l := &list{}
	if d.Type != mapping.Reference {
		return l
	}
	for _, kind := range []string{user, group} {
		if d.Reference != "" && d.Reference != kind {
			continue
		}
		name := names[kind]
		if name == "" {
			name = kind
		}
		l.items = append(l.items, made("referencedObjectName", name, "referencedProperty", nil))
	}
	return l
}

// source defines, in the source directory, what the mapping reads. A new document gets everything that the caller knows of the source.
func (w *writer) source(o *objectMapping, m *mapping.ObjectMapping) error {
	directory := o.rule.source
	object := directory.objectNamed(m.Source)
	if object == nil {
		object = directory.add(m.Source)
		known := w.meta.Users
		if m.Source == group {
			known = w.meta.Groups
		}
		object.define(known...)
	}
	for i := range m.Attributes {
		names, err := reads(&m.Attributes[i])
		if err != nil {
			return err
		}
		for _, name := range names {
			object.define(mapping.Definition{Name: name, Type: mapping.String})
		}
	}
	object.define(mapping.Definition{Name: sourceAnchor, Type: mapping.String, PrimaryKey: true, Required: true})
	return nil
}

// define adds the attributes that the object has not.
func (o *objectDefinition) define(all ...mapping.Definition) {
	attributes := o.ownList("attributes")
	for i := range all {
		d := all[i]
		if o.find(d.Name) != nil {
			continue
		}
		if d.PrimaryKey = strings.EqualFold(d.Name, sourceAnchor); d.PrimaryKey && o.anchored() {
			continue
		}
		o.attributes = append(o.attributes, &attributeDefinition{Definition: d})
		attributes.items = append(attributes.items, writeDefinition(nil, &d, map[string]string{user: user, group: group}))
	}
}

func (o *objectDefinition) anchored() bool {
	return slices.ContainsFunc(o.attributes, func(a *attributeDefinition) bool { return a.PrimaryKey })
}

// reads are the source attributes that a row reads.
func reads(a *mapping.AttributeMapping) ([]string, error) {
	switch a.Kind {
	case mapping.Direct:
		return []string{a.Value}, nil
	case mapping.Expression:
		root, err := expression.Parse(a.Value)
		if err != nil {
			return nil, err //nolint:wrapcheck // the caller names the row
		}
		return attributes(root), nil
	}
	return nil, nil
}

func attributes(n *expression.Node) []string {
	if n.Kind == expression.Attribute {
		return []string{n.Name}
	}
	var all []string
	for _, arg := range n.Args {
		all = append(all, attributes(arg)...)
	}
	return all
}
