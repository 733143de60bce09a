package scimclient

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path"

	"github.com/rollcall-id/rollcall/scim"
)

// Get returns one resource and its version, the entity tag for a later write; "" where the service has none. excluded names attributes that need not
// be sent.
func (c *Client) Get(ctx context.Context, typ, id string, excluded ...string) (r scim.Resource, version string, err error) {
	req := &request{method: http.MethodGet, segments: []string{endpoint(typ), id}, query: url.Values{}}
	projection(req.query, nil, excluded)
	a, err := c.do(ctx, req)
	if err != nil {
		return nil, "", err
	}
	m, e := c.object(req, a, "a SCIM "+typ)
	if e != nil {
		return nil, "", e
	}
	r = c.Schemas(typ).normalise(m)
	if r.ID() != id {
		return nil, "", c.unusable(req, a, KindNotSCIM, fmt.Sprintf("asked for the %s with the id %s; the service returned the id %q", typ, id, r.ID()))
	}
	return r, entityTag(a, r), nil
}

func entityTag(a *answer, r scim.Resource) string {
	if tag := a.header.Get("ETag"); tag != "" {
		return tag
	}
	meta, _ := r["meta"].(map[string]any)
	return text(meta["version"])
}

// Create makes a resource and returns it as the service did; of a service that answers without a body, with the id from the header Location alone.
// An error with Ambiguous set may or may not have made it: it is never repeated here.
func (c *Client) Create(ctx context.Context, typ string, r scim.Resource) (scim.Resource, error) {
	req := &request{method: http.MethodPost, segments: []string{endpoint(typ)}, body: scim.Encode(r)}
	a, err := c.do(ctx, req)
	if err != nil {
		return nil, err
	}
	if len(a.body) == 0 {
		if u, err := url.Parse(a.header.Get("Location")); err == nil && u.Path != "" && path.Base(u.Path) != endpoint(typ) {
			return scim.Resource{"id": path.Base(u.Path)}, nil
		}
	}
	m, e := c.object(req, a, "the created "+typ)
	if e != nil {
		return nil, e
	}
	created := c.Schemas(typ).normalise(m)
	if created.ID() == "" {
		return nil, c.unusable(req, a, KindNotSCIM, fmt.Sprintf("the service answered %d to the creation of a %s without giving it an id", a.status, typ)+
			c.excerpt(a.body))
	}
	return created, nil
}

// Put replaces a resource. version, if not empty, makes it conditional (If-Match): 412 means that somebody else wrote first.
func (c *Client) Put(ctx context.Context, typ, id string, r scim.Resource, version string) error {
	return c.write(ctx, &request{method: http.MethodPut, segments: []string{endpoint(typ), id}, body: scim.Encode(r), ifMatch: version})
}

// Patch changes a resource. It is repeated after failures like the other writes: operations must therefore say what shall be, not what shall be done
// once more (a replaced value, a member that shall be there), which is all that provisioning needs.
func (c *Client) Patch(ctx context.Context, typ, id string, operations []Operation) error {
	return c.PatchVersion(ctx, typ, id, operations, "")
}

// PatchVersion is Patch; version, if not empty, makes it conditional as in Put.
func (c *Client) PatchVersion(ctx context.Context, typ, id string, operations []Operation, version string) error {
	return c.write(ctx, &request{method: http.MethodPatch, segments: []string{endpoint(typ), id}, body: patchBody(operations), ifMatch: version})
}

// Delete removes a resource. A resource that is not there is the error of the service, 404: only the caller knows whether that is good news.
func (c *Client) Delete(ctx context.Context, typ, id string) error {
	return c.write(ctx, &request{method: http.MethodDelete, segments: []string{endpoint(typ), id}})
}

// write sends a write whose answer matters only by its status, except that a web page is not a success: a login page answers 200 to everything.
func (c *Client) write(ctx context.Context, r *request) error {
	a, err := c.do(ctx, r)
	if err != nil {
		return err
	}
	if isHTML(a) {
		_, e := c.object(r, a, "an answer to a write")
		return e
	}
	return nil
}

// Operation is one operation of a PATCH (RFC 7644 section 3.5.2). Op is add, replace or remove, in lower case as the RFC has it; it is sent as it is
// here, for services that know another spelling.
type Operation struct {
	Op    string
	Path  string
	Value any // nil: none
}

func patchBody(operations []Operation) []byte {
	list := make([]any, len(operations))
	for i, o := range operations {
		m := map[string]any{"op": o.Op}
		if o.Path != "" {
			m["path"] = o.Path
		}
		if o.Value != nil {
			m["value"] = o.Value
		}
		list[i] = m
	}
	return scim.AppendJSON(nil, map[string]any{"schemas": []any{scim.URNPatchOp}, "Operations": list})
}
