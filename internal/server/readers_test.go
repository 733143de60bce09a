package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/scim"
)

// TestUnread: a definition goes only while no application reads it, whichever name it is read by, and the refusal names not more than a person reads.
func TestUnread(t *testing.T) {
	had, err := scim.ParseDefinitions([]byte(badgeDocument))
	if err != nil {
		t.Fatal(err)
	}
	app := func(rows []mapping.AttributeMapping, filter string) application.Application {
		return application.Application{Name: "App", Mapping: mapping.Set{Objects: []mapping.ObjectMapping{{Source: "User", Attributes: rows, Scope: json.RawMessage(filter)}}}}
	}
	row := func(kind mapping.Kind, value string) mapping.AttributeMapping {
		return mapping.AttributeMapping{Target: "title", Kind: kind, Value: value}
	}
	var many []mapping.AttributeMapping
	for i := range 13 {
		many = append(many, mapping.AttributeMapping{Target: fmt.Sprint("t", i), Kind: mapping.Direct, Value: badgeURN + ":code"})
	}
	for _, c := range []struct {
		name string
		app  application.Application
		want string // of the error; empty: none
	}{
		{"nobody", app([]mapping.AttributeMapping{row(mapping.Direct, "jobTitle"), row(mapping.Constant, badgeURN+":code")}, ""), ""},
		{"a direct row, in any letter case", app([]mapping.AttributeMapping{row(mapping.Direct, strings.ToUpper(badgeURN)+":CODE")}, ""), "application App, User mapping: row 1 (title)"},
		{"an expression", app([]mapping.AttributeMapping{row(mapping.Direct, "mail"), row(mapping.Expression, "ToUpper(["+badgeURN+":code])")}, ""), "row 2 (title)"},
		{"an expression that is wrong, and reads nothing", app([]mapping.AttributeMapping{row(mapping.Expression, "ToUpper(["+badgeURN+":code]")}, ""), ""},
		{"what is not known anyway", app([]mapping.AttributeMapping{row(mapping.Direct, badgeURN+":nothing")}, ""), ""},
		{"a filter", app(nil, `{"inputFilterGroups":[{"name":"n","clauses":[{"operatorName":"IS NULL","sourceOperandName":"`+badgeURN+`:code"}]}]}`),
			"User scoping filter: inputFilterGroups[0].clauses[0] (" + badgeURN + ":code)"},
		{"many", app(many, ""), "and 3 more"},
	} {
		err := unread([]application.Application{app(nil, ""), c.app}, had, &scim.Definitions{})
		if c.want == "" && err != nil || c.want != "" && (!errors.Is(err, fault.ErrConflict) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v; want %q", c.name, err, c.want)
		}
		if err := unread([]application.Application{c.app}, had, had); err != nil {
			t.Errorf("%s: nothing goes, and got %v", c.name, err)
		}
	}
}
