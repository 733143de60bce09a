package scim

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

// Get implements scimserver.Reader.
func (b Backend) Get(ctx context.Context, rt *scim.ResourceType, id string, p scim.Projection) (scim.Resource, error) {
	if !possible(id) {
		return nil, scimserver.NotFound(rt, id)
	}
	o, err := b.store().Object(ctx, b.Organization, rt.Name, id)
	if err != nil {
		return nil, explain(rt, id, err)
	}
	if !b.visible(o) {
		return nil, scimserver.NotFound(rt, id)
	}
	r, _, err := b.complete(ctx, o, p, 0)
	return r, err
}

// possible reports whether an id can exist: a database does not even take a question about text that is not text.
func possible(id string) bool { return utf8.ValidString(id) && !strings.Contains(id, "\x00") }

// complete is the object as a resource with the memberships that the projection wants. limit is the most members to return (0: all); when there are
// more, none are returned and brief is true.
func (b Backend) complete(ctx context.Context, o directory.Object, p scim.Projection, limit int) (r scim.Resource, brief bool, err error) {
	r = view(o)
	switch {
	case o.Type == directory.User && !o.NoGroups && p.Wants("groups"):
		_, err := b.addGroups(ctx, r)
		return r, false, err
	case o.Type == directory.Group && p.Wants("members"):
		elements, more, err := b.members(ctx, b.store(), o.ID, limit, p.Asks("members.display"))
		if err != nil || more {
			return r, more, err
		}
		if elements != nil {
			r["members"] = elements
		}
	}
	return r, false, nil
}

// List implements scimserver.Reader.
func (b Backend) List(ctx context.Context, rt *scim.ResourceType, q scimserver.Query) (scimserver.Page, error) {
	found, err := b.store().Search(ctx, b.Organization, rt.Name, b.query(q))
	if err != nil {
		return scimserver.Page{}, searchFailed(rt, err)
	}
	page := scimserver.Page{Total: found.Total, Resources: make([]scim.Resource, len(found.Objects)), More: found.More}
	for i, o := range found.Objects {
		page.Resources[i] = view(o)
	}
	keys := found.Keys
	from, to := 0, len(page.Resources)
	switch {
	case rt.Name == directory.User && q.Projection.Wants("groups"):
		from, to, err = inParts(to, q.Backward, func(from, to int) (int, error) { return b.addGroups(ctx, page.Resources[from:to]...) })
	case rt.Name == directory.Group && q.Projection.Wants("members"):
		from, to, err = b.addMembers(ctx, page.Resources, q.Backward, q.Projection.Asks("members.display"))
	}
	page.More = page.More || to-from < len(page.Resources)
	page.Resources, keys = page.Resources[from:to], keys[from:to]
	if n := len(page.Resources); n > 0 && q.Keyset {
		page.First = &scim.Position{Key: keys[0], ID: page.Resources[0].ID()}
		page.Last = &scim.Position{Key: keys[n-1], ID: page.Resources[n-1].ID()}
	}
	return page, err
}

func (b Backend) query(q scimserver.Query) directory.Query {
	return directory.Query{
		Owner: b.owner(), Filter: q.Filter, SortBy: q.SortBy, Descending: q.Descending, Start: q.Start, Count: q.Count,
		Keyset: q.Keyset, From: q.From, Backward: q.Backward,
	}
}

func searchFailed(rt *scim.ResourceType, err error) error {
	if errors.Is(err, fault.ErrUnavailable) {
		return unavailable(err, "the search could not be finished in time. Filter by userName, externalId or id, ask for a smaller part, or try again later")
	}
	return explain(rt, "", fmt.Errorf("search %s: %w", rt.Name, err))
}

// addMembers adds the members to a page of groups, in the direction of reading. It stops where the page would become too big to hold: only groups[from:to]
// are on the page, and the client asks on from there.
func (b Backend) addMembers(ctx context.Context, groups []scim.Resource, backward, named bool) (from, to int, err error) {
	total := 0
	for n := range groups {
		i := n
		if backward {
			i = len(groups) - 1 - n
		}
		elements, _, err := b.members(ctx, b.store(), groups[i].ID(), 0, named)
		if err != nil {
			return 0, 0, err
		}
		if elements != nil {
			groups[i]["members"] = elements
		}
		if total += len(elements); total < pageMembers {
			continue
		}
		if backward {
			return i, len(groups), nil
		}
		return 0, i + 1, nil
	}
	return 0, len(groups), nil
}
