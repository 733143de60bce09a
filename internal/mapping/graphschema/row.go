package graphschema

import (
	"strings"

	"github.com/rollcall-id/rollcall/internal/mapping"
)

// The words of flowType and flowBehavior. The first of each is what nothing means.
const (
	flowAlways       = "Always"
	flowOnCreate     = "ObjectAddOnly"
	flowAddValues    = "MultiValueAddOnly"
	flowValueAdd     = "ValueAddOnly"
	flowWhenAbsent   = "AttributeAddOnly"
	flowWhenChanged  = "FlowWhenChanged"
	flowEveryTime    = "FlowAlways"
	wordsOfFlowTypes = 5
)

// flows are the words of flowType beside ours.
func flows() [wordsOfFlowTypes]struct {
	graph string
	apply mapping.Apply
} {
	return [wordsOfFlowTypes]struct {
		graph string
		apply mapping.Apply
	}{
		{flowAlways, mapping.Always},
		{flowOnCreate, mapping.OnlyOnCreate},
		{flowAddValues, mapping.AddValues},
		{flowValueAdd, mapping.AddOnly},
		{flowWhenAbsent, mapping.WhenAbsent},
	}
}

// applies reads a flowType.
func applies(n node) mapping.Apply {
	var words []string
	for _, f := range flows() {
		words = append(words, f.graph)
	}
	word := n.word(words...)
	for _, f := range flows() {
		if f.graph == word {
			return f.apply
		}
	}
	return mapping.Always
}

// row reads an attribute mapping; nil after a problem.
func (r *reader) row(n node, o *objectMapping, extras extras) *rowMapping {
	if n.object("attribute mapping", "targetAttributeName", "source", "matchingPriority", "defaultValue", "flowType", "flowBehavior",
		"exportMissingReferences") == nil {
		return nil
	}
	row := &rowMapping{node: n}
	m := &row.mapping
	m.Target = strings.TrimSpace(n.key("targetAttributeName").text())
	if m.Target == "" {
		n.key("targetAttributeName").problem("found nothing: expected the name of an attribute of %s", quote(o.definition.name))
		return nil
	}
	definition := o.definition.find(m.Target)
	if definition == nil {
		n.key("targetAttributeName").problem("%s is not among the attributes of %s: add it to %s, or correct the name%s", quote(m.Target),
			quote(o.definition.name), o.definition.key("attributes").path, didYouMean(m.Target, o.definition.names()))
		return nil
	}
	m.Type, m.Required, m.CaseExact = definition.Type, definition.Required, definition.CaseExact
	m.MultiValued, m.Reference = definition.MultiValued, definition.Reference
	m.Kind, m.Value = r.source(n.key("source"))
	m.Default = n.key("defaultValue").text()
	m.Apply = applies(n.key("flowType"))
	m.FlowAlways = n.key("flowBehavior").word(flowWhenChanged, flowEveryTime) == flowEveryTime
	m.Matching = matching(n.key("matchingPriority"), m)
	m.WhenEmpty = whenEmpty(o, extras.get(extraWhenEmpty, m.Target), m.Target)
	if n.key("exportMissingReferences").boolean(false) {
		n.key("exportMissingReferences").remark(Changes, "a reference to somebody who has no account yet is written here when the account exists, not before")
	}
	if !r.importing {
		row.left = extras.get(extraLeftOut, m.Target)
	}
	return row
}

// matching reads the precedence. What cannot tell people apart does not match here.
func matching(n node, m *mapping.AttributeMapping) int {
	precedence := n.whole()
	switch {
	case precedence < 0:
		n.problem("found %d: expected 1, 2, 3, or 0 for a row that is not used for matching", precedence)
	case precedence > 0 && (m.Kind == mapping.None || m.Kind == mapping.Constant):
		n.remark(Changes, "a row of kind %s has no value that tells people apart: it is not used for matching", m.Kind)
		return 0
	case precedence > 0 && m.Type == mapping.Reference:
		n.remark(Changes, "a reference has no value before the account it points to exists: it is not used for matching")
		return 0
	}
	return precedence
}

func whenEmpty(o *objectMapping, word, target string) mapping.WhenEmpty {
	w := mapping.WhenEmpty(strings.ToLower(word))
	switch w {
	case mapping.FromSetting, mapping.Leave, mapping.Clear, mapping.UseDefault:
		return w
	}
	o.rule.key("metadata").problem("%s for %s is %s: expected %s, %s or %s", extraWhenEmpty, quote(target), quote(word),
		mapping.Leave, mapping.Clear, mapping.UseDefault)
	return mapping.FromSetting
}
