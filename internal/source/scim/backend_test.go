package scim_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/organization"
	source "github.com/rollcall-id/rollcall/internal/source/scim"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
	"github.com/rollcall-id/rollcall/scim/scimtest"
)

func registry() *scim.Registry { return directory.Registry() }

// newBackend returns a backend over a new organization in the store.
func newBackend(t testing.TB, s *store.Store) source.Backend {
	t.Helper()
	id := fmt.Sprintf("org-%d", serial.Add(1))
	err := s.CreateOrganization(t.Context(), organization.Organization{ID: id, Slug: id, Name: id, Created: time.Now().UTC()})
	if err != nil {
		t.Fatal(err)
	}
	return source.Backend{
		Directory: &directory.Directory{Store: s}, Organization: id, Profile: scim.ProfileRFC,
		Origin: directory.Origin{Owner: directory.OwnerSCIM, Actor: "scim token t1", Cause: "request-1"},
	}
}

// serial makes organizations of one test binary distinct.
var serial atomic.Int64

func TestBackendConformance(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		scimtest.RunBackend(t, func(t *testing.T) scimserver.Backend { return newBackend(t, s) })
	})
}

func TestProfileOf(t *testing.T) {
	for provider, want := range map[string]scim.Profile{
		"azure": scim.ProfileEntra, "okta": scim.ProfileOkta, "onelogin": scim.ProfileRFC, "generic": scim.ProfileRFC, "": scim.ProfileRFC,
	} {
		if got := source.ProfileOf(provider); got != want {
			t.Errorf("ProfileOf(%q) is %q, want %q", provider, got, want)
		}
	}
}
