package scope_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/scope"
)

// find knows one attribute of each kind.
func find(name string) (scope.Attribute, error) {
	a, known := map[string]scope.Attribute{
		"country": {Kind: scope.Text}, "flags": {Kind: scope.Whole}, "enabled": {Kind: scope.Truth}, "hired": {Kind: scope.Date},
		"manager": {Kind: scope.Reference}, "memberOf": {Kind: scope.Reference, Multiple: true}, "mails": {Kind: scope.Text, Multiple: true},
	}[name]
	if !known {
		return a, errors.New("unknown attribute \"" + name + "\": did you mean country?")
	}
	return a, nil
}

func TestCheck(t *testing.T) {
	tests := []struct{ clause, warning string }{
		{clause("country", "EQUALS", "DE"), ""},
		{clause("country", "Greater_Than", "5"), "Greater_Than is for what is a whole number, and country is a text: whoever has something else there does not pass"},
		{clause("flags", "&", "5"), ""},
		{clause("hired", "Includes", "2026"), "Includes is for what is a text or another object, and hired is a date"},
		{clause("hired", "EQUALS", "2026-03-01"), "use On, Before or After"}, {clause("hired", "IS NULL", "-"), ""}, {clause("hired", "After", "today"), ""},
		{clause("country", "After", "today"), "After is for what is a date, and country is a text"},
		{clause("enabled", "IS TRUE", "-"), ""}, {clause("enabled", "EQUALS", "true"), ""}, {clause("enabled", "EQUALS", "yes"), `never "yes": use IS TRUE`},
		{clause("country", "IS FALSE", "-"), "country is a text"}, {clause("manager", "EQUALS", "x"), ""}, {clause("memberOf", "NOT MEMBER OF", "x"), ""},
		{clauseOf("country", "EQUALS", "DE", "All"), "has no effect: country has one value"}, {clauseOf("mails", "EQUALS", "x", "All"), ""},
	}
	for _, test := range tests {
		f, err := scope.Parse([]byte(filter(group("", clause("country", "IS NULL", "-"), test.clause))))
		if err != nil {
			t.Fatal(err)
		}
		warnings, err := f.Check(find)
		got := strings.Join(warnings, "; ")
		if err != nil || (got == "") != (test.warning == "") || !strings.Contains(got, test.warning) {
			t.Errorf("%s: got %q, %v; want %q", test.clause, got, err, test.warning)
		}
		if got != "" && !strings.HasPrefix(got, "groups[0].clauses[1]: ") {
			t.Errorf("%s: where is it? %s", test.clause, got)
		}
	}
	f, err := scope.Parse([]byte(`{"inputFilterGroups":[` + group("", clause("country", "IS NULL", "-"), clause("contry", "EQUALS", "x")) + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Check(find)
	if want := `inputFilterGroups[0].clauses[1]: unknown attribute "contry": did you mean country?`; err == nil || err.Error() != want || !errors.Is(err, fault.ErrInvalid) {
		t.Errorf("got %v; want %s", err, want)
	}
}

// The SCIM paths of relations have no values of their own: the words that have are named, and what means the same is the same.
func TestRelationsByTheirPaths(t *testing.T) {
	const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:"
	for _, name := range []string{"manager", "MANAGER.value", enterprise + "manager", enterprise + "Manager.Value"} {
		f, err := scope.Parse([]byte(filter(group("", clause(name, "EQUALS", "x")))))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !f.Reads("manager") || len(f.Names("manager")) != 1 {
			t.Errorf("%s: is not the manager: %v", name, f.Attributes())
		}
	}
	for name, hint := range map[string]string{
		"groups": "write memberOf", "Groups.value": "write memberOf", "groups.display": "write memberOf",
		"urn:ietf:params:scim:schemas:core:2.0:User:groups.value": "write memberOf", `groups[type eq \"direct\"].value`: "write memberOf",
		"manager.displayName": "write manager", enterprise + "manager.$ref": "write manager", "members.value": "filter people by memberOf",
	} {
		_, err := scope.Parse([]byte(filter(group("", clause(name, "EQUALS", "x")))))
		if !errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), hint) {
			t.Errorf("%s: got %v; want %q", name, err, hint)
		}
	}
	for _, own := range []string{"urn:example:Badge:manager.displayName", "urn:example:Badge:groups"} {
		if f, err := scope.Parse([]byte(filter(group("", clause(own, "EQUALS", "x"))))); err != nil || f.Reads("manager") {
			t.Errorf("%s is an attribute of the organization's own: %v", own, err)
		}
	}
}
