package provisioning_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcall-id/rollcall/internal/mapping"
)

// mapping changes the mapping: "mapping User update=off", "mapping User remove active", "mapping User title whenEmpty=leave".
func (r *script) mapping(args []string, pairs map[string]string) {
	r.t.Helper()
	set := r.mappingCopy()
	m := set.For(args[0])
	switch {
	case args[1] == "remove":
		m.Attributes = slices.DeleteFunc(m.Attributes, func(a mapping.AttributeMapping) bool { return a.Target == args[2] })
	case strings.Contains(args[1], "="):
		for k, v := range pairs {
			on := v == "on"
			switch k {
			case "create":
				m.Create = on
			case "update":
				m.Update = on
			case "delete":
				m.Delete = on
			case "enabled":
				m.Enabled = on
			default:
				r.t.Fatalf("unknown word %q of a mapping", k)
			}
		}
	default:
		i := slices.IndexFunc(m.Attributes, func(a mapping.AttributeMapping) bool { return a.Target == args[1] })
		if i < 0 {
			m.Attributes = append(m.Attributes, mapping.AttributeMapping{Target: args[1], Apply: mapping.Always, Type: mapping.String})
			i = len(m.Attributes) - 1
		}
		a := &m.Attributes[i]
		for k, v := range pairs {
			switch k {
			case "kind":
				a.Kind = mapping.Kind(v)
			case "value":
				a.Value = v
			case "default":
				a.Default = v
			case "apply":
				a.Apply = mapping.Apply(v)
			case "whenEmpty":
				a.WhenEmpty = mapping.WhenEmpty(v)
			case "required":
				a.Required = v == "on"
			case "multiValued":
				a.MultiValued = v == "on"
			case "flowAlways":
				a.FlowAlways = v == "on"
			case "caseExact":
				a.CaseExact = v == "on"
			case "type":
				a.Type = mapping.Type(v)
			case "matching":
				var err error
				a.Matching, err = strconv.Atoi(v)
				r.must(err)
			default:
				r.t.Fatalf("unknown word %q of a row", k)
			}
		}
	}
	r.must(r.app.SetMapping(set))
	r.save()
}

// row adds a row of the mapping, or replaces the one of its target: "row User {"target":"title","kind":"direct","value":"jobTitle"}".
func (r *script) row(typ, text string) {
	r.t.Helper()
	a := mapping.AttributeMapping{Kind: mapping.Direct, Apply: mapping.Always, Type: mapping.String}
	r.must(json.Unmarshal([]byte(text), &a))
	set := r.mappingCopy()
	m := set.For(typ)
	if i := slices.IndexFunc(m.Attributes, func(o mapping.AttributeMapping) bool { return o.Target == a.Target }); i >= 0 {
		m.Attributes[i] = a
	} else {
		m.Attributes = append(m.Attributes, a)
	}
	r.must(r.app.SetMapping(set))
	r.save()
}

// mappingCopy is the application's mapping, to be changed. It has no list of the target's attributes: the rows of a script say what their targets are.
func (r *script) mappingCopy() mapping.Set {
	r.t.Helper()
	raw, err := json.Marshal(r.app.Mapping)
	r.must(err)
	var set mapping.Set
	r.must(json.Unmarshal(raw, &set))
	for i := range set.Objects {
		set.Objects[i].Definitions = nil
	}
	return set
}
