package graphschema

import (
	"encoding/json"
	"strings"
)

// comparisonType is the key of a clause that says what an attribute with several values needs. It is ours: Graph has it for operators only.
const comparisonType = "multivaluedComparisonType"

// scope reads the filter of an object mapping and gives it the form that internal/scope reads: known keys only, null and missing lists filled in.
// Empty: everybody passes.
func (r *reader) scope(n node, kind string) json.RawMessage {
	if n.value == nil || n.object("filter", "groups", "inputFilterGroups", "categoryFilterGroups", "name") == nil {
		return nil
	}
	if at := n.key("categoryFilterGroups"); len(at.list(maxList)) > 0 {
		at.remark(Changes, "categoryFilterGroups are experimental at Microsoft and not used here: move what they say to groups")
	}
	groups, inputs := r.filterGroups(n.key("groups")), r.filterGroups(n.key("inputFilterGroups"))
	if len(groups.items) == 0 && len(inputs.items) == 0 {
		return nil
	}
	raw := compact(made("groups", groups, "inputFilterGroups", inputs))
	if r.importing && r.checks.Scope != nil && len(r.problems) == 0 {
		if err := r.checks.Scope(kind, raw); err != nil {
			r.problems = append(r.problems, &placed{n.path, err})
		}
	}
	return raw
}

func (r *reader) filterGroups(n node) *list {
	out := &list{}
	for _, at := range n.list(maxList) {
		if at.object("scoping filter", "name", "clauses") == nil {
			continue
		}
		clauses := &list{}
		for _, at := range at.key("clauses").list(maxList) {
			if at.object("clause", "operatorName", "sourceOperandName", "targetOperand", comparisonType) != nil {
				clauses.items = append(clauses.items, r.clause(at))
			}
		}
		out.items = append(out.items, made("name", at.key("name").text(), "clauses", clauses))
	}
	return out
}

func (r *reader) clause(n node) *object {
	values := &list{}
	if operand := n.key("targetOperand"); operand.value != nil && operand.object("operand", "values") != nil {
		for _, at := range operand.key("values").list(maxList) {
			values.items = append(values.items, at.text())
		}
	}
	out := made("operatorName", n.key("operatorName").text(), "sourceOperandName", n.key("sourceOperandName").text(),
		"targetOperand", made("values", values))
	if of := n.key(comparisonType).text(); of != "" {
		out.set(comparisonType, of)
	}
	return out
}

// placed is an error of a filter, with the place of the filter before the place inside it.
type placed struct {
	path string
	err  error
}

func (p *placed) Error() string {
	text := p.err.Error()
	if strings.HasPrefix(text, "groups") || strings.HasPrefix(text, "inputFilterGroups") {
		return p.path + "." + text
	}
	return p.path + ": " + text
}

func (p *placed) Unwrap() error { return p.err }

// writeScope lays a filter over the one of the document. was is what an import makes of the document's.
func writeScope(o *object, was, filter json.RawMessage) error {
	fresh, err := canonicalScope(filter)
	if err != nil {
		return err
	}
	if string(fresh) == string(was) {
		if o.find("scope") < 0 {
			o.set("scope", nil)
		}
		return nil
	}
	old, _ := o.get("scope").(*object)
	if fresh == nil && old == nil {
		o.set("scope", nil)
		return nil
	}
	next := made("groups", &list{}, "inputFilterGroups", &list{})
	if fresh != nil {
		if next, err = parse(fresh); err != nil {
			return err
		}
	}
	if old == nil {
		next.set("categoryFilterGroups", &list{})
		o.set("scope", next)
		return nil
	}
	spell(old, "groups", "inputFilterGroups", "categoryFilterGroups")
	for _, key := range []string{"groups", "inputFilterGroups"} {
		before, _ := old.get(key).(*list)
		now, _ := next.get(key).(*list)
		old.set(key, overlayGroups(before, now))
	}
	return nil
}

// canonicalScope is the form that reader.scope gives a filter.
func canonicalScope(filter json.RawMessage) (json.RawMessage, error) {
	if len(filter) == 0 || string(filter) == "null" {
		return nil, nil
	}
	root, err := parse(filter)
	if err != nil {
		return nil, err
	}
	r := &reader{}
	raw := r.scope(node{r: r, path: "scope", value: root}, "")
	return raw, r.err()
}

// overlayGroups keeps of each scoping filter what nobody knows, when one of the same name was there.
func overlayGroups(before, now *list) *list {
	if before == nil {
		return now
	}
	out := &list{}
	for _, item := range now.items {
		fresh := item.(*object) //nolint:forcetypeassert // our own
		if old := named(before, fresh.get("name")); old != nil {
			spell(old, "name", "clauses")
			old.set("clauses", overlayClauses(old, fresh))
			fresh = old
		}
		out.items = append(out.items, fresh)
	}
	return out
}

func named(groups *list, name any) *object {
	for _, item := range groups.items {
		if o, ok := item.(*object); ok && o.get("name") == name {
			return o
		}
	}
	return nil
}

// overlayClauses keeps clauses that say the same as they were written.
func overlayClauses(old, fresh *object) *list {
	before, _ := old.get("clauses").(*list)
	now, _ := fresh.get("clauses").(*list)
	if before == nil {
		return now
	}
	out := &list{}
	for _, item := range now.items {
		for _, other := range before.items {
			if o, ok := other.(*object); ok {
				r := &reader{}
				if string(compact(r.clause(node{r: r, value: o}))) == string(compact(item)) {
					item = o
					break
				}
			}
		}
		out.items = append(out.items, item)
	}
	return out
}
