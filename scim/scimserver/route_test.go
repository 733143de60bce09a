package scimserver

import (
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/scim"
)

func TestRoute(t *testing.T) {
	h := New(Config{Registry: scim.Core()})
	for _, test := range []struct {
		path  string
		kind  endpoint
		name  string
		id    string
		loose bool
	}{
		{"", root, "/", "", false},
		{"/", root, "/", "", false},
		{"//", root, "/", "", true},
		{"/Users", collection, "/Users", "", false},
		{"Users", collection, "/Users", "", false},
		{"/Users/", collection, "/Users", "", true},
		{"//Users", collection, "/Users", "", true},
		{"/USERS", collection, "/Users", "", true},
		{"/v2/Users", collection, "/Users", "", false},
		{"/Users/a", resource, "/Users", "a", false},
		{"/users//a/", resource, "/Users", "a", true},
		{"/Users/.search", search, "/Users/.search", "", false},
		{"/Groups/.SEARCH", search, "/Groups/.search", "", true},
		{"/.search", rootSearch, "/.search", "", false},
		{"/Schemas/urn:x:y", schemas, "/Schemas", "urn:x:y", false},
		{"/resourcetypes/User", resourceTypes, "/ResourceTypes", "User", true},
		{"/ServiceProviderConfig", providerConfig, "/ServiceProviderConfig", "", false},
		{"/Me/a/b", me, "/Me", "a", false},
		{"/Bulk", bulk, "/Bulk", "", false},
		{"/v2", root, "/", "", false},
		{"/Users/v2", resource, "/Users", "v2", false},
	} {
		t.Run(test.path, func(t *testing.T) {
			got, err := h.route(test.path)
			if err != nil {
				t.Fatal(err)
			}
			if got.kind != test.kind || got.name() != test.name || got.id != test.id || got.loose != test.loose {
				t.Errorf("route is %+v (%s), want %+v", got, got.name(), test)
			}
		})
	}
}

func TestRouteUnknown(t *testing.T) {
	h := New(Config{Registry: scim.Core()})
	for _, path := range []string{"/x", "/Users/a/b", "/Users/.search/a", "/Bulk/a", "/v3/Users", "/v2/v2/Users", strings.Repeat("/a", 100), "/Schemas/a/b", "/ Users"} {
		if got, err := h.route(path); err == nil {
			t.Errorf("%q leads to %+v; want an error", path, got)
		}
	}
}

func FuzzRoute(f *testing.F) {
	for _, seed := range []string{"/Users", "//users//a/", "/v2/Groups/.search", "/Schemas/urn:a", "/v99999/x"} {
		f.Add(seed)
	}
	h := New(Config{Registry: scim.Core()})
	f.Fuzz(func(t *testing.T, path string) {
		got, err := h.route(path)
		if (err == nil) == (got.kind == unknown) {
			t.Errorf("%q: %+v with error %v", path, got, err)
		}
		if strings.Contains(got.id, "/") {
			t.Errorf("%q: the id %q holds a slash", path, got.id)
		}
		if again, err2 := h.route("/" + path + "/"); err == nil && (err2 != nil || again.kind != got.kind || again.id != got.id) {
			t.Errorf("%q with more slashes is %+v, want %+v", path, again, got)
		}
	})
}
