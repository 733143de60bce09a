package mapping_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
)

// changed is a row of tags that a test changes.
func changed(change func(a *mapping.AttributeMapping)) mapping.ObjectMapping {
	a := row("tags", mapping.Direct, "list")
	change(&a)
	return users(a)
}

// What contradicts itself is refused when it is saved, not noticed when somebody is missing a value.
func TestCompileFlowErrors(t *testing.T) {
	whole := row("emails", mapping.Direct, "list")
	whole.MultiValued = true
	for want, m := range map[string]mapping.ObjectMapping{
		`apply is add-values, which is for attributes of several values`: changed(func(a *mapping.AttributeMapping) { a.Apply = mapping.AddValues }),
		`whenEmpty is clear, and apply is add, which never clears`:       changed(func(a *mapping.AttributeMapping) { a.Apply, a.WhenEmpty = mapping.AddOnly, mapping.Clear }),
		`whenEmpty is clear, and apply is when-absent`: changed(func(a *mapping.AttributeMapping) {
			a.Apply, a.WhenEmpty = mapping.WhenAbsent, mapping.Clear
		}),
		`flowAlways is set, and apply is create`: changed(func(a *mapping.AttributeMapping) { a.Apply, a.FlowAlways = mapping.OnlyOnCreate, true }),
		`flowAlways is set, and apply is when-absent`: changed(func(a *mapping.AttributeMapping) {
			a.Apply, a.FlowAlways = mapping.WhenAbsent, true
		}),
		`flowAlways is set, and a row of kind none`: changed(func(a *mapping.AttributeMapping) { a.Kind, a.Value, a.FlowAlways = mapping.None, "", true }),
		`a list or a binary value cannot be used for matching`: changed(func(a *mapping.AttributeMapping) {
			a.MultiValued, a.Matching = true, 2
		}),
		`the row has several values, and emails[type eq "work"].value takes one: write the whole attribute (emails)`: changed(func(a *mapping.AttributeMapping) {
			a.Target, a.MultiValued = `emails[type eq "work"].value`, true
		}),
		`only the members of a group are a list of references`: changed(func(a *mapping.AttributeMapping) { a.Type, a.MultiValued = mapping.Reference, true }),
		`active is one value`: changed(func(a *mapping.AttributeMapping) { a.Target, a.MultiValued = "active", true }),
		`apply is "add": members are written after the group exists`: changed(func(a *mapping.AttributeMapping) {
			a.Target, a.Type, a.Apply = "members", mapping.Reference, mapping.AddOnly
		}),
		`flowAlways is for attributes: of members`: changed(func(a *mapping.AttributeMapping) {
			a.Target, a.Type, a.FlowAlways = "members", mapping.Reference, true
		}),
		`row 3 (emails[type eq "work"].value): row 2 writes the whole of emails, and would undo it`: users(whole, row(`emails[type eq "work"].value`, mapping.Direct, "mail")),
		`the constant does not fit the target attribute: the value is "no": expected base64`: changed(func(a *mapping.AttributeMapping) {
			a.Kind, a.Value, a.Type = mapping.Constant, "no", mapping.Binary
		}),
	} {
		if _, err := mapping.Compile(m, known); err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, fault.ErrInvalid) {
			t.Errorf("got %v; want %q", err, want)
		}
	}
}

func TestCompileFlowWarnings(t *testing.T) {
	for want, m := range map[string]mapping.ObjectMapping{
		"so every cycle will add one": changed(func(a *mapping.AttributeMapping) {
			a.Kind, a.Value, a.Apply, a.MultiValued = mapping.Expression, "Guid()", mapping.AddValues, true
		}),
		"so every cycle will write it": changed(func(a *mapping.AttributeMapping) {
			a.Kind, a.Value, a.Apply = mapping.Expression, "Guid()", mapping.AddOnly
		}),
		"the expression reads the time": changed(func(a *mapping.AttributeMapping) {
			a.Kind, a.Value = mapping.Expression, `IIF(DateDiff("d", Now(), CDate([mail])) > 5, "new", "old")`
		}),
		"whenEmpty is leave, which says what becomes of a value later on": changed(func(a *mapping.AttributeMapping) {
			a.Apply, a.WhenEmpty = mapping.OnlyOnCreate, mapping.Leave
		}),
		"it does nothing": changed(func(a *mapping.AttributeMapping) { a.Kind, a.Value, a.Apply = mapping.None, "", mapping.WhenAbsent }),
	} {
		c, err := mapping.Compile(m, known)
		if err != nil {
			t.Errorf("%s: %v", want, err)
			continue
		}
		if w := c.Warnings(); len(w) != 1 || !strings.HasPrefix(w[0], "row 2 (tags): ") || !strings.Contains(w[0], want) {
			t.Errorf("got %q; want %q", w, want)
		}
	}
	adding := row("emails", mapping.Direct, "list")
	adding.MultiValued, adding.Apply = true, mapping.AddValues
	if c, err := mapping.Compile(users(adding, row(`emails[type eq "work"].value`, mapping.Direct, "mail")), known); err != nil || len(c.Warnings()) > 0 {
		t.Errorf("a list that is only added to leaves elements alone: got %v", err)
	}
}

// evaluated is the value of the row tags for one person.
func evaluated(t *testing.T, source expression.Value, creating bool, change func(a *mapping.AttributeMapping)) (any, error) {
	t.Helper()
	c, err := mapping.Compile(changed(change), known)
	if err != nil {
		t.Fatal(err)
	}
	p := person{"upn": expression.Str("jo"), "list": source, "number": source}
	values, problems := c.Evaluate(t.Context(), &expression.Env{Source: p}, creating)
	for _, problem := range problems {
		return nil, problem
	}
	i := slices.IndexFunc(values, func(v mapping.Value) bool { return v.Path == "tags" })
	return values[i].Value, nil
}

func TestEvaluateLists(t *testing.T) {
	list := func(values ...string) expression.Value { return expression.ListOf(values) }
	many := make([]string, 1001)
	for i := range many {
		many[i] = strconv.Itoa(i)
	}
	typed := func(typ mapping.Type) func(a *mapping.AttributeMapping) {
		return func(a *mapping.AttributeMapping) { a.Type, a.MultiValued = typ, true }
	}
	for _, tt := range []struct {
		name   string
		source expression.Value
		change func(a *mapping.AttributeMapping)
		want   any
		err    string
	}{
		{"texts", list("b", "a"), typed(mapping.String), []any{"b", "a"}, ""},
		{"one value is a list of one", expression.Str("a"), typed(mapping.String), []any{"a"}, ""},
		{"a number is a list of one", expression.Int(7), typed(mapping.Integer), []any{int64(7)}, ""},
		{"values with parts", expression.ListOfObjects([]expression.Object{
			{Text: "Admin", Members: map[string]any{"value": "Admin", "primary": false}}, {Text: "admin", Members: map[string]any{"value": "admin"}},
		}), typed(mapping.String), []any{map[string]any{"value": "Admin", "primary": false}}, ""},
		{"nothing", expression.NullValue, typed(mapping.String), nil, ""},
		{"the empty text", expression.Str(""), typed(mapping.String), nil, ""},
		{"only empty texts", list("", ""), typed(mapping.String), nil, ""},
		{"without what is empty or there twice", list("a", "", "A", "a"), typed(mapping.String), []any{"a"}, ""},
		{"case counts", list("a", "A", "a"), func(a *mapping.AttributeMapping) { a.MultiValued, a.CaseExact = true, true }, []any{"a", "A"}, ""},
		{"booleans", list("true", "False"), typed(mapping.Boolean), []any{true, false}, ""},
		{"dates", list("2026-03-01T08:00:00Z"), typed(mapping.DateTime), []any{"2026-03-01T08:00:00Z"}, ""},
		{"bytes in their usual form", list("SGVs\r\nbG8=", "-_8="), typed(mapping.Binary), []any{"SGVsbG8=", "+/8="}, ""},
		{"one wrong value", list("1", "x", "3"), typed(mapping.Integer), nil, `row 2 (tags): value 2 of 3: the value is "x": expected a whole number`},
		{"a wrong value that may not be shown", list("1", "x"), func(a *mapping.AttributeMapping) {
			a.Kind, a.Value, a.Type, a.MultiValued = mapping.Expression, "Redact([list])", mapping.Integer, true
		}, nil, "row 2 (tags): value 2 of 2 is not what the target attribute takes"},
		{"wrong bytes", list("SGVsbG8=", "x"), typed(mapping.Binary), nil, `value 2 of 2: the value is "x": expected base64, such as SGVsbG8=`},
		{"too many", list(many...), typed(mapping.String), nil, "the source has 1001 values: at most 1000 fit into one attribute"},
		{"several for one", list("a", "b"), func(*mapping.AttributeMapping) {}, nil, "the source has 2 values and the target attribute takes one"},
		{"a reference to several", list("a", "b"), func(a *mapping.AttributeMapping) { a.Type = mapping.Reference }, nil, "takes one"},
	} {
		got, err := evaluated(t, tt.source, false, tt.change)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: got %v, %v; want %q", tt.name, got, err, tt.err)
			}
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v, -want +got\n%s", tt.name, err, diff)
		}
	}
}

func TestEvaluateListDefault(t *testing.T) {
	withDefault := func(a *mapping.AttributeMapping) { a.MultiValued, a.Default, a.Type = true, "7", mapping.Integer }
	if got, err := evaluated(t, expression.NullValue, true, withDefault); err != nil || !cmp.Equal(got, []any{int64(7)}) {
		t.Errorf("a new account gets %v, %v; want a list of the default", got, err)
	}
	if got, err := evaluated(t, expression.NullValue, false, withDefault); err != nil || got != nil {
		t.Errorf("an account that exists gets %v, %v; want nothing", got, err)
	}
}
