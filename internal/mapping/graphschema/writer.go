package graphschema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/internal/mapping"
)

// writer lays a mapping over a document.
type writer struct {
	*document
	meta Meta
}

// set writes every object mapping, and takes out those that the set has no longer.
func (w *writer) set(set *mapping.Set) error {
	spell(w.root.value, "id", "version", "provisioningTaskIdentifier", "synchronizationRules", "directories")
	fill(w.root.value, "id", uuid(w.meta.ID, documentID), "version", firstVersion, "provisioningTaskIdentifier", taskOf(w.meta))
	for _, o := range w.objects {
		if set.For(o.mapping.Source) == nil {
			remove(o.rule.ownList("objectMappings"), o.value)
			o.rule.replaceExtras(o.extraPrefix(), nil)
		}
	}
	for i := range set.Objects {
		m := &set.Objects[i]
		if m.Source != user && m.Source != group {
			return fmt.Errorf("the mapping %s is for objects of the type %q: expected %s or %s", quote(m.Name), m.Source, user, group)
		}
		o := w.find(m.Source)
		if o == nil {
			o = w.add(m)
		}
		if err := w.objectMapping(o, m); err != nil {
			return fmt.Errorf("%s: %w", m.Name, err)
		}
		if err := w.source(o, m); err != nil {
			return fmt.Errorf("%s: %w", m.Name, err)
		}
	}
	return nil
}

func (w *writer) find(source string) *objectMapping {
	for _, o := range w.objects {
		if o.mapping.Source == source {
			return o
		}
	}
	return nil
}

// add makes an object mapping, and the object of the application that it writes, in the rule of the others.
func (w *writer) add(m *mapping.ObjectMapping) *objectMapping {
	rule := w.rules[0]
	if len(w.objects) > 0 {
		rule = w.objects[0].rule
	}
	name := userObject
	if m.Source == group {
		name = groupObject
	}
	for _, d := range rule.target.objects {
		if kindOf(d.name) == m.Source {
			name = d.name
		}
	}
	o := &objectMapping{rule: rule, definition: rule.target.objectNamed(name)}
	o.mapping.Source = m.Source
	o.value = made("name", m.Name, "enabled", m.Enabled, "flowTypes", flowTypes(m), "sourceObjectName", m.Source, "targetObjectName", name,
		"scope", nil, "metadata", &list{}, "attributeMappings", &list{})
	o.mapping.Create, o.mapping.Update, o.mapping.Delete, o.mapping.Enabled = m.Create, m.Update, m.Delete, m.Enabled
	mappings := rule.ownList("objectMappings")
	mappings.items = append(mappings.items, o.value)
	if o.definition == nil {
		o.definition = rule.target.add(name)
	}
	w.objects = append(w.objects, o)
	return o
}

// add defines an object type.
func (d *directory) add(name string) *objectDefinition {
	o := &objectDefinition{name: name}
	o.value = made("name", name, "supportedApis", nil, "metadata", &list{[]any{
		made("key", "IsSoftDeletionSupported", "value", "true"),
		made("key", "IsSynchronizeAllSupported", "value", "true"),
	}}, "attributes", &list{})
	d.objects = append(d.objects, o)
	objects := d.ownList("objects")
	objects.items = append(objects.items, o.value)
	return o
}

// objectMapping writes one object mapping.
func (w *writer) objectMapping(o *objectMapping, m *mapping.ObjectMapping) error {
	w.rule(o.rule)
	spell(o.value, "name", "enabled", "flowTypes", "sourceObjectName", "targetObjectName", "scope", "metadata", "attributeMappings")
	target := o.value.(*object) //nolint:forcetypeassert // it was read as one, or made
	target.set("name", m.Name)
	target.set("enabled", m.Enabled)
	if was := &o.mapping; was.Create != m.Create || was.Update != m.Update || was.Delete != m.Delete || !spelt(target.get("flowTypes")) {
		target.set("flowTypes", flowTypes(m))
	}
	if err := writeScope(target, o.mapping.Scope, m.Scope); err != nil {
		return err
	}
	if err := w.rows(o, m); err != nil {
		return err
	}
	extras := w.definitions(o, m)
	for i := range m.Attributes {
		if a := &m.Attributes[i]; a.WhenEmpty != mapping.FromSetting {
			extras = append(extras, o.extra(extraWhenEmpty, a.Target, string(a.WhenEmpty)))
		}
	}
	o.rule.replaceExtras(o.extraPrefix(), slices.Concat(extras, o.leftOut(), o.unlisted()))
	return nil
}

// rule completes a rule that lacks what Entra wants, and the directories it names.
func (w *writer) rule(r *rule) {
	spell(r.value, "id", "name", "priority", "editable", "sourceDirectoryName", "targetDirectoryName", "metadata", "groupings", "containerFilter",
		"groupFilter", "objectMappings")
	fill(r.value, "id", ruleID, "name", ruleName, "priority", number("1"), "editable", true, "sourceDirectoryName", entraDirectory)
	if r.source == nil {
		name, _ := r.key("sourceDirectoryName").value.(string)
		if r.source = directoryNamed(w.directories, name); r.source == nil {
			r.source = &directory{name: name}
			r.source.value = blankDirectory(uuid(w.meta.ID, sourceDirectID), name, true)
			directories := w.root.ownList("directories")
			directories.items = append(directories.items, r.source.value)
			w.directories = append(w.directories, r.source)
		}
	}
	for id, d := range map[string]*directory{sourceDirectID: r.source, targetDirectID: r.target} {
		spell(d.value, "id", "name", "version", "readOnly", "discoverabilities", "discoveryDateTime", "metadata", "objects")
		fill(d.value, "id", uuid(w.meta.ID, id))
	}
}

func (o *objectMapping) extra(word, attribute, value string) *object {
	return made("key", o.extraPrefix()+extraKey(word, attribute), "value", value)
}

func flowTypes(m *mapping.ObjectMapping) string {
	var words []string
	for _, f := range []struct {
		on   bool
		word string
	}{{m.Create, flowAdd}, {m.Update, flowUpdate}, {m.Delete, flowDelete}} {
		if f.on {
			words = append(words, f.word)
		}
	}
	if len(words) == 0 {
		return flowNone
	}
	return strings.Join(words, ", ")
}

// spelt reports whether flowTypes is written in Graph's words.
func spelt(value any) bool {
	text, ok := value.(string)
	if !ok {
		return false
	}
	for word := range strings.SplitSeq(text, ",") {
		if !slices.Contains([]string{flowNone, flowAdd, flowUpdate, flowDelete}, strings.TrimSpace(word)) {
			return false
		}
	}
	return true
}

// ownList returns the list that is the value of a key, and puts one there if there is none.
func (n node) ownList(key string) *list {
	o := n.value.(*object) //nolint:forcetypeassert // it was read as one
	l, ok := o.get(key).(*list)
	if !ok {
		l = &list{}
		o.set(key, l)
	}
	return l
}

func remove(l *list, value any) {
	l.items = slices.DeleteFunc(l.items, func(item any) bool { return item == value })
}

// fill gives values to keys that have none. The arguments are pairs of key and value.
func fill(value any, pairs ...any) {
	o := value.(*object) //nolint:forcetypeassert // it was read as one
	for _, m := range made(pairs...).members {
		if o.get(m.key) == nil {
			o.set(m.key, m.value)
		}
	}
}

// spell writes known keys as Graph does, whatever the letter case they came in.
func spell(value any, keys ...string) {
	o, _ := value.(*object)
	if o == nil {
		return
	}
	for _, key := range keys {
		if i := o.find(key); i >= 0 {
			o.members[i].key = key
		}
	}
}
