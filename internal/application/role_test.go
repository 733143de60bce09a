package application

import (
	"errors"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/fault"
)

func TestSaveRole(t *testing.T) {
	a := Application{Name: "Vault", Revision: 1, Roles: []Role{{ID: "1", Value: "Admin", DisplayName: "Administrator"}}}
	for _, c := range []struct {
		name string
		role Role
		want error
		says string
	}{
		{"new", Role{ID: "2", Value: "Reader", DisplayName: "Reader"}, nil, ""},
		{"changed", Role{ID: "1", Value: "Admin", DisplayName: "Chief"}, nil, ""},
		{"no value", Role{ID: "2", DisplayName: "x"}, fault.ErrInvalid, "no value"},
		{"no name", Role{ID: "2", Value: "x"}, fault.ErrInvalid, "no display name"},
		{"space", Role{ID: "2", Value: " x", DisplayName: "x"}, fault.ErrInvalid, "begins or ends with a space"},
		{"control", Role{ID: "2", Value: "x\ny", DisplayName: "x"}, fault.ErrInvalid, "cannot be printed"},
		{"long", Role{ID: "2", Value: strings.Repeat("x", 251), DisplayName: "x"}, fault.ErrInvalid, "251 characters"},
		{"default access", Role{ID: "2", Value: DefaultRole, DisplayName: "x"}, fault.ErrInvalid, "Default Access"},
		{"letter case", Role{ID: "2", Value: "admin", DisplayName: "x"}, fault.ErrConflict, "letter case"},
		{"same name", Role{ID: "2", Value: "x", DisplayName: "administrator"}, fault.ErrConflict, "choose another"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := a
			err := b.SaveRole(c.role)
			if !errors.Is(err, c.want) || (err != nil && !strings.Contains(err.Error(), c.says)) {
				t.Fatalf("error %v, want %v with %q", err, c.want, c.says)
			}
			if changed := b.Revision != a.Revision; changed != (err == nil) {
				t.Errorf("revision %d after error %v", b.Revision, err)
			}
			if err == nil && *b.Role(c.role.Value) != c.role {
				t.Errorf("the role is %+v, want %+v", *b.Role(c.role.Value), c.role)
			}
			if a.Roles[0].DisplayName != "Administrator" || len(a.Roles) != 1 {
				t.Errorf("the former roles were written over: %+v", a.Roles)
			}
		})
	}
}

func TestSaveRoleTwiceIsNoChange(t *testing.T) {
	a := Application{Roles: []Role{{ID: "1", Value: "Admin", DisplayName: "Administrator"}}, Revision: 7}
	if err := a.SaveRole(a.Roles[0]); err != nil || a.Revision != 7 {
		t.Errorf("revision %d, error %v, want 7 and none", a.Revision, err)
	}
}

func TestRemoveRole(t *testing.T) {
	a := Application{Name: "Vault", Roles: []Role{{Value: "Admin"}, {Value: "Reader"}}}
	if err := a.RemoveRole("Admin", []Assignment{{Role: "Admin"}, {Role: "Reader"}}); !errors.Is(err, fault.ErrConflict) || !strings.Contains(err.Error(), "1 of the assignments") {
		t.Errorf("a role in use: %v", err)
	}
	if err := a.RemoveRole("Adnim", nil); !errors.Is(err, fault.ErrNotFound) || !strings.Contains(err.Error(), "did you mean Admin?") {
		t.Errorf("an unknown role: %v", err)
	}
	if err := a.RemoveRole("Reader", []Assignment{{Role: "Admin"}}); err != nil || len(a.Roles) != 1 || a.Revision != 1 {
		t.Errorf("%v, roles %v, revision %d", err, a.Roles, a.Revision)
	}
}

func TestCheckRole(t *testing.T) {
	free := Application{Name: "Vault"}
	listed := Application{Name: "Vault", Roles: []Role{{Value: "Admin"}, {Value: "Old", Disabled: true}}}
	for _, c := range []struct {
		app  *Application
		role string
		want string // part of the error; empty: none
	}{
		{&free, "anything", ""},
		{&listed, "", ""},
		{&listed, DefaultRole, ""},
		{&listed, "Admin", ""},
		{&listed, "Admni", "did you mean Admin?"},
		{&listed, "zzzzzzzz", "app role list"},
		{&listed, "Old", "is disabled"},
	} {
		err := c.app.CheckRole(c.role)
		if (err == nil) != (c.want == "") || (err != nil && !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%q: %v, want %q", c.role, err, c.want)
		}
	}
}
