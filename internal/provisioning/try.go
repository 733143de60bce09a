package provisioning

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
)

// Trial is the JSON of `app mapping try`: what an expression is for a real object (Microsoft Graph's parseExpression).
type Trial struct {
	Parsed    bool        `json:"parsingSucceeded"`
	Evaluated bool        `json:"evaluationSucceeded"`
	Result    []string    `json:"evaluationResult"` // null is empty, a list has its values
	Error     *TrialError `json:"error"`
	Steps     []TrialStep `json:"steps"`
}

// TrialError says what is wrong with the expression, or went wrong in evaluating it.
type TrialError struct {
	Code     string `json:"code"`
	Message  string `json:"message"`
	Position int    `json:"position"` // character, counted from 1
	Caret    string `json:"-"`        // the place in the text, for a terminal
}

// TrialStep is one part of the expression with its value.
type TrialStep struct {
	Expression string   `json:"expression"`
	Value      []string `json:"value"`
}

// Try evaluates an expression for one object of the application's organization, as a mapping would. A mistake in the expression is an answer, not an error.
func (e *Engine) Try(ctx context.Context, app application.Application, s Subject, text string) (Trial, error) {
	obj, err := e.Directory.Object(ctx, app.Organization, s.Type, s.ID)
	if err != nil {
		return Trial{}, fmt.Errorf("read the object: %w", err)
	}
	all, err := e.compileRules(ctx, app)
	if err != nil {
		return Trial{}, err
	}
	entitled, err := e.Assignments.Entitlements(ctx, app.Organization, app.ID, s.Type, []string{s.ID}, app.Settings.NestedGroups)
	if err != nil {
		return Trial{}, fmt.Errorf("read the assignments: %w", err)
	}
	source := object{Object: obj, roles: rolesOf(app.Roles, entitled[s.ID].Roles)}
	if r := all[s.Type]; r != nil {
		around, err := r.kinOf(ctx, e.Directory, app, []directory.Object{obj}, e.now())
		if err != nil {
			return Trial{}, err
		}
		source = r.object(obj, entitled[s.ID], around)
		source.softDeleted = !obj.Live() || !obj.Active() || !r.scopeOf(app, source, entitled[s.ID]).In
	}
	out := Trial{Result: []string{}, Steps: []TrialStep{}}
	p, err := expression.Compile(text)
	if err != nil {
		out.fail("ExpressionParsingFailed", err)
		return out, nil
	}
	out.Parsed = true
	value, steps, err := p.Trace(ctx, &expression.Env{Source: source, Now: e.now})
	for _, step := range steps {
		out.Steps = append(out.Steps, TrialStep{Expression: step.Expression, Value: values(step.Value)})
	}
	if err != nil {
		out.fail("ExpressionEvaluationFailed", err)
		return out, nil
	}
	out.Evaluated, out.Result = true, values(value)
	return out, nil
}

func (t *Trial) fail(code string, err error) {
	t.Error = &TrialError{Code: code, Message: err.Error()}
	var at *expression.Error
	if errors.As(err, &at) {
		t.Error.Message, t.Error.Position, t.Error.Caret = at.Message, at.Position, at.Caret()
	}
}

func values(v expression.Value) []string {
	if v.IsNull() {
		return []string{}
	}
	return v.List()
}
