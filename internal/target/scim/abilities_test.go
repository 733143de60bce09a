package scim

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/target/scim/scimfake"
	"github.com/rollcall-id/rollcall/scim/scimclient"
)

func TestAbilities(t *testing.T) {
	for _, tt := range []struct {
		name   string
		rule   scimfake.Rule
		patch  scimclient.Support
		active scimclient.Support
		detail []string
	}{
		{"all of it", scimfake.Rule{}, scimclient.Yes, scimclient.Yes, []string{"PATCH yes (tried", "filter on userName, displayName yes", "groups yes", "active yes"}},
		{"PATCH said and not there", scimfake.Rule{Fault: scimfake.PutOnly}, scimclient.No, scimclient.Yes, []string{"PATCH no (501), whatever it says"}},
		{"nothing said", scimfake.Rule{Fault: scimfake.NoDiscovery}, scimclient.Yes, scimclient.Unknown, []string{"PATCH yes", "active not said"}},
		{"told nothing", scimfake.Rule{Fault: scimfake.LoginPage, Method: "PATCH"}, scimclient.Yes, scimclient.Yes, []string{"PATCH yes (as it says"}},
	} {
		s := newService(t)
		if tt.rule.Fault != "" {
			s.Rules(tt.rule)
		}
		target := s.target(func(c *Config) { c.Probes = []Probe{{"User", "userName"}, {"Group", "displayName"}} })
		steps := target.TestConnection(t.Context())
		last := steps[len(steps)-1]
		if !OK(steps) || last.Name != "abilities" {
			t.Errorf("%s: got %+v", tt.name, steps)
			continue
		}
		for _, part := range tt.detail {
			if !strings.Contains(last.Detail, part) {
				t.Errorf("%s: abilities says %q; want %q in it", tt.name, last.Detail, part)
			}
		}
		found := target.Found()
		if found.Patch != tt.patch || found.Active != tt.active || found.Groups != scimclient.Yes || !slices.Equal(found.Filter, []string{"userName", "displayName"}) {
			t.Errorf("%s: found %+v", tt.name, *found)
		}
		if len(s.memory.All("User")) != 0 {
			t.Errorf("%s: the test wrote %v", tt.name, s.memory.All("User"))
		}
	}
}

func TestATokenThatMayOnlyRead(t *testing.T) {
	s := newService(t, scimfake.Rule{Fault: scimfake.Refuse, Method: "PATCH", Status: 403, Detail: "read only"})
	steps := s.target(nil).TestConnection(t.Context())
	if last := steps[len(steps)-1]; last.OK || !strings.Contains(last.Detail, "may read accounts and not change them") {
		t.Errorf("got %+v; want the abilities to say that the token cannot write", last)
	}
}

func TestPatchIsNotTriedWhereTheProfileHasNone(t *testing.T) {
	s := newService(t)
	steps := s.target(func(c *Config) { c.Patch = scimclient.No }).TestConnection(t.Context())
	if last := steps[len(steps)-1]; !last.OK || !strings.Contains(last.Detail, "by the profile") {
		t.Errorf("got %+v", last)
	}
	for _, r := range s.Requests() {
		if r.Method != http.MethodGet {
			t.Errorf("sent %s %s", r.Method, r.Path)
		}
	}
}

func TestTheClassic404SaysWhatToDo(t *testing.T) {
	s := newService(t, scimfake.Rule{Fault: scimfake.NotFoundForEmpty, Path: "/Groups"})
	steps := s.target(func(c *Config) { c.Probes = []Probe{{"User", "userName"}, {"Group", "displayName"}} }).TestConnection(t.Context())
	i := slices.IndexFunc(steps, func(s Step) bool { return s.Name == "group filter" })
	for _, part := range []string{"totalResults 0", "groups=off", "vendor"} {
		if !strings.Contains(steps[i].Detail, part) {
			t.Errorf("the step says %q; want %q in it", steps[i].Detail, part)
		}
	}
}
