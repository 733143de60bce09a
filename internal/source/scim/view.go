package scim

import (
	"strconv"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
)

// Resource is an object as a resource, without members and groups, soft-deleted ones included: for who shows it to a person.
func Resource(o directory.Object) scim.Resource { return view(o) }

// view is an object as a resource, without members and groups. It shares the attributes' values with the object.
func view(o directory.Object) scim.Resource {
	r := make(scim.Resource, len(o.Attributes)+4)
	for k, v := range o.Attributes {
		r[k] = v
	}
	r["id"] = o.ID
	r["meta"] = map[string]any{
		"resourceType": o.Type,
		"created":      scim.FormatTime(o.Created),
		"lastModified": scim.FormatTime(o.Modified),
		"version":      tag(o.Version),
	}
	return r
}

// tag is the entity tag of an object: its version, weak, because attributes and excludedAttributes give one version many representations.
func tag(version int64) string {
	b := make([]byte, 0, 24)
	b = append(b, `W/"`...)
	b = strconv.AppendInt(b, version, 10)
	return string(append(b, '"'))
}

// without returns the resource without the named attributes. The original is not changed.
func without(r scim.Resource, names ...string) scim.Resource {
	out := make(scim.Resource, len(r))
	for k, v := range r {
		out[k] = v
	}
	for _, name := range names {
		delete(out, name)
	}
	return out
}
