package server

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

// node is a server on a database, without a network: requests come from the address that they say.
type node struct {
	t       testing.TB
	sys     *System
	mount   *scimMount
	handler http.Handler
}

func newNode(t testing.TB, c store.Config, o ServeOptions) *node {
	t.Helper()
	sys, err := Open(t.Context(), Options{Dir: c.Dir, Database: c.URL, Key: c.Keys})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sys.Close(); err != nil {
			t.Error(err)
		}
	})
	n := &node{t: t, sys: sys}
	if n.mount, err = newSCIMMount(sys, o, nil); err != nil {
		t.Fatal(err)
	}
	n.handler = n.mount
	return n
}

func (n *node) organization(slug string) (secret string) {
	n.t.Helper()
	secret, err := n.sys.NewSCIMOrganization(n.t.Context(), slug, slug, "azure")
	if err != nil {
		n.t.Fatal(err)
	}
	return secret
}

// get asks for a user that does not exist: 404 is the answer to who may ask.
func (n *node) get(slug, authorization, from string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/api/scim/"+slug+"/Users/nobody", nil)
	r.RemoteAddr = from + ":4711"
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	n.handler.ServeHTTP(w, r)
	return w
}

const office = "192.0.2.1"

// TestAllRefusalsAreEqual: to whom the organization, the token or their belonging together is wrong, every byte of the answer is the same.
func TestAllRefusalsAreEqual(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		n := newNode(t, c, ServeOptions{})
		now := noon
		n.sys.now = func() time.Time { return now }
		n.mount.now = n.sys.now
		acme, other := n.organization("acme"), n.organization("other")
		org, err := n.sys.Organization(t.Context(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		rotated, err := n.sys.Integrations().Rotate(t.Context(), org.ID, time.Hour, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := n.sys.Integrations().Revoke(t.Context(), org.ID, rotated.TokenID); err != nil {
			t.Fatal(err)
		}
		if got := n.get("acme", "Bearer "+acme, office).Code; got != http.StatusNotFound {
			t.Fatalf("the right token: status %d", got)
		}
		now = now.Add(2 * time.Hour) // the first token has ended by the rotation
		var first string
		for name, request := range map[string][2]string{
			"unknown token":        {"other", "scim_unknown"},
			"unknown organization": {"nowhere", other},
			"both unknown":         {"nowhere", "scim_unknown"},
			"of another one":       {"acme", other},
			"revoked":              {"acme", rotated.Secret},
			"expired":              {"acme", acme},
		} {
			w := n.get(request[0], "Bearer "+request[1], office)
			w.Header().Del("X-Request-Id") // new for every request
			got := fmt.Sprint(w.Code, w.Header(), w.Body)
			if first == "" {
				first = got
			}
			if w.Code != http.StatusUnauthorized || got != first {
				t.Errorf("%s: got %s\nanother refusal was %s", name, got, first)
			}
		}
	})
}

// countedTokens counts look-ups.
type countedTokens struct {
	organization.IntegrationStore
	lookups atomic.Int32
}

func (c *countedTokens) Bearer(ctx context.Context, hash [32]byte) (organization.Bearer, error) {
	c.lookups.Add(1)
	return c.IntegrationStore.Bearer(ctx, hash)
}

func TestBearerHeader(t *testing.T) {
	n := newNode(t, storetest.SQLite(t), ServeOptions{})
	secret := n.organization("acme")
	tokens := &countedTokens{IntegrationStore: n.sys.Store}
	n.mount.method = bearerTokens{tokens}
	for _, c := range []struct {
		header  string
		status  int
		lookups int32
	}{
		{"Bearer " + secret, 404, 1}, {"bearer " + secret, 404, 1}, {"BEARER   " + secret + " ", 404, 1},
		// An empty token is refused before anything is looked up.
		{"Bearer", 401, 0}, {"Bearer ", 401, 0}, {"Bearer    ", 401, 0}, {"", 401, 0},
		{"Basic " + secret, 401, 0}, {secret, 401, 0}, {"Bearer wrong", 401, 1},
	} {
		tokens.lookups.Store(0)
		w := n.get("acme", c.header, office)
		if w.Code != c.status || tokens.lookups.Load() != c.lookups {
			t.Errorf("%.20q: status %d, %d look-ups; want %d, %d", c.header, w.Code, tokens.lookups.Load(), c.status, c.lookups)
		}
		if auth := w.Header().Get("WWW-Authenticate"); (c.status == 401) != strings.HasPrefix(auth, "Bearer") {
			t.Errorf("%.20q: WWW-Authenticate is %q", c.header, auth)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/api/scim/acme/Users", nil)
	r.Header["Authorization"] = []string{"Bearer " + secret, "Bearer other"}
	w := httptest.NewRecorder()
	if n.handler.ServeHTTP(w, r); w.Code != http.StatusUnauthorized {
		t.Errorf("two Authorization headers: status %d; want 401", w.Code)
	}
}

// TestRevocationIsAtOnce: a token that is revoked at one node is refused by the next request at another.
func TestRevocationIsAtOnce(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		here, there := newNode(t, c, ServeOptions{AddressRateLimit: 20}), newNode(t, c, ServeOptions{AddressRateLimit: 20})
		first := here.organization("acme")
		org, err := here.sys.Organization(t.Context(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		second, err := here.sys.Integrations().Rotate(t.Context(), org.ID, time.Hour, 0)
		if err != nil {
			t.Fatal(err)
		}
		both := func(secret string, want int) {
			t.Helper()
			for _, n := range []*node{here, there} {
				if got := n.get("acme", "Bearer "+secret, office).Code; got != want {
					t.Errorf("status %d; want %d", got, want)
				}
			}
		}
		both(first, http.StatusNotFound) // several are valid at once
		both(second.Secret, http.StatusNotFound)
		if err := here.sys.Integrations().Revoke(t.Context(), org.ID, second.TokenID); err != nil {
			t.Fatal(err)
		}
		both(second.Secret, http.StatusUnauthorized)
		both(first, http.StatusNotFound)
		tokens, err := there.sys.Store.Tokens(t.Context(), org.ID)
		if err != nil || len(tokens) != 2 || tokens[0].LastUsed.IsZero() || tokens[1].LastUsed.IsZero() {
			t.Errorf("the tokens are %+v, %v; want the last use of both", tokens, err)
		}
	})
}

// TestGuarantee: whatever its other tokens, other addresses and other organizations do, each organization gets its requests through. All of them send from one
// address, as customers of one identity provider do, and one of them has wrong tokens.
func TestGuarantee(t *testing.T) {
	n := newNode(t, storetest.SQLite(t), ServeOptions{SCIMRateLimit: 30, AddressRateLimit: 20})
	now := noon
	n.mount.now = func() time.Time { return now }
	secrets := map[string]string{}
	for i := range 3 {
		slug := fmt.Sprint("quiet", i)
		secrets[slug] = n.organization(slug)
	}
	noisy := n.organization("noisy")
	org, err := n.sys.Organization(t.Context(), "quiet0")
	if err != nil {
		t.Fatal(err)
	}
	greedy, err := n.sys.Integrations().Rotate(t.Context(), org.ID, time.Hour, 0)
	if err != nil {
		t.Fatal(err)
	}
	const seconds, perSecond = 4, 1000
	statuses := map[int]int{}
	flood := func(slug, authorization string) { statuses[n.get(slug, authorization, office).Code]++ }
	for tick := range seconds * perSecond {
		flood("noisy", "Bearer wrong")
		flood("quiet1", "")
		if tick%4 == 0 {
			flood("noisy", "Bearer "+noisy)
			flood("quiet0", "Bearer "+greedy.Secret)
			flood(fmt.Sprint("random", tick), fmt.Sprint("Bearer ", tick))
		}
		if tick >= perSecond && tick%(perSecond/Guaranteed) == 0 { // first seen in the middle of the flood
			for slug, secret := range secrets {
				if w := n.get(slug, "Bearer "+secret, office); w.Code != http.StatusNotFound {
					t.Fatalf("%s after %s: status %d: %s", slug, now.Sub(noon), w.Code, w.Body)
				}
			}
		}
		now = now.Add(time.Second / perSecond)
	}
	if let := statuses[401]; let > 100+20*seconds+Guaranteed || statuses[429] < seconds*perSecond {
		t.Errorf("the flood was answered %v; want that wrong tokens meet 429 soon", statuses)
	}
}

// TestRefusedByLimit: 429 has Retry-After and a SCIM error, for a token and for an address alike.
func TestRefusedByLimit(t *testing.T) {
	n := newNode(t, storetest.SQLite(t), ServeOptions{SCIMRateLimit: 25, AddressRateLimit: 1})
	now := noon
	n.mount.now = func() time.Time { return now }
	secret := n.organization("acme")
	for name, authorization := range map[string]string{"token": "Bearer " + secret, "wrong token": "Bearer wrong", "none": ""} {
		var w *httptest.ResponseRecorder
		for range 60 {
			w = n.get("acme", authorization, office)
		}
		if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "1" ||
			!strings.Contains(w.Body.String(), `"status":"429"`) || w.Header().Get("Content-Type") != "application/scim+json" {
			t.Errorf("%s: got %d %v %s; want 429 with Retry-After and a SCIM error", name, w.Code, w.Header(), w.Body)
		}
	}
	// The ServiceProviderConfig is for everybody, and not for floods.
	r := httptest.NewRequest(http.MethodGet, "/api/scim/acme/ServiceProviderConfig", nil)
	r.RemoteAddr = office + ":1"
	w := httptest.NewRecorder()
	if n.handler.ServeHTTP(w, r); w.Code != http.StatusTooManyRequests {
		t.Errorf("the ServiceProviderConfig for a flooded address: status %d", w.Code)
	}
	now = now.Add(time.Minute)
	w = httptest.NewRecorder()
	if n.handler.ServeHTTP(w, r); w.Code != http.StatusOK {
		t.Errorf("a minute later: status %d", w.Code)
	}
}

// TestBulkIsCharged: what a bulk request stands for is taken from the token's allowance.
func TestBulkIsCharged(t *testing.T) {
	n := newNode(t, storetest.SQLite(t), ServeOptions{SCIMRateLimit: 100})
	n.mount.now = func() time.Time { return noon }
	secret := n.organization("acme")
	r := httptest.NewRequest(http.MethodPost, "/api/scim/acme/Bulk", nil)
	r.Header.Set("Authorization", "Bearer "+secret)
	r.SetPathValue(scimSlug, "acme")
	tenant, err := n.mount.authenticate(r)
	if err != nil {
		t.Fatal(err)
	}
	tenant.Charge(1000)
	if w := n.get("acme", "Bearer "+secret, office); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "10" {
		t.Errorf("after a bulk of 1,001 operations at 100/s: status %d, Retry-After %q; want 429 and 10", w.Code, w.Header().Get("Retry-After"))
	}
}
