package scim

import (
	"context"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

var _ scimserver.DocumentReader = Backend{}

// Document implements scimserver.DocumentReader.
func (b Backend) Document(ctx context.Context, rt *scim.ResourceType, id string) (*scim.Document, error) {
	if !possible(id) {
		return nil, scimserver.NotFound(rt, id)
	}
	found, err := b.store().Document(ctx, b.Organization, rt.Name, id)
	if err != nil {
		return nil, explain(rt, id, err)
	}
	if !found.Visible(b.owner()) {
		return nil, scimserver.NotFound(rt, id)
	}
	d := document(&found)
	return d, b.groupsOf(ctx, []directory.Document{found}, []*scim.Document{d})
}

// Documents implements scimserver.DocumentReader.
func (b Backend) Documents(ctx context.Context, rt *scim.ResourceType, q scimserver.Query) (scimserver.Page, error) {
	found, err := b.store().Documents(ctx, b.Organization, rt.Name, b.query(q))
	if err != nil {
		return scimserver.Page{}, searchFailed(rt, err)
	}
	page := scimserver.Page{Total: found.Total, Documents: make([]*scim.Document, len(found.Documents)), More: found.More}
	for i := range found.Documents {
		page.Documents[i] = document(&found.Documents[i])
	}
	if n := len(page.Documents); n > 0 && q.Keyset {
		page.First = &scim.Position{Key: found.Keys[0], ID: page.Documents[0].ID}
		page.Last = &scim.Position{Key: found.Keys[n-1], ID: page.Documents[n-1].ID}
	}
	return page, b.groupsOf(ctx, found.Documents, page.Documents)
}

func document(d *directory.Document) *scim.Document {
	return &scim.Document{ID: d.ID, Created: d.Created, Modified: d.Modified, Version: tag(d.Version), Attributes: d.Attributes}
}

// groupsOf adds the attribute groups to the documents of people who are in one.
func (b Backend) groupsOf(ctx context.Context, found []directory.Document, docs []*scim.Document) error {
	var members []scim.Resource
	var of []*scim.Document
	for i, d := range found {
		if d.Member {
			members, of = append(members, scim.Resource{"id": d.ID}), append(of, docs[i])
		}
	}
	if len(members) == 0 {
		return nil
	}
	if err := b.addGroups(ctx, members...); err != nil {
		return err
	}
	for i, m := range members {
		if groups, ok := m["groups"]; ok {
			of[i].Computed = scim.Resource{"groups": groups}
		}
	}
	return nil
}
