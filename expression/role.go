package expression

// roleType is the type that Entra gives the roles it writes (spec/entra-provisioning.md 2.8).
const roleType = "WindowsAzureActiveDirectoryRole"

// The members of an application role, as [appRoleAssignments] carries them.
const (
	RoleID          = "id"
	RoleValue       = "value"
	RoleDisplayName = "displayName"
)

// The functions of complex roles, which differ in what a mapping makes of them: AddsRoles are only ever added at the target, AssertsRoles are all there are.
const (
	AddsRoles    = "AppRoleAssignmentsComplex"
	AssertsRoles = "AssertiveAppRoleAssignmentsComplex"
)

// roleFunctions read [appRoleAssignments], the roles that a person has in the application.
func roleFunctions() []Function {
	roles := []Param{{Name: "appRoleAssignments", Type: MultiValue, Doc: "the attribute [appRoleAssignments]"}}
	two := []Given{{"appRoleAssignments", []string{"Admin", "User"}}}
	return []Function{
		{
			Name:   "SingleAppRoleAssignment",
			Params: roles,
			Result: Text,
			Doc: "The value of the one role that the person has in the application; null without one. Several roles are an error, because only one could be " +
				"written.",
			Examples: []Example{
				{Expression: `SingleAppRoleAssignment([appRoleAssignments])`, Given: given("appRoleAssignments", "Admin"), Want: []string{"Admin"}},
				{Expression: `SingleAppRoleAssignment([appRoleAssignments])`, Given: two, Fails: "2 roles"},
				{Expression: `SingleAppRoleAssignment([appRoleAssignments])`},
			},
			build: buildSingleRole,
		},
		{
			Name:     "AppRoleAssignments",
			Params:   roles,
			Result:   MultiValue,
			Doc:      "The values of all roles that the person has in the application.",
			Examples: []Example{{Expression: `AppRoleAssignments([appRoleAssignments])`, Given: two, Want: []string{"Admin", "User"}}},
			build:    onValue(func(v Value) Value { return ListOf(v.List()) }),
		},
		{
			Name:   AddsRoles,
			Params: roles,
			Result: MultiValue,
			Doc: "All roles of the person as complex values with value, display and type, for the target attribute roles. As in Entra they are only added: a role " +
				"that is taken away stays at the target. Use AssertiveAppRoleAssignmentsComplex to take it away there as well.",
			Examples: []Example{{Expression: `AppRoleAssignmentsComplex([appRoleAssignments])`, Given: two, Want: []string{"Admin", "User"}}},
			build:    onValue(complexRoles),
		},
		{
			Name:     AssertsRoles,
			Params:   roles,
			Result:   MultiValue,
			Doc:      "All roles of the person as complex values with value, display and type, for the target attribute roles, which then has exactly these.",
			Examples: []Example{{Expression: `AssertiveAppRoleAssignmentsComplex([appRoleAssignments])`, Given: two, Want: []string{"Admin", "User"}}},
			build:    onValue(complexRoles),
		},
	}
}

func buildSingleRole(c *call) (code, error) {
	return func(s *state) (Value, error) {
		v, err := c.value(s, 0)
		if err != nil {
			return NullValue, err
		}
		one, ok := v.single()
		if !ok {
			return NullValue, c.fail("the person has %d roles in the application, and only one can be written: assign one", len(v.list))
		}
		return one, nil
	}, nil
}

// complexRoles gives each role the members that Entra writes. A role without a name of its own shows its value.
func complexRoles(v Value) Value {
	var details []Object
	if v.kind == List {
		details = v.objects
	}
	values := v.List()
	roles := make([]Object, len(values))
	for i, value := range values {
		display := value
		if i < len(details) {
			if name, ok := details[i].Members[RoleDisplayName].(string); ok && name != "" {
				display = name
			}
		}
		roles[i] = Object{Text: value, Members: map[string]any{"value": value, "display": display, "type": roleType, "primary": false}}
	}
	return ListOfObjects(roles)
}
