package scimserver

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/scim"
)

// AuthenticationScheme is one entry of authenticationSchemes in the ServiceProviderConfig (RFC 7643, 5).
type AuthenticationScheme struct {
	Type        string // oauthbearertoken, oauth2, httpbasic, …
	Name        string
	Description string
	SpecURI     string // empty: none
}

func bearerScheme() AuthenticationScheme {
	return AuthenticationScheme{
		Type:        "oauthbearertoken",
		Name:        "Bearer token",
		Description: "A secret token, sent in the Authorization header as: Bearer TOKEN",
		SpecURI:     "https://www.rfc-editor.org/info/rfc6750",
	}
}

// providerConfig answers GET /ServiceProviderConfig. It says only what is true: clients choose their requests by it.
func (c *call) providerConfig() error {
	schemes := make([]any, len(c.h.cfg.Schemes))
	for i, s := range c.h.cfg.Schemes {
		scheme := map[string]any{"type": s.Type, "name": s.Name, "description": s.Description, "primary": i == 0}
		if s.SpecURI != "" {
			scheme["specUri"] = s.SpecURI
		}
		schemes[i] = scheme
	}
	config := map[string]any{
		"schemas":        []any{scim.URNServiceProviderConfig},
		"patch":          map[string]any{"supported": true},
		"bulk":           c.bulkConfig(),
		"filter":         map[string]any{"supported": true, "maxResults": int64(c.h.cfg.MaxPage)},
		"changePassword": map[string]any{"supported": false},
		"sort":           map[string]any{"supported": true},
		"etag":           map[string]any{"supported": true},
		"pagination": map[string]any{ // RFC 9865, 4
			"cursor": true, "index": true, "defaultPaginationMethod": "index",
			"defaultPageSize": int64(c.h.cfg.PageSize), "maxPageSize": int64(c.h.cfg.MaxPage), "cursorTimeout": int64(CursorTimeout / time.Second),
		},
		"authenticationSchemes": schemes,
		"meta":                  map[string]any{"resourceType": "ServiceProviderConfig", "location": c.base + "/ServiceProviderConfig"},
	}
	if c.h.cfg.DocumentationURI != "" {
		config["documentationUri"] = c.h.cfg.DocumentationURI
	}
	c.w.Header().Set("Content-Location", c.base+"/ServiceProviderConfig")
	c.send(http.StatusOK, config)
	return nil
}

// bulkConfig gives numbers also where bulk requests are switched off: they are required (RFC 7643, 5).
func (c *call) bulkConfig() map[string]any {
	if c.h.cfg.NoBulk {
		return map[string]any{"supported": false, "maxOperations": int64(0), "maxPayloadSize": int64(0)}
	}
	return map[string]any{"supported": true, "maxOperations": int64(c.h.cfg.MaxBulkOperations), "maxPayloadSize": c.h.cfg.MaxBody}
}

// resourceTypes answers GET /ResourceTypes and /ResourceTypes/{name} (RFC 7644, 4).
func (c *call) resourceTypes() error {
	docs := make([]document, len(c.h.types))
	for i, rt := range c.h.types {
		docs[i] = document{id: rt.Name, kind: "ResourceType", at: "/ResourceTypes/", body: rt.Resource()}
	}
	return c.documents(docs)
}

// schemas answers GET /Schemas and /Schemas/{urn} (RFC 7644, 4).
func (c *call) schemas() error {
	list := c.h.cfg.Registry.Schemas()
	docs := make([]document, len(list))
	for i, s := range list {
		docs[i] = document{id: s.ID, kind: "Schema", at: "/Schemas/", body: s.Resource()}
	}
	return c.documents(docs)
}

// document is a discovery resource.
type document struct {
	id, kind, at string
	body         scim.Resource
}

// documents answers with one of them or with all. A filter is refused (RFC 7644, 4): whoever filters there relies on an answer that is not given.
// All other parameters are ignored.
func (c *call) documents(docs []document) error {
	if filtered(c.r.URL.RawQuery) {
		return scim.Errorf(http.StatusForbidden, "", "%s cannot be filtered; read it whole (RFC 7644, section 4)", c.route.name())
	}
	if c.route.id != "" {
		return c.document(docs)
	}
	all := make([]any, len(docs))
	for i, d := range docs {
		all[i] = c.complete(d)
	}
	c.event.Results = len(docs)
	c.send(http.StatusOK, map[string]any{
		"schemas":      []any{scim.URNListResponse},
		"totalResults": int64(len(docs)), "startIndex": int64(1), "itemsPerPage": int64(len(docs)), "Resources": all,
	})
	return nil
}

func (c *call) document(docs []document) error {
	for _, d := range docs {
		if strings.EqualFold(d.id, c.route.id) {
			body := c.complete(d)
			c.w.Header().Set("Content-Location", c.base+d.at+d.id)
			c.send(http.StatusOK, body)
			return nil
		}
	}
	return scim.Errorf(http.StatusNotFound, "", "there is no %q at %s; the list of all is there without the last part of the path",
		clip(c.route.id), c.route.name())
}

func (c *call) complete(d document) map[string]any {
	body := make(map[string]any, len(d.body)+1)
	for k, v := range d.body {
		body[k] = v
	}
	body["meta"] = map[string]any{"resourceType": d.kind, "location": c.base + d.at + d.id}
	return body
}

// filtered reports whether a query string has the parameter filter.
func filtered(query string) bool {
	for pair := range strings.SplitSeq(query, "&") {
		key, _, _ := strings.Cut(pair, "=")
		if name, err := url.QueryUnescape(key); err == nil && strings.EqualFold(name, "filter") {
			return true
		}
	}
	return false
}
