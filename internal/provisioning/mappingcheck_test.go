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

// Nothing changes for those who are there, and whoever leaves keeps an active account: that is said.
func TestCheckMappingOfLeavers(t *testing.T) {
	w := tryWorld(t)
	row := func(change func(a *mapping.AttributeMapping)) func(*application.Application) {
		return func(a *application.Application) {
			for i, r := range a.Mapping.For("User").Attributes {
				if r.Target == "active" {
					change(&a.Mapping.For("User").Attributes[i])
				}
			}
		}
	}
	expression := func(text string) func(*application.Application) {
		return row(func(a *mapping.AttributeMapping) { a.Kind, a.Value = mapping.Expression, text })
	}
	for _, c := range []struct {
		name    string
		change  func(a *application.Application)
		warning string
	}{
		{"a constant", row(func(a *mapping.AttributeMapping) { a.Kind, a.Value = mapping.Constant, "True" }), "active is true for somebody who left"},
		{"off for everybody", row(func(a *mapping.AttributeMapping) { a.Kind, a.Value = mapping.Constant, "False" }), ""},
		{"no value", row(func(a *mapping.AttributeMapping) { a.Kind, a.Value, a.Default = mapping.None, "", "True" }), "writes nothing for somebody who left"},
		{"only at creation", row(func(a *mapping.AttributeMapping) { a.Apply = mapping.OnlyOnCreate }), "writes nothing for somebody who left"},
		{"only where there is none", row(func(a *mapping.AttributeMapping) { a.Apply = mapping.WhenAbsent }), "writes nothing for somebody who left"},
		{"whether the directory disabled them", expression("[accountEnabled]"), "active is true for somebody who left"},
		{"the wrong way round", expression("[IsSoftDeleted]"), "active is true for somebody who left"},
		{"both", expression(`IIF([IsSoftDeleted]="True", "False", [accountEnabled])`), ""},
		{"empty", expression("[city]"), "writes nothing for somebody who left"},
		{"a value that does not fit", expression(`Append("x", [city])`), "cannot be worked out for somebody who left and has no attributes"},
		{"no updates", func(a *application.Application) { a.Mapping.For("User").Update = false }, "does not update accounts, and disabling is an update"},
		{"neither", func(a *application.Application) {
			a.Mapping.For("User").Delete = false
			dropRow(a.Mapping.For("User"), "active")
		}, "active is not mapped, and the mapping does not delete accounts"},
		{"deletion instead", func(a *application.Application) { a.Settings.Deprovision = application.DeprovisionDelete }, ""},
		{"deletion instead, and none", func(a *application.Application) {
			a.Settings.Deprovision, a.Mapping.For("User").Delete = application.DeprovisionDelete, false
		}, "set to delete instead of disable"},
		{"nothing is ever taken away", func(a *application.Application) { a.Settings.AppendOnly = true }, ""},
	} {
		app := remapped(w.app, func(*mapping.ObjectMapping) {})
		c.change(&app)
		warnings, err := w.engine.CheckMapping(t.Context(), app)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if text := strings.Join(warnings, "\n"); (text == "") != (c.warning == "") || !strings.Contains(text, c.warning) {
			t.Errorf("%s: warnings %q, want %q", c.name, text, c.warning)
		}
	}
}
