package scimserver

import (
	"fmt"
	"net/http"

	"github.com/rollcall-id/rollcall/scim"
)

// documentReader returns the backend's short way of reading, nil where there is none: for another representation than the default one resources have to be
// decoded.
func (c *call) documentReader(rt *scim.ResourceType, p scim.Projection) DocumentReader {
	if !p.IsZero() || c.h.splicers[rt] == nil {
		return nil
	}
	docs, _ := c.tenant.Backend.(DocumentReader)
	return docs
}

// read asks the backend for a page, in the form that costs less.
func (c *call) read(rt *scim.ResourceType, q Query) (Page, error) {
	if docs := c.documentReader(rt, q.Projection); docs != nil {
		return docs.Documents(c.context(), rt, q)
	}
	return c.tenant.Backend.List(c.context(), rt, q)
}

// getDocument answers GET /{type}/{id} with a document.
func (c *call) getDocument(docs DocumentReader) error {
	rt := c.route.rt
	d, err := docs.Document(c.context(), rt, c.route.id)
	if err != nil {
		return err
	}
	if c.unmodified(d.Version) {
		return nil
	}
	location := c.describe(rt, d.ID, d.Version)
	c.sendWith(http.StatusOK, func(b []byte) []byte { return c.appendDocument(b, rt, d, location) })
	return nil
}

// appendDocument appends the default representation.
func (c *call) appendDocument(b []byte, rt *scim.ResourceType, d *scim.Document, location string) []byte {
	c.absolute(rt, d.Computed)
	if out, ok := c.h.splicers[rt].Append(b, d, location); ok {
		return out
	}
	r, err := d.Resource(rt)
	if err != nil {
		panic(fmt.Sprintf("%s %s: %v", rt.Name, d.ID, err)) // the body is built before anything is sent: this is answered with status 500
	}
	c.link(rt, r)
	return scim.AppendJSON(b, map[string]any(rt.Project(r, scim.Projection{})))
}
