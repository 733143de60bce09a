package provisioning

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/rollcall-id/rollcall/internal/mapping"
)

// flowRow is a row of tags with a value; a list makes it multi-valued.
func flowRow(apply mapping.Apply, value any, change ...func(*mapping.AttributeMapping)) mapping.Value {
	m := mapping.AttributeMapping{Target: "tags", Kind: mapping.Direct, Apply: apply, Type: mapping.String}
	_, m.MultiValued = value.([]any)
	for _, c := range change {
		c(&m)
	}
	return mapping.Value{Path: "tags", Mapping: &m, Value: value, Flow: m.Kind != mapping.None}
}

// TestFlow is each flow type against what the account has.
func TestFlow(t *testing.T) {
	many := func(m *mapping.AttributeMapping) { m.MultiValued = true }
	every := func(m *mapping.AttributeMapping) { m.FlowAlways = true }
	l := func(v ...any) []any { return v }
	object := func(v string) any { return map[string]any{"value": v, "type": "work"} }
	for _, tt := range []struct {
		name string
		v    mapping.Value
		old  any
		p    Policy
		want string // "": nothing is written
	}{
		{"always: another value", flowRow(mapping.Always, "b"), "a", Policy{}, "a → b"},
		{"always: empty, cleared", flowRow(mapping.Always, nil), "a", Policy{WhenEmpty: mapping.Clear}, "a → <nil>"},
		{"always: list, another order", flowRow(mapping.Always, l("a", "b")), l("B", "a"), Policy{}, ""},
		{"always: list, one less", flowRow(mapping.Always, l("a")), l("a", "b"), Policy{}, "[a b] → [a]"},
		{"always: list, empty, cleared", flowRow(mapping.Always, nil, many), l("a"), Policy{WhenEmpty: mapping.Clear}, "[a] → <nil>"},
		{"always: list of objects is shown by its values", flowRow(mapping.Always, l("a")), l(object("b")), Policy{}, "[b] → [a]"},
		{"always: list, append only", flowRow(mapping.Always, l("a")), l("b"), Policy{AppendOnly: true}, "[b] → [b a] adding [a]"},
		{"a list of one where one value is wanted", flowRow(mapping.Always, "a"), l(object("a")), Policy{}, ""},
		{"create", flowRow(mapping.OnlyOnCreate, "b"), "a", Policy{}, ""},
		{"create: empty account", flowRow(mapping.OnlyOnCreate, "b"), nil, Policy{}, ""},
		{"add-values: one more", flowRow(mapping.AddValues, l("a", "c")), l("b", "A"), Policy{}, "[b A] → [b A c] adding [c]"},
		{"add-values: all there", flowRow(mapping.AddValues, l("a")), l("b", "a"), Policy{}, ""},
		{"add-values: empty is never cleared", flowRow(mapping.AddValues, nil, many), l("b"), Policy{WhenEmpty: mapping.Clear}, ""},
		{"add-values: the first", flowRow(mapping.AddValues, l("a")), nil, Policy{}, "<nil> → [a] adding [a]"},
		{"add: another value", flowRow(mapping.AddOnly, "b"), "a", Policy{}, "a → b"},
		{"add: never cleared", flowRow(mapping.AddOnly, nil), "a", Policy{WhenEmpty: mapping.Clear}, ""},
		{"when-absent: nothing there", flowRow(mapping.WhenAbsent, "b"), nil, Policy{}, "<nil> → b"},
		{"when-absent: something there", flowRow(mapping.WhenAbsent, "b"), "a", Policy{}, ""},
		{"when-absent: list", flowRow(mapping.WhenAbsent, l("b")), l("a"), Policy{}, ""},
		{"when-absent: never cleared", flowRow(mapping.WhenAbsent, nil), "a", Policy{WhenEmpty: mapping.Clear}, ""},
		{"flow always: the same", flowRow(mapping.Always, "a", every), "A", Policy{}, "A → a again"},
		{"flow always: another", flowRow(mapping.Always, "b", every), "a", Policy{}, "a → b"},
		{"flow always: nothing to write", flowRow(mapping.Always, nil, every), nil, Policy{}, ""},
		{"flow always: add-values", flowRow(mapping.AddValues, l("a"), every), l("a", "b"), Policy{}, "[a b] → [a b] adding [a] again"},
	} {
		c, ok := attributeChange(tt.v, tt.old, tt.p)
		got := ""
		if ok {
			got = fmt.Sprint(c.Old, " → ", c.New)
			if c.Added != nil {
				got += fmt.Sprint(" adding ", c.Added)
			}
			if c.Same {
				got += " again"
			}
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// A row without a value fills an attribute that has none, later too, and leaves any other value alone.
func TestFlowOfNone(t *testing.T) {
	v := flowRow(mapping.Always, nil, func(m *mapping.AttributeMapping) { m.Kind = mapping.None })
	if _, ok := attributeChange(v, nil, Policy{WhenEmpty: mapping.Clear}); ok {
		t.Error("a row without a default wrote something")
	}
	v.Default = "x"
	if c, ok := attributeChange(v, nil, Policy{WhenEmpty: mapping.Clear}); !ok || c.New != "x" {
		t.Errorf("nothing there: got %+v, %t; want x", c, ok)
	}
	if c, ok := attributeChange(v, "y", Policy{WhenEmpty: mapping.Clear}); ok {
		t.Errorf("something there: got %+v", c)
	}
}

// What is filled only where nothing is must be seen at the account first: what we never wrote, somebody else may have.
func TestDecideLooksBeforeItFills(t *testing.T) {
	fill := yields(mapped(true, flowRow(mapping.WhenAbsent, "b"))...)
	if d := Decide(person(linkedActive, fill)); d.Need != NeedEntry {
		t.Errorf("got %+v; want a look at the account", d)
	}
	seen := func(values map[string]any) option {
		return func(s *Situation) { s.Target = Found{Known: Present, Values: values} }
	}
	if d := Decide(person(linkedActive, fill, seen(has(true)))); len(d.Changes) != 1 || d.Changes[0].New != "b" {
		t.Errorf("nothing there: %+v", d.Changes)
	}
	filled := has(true)
	filled["tags"] = "a"
	if d := Decide(person(linkedActive, fill, seen(filled))); d.Code != "RedundantExport" {
		t.Errorf("something there: %+v", d)
	}
	if d := Decide(person(linkedActive, fill, policy(func(p *Policy) { p.Update = false }))); d.Need != NeedNothing {
		t.Errorf("without updates there is no use in looking: %+v", d)
	}
}

// A value that is written in every cycle is no difference: it neither disables nor restores anybody, and no account is touched that must not be.
func TestDecideFlowAlways(t *testing.T) {
	every := rowActive
	every.FlowAlways = true
	values := yields(val(rowUserName, "mary@x.example"), val(every, true))
	d := Decide(person(linkedActive, values))
	if d.Action != "update" || len(d.Changes) != 1 || d.Reason != "written in every cycle: active" {
		t.Errorf("got %s %q %+v; want an update of active", d.Action, d.Reason, d.Changes)
	}
	if d := Decide(person(linkedActive, values, policy(func(p *Policy) { p.Update = false }))); d.Code != "RedundantExport" {
		t.Errorf("without updates: got %s %s", d.Code, d.Reason)
	}
}

// What was written once is not written again, whatever the lists were; and what is only added to loses nothing.
func TestFlowSettles(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pool := []any{"a", "B", "b", "c", map[string]any{"value": "a", "type": "x"}, map[string]any{"value": "d"}}
	some := func() []any {
		var out []any
		for range random.IntN(5) {
			out = append(out, pool[random.IntN(len(pool))])
		}
		return out
	}
	for range 5000 {
		want, old := some(), some()
		for _, apply := range []mapping.Apply{mapping.Always, mapping.AddValues, mapping.AddOnly, mapping.WhenAbsent} {
			v := flowRow(apply, want)
			p := Policy{WhenEmpty: mapping.Clear}
			c, ok := attributeChange(v, old, p)
			if !ok {
				continue
			}
			if again, ok := attributeChange(v, c.New, p); ok {
				t.Fatalf("%s %v over %v: %+v, and again %+v", apply, want, old, c, again)
			}
			if apply == mapping.AddValues && len(lacking(old, c.New, v.Mapping)) > 0 {
				t.Fatalf("%v added to %v gave %v", want, old, c.New)
			}
		}
	}
}

func TestLongListsAreAbridgedInRecords(t *testing.T) {
	list := make([]any, 150)
	for i := range list {
		list[i] = fmt.Sprint(i)
	}
	p := Change{Path: "tags", Old: list[:100], New: list}.property()
	if shown := p.New.([]any); len(shown) != 101 || shown[100] != "and 50 more" || len(p.Old.([]any)) != 100 || len(list) != 150 || list[100] != "100" {
		t.Errorf("got %v", p)
	}
}
