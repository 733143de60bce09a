package scimclient

import (
	"reflect"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/scim"
)

const enterpriseURN = scim.URNEnterpriseUser

func TestPathValuesSetRemove(t *testing.T) {
	type m = map[string]any
	type l = []any
	for _, tt := range []struct {
		path    string
		value   any
		before  scim.Resource
		set     scim.Resource // before with value set
		values  []any         // at the path afterwards
		removed scim.Resource // set with the path removed
	}{
		{"userName", "ann", scim.Resource{}, scim.Resource{"userName": "ann"}, l{"ann"}, scim.Resource{}},
		{"username", "ann", scim.Resource{"userName": "bob"}, scim.Resource{"userName": "ann"}, l{"ann"}, scim.Resource{}},
		{scim.URNUser + ":userName", "ann", scim.Resource{}, scim.Resource{"userName": "ann"}, l{"ann"}, scim.Resource{}},
		{"active", "False", scim.Resource{}, scim.Resource{"active": false}, l{false}, scim.Resource{}},
		{"active", true, scim.Resource{"active": false}, scim.Resource{"active": true}, l{true}, scim.Resource{}},
		{"name.familyName", "Li", scim.Resource{}, scim.Resource{"name": m{"familyName": "Li"}}, l{"Li"}, scim.Resource{}},
		{"name.familyName", "Li", scim.Resource{"name": m{"givenName": "A"}}, scim.Resource{"name": m{"familyName": "Li", "givenName": "A"}}, l{"Li"},
			scim.Resource{"name": m{"givenName": "A"}}},
		{`emails[type eq "work"].value`, "a@x", scim.Resource{}, scim.Resource{"emails": l{m{"type": "work", "value": "a@x"}}}, l{"a@x"}, scim.Resource{}},
		{`emails[type eq "work"].value`, "a@x", scim.Resource{"emails": l{m{"type": "home", "value": "h@x"}, m{"type": "Work", "value": "old"}}},
			scim.Resource{"emails": l{m{"type": "home", "value": "h@x"}, m{"type": "Work", "value": "a@x"}}}, l{"a@x"},
			scim.Resource{"emails": l{m{"type": "home", "value": "h@x"}}}},
		{`addresses[type eq "work"].country`, "CH", scim.Resource{"addresses": l{m{"type": "work", "locality": "Bern"}}},
			scim.Resource{"addresses": l{m{"type": "work", "locality": "Bern", "country": "CH"}}}, l{"CH"},
			scim.Resource{"addresses": l{m{"type": "work", "locality": "Bern"}}}},
		{`roles[primary eq "True"].value`, "Admin", scim.Resource{}, scim.Resource{"roles": l{m{"primary": true, "value": "Admin"}}}, l{"Admin"}, scim.Resource{}},
		{`roles[primary eq "True"]`, "Admin", scim.Resource{"roles": l{m{"primary": "true", "value": "User"}}},
			scim.Resource{"roles": l{m{"primary": "true", "value": "Admin"}}}, l{"Admin"}, scim.Resource{}},
		{`phoneNumbers[type eq "work" and primary eq true].value`, "1", scim.Resource{"phoneNumbers": l{m{"type": "work", "value": "0"}}},
			scim.Resource{"phoneNumbers": l{m{"type": "work", "value": "0"}, m{"type": "work", "primary": true, "value": "1"}}}, l{"1"},
			scim.Resource{"phoneNumbers": l{m{"type": "work", "value": "0"}}}},
		{"emails.value", "a@x", scim.Resource{}, scim.Resource{"emails": l{m{"value": "a@x"}}}, l{"a@x"}, scim.Resource{}},
		{"roles", []string{"a", "b"}, scim.Resource{}, scim.Resource{"roles": l{m{"value": "a"}, m{"value": "b"}}}, l{"a", "b"}, scim.Resource{}},
		{"roles", "a", scim.Resource{}, scim.Resource{"roles": l{m{"value": "a"}}}, l{"a"}, scim.Resource{}},
		{enterpriseURN + ":department", "R&D", scim.Resource{}, scim.Resource{enterpriseURN: m{"department": "R&D"}}, l{"R&D"}, scim.Resource{}},
		{strings.ToLower(enterpriseURN) + ":Manager", "77", scim.Resource{}, scim.Resource{enterpriseURN: m{"manager": m{"value": "77"}}}, l{"77"}, scim.Resource{}},
		{enterpriseURN + ":manager.value", "77", scim.Resource{enterpriseURN: m{"manager": m{"value": "1"}, "division": "x"}},
			scim.Resource{enterpriseURN: m{"manager": m{"value": "77"}, "division": "x"}}, l{"77"}, scim.Resource{enterpriseURN: m{"division": "x"}}},
		{"urn:acme:2.0:User:badge", "B1", scim.Resource{}, scim.Resource{"urn:acme:2.0:User": m{"badge": "B1"}}, l{"B1"}, scim.Resource{}},
		{"urn:acme:2.0:User:car.plate", "B1", scim.Resource{}, scim.Resource{"urn:acme:2.0:User": m{"car": m{"plate": "B1"}}}, l{"B1"}, scim.Resource{}},
		{"favouriteColour", int64(3), scim.Resource{}, scim.Resource{"favouriteColour": int64(3)}, l{int64(3)}, scim.Resource{}},
	} {
		p, err := Known(scim.Core(), "User").ParsePath(tt.path)
		if err != nil {
			t.Errorf("%s: %v", tt.path, err)
			continue
		}
		r := tt.before.Clone()
		p.Set(r, tt.value)
		if !reflect.DeepEqual(r, tt.set) {
			t.Errorf("%s: set gave %v; want %v", tt.path, r, tt.set)
		}
		if got := p.Values(r); !reflect.DeepEqual(got, tt.values) {
			t.Errorf("%s: values are %v; want %v", tt.path, got, tt.values)
		}
		p.Remove(r)
		if !reflect.DeepEqual(r, tt.removed) {
			t.Errorf("%s: removal gave %v; want %v", tt.path, r, tt.removed)
		}
		p.Remove(r)
		if !reflect.DeepEqual(r, tt.removed) {
			t.Errorf("%s: a second removal gave %v; want nothing to happen", tt.path, r)
		}
	}
}

func TestPathErrors(t *testing.T) {
	for path, want := range map[string]string{
		"":                                   "cannot be read",
		"emails[":                            "cannot be read",
		`emails[type co "work"].value`:       "only comparisons",
		`emails[type eq "a" or type eq "b"]`: "only comparisons",
		`emails[not (type eq "a")].value`:    "only comparisons",
		`emails[type pr].value`:              "only comparisons",
		`emails[type eq null].value`:         "only comparisons",
		strings.Repeat("a", 2000):            "at most 1024",
	} {
		if _, err := Known(scim.Core(), "User").ParsePath(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParsePath(%.40q): got %v; want an error with %q", path, err, want)
		}
	}
}

func TestNormalise(t *testing.T) {
	type m = map[string]any
	type l = []any
	in := m{"ID": int64(7), "UserName": "ann", "Active": "False", "nickName": nil, "emails": m{"Type": "work", "VALUE": "a@x", "primary": "true"},
		"externalID": int64(9), "roles": l{"Admin", nil}, "meta": m{"Version": "1"}, "custom": m{"Keep": nil},
		strings.ToUpper(enterpriseURN): m{"EmployeeNumber": int64(17), "manager": l{m{"Value": "m"}}}}
	want := scim.Resource{"id": "7", "userName": "ann", "active": false, "emails": l{m{"type": "work", "value": "a@x", "primary": true}},
		"externalId": "9", "roles": l{m{"value": "Admin"}}, "meta": m{"version": "1"}, "custom": m{"Keep": nil},
		enterpriseURN: m{"employeeNumber": "17", "manager": m{"value": "m"}}}
	if got := Known(scim.Core(), "User").normalise(in); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestWritable(t *testing.T) {
	type m = map[string]any
	type l = []any
	r := scim.Resource{"id": "7", "meta": m{}, "schemas": l{"urn:acme:1"}, "userName": "ann", "groups": l{m{"value": "g"}}, "urn:acme:2": m{"x": "y"},
		enterpriseURN: m{"manager": m{"value": "m", "displayName": "Max"}}}
	want := scim.Resource{"schemas": l{scim.URNUser, "urn:acme:1", "urn:acme:2", enterpriseURN}, "userName": "ann", "urn:acme:2": m{"x": "y"},
		enterpriseURN: m{"manager": m{"value": "m"}}}
	if got := Known(scim.Core(), "User").Writable(r); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if r["id"] != "7" {
		t.Error("the resource itself was changed")
	}
}

func FuzzPath(f *testing.F) {
	for _, s := range []string{"userName", `emails[type eq "work"].value`, enterpriseURN + ":manager", "urn:a:b.c", "name.givenName", `roles[primary eq "True"]`, "urn:x:",
		`a[b eq 1 and c eq -2.5e3 and d eq "\u0000"].e`} {
		f.Add(s, "value")
	}
	schemas := Known(scim.Core(), "User")
	f.Fuzz(func(t *testing.T, path, value string) {
		p, err := schemas.ParsePath(path)
		if err != nil {
			return
		}
		r := scim.Resource{}
		p.Set(r, value)
		if _, isObject := p.Coerce(value).(map[string]any); value != "" && !isObject && !p.overwrites() && !p.Has(r, text(p.Coerce(value))) && !p.Multi() {
			t.Fatalf("%q: set %q and got %v", path, value, r)
		}
		p.Filter(value)
		p.Remove(r)
		if got := p.Values(r); len(got) != 0 {
			t.Fatalf("%q: removed, and still %v", path, got)
		}
	})
}

// overwrites reports paths that set what they pick by, so that they pick it no longer.
func (p *Path) overwrites() bool {
	return p.isTerm(p.Sub) || p.Sub == "" && p.isTerm("value")
}
