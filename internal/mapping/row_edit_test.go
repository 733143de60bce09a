package mapping_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
)

func TestRowWith(t *testing.T) {
	base := mapping.AttributeMapping{Target: "title", Kind: mapping.Direct, Value: "mail", Apply: mapping.OnlyOnCreate, Default: "x", WhenEmpty: mapping.Clear, Matching: 2, FlowAlways: true, Type: mapping.String}
	for _, test := range []struct {
		pairs []string
		want  func(a *mapping.AttributeMapping)
		words string
	}{
		{nil, func(*mapping.AttributeMapping) {}, `direct mail, matching 2, apply create, default "x", when empty clear, flow always`},
		{[]string{"source=upn"}, func(a *mapping.AttributeMapping) { a.Value = "upn" }, `direct upn, matching 2, apply create, default "x", when empty clear, flow always`},
		{[]string{`Expression=Join("=", [mail])`, "matching=0", "flow-always=off"}, func(a *mapping.AttributeMapping) {
			a.Kind, a.Value, a.Matching, a.FlowAlways = mapping.Expression, `Join("=", [mail])`, 0, false
		}, `expression Join("=", [mail]), apply create, default "x", when empty clear`},
		{[]string{"constant= a ", "default=", "when-empty=", "apply="}, func(a *mapping.AttributeMapping) {
			a.Kind, a.Value, a.Default, a.WhenEmpty, a.Apply = mapping.Constant, " a ", "", "", mapping.Always
		}, `constant " a ", matching 2, flow always`},
		{[]string{"none", "matching=none", "apply=when-absent", "when-empty=default", "flow-always=false", "default=y"}, func(a *mapping.AttributeMapping) {
			*a = mapping.AttributeMapping{Target: "title", Kind: mapping.None, Apply: mapping.WhenAbsent, WhenEmpty: mapping.UseDefault, Default: "y", Type: mapping.String}
		}, `none, apply when-absent, default "y", when empty default`},
	} {
		want := base
		test.want(&want)
		got, err := base.With(test.pairs...)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%q: %v, -want +got\n%s", test.pairs, err, diff)
		}
		if words := got.Words(); words != test.words {
			t.Errorf("%q: got %q; want %q", test.pairs, words, test.words)
		}
	}
	for pair, want := range map[string]string{
		"sorce=mail": "did you mean source=?", "source": `"source" has no value`, "none=x": `got "x"`, "zzz": "one of the keys source, constant, expression, none, default",
		"apply=never": `got "never": expected one of always, create, add-values, add, when-absent`, "when-empty=keep": "expected one of leave, clear, default, or nothing",
		"matching=-1": "expected the precedence 1, 2, 3", "matching=x": "got \"x\"", "flow-always=maybe": "expected on or off", "": "is not known",
	} {
		if _, err := base.With(pair); err == nil || !errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v; want %q", pair, err, want)
		}
	}
	for _, pairs := range [][]string{{"source=a", "constant=b"}, {"none", "none"}, {"default=a", "default=b"}} {
		if _, err := base.With(pairs...); err == nil || !strings.Contains(err.Error(), "twice") {
			t.Errorf("%q: got %v", pairs, err)
		}
	}
}

func TestSetRow(t *testing.T) {
	m := listed([]mapping.Definition{{Name: "title", Type: mapping.Integer, CaseExact: true}}, row("nickName", mapping.Direct, "mail"))
	got, err := m.SetRow("TITLE", "source=number")
	if err != nil {
		t.Fatal(err)
	}
	want := mapping.AttributeMapping{Target: "title", Kind: mapping.Direct, Value: "number", Apply: mapping.Always, Type: mapping.Integer, CaseExact: true}
	if diff := cmp.Diff(want, got.Attributes[2]); diff != "" || len(m.Attributes) != 2 {
		t.Errorf("a new row: -want +got\n%s", diff)
	}
	got, err = m.SetRow("NICKNAME", "default=x")
	want = row("nickName", mapping.Direct, "mail")
	want.Default = "x"
	if diff := cmp.Diff(want, got.Attributes[1]); err != nil || diff != "" || m.Attributes[1].Default != "" {
		t.Errorf("a changed row: %v, -want +got\n%s", err, diff)
	}
	if _, err := m.SetRow("title", "default=x"); err == nil || !strings.Contains(err.Error(), "say where its value comes from") {
		t.Errorf("a new row without a source: %v", err)
	}
	if _, err := m.SetRow("title", "nothing"); !errors.Is(err, fault.ErrInvalid) {
		t.Errorf("got %v", err)
	}
	// What is wrong with the target is told by Compile, with the nearest name.
	got, err = m.SetRow("titel", "source=mail")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mapping.Compile(got, known); err == nil || !strings.Contains(err.Error(), "did you mean title?") {
		t.Errorf("got %v", err)
	}
}

func TestRemoveRow(t *testing.T) {
	m := listed(nil, row("title", mapping.Direct, "mail"), row("nickName", mapping.Direct, "mail"))
	got, err := m.RemoveRow("TITLE")
	if err != nil || len(got.Attributes) != 2 || got.Attributes[1].Target != "nickName" || len(m.Attributes) != 3 || m.Attributes[1].Target != "title" {
		t.Errorf("got %+v of %+v, %v", got.Attributes, m.Attributes, err)
	}
	unlisted := users()
	unlisted.Attributes[0].Required = true
	for _, test := range []struct {
		m            mapping.ObjectMapping
		target, want string
	}{
		{m, "userName", "the target requires userName"}, {unlisted, "userName", "the target requires userName"},
		{m, "titel", "did you mean title?"}, {m, "favouriteColour", "`rollcall app show` lists the rows"}, {m, "[", "no row writes ["},
	} {
		if _, err := test.m.RemoveRow(test.target); err == nil || !errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v; want %q", test.target, err, test.want)
		}
	}
}

func TestWithActions(t *testing.T) {
	m := users()
	got, err := m.WithActions("create=on", "UPDATE=true", "enabled=off")
	if err != nil || !got.Create || !got.Update || got.Delete || got.Enabled || m.Create || !m.Enabled {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, pair := range []string{"create", "create=", "create=maybe", "created=on", ""} {
		if _, err := m.WithActions(pair); !errors.Is(err, fault.ErrInvalid) {
			t.Errorf("%q: got %v", pair, err)
		}
	}
}
