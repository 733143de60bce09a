package server

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	target "github.com/rollcall-id/rollcall/internal/target/scim"
)

// target speaks to the application's SCIM service, as its profile says. Whether http:// is allowed was asked when it was connected.
func (s *System) target(ctx context.Context, app application.Application) (*target.Target, error) {
	p, err := s.Store.Profile(ctx, app.ID)
	if err != nil {
		return nil, err
	}
	return s.targetAs(app, p, true)
}

func (s *System) targetAs(app application.Application, p application.Profile, allowHTTP bool) (*target.Target, error) {
	if app.TenantURL == "" {
		return nil, fault.Errorf(fault.ErrInvalid,
			"%q is not connected to a SCIM service yet: give its Tenant URL and Secret Token with `rollcall app connect`", app.Name)
	}
	if app.SecretError != "" {
		return nil, fault.Errorf(fault.ErrInvalid, "the Secret Token of %q cannot be read: %s; give it again with `rollcall app connect`", app.Name, app.SecretError)
	}
	roots, err := target.Trusting(p.CA)
	if err != nil {
		return nil, fault.Errorf(fault.ErrInvalid, "the stored authorities of %q: %w; give them again with `rollcall app connect --ca-file`", app.Name, err)
	}
	cfg := target.Config{
		TenantURL: app.TenantURL, Token: string(app.Secret), AllowHTTP: allowHTTP,
		RateLimit: app.Settings.RateLimit, Concurrency: app.Settings.Concurrency, Probes: probes(app),
		Guard: s.options.Addresses.guard(), TLS: roots,
	}
	applyProfile(&cfg, p)
	if s.Transport != nil {
		guard := cfg.Guard
		guard.AllowLoopback = true
		cfg.Client.HTTP = &http.Client{Transport: s.Transport(guard.Transport(roots, transportConnections))}
	}
	return target.New(cfg)
}

const transportConnections = 16

// probes are what a test connection asks for: every mapped object type by its first matching attribute.
func probes(app application.Application) []target.Probe {
	var list []target.Probe
	for _, typ := range []string{directory.User, directory.Group} {
		m := app.Mapping.For(typ)
		if m == nil || !m.Enabled || (typ == directory.Group && !app.Settings.Groups) {
			continue
		}
		p := target.Probe{Type: m.Target}
		first := 0
		for _, row := range m.Attributes {
			if row.Matching > 0 && (first == 0 || row.Matching < first) {
				first, p.Attribute = row.Matching, row.Target
			}
		}
		list = append(list, p)
	}
	return list
}

// ConnectionTest is the answer of `app test --json`.
type ConnectionTest struct {
	OK    bool          `json:"ok"`
	Steps []target.Step `json:"steps"`
}

// Failure is the step that failed, in one sentence.
func (t ConnectionTest) Failure() string {
	for _, step := range t.Steps {
		if !step.OK {
			return strings.TrimSpace(step.Name + ": " + step.Detail)
		}
	}
	return ""
}

// TestConnection tries the application as it is stored, and remembers what a test that succeeded found out about the service.
func (s *System) TestConnection(ctx context.Context, app application.Application, allowHTTP bool) (ConnectionTest, error) {
	p, err := s.Store.Profile(ctx, app.ID)
	if err != nil {
		return ConnectionTest{}, err
	}
	test, found, err := s.TryConnection(ctx, app, p, allowHTTP)
	if err != nil || !test.OK {
		return test, err
	}
	return test, s.Found(ctx, app, found)
}

// TryConnection tries a Tenant URL and Secret Token, step by step, with what the profile says. allowHTTP allows http:// to addresses other than loopback.
// found is what there is to remember of a test that succeeded.
func (s *System) TryConnection(
	ctx context.Context, app application.Application, p application.Profile, allowHTTP bool,
) (test ConnectionTest, found map[string]string, err error) {
	p.Found = nil // what was found before is what is to be found out
	t, err := s.targetAs(app, p, allowHTTP)
	if err != nil {
		return ConnectionTest{}, nil, err
	}
	defer t.Close()
	test.Steps = t.TestConnection(ctx)
	if test.OK = target.OK(test.Steps); test.OK {
		found = foundFacts(t.Found())
	}
	return test, found, nil
}

// Connect stores working credentials and lifts a quarantine that the ones before may have caused. before is the application as it was: ids of accounts are
// worth nothing at another service, where they may be somebody else's. So the links go first, and the next cycle matches everybody anew.
func (s *System) Connect(ctx context.Context, before, app application.Application) (moved bool, err error) {
	if moved = before.TenantURL != "" && !sameService(before.TenantURL, app.TenantURL); moved {
		full, err := provisioning.ParseRestartScope("full")
		if err != nil {
			return false, err
		}
		if err := s.Engine.Restart(ctx, before, full); err != nil {
			return false, err
		}
	}
	if err := s.Store.SaveApplication(ctx, app); err != nil {
		return moved, err
	}
	return moved, s.Engine.Reconnected(ctx, app)
}

// sameService reports whether two Tenant URLs name one service: a query (a feature flag) makes no difference, nor does a trailing slash.
func sameService(a, b string) bool {
	x, errX := url.Parse(a)
	y, errY := url.Parse(b)
	return errX == nil && errY == nil && x.Scheme == y.Scheme && strings.EqualFold(x.Host, y.Host) &&
		strings.TrimRight(x.Path, "/") == strings.TrimRight(y.Path, "/")
}

// Cycle runs one cycle. foreground: a person waits for it.
func (s *System) Cycle(
	ctx context.Context, app application.Application, foreground bool, progress func(provisioning.Progress),
) (provisioning.Result, error) {
	t, err := s.target(ctx, app)
	if err != nil {
		return provisioning.Result{}, err
	}
	defer t.Close()
	return s.Engine.RunOnce(ctx, app, t, provisioning.Options{Foreground: foreground, Progress: progress})
}

// Plan says what the next cycle would do; nothing is written.
func (s *System) Plan(ctx context.Context, app application.Application, progress func(provisioning.Progress)) (provisioning.Plan, error) {
	t, err := s.target(ctx, app)
	if err != nil {
		return provisioning.Plan{}, err
	}
	defer t.Close()
	return s.Engine.Plan(ctx, app, t, provisioning.Options{Foreground: true, Progress: progress})
}

// ProvisionOnDemand runs one person or group through the pipeline.
func (s *System) ProvisionOnDemand(ctx context.Context, app application.Application, p Principal, plan bool) (provisioning.OnDemand, error) {
	obj, err := s.anyPrincipal(ctx, app, p)
	if err != nil {
		return provisioning.OnDemand{}, err
	}
	t, err := s.target(ctx, app)
	if err != nil {
		return provisioning.OnDemand{}, err
	}
	defer t.Close()
	return s.Engine.ProvisionOnDemand(ctx, app, t, provisioning.Subject{Type: obj.Type, ID: obj.ID}, plan)
}
