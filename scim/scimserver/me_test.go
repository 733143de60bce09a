package scimserver_test

import (
	"net/http"
	"testing"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
	"github.com/rollcall-id/rollcall/scim/scimtest"
)

func TestMe(t *testing.T) {
	memory := &scimtest.Memory{NewID: func() string { return "anna" }}
	var event scimserver.Event
	h := scimserver.New(scimserver.Config{
		Registry: scim.Core(), BaseURL: func(*http.Request) string { return "https://app.example" },
		Authenticate: func(*http.Request) (scimserver.Tenant, error) {
			return scimserver.Tenant{Backend: memory, Me: &scimserver.Me{Type: "User", ID: "anna"}}, nil
		},
		Observe: func(_ *http.Request, e scimserver.Event) { event = e },
	})
	if w := ask(h, "GET", "/Me", ""); w.Code != 404 {
		t.Fatalf("GET before there is such a user: status %d", w.Code)
	}
	ask(h, "POST", "/Users", `{"userName":"anna"}`)
	for _, test := range []struct {
		method, path, body string
		status             int
	}{
		{"GET", "/Me", "", 200},
		{"GET", "/me?attributes=userName", "", 200},
		{"PUT", "/Me", `{"userName":"anna2"}`, 200},
		{"PATCH", "/Me", `{"Operations":[{"op":"add","path":"title","value":"T"}]}`, 200},
		{"POST", "/Me", `{"userName":"x"}`, 405},
		{"GET", "/Me/anna", "", 501},
		{"GET", "/Me/anna/b", "", 501},
		{"DELETE", "/Me", "", 204},
		{"GET", "/Me", "", 404},
	} {
		w := ask(h, test.method, test.path, test.body)
		if w.Code != test.status {
			t.Errorf("%s %s: status %d, want %d: %s", test.method, test.path, w.Code, test.status, w.Body)
		}
		if test.status == 200 && w.Header().Get("Location") != "https://app.example/Users/anna" {
			t.Errorf("%s %s: Location %q, want the permanent address", test.method, test.path, w.Header().Get("Location"))
		}
		if test.status < 300 && (event.Endpoint != "/Users" || event.ID != "anna") {
			t.Errorf("%s %s: observed %s of %q, want the user itself", test.method, test.path, event.Endpoint, event.ID)
		}
	}
}
