package provisioning_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
)

func TestCheckMapping(t *testing.T) {
	w := tryWorld(t)
	groups := mapping.ObjectMapping{
		Name: "groups", Source: "Group", Target: "Group", Attributes: []mapping.AttributeMapping{expressionRow("displayName", "[nobody]")},
	}
	filter := json.RawMessage(`{"groups":[{"name":"n","clauses":[{"operatorName":"IS NULL","sourceOperandName":"jobTitel","targetOperand":{"values":[]}}]}]}`)
	for _, c := range []struct {
		name          string
		change        func(a *application.Application)
		want, warning string
	}{
		{"as it comes", func(*application.Application) {}, "", ""},
		{"a row", func(a *application.Application) { setRow(a.Mapping.For("User"), expressionRow("title", "[jobTitel]")) }, "jobTitel", ""},
		{"a filter", func(a *application.Application) { a.Mapping.For("User").Scope = filter }, "jobTitel", ""},
		{"a mapping that is switched off", func(a *application.Application) { a.Mapping.Objects = append(a.Mapping.Objects, groups) }, "nobody", ""},
		{"the same type twice", func(a *application.Application) { a.Mapping.Objects = append(a.Mapping.Objects, a.Mapping.Objects[0]) }, "two mappings of User", ""},
		{"nothing", func(a *application.Application) { a.Mapping.Objects = nil }, "nothing to provision", ""},
		{"nobody can be disabled", func(a *application.Application) { dropRow(a.Mapping.For("User"), "active") }, "", "deleted at the target instead of disabled"},
	} {
		app := remapped(w.app, func(*mapping.ObjectMapping) {})
		c.change(&app)
		warnings, err := w.engine.CheckMapping(t.Context(), app)
		if c.want == "" && err != nil || c.want != "" && (!errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
		if text := strings.Join(warnings, "\n"); (text == "") != (c.warning == "") || !strings.Contains(text, c.warning) {
			t.Errorf("%s: warnings %q, want %q", c.name, text, c.warning)
		}
	}
}
