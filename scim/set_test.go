package scim

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSetAndRemove(t *testing.T) {
	rt := user(t)
	r := Resource{}
	for _, tt := range []struct {
		path  string
		value any
	}{
		{"userName", "kim"},
		{"active", "False"},
		{"emails[type eq \"work\"].value", "a@x.example"},
		{"emails[type eq \"work\"].value", "b@x.example"},
		{"emails[type eq \"Home\" and primary eq true].value", "h@x.example"},
		{"name.givenName", "Kim"},
		{"name.familyName", nil},
		{"manager", "m1"},
		{URNEnterpriseUser + ":department", "D"},
		{URNEnterpriseUser + ":costCenter", ""},
		{"roles", []string{"r1", "r2"}},
		{"phoneNumbers[type eq \"work\"].value", ""},
		{"addresses[type eq \"work\"]", map[string]any{"locality": "Oslo"}},
	} {
		p, err := rt.ParsePath(tt.path)
		if err != nil {
			t.Fatal(err)
		}
		if err := rt.Set(r, p, tt.value); err != nil {
			t.Fatalf("%s: %v", tt.path, err)
		}
	}
	want := decodeTest(t, `{"userName":"kim","active":false,"name":{"givenName":"Kim"},
		"emails":[{"type":"work","value":"b@x.example"},{"type":"Home","primary":true,"value":"h@x.example"}],
		"roles":[{"value":"r1"},{"value":"r2"}],"addresses":[{"type":"work","locality":"Oslo"}],
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D","manager":{"value":"m1"}}}`)
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
	for _, path := range []string{URNEnterpriseUser, "emails[type eq \"work\"].value", "emails[type eq \"home\"]", "roles", "addresses", "name.givenName", "nickName"} {
		p, err := rt.ParsePath(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := rt.Remove(r, p); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	if diff := cmp.Diff(Resource{"userName": "kim", "active": false}, r); diff != "" {
		t.Error(diff)
	}
}

func TestSetRefuses(t *testing.T) {
	for _, tt := range []struct {
		path, scimType string
		value          any
	}{
		{"active", InvalidValue, "maybe"},
		{"id", Mutability, "1"},
		{URNEnterpriseUser, InvalidPath, map[string]any{}},
		{"userName", Mutability, nil},
	} {
		p, err := user(t).ParsePath(tt.path)
		if err != nil {
			t.Fatal(err)
		}
		wantError(t, user(t).Set(Resource{}, p, tt.value), 400, tt.scimType, "")
	}
}

func TestSortPath(t *testing.T) {
	a := decodeTest(t, `{"id":"a","userName":"Zoe","emails":[{"value":"2"},{"value":"9","primary":true}],"active":true,"meta":{"created":"2026-01-01T00:00:00Z"}}`)
	b := decodeTest(t, `{"id":"b","userName":"adam","emails":[{"value":"5"}],"active":false,"meta":{"created":"2026-01-01T00:30:00+01:00"},"title":"x"}`)
	for _, tt := range []struct {
		path             string
		ascending, other int
	}{
		{"userName", 1, -1},
		{"emails", 1, -1},
		{"emails.value", 1, -1},
		{"active", 1, -1},
		{"meta.created", 1, -1},
		{"title", 1, -1},     // a has none: last when ascending, first when descending
		{"nickName", -1, -1}, // neither has one: by id both times
	} {
		p, err := user(t).ParseSortPath(tt.path)
		if err != nil {
			t.Fatal(err)
		}
		if up, down := p.CompareSort(a, b, false), p.CompareSort(a, b, true); up != tt.ascending || down != tt.other {
			t.Errorf("%s: got %d and descending %d, want %d and %d", tt.path, up, down, tt.ascending, tt.other)
		}
	}
	for _, path := range []string{"", "colour", "name", "addresses", "password", "emails[type eq \"work\"]", URNEnterpriseUser} {
		_, err := user(t).ParseSortPath(path)
		wantError(t, err, 400, InvalidValue, "sortBy")
	}
}

func TestChangedPaths(t *testing.T) {
	before := decodeTest(t, `{"id":"1","meta":{"version":"1"},"userName":"a","emails":[{"value":"1"},{"value":"2"}],"n":1,"urn:x:Y":{"a":1,"b":2}}`)
	after := decodeTest(t, `{"id":"2","schemas":["x"],"userName":"A","emails":[{"value":"2"},{"value":"1"}],"n":1.0,"urn:x:Y":{"a":1,"b":3},"urn:x:Z":{"c":1}}`)
	if diff := cmp.Diff([]string{"urn:x:Y:b", "urn:x:Z:c", "userName"}, ChangedPaths(before, after)); diff != "" {
		t.Error(diff)
	}
	var x, y []any
	for i := range int64(100) {
		x = append(x, map[string]any{"value": i})
		y = append([]any{map[string]any{"value": i}}, y...)
	}
	if !EqualUnordered(x, y) || Equal(x, y) {
		t.Error("a long list in another order is equal without order and different with it")
	}
	y[50] = map[string]any{"value": int64(7)}
	if EqualUnordered(x, y) || EqualUnordered([]any{"a", "a", "b"}, []any{"a", "b", "b"}) {
		t.Error("lists with different elements are equal")
	}
}
