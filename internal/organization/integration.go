package organization

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/internal/fault"
)

// Provider is an identity provider as Administration > Data Integration offers it.
type Provider struct {
	ID   string // what is stored and what the command line takes
	Name string // what a person sees
}

// Providers returns the identity providers in the order in which they are shown.
func Providers() []Provider {
	return []Provider{
		{"azure", "Azure"}, {"okta", "Okta"}, {"onelogin", "OneLogin"}, {"jumpcloud", "JumpCloud"}, {"ping", "Ping"}, {"generic", "Generic SCIM 2.0"},
	}
}

// MethodBearer is the only method of providing the SCIM secret location: the Authorization header with the scheme Bearer (RFC 6750).
const MethodBearer = "bearer"

// Service carries out what the Data Integration page and `rollcall data-integration` offer.
type Service struct {
	Store IntegrationStore
	Now   func() time.Time // nil: time.Now
	NewID func() string    // nil: random
}

// SetRequest is the form of the page. Exactly one of Secret and Generate is given to set a secret; neither keeps the secrets there are.
type SetRequest struct {
	Organization string // id
	Provider     string
	Method       string
	Active       bool
	Secret       string // chosen by the administrator
	Generate     bool
	Lifetime     time.Duration // of the new secret; 0: DefaultLifetime
	Link         LinkRule      // "": as it is, initially LinkNever
}

// Issued is the outcome of Set and Rotate.
type Issued struct {
	Integration Integration
	TokenID     string // "" when no secret was set
	Secret      string // only where it was generated: the one time it can be shown
	Expires     time.Time
}

// Set stores the setting. A new secret takes the place of all others at once; use Rotate to let them overlap. The error is fault.ErrInvalid for
// input that cannot be accepted, an active setting without any valid secret included: it would be an endpoint that nobody can open.
func (s Service) Set(ctx context.Context, r SetRequest) (Issued, error) {
	i := Integration{Organization: r.Organization, Provider: r.Provider, Method: r.Method, Active: r.Active, Link: r.Link, Updated: s.now()}
	if err := s.keepLink(ctx, &i); err != nil {
		return Issued{}, err
	}
	if err := i.check(); err != nil {
		return Issued{}, err
	}
	if r.Secret != "" && r.Generate {
		return Issued{}, fault.Errorf(fault.ErrInvalid, "a secret was given and one should be generated; choose one of the two")
	}
	if r.Secret == "" && !r.Generate {
		if err := s.keepsSecret(ctx, i); err != nil {
			return Issued{}, err
		}
		return Issued{Integration: i}, s.Store.SaveIntegration(ctx, i, nil, time.Time{})
	}
	out, token, err := s.issue(i, r.Secret, r.Lifetime)
	if err != nil {
		return Issued{}, err
	}
	if err := s.Store.SaveIntegration(ctx, i, &token, i.Updated); err != nil {
		return Issued{}, err
	}
	return out, nil
}

// keepLink fills in the rule that there is where none was given.
func (s Service) keepLink(ctx context.Context, i *Integration) error {
	if i.Link != "" {
		return nil
	}
	before, err := s.Store.IntegrationOf(ctx, i.Organization)
	i.Link = before.Link
	if errors.Is(err, fault.ErrNotFound) {
		i.Link, err = LinkNever, nil
	}
	return err
}

func (s Service) keepsSecret(ctx context.Context, i Integration) error {
	if !i.Active {
		return nil
	}
	tokens, err := s.Store.Tokens(ctx, i.Organization)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(tokens, func(t Token) bool { return t.Valid(i.Updated) }) {
		return fault.Errorf(fault.ErrInvalid, "there is no valid secret, so the integration cannot be made active; set a secret or let one be generated")
	}
	return nil
}

// issue makes the token of the secret, a generated one when it is empty.
func (s Service) issue(i Integration, secret string, lifetime time.Duration) (Issued, Token, error) {
	if lifetime != 0 {
		if err := checkLifetime(lifetime); err != nil {
			return Issued{}, Token{}, err
		}
	}
	out := Issued{Integration: i, TokenID: s.newID()}
	generated := secret == ""
	if generated {
		secret = NewSecret()
		out.Secret = secret
	} else if err := CheckSecret(secret); err != nil {
		return Issued{}, Token{}, err
	}
	token := newToken(i.Organization, out.TokenID, secret, generated, i.Updated)
	token.Expires = ends(i.Updated, lifetime)
	out.Expires = token.Expires
	return out, token, nil
}

// Rotate generates a new secret; those that are valid now stay so for the overlap (0: 24 hours) at most, so that the identity provider can be changed
// without a gap. The new one is valid for lifetime (0: DefaultLifetime). The organization must have a setting already (fault.ErrNotFound).
func (s Service) Rotate(ctx context.Context, org string, overlap, lifetime time.Duration) (Issued, error) {
	if overlap < 0 || overlap > maxOverlap {
		return Issued{}, fault.Errorf(fault.ErrInvalid, "the overlap is %s; expected up to %s", overlap, maxOverlap)
	}
	if overlap == 0 {
		overlap = defaultOverlap
	}
	i, err := s.Store.IntegrationOf(ctx, org)
	if err != nil {
		return Issued{}, err
	}
	i.Updated = s.now()
	out, token, err := s.issue(i, "", lifetime)
	if err != nil {
		return Issued{}, err
	}
	// Only the tokens: somebody may have switched the integration off since it was read.
	if err := s.Store.RotateToken(ctx, token, i.Updated.Add(overlap)); err != nil {
		return Issued{}, err
	}
	return out, nil
}

// maxOverlap bounds how long an old secret may live on: longer is not a rotation.
const maxOverlap = 90 * 24 * time.Hour

// Revoke ends a token at once on every node.
func (s Service) Revoke(ctx context.Context, org, tokenID string) error {
	return s.Store.RevokeToken(ctx, org, tokenID, s.now())
}

// maxBodies bounds for how long bodies are logged without somebody thinking of it again.
const maxBodies = 7 * 24 * time.Hour

// LogBodies makes the request log keep the bodies of SCIM requests and answers, redacted, for so long from now; 0 ends it. It returns until when.
func (s Service) LogBodies(ctx context.Context, org string, period time.Duration) (until time.Time, err error) {
	if period < 0 || period > maxBodies {
		return until, fault.Errorf(fault.ErrInvalid, "the period is %s; bodies can be logged for up to %s, and then again", period, maxBodies)
	}
	if period > 0 {
		until = s.now().Add(period)
	}
	return until, s.Store.SetBodies(ctx, org, until)
}

// LogsBodies reports whether bodies are logged at the time.
func (i Integration) LogsBodies(at time.Time) bool { return at.Before(i.BodiesUntil) }

// check says whether provider and method are known. The error is fault.ErrInvalid.
func (i Integration) check() error {
	known := make([]string, 0, len(Providers()))
	for _, p := range Providers() {
		known = append(known, p.ID)
	}
	if !slices.Contains(known, i.Provider) {
		return fault.Errorf(fault.ErrInvalid, "the provider %.40q is not known; expected one of %s", i.Provider, strings.Join(known, ", "))
	}
	if i.Method != MethodBearer {
		return fault.Errorf(fault.ErrInvalid, "the method %.40q is not known; expected %s", i.Method, MethodBearer)
	}
	if !slices.Contains(LinkRules(), i.Link) {
		return fault.Errorf(fault.ErrInvalid, "the rule %.40q for linking is not known; expected never, user-name or email", i.Link)
	}
	return nil
}

func (s Service) now() time.Time {
	if s.Now == nil {
		return time.Now().UTC()
	}
	return s.Now().UTC()
}

func (s Service) newID() string {
	if s.NewID == nil {
		return "tok_" + strings.ToLower(rand.Text()[:16])
	}
	return s.NewID()
}
