package scimserver

import (
	"net/url"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

// linkAttributes names the core attributes whose elements may point to other resources of the service.
func linkAttributes(rt *scim.ResourceType) []string {
	var names []string
	for _, a := range rt.Schema.Attributes {
		if !a.MultiValued {
			continue
		}
		for _, sub := range a.SubAttributes {
			if sub.Name == "$ref" {
				names = append(names, a.Name)
			}
		}
	}
	return names
}

// location is the address of a resource.
func (c *call) location(rt *scim.ResourceType, id string) string {
	return c.base + "/" + strings.TrimPrefix(rt.Endpoint, "/") + "/" + url.PathEscape(id)
}

// link completes a resource of the Backend with what only the handler knows, absolute addresses: meta.location and the references to other resources.
func (c *call) link(rt *scim.ResourceType, r scim.Resource) {
	id, _ := r["id"].(string)
	meta, ok := r["meta"].(map[string]any)
	if !ok {
		meta = make(map[string]any, 1)
		r["meta"] = meta
	}
	meta["location"] = c.location(rt, id)
	c.absolute(rt, r)
}

// absolute completes the references to other resources.
func (c *call) absolute(rt *scim.ResourceType, r scim.Resource) {
	if r == nil {
		return
	}
	for _, name := range c.h.links[rt] {
		elements, _ := r[name].([]any)
		for _, e := range elements {
			element, _ := e.(map[string]any)
			if ref, _ := element["$ref"].(string); strings.HasPrefix(ref, "../") {
				element["$ref"] = c.base + ref[len(".."):]
			}
		}
	}
}
