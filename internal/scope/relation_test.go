package scope_test

import (
	"testing"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/scope"
)

// related is a person with a manager and groups.
type related struct {
	person
	manager []scope.Referenced
	groups  []scope.Referenced
}

func (r related) Related(attribute string) ([]scope.Referenced, bool) {
	switch attribute {
	case "manager":
		return r.manager, true
	case "memberOf":
		return r.groups, true
	}
	return nil, false
}

// A manager and a group may be named by id or by name, in any letter case; other comparisons look at the name.
func TestRelations(t *testing.T) {
	p := related{
		person:  person{"country": expression.Str("DE")},
		manager: []scope.Referenced{{ID: "id-7", Name: "Mary@x.example"}},
		groups:  []scope.Referenced{{ID: "g-1", Name: "Sales"}, {ID: "g-2", Name: "All Staff"}},
	}
	alone := related{person: p.person}
	tests := []struct {
		attribute, operator, values string
		want, alone                 bool
	}{
		{"manager", "EQUALS", "mary@X.example", true, false}, {"manager", "EQUALS", "ID-7", true, false}, {"manager", "EQUALS", "bob@x.example", false, false},
		{"manager", "NOT EQUALS", "id-7", false, false}, {"manager", "NOT EQUALS", "MARY@x.example", false, false}, {"manager", "NOT EQUALS", "bob", true, false},
		{"manager", "IN", "bob@x.example|mary@x.example", true, false}, {"manager", "ENDS_WITH", "@x.example", true, false},
		{"manager", "IS NULL", "-", false, true}, {"manager", "IS NOT NULL", "-", true, false}, {"manager", "REGEX MATCH", "id-.*", false, false},
		{"memberOf", "MEMBER OF", "sales", true, false}, {"memberOf", "MEMBER OF", "IT|All Staff", true, false}, {"memberOf", "MEMBER OF", "G-2", true, false},
		{"memberOf", "MEMBER OF", "IT", false, false}, {"memberOf", "NOT MEMBER OF", "sales", false, true}, {"memberOf", "NOT MEMBER OF", "IT|HR", true, true},
		{"memberOf", "EQUALS", "Sales", true, false}, {"memberOf", "NOT EQUALS", "Sales", false, false}, {"memberOf", "NOT EQUALS", "IT", true, false},
		{"memberOf", "STARTS_WITH", "All", true, false}, {"memberOf", "REGEX MATCH", "S.*", true, false}, {"memberOf", "IS NULL", "-", false, true},
		{"country", "EQUALS", "DE", true, true},
	}
	for _, test := range tests {
		f, err := scope.Parse([]byte(filter(group("", clauseOf(test.attribute, test.operator, test.values, "")))))
		if err != nil {
			t.Fatalf("%+v: %v", test, err)
		}
		got, err := f.Evaluate(p, noon)
		without, err2 := f.Evaluate(alone, noon)
		if err != nil || err2 != nil || got.Passed != test.want || without.Passed != test.alone {
			t.Errorf("%s %s %s: got %v and %v (%v, %v); want %v and %v", test.attribute, test.operator, test.values, got.Passed, without.Passed, err, err2, test.want, test.alone)
		}
	}
}
