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
	r, err := c.tenant.Backend.Get(c.context(), c.route.rt, c.route.id, params.projection)
	if err != nil {
		return err
	}
	if given := c.r.Header["If-None-Match"]; given != nil {
		if version := versionOf(r); noneMatch(given, version) {
			c.w.Header()["Etag"] = []string{version}
			c.empty(http.StatusNotModified)
			return nil
		}
	}
	c.sendResource(http.StatusOK, c.route.rt, r, params.projection)
	return nil
}

// create answers POST /{type} (RFC 7644, 3.3).
func (c *call) create() error {
	params, err := c.params()
	if err != nil {
		return err
	}
	rt := c.route.rt
	return c.withBody(func(body []byte) error {
		in, err := rt.DecodeResource(body, c.decodeOptions())
		if err != nil {
			return err
		}
		if err := rt.ValidateNew(in); err != nil {
			return err
		}
		out, err := c.tenant.Backend.Create(c.context(), rt, in)
		if err != nil {
			return err
		}
		c.sendResource(http.StatusCreated, rt, out, params.projection)
		return nil
	})
}

// replace answers PUT /{type}/{id} (RFC 7644, 3.5.1).
func (c *call) replace() error {
	params, err := c.params()
	if err != nil {
		return err
	}
	rt := c.route.rt
	return c.withBody(func(body []byte) error {
		in, err := rt.DecodeResource(body, c.decodeOptions())
		if err != nil {
			return err
		}
		out, err := c.tenant.Backend.Replace(c.context(), rt, c.route.id, in, c.write(params))
		if err != nil {
			return err
		}
		c.sendResource(http.StatusOK, rt, out, params.projection)
		return nil
	})
}

// patch answers PATCH /{type}/{id} (RFC 7644, 3.5.2).
func (c *call) patch() error {
	params, err := c.params()
	if err != nil {
		return err
	}
	rt := c.route.rt
	return c.withBody(func(body []byte) error {
		p, err := rt.DecodePatch(body, c.decodeOptions())
		if err != nil {
			return err
		}
		out, err := c.tenant.Backend.Patch(c.context(), rt, c.route.id, p, c.write(params))
		if err != nil {
			return err
		}
		if out.Brief {
			c.describe(http.StatusNoContent, rt, out.Resource)
			c.empty(http.StatusNoContent)
			return nil
		}
		c.sendResource(http.StatusOK, rt, out.Resource, params.projection)
		return nil
	})
}

// delete answers DELETE /{type}/{id} (RFC 7644, 3.6).
func (c *call) delete() error {
	if err := c.tenant.Backend.Delete(c.context(), c.route.rt, c.route.id, c.write(params{})); err != nil {
		return err
	}
	c.empty(http.StatusNoContent)
	return nil
}

func (c *call) write(p params) Write {
	return Write{If: IfMatch(c.r.Header["If-Match"]...), Projection: p.projection, Explicit: p.projected}
}

// sendResource answers with one resource and the headers that describe it.
func (c *call) sendResource(status int, rt *scim.ResourceType, r scim.Resource, p scim.Projection) {
	c.describe(status, rt, r)
	c.link(rt, r)
	out := rt.Project(r, p)
	c.sendWith(status, func(b []byte) []byte { return scim.AppendJSON(b, map[string]any(out)) })
}

// describe sets Location, Content-Location and ETag (RFC 7644, 3.1 and 3.14).
func (c *call) describe(status int, rt *scim.ResourceType, r scim.Resource) {
	id, _ := r["id"].(string)
	h := c.w.Header()
	location := []string{c.location(rt, id)}
	h["Location"], h["Content-Location"] = location, location
	if v := versionOf(r); v != "" {
		h["Etag"] = []string{v}
	}
	if status == http.StatusCreated {
		c.event.ID = id
	}
}

func versionOf(r scim.Resource) string {
	meta, _ := r["meta"].(map[string]any)
	v, _ := meta["version"].(string)
	return v
}
