package mapping_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
)

type person map[string]expression.Value

func (p person) Attribute(name string) (expression.Value, bool) { return p[name], known(name) }

func known(name string) bool {
	return slices.Contains([]string{"upn", "mail", "department", "number", "active", "manager", "members", "when", "list", "empty"}, name)
}

// row is a row that is right; tests change it.
func row(target string, kind mapping.Kind, value string) mapping.AttributeMapping {
	return mapping.AttributeMapping{Target: target, Kind: kind, Value: value, Apply: mapping.Always, Type: mapping.String}
}

func users(rows ...mapping.AttributeMapping) mapping.ObjectMapping {
	match := row("userName", mapping.Direct, "upn")
	match.Matching = 1
	return mapping.ObjectMapping{Name: "users", Source: "User", Target: "User", Enabled: true, Attributes: append([]mapping.AttributeMapping{match}, rows...)}
}

func TestCompileErrors(t *testing.T) {
	with := func(change func(a *mapping.AttributeMapping)) mapping.ObjectMapping {
		a := row("title", mapping.Direct, "department")
		change(&a)
		return users(a)
	}
	object := func(change func(m *mapping.ObjectMapping)) mapping.ObjectMapping {
		m := users()
		change(&m)
		return m
	}
	tests := []struct {
		name string
		m    mapping.ObjectMapping
		want string // a part of the message
	}{
		{"source type", object(func(m *mapping.ObjectMapping) { m.Source = "Person" }), `source object type is "Person": expected User or Group`},
		{"target type", object(func(m *mapping.ObjectMapping) { m.Target = "" }), `target object type is ""`},
		{"two types", object(func(m *mapping.ObjectMapping) { m.Target = "Group" }), "turns a User into a Group"},
		{"users disabled", object(func(m *mapping.ObjectMapping) { m.Enabled = false }), "cannot be disabled"},
		{"no matching row", object(func(m *mapping.ObjectMapping) { m.Attributes[0].Matching = 0 }), "no row is used for matching"},
		{"no row", object(func(m *mapping.ObjectMapping) { m.Attributes = nil }), "no row is used for matching"},
		{"too many rows", object(func(m *mapping.ObjectMapping) { m.Attributes = make([]mapping.AttributeMapping, 501) }), "at most 500"},
		{"target twice", users(row("title", mapping.Direct, "mail"), row("TITLE", mapping.Direct, "mail")), "row 3 (TITLE): row 2 writes the same"},
		{"filtered target twice", users(row(`emails[type eq "work"].value`, mapping.Direct, "mail"), row(`emails[type  EQ "work"].value`, mapping.Direct, "mail")), "row 2 writes the same"},
		{"precedence twice", with(func(a *mapping.AttributeMapping) { a.Matching = 1 }), "row 2 (title): the matching precedence 1 is that of row 1"},
		{"negative precedence", with(func(a *mapping.AttributeMapping) { a.Matching = -1 }), "precedence is -1"},
		{"no target", with(func(a *mapping.AttributeMapping) { a.Target = "" }), "is not a path"},
		{"broken target", with(func(a *mapping.AttributeMapping) { a.Target = `emails[type eq "work"` }), "is not a path"},
		{"target id", with(func(a *mapping.AttributeMapping) { a.Target = "ID" }), "belongs to the target"},
		{"target meta", with(func(a *mapping.AttributeMapping) { a.Target = "meta.created" }), "belongs to the target"},
		{"kind", with(func(a *mapping.AttributeMapping) { a.Kind = "copy" }), `the kind is "copy": expected direct, constant, expression or none`},
		{"apply", with(func(a *mapping.AttributeMapping) { a.Apply = "never" }), `apply is "never"`},
		{"whenEmpty", with(func(a *mapping.AttributeMapping) { a.WhenEmpty = "keep" }), `whenEmpty is "keep"`},
		{"type", with(func(a *mapping.AttributeMapping) { a.Type = "string" }), `the type is "string"`},
		{"unknown attribute", with(func(a *mapping.AttributeMapping) { a.Value = "mial" }), `row 2 (title): unknown source attribute "mial"`},
		{"no attribute", with(func(a *mapping.AttributeMapping) { a.Value = " " }), "the source attribute is missing"},
		{"none with a value", with(func(a *mapping.AttributeMapping) { a.Kind = mapping.None }), "choose another kind"},
		{"empty constant", with(func(a *mapping.AttributeMapping) { a.Kind, a.Value = mapping.Constant, "" }), "the constant is empty"},
		{"constant of another type", with(func(a *mapping.AttributeMapping) { a.Kind, a.Value, a.Type = mapping.Constant, "yes", mapping.Boolean }), `the value is "yes": expected True or False`},
		{"matching constant", with(func(a *mapping.AttributeMapping) { a.Kind, a.Value, a.Matching = mapping.Constant, "x", 2 }), "cannot be used for matching"},
		{"matching reference", with(func(a *mapping.AttributeMapping) { a.Type, a.Matching = mapping.Reference, 2 }), "a reference cannot be used for matching"},
		{"constant reference", with(func(a *mapping.AttributeMapping) { a.Kind, a.Type = mapping.Constant, mapping.Reference }), "a reference cannot be a constant"},
		{"reference default", with(func(a *mapping.AttributeMapping) { a.Type, a.Default = mapping.Reference, "x" }), "a reference cannot have a default"},
		{"reference to something else", with(func(a *mapping.AttributeMapping) { a.Type, a.Reference = mapping.Reference, "Device" }), `refers to "Device"`},
		{"reference of another type", with(func(a *mapping.AttributeMapping) { a.Reference = "User" }), "its type is String"},
		{"custom reference", with(func(a *mapping.AttributeMapping) {
			a.Target, a.Type = "urn:ietf:params:scim:schemas:extension:Acme:2.0:User:buddy", mapping.Reference
		}), "of a custom schema"},
		{"expression", with(func(a *mapping.AttributeMapping) { a.Kind, a.Value = mapping.Expression, `ToUper([mail])` }), "row 2 (title): the expression is wrong at character 1: unknown function ToUper; did you mean ToUpper?\nToUper([mail])\n^"},
		{"attribute of an expression", with(func(a *mapping.AttributeMapping) { a.Kind, a.Value = mapping.Expression, `ToUpper([mial])` }), "at character 9: unknown attribute [mial]: check the spelling\nToUpper([mial])\n        ^"},
		{"unique value always", with(func(a *mapping.AttributeMapping) { a.Kind, a.Value = mapping.Expression, `SelectUniqueValue("a","b")` }), "apply the row only then"},
		{"unique value matching", with(func(a *mapping.AttributeMapping) {
			a.Kind, a.Value, a.Matching = mapping.Expression, `SelectUniqueValue("a","b")`, 2
		}), "cannot be used for matching"},
		{"whenEmpty without default", with(func(a *mapping.AttributeMapping) { a.WhenEmpty = mapping.UseDefault }), "the row has no default"},
		{"default of another type", with(func(a *mapping.AttributeMapping) { a.Type, a.Default = mapping.Integer, "ten" }), `the default does not fit the target attribute: the value is "ten"`},
		{"long default", with(func(a *mapping.AttributeMapping) { a.Default = strings.Repeat("x", 1<<16+1) }), "at most 65536 are allowed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := mapping.Compile(test.m, known)
			if err == nil || !strings.Contains(err.Error(), test.want) || !errors.Is(err, fault.ErrInvalid) {
				t.Errorf("got %v; want %q", err, test.want)
			}
		})
	}
}

// Somebody who imports a mapping gets all mistakes at once.
func TestCompileNamesEveryWrongRow(t *testing.T) {
	_, err := mapping.Compile(users(row("a", mapping.Direct, "x"), row("b", mapping.Direct, "mail"), row("c", mapping.Direct, "y")), known)
	if err == nil || !strings.Contains(err.Error(), "row 2 (a)") || !strings.Contains(err.Error(), "row 4 (c)") || strings.Contains(err.Error(), "row 3") {
		t.Errorf("got %v", err)
	}
	var e mapping.RowError
	if !errors.As(err, &e) || e.Row != 2 || e.Path != "a" {
		t.Errorf("got %+v", e)
	}
}

func TestCompileDoesNotModify(t *testing.T) {
	m := users(mapping.AttributeMapping{Target: "title", Kind: mapping.Direct, Value: "department"})
	c, err := mapping.Compile(m, known)
	if err != nil {
		t.Fatal(err)
	}
	if m.Attributes[1].Type != "" || c.Mapping().Attributes[1].Type != mapping.String || c.Mapping().Attributes[1].Apply != mapping.Always {
		t.Errorf("got %+v, compiled %+v", m.Attributes[1], c.Mapping().Attributes[1])
	}
}

func TestEvaluate(t *testing.T) {
	p := person{
		"upn": expression.Str("jo"), "department": expression.Str(""), "number": expression.Str(" 12 "), "active": expression.Boolean(true),
		"manager": expression.Str("42"), "members": expression.ListOf([]string{"1", "2"}), "when": expression.Str("2026-03-01T08:00:00Z"),
		"list": expression.ListOf([]string{"one"}),
	}
	typed := func(a mapping.AttributeMapping, t mapping.Type) mapping.AttributeMapping { a.Type = t; return a }
	onCreate := func(a mapping.AttributeMapping) mapping.AttributeMapping { a.Apply = mapping.OnlyOnCreate; return a }
	defaulted := func(a mapping.AttributeMapping, d string) mapping.AttributeMapping { a.Default = d; return a }
	m := users(
		row("a1", mapping.Direct, "mail"),
		row("a2", mapping.Direct, "department"),
		typed(row("a3", mapping.Direct, "number"), mapping.Integer),
		typed(row("a4", mapping.Direct, "active"), mapping.Boolean),
		typed(row("a5", mapping.Expression, `Not([active])`), mapping.Boolean),
		row("a6", mapping.Direct, "active"),
		typed(row("a7", mapping.Direct, "manager"), mapping.Reference),
		typed(row("members", mapping.Direct, "members"), mapping.Reference),
		typed(row("a9", mapping.Direct, "when"), mapping.DateTime),
		row("b1", mapping.Constant, "fixed"),
		typed(row("b2", mapping.Constant, "True"), mapping.Boolean),
		row("b3", mapping.Expression, `IgnoreFlowIfNullOrEmpty([mail])`),
		row("b4", mapping.Expression, `Redact([upn])`),
		row("b5", mapping.None, ""),
		defaulted(row("b6", mapping.None, ""), "filled"),
		typed(defaulted(row("b7", mapping.Direct, "mail"), "7"), mapping.Integer),
		onCreate(row("b8", mapping.Direct, "upn")),
		onCreate(typed(row("b9", mapping.Direct, "manager"), mapping.Reference)),
		row("c1", mapping.Direct, "list"),
		row("c2", mapping.Expression, `Redact([mail])`),
	)
	c, err := mapping.Compile(m, known)
	if err != nil {
		t.Fatal(err)
	}
	type got struct {
		Value, Default, Logged any
		Flow                   bool
	}
	update := map[string]got{
		"userName": {"jo", nil, "jo", true}, "a1": {nil, nil, nil, true}, "a2": {nil, nil, nil, true}, "a3": {int64(12), nil, int64(12), true},
		"a4": {true, nil, true, true}, "a5": {false, nil, false, true}, "a6": {"True", nil, "True", true}, "a7": {"42", nil, "42", true},
		"members": {[]any{"1", "2"}, nil, []any{"1", "2"}, true}, "a9": {"2026-03-01T08:00:00Z", nil, "2026-03-01T08:00:00Z", true},
		"b1": {"fixed", nil, "fixed", true}, "b2": {true, nil, true, true}, "b3": {nil, nil, nil, false}, "b4": {"jo", nil, "[Redact]", true},
		"b5": {nil, nil, nil, false}, "b6": {nil, "filled", nil, false}, "b7": {nil, int64(7), nil, true}, "b9": {"42", nil, "42", true},
		"c1": {"one", nil, "one", true}, "c2": {nil, nil, nil, true},
	}
	create := map[string]got{}
	for path, g := range update {
		create[path] = g
	}
	create["b6"], create["b7"], create["b8"] = got{"filled", "filled", "filled", true}, got{int64(7), int64(7), int64(7), true}, got{"jo", nil, "jo", true}
	for _, creating := range []bool{false, true} {
		values, problems := c.Evaluate(t.Context(), &expression.Env{Source: p}, creating)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		have := map[string]got{}
		for _, v := range values {
			have[v.Path] = got{v.Value, v.Default, v.Logged(), v.Flow}
			if v.Mapping.Target != v.Path {
				t.Errorf("%s: the row is %+v", v.Path, v.Mapping)
			}
		}
		want := update
		if creating {
			want = create
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("creating %v: -want +got\n%s", creating, diff)
		}
	}
}

func TestEvaluateErrors(t *testing.T) {
	p := person{"upn": expression.Str("jo"), "department": expression.Str("secret"), "list": expression.ListOf([]string{"a", "b"})}
	boolean := row("active", mapping.Direct, "department")
	boolean.Type = mapping.Boolean
	date := row("nickName", mapping.Direct, "upn")
	date.Type = mapping.DateTime
	hidden := row("number", mapping.Expression, "Redact([department])")
	hidden.Type = mapping.Integer
	c, err := mapping.Compile(users(boolean, row("title", mapping.Direct, "list"), date, hidden, row("x", mapping.Expression, `Error("no")`)), known)
	if err != nil {
		t.Fatal(err)
	}
	values, problems := c.Evaluate(t.Context(), &expression.Env{Source: p}, false)
	if len(values) != 1 || values[0].Path != "userName" {
		t.Errorf("values: got %+v", values)
	}
	var got []string
	for _, e := range problems {
		got = append(got, e.Error())
	}
	want := []string{
		`row 2 (active): the value is "secret": expected True or False`,
		`row 3 (title): the source has 2 values and the target attribute takes one: pick one with Item, or join them with Join`,
		`row 4 (nickName): the value is "jo": expected a date and time such as 2026-03-01T08:00:00Z`,
		`row 5 (number): the value is not what the target attribute takes: expected a whole number`,
		`row 6 (x): character 1: Error: no`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, problems = c.Evaluate(ctx, &expression.Env{Source: p}, false); !slices.ContainsFunc(problems, func(e mapping.RowError) bool { return errors.Is(e, context.Canceled) }) {
		t.Errorf("cancelled: got %v", problems)
	}
}

func TestCompiled(t *testing.T) {
	second := row("externalId", mapping.Expression, `Append([mail], [upn])`)
	second.Matching = 5
	first := row("nickName", mapping.Direct, "mail")
	first.Matching = 3
	c, err := mapping.Compile(users(second, first, row("title", mapping.Expression, "Guid()")), known)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Attributes(); !slices.Equal(got, []string{"upn", "mail"}) {
		t.Errorf("attributes: got %q", got)
	}
	var order []string
	for _, a := range c.Matching() {
		order = append(order, a.Target)
	}
	if !slices.Equal(order, []string{"userName", "nickName", "externalId"}) {
		t.Errorf("matching: got %q", order)
	}
	if w := c.Warnings(); len(w) != 1 || !strings.HasPrefix(w[0], "row 4 (title): the expression gives another value") {
		t.Errorf("warnings: got %q", w)
	}
}

// Revisions of a set are compared as JSON, so its encoding must not change by itself.
func TestSetJSON(t *testing.T) {
	full := mapping.AttributeMapping{
		Target: "active", Kind: mapping.Expression, Value: `Not([x])`, Matching: 2, Default: "True", Apply: mapping.OnlyOnCreate,
		WhenEmpty: mapping.Leave, Required: true, Type: mapping.Boolean, CaseExact: true,
	}
	set := mapping.Set{Objects: []mapping.ObjectMapping{{
		Name: "users", Source: "User", Target: "User", Enabled: true, Create: true, Update: true,
		Attributes: []mapping.AttributeMapping{row("userName", mapping.Direct, "upn"), full},
		Scope:      json.RawMessage(`{"groups":[]}`),
	}}}
	const want = `{"objects":[{"name":"users","source":"User","target":"User","enabled":true,"create":true,"update":true,"delete":false,"attributes":[` +
		`{"target":"userName","kind":"direct","value":"upn","apply":"always","type":"String"},` +
		`{"target":"active","kind":"expression","value":"Not([x])","matching":2,"default":"True","apply":"create","whenEmpty":"leave","required":true,` +
		`"type":"Boolean","caseExact":true}],"scope":{"groups":[]}}]}`
	got, err := json.Marshal(set)
	if err != nil || string(got) != want {
		t.Fatalf("got  %s, %v\nwant %s", got, err, want)
	}
	var back mapping.Set
	if err := json.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(set, back); diff != "" {
		t.Error(diff)
	}
	if back.For("User") == nil || back.For("Group") != nil {
		t.Error("For finds the mapping by its source")
	}
}

// FuzzCompile: no row may panic, and what compiles can be evaluated.
func FuzzCompile(f *testing.F) {
	f.Add(`emails[type eq "work"].value`, "expression", `Join(" ", [upn], [mail])`, "", "String", "jo", "always", false)
	f.Add("active", "direct", "active", "True", "Boolean", "False", "create", false)
	f.Add("urn:x:y:User:count", "constant", "12", "", "Integer", "", "add", false)
	f.Add("urn:x:y:User:count", "expression", `Split([upn], ";")`, "12", "Integer", "1;;2", "add-values", true)
	f.Add("urn:x:y:User:keys", "expression", `Split([upn], ";")`, "AA==", "Binary", "AA==;-_8=", "when-absent", true)
	f.Fuzz(func(t *testing.T, target, kind, value, def, typ, source, apply string, many bool) {
		a := mapping.AttributeMapping{
			Target: target, Kind: mapping.Kind(kind), Value: value, Default: def, Type: mapping.Type(typ), Apply: mapping.Apply(apply), MultiValued: many,
		}
		c, err := mapping.Compile(users(a), known)
		if err != nil {
			if !errors.Is(err, fault.ErrInvalid) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		p := person{"upn": expression.Str(source), "mail": expression.Str(source), "active": expression.Str(source)}
		values, problems := c.Evaluate(t.Context(), &expression.Env{Source: p}, true)
		if len(values)+len(problems) != 2 {
			t.Fatalf("%d values and %d errors of 2 rows", len(values), len(problems))
		}
		for _, v := range values {
			if list, isList := v.Value.([]any); v.Value != nil && isList != v.Mapping.MultiValued || isList && len(list) == 0 {
				t.Fatalf("%s: %#v, and multiValued is %t", v.Path, v.Value, v.Mapping.MultiValued)
			}
		}
	})
}
