package scim

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
	"github.com/rollcall-id/rollcall/scim/scimtest"
)

// BenchmarkMatchAndCreate is what an initial cycle does for each new person: a lookup that finds nobody, and a create, over loopback.
func BenchmarkMatchAndCreate(b *testing.B) {
	honest := scimserver.New(scimserver.Config{Registry: scim.Core(), Backend: &scimtest.Memory{}})
	server := httptest.NewServer(http.StripPrefix("/scim", honest))
	b.Cleanup(server.Close)
	target, err := New(Config{TenantURL: server.URL + "/scim", Token: "token"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(target.Close)
	var n atomic.Int64
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			name := fmt.Sprintf("user%d@example.com", n.Add(1))
			found, err := target.Find(b.Context(), "User", "userName", name)
			if err != nil || len(found) != 0 {
				b.Errorf("found %v, %v", found, err)
				return
			}
			_, err = target.Create(b.Context(), "User", []provisioning.Assignment{
				{Path: "userName", Value: name}, {Path: "active", Value: true}, {Path: "name.familyName", Value: "Li"},
				{Path: `emails[type eq "work"].value`, Value: name}, {Path: scim.URNEnterpriseUser + ":department", Value: "Sales"},
			})
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
}
