package store_test

import (
	"fmt"
	"testing"

	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

// Records from before the log could be searched by action and code are found by them too.
func TestOldRecordsAreSearched(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		c.NoMigrate = true
		s := storetest.Open(t, c)
		if err := s.MigrateTo(t.Context(), 7); err != nil {
			t.Fatal(err)
		}
		org := formerOrganization(t, s)
		for i, text := range []string{
			`insert into application (id, organization_id, name, name_key, template, created, tenant_url, secret_key, enabled,
				scope, mapping, settings, revision, version) values ('app1', '` + org + `', 'App', 'app', 'scim', 1, '', '', true, 'all', '{}', '{}', 1, 1)`,
			`insert into record (application_id, time, cycle_id, status, source_key, target_key, doc)
				values ('app1', 1, 'c1', 'failure', 'zoë', '', '{"id":"r1","kind":"user","action":"create","status":"failure","errorCode":"Conflict","reason":"Zoë"}')`,
			`insert into record (application_id, time, cycle_id, status, source_key, target_key, doc) values ('app1', 2, 'c1', 'success', '', '', '{"id":"r2"}')`,
		} {
			if err := s.ExecWriter(t.Context(), text); err != nil {
				t.Fatal(fmt.Errorf("statement %d: %w", i, err))
			}
		}
		if _, _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, q := range []record.Query{{Code: "Conflict"}, {Action: record.Create}, {Kind: "user"}} {
			q.Application, q.Limit = "app1", 10
			got, _, err := s.Records(t.Context(), q)
			if err != nil || len(got) != 1 || got[0].ID != "r1" || got[0].Reason != "Zoë" {
				t.Errorf("%+v finds %+v, %v; want r1", q, got, err)
			}
		}
	})
}
