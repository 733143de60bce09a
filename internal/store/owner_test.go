package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

// TestOwnersAreBackfilled: in a database from before there were owners, what a SCIM token made or changed is SCIM's, and the rest can be found by its address.
func TestOwnersAreBackfilled(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		c.NoMigrate = true
		s := storetest.Open(t, c)
		if err := s.MigrateTo(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		org := formerOrganization(t, s)
		emails := map[string]string{
			"scim": `[{"value":"scim@acme.example"}]`,
			"only": `[{"value":"only@acme.example"}]`,
			"main": `[{"value":"home@acme.example"},{"value":"main@acme.example","primary":true}]`,
			"many": `[{"value":"one@acme.example"},{"value":"two@acme.example"}]`,
			"long": `[{"value":"` + strings.Repeat("x", 600) + `"}]`,
			"none": `[]`,
			"took": `[{"value":"took@acme.example"}]`, // imported, and looked after by SCIM since
		}
		for id, list := range emails {
			actor := "csv import"
			if id == "scim" {
				actor = "scim token t1"
			}
			for _, text := range []string{
				`insert into resource (id, organization_id, type, unique_key, version, created, modified, deleted, doc, search)
					values ('%[1]s', '%[2]s', 'User', '%[1]s', 1, 1, 1, 0, '{"userName":"%[1]s"}', '{"userName":"%[1]s","emails":%[4]s}')`,
				`insert into change (organization_id, time, actor, cause, traceparent, kind, type, object_id, member_id, application_id, paths)
					values ('%[2]s', 1, '%[3]s', '', '', 'create', 'User', '%[1]s', '', '', '')`,
			} {
				if err := s.ExecWriter(t.Context(), fmt.Sprintf(text, id, org, actor, list)); err != nil {
					t.Fatal(err)
				}
			}
		}
		err := s.ExecWriter(t.Context(), `insert into change (organization_id, time, actor, cause, traceparent, kind, type, object_id, member_id, application_id, paths)
			values ('`+org+`', 2, 'scim token t1', '', '', 'update', 'User', 'took', '', '', 'active')`)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"scim": "scim", "took": "scim", "only": " only@acme.example", "main": " main@acme.example", "many": " ", "long": " ", "none": " "}
		for id := range emails {
			got, err := s.QueryText(t.Context(), "select owner || ' ' || coalesce(email_key, '') from resource where id = $1", id)
			if err != nil || strings.TrimSuffix(got, " ") != strings.TrimSuffix(want[id], " ") {
				t.Errorf("%s: got %q, %v; want %q", id, got, err, want[id])
			}
		}
		page, err := s.Search(t.Context(), org, directory.User, directory.Query{Owner: directory.OwnerSCIM, Count: 10})
		if err != nil || len(page.Objects) != 2 || page.Total != 2 || page.Objects[0].Owner != directory.OwnerSCIM {
			t.Errorf("what SCIM owns: got %+v, %v", page, err)
		}
	})
}

// TestCountsOfSCIMComeFromTheIndex: counting what SCIM owns reads no row of the table.
func TestCountsOfSCIMComeFromTheIndex(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	plan, err := s.ExplainCount(t.Context(), "org-acme", directory.User)
	if err != nil || len(plan) != 1 || !strings.Contains(plan[0], "COVERING INDEX resource_scim") {
		t.Errorf("got the plan %q, %v; want only the covering index resource_scim", plan, err)
	}
}
