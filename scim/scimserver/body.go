package scimserver

import (
	"bytes"
	"errors"
	"mime"
	"net/http"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

// withBody reads the request body, bounded, and hands it to use. The bytes are valid only during the call.
func (c *call) withBody(use func(body []byte) error) error {
	if err := c.checkMedia(); err != nil {
		return err
	}
	if c.r.ContentLength > c.h.cfg.MaxBody {
		return c.tooBig()
	}
	p, _ := c.h.buffers.Get().(*[]byte)
	buf := bytes.NewBuffer((*p)[:0])
	defer func() {
		if b := buf.Bytes(); cap(b) <= keepBuffer {
			*p = b[:0]
			c.h.buffers.Put(p)
		}
	}()
	_, err := buf.ReadFrom(http.MaxBytesReader(c.w, c.r.Body, c.h.cfg.MaxBody))
	c.event.BytesIn = buf.Len()
	c.event.Request = c.seen(buf.Bytes())
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &tooBig):
		return c.tooBig()
	case err != nil:
		return scim.Errorf(http.StatusBadRequest, "invalidSyntax", "the request body could not be read to its end: %v", err)
	case len(bytes.TrimSpace(buf.Bytes())) == 0:
		return scim.Errorf(http.StatusBadRequest, "invalidSyntax", "the request has no body; a JSON object was expected")
	}
	return use(buf.Bytes())
}

func (c *call) tooBig() error {
	const status = http.StatusRequestEntityTooLarge
	if c.route.kind == bulk {
		return scim.Errorf(status, "", "the bulk request is larger than %d bytes (bulk.maxPayloadSize of /ServiceProviderConfig); nothing was done. "+
			"Send it in several requests", c.h.cfg.MaxBody)
	}
	return scim.Errorf(status, "", "the request body is larger than %d bytes; split it, for a group by adding its members in several PATCH requests",
		c.h.cfg.MaxBody)
}

// seen copies what the observer may see of a body.
func (c *call) seen(body []byte) []byte {
	if c.tenant.Bodies <= 0 {
		return nil
	}
	return bytes.Clone(body[:min(len(body), c.tenant.Bodies)])
}

// checkMedia refuses what is not JSON (rule N15). Compressed bodies are refused too: their limit would have to be checked a second time, inside.
func (c *call) checkMedia() error {
	if enc := c.r.Header.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		return scim.Errorf(http.StatusUnsupportedMediaType, "", "Content-Encoding %q is not accepted; send the body uncompressed", clip(enc))
	}
	ct := c.r.Header.Get("Content-Type")
	switch ct {
	case mediaType:
		return nil
	case "":
		c.note(RuleMediaType)
		return nil
	}
	media, params, err := mime.ParseMediaType(ct)
	if err != nil && media == "" || media != mediaType && media != "application/json" {
		return scim.Errorf(http.StatusUnsupportedMediaType, "", "Content-Type %q is not accepted; send %s or application/json", clip(ct), mediaType)
	}
	if cs := params["charset"]; cs != "" && !strings.EqualFold(cs, "utf-8") && !strings.EqualFold(cs, "utf8") {
		return scim.Errorf(http.StatusUnsupportedMediaType, "", "charset %q is not accepted; JSON is always UTF-8 (RFC 8259, 8.1)", clip(cs))
	}
	c.note(RuleMediaType)
	return nil
}

// decodeOptions are what package scim needs to read a body.
func (c *call) decodeOptions() scim.DecodeOptions {
	return scim.DecodeOptions{Profile: c.tenant.Profile, Report: c.note}
}
