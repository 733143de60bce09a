package graphschema

import (
	"strings"

	"github.com/rollcall-id/rollcall/internal/mapping"
)

// The words of an attribute definition.
const (
	readWrite       = "ReadWrite"
	readOnly        = "ReadOnly"
	immutable       = "Immutable"
	writeOnly       = "WriteOnly"
	customerDefined = "IsCustomerDefined"
)

// objectDefinition is one object type of a directory.
type objectDefinition struct {
	node
	name       string
	attributes []*attributeDefinition
}

type attributeDefinition struct {
	node
	mapping.Definition
	unlisted string // why it cannot be in our list of attributes; empty: it can
}

// directories reads the definitions of both sides.
func (r *reader) directories(n node) []*directory {
	const maxDirectories = 50
	var out []*directory
	for _, at := range n.list(maxDirectories) {
		if at.object("directory", "id", "name", "version", "readOnly", "discoverabilities", "discoveryDateTime", "metadata", "objects") == nil {
			continue
		}
		for _, key := range []string{"id", "version", "discoverabilities", "discoveryDateTime"} {
			at.key(key).text()
		}
		at.key("readOnly").boolean(false)
		d := &directory{node: at, name: strings.TrimSpace(at.key("name").text())}
		if d.name == "" {
			at.key("name").problem("the directory has no name: rules refer to it by name")
		} else if other := directoryNamed(out, d.name); other != nil {
			at.key("name").problem("%s has the name %s already: expected another one", other.path, quote(d.name))
		}
		for _, at := range at.key("objects").list(maxObjects) {
			d.objects = append(d.objects, r.objectDefinition(at))
		}
		out = append(out, d)
	}
	return out
}

func (r *reader) objectDefinition(n node) *objectDefinition {
	o := &objectDefinition{node: n}
	if n.object("directory object", "name", "supportedApis", "metadata", "attributes") == nil {
		return o
	}
	o.name = strings.TrimSpace(n.key("name").text())
	for _, at := range n.key("attributes").list(maxAttributes) {
		if d := r.attributeDefinition(at); d != nil {
			o.attributes = append(o.attributes, d)
		}
	}
	return o
}

func (r *reader) attributeDefinition(n node) *attributeDefinition {
	if n.object("directory attribute", "name", "anchor", "caseExact", "type", "multivalued", "mutability", "required", "defaultValue", "flowNullValues",
		"apiExpressions", "referencedObjects", "metadata") == nil {
		return nil
	}
	d := &attributeDefinition{node: n}
	d.Name = strings.TrimSpace(n.key("name").text())
	if d.Name == "" {
		n.key("name").problem("the attribute has no name")
	}
	d.Type = mapping.Type(n.key("type").word(string(mapping.String), string(mapping.Boolean), string(mapping.Integer), string(mapping.DateTime),
		string(mapping.Reference), string(mapping.Binary)))
	d.PrimaryKey = n.key("anchor").boolean(false)
	d.CaseExact = n.key("caseExact").boolean(false)
	d.MultiValued = n.key("multivalued").boolean(false)
	d.Required = n.key("required").boolean(false)
	n.key("defaultValue").text()
	d.ReadOnly = n.key("mutability").word(readWrite, readOnly, immutable, writeOnly) == readOnly
	if at := n.key("flowNullValues"); at.boolean(false) {
		at.once("directory attribute", Ignored, "flowNullValues is for rules into Entra: it is kept, and not used; what an empty value does is set with each row")
	}
	if at := n.key("apiExpressions"); len(at.list(maxList)) > 0 {
		at.once("directory attribute", Ignored, "apiExpressions are for connectors of Microsoft: they are kept, and not used")
	}
	if d.Type == mapping.Reference {
		d.Reference = referenced(n.key("referencedObjects"))
	}
	for _, e := range n.key("metadata").metadata() {
		d.Custom = d.Custom || strings.EqualFold(e.key, customerDefined) && strings.EqualFold(e.value, "true")
	}
	return d
}

// referenced is the object type that a reference points to; "": both, or nothing is said.
func referenced(n node) string {
	kinds := map[string]bool{}
	for _, at := range n.list(maxList) {
		if at.object("referenced object", "referencedObjectName", "referencedProperty") != nil {
			kinds[kindOf(at.key("referencedObjectName").text())] = true
		}
	}
	if len(kinds) != 1 {
		return ""
	}
	for kind := range kinds {
		return kind
	}
	return ""
}

// find returns the definition of an attribute, in any letter case; nil: none.
func (o *objectDefinition) find(name string) *attributeDefinition {
	for _, d := range o.attributes {
		if strings.EqualFold(d.Name, name) {
			return d
		}
	}
	return nil
}

func (o *objectDefinition) names() []string {
	out := make([]string, len(o.attributes))
	for i, d := range o.attributes {
		out[i] = d.Name
	}
	return out
}

// check holds the object to what a mapping needs: one anchor, and each name once.
func (o *objectDefinition) check() {
	var anchors []string
	seen := map[string]string{}
	for _, d := range o.attributes {
		if d.PrimaryKey {
			anchors = append(anchors, d.Name)
		}
		key := strings.ToLower(d.Name)
		if other, twice := seen[key]; twice {
			d.key("name").problem("%s defines %s already: expected once", other, quote(d.Name))
		}
		seen[key] = d.path
	}
	switch len(anchors) {
	case 1:
	case 0:
		o.key("attributes").problem("no attribute of %s has \"anchor\": true: expected exactly one, the id of the object in the application", quote(o.name))
	default:
		o.key("attributes").problem("%s are both anchors of %s: expected exactly one, the id of the object in the application",
			strings.Join(anchors, " and "), quote(o.name))
	}
}

// metadata reads a list of keys and values.
func (n node) metadata() []entry {
	var out []entry
	for _, at := range n.list(maxAttributes) {
		if at.object("metadata entry", "key", "value") != nil {
			out = append(out, entry{at, at.key("key").text(), at.key("value").text()})
		}
	}
	return out
}

type entry struct {
	node
	key, value string
}
