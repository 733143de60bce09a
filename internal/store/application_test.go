package store_test

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

func sampleApplication(org string) application.Application {
	return application.Application{
		ID: "app1", Organization: org, Name: "Vault Platform", Template: "vault-platform", Created: noon,
		TenantURL: "https://vault.example/api/scim/acme?x=1", Secret: []byte("very secret"), On: true, Scope: application.ScopeAssigned,
		Mapping: mapping.Set{Objects: []mapping.ObjectMapping{{
			Name: "users", Source: "User", Target: "User", Enabled: true, Create: true,
			Attributes: []mapping.AttributeMapping{{Target: "userName", Kind: mapping.Direct, Value: "userPrincipalName", Matching: 1}},
		}}},
		Settings: application.Settings{Interval: 40 * time.Minute, DeletionThreshold: 500, NotificationEmail: []string{"a@b.example"}, RateLimit: 2.5},
		Revision: 3,
	}
}

func TestApplications(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org, other := storetest.Organization(t, s, "acme"), storetest.Organization(t, s, "other")
		want := sampleApplication(org)
		bare := application.Application{ID: "app2", Organization: other, Name: "bare", Created: noon}
		for _, a := range []application.Application{want, bare} {
			if err := s.CreateApplication(t.Context(), a); err != nil {
				t.Fatal(err)
			}
		}
		want.Version = 1
		got, err := s.Application(t.Context(), org, "VAULT platform")
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("by name: %v (-want +got):\n%s", err, d)
		}
		if got, err := s.ApplicationByID(t.Context(), "app2"); err != nil || got.Secret != nil {
			t.Errorf("without a secret: %v, %v", got.Secret, err)
		}
		all, err := s.Applications(t.Context(), "")
		if err != nil || len(all) != 2 {
			t.Errorf("all: %d, %v", len(all), err)
		}
		if of, err := s.Applications(t.Context(), other); err != nil || len(of) != 1 || of[0].ID != "app2" {
			t.Errorf("of one organization: %v, %v", of, err)
		}
		same := bare
		same.ID, same.Organization, same.Name = "app3", org, "vault PLATFORM"
		wantError(t, s.CreateApplication(t.Context(), same), fault.ErrConflict)
		same.Name = "third"
		if err := s.CreateApplication(t.Context(), same); err != nil {
			t.Fatal(err)
		}
		same.Name = "Vault Platform"
		wantError(t, s.SaveApplication(t.Context(), same), fault.ErrConflict)

		want.Name, want.Secret, want.On, want.Revision = "Vault", []byte("other secret"), false, 4
		if err := s.SaveApplication(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		want.Version = 2
		got, err = s.ApplicationByID(t.Context(), "app1")
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("saved: %v (-want +got):\n%s", err, d)
		}
		want.ID = "nobody"
		wantError(t, s.SaveApplication(t.Context(), want), fault.ErrNotFound)
		if err := s.DeleteApplication(t.Context(), "app1"); err != nil {
			t.Fatal(err)
		}
		wantError(t, s.DeleteApplication(t.Context(), "app1"), fault.ErrNotFound)
		_, err = s.Application(t.Context(), org, "Vault")
		wantError(t, err, fault.ErrNotFound)
	})
}

// Two commands that read, change and save one application do not undo each other.
func TestSaveApplicationIsConditional(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := storetest.Organization(t, s, "acme")
		if err := s.CreateApplication(t.Context(), sampleApplication(org)); err != nil {
			t.Fatal(err)
		}
		read, err := s.ApplicationByID(t.Context(), "app1")
		if err != nil {
			t.Fatal(err)
		}
		stale := read
		read.TenantURL = "https://new.example/scim"
		if err := s.SaveApplication(t.Context(), read); err != nil {
			t.Fatal(err)
		}
		stale.On = false
		wantError(t, s.SaveApplication(t.Context(), stale), fault.ErrPrecondition)
		got, err := s.ApplicationByID(t.Context(), "app1")
		if err != nil || got.TenantURL != read.TenantURL || !got.On || got.Version != 2 {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

func TestSecretIsSealed(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := storetest.Organization(t, s, "acme")
		if err := s.CreateApplication(t.Context(), sampleApplication(org)); err != nil {
			t.Fatal(err)
		}
		stored, err := s.QueryText(t.Context(), "select secret from application")
		if err != nil || stored == "" || strings.Contains(stored, "very secret") {
			t.Errorf("stored as %q, %v", stored, err)
		}
		// Copied to another application, a sealed secret does not open.
		other := sampleApplication(org)
		other.ID, other.Name = "app2", "other"
		if err := s.CreateApplication(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		const move = "update application set secret = (select a.secret from application a where a.id = 'app1') where id = 'app2'"
		if err := s.ExecWriter(t.Context(), move); err != nil {
			t.Fatal(err)
		}
		moved, err := s.ApplicationByID(t.Context(), "app2")
		if err != nil || moved.Secret != nil || !strings.Contains(moved.SecretError, "changed from outside") {
			t.Errorf("moved: %q, %q, %v", moved.Secret, moved.SecretError, err)
		}
	})
}

func TestKeyRotation(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		newKey := base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
		s := storetest.Open(t, c)
		org := storetest.Organization(t, s, "acme")
		if err := s.CreateApplication(t.Context(), sampleApplication(org)); err != nil {
			t.Fatal(err)
		}
		open := func(keys string) *store.Store {
			c.Keys = keys
			return storetest.Open(t, c)
		}
		// Without its key the application is there all the same, and saving it keeps what is sealed.
		locked, err := open(newKey).Application(t.Context(), org, "Vault Platform")
		if err != nil || locked.Secret != nil || !strings.Contains(locked.SecretError, "ROLLCALL_KEY") {
			t.Fatalf("without the key: %q, %q, %v", locked.Secret, locked.SecretError, err)
		}
		locked.On = false
		if err := open(newKey).SaveApplication(t.Context(), locked); err != nil {
			t.Fatal(err)
		}
		if all, err := open(storetest.Key).Applications(t.Context(), ""); err != nil || string(all[0].Secret) != "very secret" || all[0].On {
			t.Errorf("with the key again: %v, %v", all, err)
		}
		both := open(newKey + "," + storetest.Key)
		for _, want := range []int{1, 0} {
			if n, err := both.Reseal(t.Context()); n != want || err != nil {
				t.Errorf("resealed %d, %v; want %d", n, err, want)
			}
		}
		a, err := open(newKey).ApplicationByID(t.Context(), "app1")
		if err != nil || string(a.Secret) != "very secret" {
			t.Errorf("with the new key alone: %q, %v", a.Secret, err)
		}
	})
}

func TestKeyFile(t *testing.T) {
	t.Setenv("ROLLCALL_KEY", "")
	c := store.Config{Dir: t.TempDir()}
	s := storetest.Open(t, c)
	org := storetest.Organization(t, s, "acme")
	path := filepath.Join(c.Dir, "rollcall.key")
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the key file is there before a secret is: %v", err)
	}
	if err := s.CreateApplication(t.Context(), sampleApplication(org)); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("key file: %v, %v; want mode 0600", info, err)
	}
	a, err := storetest.Open(t, c).ApplicationByID(t.Context(), "app1")
	if err != nil || string(a.Secret) != "very secret" {
		t.Errorf("after opening again: %q, %v", a.Secret, err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	a, err = storetest.Open(t, c).ApplicationByID(t.Context(), "app1")
	if err != nil || !strings.Contains(a.SecretError, "chmod 600") {
		t.Errorf("the error does not say what to do: %q, %v", a.SecretError, err)
	}
	for _, broken := range []string{"", "# no key\n", "nonsense\n"} {
		if err := errors.Join(os.WriteFile(path, []byte(broken), 0o600), os.Chmod(path, 0o600)); err != nil {
			t.Fatal(err)
		}
		a, err = storetest.Open(t, c).ApplicationByID(t.Context(), "app1")
		if err != nil || a.Secret != nil || a.SecretError == "" {
			t.Errorf("key file %q: %q, %q, %v", broken, a.Secret, a.SecretError, err)
		}
	}
}

func FuzzParseKeys(f *testing.F) {
	f.Add(storetest.Key)
	f.Add("# comment\n" + storetest.Key + ", " + storetest.Key)
	f.Add("short")
	f.Fuzz(func(t *testing.T, text string) {
		ids, err := store.ParseKeys(text)
		if err != nil {
			return
		}
		for _, id := range ids {
			if len(id) != 12 {
				t.Errorf("key id %q", id)
			}
		}
		if again, err := store.ParseKeys(text + "\n" + storetest.Key); err != nil || len(again) != len(ids)+1 {
			t.Errorf("with one more key: %d, %v", len(again), err)
		}
	})
}

func TestAssignments(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org, other := storetest.Organization(t, s, "acme"), storetest.Organization(t, s, "other")
		insert(t, s, user(org, "u1", "ada"), group(org, "g1", "all"))
		if err := s.CreateApplication(t.Context(), sampleApplication(org)); err != nil {
			t.Fatal(err)
		}
		const trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
		origin := directory.Origin{Actor: "admin", Cause: "cli", Traceparent: trace}
		for _, c := range []struct {
			name, org string
			a         application.Assignment
			unassign  bool
			changed   bool
			err       error
		}{
			{"new", org, application.Assignment{Application: "app1", Principal: "u1", PrincipalType: "User"}, false, true, nil},
			{"again", org, application.Assignment{Application: "app1", Principal: "u1", PrincipalType: "User"}, false, false, nil},
			{"another role", org, application.Assignment{Application: "app1", Principal: "u1", PrincipalType: "User", Role: "admin"}, false, true, nil},
			{"a group", org, application.Assignment{Application: "app1", Principal: "g1", PrincipalType: "Group"}, false, true, nil},
			{"nobody", org, application.Assignment{Application: "app1", Principal: "u9", PrincipalType: "User"}, false, false, fault.ErrNotFound},
			{"other type", org, application.Assignment{Application: "app1", Principal: "g1", PrincipalType: "User"}, false, false, fault.ErrNotFound},
			{"other organization", other, application.Assignment{Application: "app1", Principal: "u1", PrincipalType: "User"}, false, false, fault.ErrNotFound},
			{"unassign elsewhere", other, application.Assignment{Application: "app1", Principal: "u1", PrincipalType: "User"}, true, false, fault.ErrNotFound},
			{"unassign", org, application.Assignment{Application: "app1", Principal: "u1", PrincipalType: "User"}, true, true, nil},
			{"unassign again", org, application.Assignment{Application: "app1", Principal: "u1", PrincipalType: "User"}, true, false, nil},
		} {
			do := s.Assign
			if c.unassign {
				do = s.Unassign
			}
			changed, err := do(t.Context(), c.org, c.a, origin)
			if changed != c.changed || !errors.Is(err, c.err) {
				t.Errorf("%s: got %v, %v; want %v, %v", c.name, changed, err, c.changed, c.err)
			}
		}
		list, err := s.Assignments(t.Context(), "app1")
		if err != nil || len(list) != 1 || list[0].Principal != "g1" || list[0].PrincipalType != "Group" || list[0].Created.IsZero() {
			t.Errorf("assignments: %+v, %v", list, err)
		}
		changes, err := s.Changes(t.Context(), org, 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, c := range changes {
			kinds = append(kinds, string(c.Kind)+" "+c.Type+" "+c.ID+" "+c.Application+" "+c.Actor+" "+c.Traceparent)
		}
		want := []string{
			"assign User u1 app1 admin " + trace, "assign User u1 app1 admin " + trace, "assign Group g1 app1 admin " + trace,
			"unassign User u1 app1 admin " + trace,
		}
		if d := cmp.Diff(want, kinds); d != "" {
			t.Errorf("feed (-want +got):\n%s", d)
		}
	})
}

// The groups: g1 holds u1 and g2; g2 holds u2 and g3; g3 holds u3 and g1, which closes a loop; g4 holds u1 and u4.
func assignmentWorld(t *testing.T, s *store.Store) string {
	t.Helper()
	org := storetest.Organization(t, s, "acme")
	insert(t, s, user(org, "u1", "ada"), user(org, "u2", "bob"), user(org, "u3", "cy"), user(org, "u4", "dan"), user(org, "u5", "eve"),
		group(org, "g1", "one"), group(org, "g2", "two"), group(org, "g3", "three"), group(org, "g4", "four"))
	join(t, s, org, "g1", member("u1"), nested("g2"))
	join(t, s, org, "g2", member("u2"), nested("g3"))
	join(t, s, org, "g3", member("u3"), nested("g1"))
	join(t, s, org, "g4", member("u1"), member("u4"))
	if err := s.CreateApplication(t.Context(), sampleApplication(org)); err != nil {
		t.Fatal(err)
	}
	for _, a := range []application.Assignment{
		{Principal: "g1", PrincipalType: "Group", Role: "reader"}, {Principal: "g4", PrincipalType: "Group", Role: application.DefaultRole},
		{Principal: "u1", PrincipalType: "User", Role: "admin"},
	} {
		a.Application = "app1"
		if _, err := s.Assign(t.Context(), org, a, directory.Origin{}); err != nil {
			t.Fatal(err)
		}
	}
	return org
}

func TestEntitlements(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := assignmentWorld(t, s)
		ada := application.Entitlement{Direct: true, Groups: []string{"g1", "g4"}, Roles: []string{"admin", "reader"}}
		dan := application.Entitlement{Groups: []string{"g4"}}
		viaG1 := application.Entitlement{Groups: []string{"g1"}, Roles: []string{"reader"}}
		for _, c := range []struct {
			name, typ string
			nested    bool
			want      map[string]application.Entitlement
		}{
			{"direct", directory.User, false, map[string]application.Entitlement{"u1": ada, "u4": dan}},
			{"nested", directory.User, true, map[string]application.Entitlement{"u1": ada, "u2": viaG1, "u3": viaG1, "u4": dan}},
			{"groups", directory.Group, true, map[string]application.Entitlement{
				"g1": {Direct: true, Roles: []string{"reader"}}, "g4": {Direct: true},
			}},
		} {
			ids := []string{"u1", "u2", "u3", "u4", "u5", "g1", "g2", "g3", "g4"}
			got, err := s.Entitlements(t.Context(), org, "app1", c.typ, ids, c.nested)
			if d := cmp.Diff(c.want, got); d != "" || err != nil {
				t.Errorf("%s: %v (-want +got):\n%s", c.name, err, d)
			}
		}
		if got, err := s.Entitlements(t.Context(), "elsewhere", "app1", directory.User, []string{"u1"}, true); len(got) != 0 || err != nil {
			t.Errorf("another organization: %v, %v", got, err)
		}
		// A soft-deleted group entitles nobody, and nobody through it.
		gone := group(org, "g2", "two")
		gone.Deleted = noon
		update(t, s, gone)
		got, err := s.Entitlements(t.Context(), org, "app1", directory.User, []string{"u1", "u2", "u3"}, true)
		if d := cmp.Diff(map[string]application.Entitlement{"u1": ada}, got); d != "" || err != nil {
			t.Errorf("with a soft-deleted group: %v (-want +got):\n%s", err, d)
		}
	})
}

func TestGroupUsers(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := assignmentWorld(t, s)
		for _, c := range []struct {
			group  string
			nested bool
			after  string
			limit  int
			want   []string
		}{
			{"g1", false, "", 10, []string{"u1"}},
			{"g1", true, "", 10, []string{"u1", "u2", "u3"}},
			{"g1", true, "u1", 1, []string{"u2"}},
			{"g3", true, "", 10, []string{"u1", "u2", "u3"}},
			{"g9", true, "", 10, nil},
		} {
			got, err := s.GroupUsers(t.Context(), org, c.group, c.nested, c.after, c.limit)
			if d := cmp.Diff(c.want, got); d != "" || err != nil {
				t.Errorf("%+v: %v (-want +got):\n%s", c, err, d)
			}
		}
	})
}

// A disabled role gives nothing; the other assignments of the same person still count.
func TestEntitlementsOfDisabledRoles(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		org := assignmentWorld(t, s)
		app, err := s.ApplicationByID(t.Context(), "app1")
		if err != nil {
			t.Fatal(err)
		}
		reader := application.Role{ID: "r1", Value: "reader", DisplayName: "Reader", Description: "reads", Disabled: true}
		if err := app.SaveRole(reader); err != nil {
			t.Fatal(err)
		}
		if err := s.SaveApplication(t.Context(), app); err != nil {
			t.Fatal(err)
		}
		if stored, err := s.ApplicationByID(t.Context(), "app1"); err != nil || len(stored.Roles) != 1 || stored.Roles[0] != reader {
			t.Errorf("stored roles %+v, %v", stored.Roles, err)
		}
		got, err := s.Entitlements(t.Context(), org, "app1", directory.User, []string{"u1", "u2", "u4"}, true)
		want := map[string]application.Entitlement{
			"u1": {Direct: true, Groups: []string{"g4"}, Roles: []string{"admin"}, Disabled: []string{"reader"}},
			"u2": {Disabled: []string{"reader"}},
			"u4": {Groups: []string{"g4"}},
		}
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
	})
}
