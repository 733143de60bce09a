package scim

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/scim"
)

// pages are the bodies that a service answers with, by path; what is not among them is 404.
type pages map[string]string

func (p pages) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	if body := p[r.URL.Path]; body == "" {
		http.NotFound(w, r)
	} else {
		w.Header().Set("Content-Type", "application/scim+json")
		fmt.Fprint(w, body)
	}
	return w.Result(), nil
}

// describing is a target whose service answers the discovery endpoints with the given bodies.
func describing(t testing.TB, schemas, types string) *Target {
	t.Helper()
	cfg := Config{TenantURL: "https://app.example/scim", Token: "token"}
	cfg.Client.HTTP = &http.Client{Transport: pages{"/scim/Schemas": schemas, "/scim/ResourceTypes": types}}
	cfg.Client.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	target, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

// lines shows attributes one a line: name, type, and flags.
func lines(list []mapping.Definition) string {
	var b strings.Builder
	for _, d := range list {
		fmt.Fprintf(&b, "%s %s", d.Name, d.Type)
		for _, flag := range []struct {
			on   bool
			name string
		}{{d.PrimaryKey, "key"}, {d.Required, "required"}, {d.MultiValued, "many"}, {d.CaseExact, "exact"}, {d.ReadOnly, "read-only"}} {
			if flag.on {
				b.WriteString(" " + flag.name)
			}
		}
		if d.Reference != "" {
			b.WriteString(" → " + d.Reference)
		}
		b.WriteString("\n")
	}
	return strings.TrimSpace(b.String())
}

const (
	coreUser  = `{"id":"urn:ietf:params:scim:schemas:core:2.0:User","name":"User","attributes":[{"name":"USERNAME","type":"String","required":true,"caseExact":null}]}`
	coreGroup = `{"id":"urn:ietf:params:scim:schemas:core:2.0:Group","attributes":[{"name":"displayName","type":"string"},{"name":"members","type":"complex","multiValued":true}]}`
	badge     = `{"id":"urn:acme:scim:badge:1.0:User","attributes":[{"name":"number","type":"integer","mutability":"readOnly"}]}`
)

func TestDescribe(t *testing.T) {
	const user, groups = "User\nid String key exact read-only\nuserName String required", "Group\nid String key exact read-only\ndisplayName String\nmembers Reference many"
	for _, test := range []struct {
		name, schemas, types string
		want                 []string
	}{
		{"list", `{"totalResults":2,"Resources":[` + coreUser + `,` + coreGroup + `]}`, "", []string{user, groups}},
		{"array", `[` + coreGroup + `,` + coreUser + `]`, "", []string{user, groups}},
		{"single", coreUser, "", []string{user}},
		{"nulls", `{"schemas":null,"Resources":[null,` + coreUser + `,{"id":null},{"id":"urn:x:Group","attributes":null}]}`, `null`, []string{user, "Group\nid String key exact read-only"}},
		{"no attributes", `[{"id":"URN:IETF:params:scim:schemas:core:2.0:user"}]`, "", []string{"User\nid String key exact read-only"}},
		{"short name", `[{"id":"User","attributes":[{"name":"userName"}]}]`, "", []string{"User\nid String key exact read-only\nuserName String"}},
		{"extension by its name", `[` + coreUser + `,` + badge + `]`, "", []string{user + "\nurn:acme:scim:badge:1.0:User:number Integer read-only"}},
		{"extension of another type", `[` + coreUser + `,` + badge + `]`,
			`[{"name":"User","schema":"urn:ietf:params:scim:schemas:core:2.0:User"},{"name":"Robot","schema":"urn:x","schemaExtensions":[{"schema":"urn:acme:scim:badge:1.0:User"}]}]`, []string{user}},
		{"extension with another name", `[` + coreUser + `,` + strings.Replace(badge, "1.0:User", "1.0:Badge", 1) + `]`,
			`{"Resources":[{"name":"people","endpoint":"/users/","schema":"urn:ietf:params:scim:schemas:core:2.0:user","schemaExtensions":[{"schema":"URN:acme:scim:badge:1.0:Badge"}]}]}`,
			[]string{user + "\nurn:acme:scim:badge:1.0:Badge:number Integer read-only"}},
		{"own schema", `[` + strings.Replace(coreUser, "ietf:params:scim:schemas:core", "acme", 1) + `]`, `[{"name":"User","schema":"urn:acme:2.0:User"}]`, []string{user}},
		{"twice", `[` + coreUser + `,` + coreUser + `]`, "", []string{user}},
	} {
		got, err := describing(t, test.schemas, test.types).Describe(t.Context())
		var text []string
		for _, o := range got {
			text = append(text, o.Type+"\n"+lines(o.Attributes))
		}
		if diff := cmp.Diff(test.want, text); err != nil || diff != "" {
			t.Errorf("%s: %v, -want +got\n%s", test.name, err, diff)
		}
	}
}

func TestDescribeNothing(t *testing.T) {
	for body, want := range map[string]string{
		"":                       "(GET /Schemas): 404",
		"<html>":                 "(GET /Schemas): expected the Schemas",
		"[]":                     "0 schemas, and none of them is that of a User or Group; everything works without",
		`[{"id":"urn:x:Robot"}]`: "1 schemas, and none",
	} {
		_, err := describing(t, body, "").Describe(t.Context())
		if e := asTargetError(t, err); e.Code != notImplemented || !strings.Contains(e.Detail, want) || !strings.Contains(e.Detail, "app attribute add") {
			t.Errorf("%q: got %v; want %q", body, err, want)
		}
	}
	refused := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	defer refused.Close()
	target, err := New(Config{TenantURL: refused.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	if _, err = target.Describe(t.Context()); asTargetError(t, err).Code != unauthorized {
		t.Errorf("got %v", err)
	}
}

// Our own endpoint, as any honest service, has just what the gallery lists for one; and everything is readable and writable by its path.
func TestDescribeHonestService(t *testing.T) {
	s := newService(t)
	target := s.target(nil)
	got, err := target.Describe(t.Context())
	if err != nil || len(got) != 2 || len(got[0].Remarks)+len(got[1].Remarks) != 0 {
		t.Fatalf("got %+v, %v", got, err)
	}
	text := lines(got[0].Attributes)
	for _, want := range []string{
		"userName String required", "name.givenName String", `emails[type eq "work"].value String`, "active Boolean", "groups Reference many read-only → Group",
		enterprise + ":manager Reference → User", `x509Certificates[primary eq "True"].value Binary`, "password String exact",
	} {
		if !strings.Contains("\n"+text+"\n", "\n"+want+"\n") {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, o := range got {
		for _, d := range o.Attributes {
			p, err := target.client.Schemas(o.Type).ParsePath(d.Name)
			if err != nil || !p.Known() && d.Name != "id" {
				t.Errorf("%s: %v, known %v", d.Name, err, p.Known())
			}
			if d.Doc == "" {
				t.Errorf("%s has no description", d.Name)
			}
		}
	}
}

// A service that describes itself at great length is listened to for so long.
func TestDescribeBounds(t *testing.T) {
	var attributes []string
	for i := range 1100 {
		attributes = append(attributes, fmt.Sprintf(`{"name":"a%d"},{"name":"no name %d"}`, i, i))
	}
	got, err := describing(t, `[{"id":"User","attributes":[`+strings.Join(attributes, ",")+`]}]`, "").Describe(t.Context())
	if err != nil || len(got) != 1 || len(got[0].Attributes) != 501 || len(got[0].Remarks) != maxRemarks+1 || got[0].Remarks[maxRemarks] != "and 50 more" {
		t.Errorf("got %d attributes, %d remarks, %v", len(got[0].Attributes), len(got[0].Remarks), err)
	}
}

// FuzzDescribe: whatever a service says of itself, what is believed is a valid list, and saying it again changes nothing.
func FuzzDescribe(f *testing.F) {
	f.Add(`[`+coreUser+`,`+coreGroup+`,`+badge+`]`, `[{"name":"User","schemaExtensions":[{"schema":"urn:acme:scim:badge:1.0:User"}]}]`)
	f.Add(`{"Resources":{"id":"x:User","attributes":{"name":"a b","subAttributes":[{}]}}}`, `{"endpoint":"/Users","schema":7}`)
	f.Add(`[{"id":"urn:a b:[User","attributes":[{"name":"m","type":"complex","multiValued":true,"subAttributes":[{"name":"type","canonicalValues":["\"] "]},{"name":"value"}]}]}]`, ``)
	for _, s := range scim.Core().Schemas() {
		f.Add(`[`+string(scim.Encode(s.Resource()))+`]`, ``)
	}
	f.Fuzz(func(t *testing.T, schemas, types string) {
		got, err := describing(t, schemas, types).Describe(t.Context())
		if err != nil {
			asTargetError(t, err)
			return
		}
		for _, o := range got {
			check(t, o)
		}
	})
}

func check(t *testing.T, o provisioning.Description) {
	t.Helper()
	if err := mapping.CheckDefinitions(o.Attributes); err != nil && len(o.Attributes) <= mapping.MaxDefinitions {
		t.Fatal(err)
	}
	m := mapping.ObjectMapping{Source: o.Type, Target: o.Type, Enabled: true}
	known := func(string) bool { return true }
	first, changes, _ := m.Discovered(o.Attributes, known)
	if err := mapping.CheckDefinitions(first.Definitions); err != nil || len(changes) != len(first.Definitions) {
		t.Fatalf("%v; %d changes for %d attributes", err, len(changes), len(first.Definitions))
	}
	if _, again, _ := first.Discovered(o.Attributes, known); len(again) > 0 {
		t.Fatalf("discovered again: %+v", again)
	}
}
