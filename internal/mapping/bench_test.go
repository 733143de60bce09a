package mapping_test

import (
	"testing"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/gallery"
	"github.com/rollcall-id/rollcall/internal/mapping"
)

type anybody map[string]expression.Value

func (a anybody) Attribute(name string) (expression.Value, bool) { return a[name], true }

// BenchmarkEvaluate is the work of one person with the 22 rows of the generic template, without reading the directory.
func BenchmarkEvaluate(b *testing.B) {
	template, err := gallery.ByID("scim")
	if err != nil {
		b.Fatal(err)
	}
	m := template.Mapping.For("User")
	c, err := mapping.Compile(*m, func(string) bool { return true })
	if err != nil {
		b.Fatal(err)
	}
	source := anybody{}
	for _, name := range c.Attributes() {
		source[name] = expression.Str("value of " + name)
	}
	source["IsSoftDeleted"] = expression.Boolean(false)
	env := &expression.Env{Source: source}
	b.ReportAllocs()
	for b.Loop() {
		values, problems := c.Evaluate(b.Context(), env, false)
		if len(values) != len(m.Attributes) || len(problems) > 0 {
			b.Fatal(len(values), problems)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "people/s")
}

// BenchmarkExpression is a long expression on its own.
func BenchmarkExpression(b *testing.B) {
	p, err := expression.Compile(`ToLower(Join("@", NormalizeDiacritics(StripSpaces(Join(".", [givenName], [surname]))), "contoso.com"))`)
	if err != nil {
		b.Fatal(err)
	}
	env := &expression.Env{Source: anybody{"givenName": expression.Str("Mary Ann"), "surname": expression.Str("Größe")}}
	b.ReportAllocs()
	for b.Loop() {
		if v, err := p.Eval(b.Context(), env); err != nil || v.Text() != "maryann.grosse@contoso.com" {
			b.Fatal(v.Text(), err)
		}
	}
}
