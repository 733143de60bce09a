package provisioning

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/scim"
)

// CheckMapping checks an application's whole mapping as cycles use it, what is switched off included: rows, source attributes, scoping filters. The error,
// fault.ErrInvalid, names everything that is wrong; warnings are what is allowed and probably not meant.
func (e *Engine) CheckMapping(ctx context.Context, app application.Application) (warnings []string, err error) {
	types, err := e.Directory.Registry(ctx, app.Organization)
	if err != nil {
		return nil, fmt.Errorf("read the types of the organization: %w", err)
	}
	var problems []error
	seen := map[string]bool{}
	for i := range app.Mapping.Objects {
		m := &app.Mapping.Objects[i]
		if seen[m.Source] {
			problems = append(problems, fmt.Errorf("there are two mappings of %s objects: keep one of them", m.Source))
			continue
		}
		seen[m.Source] = true
		some, err := e.checkObjectMapping(ctx, types, app, m)
		if err != nil {
			problems = append(problems, err)
		}
		for _, w := range some {
			warnings = append(warnings, m.Source+": "+w)
		}
	}
	if !seen[directory.User] && !seen[directory.Group] {
		problems = append(problems, errors.New("there is no mapping of users or groups, so there would be nothing to provision"))
	}
	if len(problems) > 0 {
		return warnings, fault.Errorf(fault.ErrInvalid, "%w", errors.Join(problems...))
	}
	return warnings, nil
}

// checkObjectMapping checks the mapping of one object type.
func (e *Engine) checkObjectMapping(
	ctx context.Context, types *scim.Registry, app application.Application, m *mapping.ObjectMapping,
) (warnings []string, err error) {
	var problems []error
	compiled, err := CompileMapping(types, *m)
	if err != nil {
		problems = append(problems, fmt.Errorf("the mapping %q of %s objects: %w", m.Name, m.Source, err))
	}
	if _, err := e.CheckFilter(ctx, app.Organization, m.Source, m.Scope); err != nil { // its warnings are those of Impact
		problems = append(problems, fmt.Errorf("the scoping filters of %s objects: %w", m.Source, err))
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	warnings = compiled.Warnings()
	if m.Source != directory.User {
		return warnings, nil
	}
	domain, err := e.domainOf(ctx, app)
	if err != nil {
		return nil, err
	}
	leaver := object{Object: directory.Object{ID: e.newID(), Type: m.Source}, attributes: directory.AttributesOf(types, m.Source), softDeleted: true}
	if w := leavingWarning(ctx, e.preview(leaver, domain), compiled, app); w != "" {
		warnings = append(warnings, w)
	}
	return warnings, nil
}

// leavingWarning says what does not become of the accounts of people who leave; empty: they are disabled, or deleted because the application prefers that. env
// evaluates rows for somebody made up who left.
func leavingWarning(ctx context.Context, env *expression.Env, compiled *mapping.Compiled, app application.Application) string {
	m := compiled.Mapping()
	p := policyOf(app, m)
	const stay = "whoever is disabled, unassigned or out of scope keeps an active account"
	switch {
	case !p.SoftDelete && !m.Delete && app.Settings.Deprovision == application.DeprovisionDelete:
		return "the mapping does not delete accounts, and the application is set to delete instead of disable: " + stay
	case !p.SoftDelete && !m.Delete:
		return "active is not mapped, and the mapping does not delete accounts: " + stay
	case !p.SoftDelete && app.Settings.Deprovision == application.DeprovisionDisable:
		return "active is not mapped: whoever leaves is deleted at the target instead of disabled"
	case !p.SoftDelete:
		return ""
	case !m.Update:
		return "the mapping does not update accounts, and disabling is an update: " + stay
	}
	if why := staysActive(ctx, env, compiled, p); why != "" {
		return why + ": " + stay + "; map active with Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")"
	}
	return ""
}

// staysActive says why the row of active leaves the account of somebody who left active; empty: it disables it.
func staysActive(ctx context.Context, env *expression.Env, compiled *mapping.Compiled, p Policy) string {
	var targets []string
	for _, a := range compiled.Mapping().Attributes {
		if isActive(a.Target) {
			targets = append(targets, a.Target)
		}
	}
	values, problems := compiled.Only(targets).Evaluate(ctx, env, false)
	if len(problems) > 0 {
		return fmt.Sprintf("active cannot be worked out for somebody who left and has no attributes (%v)", errors.Unwrap(problems[0]))
	}
	p.AppendOnly = false // a setting that says by itself that nobody is disabled
	for i := range values {
		c, changes := attributeChange(values[i], true, p)
		switch {
		case changes && c.New == false:
			return ""
		case values[i].Flow && !fillsOnly(values[i].Mapping) && !isEmpty(values[i].Value):
			return fmt.Sprintf("active is %v for somebody who left", values[i].Value)
		}
	}
	return "the row of active writes nothing for somebody who left"
}
