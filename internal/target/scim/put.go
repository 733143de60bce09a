package scim

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimclient"
)

// mustPut reports whether the service is known not to take PATCH for the type.
func (t *Target) mustPut(typ string) bool {
	if _, ok := t.puts.Load(typ); ok || t.cfg.Patch == scimclient.No {
		return true
	}
	d := t.client.Discovered()
	return t.cfg.Patch == scimclient.Unknown && d != nil && d.Config.Patch == scimclient.No
}

// orPut is the way on after a PATCH: done, failed, or by PUT if the service turned out to have no PATCH. That is remembered only once PUT worked:
// a service that refuses both should be reported with what it said first.
func (t *Target) orPut(ctx context.Context, typ, id string, patched error, edit func(scim.Resource)) error {
	if s := scimclient.StatusOf(patched); s != http.StatusMethodNotAllowed && s != http.StatusNotImplemented {
		if patched == nil {
			return nil
		}
		return targetError(updating, patched)
	}
	if t.cfg.Put == scimclient.No {
		return targetError(updating, patched)
	}
	err := t.put(ctx, typ, id, edit)
	e, ok := errors.AsType[*provisioning.TargetError](err)
	if ok && (e.Status == http.StatusMethodNotAllowed || e.Status == http.StatusNotImplemented) {
		return targetError(updating, patched)
	}
	if err == nil {
		t.puts.Store(typ, true)
	}
	return err
}

// apply makes changes to a resource that was read.
func apply(changes []change) func(scim.Resource) {
	return func(r scim.Resource) {
		for _, c := range changes {
			switch {
			case c.value == nil:
				c.path.Remove(r)
			case c.add:
				c.path.Set(r, slices.Concat(c.path.Elements(r), c.missing(r)))
			default:
				c.path.Set(r, c.value)
			}
		}
	}
}

const putTries = 3

// put reads the whole entry, members included because PUT would clear them, edits it and writes it back, again if somebody else wrote in between.
func (t *Target) put(ctx context.Context, typ, id string, edit func(scim.Resource)) error {
	for try := 1; ; try++ {
		current, version, err := t.client.Get(ctx, typ, id)
		if err != nil {
			return targetError(updating, err)
		}
		if !t.conditional(version, true) {
			version = ""
		}
		edit(current)
		if _, ok := current["active"].(bool); !ok && typ == "User" {
			// There are services that take a PUT without active for a deactivation. One that has the attribute told us its value.
			current["active"] = true
		}
		err = t.client.Put(ctx, typ, id, t.client.Schemas(typ).Writable(current), version)
		if err == nil {
			return nil
		}
		if scimclient.StatusOf(err) != http.StatusPreconditionFailed || try == putTries {
			return targetError(updating, err)
		}
	}
}

// conditional reports whether a write of what was just read carries the version in If-Match. unsaid is for services that do not say whether their entity
// tags are good for that: many frameworks make a tag of every answer.
func (t *Target) conditional(version string, unsaid bool) bool {
	support := t.cfg.ETag
	if d := t.client.Discovered(); support == scimclient.Unknown && d != nil {
		support = d.Config.ETag
	}
	return version != "" && (support == scimclient.Yes || (support == scimclient.Unknown && unsaid))
}
