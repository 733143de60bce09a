package graphschema_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/gallery"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/mapping/graphschema"
)

// Random mappings, made here or by changing an imported one, travel through a document without loss.
func TestRandomMappingsRoundTrip(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 4))
		set := someSet(t, r)
		for i := range set.Objects {
			change(r, &set.Objects[i])
			if _, err := mapping.Compile(set.Objects[i], func(string) bool { return true }); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
		roundTrip(t, set)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// someSet is a template's mapping or that of a document.
func someSet(t *testing.T, r *rand.Rand) mapping.Set {
	t.Helper()
	templates := gallery.Templates()
	names := documents(t)
	if i := r.IntN(len(templates) + len(names)); i < len(templates) {
		return templates[i].Mapping
	} else if set, _, err := graphschema.Import(read(t, names[i-len(templates)]+".json"), checks()); err == nil {
		return set
	}
	t.Fatal("a document is not imported")
	return mapping.Set{}
}

// change changes a mapping as an administrator could.
func change(r *rand.Rand, m *mapping.ObjectMapping) {
	if m.Source == "Group" {
		m.Enabled = r.IntN(2) == 0
	}
	m.Name += []string{"", " of ours", `, "quoted"`}[r.IntN(3)]
	m.Create, m.Update, m.Delete = r.IntN(2) == 0, r.IntN(2) == 0, r.IntN(2) == 0
	if r.IntN(3) == 0 {
		m.Scope = someScope(r)
	}
	m.Attributes = slices.DeleteFunc(m.Attributes, func(a mapping.AttributeMapping) bool { return a.Matching == 0 && r.IntN(4) == 0 })
	r.Shuffle(len(m.Attributes), func(i, j int) { m.Attributes[i], m.Attributes[j] = m.Attributes[j], m.Attributes[i] })
	for i := range m.Attributes {
		changeRow(r, &m.Attributes[i])
	}
	mapped := func(d mapping.Definition) bool {
		return slices.ContainsFunc(m.Attributes, func(a mapping.AttributeMapping) bool { return a.Target == d.Name })
	}
	switch unmapped := slices.IndexFunc(m.Definitions, func(d mapping.Definition) bool { return !mapped(d) && !d.PrimaryKey }); {
	case r.IntN(5) == 0:
		m.Definitions = nil
	case unmapped >= 0 && r.IntN(2) == 0:
		m.Definitions = slices.Delete(slices.Clone(m.Definitions), unmapped, unmapped+1)
	}
	for i := range r.IntN(4) {
		m.Attributes = append(m.Attributes, newRow(r, m, fmt.Sprintf("urn:example:random:1.0:a%d", i)))
	}
}

func changeRow(r *rand.Rand, a *mapping.AttributeMapping) {
	if a.Matching == 0 && a.Type == mapping.String && r.IntN(3) == 0 {
		a.Kind, a.Value = someSource(r)
		a.Default = []string{"", "x", "ä\n\"\\"}[r.IntN(3)]
		a.Apply = []mapping.Apply{mapping.Always, mapping.OnlyOnCreate}[r.IntN(2)]
	}
	if r.IntN(3) == 0 {
		a.WhenEmpty = []mapping.WhenEmpty{mapping.Leave, mapping.FromSetting}[r.IntN(2)]
		switch {
		case a.Apply == mapping.Always && a.Default != "":
			a.WhenEmpty = mapping.UseDefault
		case a.Apply == mapping.Always && r.IntN(2) == 0:
			a.WhenEmpty = mapping.Clear
		}
	}
}

func someSource(r *rand.Rand) (mapping.Kind, string) {
	switch r.IntN(4) {
	case 0:
		return mapping.None, ""
	case 1:
		return mapping.Constant, []string{"x", `a "b" \ c`, "12", "[mail]", "Zürich"}[r.IntN(5)]
	case 2:
		return mapping.Direct, []string{"mail", "givenName", "extension_ab_c", `emails[type eq "work"].value`}[r.IntN(4)]
	}
	return mapping.Expression, []string{
		`Join("-",[givenName] ,[surname])`, `Switch([city], , "a", , "b", "c")`, `IIF([city] = "", "none", Left([city], 3))`, `"a" & [mail]`,
		`Replace([mail], , "(?<x>\\w+)@.*", , "${x}", , )`,
	}[r.IntN(5)]
}

func newRow(r *rand.Rand, m *mapping.ObjectMapping, target string) mapping.AttributeMapping {
	a := mapping.AttributeMapping{Target: target, Apply: mapping.Always, Type: mapping.String, CaseExact: r.IntN(2) == 0, Required: r.IntN(2) == 0}
	a.Kind, a.Value = someSource(r)
	if len(m.Definitions) > 0 {
		m.Definitions = append(slices.Clone(m.Definitions), mapping.Definition{
			Name: target, Type: a.Type, Required: a.Required, CaseExact: a.CaseExact, Custom: r.IntN(2) == 0, Doc: []string{"", "made up"}[r.IntN(2)],
		})
	}
	return a
}

func someScope(r *rand.Rand) []byte {
	groups := func() string {
		var all []string
		for range r.IntN(3) {
			all = append(all, fmt.Sprintf(`{"name":"Scope: %d","clauses":[{"operatorName":"EQUALS","sourceOperandName":"country","targetOperand":{"values":["DE"]}}]}`, r.IntN(3)))
		}
		return strings.Join(all, ",")
	}
	if one, other := groups(), groups(); one+other != "" {
		return []byte(`{"groups":[` + one + `],"inputFilterGroups":[` + other + `]}`)
	}
	return nil
}
