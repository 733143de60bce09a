package store_test

import (
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

// TestRevocationIsSeenAtOnce: a token that is remembered is refused by the very next request after it was revoked, or its integration switched off, on every
// node.
func TestRevocationIsSeenAtOnce(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		here, there := storetest.Open(t, c), storetest.Open(t, c)
		org := storetest.Organization(t, here, "acme")
		for _, writer := range []*store.Store{here, there} {
			token := organization.Token{ID: "t" + time.Now().String(), Organization: org, Hash: organization.HashSecret(time.Now().String()), Created: noon}
			i := organization.Integration{Organization: org, Provider: "generic", Method: "bearer", Active: true, Updated: noon}
			if err := here.SaveIntegration(t.Context(), i, &token, time.Time{}); err != nil {
				t.Fatal(err)
			}
			look := func() organization.Bearer {
				b, err := here.Bearer(t.Context(), token.Hash)
				if err != nil {
					t.Fatal(err)
				}
				return b
			}
			for range 3 {
				if b := look(); !b.Token.Revoked.IsZero() || !b.Integration.Active || b.Token.ID != token.ID {
					t.Fatalf("a good token: %+v", b)
				}
			}
			i.Active = false
			if err := writer.SaveIntegration(t.Context(), i, nil, time.Time{}); err != nil {
				t.Fatal(err)
			}
			if look().Integration.Active {
				t.Error("the integration was switched off, and the token is still good")
			}
			if err := writer.RevokeToken(t.Context(), org, token.ID, noon); err != nil {
				t.Fatal(err)
			}
			if look().Token.Revoked.IsZero() {
				t.Error("the token was revoked and is still good")
			}
		}
	})
}
