// Package organization holds the tenants of Rollcall: organizations, their administrators, and the data-integration setting with its SCIM tokens.
// Token rules (format, hashing, rotation with overlap) live here; storage is internal/store's, HTTP is the servers'.
package organization

import (
	"context"
	"time"
)

// Organization is one tenant: a directory, a SCIM endpoint at /api/scim/{Slug}, enterprise applications.
type Organization struct {
	ID      string
	Slug    string // lower-case letters, digits, hyphens; 2 to 63 characters; unique
	Name    string
	Created time.Time
	// DefaultDomain is the domain of the organization's names, such as contoso.com, for DefaultDomain() in expressions; empty: none was given.
	DefaultDomain string
}

// Integration is the Administration > Data Integration setting of an organization.
type Integration struct {
	Organization string // id
	Provider     string // azure, okta, onelogin, jumpcloud, ping, generic
	Method       string // bearer
	Active       bool   // "Set as active SCIM Provider"
	Link         LinkRule
	Updated      time.Time

	// BodiesUntil is until when the request log keeps bodies, redacted; zero or past: it does not. SetBodies sets it.
	BodiesUntil time.Time
}

// LinkRule says which accounts that SCIM did not make a client may take over when it creates one.
type LinkRule string

// The rules.
const (
	LinkNever    LinkRule = "never"
	LinkUserName LinkRule = "user-name" // of the same userName; groups: of the same displayName
	LinkEmail    LinkRule = "email"     // also the one whose primary or only e-mail address is the userName or the address of the new account
)

// LinkRules returns the rules, the most careful first.
func LinkRules() []LinkRule { return []LinkRule{LinkNever, LinkUserName, LinkEmail} }

// Token is a SCIM bearer secret. Only its SHA-256 is kept.
type Token struct {
	ID           string
	Organization string
	Hash         [32]byte
	Hint         string // first characters of a generated secret; empty for a chosen one
	Created      time.Time
	Expires      time.Time // zero: never
	Revoked      time.Time // zero: valid
	LastUsed     time.Time // zero: never; kept to about a minute
}

// Administrator can sign in to the organization's console.
type Administrator struct {
	Organization string
	Email        string // folded
	PasswordHash string // argon2id PHC string
	Role         string // owner
	Created      time.Time
}

// Store keeps organizations. Missing things are fault.ErrNotFound, taken slugs fault.ErrConflict.
type Store interface {
	CreateOrganization(ctx context.Context, o Organization) error
	OrganizationBySlug(ctx context.Context, slug string) (Organization, error)
	Organizations(ctx context.Context) ([]Organization, error)
	// SetDefaultDomain changes the default domain; the next cycle of each of the organization's applications is an initial one.
	SetDefaultDomain(ctx context.Context, id, domain string) error
	// DeleteOrganization removes the organization and everything it owns.
	DeleteOrganization(ctx context.Context, id string) error
	AddAdministrator(ctx context.Context, a Administrator) error
	AdministratorsOf(ctx context.Context, org string) ([]Administrator, error) // by e-mail address
}

// IntegrationStore keeps the data-integration setting and its tokens.
type IntegrationStore interface {
	IntegrationOf(ctx context.Context, org string) (Integration, error)
	Tokens(ctx context.Context, org string) ([]Token, error) // newest first
	// SaveIntegration stores the setting; a non-nil token is added; every other valid token gets expires set to retire, if that is earlier than what
	// it has (retire zero: the others are left alone).
	SaveIntegration(ctx context.Context, i Integration, token *Token, retire time.Time) error
	// RotateToken adds the token and retires the others as SaveIntegration does, and leaves the setting alone but for its Updated, which becomes the
	// token's Created. Without a setting the error is fault.ErrNotFound.
	RotateToken(ctx context.Context, token Token, retire time.Time) error
	RevokeToken(ctx context.Context, org, tokenID string, at time.Time) error
	// Bearer answers an incoming request with one query: the token with this hash, its organization and integration.
	Bearer(ctx context.Context, hash [32]byte) (Bearer, error)
	TokenUsed(ctx context.Context, tokenID string, at time.Time) error
	// TokensEnding returns the organizations with an active integration that have a token which is valid and ends in the time between, ordered by slug.
	TokensEnding(ctx context.Context, after, until time.Time) ([]Organization, error)
	// SetBodies sets the setting's BodiesUntil, which SaveIntegration leaves alone. Without a setting the error is fault.ErrNotFound.
	SetBodies(ctx context.Context, org string, until time.Time) error
}

// Bearer is what a presented secret stands for.
type Bearer struct {
	Token        Token
	Organization Organization
	Integration  Integration
	Types        int64 // version of the resource types that the organization registered; 0: none
}
