package scim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/scim/scimclient"
)

// Found is what a test connection found out about a service. Unknown: it could not be found out.
type Found struct {
	Patch  scimclient.Support // tried where the test came so far, else as the service says
	Groups scimclient.Support
	Active scimclient.Support // accounts have the attribute active
	ETag   scimclient.Support
	Bulk   scimclient.Support

	Filter     []string // attributes by which it filtered as asked
	Pagination string   // index, cursor, or both with a comma; empty: not said
	PageSize   int      // most resources in an answer; 0: not said
}

// Found is what the last TestConnection found; nil: there was none.
func (t *Target) Found() *Found { return t.found.Load() }

func (r *connectionTest) discover(ctx context.Context) (string, error) {
	d, err := r.target.client.Discover(ctx)
	if err != nil {
		return "", targetError(probing, err)
	}
	c := d.Config
	r.found.Patch, r.found.ETag, r.found.Bulk, r.found.PageSize = c.Patch, c.ETag, c.Bulk, max(c.MaxPageSize, c.MaxResults)
	var paging []string
	if c.IndexPaging == scimclient.Yes {
		paging = append(paging, "index")
	}
	if c.CursorPaging == scimclient.Yes {
		paging = append(paging, "cursor")
	}
	r.found.Pagination = strings.Join(paging, ",")
	words := []string{
		"it says of itself: PATCH " + word(c.Patch), "filter " + word(c.Filter), "bulk " + word(c.Bulk), "sorting " + word(c.Sort), "ETag " + word(c.ETag),
	}
	if n := len(d.Schemas); n > 0 {
		words = append(words, fmt.Sprintf("%d schemas", n))
	}
	detail := strings.Join(words, ", ")
	if !d.Complete() {
		detail += "; not offered (what is usual is assumed): " + strings.Join(d.Missing, "; ")
	}
	return detail, nil
}

func word(s scimclient.Support) string {
	switch s {
	case scimclient.Yes:
		return "yes"
	case scimclient.No:
		return "no"
	}
	return "not said"
}

// abilities finds out what the service can really do, where that can be found out without writing.
func (r *connectionTest) abilities(ctx context.Context) (string, error) {
	r.found.Active = r.hasActive()
	patch, err := r.patch(ctx)
	if err != nil {
		return "", err
	}
	words := []string{patch}
	if len(r.found.Filter) > 0 {
		words = append(words, "filter on "+strings.Join(r.found.Filter, ", ")+" yes")
	}
	switch {
	case r.found.Groups == scimclient.Yes:
		words = append(words, "groups yes")
	case !slices.ContainsFunc(r.target.cfg.Probes, func(p Probe) bool { return strings.EqualFold(p.Type, groupType) }):
		words = append(words, "groups are not provisioned")
	}
	switch r.found.Active {
	case scimclient.Yes:
		words = append(words, "active yes")
	case scimclient.No:
		words = append(words, "its accounts have no active: people who leave cannot be disabled; set deprovision=delete, or map what there is instead")
	case scimclient.Unknown:
		words = append(words, "active not said (taken for granted)")
	}
	return strings.Join(words, "; "), nil
}

// hasActive looks the attribute up in the published schema of users.
func (r *connectionTest) hasActive() scimclient.Support {
	d := r.target.client.Discovered()
	if d == nil {
		return scimclient.Unknown
	}
	for _, s := range d.Schemas {
		if len(s.Attributes) == 0 || !strings.EqualFold(s.ID, "urn:ietf:params:scim:schemas:core:2.0:User") {
			continue
		}
		for _, a := range s.Attributes {
			if strings.EqualFold(a.Name, "active") {
				return scimclient.Yes
			}
		}
		return scimclient.No
	}
	return scimclient.Unknown
}

// patch asks for a change of an account that does not exist. A service that has PATCH answers 404 (or objects to the id, or the value); one that has
// not answers 405 or 501. PUT is never tried: there are services that create what they do not know.
func (r *connectionTest) patch(ctx context.Context) (string, error) {
	if r.target.cfg.Patch == scimclient.No {
		return "PATCH no (by the profile); changes are written with PUT", nil
	}
	err := r.target.send(ctx, "User", newGUID(), []scimclient.Operation{{Op: "replace", Path: "active", Value: true}}, "")
	e, ok := errors.AsType[*scimclient.Error](err)
	switch {
	case !ok || e.Kind == scimclient.KindHTML || e.Kind == scimclient.KindContentType:
		return "PATCH " + word(r.found.Patch) + " (as it says; an account that does not exist told nothing)", nil
	case e.Status == http.StatusMethodNotAllowed || e.Status == http.StatusNotImplemented:
		r.found.Patch = scimclient.No
		return fmt.Sprintf("PATCH no (%d), whatever it says; changes are written with PUT, whole accounts at a time", e.Status), nil
	case e.Status == http.StatusForbidden:
		return "", &provisioning.TargetError{Code: insufficientRights, Status: e.Status,
			Detail: "the secret token may read accounts and not change them (403 to a PATCH): give it the right to write at the application"}
	case r.found.Patch != scimclient.No && (e.Status == http.StatusNotFound || e.Status == http.StatusBadRequest || e.Status == http.StatusUnprocessableEntity):
		r.found.Patch = scimclient.Yes
		return "PATCH yes (tried on an account that does not exist)", nil
	}
	return fmt.Sprintf("PATCH %s (as it says; tried on an account that does not exist, it answered: %s)", word(r.found.Patch), e.Detail), nil
}

// explainFilter adds what to do to what went wrong with a filtered query.
func explainFilter(p Probe, err error) error {
	e, ok := errors.AsType[*provisioning.TargetError](err)
	if !ok || e.Status != http.StatusNotFound {
		return err
	}
	out := *e
	out.Detail += fmt.Sprintf(" — nobody has that %s, and the answer must be 200 with an empty list (totalResults 0); a 404 means that the path of the "+
		"Tenant URL is wrong, or that the service takes \"nobody\" for an error, which its vendor has to mend", p.Attribute)
	if strings.EqualFold(p.Type, groupType) {
		out.Detail += "; a service without groups: switch them off with `rollcall app set ORG NAME groups=off`"
	}
	return &out
}
