package server

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/record"
	source "github.com/rollcall-id/rollcall/internal/source/scim"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

// scimMount serves /api/scim/{organization-slug}/… for every organization. The organization comes from the token; the path must agree with it.
type scimMount struct {
	directory *directory.Directory
	tokens    organization.IntegrationStore
	publicURL string
	types     typeSource
	services  *services
	method    authenticator
	proxies   proxies
	addresses *addressLimits
	limits    *tokenLimits
	used      *lastUsed
	requests  *requestLog // nil: requests are not logged
	now       func() time.Time
	newID     func() string // of requests
	logger    *slog.Logger
}

const (
	scimPrefix = "/api/scim/"
	scimSlug   = "slug" // names of path values
	scimID     = "request"
)

func newSCIMMount(s *System, o ServeOptions, recorder *record.Recorder) (*scimMount, error) {
	trusted, err := parseProxies(o.TrustedProxies)
	if err != nil {
		return nil, err
	}
	m := &scimMount{
		directory: s.Directory, tokens: s.Store, publicURL: o.PublicURL,
		method: bearerTokens{s.Store}, proxies: trusted, addresses: newAddressLimits(o.AddressRateLimit),
		limits: newTokenLimits(o.SCIMRateLimit), used: newLastUsed(), now: s.now, newID: s.newID, logger: s.logger,
	}
	if recorder != nil {
		m.requests = newRequestLog(recorder, s.Store, m.proxies)
	}
	m.addresses.exists = (&slugSet{store: s.Store, now: s.now}).has
	m.types = s.Store
	m.services, err = newServices(scimserver.Config{
		Authenticate: m.authenticate, Public: m.public, BaseURL: m.base, Observe: m.observe, Logger: s.logger, CursorKey: m.cursorKey(s.Store), Now: s.now,
	})
	return m, err
}

// cursorKey is the secret of cursors, the same on all nodes that share a sealing key.
func (m *scimMount) cursorKey(keys interface {
	Derive(purpose string) ([]byte, error)
}) []byte {
	key, err := keys.Derive("scim cursor")
	if err != nil {
		m.logger.Warn("cursors of SCIM lists will be valid on this node only, and until it is restarted", "error", err)
		return nil
	}
	return key
}

// owns reports whether the path is below the mount, tolerating doubled slashes in front.
func (m *scimMount) owns(path string) bool {
	return strings.HasPrefix(collapse(path), scimPrefix)
}

func collapse(path string) string {
	return "/" + strings.TrimLeft(path, "/")
}

func (m *scimMount) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest := strings.TrimLeft(strings.TrimPrefix(collapse(r.URL.Path), scimPrefix), "/")
	slug, path, _ := strings.Cut(rest, "/")
	below := new(http.Request)
	*below = *r
	below.URL = new(url.URL)
	*below.URL = *r.URL
	below.URL.Path, below.URL.RawPath = "/"+path, ""
	below.SetPathValue(scimSlug, strings.ToLower(slug))
	id := m.newID()
	below.SetPathValue(scimID, id)
	w.Header()["X-Request-Id"] = []string{id}
	m.services.standard.ServeHTTP(w, below)
}

// base is the address of the organization's service as clients see it.
func (m *scimMount) base(r *http.Request) string {
	host := m.publicURL
	if host == "" {
		scheme := "http://"
		if r.TLS != nil {
			scheme = "https://"
		}
		host = scheme + r.Host
	}
	return host + scimPrefix + r.PathValue(scimSlug)
}

func (m *scimMount) authenticate(r *http.Request) (scimserver.Tenant, error) {
	now := m.now()
	p, err := m.identify(r, now)
	if err != nil {
		return scimserver.Tenant{}, err
	}
	note := &requestNote{organization: p.organization.ID, token: p.id}
	tenant := scimserver.Tenant{Name: p.organization.Slug, Principal: p.id, Note: note}
	if wait := m.limits.wait(p.id, now); wait > 0 {
		return tenant, &scimserver.Throttled{After: wait}
	}
	if !p.integration.Active {
		return tenant, scim.Errorf(http.StatusForbidden, "",
			"the SCIM integration of this organization is switched off; turn on \"Set as active SCIM Provider\" in Administration > Data Integration")
	}
	if m.used.due(p.id, now) {
		m.markUsed(r.Context(), p.id, now)
	}
	if tenant.Handler, err = m.service(r.Context(), p); err != nil {
		return tenant, err
	}
	tenant.Profile = source.ProfileOf(p.integration.Provider)
	tenant.Charge = func(n int) { m.limits.charge(p.id, n, m.now()) }
	if m.requests != nil && p.integration.LogsBodies(now) {
		tenant.Bodies = maxLoggedBody
	}
	tenant.Backend = source.Backend{
		Directory: m.directory, Organization: p.organization.ID, Profile: tenant.Profile, Link: p.integration.Link,
		Changed: note.add,
		Origin:  directory.Origin{Actor: p.actor, Cause: "scim request " + r.PathValue(scimID), Traceparent: r.Header.Get("Traceparent")},
	}
	return tenant, nil
}

// markUsed notes the use of a token. It is for people to look at, so that a failure must not refuse the request.
func (m *scimMount) markUsed(ctx context.Context, token string, now time.Time) {
	if err := m.tokens.TokenUsed(ctx, token, now); err != nil {
		m.logger.Warn("the time of a token's last use was not stored", "token", token, "error", err)
	}
}

func (m *scimMount) observe(r *http.Request, e scimserver.Event) {
	if m.requests != nil {
		m.requests.add(r, e, m.now())
	}
	level := slog.LevelDebug
	switch {
	case e.Err != nil:
		level = slog.LevelError
	case e.Status == http.StatusUnauthorized:
		level = slog.LevelWarn
	}
	m.logger.Log(r.Context(), level, "scim request",
		"id", r.PathValue(scimID), "organization", e.Tenant, "method", e.Method, "endpoint", e.Endpoint, "status", e.Status, "filter", e.Filter,
		"ms", e.Duration.Milliseconds(), "rules", e.Rules, "detail", e.Detail, "error", e.Err)
}
