// Package scim is the provisioning target for SCIM 2.0 services: it turns what a cycle wants of an account into the requests that the service at hand
// understands, and what the service answers into the error codes of the provisioning log (spec/entra-provisioning.md section 8.8).
//
// It owns the shape of the requests (one PATCH operation an attribute, PUT where there is no PATCH, members in batches) and the judgement of answers.
// It refuses to decide: who is written, what and when is the engine's business (internal/provisioning); HTTP, retries and pacing are
// scim/scimclient's.
package scim

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"

	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/scim/scimclient"
)

// Config says which service, and how hard it may be pushed. TenantURL is required.
type Config struct {
	TenantURL   string  // base URL; its path and query (such as ?aadOptscim062020) are kept on every request
	Token       string  // secret token
	AllowHTTP   bool    // accept http:// for hosts other than loopback
	RateLimit   float64 // requests per second; 0: none
	Concurrency int     // requests in flight; 0: automatic

	Guard scimclient.Guard // which addresses may be connected to; loopback is added where the tenant URL itself names a loopback host
	TLS   *tls.Config      // roots and the like; nil: the system's

	// Patch, Put and ETag are what is known of the service, whatever it says of itself; Unknown: as it says, and as it turns out. ETag: writes after a
	// read carry If-Match.
	Patch, Put, ETag scimclient.Support
	Dialect          Dialect // of PATCH; empty: Auto
	MemberBatch      int     // members in one PATCH; 0: 100
	Probes           []Probe // what TestConnection asks for; none: users by userName

	Client scimclient.Config // everything else; BaseURL, Token, Pacing and, where it is nil, HTTP are filled in
}

// Probe names an object type and its matching attribute.
type Probe struct {
	Type      string
	Attribute string
}

// Target is a SCIM service. It is safe for concurrent use, and made anew for each cycle: what it learns of the service's abilities lasts as long as it.
type Target struct {
	cfg    Config
	url    *url.URL
	client *scimclient.Client

	asked  atomic.Bool // discovery was tried
	strict atomic.Bool // the service refuses paths with brackets that pick nothing: read before such a PATCH
	found  atomic.Pointer[Found]
	puts   sync.Map // object type → true: PATCH was refused and PUT worked
	groups groupLocks
}

var _ provisioning.Target = (*Target)(nil)

const memberBatch = 100

// New returns a target, or an error that says what is wrong with the tenant URL or the token.
func New(cfg Config) (*Target, error) {
	u, err := scimclient.ValidateBaseURL(cfg.TenantURL, cfg.AllowHTTP)
	if err != nil {
		return nil, err
	}
	if cfg.MemberBatch <= 0 {
		cfg.MemberBatch = memberBatch
	}
	cfg.Dialect = cfg.Dialect.resolve(u)
	if len(cfg.Probes) == 0 {
		cfg.Probes = []Probe{{Type: "User", Attribute: "userName"}}
	}
	if scimclient.IsLoopbackHost(u.Hostname()) {
		cfg.Guard.AllowLoopback = true
	}
	c := cfg.Client
	c.BaseURL, c.Token = u, cfg.Token
	c.Pacing.Rate, c.Pacing.Concurrency = cfg.RateLimit, cfg.Concurrency
	if c.HTTP == nil {
		c.HTTP = &http.Client{Transport: cfg.Guard.Transport(cfg.TLS, max(cfg.Concurrency, 32))}
	}
	client, err := scimclient.New(c)
	if err != nil {
		return nil, err
	}
	return &Target{cfg: cfg, url: u, client: client}, nil
}

// Requests is how many HTTP requests were made so far, retries and discovery included.
func (t *Target) Requests() int64 { return t.client.Requests() }

// Concurrency is how many requests the service bears at once, as far as is known now.
func (t *Target) Concurrency() int { return t.client.Concurrency() }

// Close ends idle connections.
func (t *Target) Close() { t.client.CloseIdleConnections() }

// prepare asks the service once what it is. A service that will not say is used as if it could everything, and proves otherwise request by request.
func (t *Target) prepare(ctx context.Context) {
	if t.asked.Load() {
		return
	}
	_, err := t.client.Discover(ctx)
	if err == nil || ctx.Err() == nil {
		t.asked.Store(true)
	}
}

// Probe checks credentials and compatibility with a filtered query for a random GUID, which must answer 200 and an empty list. Refused credentials
// and answers that are not SCIM are fatal: no object can succeed.
func (t *Target) Probe(ctx context.Context, typ, attribute string) error {
	return t.probe(ctx, Probe{Type: typ, Attribute: attribute})
}

func (t *Target) probe(ctx context.Context, p Probe) error {
	path, err := t.client.Schemas(p.Type).ParsePath(p.Attribute)
	if err != nil {
		return mappingError(err)
	}
	q := scimclient.Query{Filter: path.Filter(newGUID()), Excluded: unread(p.Type), PageSize: scimclient.NoPageSize}
	for r, err := range t.client.List(ctx, p.Type, q) {
		if err != nil {
			return targetError(probing, err)
		}
		return &provisioning.TargetError{Code: incompatible, Status: http.StatusOK, Fatal: true, Detail: fmt.Sprintf(
			"asked for the %s whose %s is a random value, the service returned one (id %s) instead of an empty list: it ignores filters on %s, "+
				"so that accounts cannot be matched; choose a matching attribute that it can filter", p.Type, p.Attribute, r.ID(), p.Attribute)}
	}
	return nil
}

// unread names what is never read back: a group's members, which may be thousands.
func unread(typ string) []string {
	if typ == "Group" {
		return []string{"members"}
	}
	return nil
}

// newGUID returns a random UUID (version 4).
func newGUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
