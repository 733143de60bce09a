package server

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/organization"
	source "github.com/rollcall-id/rollcall/internal/source/scim"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

// principal is who asks: what a method of authentication makes of a request.
type principal struct {
	id           string // of the token or client; limits, cursors and the last use go by it
	actor        string // in the change feed
	organization organization.Organization
	integration  organization.Integration
	types        int64 // version of the resource types that the organization registered
}

// authenticator is a method of authentication. Bearer tokens are the only one so far.
type authenticator interface {
	// credential names the credentials of a request without telling them and without a look-up; false: it has none of this method.
	credential(r *http.Request) (name [32]byte, ok bool)
	// principal looks credentials up. Unknown, expired and revoked ones are fault.ErrNotFound.
	principal(ctx context.Context, credential [32]byte, now time.Time) (principal, error)
}

// unauthorized has the same words whatever was wrong, so that nobody can find out which organizations or tokens exist (spec/scim.md 7.1, 13).
func unauthorized() error {
	return scim.Errorf(http.StatusUnauthorized, "",
		"the bearer token is missing, unknown, expired or not for this organization; send the Secret Token of Administration > Data Integration")
}

// identify finds out who asks. Every credential takes the same path with the same one look-up and ends in the same answer, whether the organization, the token,
// or only their belonging together is wrong.
func (m *scimMount) identify(r *http.Request, now time.Time) (principal, error) {
	a, as, wait := m.attempt(r, now)
	if as == refused {
		return principal{}, &scimserver.Throttled{After: wait}
	}
	if a.credential == ([32]byte{}) {
		return principal{}, unauthorized()
	}
	p, err := m.method.principal(r.Context(), a.credential, now)
	switch {
	case err != nil && !errors.Is(err, fault.ErrNotFound):
		m.logger.Error("credentials could not be looked up", "error", err)
		return principal{}, scim.Errorf(http.StatusServiceUnavailable, "", "the service cannot answer at the moment; try again later")
	case err == nil && p.organization.Slug == a.slug:
		m.addresses.accept(a, as, now)
		return p, nil
	}
	m.addresses.reject(a, as, now)
	if as == reserved {
		return principal{}, &scimserver.Throttled{After: wait} // as without the look-up
	}
	return principal{}, unauthorized()
}

// attempt asks the limits of the client's address.
func (m *scimMount) attempt(r *http.Request, now time.Time) (attempt, admission, time.Duration) {
	a := attempt{from: subscriber(m.proxies.client(r)), slug: r.PathValue(scimSlug)}
	a.credential, _ = m.method.credential(r)
	as, wait := m.addresses.admit(a, now)
	return a, as, wait
}

// public bounds requests that need no credentials.
func (m *scimMount) public(r *http.Request) error {
	if _, as, wait := m.attempt(r, m.now()); as == refused {
		return &scimserver.Throttled{After: wait}
	}
	return nil
}

// bearerTokens is authentication by a bearer token (RFC 6750) of the organization's data integration.
type bearerTokens struct{ tokens organization.IntegrationStore }

func (b bearerTokens) credential(r *http.Request) ([32]byte, bool) {
	headers := r.Header.Values("Authorization")
	if len(headers) != 1 {
		return [32]byte{}, false // of two, a proxy in front may have checked the other one
	}
	secret, ok := bearer(headers[0])
	if !ok {
		return [32]byte{}, false
	}
	return organization.HashSecret(secret), true
}

func (b bearerTokens) principal(ctx context.Context, credential [32]byte, now time.Time) (principal, error) {
	found, err := b.tokens.Bearer(ctx, credential)
	if err != nil {
		return principal{}, err
	}
	if !found.Token.Valid(now) {
		return principal{}, fault.ErrNotFound
	}
	return principal{id: found.Token.ID, actor: source.Actor(found.Token), organization: found.Organization, integration: found.Integration,
		types: found.Types}, nil
}

// bearer takes the token out of an Authorization header. The word is case-insensitive (RFC 9110, 11.1); an empty token is none.
func bearer(header string) (string, bool) {
	word, token, ok := strings.Cut(strings.TrimSpace(header), " ")
	token = strings.TrimSpace(token)
	return token, ok && strings.EqualFold(word, "Bearer") && token != ""
}
