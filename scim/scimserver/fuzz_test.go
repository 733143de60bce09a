package scimserver_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
	"github.com/rollcall-id/rollcall/scim/scimtest"
)

// FuzzHandler sends anything anywhere: no request may lead to a fault, and every answer is a SCIM message.
func FuzzHandler(f *testing.F) {
	for _, seed := range []struct{ method, path, query, body string }{
		{"GET", "/Users", `filter=userName eq "a"&count=1`, ""},
		{"POST", "/Users", "", `{"userName":"u","emails":[{"value":"a","primary":"True"}]}`},
		{"PATCH", "/Users/1", "", `{"Operations":[{"op":"Add","path":"emails[type eq \"work\"].value","value":"x"}]}`},
		{"PATCH", "/Groups/3", "attributes=members", `{"Operations":[{"op":"Remove","path":"members","value":[{"value":"1"}]}]}`},
		{"PUT", "/Users/2", "excludedAttributes=name", `{"userName":"v","name":{"givenName":"x"}}`},
		{"DELETE", "/Users/1", "", ""},
		{"POST", "/.search", "", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":"id pr","count":2}`},
		{"GET", "/", `filter=displayName sw "g" or not (userName pr)`, ""},
		{"GET", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", "", ""},
	} {
		f.Add(seed.method, seed.path, seed.query, seed.body)
	}
	f.Fuzz(func(t *testing.T, method, path, query, body string) {
		if method == "" || strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			t.Skip("not a method")
		}
		next := 0
		memory := &scimtest.Memory{NewID: func() string { next++; return string(rune('0' + next)) }}
		h := scimserver.New(scimserver.Config{Registry: scim.Core(), Backend: memory, Logger: slog.New(slog.DiscardHandler)})
		for _, seed := range []string{`{"userName":"a"}`, `{"userName":"b"}`} {
			ask(h, "POST", "/Users", seed)
		}
		ask(h, "POST", "/Groups", `{"displayName":"g","members":[{"value":"1"}]}`)

		r := httptest.NewRequest("GET", "/", strings.NewReader(body))
		r.Method, r.URL = method, &url.URL{Path: path, RawQuery: query}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 && w.Code != http.StatusNotImplemented {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
		if w.Body.Len() == 0 {
			return
		}
		var answer map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || answer["schemas"] == nil {
			t.Fatalf("status %d with %q (%v)", w.Code, w.Body, err)
		}
		for _, u := range memory.All("User") {
			if name, _ := u["userName"].(string); name == "" {
				t.Errorf("a user lost its userName: %v", u)
			}
		}
	})
}
