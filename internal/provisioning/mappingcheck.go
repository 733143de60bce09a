package provisioning

import (
	"context"
	"errors"
	"fmt"

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
	if m.Source == directory.User && m.Delete && app.Settings.Deprovision == application.DeprovisionDisable && !policyOf(app, m).SoftDelete {
		warnings = append(warnings, "active is not mapped: whoever leaves is deleted at the target instead of disabled")
	}
	return warnings, nil
}
