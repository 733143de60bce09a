package mapping_test

import (
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/mapping"
)

// A mapping that cannot work for anybody is refused before it runs for somebody, at the place of the mistake and with what was probably meant.
func TestCheckedBeforeRunning(t *testing.T) {
	names := []string{"upn", "mail", "department", "active"}
	typed := func(typ mapping.Type, value string) mapping.AttributeMapping {
		a := row("title", mapping.Expression, value)
		a.Type = typ
		return a
	}
	tests := []struct {
		name string
		row  mapping.AttributeMapping
		want string // "": it is right
	}{
		{"nearest attribute", row("title", mapping.Direct, "mial"), `unknown source attribute "mial"; did you mean mail?`},
		{"no near attribute", row("title", mapping.Direct, "qwertz"), `unknown source attribute "qwertz": check the spelling`},
		{"nearest attribute of an expression", row("title", mapping.Expression, `ToUpper([departement])`), "character 9: unknown attribute [departement]; did you mean [department]?"},
		{"a value of Switch", typed(mapping.Boolean, `Switch([active], , "False", "True", "True", "Flase")`), "character 45: the value is \"Flase\": expected True or False\n" +
			`Switch([active], , "False", "True", "True", "Flase")` + "\n" + strings.Repeat(" ", 44) + "^"},
		{"all values of Switch fit", typed(mapping.Boolean, `Switch([active], , "False", "True", "True", "false")`), ""},
		{"a branch", typed(mapping.Integer, `IIF([mail] = "x", "ten", [number])`), `character 19: the value is "ten": expected a whole number`},
		{"a default", typed(mapping.DateTime, `Switch([mail], "soon", "a", [when])`), `character 16: the value is "soon": expected a date and time`},
		{"truth for a number", typed(mapping.Integer, `Not([active])`), `character 1: Not gives true or false: the value is "True": expected a whole number`},
		{"truth for text", typed(mapping.String, `Not([active])`), ""},
		{"number for a date", typed(mapping.DateTime, `Count([list])`), `character 1: Count gives a number: the value is "1": expected a date and time`},
		{"number for truth", typed(mapping.Boolean, `BitAnd([number], 1)`), ""},
		{"an empty value", typed(mapping.Integer, `Switch([mail], "", "a", "1")`), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := mapping.Compile(users(test.row), known, names...)
			if test.want == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v; want %q", err, test.want)
			}
		})
	}
}
