package server

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/provisioning"
)

const badgeURN = "urn:example:scim:badge:1.0:User"

const badgeDocument = `[
 {"id":"urn:example:scim:badge:1.0:User","name":"Badge","attributes":[
  {"name":"code","type":"string","caseExact":true}, {"name":"level","type":"integer"}, {"name":"temporary","type":"boolean"}, {"name":"until","type":"dateTime"},
  {"name":"zones","type":"string","multiValued":true},
  {"name":"printed","type":"integer","mutability":"readOnly"},
  {"name":"design","type":"complex","subAttributes":[{"name":"colour","type":"string"}]},
  {"name":"holder","type":"complex","subAttributes":[{"name":"value","type":"string"},{"name":"$ref","type":"reference","referenceTypes":["User"]}]}]},
 {"schemas":["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],"name":"User","endpoint":"/Users","schema":"urn:ietf:params:scim:schemas:core:2.0:User",
  "schemaExtensions":[{"schema":"urn:example:scim:badge:1.0:User","required":false}]}]`

// save makes a change that must work.
func (r *rig) save(e MappingEdit, err error) MappingEdit {
	r.t.Helper()
	if err == nil {
		err = r.sys.SaveMapping(r.t.Context(), e, directory.Origin{Actor: "test"}, "a test")
	}
	if err == nil {
		r.app, err = r.sys.Application(r.t.Context(), r.org, r.app.Name)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return e
}

func (r *rig) setRow(target string, pairs ...string) (MappingEdit, error) {
	return r.sys.EditMapping(r.t.Context(), r.app, directory.User, func(m mapping.ObjectMapping) (mapping.ObjectMapping, error) { return m.SetRow(target, pairs...) })
}

// TestDiscoveredAttributesAreWritten: what a service registers of its own is discovered with its types, mapped, and written by a cycle as what it is.
func TestDiscoveredAttributesAreWritten(t *testing.T) {
	forEachService(t, func(t *testing.T, s service) {
		ctx := t.Context()
		if _, err := s.sys.RegisterTypes(ctx, s.org, []byte(badgeDocument), directory.Origin{Actor: "test"}); err != nil {
			t.Fatal(err)
		}
		r := rigOn(t, s.sys, "scim", s.url, s.token)
		r.imported("userPrincipalName,displayName,employeeId\nanna@contoso.example,Anna,B-7\n")
		if got := r.cycle(ctx); got.Created != 1 {
			t.Fatalf("the first cycle: %+v", got.Tally)
		}
		revision := r.app.Revision

		d, err := s.sys.Discover(ctx, r.app)
		if err != nil {
			t.Fatal(err)
		}
		var added []string
		for _, c := range d.Objects[0].Changes {
			if c.Before == nil && strings.HasPrefix(c.After.Name, badgeURN) {
				added = append(added, strings.TrimPrefix(c.After.Name, badgeURN+":")+" "+string(c.After.Type))
			}
		}
		if diff := cmp.Diff([]string{"code String", "level Integer", "temporary Boolean", "until DateTime", "zones String", "printed Integer", "design.colour String"}, added); diff != "" {
			t.Errorf("discovered: -want +got\n%s", diff)
		}
		if all := strings.Join(d.Objects[0].Remarks, "\n"); !strings.Contains(all, badgeURN+":holder: it points to another object") {
			t.Errorf("remarks: %s", all)
		}
		r.save(d.MappingEdit, nil)
		if r.app.Revision != revision {
			t.Error("what no row writes started the cycles over")
		}
		if _, err := r.setRow(badgeURN+":printed", "constant=1"); !errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), "read-only") {
			t.Errorf("a read-only attribute: %v", err)
		}
		if _, err := r.setRow(badgeURN+":level", "constant=high"); !errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), "whole number") {
			t.Errorf("a text for a number: %v", err)
		}
		for target, source := range map[string]string{
			"code": "source=employeeId", "level": "constant=3", "temporary": `expression=IIF([employeeId]="B-7", "True", "False")`,
			"until": "constant=2027-01-31T00:00:00Z", "zones": `expression=Split("north,south", ",")`, "design.colour": "constant=blue",
		} {
			if e := r.save(r.setRow(badgeURN+":"+target, source)); !e.Initial {
				t.Errorf("the row of %s does not start the cycles over", target)
			}
		}
		if got := r.cycle(ctx); got.Updated != 1 || got.Failed != 0 {
			t.Errorf("the second cycle: %+v", got.Tally)
		}
		if got := r.cycle(ctx); got.Evaluated != 0 {
			t.Errorf("the third cycle: %+v", got.Tally)
		}
		// Everybody is looked at again, and what the service returns is what was written.
		watermark, err := provisioning.ParseRestartScope("watermark")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.sys.Engine.Restart(ctx, r.app, watermark); err != nil {
			t.Fatal(err)
		}
		if got := r.cycle(ctx); got.Evaluated == 0 || got.Updated != 0 || got.Failed != 0 {
			t.Errorf("after a restart: %+v", got.Tally)
		}
		var list struct{ Resources []map[string]any }
		s.get("/Users", &list)
		want := map[string]any{
			"code": "B-7", "level": 3.0, "temporary": true, "until": "2027-01-31T00:00:00Z", "zones": []any{"north", "south"}, "design": map[string]any{"colour": "blue"},
		}
		if len(list.Resources) != 1 || cmp.Diff(want, list.Resources[0][badgeURN]) != "" {
			t.Errorf("got %v; want one person with %v", list.Resources, want)
		}
		// Again nothing is new.
		if d, err = s.sys.Discover(ctx, r.app); err != nil || len(d.Objects[0].Changes)+len(d.Objects[1].Changes) != 0 {
			t.Errorf("discovered again: %+v, %v", d.Objects, err)
		}
	})
}

func (r *rig) imported(people string) {
	r.t.Helper()
	if got, err := r.sys.ImportText(r.t.Context(), r.org, "", people, ""); err != nil || len(got.Rejected) > 0 {
		r.t.Fatalf("import: %+v, %v", got, err)
	}
}

// TestEditMappingOfBefore: an application from before, without a list, works on, and gets the list of its template when it is first edited.
func TestEditMappingOfBefore(t *testing.T) {
	s := startService(t, Options{Dir: t.TempDir()}, "azure")
	r := rigOn(t, s.sys, "vault-platform", s.url, s.token)
	r.imported("userPrincipalName,displayName,jobTitle\nanna@contoso.example,Anna,Nurse\n")
	set := r.app.Mapping.With(*r.app.Mapping.For(directory.User))
	set.Objects[0].Definitions = nil
	revision := r.app.Revision
	if err := r.app.SetMapping(set); err != nil {
		t.Fatal(err)
	}
	if err := s.sys.Store.SaveApplication(t.Context(), r.app); err != nil {
		t.Fatal(err)
	}
	r.app, _ = s.sys.Application(t.Context(), r.org, r.app.Name)
	if got := r.cycle(t.Context()); got.Created != 1 || r.app.Revision != revision {
		t.Errorf("without a list: %+v, revision %d of %d", got.Tally, r.app.Revision, revision)
	}
	if _, err := r.setRow("titel", "source=jobTitle"); err == nil || !strings.Contains(err.Error(), "did you mean title?") {
		t.Errorf("got %v", err)
	}
	e := r.save(r.setRow("title", "source=jobTitle"))
	if e.Initial || len(r.app.Mapping.For(directory.User).Definitions) != 14 {
		t.Errorf("the same row again: %v, list of %d", e.Initial, len(r.app.Mapping.For(directory.User).Definitions))
	}
	if _, err := s.sys.EditMapping(t.Context(), r.app, directory.Group, nil); err == nil || !strings.Contains(err.Error(), "no mapping of groups") {
		t.Errorf("groups: %v", err)
	}
}

// TestBrokenMappingIsMendedRowByRow: where two rows are broken, each can be mended although the other one is still wrong, and nothing can be broken more.
func TestBrokenMappingIsMendedRowByRow(t *testing.T) {
	s := startService(t, Options{Dir: t.TempDir()}, "azure")
	r := rigOn(t, s.sys, "vault-platform", s.url, s.token)
	m := *r.app.Mapping.For(directory.User)
	m.Attributes = append([]mapping.AttributeMapping{}, m.Attributes...)
	for i := range 2 {
		m.Attributes[3+i].Value = "goneAttribute"
	}
	if err := r.app.SetMapping(r.app.Mapping.With(m)); err != nil {
		t.Fatal(err)
	}
	if err := s.sys.Store.SaveApplication(t.Context(), r.app); err != nil {
		t.Fatal(err)
	}
	r.app, _ = s.sys.Application(t.Context(), r.org, r.app.Name)
	if _, err := r.setRow("name.givenName", "source=alsoGone"); err == nil {
		t.Error("a third broken row was accepted")
	}
	e := r.save(r.setRow("displayName", "source=displayName"))
	if len(e.Warnings) != 1 || !strings.Contains(e.Warnings[0], "still wrong, so that nothing is provisioned: row 5 (title)") {
		t.Errorf("warnings %q", e.Warnings)
	}
	if e = r.save(r.setRow("title", "source=jobTitle")); len(e.Warnings) != 0 {
		t.Errorf("warnings %q", e.Warnings)
	}
	if _, err := s.sys.Plan(context.Background(), r.app, nil); err != nil {
		t.Error(err)
	}
}

// TestDiscoverRefused: what stands in the way of discovery is told, with what to do.
func TestDiscoverRefused(t *testing.T) {
	s := startService(t, Options{Dir: t.TempDir()}, "azure")
	r := rigOn(t, s.sys, "scim", s.url, s.token)
	r.app.Secret = []byte("wrong")
	if _, err := s.sys.Discover(t.Context(), r.app); err == nil || !strings.Contains(err.Error(), "secret token was refused") {
		t.Errorf("a wrong token: %v", err)
	}
	r.app.TenantURL = ""
	if _, err := s.sys.Discover(t.Context(), r.app); !errors.Is(err, fault.ErrInvalid) {
		t.Errorf("not connected: %v", err)
	}
}
