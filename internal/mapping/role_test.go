package mapping_test

import (
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/mapping"
)

func rolesRow(expression string, change func(a *mapping.AttributeMapping)) mapping.ObjectMapping {
	a := row("roles", mapping.Expression, expression)
	a.MultiValued = true
	change(&a)
	return users(a)
}

func anyAttribute(string) bool { return true }

// What the functions of complex roles mean for the row is Entra's word, unless the row has its own.
func TestComplexRolesSetTheFlow(t *testing.T) {
	plain := func(*mapping.AttributeMapping) {}
	for _, c := range []struct {
		expression string
		change     func(a *mapping.AttributeMapping)
		apply      mapping.Apply
		whenEmpty  mapping.WhenEmpty
	}{
		{"AppRoleAssignmentsComplex([appRoleAssignments])", plain, mapping.AddValues, mapping.FromSetting},
		{"AppRoleAssignmentsComplex([appRoleAssignments])", func(a *mapping.AttributeMapping) { a.Apply = mapping.OnlyOnCreate }, mapping.OnlyOnCreate, mapping.FromSetting},
		{"AssertiveAppRoleAssignmentsComplex([appRoleAssignments])", plain, mapping.Always, mapping.Clear},
		{"AssertiveAppRoleAssignmentsComplex([appRoleAssignments])", func(a *mapping.AttributeMapping) { a.WhenEmpty = mapping.Leave }, mapping.Always, mapping.Leave},
		{"AppRoleAssignments([appRoleAssignments])", plain, mapping.Always, mapping.FromSetting},
	} {
		m := rolesRow(c.expression, c.change)
		compiled, err := mapping.Compile(m, anyAttribute)
		if err != nil {
			t.Errorf("%s: %v", c.expression, err)
			continue
		}
		last := func(rows []mapping.AttributeMapping) mapping.AttributeMapping { return rows[len(rows)-1] }
		if got := last(compiled.Mapping().Attributes); got.Apply != c.apply || got.WhenEmpty != c.whenEmpty {
			t.Errorf("%s: apply %q, whenEmpty %q; want %q and %q", c.expression, got.Apply, got.WhenEmpty, c.apply, c.whenEmpty)
		}
		if was := last(m.Attributes); was.Apply == mapping.AddValues {
			t.Errorf("%s: the caller's mapping was changed", c.expression)
		}
	}
}

func TestComplexRolesErrors(t *testing.T) {
	for want, m := range map[string]mapping.ObjectMapping{
		"gives a list of roles, and roles takes one value": rolesRow("AppRoleAssignmentsComplex([appRoleAssignments])",
			func(a *mapping.AttributeMapping) { a.MultiValued = false }),
		"the one adds roles, the other replaces them": rolesRow(
			`IIF([a] = "b", AppRoleAssignmentsComplex([appRoleAssignments]), AssertiveAppRoleAssignmentsComplex([appRoleAssignments]))`,
			func(*mapping.AttributeMapping) {}),
		"whenEmpty is clear, and apply is add-values": rolesRow("AppRoleAssignmentsComplex([appRoleAssignments])",
			func(a *mapping.AttributeMapping) { a.WhenEmpty = mapping.Clear }),
	} {
		if _, err := mapping.Compile(m, anyAttribute); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v; want %q", err, want)
		}
	}
}
