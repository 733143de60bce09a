package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/organization"
	source "github.com/rollcall-id/rollcall/internal/source/scim"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

// scimMount serves /api/scim/{organization-slug}/… for every organization. The organization comes from the token; the path must agree with it.
type scimMount struct {
	directory *directory.Directory
	tokens    organization.IntegrationStore
	publicURL string
	handler   *scimserver.Handler
	limits    *tokenLimits
	used      *lastUsed
	now       func() time.Time
	logger    *slog.Logger
}

const (
	scimPrefix = "/api/scim/"
	scimSlug   = "slug" // name of the path value
)

func newSCIMMount(s *System, o ServeOptions) *scimMount {
	m := &scimMount{
		directory: s.Directory, tokens: s.Store, publicURL: o.PublicURL,
		limits: newTokenLimits(o.SCIMRateLimit), used: newLastUsed(), now: s.now, logger: s.logger,
	}
	m.handler = scimserver.New(scimserver.Config{
		Registry: directory.Registry(), Authenticate: m.authenticate, BaseURL: m.base, Observe: m.observe, Logger: s.logger,
		CursorKey: m.cursorKey(s.Store), Now: s.now,
	})
	return m
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
	m.handler.ServeHTTP(w, below)
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

// The same words whatever was wrong, so that nobody can find out which organizations or tokens exist (spec/scim.md 7.1, 13).
func unauthorized() error {
	return scim.Errorf(http.StatusUnauthorized, "",
		"the bearer token is missing, unknown, expired or not for this organization; send the Secret Token of Administration > Data Integration")
}

func (m *scimMount) authenticate(r *http.Request) (scimserver.Tenant, error) {
	secret, ok := bearer(r.Header.Get("Authorization"))
	if !ok {
		return scimserver.Tenant{}, unauthorized()
	}
	b, err := m.tokens.Bearer(r.Context(), organization.HashSecret(secret))
	if errors.Is(err, fault.ErrNotFound) {
		return scimserver.Tenant{}, unauthorized()
	}
	if err != nil {
		m.logger.Error("a bearer token could not be looked up", "error", err)
		return scimserver.Tenant{}, scim.Errorf(http.StatusServiceUnavailable, "", "the service cannot answer at the moment; try again later")
	}
	now := m.now()
	if b.Organization.Slug != r.PathValue(scimSlug) || !b.Token.Valid(now) {
		return scimserver.Tenant{}, unauthorized()
	}
	if !b.Integration.Active {
		return scimserver.Tenant{}, scim.Errorf(http.StatusForbidden, "",
			"the SCIM integration of this organization is switched off; turn on \"Set as active SCIM Provider\" in Administration > Data Integration")
	}
	if wait := m.limits.wait(b.Token.ID, now); wait > 0 {
		return scimserver.Tenant{}, &scimserver.Throttled{After: wait}
	}
	if m.used.due(b.Token.ID, now) {
		m.markUsed(r.Context(), b.Token.ID, now)
	}
	profile := source.ProfileOf(b.Integration.Provider)
	return scimserver.Tenant{
		Name:      b.Organization.Slug,
		Principal: b.Token.ID,
		Profile:   profile,
		Backend: source.Backend{
			Directory: m.directory, Organization: b.Organization.ID, Profile: profile,
			Origin: directory.Origin{Actor: source.Actor(b.Token), Cause: requestID(r), Traceparent: r.Header.Get("Traceparent")},
		},
	}, nil
}

// markUsed notes the use of a token. It is for people to look at, so that a failure must not refuse the request.
func (m *scimMount) markUsed(ctx context.Context, token string, now time.Time) {
	if err := m.tokens.TokenUsed(ctx, token, now); err != nil {
		m.logger.Warn("the time of a token's last use was not stored", "token", token, "error", err)
	}
}

// bearer takes the token out of an Authorization header. The word is case-insensitive (RFC 9110, 11.1); an empty token is none.
func bearer(header string) (string, bool) {
	word, token, ok := strings.Cut(strings.TrimSpace(header), " ")
	token = strings.TrimSpace(token)
	return token, ok && strings.EqualFold(word, "Bearer") && token != ""
}

const maxRequestID = 128

// requestID names the request in the change feed: the client's own id where it sends one.
func requestID(r *http.Request) string {
	for _, h := range []string{"Client-Request-Id", "X-Request-Id"} {
		if id := r.Header.Get(h); id != "" && len(id) <= maxRequestID && !strings.ContainsFunc(id, unprintable) {
			return "scim request " + id
		}
	}
	return "scim " + r.Method
}

func unprintable(c rune) bool { return c <= ' ' || c > '~' }

func (m *scimMount) observe(r *http.Request, e scimserver.Event) {
	level := slog.LevelDebug
	switch {
	case e.Err != nil:
		level = slog.LevelError
	case e.Status == http.StatusUnauthorized:
		level = slog.LevelWarn
	}
	m.logger.Log(r.Context(), level, "scim request",
		"organization", e.Tenant, "method", e.Method, "endpoint", e.Endpoint, "status", e.Status, "filter", e.Filter, "ms", e.Duration.Milliseconds(),
		"rules", e.Rules, "detail", e.Detail, "error", e.Err)
}
