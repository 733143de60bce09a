package mapping

import (
	"fmt"

	"github.com/rollcall-id/rollcall/expression"
)

// compileRoles gives the two functions of complex roles what they mean in Entra (spec/entra-provisioning.md 2.8): the roles of AppRoleAssignmentsComplex are
// added and stay, those of AssertiveAppRoleAssignmentsComplex are all there are, so losing the last one clears the attribute unless the row says otherwise.
func (r *row) compileRoles() error {
	adds, asserts := r.program.Calls(expression.AddsRoles), r.program.Calls(expression.AssertsRoles)
	switch {
	case adds && asserts:
		return fmt.Errorf("the expression calls %s and %s: the one adds roles, the other replaces them; choose one", expression.AddsRoles, expression.AssertsRoles)
	case !adds && !asserts:
		return nil
	case !r.MultiValued:
		return fmt.Errorf("the expression gives a list of roles, and %s takes one value: set multiValued, or use SingleAppRoleAssignment", r.Target)
	case adds && r.Apply == Always:
		r.Apply = AddValues
		return r.checkFlow()
	case asserts && r.Apply == Always && r.WhenEmpty == FromSetting:
		r.WhenEmpty = Clear
	}
	return nil
}
