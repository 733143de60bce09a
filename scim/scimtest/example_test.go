package scimtest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
	"github.com/rollcall-id/rollcall/scim/scimtest"
)

// The suite is one call in a test of a Backend; it wants an empty backend for each of its tests.
func ExampleRunBackend() {
	_ = func(t *testing.T) { // TestBackend
		scimtest.RunBackend(t, func(*testing.T) scimserver.Backend { return &scimtest.Memory{} })
	}
	// Output:
}

// Memory answers without HTTP, too.
func ExampleMemory() {
	m := &scimtest.Memory{NewID: func() string { return "2819c223" }}
	users := scim.Core().Type("User")
	r, err := m.Create(context.Background(), users, scim.Resource{"userName": "kim"})
	fmt.Println(r.ID(), r["userName"], m.Len("User"), err)
	_, err = m.Create(context.Background(), users, scim.Resource{"userName": "KIM"})
	fmt.Println(err)
	// Output:
	// 2819c223 kim 1 <nil>
	// scim 409 uniqueness: another User already has the userName "KIM"; find it with the filter userName eq "KIM" and update it instead
}
