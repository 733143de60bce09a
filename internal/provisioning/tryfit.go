package provisioning

import (
	"context"
	"errors"
	"strings"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
)

// fitter checks values against a target attribute: as the only row of a mapping that creates an account.
type fitter struct {
	object   string // the target's object type
	row      mapping.AttributeMapping
	compiled *mapping.Compiled
	wrong    error
}

// newFitter finds the attribute among the rows of the mapping, and then in the target's attribute list.
func newFitter(
	app application.Application, typ string, attributes *directory.Attributes, r TrialRequest, known mapping.Known,
) (*fitter, error) {
	m := app.Mapping.For(typ)
	if m == nil {
		return nil, fault.Errorf(fault.ErrInvalid, "application %s has no mapping of %s objects, so there is no target attribute", app.Name, typ)
	}
	row, err := targetRow(m, r.Attribute)
	if err != nil {
		return nil, err
	}
	row.Kind, row.Value, row.Default, row.WhenEmpty = mapping.Expression, r.Expression, "", mapping.FromSetting
	row.Matching, row.Apply = 0, mapping.OnlyOnCreate
	// Every mapping needs a row that matches.
	match := mapping.AttributeMapping{Target: "externalId", Kind: mapping.Direct, Value: "objectId", Matching: 1, Apply: mapping.Always, Type: mapping.String}
	if strings.EqualFold(row.Target, match.Target) {
		match.Target = "userName"
	}
	alone := *m
	alone.Enabled, alone.Attributes = true, []mapping.AttributeMapping{match, row}
	// As the attribute list defines them, and without it: it need not have what is matched by here.
	set := mapping.Set{Objects: []mapping.ObjectMapping{alone}}
	alone = set.Effective().Objects[0]
	f := &fitter{object: m.Target, row: row}
	if f.compiled, f.wrong = mapping.Compile(alone, known); f.wrong == nil {
		f.wrong = checkReferences(attributes, f.compiled.Mapping())
	}
	if f.wrong == nil {
		f.compiled = f.compiled.Only([]string{row.Target})
	}
	var wrong mapping.RowError
	if errors.As(f.wrong, &wrong) {
		f.wrong = wrong.Err
	}
	return f, nil
}

// targetRow is the row of a target attribute, or what a row of it would be.
func targetRow(m *mapping.ObjectMapping, attribute string) (mapping.AttributeMapping, error) {
	var names []string
	for _, a := range m.Attributes {
		if strings.EqualFold(a.Target, attribute) {
			return a, nil
		}
		names = append(names, a.Target)
	}
	for _, d := range m.Definitions {
		if strings.EqualFold(d.Name, attribute) {
			return mapping.AttributeMapping{
				Target: d.Name, Type: d.Type, CaseExact: d.CaseExact, MultiValued: d.MultiValued, Reference: d.Reference,
			}, nil
		}
		names = append(names, d.Name)
	}
	hint := ""
	if near := expression.Nearest(attribute, names); near != "" {
		hint = "; did you mean " + near + "?"
	}
	return mapping.AttributeMapping{}, fault.Errorf(fault.ErrInvalid,
		"the target attribute %q is neither mapped nor in the attribute list of %s objects%s", attribute, m.Target, hint)
}

// RowExpression is the row of a target attribute as an expression.
func RowExpression(m *mapping.ObjectMapping, attribute string) (string, error) {
	for _, a := range m.Attributes {
		if !strings.EqualFold(a.Target, attribute) {
			continue
		}
		switch a.Kind {
		case mapping.Direct:
			return "[" + a.Value + "]", nil
		case mapping.Constant:
			return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(a.Value) + `"`, nil
		case mapping.Expression:
			return a.Value, nil
		}
		return "", fault.Errorf(fault.ErrInvalid, "the row of %s has no source: its kind is %s", a.Target, a.Kind)
	}
	if _, err := targetRow(m, attribute); err != nil {
		return "", err
	}
	return "", fault.Errorf(fault.ErrInvalid, "the target attribute %s is in the attribute list, but no row of the mapping writes it", attribute)
}

// try says whether the value that the expression has in env fits.
func (f *fitter) try(ctx context.Context, env *expression.Env) *TrialFit {
	out := &TrialFit{Attribute: f.row.Target, Type: string(f.row.Type)}
	if f.wrong != nil {
		out.Message = f.wrong.Error()
		return out
	}
	values, problems := f.compiled.Evaluate(ctx, env, true)
	switch {
	case len(problems) > 0:
		out.Message = problems[0].Err.Error()
	case len(values) > 0:
		out.Fits, out.Value = true, values[0].Logged()
		if values[0].Mapping.Type != "" {
			out.Type = string(values[0].Mapping.Type)
		}
	}
	return out
}

// unique asks the target who has a value of the attribute.
func (f *fitter) unique(accounts Target) func(context.Context, string) (bool, error) {
	return func(ctx context.Context, candidate string) (bool, error) {
		found, err := accounts.Find(ctx, f.object, f.row.Target, candidate)
		return len(found) == 0, err
	}
}
