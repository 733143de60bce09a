package store

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"fmt"
	"time"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/organization"
)

const (
	//nolint:gosec // names of columns, not credentials
	tokenColumns = "t.id, t.organization_id, t.hash, t.hint, t.created, t.expires, t.revoked, t.last_used"
	lastUsedStep = time.Minute // a token's last use is written at most this often

	noIntegration = "this organization has no data integration yet; set it on the page Data Integration or with `rollcall data-integration set`"
)

// tokenRow is one row of tokenColumns while it is scanned.
type tokenRow struct {
	t                                   organization.Token
	hash                                []byte
	created, expires, revoked, lastUsed int64
}

func (r *tokenRow) dest() []any {
	return []any{&r.t.ID, &r.t.Organization, &r.hash, &r.t.Hint, &r.created, &r.expires, &r.revoked, &r.lastUsed}
}

func (r *tokenRow) token() (organization.Token, error) {
	if copy(r.t.Hash[:], r.hash) != len(r.t.Hash) {
		return r.t, fmt.Errorf("the stored hash of token %s has %d bytes", r.t.ID, len(r.hash))
	}
	r.t.Created, r.t.Expires = fromMicros(r.created), fromMicros(r.expires)
	r.t.Revoked, r.t.LastUsed = fromMicros(r.revoked), fromMicros(r.lastUsed)
	return r.t, nil
}

// IntegrationOf implements organization.IntegrationStore.
func (s *Store) IntegrationOf(ctx context.Context, org string) (organization.Integration, error) {
	i := organization.Integration{Organization: org}
	var updated, bodies int64
	err := s.q.get(ctx, []any{&i.Provider, &i.Method, &i.Active, &i.Link, &updated, &bodies},
		"select provider, method, active, link, updated, bodies_until from integration where organization_id = $1", org)
	i.Updated, i.BodiesUntil = fromMicros(updated), fromMicros(bodies)
	return i, s.d.absent("read the data integration", err, noIntegration)
}

// Tokens implements organization.IntegrationStore.
func (s *Store) Tokens(ctx context.Context, org string) ([]organization.Token, error) {
	out, err := collect(ctx, s.q, func(rows *sql.Rows) (organization.Token, error) {
		var r tokenRow
		if err := rows.Scan(r.dest()...); err != nil {
			return r.t, err
		}
		return r.token()
	}, "select "+tokenColumns+" from token t where t.organization_id = $1 order by t.created desc, t.seq desc", org)
	return out, s.d.fail("read tokens", err)
}

// SaveIntegration implements organization.IntegrationStore. A secret that the organization uses already takes the place of its old token.
func (s *Store) SaveIntegration(ctx context.Context, i organization.Integration, token *organization.Token, retire time.Time) error {
	return s.write(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.q.exec(ctx, `insert into integration (organization_id, provider, method, active, link, updated)
			values ($1, $2, $3, $4, $5, $6)
			on conflict (organization_id) do update set provider = $2, method = $3, active = $4, link = $5, updated = $6`,
			i.Organization, i.Provider, i.Method, i.Active, i.Link, micros(i.Updated))
		if err != nil {
			return t.d.fail("save the data integration", err)
		}
		id := ""
		if token != nil {
			id = token.ID
			if err := t.addToken(ctx, *token); err != nil {
				return err
			}
		}
		return t.retireTokens(ctx, i.Organization, id, retire)
	})
}

// RotateToken implements organization.IntegrationStore.
func (s *Store) RotateToken(ctx context.Context, token organization.Token, retire time.Time) error {
	return s.write(ctx, func(ctx context.Context, t *tx) error {
		n, err := t.q.exec(ctx, "update integration set updated = $2 where organization_id = $1", token.Organization, micros(token.Created))
		if err != nil {
			return t.d.fail("rotate a token", err)
		}
		if n == 0 {
			return fault.Errorf(fault.ErrNotFound, noIntegration)
		}
		if err := t.addToken(ctx, token); err != nil {
			return err
		}
		return t.retireTokens(ctx, token.Organization, token.ID, retire)
	})
}

// retireTokens ends the organization's tokens but one at the time at the latest; the zero time leaves them alone.
func (t *tx) retireTokens(ctx context.Context, org, but string, at time.Time) error {
	if at.IsZero() {
		return nil
	}
	_, err := t.q.exec(ctx, `update token set expires = $3 where organization_id = $1 and id <> $2 and revoked = 0
		and (expires = 0 or expires > $3)`, org, but, micros(at))
	return t.d.fail("retire tokens", err)
}

func (t *tx) addToken(ctx context.Context, k organization.Token) error {
	_, err := t.q.exec(ctx, "delete from token where hash = $1 and organization_id = $2 and revoked = 0", k.Hash[:], k.Organization)
	if err != nil {
		return t.d.fail("replace a token", err)
	}
	n, err := t.q.exec(ctx, `insert into token (id, organization_id, hash, hint, created, expires, revoked, last_used)
		values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
		k.ID, k.Organization, k.Hash[:], k.Hint, micros(k.Created), micros(k.Expires), micros(k.Revoked), micros(k.LastUsed))
	if err != nil {
		return t.d.fail("add a token", err)
	}
	if n == 0 {
		// Revoked here, or used by another organization: which of the two must not be told.
		return fault.Errorf(fault.ErrConflict, "this secret cannot be used (again); choose another one or let one be generated")
	}
	return nil
}

// RevokeToken implements organization.IntegrationStore. Revoking a revoked token changes nothing.
func (s *Store) RevokeToken(ctx context.Context, org, tokenID string, at time.Time) error {
	return s.write(ctx, func(ctx context.Context, t *tx) error {
		n, err := t.q.exec(ctx, `update token set revoked = case when revoked = 0 then cast($3 as bigint) else revoked end
			where organization_id = $1 and id = $2`, org, tokenID, micros(at))
		if err != nil {
			return t.d.fail("revoke a token", err)
		}
		if n == 0 {
			return fault.Errorf(fault.ErrNotFound, "this organization has no token with id %q; `rollcall data-integration show` lists them", tokenID)
		}
		return nil
	})
}

// Bearer implements organization.IntegrationStore. Whether the token is still valid is the caller's question.
func (s *Store) Bearer(ctx context.Context, hash [32]byte) (organization.Bearer, error) {
	if s.bearers != nil {
		return s.bearers.get(s.short(ctx), hash, s.readBearer)
	}
	return s.readBearer(ctx, hash)
}

func (s *Store) readBearer(ctx context.Context, hash [32]byte) (organization.Bearer, error) {
	var b organization.Bearer
	var row tokenRow
	var created int64
	var provider, method, link sql.NullString
	var active sql.NullBool
	var updated, bodies, types sql.NullInt64
	dest := append(row.dest(), &b.Organization.ID, &b.Organization.Slug, &b.Organization.Name, &created, &provider, &method, &active,
		&link, &updated, &bodies, &types)
	err := s.q.get(ctx, dest, "select "+tokenColumns+`, o.id, o.slug, o.name, o.created, i.provider, i.method, i.active, i.link, i.updated, i.bodies_until,
			g.version
		from token t join organization o on o.id = t.organization_id left join integration i on i.organization_id = t.organization_id
		left join registration g on g.organization_id = t.organization_id where t.hash = $1`, hash[:])
	if err != nil {
		return b, s.d.absent("read a token", err, "unknown token")
	}
	if b.Token, err = row.token(); err != nil {
		return b, err
	}
	if subtle.ConstantTimeCompare(b.Token.Hash[:], hash[:]) != 1 {
		return organization.Bearer{}, fault.Errorf(fault.ErrNotFound, "unknown token")
	}
	b.Organization.Created, b.Types = fromMicros(created), types.Int64
	b.Integration = organization.Integration{
		Organization: b.Organization.ID, Provider: provider.String, Method: method.String, Active: active.Bool,
		Link: organization.LinkRule(link.String), Updated: fromMicros(updated.Int64), BodiesUntil: fromMicros(bodies.Int64),
	}
	return b, nil
}

// TokensEnding implements organization.IntegrationStore.
func (s *Store) TokensEnding(ctx context.Context, after, until time.Time) ([]organization.Organization, error) {
	out, err := collect(ctx, s.q, scanOrganization, `select o.id, o.slug, o.name, o.created, o.default_domain from organization o
		join integration i on i.organization_id = o.id and i.active
		where exists (select 1 from token t where t.organization_id = o.id and t.revoked = 0 and t.expires > $1 and t.expires <= $2)
		order by o.slug`, micros(after), micros(until))
	return out, s.d.fail("look for tokens that end soon", err)
}

// SetBodies implements organization.IntegrationStore.
func (s *Store) SetBodies(ctx context.Context, org string, until time.Time) error {
	return s.write(ctx, func(ctx context.Context, t *tx) error {
		n, err := t.q.exec(ctx, "update integration set bodies_until = $2 where organization_id = $1", org, micros(until))
		if err != nil {
			return t.d.fail("switch the logging of bodies", err)
		}
		if n == 0 {
			return fault.Errorf(fault.ErrNotFound, noIntegration)
		}
		return nil
	})
}

// TokenUsed implements organization.IntegrationStore. It writes at most once a minute for each token.
func (s *Store) TokenUsed(ctx context.Context, tokenID string, at time.Time) error {
	var last int64
	err := s.q.get(ctx, []any{&last}, "select last_used from token where id = $1", tokenID)
	if err != nil {
		return s.d.absent("read a token", err, "there is no token with id %q", tokenID)
	}
	before := micros(at.Add(-lastUsedStep))
	if last > before {
		return nil
	}
	return s.write(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.q.exec(ctx, "update token set last_used = $2 where id = $1 and last_used <= $3", tokenID, micros(at), before)
		return t.d.fail("note the use of a token", err)
	})
}
