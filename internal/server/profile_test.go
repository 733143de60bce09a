package server

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/rollcall-id/rollcall/internal/application"
	target "github.com/rollcall-id/rollcall/internal/target/scim"
	"github.com/rollcall-id/rollcall/internal/target/scim/scimfake"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimclient"
	"github.com/rollcall-id/rollcall/scim/scimserver"
	"github.com/rollcall-id/rollcall/scim/scimtest"
)

func TestAddressesOfTargets(t *testing.T) {
	for _, c := range []struct {
		list    []string
		allowed []string
		refused []string
	}{
		{nil, []string{"8.8.8.8", "10.1.2.3", "fd00::1"}, []string{"169.254.169.254", "127.0.0.1"}},
		{[]string{"10.1.0.0/16"}, []string{"8.8.8.8", "10.1.2.3"}, []string{"10.2.0.1", "192.168.0.1", "169.254.169.254", "64:ff9b::a02:1"}},
		{[]string{"none"}, []string{"8.8.8.8"}, []string{"10.1.2.3", "100.64.0.1"}},
		{[]string{"169.254.10.10", "127.0.0.0/8"}, []string{"169.254.10.10", "127.0.0.5"}, []string{"169.254.169.254", "10.0.0.1"}},
	} {
		a, err := ParseAddresses(c.list)
		if err != nil {
			t.Fatalf("%q: %v", c.list, err)
		}
		for _, text := range c.allowed {
			if err := a.guard().Check(netip.MustParseAddr(text)); err != nil {
				t.Errorf("%q refuses %s: %v", c.list, text, err)
			}
		}
		for _, text := range c.refused {
			if a.guard().Check(netip.MustParseAddr(text)) == nil {
				t.Errorf("%q allows %s", c.list, text)
			}
		}
	}
	for _, bad := range [][]string{{"10.0.0.1/8"}, {"host.example"}, {""}, {"none", "10.0.0.0/8"}, {"fe80::1%eth0"}} {
		if _, err := ParseAddresses(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestTheProfileDecidesHowTargetsAreSpokenTo(t *testing.T) {
	aws := map[string]string{"preset": "aws-iam-identity-center"}
	for name, c := range map[string]struct {
		p    application.Profile
		rate float64
		want target.Config
	}{
		"nothing known":          {application.Profile{}, 0, target.Config{}},
		"found that it has not":  {application.Profile{Found: map[string]string{"patch": "off", "etag": "on"}}, 0, target.Config{Patch: scimclient.No}},
		"found that it has":      {application.Profile{Found: map[string]string{"patch": "on"}}, 0, target.Config{}},
		"set":                    {application.Profile{Overrides: map[string]string{"patch": "on", "put": "off", "etag": "off", "dialect": "entra"}}, 0, target.Config{Patch: scimclient.Yes, Put: scimclient.No, ETag: scimclient.No, Dialect: target.Entra}},
		"a preset":               {application.Profile{Overrides: aws}, 0, target.Config{Dialect: target.RFC, MemberBatch: 100}},
		"a rate":                 {application.Profile{Overrides: map[string]string{"rate-limit": "2.5/s"}}, 0, target.Config{RateLimit: 2.5}},
		"the application's rate": {application.Profile{Overrides: map[string]string{"rate-limit": "2.5/s"}}, 7, target.Config{RateLimit: 7}},
	} {
		got := target.Config{RateLimit: c.rate}
		applyProfile(&got, c.p)
		if got.Patch != c.want.Patch || got.Put != c.want.Put || got.ETag != c.want.ETag || got.Dialect != c.want.Dialect ||
			got.MemberBatch != c.want.MemberBatch || got.RateLimit != c.want.RateLimit {
			t.Errorf("%s: got %+v; want %+v", name, got, c.want)
		}
	}
}

// TestATestFindsOutAnew: what an earlier test found does not decide what the next one finds.
func TestATestFindsOutAnew(t *testing.T) {
	fake := scimfake.New(http.StripPrefix("/scim", scimserver.New(scimserver.Config{Registry: scim.Core(), Backend: &scimtest.Memory{}})), 1)
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	app := application.Application{Name: "Vault", TenantURL: server.URL + "/scim"}
	for _, c := range []struct {
		rules []scimfake.Rule
		had   string
		want  string
	}{
		{[]scimfake.Rule{{Fault: scimfake.PutOnly}}, "on", "off"},
		{[]scimfake.Rule{{Fault: scimfake.PutOnly}}, "off", "off"},
		{nil, "off", "on"},
	} {
		fake.Rules(c.rules...)
		p := application.Profile{Found: map[string]string{application.ProfilePatch: c.had}}
		test, found, err := new(System).TryConnection(t.Context(), app, p, false)
		if err != nil || !test.OK || found[application.ProfilePatch] != c.want || found[application.ProfileActive] != "on" {
			t.Errorf("PATCH was %s: got %+v with %v, %v; want %s", c.had, test, found, err, c.want)
		}
		if p.Found[application.ProfilePatch] != c.had {
			t.Error("the caller's profile was changed")
		}
	}
}
