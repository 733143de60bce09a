package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

func TestOrganizations(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		want := organization.Organization{ID: "o2", Slug: "beta", Name: "Beta Ünited", Created: noon}
		storetest.Organization(t, s, "gamma")
		if err := s.CreateOrganization(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		err := s.CreateOrganization(t.Context(), organization.Organization{ID: "o3", Slug: "beta", Name: "x", Created: noon})
		wantError(t, err, fault.ErrConflict)
		got, err := s.OrganizationBySlug(t.Context(), "beta")
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("by slug: %v (-want +got):\n%s", err, d)
		}
		_, err = s.OrganizationBySlug(t.Context(), "delta")
		wantError(t, err, fault.ErrNotFound)
		all, err := s.Organizations(t.Context())
		if err != nil || len(all) != 2 || all[0].Slug != "beta" || all[1].Slug != "gamma" {
			t.Errorf("all: %v, %v", all, err)
		}
		wantError(t, s.DeleteOrganization(t.Context(), "nobody"), fault.ErrNotFound)
	})
}

func TestAdministrators(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org, other := storetest.Organization(t, s, "acme"), storetest.Organization(t, s, "other")
		want := organization.Administrator{Organization: org, Email: "ada@acme.example", PasswordHash: "$argon2id$…", Role: "owner", Created: noon}
		second := want
		second.Organization = other
		for _, a := range []organization.Administrator{want, second} {
			if err := s.AddAdministrator(t.Context(), a); err != nil {
				t.Fatal(err)
			}
		}
		wantError(t, s.AddAdministrator(t.Context(), want), fault.ErrConflict)
		got, err := s.Administrators(t.Context(), "ada@acme.example")
		if d := cmp.Diff([]organization.Administrator{want, second}, got); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
		second.Organization = "nowhere"
		wantError(t, s.AddAdministrator(t.Context(), second), fault.ErrNotFound)
	})
}

// Deleting an organization leaves nothing of it behind and nothing of others away.
func TestDeleteOrganization(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		for _, slug := range []string{"acme", "other"} {
			fill(t, s, slug)
		}
		if err := s.DeleteOrganization(t.Context(), "org-acme"); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{
			"organization", "administrator", "integration", "token", "resource", "membership", "change", "application", "assignment", "job", "link",
			"link_member", "escrow", "lease", "record",
		} {
			want := map[string]string{"resource": "2"}[table]
			if want == "" {
				want = "1"
			}
			if got, err := s.QueryText(t.Context(), "select cast(count(*) as text) from "+table); got != want || err != nil {
				t.Errorf("%s holds %s rows, %v; want %s of the other organization", table, got, err, want)
			}
		}
	})
}

// fill gives an organization one row (of objects two) in every table.
func fill(t *testing.T, s *store.Store, slug string) {
	t.Helper()
	org := storetest.Organization(t, s, slug)
	u, g, app := slug+"-u1", slug+"-g1", slug+"-app"
	insert(t, s, user(org, u, "ada"), group(org, g, "all"))
	join(t, s, org, g, member(u))
	token := organization.Token{ID: slug + "-t1", Organization: org, Hash: organization.HashSecret(slug), Created: noon}
	err := errors.Join(
		s.AddAdministrator(t.Context(), organization.Administrator{Organization: org, Email: "a@b.example", Role: "owner", Created: noon}),
		s.SaveIntegration(t.Context(), organization.Integration{Organization: org, Provider: "azure", Method: "bearer"}, &token, time.Time{}),
		s.CreateApplication(t.Context(), application.Application{ID: app, Organization: org, Name: "app"}),
		s.SaveJob(t.Context(), provisioning.Job{Application: app}),
		s.Commit(t.Context(), app, provisioning.Batch{
			Links:   []provisioning.Link{{Type: directory.User, Source: u, Target: "t1"}},
			Escrows: []provisioning.Escrow{{Type: directory.User, Source: u}},
			Members: []provisioning.GroupMembers{{Group: g, Added: []provisioning.MemberLink{{Type: directory.User, Source: u, Target: "t1"}}}},
			Records: []record.Record{{ID: "r1"}},
		}),
	)
	if err != nil {
		t.Fatal(err)
	}
	assignment := application.Assignment{Application: app, Principal: u, PrincipalType: directory.User}
	if _, err := s.Assign(t.Context(), org, assignment, directory.Origin{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AcquireLease(t.Context(), app, provisioning.Lease{Holder: "h"}, noon, nil); err != nil {
		t.Fatal(err)
	}
}

func TestIntegration(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := storetest.Organization(t, s, "acme")
		_, err := s.IntegrationOf(t.Context(), org)
		wantError(t, err, fault.ErrNotFound)

		setting := organization.Integration{Organization: org, Provider: "azure", Method: "bearer", Active: true, Updated: noon}
		token := func(id string, at time.Time) *organization.Token {
			return &organization.Token{ID: id, Organization: org, Hash: organization.HashSecret(id), Hint: "scim_ab", Created: at}
		}
		if err := s.SaveIntegration(t.Context(), setting, token("t1", noon), time.Time{}); err != nil {
			t.Fatal(err)
		}
		got, err := s.IntegrationOf(t.Context(), org)
		if d := cmp.Diff(setting, got); d != "" || err != nil {
			t.Errorf("setting: %v (-want +got):\n%s", err, d)
		}
		// A rotation: the old token gets an end, the new one has none.
		retire := noon.Add(time.Hour)
		setting.Provider, setting.Updated = "okta", noon.Add(time.Minute)
		if err := s.SaveIntegration(t.Context(), setting, token("t2", noon.Add(time.Minute)), retire); err != nil {
			t.Fatal(err)
		}
		// A later retirement does not give an old token a longer life.
		if err := s.SaveIntegration(t.Context(), setting, token("t3", noon.Add(2*time.Minute)), retire.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		list, err := s.Tokens(t.Context(), org)
		if err != nil || len(list) != 3 || list[0].ID != "t3" || list[2].ID != "t1" {
			t.Fatalf("tokens: %v, %v", list, err)
		}
		for i, want := range []time.Time{{}, retire.Add(time.Hour), retire} {
			if !list[i].Expires.Equal(want) {
				t.Errorf("%s expires %v, want %v", list[i].ID, list[i].Expires, want)
			}
		}
		if err := s.RevokeToken(t.Context(), org, "t3", noon); err != nil {
			t.Fatal(err)
		}
		if err := s.RevokeToken(t.Context(), org, "t3", noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		b, err := s.Bearer(t.Context(), organization.HashSecret("t3"))
		if err != nil || !b.Token.Revoked.Equal(noon) || b.Organization.Slug != "acme" || b.Integration.Provider != "okta" || !b.Integration.Active {
			t.Errorf("bearer: %+v, %v", b, err)
		}
		_, err = s.Bearer(t.Context(), organization.HashSecret("t4"))
		wantError(t, err, fault.ErrNotFound)
		other := storetest.Organization(t, s, "other")
		wantError(t, s.RevokeToken(t.Context(), other, "t1", noon), fault.ErrNotFound)
	})
}

// A secret chosen again replaces its token; one that was revoked, or that another organization has, is refused alike.
func TestSecretChosenAgain(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org, other := storetest.Organization(t, s, "acme"), storetest.Organization(t, s, "other")
		save := func(org, id, secret string) error {
			token := organization.Token{ID: id, Organization: org, Hash: organization.HashSecret(secret), Created: noon}
			return s.SaveIntegration(t.Context(), organization.Integration{Organization: org, Provider: "azure", Method: "bearer"}, &token, noon)
		}
		if err := errors.Join(save(org, "t1", "one"), save(org, "t2", "one")); err != nil {
			t.Fatal(err)
		}
		list, err := s.Tokens(t.Context(), org)
		if err != nil || len(list) != 1 || list[0].ID != "t2" || !list[0].Expires.IsZero() {
			t.Errorf("tokens: %+v, %v", list, err)
		}
		foreign := save(other, "t3", "one")
		wantError(t, foreign, fault.ErrConflict)
		if err := s.RevokeToken(t.Context(), org, "t2", noon); err != nil {
			t.Fatal(err)
		}
		revoked := save(org, "t4", "one")
		wantError(t, revoked, fault.ErrConflict)
		if foreign.Error() != revoked.Error() {
			t.Errorf("the texts tell the cases apart: %v, %v", foreign, revoked)
		}
		if _, err := s.IntegrationOf(t.Context(), other); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("the refused setting was stored: %v", err)
		}
	})
}

func TestTokenUsed(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := storetest.Organization(t, s, "acme")
		token := organization.Token{ID: "t1", Organization: org, Hash: organization.HashSecret("x"), Created: noon}
		err := s.SaveIntegration(t.Context(), organization.Integration{Organization: org, Provider: "azure", Method: "bearer"}, &token, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ at, want time.Duration }{{0, 0}, {30 * time.Second, 0}, {61 * time.Second, 61 * time.Second}} {
			if err := s.TokenUsed(t.Context(), "t1", noon.Add(c.at)); err != nil {
				t.Fatal(err)
			}
			list, err := s.Tokens(t.Context(), org)
			if err != nil || !list[0].LastUsed.Equal(noon.Add(c.want)) {
				t.Errorf("used at +%v: stored %v, %v; want +%v", c.at, list[0].LastUsed, err, c.want)
			}
		}
		wantError(t, s.TokenUsed(t.Context(), "t9", noon), fault.ErrNotFound)
	})
}

// Another default domain starts the organization's applications over, and nobody else's.
func TestDefaultDomain(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := storetest.Organization(t, s, "acme")
		if err := s.CreateApplication(t.Context(), sampleApplication(org)); err != nil {
			t.Fatal(err)
		}
		before, err := s.ApplicationByID(t.Context(), "app1")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.SetDefaultDomain(t.Context(), "elsewhere", "contoso.com"); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("an organization that is not there: %v", err)
		}
		if err := s.SetDefaultDomain(t.Context(), org, "contoso.com"); err != nil {
			t.Fatal(err)
		}
		o, err := s.OrganizationBySlug(t.Context(), "acme")
		if domain, domainErr := s.DefaultDomain(t.Context(), org); o.DefaultDomain != "contoso.com" || domain != "contoso.com" || err != nil || domainErr != nil {
			t.Errorf("%+v, %q, %v, %v", o, domain, err, domainErr)
		}
		after, err := s.ApplicationByID(t.Context(), "app1")
		if err != nil || after.Revision != before.Revision+1 || after.Version != before.Version+1 {
			t.Errorf("revision %d to %d, version %d to %d: %v", before.Revision, after.Revision, before.Version, after.Version, err)
		}
		if domain, err := s.DefaultDomain(t.Context(), "elsewhere"); domain != "" || err != nil {
			t.Errorf("elsewhere: %q, %v", domain, err)
		}
	})
}
