package application

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
)

func users() mapping.Set {
	return mapping.Set{Objects: []mapping.ObjectMapping{{Source: "User", Target: "User", Enabled: true}}}
}

func TestNew(t *testing.T) {
	a, err := New("a1", "o1", "Vault Platform", "vault-platform", users(), time.Unix(1, 0))
	if err != nil || a.Scope != ScopeAssigned || a.On || a.Revision != 1 || a.Settings.Interval != DefaultInterval {
		t.Errorf("New = %+v, %v", a, err)
	}
	for _, name := range []string{"", " ", " x", "a\x00b", "tab\there", strings.Repeat("n", 121), "\xff"} {
		if _, err := New("a", "o", name, "scim", users(), time.Unix(1, 0)); !errors.Is(err, fault.ErrInvalid) {
			t.Errorf("New with name %q: %v", name, err)
		}
	}
}

// TestRevision says which changes make the next cycle an initial one.
func TestRevision(t *testing.T) {
	set := func(pairs ...string) func(*Application) error {
		return func(a *Application) error {
			s, err := a.Settings.With(pairs...)
			a.SetSettings(s)
			return err
		}
	}
	for _, tt := range []struct {
		name   string
		change func(*Application) error
		want   int64
	}{
		{"same mapping", func(a *Application) error { return a.SetMapping(users()) }, 1},
		{"other mapping", func(a *Application) error { return a.SetMapping(mapping.Set{}) }, 2},
		{"attribute that no row writes", func(a *Application) error {
			set := users()
			set.Objects[0].Definitions = []mapping.Definition{{Name: "title", Type: mapping.String}}
			err := a.SetMapping(set)
			if a.Mapping.Objects[0].Definition("title") == nil {
				return errors.New("the list was not kept")
			}
			return err
		}, 1},
		{"same scope", func(a *Application) error { return a.SetScope(ScopeAssigned) }, 1},
		{"other scope", func(a *Application) error { return a.SetScope(ScopeAll) }, 2},
		{"filter", func(a *Application) error { return a.SetFilters("User", json.RawMessage(`{}`)) }, 2},
		{"no filter", func(a *Application) error { return a.SetFilters("User", nil) }, 1},
		{"groups off", set("groups=off"), 2},
		{"skip on", set("skip-out-of-scope-deletions=on"), 2},
		{"when empty", set("when-empty=leave"), 2},
		{"interval", set("interval=5m", "concurrency=3", "deletion-threshold=3"), 1},
	} {
		a, err := New("a1", "o1", "App", "scim", users(), time.Unix(1, 0))
		if err != nil {
			t.Fatal(err)
		}
		if err := tt.change(&a); err != nil || a.Revision != tt.want {
			t.Errorf("%s: revision %d, %v; want %d", tt.name, a.Revision, err, tt.want)
		}
	}
}

func TestSetFiltersLeavesTheTemplateAlone(t *testing.T) {
	template := users()
	a, err := New("a1", "o1", "App", "scim", template, time.Unix(1, 0))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.SetFilters("User", json.RawMessage(`{"groups":[]}`)); err != nil {
		t.Fatal(err)
	}
	if template.Objects[0].Scope != nil {
		t.Error("the template's mapping was changed too")
	}
	if err := a.SetFilters("Group", nil); !errors.Is(err, fault.ErrInvalid) {
		t.Errorf("filters for a type without mapping: %v", err)
	}
	if err := a.SetScope("some"); !errors.Is(err, fault.ErrInvalid) {
		t.Errorf("SetScope(some) = %v", err)
	}
}
