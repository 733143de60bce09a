package application

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/fault"
)

// DefaultRole is the role id of an assignment that names no role (Entra's Default Access).
const DefaultRole = "00000000-0000-0000-0000-000000000000"

// The limits of roles: those of Entra's application manifest.
const (
	maxRoles     = 1500
	maxRoleRunes = 250
)

// Role is an application role: what an assignment may give, and what the mapping functions of roles write (spec/entra-provisioning.md 2.8 and 6).
type Role struct {
	ID          string `json:"id"`
	Value       string `json:"value"` // as it is written; unique, letter case counts
	DisplayName string `json:"displayName"`
	Description string `json:"description,omitempty"`
	// Disabled: assignments of the role bring nobody into scope.
	Disabled bool `json:"disabled,omitempty"`
}

// check refuses what cannot be a role. The error is fault.ErrInvalid.
func (r Role) check() error {
	for _, field := range []struct{ name, text string }{{"value", r.Value}, {"display name", r.DisplayName}, {"description", r.Description}} {
		switch {
		case field.text == "" && field.name != "description":
			return fault.Errorf(fault.ErrInvalid, "the role has no %s; give one, such as Admin", field.name)
		case strings.TrimSpace(field.text) != field.text:
			return fault.Errorf(fault.ErrInvalid, "the %s %q of the role begins or ends with a space; remove it", field.name, field.text)
		case !utf8.ValidString(field.text) || strings.ContainsFunc(field.text, control):
			return fault.Errorf(fault.ErrInvalid, "the %s %q of the role contains characters that cannot be printed", field.name, field.text)
		case utf8.RuneCountInString(field.text) > maxRoleRunes:
			return fault.Errorf(fault.ErrInvalid, "the %s of the role has %d characters; at most %d are allowed",
				field.name, utf8.RuneCountInString(field.text), maxRoleRunes)
		}
	}
	if r.Value == DefaultRole {
		return fault.Errorf(fault.ErrInvalid, "the value %s means Default Access and cannot be that of a role", r.Value)
	}
	return nil
}

// Role returns the role with the value; nil: the application offers none.
func (a *Application) Role(value string) *Role {
	for i := range a.Roles {
		if a.Roles[i].Value == value {
			return &a.Roles[i]
		}
	}
	return nil
}

// SaveRole adds a role, or changes the one with its value. The next cycle is an initial one. Two roles of one id or display name are refused, because
// nobody could tell what an assignment means: Entra quarantines such an application (spec/entra-provisioning.md 1.8).
func (a *Application) SaveRole(r Role) error {
	if err := r.check(); err != nil {
		return err
	}
	roles := slices.DeleteFunc(slices.Clone(a.Roles), func(other Role) bool { return other.Value == r.Value })
	for _, other := range roles {
		switch {
		case strings.EqualFold(other.Value, r.Value):
			return fault.Errorf(fault.ErrConflict, "there is a role %q already, which differs in letter case only; choose another value", other.Value)
		case other.ID == r.ID || strings.EqualFold(other.DisplayName, r.DisplayName):
			return fault.Errorf(fault.ErrConflict, "the role %q has the display name %q already; choose another", other.Value, other.DisplayName)
		}
	}
	if len(roles) >= maxRoles {
		return fault.Errorf(fault.ErrInvalid, "the application has %d roles; at most %d are allowed", len(roles), maxRoles)
	}
	roles = append(roles, r)
	slices.SortFunc(roles, func(x, y Role) int { return strings.Compare(x.Value, y.Value) })
	if !slices.Equal(roles, a.Roles) {
		a.Roles = roles
		a.Revision++
	}
	return nil
}

// RemoveRole takes a role away. Assignments that give it must be gone before: they would keep a name that means nothing.
func (a *Application) RemoveRole(value string, assigned []Assignment) error {
	if a.Role(value) == nil {
		return a.UnknownRole(value)
	}
	n := 0
	for _, x := range assigned {
		if x.Role == value {
			n++
		}
	}
	if n > 0 {
		return fault.Errorf(fault.ErrConflict, "%d of the assignments give the role %q: assign another role first, or disable the role with `app role set`", n, value)
	}
	a.Roles = slices.DeleteFunc(slices.Clone(a.Roles), func(r Role) bool { return r.Value == value })
	a.Revision++
	return nil
}

// CheckRole refuses an assignment of a role that the application does not offer. The error names the nearest one.
func (a *Application) CheckRole(value string) error {
	if value == "" || value == DefaultRole || len(a.Roles) == 0 {
		return nil
	}
	r := a.Role(value)
	if r == nil {
		return a.UnknownRole(value)
	}
	if r.Disabled {
		return fault.Errorf(fault.ErrInvalid, "the role %q of application %s is disabled; enable it with `app role set`, or choose another", value, a.Name)
	}
	return nil
}

// UnknownRole is the error about a role that the application does not offer, fault.ErrNotFound; it names the nearest one.
func (a *Application) UnknownRole(value string) error {
	values := make([]string, 0, len(a.Roles))
	for _, r := range a.Roles {
		values = append(values, r.Value)
	}
	if near := expression.Nearest(value, values); near != "" {
		return fault.Errorf(fault.ErrNotFound, "application %s has no role %q: did you mean %s?", a.Name, value, near)
	}
	return fault.Errorf(fault.ErrNotFound, "application %s has no role %q; `app role list` shows those there are", a.Name, value)
}

// Disabled reports whether the role is one of those that give nothing.
func Disabled(roles []Role, value string) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return r.Value == value && r.Disabled })
}
