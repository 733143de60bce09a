package scimclient

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rollcall-id/rollcall/scim"
)

// Config says whom to talk to and how. Only BaseURL is required.
type Config struct {
	BaseURL *url.URL // from ValidateBaseURL; its path and query are kept on every request
	Token   string   // bearer token; empty: no Authorization header

	// HTTP lends its Transport, Jar and Timeout; redirects are this client's own business. nil: Guard's transport, loopback allowed only where the
	// base URL's host is a loopback host by its own words.
	HTTP      *http.Client
	UserAgent string         // empty: Rollcall-SCIM
	Registry  *scim.Registry // spelling and types of the attributes that are read; nil: scim.Core()

	Timeout      time.Duration // of one try, answer included; 0: 60 s
	MaxBody      int64         // largest answer read, bytes; 0: 16 MiB
	PageSize     int           // resources asked for at once when listing; 0: 100
	DiscoveryTTL time.Duration // how long discovery is believed; 0: 1 h
	Pacing       Pacing
	Retry        Retry

	Now     func() time.Time                           // nil: time.Now
	Sleep   func(context.Context, time.Duration) error // nil: a timer
	Jitter  func() float64                             // in [0,1); safe for concurrent use; nil: math/rand/v2
	Observe func(Attempt)                              // called after every HTTP request; nil: nobody looks
}

// Attempt is one HTTP request that was made, for logs and metrics. It holds no values of people: the query is left out.
type Attempt struct {
	Op       string // method and path below the base URL
	Status   int    // 0: no answer
	Duration time.Duration
	Try      int   // 1 for the first
	Err      error // why there was no usable answer, if so
}

// Client talks to one SCIM service. It is safe for concurrent use; the pacing applies to all its calls together.
type Client struct {
	cfg       Config
	http      *http.Client
	pace      *pacer
	discovery discoveryCache
	requests  atomic.Int64
}

// New returns a client, or an error that says what is wrong with the configuration.
func New(cfg Config) (*Client, error) {
	if cfg.BaseURL == nil || cfg.BaseURL.Host == "" {
		return nil, fmt.Errorf("scimclient: no base URL")
	}
	if err := checkToken(cfg.Token); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	c := &Client{cfg: cfg, http: &http.Client{}, pace: newPacer(cfg.Pacing, &cfg), discovery: newDiscoveryCache()}
	if cfg.HTTP != nil {
		*c.http = *cfg.HTTP
	} else {
		guard := Guard{AllowLoopback: IsLoopbackHost(cfg.BaseURL.Hostname())}
		c.http.Transport = guard.Transport(nil, int(c.pace.most))
	}
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c, nil
}

func (cfg Config) withDefaults() Config {
	if cfg.UserAgent == "" {
		cfg.UserAgent = "Rollcall-SCIM"
	}
	if cfg.Registry == nil {
		cfg.Registry = scim.Core()
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = time.Minute
	}
	if cfg.MaxBody <= 0 {
		cfg.MaxBody = 16 << 20
	}
	if cfg.PageSize <= 0 {
		cfg.PageSize = 100
	}
	if cfg.DiscoveryTTL <= 0 {
		cfg.DiscoveryTTL = time.Hour
	}
	cfg.Retry = cfg.Retry.withDefaults()
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Sleep == nil {
		cfg.Sleep = sleep
	}
	if cfg.Jitter == nil {
		cfg.Jitter = rand.Float64
	}
	return cfg
}

// checkToken refuses what could not be sent as a header, without repeating it.
func checkToken(token string) error {
	for i := range len(token) {
		if token[i] <= ' ' || token[i] >= 0x7f {
			return fmt.Errorf("the secret token contains a space, a line break or a character outside ASCII at position %d: "+
				"copy it again, without anything around it", i+1)
		}
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Requests is how many HTTP requests were made so far, retries, redirects and discovery included.
func (c *Client) Requests() int64 { return c.requests.Load() }

// Concurrency is how many requests may be in flight now: what Pacing fixed, or what the service was found to bear.
func (c *Client) Concurrency() int { return c.pace.concurrency() }

// CloseIdleConnections ends the connections that are kept for later.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// BaseURL returns the base URL as text.
func (c *Client) BaseURL() string { return c.cfg.BaseURL.String() }

type traceparentKey struct{}

var traceparent = regexp.MustCompile(`^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$`)

// WithTraceparent returns a context whose requests carry the header traceparent (W3C Trace Context), so that one change can be followed into the
// service's own logs. A value of another form is ignored.
func WithTraceparent(ctx context.Context, value string) context.Context {
	if !traceparent.MatchString(value) {
		return ctx
	}
	return context.WithValue(ctx, traceparentKey{}, value)
}

func (c *Client) header(ctx context.Context, r *request) http.Header {
	h := http.Header{}
	h.Set("Accept", "application/scim+json, application/json;q=0.9")
	h.Set("User-Agent", c.cfg.UserAgent)
	if c.cfg.Token != "" {
		h.Set("Authorization", "Bearer "+c.cfg.Token)
	}
	if r.body != nil {
		h.Set("Content-Type", "application/scim+json")
	}
	if r.ifMatch != "" {
		h.Set("If-Match", r.ifMatch)
	}
	if t, ok := ctx.Value(traceparentKey{}).(string); ok {
		h.Set("Traceparent", t)
	}
	return h
}

// endpoint is the path segment of a resource type: Users for User, Groups for Group, the name itself for anything else.
func endpoint(typ string) string {
	switch strings.ToLower(typ) {
	case "user":
		return "Users"
	case "group":
		return "Groups"
	}
	return typ
}
