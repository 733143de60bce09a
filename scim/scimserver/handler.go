package scimserver

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/rollcall-id/rollcall/scim"
)

// Limits of the protocol that a Config may lower or raise.
const (
	DefaultMaxBody  = 1 << 20 // bytes of a request body
	DefaultPageSize = 100     // resources of a page when the client does not say
	DefaultMaxPage  = 1000    // resources of a page at most: filter.maxResults of the ServiceProviderConfig

	DefaultMaxBulkOperations = 1000             // bulk.maxOperations of the ServiceProviderConfig
	DefaultMaxBulkTime       = 90 * time.Second // of a bulk request; operations that are not reached by then are answered 503
)

// Config describes a service. Only Registry and either Backend or Authenticate are needed.
type Config struct {
	Registry *scim.Registry

	// Backend and Profile serve requests when Authenticate is nil: then everybody may do everything.
	Backend Backend
	Profile scim.Profile

	// Authenticate decides who asks and what they may act on. It is called for every request but GET /ServiceProviderConfig, which has to be readable
	// without credentials (RFC 7644, 4). Its error is answered as it is when it is a *scim.Error (401 gets a WWW-Authenticate header) or a *Throttled.
	Authenticate func(r *http.Request) (Tenant, error)

	// Public is asked before GET /ServiceProviderConfig is answered, for which Authenticate is not; its error is answered in the same way. nil: everybody may
	// read it, as often as they like.
	Public func(r *http.Request) error

	// BaseURL is the address of the service as clients see it, without a trailing slash: https://example.com/scim. nil: scheme and host of the request.
	BaseURL func(r *http.Request) string

	// Observe is told about every request after it was answered. It must not block.
	Observe func(r *http.Request, e Event)
	Logger  *slog.Logger // for panics and causes of 500; nil: slog.Default()

	MaxBody  int64 // bytes, also bulk.maxPayloadSize; 0: DefaultMaxBody
	PageSize int   // 0: DefaultPageSize
	MaxPage  int   // 0: DefaultMaxPage

	NoBulk            bool          // bulk requests are answered 501
	MaxBulkOperations int           // 0: DefaultMaxBulkOperations
	MaxBulkTime       time.Duration // should leave time to send the answer; 0: DefaultMaxBulkTime

	// CursorKey is the secret, 32 bytes or more, that cursors of pages are encrypted with; a key of their own is derived from it. Give all nodes of a service
	// the same. nil: a random one, so that cursors end with the process.
	CursorKey []byte
	Now       func() time.Time // for the age of cursors and of resources; nil: time.Now

	DocumentationURI string                 // shown in the ServiceProviderConfig; empty: none
	Schemes          []AuthenticationScheme // shown in the ServiceProviderConfig; nil: bearer token
}

// Tenant is what an authenticated request may act on.
type Tenant struct {
	Backend Backend
	Profile scim.Profile
	Name    string // for the observer; cursors are bound to it
	// Principal is who asks, for example the id of a token. Cursors given to one are of no use to another.
	Principal string

	// Handler serves the request instead of the one that authenticated it, for a tenant that has resource types of its own: a handler of the same Config but
	// for the Registry. nil: the same one.
	Handler *Handler

	// Charge is told how many requests more than the one that was authenticated this one stands for: the operations of a bulk but one, before the first
	// runs. Taking them from the client's allowance, below nothing if need be, makes a bulk cost what its operations would cost one by one. nil: free.
	Charge func(n int)

	// Me is the resource that the client itself stands for: then /Me is another name of it (RFC 7644, 3.11). nil: /Me is answered 501.
	Me *Me

	Note   any // handed to the observer with every Event: what the embedding program wants to find there again
	Bodies int // how many bytes of each body the observer is shown; 0: none
}

// Me names a resource.
type Me struct {
	Type string // name of its resource type
	ID   string
}

// Throttled is an error of Authenticate: the client asks too often. It is answered 429 with Retry-After.
type Throttled struct {
	After time.Duration // rounded up to seconds
}

func (e *Throttled) Error() string {
	return "too many requests; wait for the time that the Retry-After header gives, then continue"
}

// Handler serves SCIM. Make it with New; it is safe for concurrent use.
type Handler struct {
	cfg      Config
	types    []*scim.ResourceType
	links    map[*scim.ResourceType][]string      // names of the multi-valued attributes that have a $ref
	splicers map[*scim.ResourceType]*scim.Splicer // of the types that have one
	cursors  cursors
	buffers  sync.Pool // *[]byte
}

// New returns the handler of a service. It does not modify the registry.
func New(cfg Config) *Handler {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.BaseURL == nil {
		cfg.BaseURL = requestBase
	}
	if cfg.MaxBody <= 0 {
		cfg.MaxBody = DefaultMaxBody
	}
	if cfg.MaxPage <= 0 {
		cfg.MaxPage = DefaultMaxPage
	}
	if cfg.PageSize <= 0 {
		cfg.PageSize = min(DefaultPageSize, cfg.MaxPage)
	}
	if cfg.MaxBulkOperations <= 0 {
		cfg.MaxBulkOperations = DefaultMaxBulkOperations
	}
	if cfg.MaxBulkTime <= 0 {
		cfg.MaxBulkTime = DefaultMaxBulkTime
	}
	if cfg.Schemes == nil {
		cfg.Schemes = []AuthenticationScheme{bearerScheme()}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	h := &Handler{
		cfg: cfg, types: cfg.Registry.Types(), links: make(map[*scim.ResourceType][]string),
		splicers: make(map[*scim.ResourceType]*scim.Splicer), cursors: newCursors(cfg.CursorKey, cfg.Now),
	}
	for _, rt := range h.types {
		h.links[rt], h.splicers[rt] = linkAttributes(rt), rt.Splicer()
	}
	h.buffers.New = func() any { b := make([]byte, 0, 4096); return &b }
	return h
}

func requestBase(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// call is one request on its way through the handler.
type call struct {
	h      *Handler
	w      http.ResponseWriter
	r      *http.Request
	method string // HEAD is handled as GET; net/http leaves the body out
	route  route
	tenant Tenant
	base   string
	event  Event
	sent   bool // the status line is out
}

// ServeHTTP answers one request. Every answer is a SCIM message, also after a panic.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{h: h, w: w, r: r, method: r.Method}
	began := time.Now()
	c.event.Method = r.Method
	defer func() {
		if p := recover(); p != nil {
			c.crash(p)
		}
		if h.cfg.Observe != nil {
			c.event.Endpoint = c.route.name()
			if c.event.ID == "" {
				c.event.ID = c.route.id
			}
			c.event.Tenant, c.event.Note = c.tenant.Name, c.tenant.Note
			c.event.Duration = time.Since(began)
			h.cfg.Observe(r, c.event)
		}
	}()
	if err := c.serve(); err != nil {
		c.fail(err)
	}
}

// serve authenticates before it says anything about paths: who has no credentials does not learn which exist.
func (c *call) serve() error {
	if c.method == http.MethodHead {
		c.method = http.MethodGet
	}
	var wrong error
	c.route, wrong = c.h.route(c.r.URL.Path)
	c.event.Endpoint = c.route.name()
	c.base = c.h.cfg.BaseURL(c.r)
	if err := c.admit(); err != nil {
		return err
	}
	if c.tenant.Handler != nil && c.tenant.Handler != c.h {
		c.h = c.tenant.Handler
		c.route, wrong = c.h.route(c.r.URL.Path)
	}
	if wrong != nil {
		return wrong
	}
	if c.route.loose {
		c.note(RuleLoosePath)
	}
	if c.route.kind == me {
		c.resolveMe()
	}
	if !c.route.allows(c.r.Method) {
		c.w.Header().Set("Allow", c.route.allow())
		return scim.Errorf(http.StatusMethodNotAllowed, "", "%q is not possible at %s; allowed are %s", clip(c.r.Method), c.route.name(), c.route.allow())
	}
	return c.dispatch()
}

// admit asks whether the request may be answered at all.
func (c *call) admit() error {
	if c.route.kind != providerConfig || c.method != http.MethodGet {
		return c.authenticate()
	}
	if c.h.cfg.Public != nil {
		return c.h.cfg.Public(c.r)
	}
	return nil
}

func (c *call) authenticate() (err error) {
	if c.h.cfg.Authenticate == nil {
		c.tenant = Tenant{Backend: c.h.cfg.Backend, Profile: c.h.cfg.Profile}
		return nil
	}
	c.tenant, err = c.h.cfg.Authenticate(c.r)
	return err
}

// resolveMe puts the resource that the client stands for in the place of /Me. Headers and meta.location then name its permanent address.
func (c *call) resolveMe() {
	self := c.tenant.Me
	if self == nil || c.route.id != "" {
		return
	}
	for _, rt := range c.h.types {
		if rt.Name == self.Type {
			c.route = route{kind: resource, rt: rt, id: self.ID}
		}
	}
}

func (c *call) dispatch() error {
	switch c.route.kind {
	case collection:
		if c.method == http.MethodPost {
			return c.write()
		}
		return c.query()
	case resource:
		if c.method == http.MethodGet {
			return c.get()
		}
		return c.write()
	case search, rootSearch:
		return c.search()
	case root:
		return c.query()
	case providerConfig:
		return c.providerConfig()
	case resourceTypes:
		return c.resourceTypes()
	case schemas:
		return c.schemas()
	case bulk:
		return c.bulk()
	case me:
		return scim.Errorf(http.StatusNotImplemented, "", "/Me is not offered: a provisioning token stands for a directory and not for a person")
	case unknown:
	}
	return scim.Errorf(http.StatusNotFound, "", "there is nothing at this address")
}

func (c *call) context() context.Context { return c.r.Context() }
