package scim

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/target/scim/scimfake"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
	"github.com/rollcall-id/rollcall/scim/scimtest"
)

const enterprise = scim.URNEnterpriseUser

// service is an honest SCIM service in memory behind a hostile one, over loopback.
type service struct {
	*scimfake.Target
	memory *scimtest.Memory
	url    string
	t      *testing.T
}

func newService(t *testing.T, rules ...scimfake.Rule) *service {
	t.Helper()
	return newSeededService(t, 1, rules...)
}

func newSeededService(t *testing.T, seed uint64, rules ...scimfake.Rule) *service {
	t.Helper()
	return serviceOf(t, scim.Core(), seed, rules...)
}

// newCustomService is a service with an extension of its own, which has a list of texts.
func newCustomService(t *testing.T) *service {
	t.Helper()
	registry, err := scim.Core().Extend("User", scim.Extension{Schema: &scim.Schema{ID: "urn:acme:2.0:User", Name: "Acme", Description: "Acme", Attributes: []*scim.Attribute{
		{Name: "badges", Type: scim.TypeString, MultiValued: true, Description: "colours"},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	return serviceOf(t, registry, 1)
}

func serviceOf(t *testing.T, registry *scim.Registry, seed uint64, rules ...scimfake.Rule) *service {
	t.Helper()
	memory := &scimtest.Memory{}
	honest := scimserver.New(scimserver.Config{Registry: registry, Backend: memory})
	fake := scimfake.New(http.StripPrefix("/scim", honest), seed, rules...)
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	return &service{Target: fake, memory: memory, url: server.URL + "/scim", t: t}
}

// target returns a target of the service that does not wait between tries.
func (s *service) target(change func(*Config)) *Target {
	s.t.Helper()
	cfg := Config{TenantURL: s.url + "?flag", Token: "token", Concurrency: 4}
	cfg.Client.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	if change != nil {
		change(&cfg)
	}
	target, err := New(cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(target.Close)
	return target
}

// user makes an account and forgets the requests it took.
func (s *service) user(target *Target, name string, more ...provisioning.Assignment) provisioning.Entry {
	s.t.Helper()
	e, err := target.Create(s.t.Context(), "User", append([]provisioning.Assignment{{Path: "userName", Value: name}}, more...))
	if err != nil {
		s.t.Fatal(err)
	}
	s.Forget()
	return e
}

// resource is a resource as the service has it, without what it makes itself, as JSON.
func (s *service) resource(typ, id string) string {
	s.t.Helper()
	for _, r := range s.memory.All(typ) {
		if r.ID() == id {
			delete(r, "id")
			delete(r, "meta")
			return string(scim.Encode(r))
		}
	}
	return ""
}

// writes are the recorded requests that are no reads, with the id left out and the operations of a PATCH.
func (s *service) writes(id string) []string {
	s.t.Helper()
	var out []string
	for _, r := range s.Requests() {
		if r.Method == http.MethodGet {
			continue
		}
		line := r.Method + " " + strings.ReplaceAll(strings.TrimPrefix(r.Path, "/scim"), id, "ID")
		if r.Method == http.MethodPatch {
			var m struct{ Operations json.RawMessage }
			if err := json.Unmarshal([]byte(r.Body), &m); err != nil {
				s.t.Fatal(err)
			}
			line += " " + string(m.Operations)
		}
		out = append(out, line)
	}
	return out
}

// reads counts the recorded reads below /Users and /Groups.
func (s *service) reads() int {
	n := 0
	for _, r := range s.Requests() {
		if r.Method == http.MethodGet && (strings.Contains(r.Path, "/Users") || strings.Contains(r.Path, "/Groups")) {
			n++
		}
	}
	return n
}

func equalJSON(t *testing.T, got, want string) bool {
	t.Helper()
	var a, b any
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatalf("%s: %v", want, err)
	}
	if err := json.Unmarshal([]byte(got), &a); err != nil {
		return false
	}
	return scim.EqualUnordered(a, b)
}

func asTargetError(t *testing.T, err error) *provisioning.TargetError {
	t.Helper()
	e, ok := errors.AsType[*provisioning.TargetError](err)
	if !ok {
		t.Fatalf("got %v (%T); want *provisioning.TargetError", err, err)
	}
	return e
}

func set(path string, value any) provisioning.Assignment {
	return provisioning.Assignment{Path: path, Value: value}
}
