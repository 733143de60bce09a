package provisioning_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/gallery"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/store"
	target "github.com/rollcall-id/rollcall/internal/target/scim"
	"github.com/rollcall-id/rollcall/internal/target/scim/scimfake"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimclient"
	"github.com/rollcall-id/rollcall/scim/scimserver"
	"github.com/rollcall-id/rollcall/scim/scimtest"
)

const org = "org-1"

// acme is what the service has: the standard's types, and an extension of users with an attribute of each form.
var acme = sync.OnceValue(func() *scim.Registry {
	attribute := func(name string, typ scim.Type, many bool) *scim.Attribute {
		return &scim.Attribute{Name: name, Type: typ, MultiValued: many, Description: name}
	}
	registry, err := scim.Core().Extend("User", scim.Extension{Schema: &scim.Schema{
		ID: "urn:acme:2.0:User", Name: "Acme", Description: "what Acme adds", Attributes: []*scim.Attribute{
			attribute("tags", scim.TypeString, true), attribute("note", scim.TypeString, false), attribute("level", scim.TypeInteger, false),
			attribute("levels", scim.TypeInteger, true), attribute("since", scim.TypeDateTime, false), attribute("key", scim.TypeBinary, false),
			attribute("flag", scim.TypeBoolean, false),
			{Name: "desk", Type: scim.TypeComplex, Description: "desk", SubAttributes: []*scim.Attribute{attribute("floor", scim.TypeString, false)}},
		},
	}})
	if err != nil {
		panic(err)
	}
	return registry
})

// world is everything a cycle meets, real save for the clock: a store, a directory, an application, and a SCIM service over HTTP behind a hostile proxy.
type world struct {
	t       testing.TB
	store   *store.Store
	dir     *directory.Directory
	engine  *provisioning.Engine
	app     application.Application
	service *scimtest.Memory
	proxy   *scimfake.Target
	url     string
	dialect target.Dialect

	mu    sync.Mutex
	now   time.Time
	ids   int
	names map[string]string // id → readable name, for output
}

func newWorld(t testing.TB, s *store.Store, template string) *world {
	t.Helper()
	w := &world{t: t, store: s, now: time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC), names: map[string]string{}}
	w.dir = &directory.Directory{Store: s, Now: w.clock, NewID: func() string { return w.id("src") }}
	w.service = &scimtest.Memory{Now: w.clock, NewID: func() string { return w.id("acc") }}
	w.proxy = scimfake.New(scimserver.New(scimserver.Config{Registry: acme(), Backend: w.service, Logger: slog.New(slog.DiscardHandler)}), 1)
	server := httptest.NewServer(w.proxy)
	t.Cleanup(server.Close)
	w.url = server.URL
	w.engine = &provisioning.Engine{
		Directory: s, Assignments: s, Applications: s, Store: s, Now: w.clock, NewID: func() string { return w.id("rec") },
		Trace: scimclient.WithTraceparent, DefaultDomain: s.DefaultDomain,
		ConcealKey: func() ([]byte, error) { return []byte("a key for tests"), nil },
	}
	ctx := t.Context()
	w.must(s.CreateOrganization(ctx, organization.Organization{ID: org, Slug: "acme", Name: "Acme", Created: w.now}))
	tpl, err := gallery.ByID(template)
	w.must(err)
	w.app, err = application.New("app-1", org, "App", template, tpl.Mapping, w.now)
	w.must(err)
	w.app.TenantURL, w.app.On, w.app.Settings.Concurrency = server.URL, true, 1
	w.must(s.CreateApplication(ctx, w.app))
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) wait(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) id(kind string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids++
	return fmt.Sprintf("%s-%06d", kind, w.ids)
}

// target is a new client of the service, as a cycle gets one. It does not really wait between tries.
func (w *world) target() *target.Target {
	t, err := target.New(target.Config{
		TenantURL: w.url, Token: "secret-token", Concurrency: max(1, w.app.Settings.Concurrency), Dialect: w.dialect, Client: scimclient.Config{
			Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
			Retry: scimclient.Retry{Attempts: 2},
		},
	})
	w.must(err)
	return t
}

// save stores the application after it was changed.
func (w *world) save() { w.t.Helper(); w.must(w.store.SaveApplication(w.t.Context(), w.app)) }

func (w *world) cycle(o provisioning.Options) (provisioning.Result, error) {
	return w.engine.RunOnce(w.t.Context(), w.app, w.target(), o)
}

func (w *world) write(fn func(ctx context.Context, dw *directory.Writer) error) {
	w.t.Helper()
	w.must(w.dir.Write(w.t.Context(), org, directory.Origin{Actor: "test", Cause: "test"}, fn))
}

// find returns the object of that name, live or not: the newest of them.
func (w *world) find(name string) directory.Object {
	w.t.Helper()
	var found directory.Object
	for _, typ := range []string{directory.User, directory.Group} {
		for after := int64(0); ; {
			page, err := w.store.Scan(w.t.Context(), org, typ, after, 500)
			w.must(err)
			if len(page) == 0 {
				break
			}
			for _, o := range page {
				if strings.EqualFold(o.Name(), name) && (found.ID == "" || o.Live() || !found.Live()) {
					found = o
				}
			}
			after = page[len(page)-1].Seq
		}
	}
	if found.ID == "" {
		w.t.Fatalf("the directory has nobody called %q", name)
	}
	return found
}

// user creates a person from Entra attributes.
func (w *world) user(name string, attributes map[string]string) directory.Object {
	w.t.Helper()
	r := scim.Resource{}
	w.must(directory.SetAttribute(r, directory.User, "userPrincipalName", name))
	w.attributes(r, attributes)
	var o directory.Object
	w.write(func(ctx context.Context, dw *directory.Writer) (err error) {
		o, err = dw.Create(ctx, directory.User, r, nil)
		return err
	})
	w.name(o.ID, name)
	return o
}

func (w *world) attributes(r scim.Resource, attributes map[string]string) {
	w.t.Helper()
	for k, v := range attributes {
		if strings.EqualFold(k, "manager") && v != "" {
			v = w.find(v).ID
		}
		var value any = v
		if several := strings.Split(v, "|"); len(several) > 1 {
			value = []any{}
			for _, one := range several {
				value = append(value.([]any), one)
			}
		}
		w.must(directory.SetAttribute(r, directory.User, k, value))
	}
}

func (w *world) change(name string, attributes map[string]string) {
	w.t.Helper()
	o := w.find(name)
	r := o.Attributes.Clone()
	if o.Type == directory.Group {
		r["displayName"] = attributes["displayName"]
	} else {
		w.attributes(r, attributes)
	}
	w.write(func(ctx context.Context, dw *directory.Writer) error {
		o, err := dw.Touch(ctx, org, o.Type, o.ID)
		if err != nil {
			return err
		}
		_, _, err = dw.Modify(ctx, o, r)
		return err
	})
}

func (w *world) group(name string, members ...string) directory.Object {
	w.t.Helper()
	ids := w.idsOf(members)
	var o directory.Object
	w.write(func(ctx context.Context, dw *directory.Writer) (err error) {
		o, err = dw.Create(ctx, directory.Group, scim.Resource{"displayName": name}, ids)
		return err
	})
	w.name(o.ID, name)
	return o
}

func (w *world) idsOf(names []string) []string {
	var ids []string
	for _, n := range names {
		ids = append(ids, w.find(n).ID)
	}
	return ids
}

func (w *world) members(kind scim.MemberOpKind, group string, members ...string) {
	w.t.Helper()
	g, ids := w.find(group), w.idsOf(members)
	w.write(func(ctx context.Context, dw *directory.Writer) error {
		g, err := dw.Touch(ctx, org, directory.Group, g.ID)
		if err != nil {
			return err
		}
		_, _, err = dw.ChangeMembers(ctx, g, []scim.MemberOp{{Kind: kind, Values: ids}})
		return err
	})
}

// remove soft-deletes, restores or purges.
func (w *world) remove(how, name string) {
	w.t.Helper()
	o := w.find(name)
	w.write(func(ctx context.Context, dw *directory.Writer) (err error) {
		switch how {
		case "delete":
			err = dw.SoftDelete(ctx, o.Type, o.ID)
		case "restore":
			_, err = dw.Restore(ctx, o.Type, o.ID)
		case "purge":
			err = dw.Purge(ctx, o.Type, o.ID)
		}
		return err
	})
}

func (w *world) assign(name, role string, assigned bool) {
	w.t.Helper()
	o := w.find(name)
	a := application.Assignment{Application: w.app.ID, Principal: o.ID, PrincipalType: o.Type, Role: role, Created: w.clock()}
	do := w.store.Assign
	if !assigned {
		do = w.store.Unassign
	}
	_, err := do(w.t.Context(), org, a, directory.Origin{Actor: "test"})
	w.must(err)
}

// account puts an account into the service, as if somebody had made it there.
func (w *world) account(typ, body string) {
	w.t.Helper()
	var r scim.Resource
	w.must(json.Unmarshal([]byte(body), &r))
	made, err := w.service.Create(w.t.Context(), acme().Type(typ), r)
	w.must(err)
	w.nameAccount(made)
}

// name notes how an id is written in golden files.
func (w *world) name(id, name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.names[id] = "{" + name + "}"
}

func (w *world) nameAccount(r scim.Resource) {
	name, _ := r["userName"].(string)
	if name == "" {
		name, _ = r["displayName"].(string)
	}
	if _, known := w.names[r.ID()]; !known {
		w.name(r.ID(), "account "+name)
	}
}

// accountOf returns the service's resource of that name.
func (w *world) accountOf(name string) (typ string, r scim.Resource) {
	w.t.Helper()
	for _, typ := range []string{"User", "Group"} {
		for _, r := range w.service.All(typ) {
			for _, key := range []string{"userName", "displayName"} {
				if s, _ := r[key].(string); strings.EqualFold(s, name) && (key == "userName" || typ == "Group") {
					return typ, r
				}
			}
		}
	}
	w.t.Fatalf("the service has no account %q", name)
	return "", nil
}

// traced changes somebody's title with a trace context of the change.
func (w *world) traced(id, trace, title string) {
	w.t.Helper()
	w.must(w.dir.Write(w.t.Context(), org, directory.Origin{Actor: "test", Traceparent: trace}, func(ctx context.Context, dw *directory.Writer) error {
		o, err := dw.Touch(ctx, org, directory.User, id)
		if err != nil {
			return err
		}
		r := o.Attributes.Clone()
		r["title"] = title
		_, _, err = dw.Modify(ctx, o, r)
		return err
	}))
}
