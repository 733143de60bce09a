package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

// TestLinkingFollowsTheRule: an imported person is taken over when, and only when, the organization's setting says so, from the next request on.
func TestLinkingFollowsTheRule(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		n := newNode(t, c, ServeOptions{})
		secret := n.organization("acme")
		org, err := n.sys.Organization(t.Context(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		people := "userPrincipalName,displayName,mail\nada@acme.example,Ada,ada@acme.example\nbob,Bob,bob@acme.example\n"
		if _, err := n.sys.ImportText(t.Context(), org, "", people, ""); err != nil {
			t.Fatal(err)
		}
		post := func(name string) (int, string) {
			r := httptest.NewRequest(http.MethodPost, "/api/scim/acme/Users", strings.NewReader(`{"userName":"`+name+`","displayName":"New"}`))
			r.Header.Set("Authorization", "Bearer "+secret)
			w := httptest.NewRecorder()
			n.handler.ServeHTTP(w, r)
			return w.Code, w.Body.String()
		}
		for _, step := range []struct {
			rule   organization.LinkRule
			name   string
			status int
		}{
			{"", "ada@acme.example", http.StatusConflict},
			{organization.LinkUserName, "ada@acme.example", http.StatusCreated},
			{organization.LinkEmail, "bob@acme.example", http.StatusCreated},
		} {
			set := organization.SetRequest{Organization: org.ID, Provider: "azure", Method: organization.MethodBearer, Active: true, Link: step.rule}
			if _, err := n.sys.Integrations().Set(t.Context(), set); err != nil {
				t.Fatal(err)
			}
			if status, body := post(step.name); status != step.status {
				t.Errorf("under the rule %q: status %d: %s; want %d", step.rule, status, body, step.status)
			}
		}
		if n, err := n.sys.Store.CountObjects(t.Context(), org.ID, "User"); err != nil || n != 2 {
			t.Errorf("there are %d people, %v; want the two of the import", n, err)
		}
	})
}
