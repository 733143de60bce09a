package store_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

// versioned is the store with an application whose mapping can be changed.
type versioned struct {
	*testing.T
	s *store.Store
}

func (v versioned) read() application.Application {
	v.Helper()
	a, err := v.s.ApplicationByID(v.Context(), "app1")
	if err != nil {
		v.Fatal(err)
	}
	return a
}

// save changes the application and saves it.
func (v versioned) save(change func(a *application.Application)) {
	v.Helper()
	a := v.read()
	change(&a)
	if err := v.s.SaveApplication(v.Context(), a); err != nil {
		v.Fatal(err)
	}
}

func (v versioned) list(app string) []application.Version {
	v.Helper()
	list, err := v.s.MappingVersions(v.Context(), app)
	if err != nil {
		v.Fatal(err)
	}
	return list
}

func title(value string) func(a *application.Application) {
	return func(a *application.Application) {
		a.Mapping = mapping.Set{Objects: []mapping.ObjectMapping{{
			Name: "users", Source: "User", Target: "User", Enabled: true, Create: true,
			Attributes: []mapping.AttributeMapping{
				{Target: "userName", Kind: mapping.Direct, Value: "userPrincipalName", Matching: 1},
				{Target: "title", Kind: mapping.Direct, Value: value},
			},
		}}}
		a.Change = application.Change{Actor: "command line", Reason: "title from " + value}
	}
}

func TestMappingVersions(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		c.Now = func() time.Time { return noon.Add(time.Hour) }
		v := versioned{t, storetest.Open(t, c)}
		first := sampleApplication(storetest.Organization(t, v.s, "acme"))
		if err := v.s.CreateApplication(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		v.save(func(a *application.Application) {
			a.On, a.Change = false, application.Change{Reason: "no change of the mapping"}
		})
		v.save(title("jobTitle"))
		v.save(title("department"))
		want := []application.Version{
			{Number: 3, Time: noon.Add(time.Hour), Actor: "command line", Reason: "title from department", Changes: "User: 1 row changed"},
			{Number: 2, Time: noon.Add(time.Hour), Actor: "command line", Reason: "title from jobTitle", Changes: "User: 1 row added"},
			{Number: 1, Time: noon.Add(time.Hour), Reason: "created from template vault-platform"},
		}
		if d := cmp.Diff(want, v.list("app1")); d != "" {
			t.Errorf("the versions (-want +got):\n%s", d)
		}
		got, err := v.s.MappingVersion(t.Context(), "app1", 1)
		if d := cmp.Diff(first.Mapping, got.Set); d != "" || err != nil || got.Number != 1 {
			t.Errorf("version 1: %+v, %v (-want +got):\n%s", got, err, d)
		}
		_, err = v.s.MappingVersion(t.Context(), "app1", 4)
		wantError(t, err, fault.ErrNotFound)

		// A save that is refused leaves no version behind.
		stale := v.read()
		v.save(func(a *application.Application) { a.On = true })
		title("city")(&stale)
		wantError(t, v.s.SaveApplication(t.Context(), stale), fault.ErrPrecondition)
		if n := len(v.list("app1")); n != 3 {
			t.Errorf("after a refused save there are %d versions; want 3", n)
		}
		if err := v.s.DeleteApplication(t.Context(), "app1"); err != nil {
			t.Fatal(err)
		}
		if n := len(v.list("app1")); n != 0 {
			t.Errorf("%d versions of a deleted application", n)
		}
	})
}

func TestMappingVersionsAreBounded(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		v := versioned{t, s}
		if err := s.CreateApplication(t.Context(), sampleApplication(storetest.Organization(t, s, "acme"))); err != nil {
			t.Fatal(err)
		}
		for i := range application.MaxVersions + 2 {
			v.save(title(fmt.Sprintf("extensionAttribute%d", i)))
		}
		list := v.list("app1")
		if len(list) != application.MaxVersions || list[0].Number != application.MaxVersions+3 || list[len(list)-1].Number != 4 {
			t.Errorf("%d versions from %d to %d", len(list), list[len(list)-1].Number, list[0].Number)
		}
	})
}

// A big imported document is kept compressed, and comes back as it was.
func TestMappingVersionKeepsTheDocument(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		v := versioned{t, s}
		if err := s.CreateApplication(t.Context(), sampleApplication(storetest.Organization(t, s, "acme"))); err != nil {
			t.Fatal(err)
		}
		doc, err := json.Marshal(map[string]any{"id": "x", "directories": make([]int, 50_000)})
		if err != nil {
			t.Fatal(err)
		}
		v.save(func(a *application.Application) { a.Mapping.Imported = doc })
		got, err := s.MappingVersion(t.Context(), "app1", 2)
		if err != nil || string(got.Set.Imported) != string(doc) {
			t.Errorf("%d bytes came back, %v; want %d", len(got.Set.Imported), err, len(doc))
		}
		size, err := s.QueryText(t.Context(), "select cast(length(doc) as text) from mapping_version where number = 2")
		if err != nil || len(size) > 4 {
			t.Errorf("stored in %s bytes, %v", size, err)
		}
	})
}

// TestVersionsAreBackfilled: an application from before there were versions has the mapping it had as its first one.
func TestVersionsAreBackfilled(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		c.NoMigrate = true
		v := versioned{t, storetest.Open(t, c)}
		if err := v.s.MigrateTo(t.Context(), 4); err != nil {
			t.Fatal(err)
		}
		org := formerOrganization(t, v.s)
		err := v.s.ExecWriter(t.Context(), `insert into application (id, organization_id, name, name_key, template, created, tenant_url, secret_key, enabled,
			scope, mapping, settings, revision, version) values ('app1', '`+org+`', 'App', 'app', 'scim', 1000000, '', '', true, 'all',
			'{"objects":[{"name":"Zoë","source":"User","target":"User"}]}', '{}', 1, 1)`)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := v.s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, err := v.s.MappingVersion(t.Context(), "app1", 1)
		if err != nil || len(got.Set.Objects) != 1 || got.Set.Objects[0].Name != "Zoë" || got.Time.Unix() != 1 {
			t.Fatalf("got %+v, %v", got, err)
		}
		v.save(title("city"))
		if list := v.list("app1"); len(list) != 2 || list[0].Number != 2 {
			t.Errorf("after a change: %+v", list)
		}
	})
}
