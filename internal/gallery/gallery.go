// Package gallery is the catalogue of application templates: what Rollcall knows about an application before anybody connects it. A template is data,
// and the mapping in it is the one a new application starts with. The package creates nothing and connects to nothing.
package gallery

import (
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
)

// Template is one application of the gallery.
type Template struct {
	ID            string // as `rollcall app create --template` takes it
	Name          string
	Publisher     string
	Description   string // one sentence for the catalogue
	Documentation string // where its provisioning is explained: a path below docs/
	TenantURL     string // form of the base URL, with braces where something is filled in; empty: any
	Filterable    []string
	Mapping       mapping.Set // the default mapping; the caller's own copy
}

// Templates returns the gallery, the specific applications first.
func Templates() []Template { return []Template{vaultPlatform(), generic()} }

// ByID returns the template with the id, in any letter case. The error is fault.ErrNotFound and names the nearest id.
func ByID(id string) (Template, error) {
	var ids []string
	for _, t := range Templates() {
		if strings.EqualFold(t.ID, id) {
			return t, nil
		}
		ids = append(ids, t.ID)
	}
	if near := expression.Nearest(id, ids); near != "" {
		return Template{}, fault.Errorf(fault.ErrNotFound, "the gallery has no template %q: did you mean %s?", id, near)
	}
	return Template{}, fault.Errorf(fault.ErrNotFound, "the gallery has no template %q: expected one of %s", id, strings.Join(ids, ", "))
}

// Missing returns the target attributes that the application requires and the set no longer maps, in the template's order
// (spec/entra-provisioning.md 3.3: required attributes cannot be deleted).
func (t Template) Missing(set mapping.Set) []string {
	var missing []string
	for _, object := range t.Mapping.Objects {
		have := set.For(object.Source)
		for _, required := range object.Attributes {
			if !required.Required {
				continue
			}
			mapped := have != nil && slices.ContainsFunc(have.Attributes, func(a mapping.AttributeMapping) bool {
				return strings.EqualFold(a.Target, required.Target)
			})
			if !mapped {
				missing = append(missing, required.Target)
			}
		}
	}
	return missing
}
