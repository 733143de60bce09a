package graphschema

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcall-id/rollcall/internal/mapping"
)

// The words of flowTypes.
const (
	flowNone   = "None"
	flowAdd    = "Add"
	flowUpdate = "Update"
	flowDelete = "Delete"
)

// objectMapping reads an object mapping that is used.
func (r *reader) objectMapping(o *objectMapping) {
	m := &o.mapping
	if m.Source == user && !m.Enabled {
		o.key("enabled").problem("the mapping of users is switched off: expected true; to stop provisioning, stop the application instead")
	}
	m.Create, m.Update, m.Delete = actions(o.key("flowTypes"))
	r.objectMetadata(o)
	name := strings.TrimSpace(o.key("targetObjectName").text())
	if o.definition = o.rule.target.objectNamed(name); o.definition == nil {
		o.key("targetObjectName").problem("the directory %s has no object %s: expected one of %s.objects[].name%s", quote(o.rule.target.name), quote(name),
			o.rule.target.path, didYouMean(name, o.rule.target.objectNames()))
		return
	}
	o.definition.check()
	extras := o.extras()
	o.list(extras)
	o.readRows(extras)
	m.Scope = r.scope(o.key("scope"), m.Source)
	o.number()
	if r.importing {
		r.compile(o)
	}
	m.Attributes = nil
	for _, row := range o.rows {
		if row.left == "" {
			m.Attributes = append(m.Attributes, row.mapping)
		}
	}
}

// list makes our list of the application's attributes. What it cannot hold, such as names that are no SCIM paths, stays in the document.
func (o *objectMapping) list(extras extras) {
	for _, d := range o.definition.attributes {
		if extras.get(extraUndefined, d.Name) != "" || extras.get(extraDefinitions, "") != "" {
			continue
		}
		d.Doc = extras.get(extraDoc, d.Name)
		if o.r.importing {
			d.unlisted = unlisted(d.Definition)
		} else {
			d.unlisted = extras.get(extraUnlisted, d.Name)
		}
		if d.unlisted != "" {
			d.key("name").remark(Ignored, "the attribute is kept, and not in the application's list of attributes: %s", d.unlisted)
			continue
		}
		o.mapping.Definitions = append(o.mapping.Definitions, d.Definition)
	}
}

// unlisted says why our list cannot hold a definition; "": it can. What a list may hold is asked of the one who judges it when it is used.
func unlisted(d mapping.Definition) string {
	const anchor, attribute = "objectId", "userName"
	probe := mapping.ObjectMapping{Source: user, Target: user, Enabled: true, Definitions: []mapping.Definition{d}}
	if !strings.EqualFold(d.Name, attribute) {
		probe.Definitions = append(probe.Definitions, mapping.Definition{Name: attribute, Type: mapping.String})
		probe.Attributes = []mapping.AttributeMapping{{Target: attribute, Kind: mapping.Direct, Value: anchor, Matching: 1, Type: mapping.String}}
	}
	_, err := mapping.Compile(probe, func(string) bool { return true })
	if err == nil || len(probe.Attributes) == 0 {
		return ""
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	if _, why, ok := strings.Cut(text, strconv.Quote(d.Name)+": "); ok {
		return why
	}
	return text
}

// readRows reads the rows, each target attribute once.
func (o *objectMapping) readRows(extras extras) {
	seen := map[string]string{}
	for _, at := range o.key("attributeMappings").list(maxRows) {
		row := o.r.row(at, o, extras)
		if row == nil {
			continue
		}
		key := strings.ToLower(row.mapping.Target)
		if other, twice := seen[key]; twice {
			row.key("targetAttributeName").problem("%s writes %s already: expected one row for each attribute", other, quote(row.mapping.Target))
			continue
		}
		seen[key] = at.path
		o.rows = append(o.rows, row)
	}
}

// actions reads flowTypes: flags with commas between them. Nothing at all means all of them.
func actions(n node) (create, update, remove bool) {
	text := strings.TrimSpace(n.text())
	if text == "" {
		return true, true, true
	}
	for word := range strings.SplitSeq(text, ",") {
		one := node{n.r, n.path, word}
		switch one.word(flowNone, flowAdd, flowUpdate, flowDelete) {
		case flowAdd:
			create = true
		case flowUpdate:
			update = true
		case flowDelete:
			remove = true
		}
	}
	return create, update, remove
}

// number makes the precedences of matching rows distinct, as they are here, without changing their order.
func (o *objectMapping) number() {
	var matching []*rowMapping
	seen := map[int]bool{}
	twice := false
	for _, row := range o.rows {
		if p := row.mapping.Matching; p > 0 && row.left == "" {
			matching = append(matching, row)
			twice = twice || seen[p]
			seen[p] = true
		}
	}
	if !twice {
		return
	}
	slices.SortStableFunc(matching, func(a, b *rowMapping) int { return cmp.Compare(a.mapping.Matching, b.mapping.Matching) })
	for i, row := range matching {
		if before := row.mapping.Matching; before != i+1 {
			row.key("matchingPriority").remark(Ignored, "two rows have the same matching priority: this one's %d becomes %d, in the order of the document", before, i+1)
		}
		row.mapping.Matching = i + 1
	}
}

// compile leaves out the rows that Rollcall cannot execute, each with a remark that says why.
func (r *reader) compile(o *objectMapping) {
	for {
		var rows []*rowMapping
		o.mapping.Attributes = nil
		for _, row := range o.rows {
			if row.left == "" {
				rows = append(rows, row)
				o.mapping.Attributes = append(o.mapping.Attributes, row.mapping)
			}
		}
		if len(r.problems) > 0 {
			return // what cannot be read cannot be judged
		}
		err := r.checks.compile(o.mapping)
		if err == nil {
			return
		}
		wrong := rowErrors(err)
		if len(wrong) == 0 {
			o.key("attributeMappings").problem("%v", err)
			return
		}
		for _, e := range wrong {
			row := rows[e.Row-1]
			row.left, _, _ = strings.Cut(e.Err.Error(), "\n") // without the caret, which needs a line of its own
			row.remark(Refused, "the row for %s is left out: %s", row.mapping.Target, row.left)
		}
	}
}

// rowErrors finds the errors that are about one row.
func rowErrors(err error) []mapping.RowError {
	if e, ok := err.(mapping.RowError); ok { //nolint:errorlint // each level is looked at below
		return []mapping.RowError{e}
	}
	if one := errors.Unwrap(err); one != nil {
		return rowErrors(one)
	}
	var all []mapping.RowError
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			all = append(all, rowErrors(e)...)
		}
	}
	return all
}

// objectMetadata remarks on what Graph calls experimental.
func (r *reader) objectMetadata(o *objectMapping) {
	for _, e := range o.key("metadata").metadata() {
		off := e.value == "" || strings.EqualFold(e.value, "false")
		switch strings.ToLower(e.key) {
		case "iscustomerdefined":
		case "escrowbehavior":
			if !strings.EqualFold(e.value, "Default") {
				e.remark(Ignored, "EscrowBehavior %s is kept: a reference that cannot be resolved yet never holds up anybody here", quote(e.value))
			}
		case "disposition":
			if !strings.EqualFold(e.value, "Normal") {
				e.remark(Changes, "Disposition %s is kept, and not used: objects are provisioned as usual", quote(e.value))
			}
		case "disablemonitoringforchanges", "unsynchronized":
			if !off {
				e.remark(Changes, "%s is kept, and not used: objects are followed and provisioned as usual", e.key)
			}
		default:
			e.remark(Ignored, "the metadata %s is kept, and not used", quote(e.key))
		}
	}
}

func (d *directory) objectNamed(name string) *objectDefinition {
	for _, o := range d.objects {
		if strings.EqualFold(o.name, name) {
			return o
		}
	}
	return nil
}

func (d *directory) objectNames() []string {
	out := make([]string, len(d.objects))
	for i, o := range d.objects {
		out[i] = o.name
	}
	return out
}
