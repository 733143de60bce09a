package scimserver

import (
	"context"
	"net/http"

	"github.com/rollcall-id/rollcall/scim"
)

// change is one decoded write of one resource. Requests and operations of a bulk are turned into it, so that both mean the same.
type change struct {
	method   string // POST, PUT, PATCH or DELETE
	rt       *scim.ResourceType
	id       string        // "" of POST
	resource scim.Resource // of POST and PUT
	patch    *scim.Patch   // of PATCH
}

// outcome is what a change led to, before anybody answers with it.
type outcome struct {
	status   int
	rt       *scim.ResourceType
	id       string
	version  string        // "" of DELETE
	resource scim.Resource // as the Backend gave it; nil of DELETE
	brief    bool          // resource is not to be shown, see Patched
}

// decode reads the body of a change; DELETE has none.
func decode(method string, rt *scim.ResourceType, id string, body []byte, o scim.DecodeOptions) (x change, err error) {
	x = change{method: method, rt: rt, id: id}
	switch method {
	case http.MethodPost, http.MethodPut:
		x.resource, err = rt.DecodeResource(body, o)
	case http.MethodPatch:
		x.patch, err = rt.DecodePatch(body, o)
	}
	return x, err
}

// run carries the change out.
func (x change) run(ctx context.Context, b Writer, w Write) (outcome, error) {
	switch x.method {
	case http.MethodPost:
		return create(ctx, b, x.rt, x.resource)
	case http.MethodPut:
		return replace(ctx, b, x.rt, x.id, x.resource, w)
	case http.MethodPatch:
		return patch(ctx, b, x.rt, x.id, x.patch, w)
	}
	return remove(ctx, b, x.rt, x.id, w)
}

// create is POST on a resource type (RFC 7644, 3.3).
func create(ctx context.Context, b Writer, rt *scim.ResourceType, in scim.Resource) (outcome, error) {
	if err := rt.ValidateNew(in); err != nil {
		return outcome{}, err
	}
	r, err := b.Create(ctx, rt, in)
	return written(http.StatusCreated, rt, r, err)
}

// replace is PUT on a resource (RFC 7644, 3.5.1).
func replace(ctx context.Context, b Writer, rt *scim.ResourceType, id string, in scim.Resource, w Write) (outcome, error) {
	r, err := b.Replace(ctx, rt, id, in, w)
	return written(http.StatusOK, rt, r, err)
}

// patch is PATCH on a resource (RFC 7644, 3.5.2).
func patch(ctx context.Context, b Writer, rt *scim.ResourceType, id string, p *scim.Patch, w Write) (outcome, error) {
	patched, err := b.Patch(ctx, rt, id, p, w)
	status := http.StatusOK
	if patched.Brief {
		status = http.StatusNoContent
	}
	o, err := written(status, rt, patched.Resource, err)
	o.brief = patched.Brief
	return o, err
}

// remove is DELETE on a resource (RFC 7644, 3.6).
func remove(ctx context.Context, b Writer, rt *scim.ResourceType, id string, w Write) (outcome, error) {
	if err := b.Delete(ctx, rt, id, w); err != nil {
		return outcome{}, err
	}
	return outcome{status: http.StatusNoContent, rt: rt, id: id}, nil
}

func written(status int, rt *scim.ResourceType, r scim.Resource, err error) (outcome, error) {
	if err != nil {
		return outcome{}, err
	}
	return outcome{status: status, rt: rt, id: r.ID(), version: versionOf(r), resource: r}, nil
}

func versionOf(r scim.Resource) string {
	meta, _ := r["meta"].(map[string]any)
	v, _ := meta["version"].(string)
	return v
}
