package provisioning_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/gallery"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/provisioning"
)

// A row of a reference reads a reference: whatever else it wrote would be nobody's account, and the manager of everybody would go.
func TestReferencesReadReferences(t *testing.T) {
	const manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"
	for _, c := range []struct {
		kind  mapping.Kind
		value string
		want  string // part of the error; empty: none
	}{
		{mapping.Direct, "manager", ""},
		{mapping.Direct, manager, ""},
		{mapping.Direct, manager + ".value", ""},
		{mapping.Expression, `IIF([userType] = "Guest", "", [manager])`, ""},
		{mapping.Direct, "department", "the target attribute is a reference, and department holds none"},
		{mapping.Expression, `[department]`, "the target attribute is a reference, and [department] holds none"},
		{mapping.Expression, `"True"`, "holds none"},
		{mapping.Direct, "mangaer", "did you mean manager?"},
	} {
		template, err := gallery.ByID("vault-platform")
		if err != nil {
			t.Fatal(err)
		}
		m := *template.Mapping.For(directory.User)
		for i := range m.Attributes {
			if a := &m.Attributes[i]; a.Target == manager {
				a.Kind, a.Value = c.kind, c.value
			}
		}
		_, err = provisioning.CompileMapping(directory.Registry(), m)
		if (err == nil) != (c.want == "") || (err != nil && (!strings.Contains(err.Error(), c.want) || !errors.Is(err, fault.ErrInvalid))) {
			t.Errorf("%s: %v; want %q", c.value, err, c.want)
		}
	}
}
