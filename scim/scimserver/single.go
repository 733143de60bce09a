package scimserver

import (
	"net/http"

	"github.com/rollcall-id/rollcall/scim"
)

// get answers GET /{type}/{id} (RFC 7644, 3.4.1).
func (c *call) get() error {
	params, err := c.params()
	if err != nil {
		return err
	}
	if docs := c.documentReader(c.route.rt, params.projection); docs != nil {
		return c.getDocument(docs)
	}
	r, err := c.tenant.Backend.Get(c.context(), c.route.rt, c.route.id, params.projection)
	if err != nil {
		return err
	}
	if c.unmodified(versionOf(r)) {
		return nil
	}
	c.sendResource(http.StatusOK, c.route.rt, r, params.projection)
	return nil
}

// unmodified answers 304 when the client has this version already.
func (c *call) unmodified(version string) bool {
	given := c.r.Header["If-None-Match"]
	if given == nil || !noneMatch(given, version) {
		return false
	}
	c.w.Header()["Etag"] = []string{version}
	c.empty(http.StatusNotModified)
	return true
}

// write answers the requests that change one resource: POST /{type}, and PUT, PATCH and DELETE /{type}/{id}.
func (c *call) write() error {
	if c.method == http.MethodDelete {
		return c.delete()
	}
	params, err := c.params()
	if err != nil {
		return err
	}
	return c.withBody(func(body []byte) error {
		x, err := decode(c.method, c.route.rt, c.route.id, body, c.decodeOptions())
		if err != nil {
			return err
		}
		ctx := c.context()
		if c.method == http.MethodPost {
			ctx = counting(ctx, c.note)
		}
		o, err := x.run(ctx, c.tenant.Backend, Write{If: c.ifMatch(), Projection: params.projection, Explicit: params.projected})
		if err != nil {
			return err
		}
		c.answer(o, params.projection)
		return nil
	})
}

// delete answers DELETE, which has no body to read and no query to understand.
func (c *call) delete() error {
	o, err := remove(c.context(), c.tenant.Backend, c.route.rt, c.route.id, Write{If: c.ifMatch()})
	if err != nil {
		return err
	}
	c.empty(o.status)
	return nil
}

func (c *call) ifMatch() Precondition { return IfMatch(c.r.Header["If-Match"]...) }

// answer shows what a change led to.
func (c *call) answer(o outcome, p scim.Projection) {
	if o.status == http.StatusCreated {
		c.event.ID = o.id
	}
	if o.brief {
		c.describe(o.rt, o.id, o.version)
		c.empty(o.status)
		return
	}
	c.sendResource(o.status, o.rt, o.resource, p)
}

// sendResource answers with one resource and the headers that describe it.
func (c *call) sendResource(status int, rt *scim.ResourceType, r scim.Resource, p scim.Projection) {
	c.describe(rt, r.ID(), versionOf(r))
	c.link(rt, r)
	out := rt.Project(r, p)
	c.sendWith(status, func(b []byte) []byte { return scim.AppendJSON(b, map[string]any(out)) })
}

// describe sets Location, Content-Location and ETag (RFC 7644, 3.1 and 3.14).
func (c *call) describe(rt *scim.ResourceType, id, version string) (location string) {
	location = c.location(rt, id)
	h := c.w.Header()
	at := []string{location}
	h["Location"], h["Content-Location"] = at, at
	if version != "" {
		h["Etag"] = []string{version}
	}
	return location
}
