package server

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/scim"
)

// TestCursorsBelongToOneToken: a cursor goes on at every node that has the key, and only for the token that it was given to.
func TestCursorsBelongToOneToken(t *testing.T) {
	v := newVault(t)
	for _, name := range []string{"ann", "bob"} {
		if status := request(t, http.MethodPost, v.url+"/Users", v.secret, `{"userName":"`+name+`"}`); status != http.StatusCreated {
			t.Fatalf("create: status %d", status)
		}
	}
	const other = "another secret, long enough for a token"
	token := organization.Token{ID: "t2", Organization: v.org.ID, Hash: organization.HashSecret(other), Hint: "anot", Created: time.Now()}
	if err := v.sys.Store.RotateToken(t.Context(), token, time.Time{}); err != nil {
		t.Fatal(err)
	}
	second, err := Open(t.Context(), Options{Dir: v.sys.options.Dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := second.Close(); err != nil {
			t.Error(err)
		}
	})
	var nodes []http.Handler
	for _, sys := range []*System{v.sys, second} {
		h, err := sys.Handler(ServeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		nodes = append(nodes, h)
	}
	ask := func(h http.Handler, secret, cursor string) (scimType, user, next string) {
		r := httptest.NewRequest(http.MethodGet, scimPrefix+"acme/Users?count=1&cursor="+cursor, nil)
		r.Header.Set("Authorization", "Bearer "+secret)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		var body struct {
			ScimType, NextCursor string
			Resources            []struct{ UserName string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
			t.Fatal(err)
		}
		if len(body.Resources) > 0 {
			user = body.Resources[0].UserName
		}
		return body.ScimType, user, body.NextCursor
	}
	_, first, next := ask(nodes[0], v.secret, "")
	if first != "ann" || strings.Trim(next, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" || next == "" {
		t.Fatalf("first page: %q, cursor %q", first, next)
	}
	for i, h := range nodes {
		if scimType, user, _ := ask(h, v.secret, next); scimType != "" || user != "bob" {
			t.Errorf("node %d, the same token: %s %q; want bob", i, scimType, user)
		}
		if scimType, user, _ := ask(h, other, next); scimType != scim.InvalidCursor || user != "" {
			t.Errorf("node %d, another token: %s %q; want invalidCursor", i, scimType, user)
		}
	}
}
