package graphschema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/internal/mapping"
)

// The names of the directory that mappings read from. Entra writes the first.
const (
	entraDirectory = "Azure Active Directory"
	entraToday     = "Microsoft Entra ID"
)

// document is what was understood of a synchronizationSchema.
type document struct {
	root        node
	directories []*directory
	rules       []*rule
	objects     []*objectMapping // those that are honoured, in the order of their rules' priorities
}

type directory struct {
	node
	name    string
	objects []*objectDefinition
}

// rule is one synchronization rule, from the source directory to the target.
type rule struct {
	node
	priority int
	target   *directory
	source   *directory
	mappings []*objectMapping
}

// objectMapping is one object mapping of a rule.
type objectMapping struct {
	node
	rule       *rule
	definition *objectDefinition // of the target's object
	rows       []*rowMapping     // all, in the order of the document
	mapping    mapping.ObjectMapping
}

// rowMapping is one attribute mapping.
type rowMapping struct {
	node
	mapping mapping.AttributeMapping
	left    string // why the row is left out; empty: it is honoured
}

// document reads the whole.
func (r *reader) document(n node) *document {
	n.object("document", "id", "version", "provisioningTaskIdentifier", "synchronizationRules", "directories")
	for _, key := range []string{"id", "version", "provisioningTaskIdentifier"} {
		n.key(key).text()
	}
	doc := &document{root: n, directories: r.directories(n.key("directories"))}
	rules := n.key("synchronizationRules").list(maxRules)
	if len(rules) == 0 && len(r.problems) == 0 {
		n.key("synchronizationRules").problem("there is no rule: expected one that maps users of %s to the application", entraDirectory)
	}
	for _, at := range rules {
		if rule := r.rule(at, doc.directories); rule != nil {
			doc.rules = append(doc.rules, rule)
		}
	}
	slices.SortStableFunc(doc.rules, func(a, b *rule) int { return cmp.Compare(a.priority, b.priority) })
	doc.choose(r)
	for _, o := range doc.objects {
		r.objectMapping(o)
	}
	return doc
}

// rule reads a rule and the head of its object mappings. A rule that does not lead out of Entra is nil after a remark.
func (r *reader) rule(n node, directories []*directory) *rule {
	if n.object("synchronization rule", "id", "name", "priority", "editable", "sourceDirectoryName", "targetDirectoryName", "metadata", "groupings",
		"containerFilter", "groupFilter", "objectMappings") == nil {
		return nil
	}
	n.key("id").text()
	name := n.key("name").text()
	n.key("editable").boolean(true)
	out := &rule{node: n, priority: n.key("priority").whole()}
	from, to := strings.TrimSpace(n.key("sourceDirectoryName").text()), strings.TrimSpace(n.key("targetDirectoryName").text())
	if from != "" && !strings.EqualFold(from, entraDirectory) && !strings.EqualFold(from, entraToday) {
		n.remark(Refused, "the rule %s reads from %s: only rules that lead from %s to the application are used", quote(name), quote(from), entraDirectory)
		return nil
	}
	out.source = directoryNamed(directories, from)
	if out.target = directoryNamed(directories, to); out.target == nil {
		n.key("targetDirectoryName").problem("no directory is named %s: expected one of directories[].name%s", quote(to), didYouMean(to, directoryNames(directories)))
		return nil
	}
	r.limits(n)
	for _, at := range n.key("objectMappings").list(maxMappings) {
		if o := r.head(at); o != nil {
			o.rule = out
			out.mappings = append(out.mappings, o)
		}
	}
	return out
}

// limits remarks on what narrows a rule in a way that Rollcall has not.
func (r *reader) limits(n node) {
	for _, key := range []string{"containerFilter", "groupFilter"} {
		if at := n.key(key); !empty(at.value) {
			at.remark(Changes, "the rule takes only objects of some organizational units or groups: use assignments or a scoping filter here instead")
		}
	}
	if at := n.key("groupings"); len(at.list(maxList)) > 0 {
		at.remark(Ignored, "groupings are kept, and not used")
	}
}

// empty reports whether a filter says nothing: null, or an object whose members say nothing.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case *object:
		return !slices.ContainsFunc(v.members, func(m member) bool { return !strings.HasPrefix(m.key, "@odata.") && !empty(m.value) })
	case *list:
		return len(v.items) == 0
	case string:
		return v == ""
	}
	return false
}

// head reads what says whether an object mapping is used; nil after a remark: it is not.
func (r *reader) head(n node) *objectMapping {
	if n.object("object mapping", "name", "enabled", "flowTypes", "sourceObjectName", "targetObjectName", "scope", "metadata", "attributeMappings") == nil {
		return nil
	}
	o := &objectMapping{node: n}
	m := &o.mapping
	m.Name, m.Enabled = n.key("name").text(), n.key("enabled").boolean(true)
	source, target := n.key("sourceObjectName").text(), n.key("targetObjectName").text()
	m.Source = kindOf(source)
	if m.Source == "" {
		severity := Refused
		if !m.Enabled {
			severity = Ignored
		}
		n.key("sourceObjectName").remark(severity, "the mapping %s is for objects of the type %s: only %s and %s are provisioned",
			quote(m.Name), quote(source), user, group)
		return nil
	}
	m.Target = kindOf(target)
	switch {
	case m.Target == "":
		m.Target = m.Source
		n.key("targetObjectName").remark(Changes, "the application's object is %s: it is written as the SCIM resource type %s", quote(target), m.Target)
	case m.Target != m.Source:
		n.remark(Refused, "the mapping %s turns a %s into a %s: source and target must be of one type", quote(m.Name), m.Source, m.Target)
		return nil
	}
	return o
}

// kindOf is the object type that a name or a URN means: the last word of urn:ietf:params:scim:schemas:extension:enterprise:2.0:User. "": another one.
func kindOf(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	switch name[strings.LastIndexByte(name, ':')+1:] {
	case "user", "users":
		return user
	case "group", "groups":
		return group
	}
	return ""
}

// choose picks the object mapping of each type that counts: the first enabled one by the priority of the rules, or else the first.
func (doc *document) choose(r *reader) {
	for _, kind := range []string{user, group} {
		var all []*objectMapping
		for _, rule := range doc.rules {
			for _, o := range rule.mappings {
				if o.mapping.Source == kind {
					all = append(all, o)
				}
			}
		}
		if len(all) == 0 {
			continue
		}
		chosen := all[max(0, slices.IndexFunc(all, func(o *objectMapping) bool { return o.mapping.Enabled }))]
		doc.objects = append(doc.objects, chosen)
		for _, o := range all {
			if o != chosen && o.mapping.Enabled {
				o.remark(Changes, "%s maps objects of the type %s already, with a lower priority number or before: this mapping is kept, and not used", chosen.path, kind)
			} else if o != chosen {
				o.remark(Ignored, "the mapping is disabled and another one for %s is used: it is kept", kind)
			}
		}
	}
	if len(r.problems) == 0 && !slices.ContainsFunc(doc.objects, func(o *objectMapping) bool { return o.mapping.Source == user }) {
		r.problem("synchronizationRules", "no object mapping has the sourceObjectName %s: expected one, in a rule from %s to the application", user, entraDirectory)
	}
	slices.SortStableFunc(doc.objects, func(a, b *objectMapping) int { return cmp.Compare(doc.place(a), doc.place(b)) })
}

// place orders object mappings: by rule, and within a rule as written.
func (doc *document) place(o *objectMapping) int {
	return slices.Index(doc.rules, o.rule)*maxMappings + slices.Index(o.rule.mappings, o)
}

func directoryNamed(all []*directory, name string) *directory {
	for _, d := range all {
		if strings.EqualFold(d.name, name) {
			return d
		}
	}
	return nil
}

func directoryNames(all []*directory) []string {
	names := make([]string, len(all))
	for i, d := range all {
		names[i] = d.name
	}
	return names
}

// String names an object mapping for a person.
func (o *objectMapping) String() string { return fmt.Sprintf("%s (%s)", o.path, o.mapping.Name) }
