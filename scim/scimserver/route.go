package scimserver

import (
	"net/http"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

// endpoint is a kind of address of the service (RFC 7644, 3.2).
type endpoint int

const (
	unknown    endpoint = iota
	root                // the base: query over all types
	rootSearch          // /.search
	collection          // /Users
	search              // /Users/.search
	resource            // /Users/{id}
	bulk
	me
	providerConfig
	resourceTypes
	schemas
)

// route is where a request goes.
type route struct {
	kind endpoint
	rt   *scim.ResourceType // of collection, search and resource
	id   string             // of resource; of resourceTypes and schemas: one of them; of me: the first part of what follows
	// loose says that the path was not written canonically (rule N14).
	loose bool
}

// name is the endpoint's name in logs: never an id.
func (t route) name() string {
	switch t.kind {
	case root:
		return "/"
	case rootSearch:
		return "/.search"
	case collection, resource:
		return t.rt.Endpoint
	case search:
		return t.rt.Endpoint + "/.search"
	case bulk:
		return "/Bulk"
	case me:
		return "/Me"
	case providerConfig:
		return "/ServiceProviderConfig"
	case resourceTypes:
		return "/ResourceTypes"
	case schemas:
		return "/Schemas"
	case unknown:
	}
	return "unknown"
}

// allow lists the methods of the endpoint, as the Allow header does.
func (t route) allow() string {
	switch t.kind {
	case collection:
		return "GET, HEAD, POST"
	case resource:
		return "GET, HEAD, PUT, PATCH, DELETE"
	case search, rootSearch, bulk:
		return "POST"
	case me:
		return "GET, HEAD, POST, PUT, PATCH, DELETE"
	case root, providerConfig, resourceTypes, schemas, unknown:
	}
	return "GET, HEAD"
}

func (t route) allows(method string) bool {
	for m := range strings.SplitSeq(t.allow(), ", ") {
		if m == method {
			return true
		}
	}
	return false
}

// maxSegments is more than any endpoint has: version, type, id, and the rest of a /Me path.
const maxSegments = 8

// route finds the endpoint of a path by its segments (rule N14): empty segments are skipped, and letter case does not matter in names of endpoints.
func (h *Handler) route(path string) (route, error) {
	var buf [maxSegments]string
	segments, loose := split(path, buf[:0])
	if len(segments) > 0 && isVersion(segments[0]) {
		if segments[0][1:] != "2" {
			return route{}, scim.Errorf(http.StatusBadRequest, "invalidVers",
				"protocol version %q is not served here; leave the version out of the path or use /v2", clip(segments[0]))
		}
		segments = segments[1:]
	}
	t := h.match(segments)
	t.loose = t.loose || loose
	if t.kind == unknown {
		return t, scim.Errorf(http.StatusNotFound, "", "there is nothing at %q; the endpoints of this service are listed at /ResourceTypes", clip(path))
	}
	return t, nil
}

// split cuts a path into its segments and reports whether it had empty ones. More segments than any endpoint has are not kept apart.
func split(path string, into []string) (segments []string, loose bool) {
	path = strings.TrimPrefix(path, "/")
	if path == "" {
		return into, false
	}
	for s := range strings.SplitSeq(path, "/") {
		switch {
		case s == "":
			loose = true
		case len(into) < cap(into):
			into = append(into, s)
		}
	}
	return into, loose
}

func isVersion(s string) bool {
	if len(s) < 2 || s[0] != 'v' && s[0] != 'V' {
		return false
	}
	return strings.Trim(s[1:], "0123456789") == ""
}

func (h *Handler) match(segments []string) route {
	if len(segments) == 0 {
		return route{kind: root}
	}
	first, rest := segments[0], segments[1:]
	if rt, exact := h.typeAt(first); rt != nil {
		return matchType(rt, rest, !exact)
	}
	if kind, exact := singleton(first, rest); kind != unknown {
		t := route{kind: kind, loose: !exact}
		if len(rest) > 0 {
			t.id = rest[0]
		}
		return t
	}
	return route{}
}

func (h *Handler) typeAt(segment string) (rt *scim.ResourceType, exact bool) {
	for _, rt := range h.types {
		name := strings.TrimPrefix(rt.Endpoint, "/")
		if strings.EqualFold(name, segment) {
			return rt, name == segment
		}
	}
	return nil, false
}

func matchType(rt *scim.ResourceType, rest []string, loose bool) route {
	switch {
	case len(rest) == 0:
		return route{kind: collection, rt: rt, loose: loose}
	case len(rest) > 1:
		return route{}
	case strings.EqualFold(rest[0], ".search"):
		return route{kind: search, rt: rt, loose: loose || rest[0] != ".search"}
	}
	return route{kind: resource, rt: rt, id: rest[0], loose: loose}
}

// singleton matches the endpoints that belong to no resource type.
func singleton(first string, rest []string) (kind endpoint, exact bool) {
	for _, e := range [...]struct {
		name string
		kind endpoint
		deep int // how many segments may follow
	}{
		{".search", rootSearch, 0},
		{"ServiceProviderConfig", providerConfig, 0},
		{"ResourceTypes", resourceTypes, 1},
		{"Schemas", schemas, 1},
		{"Bulk", bulk, 0},
		{"Me", me, maxSegments},
	} {
		if strings.EqualFold(e.name, first) && len(rest) <= e.deep {
			return e.kind, e.name == first
		}
	}
	return unknown, false
}
