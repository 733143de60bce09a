package organization_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

// clock is a service at a time that the test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func withService(t *testing.T, fn func(t *testing.T, s organization.Service, c *clock, org string)) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := &clock{time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)}
		fn(t, organization.Service{Store: s, Now: c.now}, c, storetest.Organization(t, s, "acme"))
	})
}

func TestSetRefuses(t *testing.T) {
	withService(t, func(t *testing.T, s organization.Service, _ *clock, org string) {
		for _, c := range []struct {
			name, want string
			r          organization.SetRequest
		}{
			{"provider", "azure, okta", organization.SetRequest{Provider: "google", Method: "bearer", Generate: true}},
			{"method", "bearer", organization.SetRequest{Provider: "azure", Method: "basic", Generate: true}},
			{"both secrets", "one of the two", organization.SetRequest{Provider: "azure", Method: "bearer", Generate: true, Secret: "Tr0ub4dor&3-horse"}},
			{"weak secret", "complex string", organization.SetRequest{Provider: "azure", Method: "bearer", Secret: "password"}},
			{"active without a secret", "no valid secret", organization.SetRequest{Provider: "azure", Method: "bearer", Active: true}},
		} {
			c.r.Organization = org
			_, err := s.Set(t.Context(), c.r)
			if !errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got %v, want ErrInvalid with %q", c.name, err, c.want)
			}
		}
		if _, err := s.Store.IntegrationOf(t.Context(), org); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("a refused setting was stored: %v", err)
		}
	})
}

// The life of secrets: chosen, replaced, rotated with an overlap, revoked.
func TestSecretsLive(t *testing.T) {
	withService(t, func(t *testing.T, s organization.Service, c *clock, org string) {
		opens := func(secret string, want bool) {
			t.Helper()
			b, err := s.Store.Bearer(t.Context(), organization.HashSecret(secret))
			if err != nil && !errors.Is(err, fault.ErrNotFound) {
				t.Fatal(err)
			}
			if got := err == nil && b.Token.Valid(c.at) && b.Integration.Active; got != want {
				t.Errorf("secret %.12q at %v: %v, %v, want valid %v", secret, c.at, got, err, want)
			}
			if err == nil && b.Organization.ID != org {
				t.Errorf("it stands for %q, want %q", b.Organization.ID, org)
			}
		}
		const chosen = "Tr0ub4dor&3-horse"
		set := organization.SetRequest{Organization: org, Provider: "azure", Method: "bearer", Active: true, Secret: chosen}
		first, err := s.Set(t.Context(), set)
		if err != nil || first.Secret != "" || first.TokenID == "" {
			t.Fatalf("set a chosen secret: %+v, %v", first, err)
		}
		opens(chosen, true)
		opens("", false)
		opens("another secret", false)
		opens(strings.Repeat("x", 5000), false)

		// The setting without a secret keeps the secret; an inactive integration opens for nobody.
		set.Secret, set.Active = "", false
		if _, err := s.Set(t.Context(), set); err != nil {
			t.Fatal(err)
		}
		opens(chosen, false)
		set.Active = true
		if _, err := s.Set(t.Context(), set); err != nil {
			t.Fatal(err)
		}
		opens(chosen, true)

		c.at = c.at.Add(time.Hour)
		rotated, err := s.Rotate(t.Context(), org, 2*time.Hour, 0)
		if err != nil || !organization.Generated(rotated.Secret) || rotated.Integration.Provider != "azure" || !rotated.Integration.Active {
			t.Fatalf("rotate: %+v, %v", rotated, err)
		}
		opens(chosen, true)
		opens(rotated.Secret, true)
		c.at = c.at.Add(2 * time.Hour)
		opens(chosen, false)
		opens(rotated.Secret, true)

		// A new secret by Set takes the place of the others at once.
		set.Generate = true
		replaced, err := s.Set(t.Context(), set)
		if err != nil {
			t.Fatal(err)
		}
		opens(rotated.Secret, false)
		opens(replaced.Secret, true)
		if err := s.Revoke(t.Context(), org, replaced.TokenID); err != nil {
			t.Fatal(err)
		}
		opens(replaced.Secret, false)
		set.Generate = false
		if _, err := s.Set(t.Context(), set); !errors.Is(err, fault.ErrInvalid) {
			t.Errorf("active with only revoked secrets: got %v, want ErrInvalid", err)
		}
		if err := s.Revoke(t.Context(), org, "tok_unknown"); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("revoke an unknown token: got %v, want ErrNotFound", err)
		}
	})
}

func TestRotateRefuses(t *testing.T) {
	withService(t, func(t *testing.T, s organization.Service, _ *clock, org string) {
		for _, c := range []struct {
			overlap time.Duration
			want    error
		}{{-time.Second, fault.ErrInvalid}, {91 * 24 * time.Hour, fault.ErrInvalid}, {0, fault.ErrNotFound}} {
			if _, err := s.Rotate(t.Context(), org, c.overlap, 0); !errors.Is(err, c.want) {
				t.Errorf("overlap %v: got %v, want %v", c.overlap, err, c.want)
			}
		}
	})
}

// racingStore switches the integration off right after it was read.
type racingStore struct{ organization.IntegrationStore }

func (r racingStore) IntegrationOf(ctx context.Context, org string) (organization.Integration, error) {
	i, err := r.IntegrationStore.IntegrationOf(ctx, org)
	off := i
	off.Active = false
	return i, errors.Join(err, r.SaveIntegration(ctx, off, nil, time.Time{}))
}

func TestRotateLeavesTheSettingAlone(t *testing.T) {
	withService(t, func(t *testing.T, s organization.Service, c *clock, org string) {
		set := organization.SetRequest{Organization: org, Provider: "azure", Method: "bearer", Active: true, Generate: true}
		if _, err := s.Set(t.Context(), set); err != nil {
			t.Fatal(err)
		}
		c.at = c.at.Add(time.Hour)
		plain := s.Store
		s.Store = racingStore{plain}
		if _, err := s.Rotate(t.Context(), org, time.Hour, 0); err != nil {
			t.Fatal(err)
		}
		if i, err := plain.IntegrationOf(t.Context(), org); err != nil || i.Active || !i.Updated.Equal(c.at) {
			t.Errorf("got %+v, %v; want it switched off and updated at %v", i, err, c.at)
		}
	})
}
