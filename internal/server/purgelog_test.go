package server

import (
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

// The log keeps what is younger than its retention, and everything with a retention of 0.
func TestProvisioningLogIsPurged(t *testing.T) {
	n := newNode(t, storetest.SQLite(t), ServeOptions{})
	n.organization("acme")
	o, err := n.sys.Store.OrganizationBySlug(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	app := application.Application{ID: "app1", Organization: o.ID, Name: "App", Template: "scim", Scope: application.ScopeAll}
	if err := n.sys.Store.CreateApplication(t.Context(), app); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	n.sys.now = func() time.Time { return now }
	records := []record.Record{{ID: "young", Time: now.Add(-89 * 24 * time.Hour)}}
	for range purgeLogStep + 1 {
		records = append(records, record.Record{ID: "old", Time: now.Add(-91 * 24 * time.Hour)})
	}
	if err := n.sys.Store.Commit(t.Context(), app.ID, provisioning.Batch{Records: records}); err != nil {
		t.Fatal(err)
	}
	left := func() []record.Record {
		list, _, err := n.sys.Store.Records(t.Context(), record.Query{Application: app.ID, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	n.sys.purgeLog(t.Context(), 0)()
	if got := left(); len(got) != 1000 {
		t.Errorf("without a retention only %d records are left", len(got))
	}
	if err := n.sys.purgeRecords(t.Context(), now.Add(-90*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := left(); len(got) != 1 || got[0].ID != "young" {
		t.Errorf("%d records are left; want the young one", len(got))
	}
}
