package csv

import (
	"context"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

// provision makes somebody, and a group of theirs, as a SCIM client does.
func (c *company) provision(t *testing.T, userName, groupName string) {
	t.Helper()
	origin := directory.Origin{Owner: directory.OwnerSCIM, Actor: "scim token t1"}
	err := c.Directory.Write(t.Context(), org, origin, func(ctx context.Context, w *directory.Writer) error {
		o, err := w.Create(ctx, directory.User, scim.Resource{"userName": userName, "displayName": "As SCIM says"}, nil)
		if err != nil {
			return err
		}
		_, err = w.Create(ctx, directory.Group, scim.Resource{"displayName": groupName}, []string{o.ID})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSCIMsPeopleAreLeftAlone: an import is the whole truth about its own people, and says nothing about those whom a SCIM client looks after. Taking them for
// leavers would lock out everybody whom the identity provider has let in.
func TestSCIMsPeopleAreLeftAlone(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		people := []string{"userPrincipalName,displayName", "anna@x.example,Anna", "bert@x.example,Bert"}
		groups := []string{"displayName,member", "Sales,anna@x.example"}
		c.load(Options{Groups: groupsFile(groups...)}, file(people...))
		c.provision(t, "scim@x.example", "From SCIM")

		r := c.load(Options{Groups: groupsFile(groups...)}, file(people...))
		check(t, "again", counts(r)+"; "+groupCounts(r.Groups),
			"added 0, changed 0, unchanged 2, left 0, rejected 0; added 0, changed 0, unchanged 1, left 0, members +0 -0, rejected 0")

		// A file that names them changes nothing of theirs, and says so.
		named := append(people, "SCIM@x.example,As the file says")
		r = c.load(Options{Groups: groupsFile(append(groups, "From SCIM,anna@x.example", "Sales,scim@x.example")...)}, file(named...))
		check(t, "named", counts(r), "added 0, changed 0, unchanged 3, left 0, rejected 0")
		check(t, "warnings", strings.Join(r.Warnings, "; "), `line 4: userPrincipalName "SCIM@x.example" stays as it is, because a SCIM client looks after it; `+
			`groups.csv, line 3: the group "From SCIM" stays as it is, because a SCIM client looks after it`)
		check(t, "people", c.people("displayName"), "anna@x.example Anna, bert@x.example Bert, scim@x.example As SCIM says")
		check(t, "groups", c.memberships(), "From SCIM: scim@x.example; Sales: anna@x.example scim@x.example")

		// Leavers are counted among the file's own people, and a file without any group does not concern SCIM's.
		r = c.load(Options{Groups: groupsFile("displayName,member", "Sales,")}, file(people[:2]...))
		check(t, "left", counts(r), "added 0, changed 0, unchanged 1, left 1, rejected 0")
		check(t, "people", c.people(), "-bert@x.example, anna@x.example, scim@x.example")
	})
}
