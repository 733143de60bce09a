package scim

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/target/scim/scimfake"
	"github.com/rollcall-id/rollcall/scim/scimclient"
)

func TestProbe(t *testing.T) {
	for _, tt := range []struct {
		fault scimfake.Fault
		code  string // "": success
		fatal bool
	}{
		{"", "", false},
		{scimfake.NoDiscovery, "", false},
		{scimfake.OddJSON, "", false},
		{scimfake.NotFoundForEmpty, incompatible, true},
		{scimfake.LoginPage, incompatible, true},
		{scimfake.IgnoreFilter, incompatible, true},
		{scimfake.Unauthorized, unauthorized, true},
		{scimfake.ServerError, internalServerError, false},
		{scimfake.ResetBefore, protocolError, false},
	} {
		s := newService(t)
		target := s.target(nil)
		s.user(target, "ann@x")
		if tt.fault != "" {
			s.Rules(scimfake.Rule{Fault: tt.fault})
		}
		err := s.target(nil).Probe(t.Context(), "User", "userName")
		if tt.code == "" {
			if err != nil {
				t.Errorf("%s: got %v; want success", tt.fault, err)
			}
			continue
		}
		if e := asTargetError(t, err); e.Code != tt.code || e.Fatal != tt.fatal || e.Detail == "" {
			t.Errorf("%s: got %+v; want %s, fatal %v", tt.fault, e, tt.code, tt.fatal)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, cfg := range []Config{{}, {TenantURL: "http://app.example/scim"}, {TenantURL: "https://app.example", Token: "a b"}} {
		if _, err := New(cfg); err == nil {
			t.Errorf("New(%+v) succeeded", cfg)
		}
	}
	if _, err := New(Config{TenantURL: "http://app.example/scim", AllowHTTP: true}); err != nil {
		t.Errorf("http, allowed: %v", err)
	}
}

func stepsOf(steps []Step) (ok, failed []string) {
	for _, s := range steps {
		if s.OK {
			ok = append(ok, s.Name)
		} else {
			failed = append(failed, s.Name)
		}
	}
	return ok, failed
}

func TestConnectionSteps(t *testing.T) {
	probes := []Probe{{"User", "userName"}, {"Group", "displayName"}}
	all := []string{"dns", "tcp", "authentication", "user filter", "group filter", "discovery", "abilities"}
	for _, tt := range []struct {
		name   string
		rule   scimfake.Rule
		change func(*Config)
		failed string // the step that fails; "": none
		detail string // part of its detail
	}{
		{name: "all is well", detail: ""},
		{name: "no discovery is no failure", rule: scimfake.Rule{Fault: scimfake.NoDiscovery}},
		{name: "bad token", rule: scimfake.Rule{Fault: scimfake.Unauthorized}, failed: "authentication", detail: "expired"},
		{name: "login page", rule: scimfake.Rule{Fault: scimfake.LoginPage, Path: "/Users"}, failed: "user filter", detail: `titled "Sign in"`},
		{name: "404 for an empty list", rule: scimfake.Rule{Fault: scimfake.NotFoundForEmpty, Path: "/Groups"}, failed: "group filter", detail: "expected 200"},
		{name: "nobody listens", change: func(c *Config) { c.TenantURL = "http://127.0.0.1:1/scim" }, failed: "tcp", detail: "check the port"},
		{name: "no such host", change: func(c *Config) { c.TenantURL = "https://nobody.invalid/scim" }, failed: "dns", detail: "nobody.invalid"},
		{name: "a private address", change: func(c *Config) { c.TenantURL = "https://10.1.2.3/scim" }, failed: "dns", detail: "--allow-address"},
		{name: "not TLS", change: func(c *Config) { c.TenantURL = strings.Replace(c.TenantURL, "http://", "https://", 1) }, failed: "tls", detail: "secure connection failed"},
	} {
		s := newService(t)
		if tt.rule.Fault != "" {
			s.Rules(tt.rule)
		}
		target := s.target(func(c *Config) {
			c.Probes = probes
			if tt.change != nil {
				tt.change(c)
			}
		})
		steps := target.TestConnection(t.Context())
		names := all
		if target.url.Scheme == "https" {
			names = slices.Insert(slices.Clone(all), 2, "tls")
		}
		if tt.failed == "" {
			if got, failed := stepsOf(steps); !slices.Equal(got, names) || len(failed) != 0 || !OK(steps) {
				t.Errorf("%s: done %q, failed %q; want all of %q", tt.name, got, failed, names)
			}
			continue
		}
		i := slices.Index(names, tt.failed)
		got, failed := stepsOf(steps)
		if !slices.Equal(got, names[:i]) || !slices.Equal(failed, names[i:]) || OK(steps) {
			t.Errorf("%s: done %q, failed %q; want %q to fail first", tt.name, got, failed, tt.failed)
			continue
		}
		if !strings.Contains(steps[i].Detail, tt.detail) {
			t.Errorf("%s: detail %q; want %q in it", tt.name, steps[i].Detail, tt.detail)
		}
		for _, s := range steps[i+1:] {
			if !s.NotReached || !strings.Contains(s.Detail, "not reached") {
				t.Errorf("%s: step %s says %q; want not reached", tt.name, s.Name, s.Detail)
			}
		}
		if len(s.writes("")) != 0 {
			t.Errorf("%s: wrote %q", tt.name, s.writes(""))
		}
	}
}

func TestConnectionOverTLS(t *testing.T) {
	s := newService(t)
	server := httptest.NewUnstartedServer(s.Target)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // refused certificates are what is tested
	server.StartTLS()
	t.Cleanup(server.Close)
	transport, ok := server.Client().Transport.(*http.Transport)
	if !ok {
		t.Fatal("no transport")
	}
	trusting := &tls.Config{RootCAs: transport.TLSClientConfig.RootCAs, ServerName: "example.com", MinVersion: tls.VersionTLS12}
	for name, config := range map[string]*tls.Config{"trusted": trusting, "not trusted": nil} {
		target := s.target(func(c *Config) { c.TenantURL = server.URL + "/scim"; c.TLS = config })
		steps := target.TestConnection(t.Context())
		if OK(steps) != (config != nil) || steps[2].Name != "tls" || steps[2].OK != (config != nil) {
			t.Errorf("%s: got %+v", name, steps)
		}
		if config != nil && !strings.Contains(steps[2].Detail, "valid until") {
			t.Errorf("%s: tls says %q; want the certificate", name, steps[2].Detail)
		}
		if config == nil {
			err := target.Probe(t.Context(), "User", "userName")
			if e := asTargetError(t, err); !e.Fatal || e.Ambiguous || !strings.Contains(e.Detail, "authority") {
				t.Errorf("%s: got %+v; want a fatal error about the certificate", name, e)
			}
		}
	}
}

func TestGuardAtDialling(t *testing.T) {
	s := newService(t)
	c, err := New(Config{TenantURL: s.url, Client: scimclient.Config{HTTP: &http.Client{Transport: scimclient.Guard{}.Transport(nil, 1)}}})
	if err != nil {
		t.Fatal(err)
	}
	err = c.Probe(t.Context(), "User", "userName")
	if e := asTargetError(t, err); !e.Fatal || !strings.Contains(e.Detail, "loopback") || len(s.Requests()) != 0 {
		t.Errorf("got %+v and %d requests; want the guard to refuse", e, len(s.Requests()))
	}
}

func TestStepJSON(t *testing.T) {
	got, err := json.Marshal(Step{Name: "dns", OK: true, Detail: "d", DurationMS: 3})
	if want := `{"name":"dns","ok":true,"detail":"d","durationMs":3}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}
