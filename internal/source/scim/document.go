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
	_, err = b.groupsOf(ctx, []directory.Document{found}, []*scim.Document{d})
	return d, err
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
	from, to, err := inParts(len(page.Documents), q.Backward, func(from, to int) (int, error) {
		return b.groupsOf(ctx, found.Documents[from:to], page.Documents[from:to])
	})
	page.More = page.More || to-from < len(page.Documents)
	page.Documents = page.Documents[from:to]
	if len(page.Documents) > 0 && q.Keyset {
		page.First = &scim.Position{Key: found.Keys[from], ID: found.Documents[from].ID}
		page.Last = &scim.Position{Key: found.Keys[to-1], ID: found.Documents[to-1].ID}
	}
	return page, err
}

func document(d *directory.Document) *scim.Document {
	return &scim.Document{ID: d.ID, Created: d.Created, Modified: d.Modified, Version: tag(d.Version), Attributes: d.Attributes}
}

// groupsOf adds the attribute groups to the documents of people who are in one.
func (b Backend) groupsOf(ctx context.Context, found []directory.Document, docs []*scim.Document) (count int, err error) {
	var members []scim.Resource
	var of []*scim.Document
	for i, d := range found {
		if d.Member {
			members, of = append(members, scim.Resource{"id": d.ID}), append(of, docs[i])
		}
	}
	if len(members) == 0 {
		return 0, nil
	}
	if count, err = b.addGroups(ctx, members...); err != nil {
		return 0, err
	}
	for i, m := range members {
		if groups, ok := m["groups"]; ok {
			of[i].Computed = scim.Resource{"groups": groups}
		}
	}
	return count, nil
}
