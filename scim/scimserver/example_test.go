package scimserver_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
	"github.com/rollcall-id/rollcall/scim/scimtest"
)

// A whole SCIM service over a Backend: here the one that keeps everything in memory. A real service has an Authenticate hook instead of Backend.
func Example() {
	service := httptest.NewServer(scimserver.New(scimserver.Config{
		Registry: scim.Core(),
		Backend:  &scimtest.Memory{NewID: func() string { return "2819c223" }},
		Observe: func(_ *http.Request, e scimserver.Event) {
			fmt.Println("log:", e.Method, e.Endpoint, e.Status, len(e.Rules), "rules")
		},
	}))

	answer, err := http.Post(service.URL+"/Users/", "application/scim+json", strings.NewReader(`{"userName": "kim", "active": "True"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	body, _ := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	fmt.Println(answer.StatusCode, strings.TrimPrefix(answer.Header.Get("Location"), service.URL), answer.Header.Get("ETag"))
	fmt.Println(strings.Contains(string(body), `"active":true`))
	service.Close() // waits for the observer
	// Unordered output:
	// log: POST /Users 201 3 rules
	// 201 /Users/2819c223 W/"1"
	// true
}
