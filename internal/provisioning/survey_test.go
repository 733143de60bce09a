package provisioning

import (
	"errors"
	"testing"

	"github.com/rollcall-id/rollcall/internal/mapping"
)

func TestSurveyExcludes(t *testing.T) {
	s := &survey{typ: "User", primary: "userName", values: map[string]map[string]bool{"userName": {"ann@x": true}, "externalId": {"e1": true}}}
	with := func(change func(*item)) *item {
		it := &item{key: Key{"User", "u"}}
		change(it)
		return it
	}
	plain := with(func(*item) {})
	name := func(v string) mapping.Value { return val(rowUserName, v) }
	external := func(v string) mapping.Value { return val(rowExternal, v) }
	for _, tt := range []struct {
		name     string
		item     *item
		matching []mapping.Value
		want     bool
	}{
		{"nobody has any of them", plain, []mapping.Value{name("bob@x"), external("e2")}, true},
		{"somebody has the name", plain, []mapping.Value{name("ANN@x"), external("e2")}, false},
		{"somebody has the second", plain, []mapping.Value{name("bob@x"), external("e1")}, false},
		{"the second alone", plain, []mapping.Value{external("e2")}, false},
		{"a path that the listing says nothing about", plain, []mapping.Value{name("bob@x"), val(rowTitle, "Chief")}, false},
		{"nothing to match by", plain, nil, false},
		{"another type", with(func(it *item) { it.key.Type = "Group" }), []mapping.Value{name("bob@x")}, false},
		{"refused", with(func(it *item) { it.Refused = &TargetError{} }), []mapping.Value{name("bob@x")}, false},
		{"lost", with(func(it *item) { it.Lost = "t1" }), []mapping.Value{name("bob@x")}, false},
		{"unsure", with(func(it *item) { it.unsure = true }), []mapping.Value{name("bob@x")}, false},
	} {
		if got := s.excludes(tt.item, tt.matching); got != tt.want {
			t.Errorf("%s: %t, want %t", tt.name, got, tt.want)
		}
	}
	s.note("User", []Change{{Path: "userName", New: "bob@x"}, {Path: "title", New: "Chief"}})
	if s.excludes(plain, []mapping.Value{name("bob@x"), external("e2")}) {
		t.Error("a name that this cycle gave somebody is excluded")
	}
	var none *survey
	if none.note("User", nil); none.excludes(plain, []mapping.Value{name("bob@x")}) {
		t.Error("without a survey somebody is excluded")
	}
}

// TestPlanRefusesTakenValues: a plan takes no more than the target will.
func TestPlanRefusesTakenValues(t *testing.T) {
	set := mapping.Set{Objects: []mapping.ObjectMapping{{Target: "User", Attributes: []mapping.AttributeMapping{rowUserName, rowTitle}}}}
	p := newPlanTarget(nil, set)
	ann := []Assignment{{Path: "userName", Value: "Ann@x"}, {Path: "title", Value: "Chief"}}
	if _, err := p.Create(t.Context(), "User", ann); err != nil {
		t.Fatal(err)
	}
	var refused *TargetError
	if _, err := p.Create(t.Context(), "User", []Assignment{{Path: "userName", Value: "ann@X"}}); !errors.As(err, &refused) || !isConflict(refused) {
		t.Errorf("a second account of one name: %v, want a conflict", err)
	}
	if _, err := p.Create(t.Context(), "User", []Assignment{{Path: "userName", Value: "bob@x"}, {Path: "title", Value: "Chief"}}); err != nil {
		t.Errorf("the same title: %v", err)
	}
}
