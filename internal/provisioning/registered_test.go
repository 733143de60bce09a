package provisioning_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

// TestRegisteredTypesStayHere: what an organization keeps in types of its own is no account anywhere, in whatever cycle, even where it is called as people are.
func TestRegisteredTypesStayHere(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, "scim")
		d, err := scim.ParseDefinitions([]byte(`[{"name":"Lamp","endpoint":"/Lamps","schema":"urn:example:Lamp"},
			{"id":"urn:example:Lamp","name":"Lamp","attributes":[{"name":"userName"},{"name":"active","type":"boolean"}]}]`))
		w.must(err)
		var lamp directory.Object
		w.write(func(ctx context.Context, dw *directory.Writer) error {
			if _, err := dw.Register(ctx, d); err != nil {
				return err
			}
			lamp, err = dw.Create(ctx, "Lamp", scim.Resource{"userName": "lamp@x.example", "active": true}, nil)
			return err
		})
		w.user("a@x.example", nil)
		w.assign("a@x.example", "", true)
		run := func(evaluated int) {
			t.Helper()
			w.wait(time.Hour)
			r, err := w.cycle(provisioning.Options{})
			if err != nil || r.Evaluated != evaluated || r.Failed+r.Deleted+r.Skipped > 0 {
				t.Errorf("cycle: %+v, %v; want %d evaluated", r.Tally, err, evaluated)
			}
			if n := w.posts(); n != 1 {
				t.Errorf("%d accounts were made, want that of the person", n)
			}
		}
		run(1)
		w.write(func(ctx context.Context, dw *directory.Writer) error {
			_, _, err := dw.Modify(ctx, lamp, scim.Resource{"userName": "other@x.example"})
			return err
		})
		run(0)
		w.write(func(ctx context.Context, dw *directory.Writer) error { return dw.SoftDelete(ctx, "Lamp", lamp.ID) })
		run(0)
		if n, err := w.dir.PurgeExpired(t.Context(), org, w.clock().Add(time.Hour)); n != 1 || err != nil {
			t.Errorf("%d were purged (%v), want the lamp", n, err)
		}
		run(0)
	})
}

// TestRegisteredAttributesAsSource: attributes of an extension that the organization registered are mapped, computed with, filtered by and tried out.
func TestRegisteredAttributesAsSource(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, "scim")
		d, err := scim.ParseDefinitions([]byte(`[{"name":"User","endpoint":"/Users","schema":"urn:ietf:params:scim:schemas:core:2.0:User",
			"schemaExtensions":[{"schema":"urn:example:Badge"}]},
			{"id":"urn:example:Badge","name":"Badge","attributes":[{"name":"number","type":"integer"},{"name":"rooms","multiValued":true},{"name":"site"}]}]`))
		w.must(err)
		for name, site := range map[string]string{"a@x.example": "Bonn", "b@x.example": "Kiel"} {
			w.write(func(ctx context.Context, dw *directory.Writer) error {
				if _, err := dw.Register(ctx, d); err != nil {
					return err
				}
				_, err := dw.Create(ctx, directory.User, scim.Resource{
					"userName": name, "urn:example:Badge": map[string]any{"number": int64(7), "rooms": []any{"A1", "B2"}, "site": site},
				}, nil)
				return err
			})
		}
		w.app.Scope = application.ScopeAll
		m := w.app.Mapping.For(directory.User)
		for i := range m.Attributes {
			switch a := &m.Attributes[i]; a.Target {
			case "title":
				a.Kind, a.Value = mapping.Direct, "urn:example:Badge:number"
			case "displayName":
				a.Kind, a.Value = mapping.Expression, `Item([URN:example:badge:rooms], 2)`
			}
		}
		m.Scope = []byte(`{"groups":[{"clauses":[{"sourceOperandName":"urn:example:Badge:site","operatorName":"EQUALS","targetOperand":{"values":["Bonn"]}}]}]}`)
		w.save()
		r, err := w.cycle(provisioning.Options{})
		if err != nil || r.Created != 1 || r.Failed > 0 {
			t.Fatalf("cycle: %+v, %v; want one account", r.Tally, err)
		}
		if _, account := w.accountOf("a@x.example"); account["title"] != "7" || account["displayName"] != "B2" {
			t.Errorf("the account is %v", account)
		}
		tried, err := w.engine.Try(t.Context(), w.app, provisioning.Subject{Type: directory.User, ID: w.find("b@x.example").ID}, provisioning.TrialRequest{Expression: `Count([urn:example:Badge:rooms])`})
		if err != nil || !slices.Equal(tried.Result, []string{"2"}) {
			t.Errorf("tried: %+v, %v", tried, err)
		}
		types, err := s.Registry(t.Context(), org)
		w.must(err)
		if known := provisioning.KnownAttribute(types, directory.Group); known("urn:example:Badge:site") || !slices.Contains(
			provisioning.KnownNames(types, directory.User), "urn:example:Badge:site") {
			t.Error("the extension of users is not that of users alone")
		}
	})
}
