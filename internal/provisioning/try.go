package provisioning

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
)

// TrialRequest says what is tried.
type TrialRequest struct {
	Expression string
	// Attribute is the target attribute that the value has to fit; empty: none.
	Attribute string
	// Accounts is asked by SelectUniqueValue whether Attribute has a value already; nil: every value counts as free.
	Accounts Target
}

// Try evaluates an expression for one object of the application's organization, as a mapping would. A mistake in the expression is an answer, not an error.
func (e *Engine) Try(ctx context.Context, app application.Application, s Subject, r TrialRequest) (Trial, error) {
	obj, err := e.Directory.Object(ctx, app.Organization, s.Type, s.ID)
	if err != nil {
		return Trial{}, fmt.Errorf("read the object: %w", err)
	}
	all, err := e.tryAll(ctx, app, s.Type, []directory.Object{obj}, r)
	if err != nil {
		return Trial{}, err
	}
	return all[0], nil
}

// TryObject evaluates an expression for an object that is not in the directory.
func (e *Engine) TryObject(ctx context.Context, app application.Application, o *TrialObject, r TrialRequest) (Trial, error) {
	t, err := e.newTrier(ctx, app, o.typ, r, o.Known)
	if err != nil {
		return Trial{}, err
	}
	return t.try(ctx, o), nil
}

// tryAll evaluates for several objects of one type.
func (e *Engine) tryAll(ctx context.Context, app application.Application, typ string, objects []directory.Object, r TrialRequest) ([]Trial, error) {
	t, err := e.newTrier(ctx, app, typ, r, nil)
	if err != nil {
		return nil, err
	}
	rules, err := e.compileRules(ctx, app)
	if err != nil && !errors.Is(err, fault.ErrInvalid) { // a broken mapping is what somebody may be trying to mend
		return nil, err
	}
	entitled, err := e.Assignments.Entitlements(ctx, app.Organization, app.ID, typ, identifiers(objects), app.Settings.NestedGroups)
	if err != nil {
		return nil, fmt.Errorf("read the assignments: %w", err)
	}
	var around kin
	if r := rules[typ]; r != nil {
		if around, err = r.kinOf(ctx, e.Directory, app, objects, e.now()); err != nil {
			return nil, err
		}
	}
	out := make([]Trial, 0, len(objects))
	for _, obj := range objects {
		source := object{Object: obj, attributes: t.attributes, roles: rolesOf(app.Roles, entitled[obj.ID].Roles), kin: around}
		source.softDeleted = !obj.Live() || (typ == directory.User && !obj.Active())
		if r := rules[typ]; r != nil && !source.softDeleted {
			source.softDeleted = !r.scopeOf(app, source, entitled[obj.ID]).In
		}
		trial := t.try(ctx, source)
		trial.Source = &TrialSource{Type: typ, ID: obj.ID, Name: obj.Name()}
		out = append(out, trial)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	return out, nil
}

// trier evaluates one expression for any number of objects.
type trier struct {
	engine     *Engine
	request    TrialRequest
	attributes *directory.Attributes
	program    *expression.Program
	wrong      error // why the expression cannot be used
	fit        *fitter
	domain     string // the organization's default domain
}

// newTrier compiles what is asked for. known are source attributes beside those of the directory; nil: none.
func (e *Engine) newTrier(ctx context.Context, app application.Application, typ string, r TrialRequest, known func(string) bool) (*trier, error) {
	types, err := e.Directory.Registry(ctx, app.Organization)
	if err != nil {
		return nil, fmt.Errorf("read the types of the organization: %w", err)
	}
	t := &trier{engine: e, request: r, attributes: directory.AttributesOf(types, typ)}
	if t.domain, err = e.domainOf(ctx, app); err != nil {
		return nil, err
	}
	standard := KnownAttribute(types, typ)
	all := func(name string) bool { return standard(name) || (known != nil && known(name)) }
	if r.Attribute != "" {
		if t.fit, err = newFitter(app, typ, t.attributes, r, all); err != nil {
			return nil, err
		}
	}
	if t.program, t.wrong = expression.Compile(r.Expression); t.wrong == nil {
		t.wrong = t.program.Check(all, KnownNames(types, typ)...)
	}
	return t, nil
}

// try is the answer for one object.
func (t *trier) try(ctx context.Context, source expression.Source) Trial {
	out := Trial{Result: []string{}, Steps: []TrialStep{}}
	if t.wrong != nil {
		out.Error = trialError("ExpressionParsingFailed", t.wrong)
		return out
	}
	out.Parsed = true
	env := t.engine.preview(source, t.domain)
	switch {
	case !t.program.Calls("SelectUniqueValue"):
	case t.request.Accounts != nil && t.fit != nil:
		env.Unique = t.fit.unique(t.request.Accounts)
	default:
		out.Notes = append(out.Notes, "SelectUniqueValue did not ask the target: the first value counts as free")
	}
	value, steps, err := t.program.Trace(ctx, env)
	for _, step := range steps {
		out.Steps = append(out.Steps, TrialStep{Expression: step.Expression, Value: values(step.Value)})
	}
	if err != nil {
		out.Error = trialError("ExpressionEvaluationFailed", err)
		return out
	}
	out.Evaluated, out.Result = true, values(value)
	if t.fit != nil {
		out.Fit = t.fit.try(ctx, env)
	}
	return out
}
