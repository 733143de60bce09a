package scimclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/rollcall-id/rollcall/scim"
)

// Support is what a service says of one of its abilities.
type Support int8

// The answers. Unknown is what a service without discovery says; it is tried as if it were Yes.
const (
	Unknown Support = iota
	Yes
	No
)

// ProviderConfig is the ServiceProviderConfig (RFC 7643 section 5, RFC 9865 section 4) as far as a client uses it. It is an advertisement: services
// say more and less than they do.
type ProviderConfig struct {
	Patch, Bulk, Filter, Sort, ETag, ChangePassword Support
	CursorPaging, IndexPaging                       Support

	MaxResults    int // most resources in an answer; 0: not said
	MaxOperations int // most operations in a bulk request; 0: not said
	MaxPayload    int // largest bulk request in bytes; 0: not said
	MaxPageSize   int // 0: not said
}

// ResourceType is one entry of /ResourceTypes.
type ResourceType struct {
	Name       string
	Endpoint   string
	Schema     string
	Extensions []string // URNs
}

// Discovery is what a service says of itself.
type Discovery struct {
	At      time.Time
	Config  ProviderConfig
	Types   []ResourceType
	Schemas []*scim.Schema
	Missing []string // endpoints that gave nothing usable, with the reason: "Schemas: 404 …"
}

// Complete reports whether all three endpoints answered.
func (d *Discovery) Complete() bool { return len(d.Missing) == 0 }

type discoveryCache struct {
	turn  chan struct{} // one discovers, others wait for it or give up with their context
	value *atomic.Pointer[Discovery]
}

func newDiscoveryCache() discoveryCache {
	return discoveryCache{turn: make(chan struct{}, 1), value: &atomic.Pointer[Discovery]{}}
}

func (d discoveryCache) known() *Discovery { return d.value.Load() }

// Discovered returns what was discovered so far without asking, however old it is; nil: nothing yet.
func (c *Client) Discovered() *Discovery { return c.discovery.known() }

// Discover reads ServiceProviderConfig, ResourceTypes and Schemas, and remembers them for Config.DiscoveryTTL. That some of them are missing is no
// error: many services have none. Refused credentials, a pause and a service that does not answer are errors.
func (c *Client) Discover(ctx context.Context) (*Discovery, error) {
	select {
	case c.discovery.turn <- struct{}{}:
		defer func() { <-c.discovery.turn }()
	case <-ctx.Done():
		return nil, c.notSent(&request{method: http.MethodGet, segments: []string{"ServiceProviderConfig"}}, ctx.Err())
	}
	if d := c.discovery.known(); d != nil && c.cfg.Now().Sub(d.At) < c.cfg.DiscoveryTTL {
		return d, nil
	}
	d := &Discovery{At: c.cfg.Now()}
	for _, part := range []struct {
		name string
		read func(map[string]any, *Discovery)
	}{
		{"ServiceProviderConfig", readConfig},
		{"ResourceTypes", readTypes},
		{"Schemas", readSchemas},
	} {
		m, err := c.describe(ctx, part.name)
		if err != nil {
			return nil, err
		}
		if m.missing != "" {
			d.Missing = append(d.Missing, part.name+": "+m.missing)
			continue
		}
		part.read(m.object, d)
	}
	c.discovery.value.Store(d)
	return d, nil
}

type description struct {
	object  map[string]any
	missing string // why there is no object
}

func (c *Client) describe(ctx context.Context, name string) (description, error) {
	r := &request{method: http.MethodGet, segments: []string{name}}
	a, err := c.do(ctx, r)
	if err != nil {
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Status == 0 || e.Status == http.StatusUnauthorized || e.Throttled() {
			return description{}, err
		}
		return description{missing: fmt.Sprintf("%d %s", e.Status, e.Detail)}, nil
	}
	m, unusable := c.listing(r, a, "the "+name)
	if unusable != nil {
		return description{missing: unusable.Detail}, nil //nolint:nilerr // what is not usable is reported as missing, by contract
	}
	return description{object: m}, nil
}

func readConfig(m map[string]any, d *Discovery) {
	support := func(name string) Support {
		sub, _ := field(m, name).(map[string]any)
		return supported(field(sub, "supported"))
	}
	number := func(name, sub string) int {
		o, _ := field(m, name).(map[string]any)
		n, _ := integer(field(o, sub))
		return max(0, n)
	}
	paging, _ := field(m, "pagination").(map[string]any)
	d.Config = ProviderConfig{
		Patch: support("patch"), Bulk: support("bulk"), Filter: support("filter"), Sort: support("sort"), ETag: support("etag"),
		ChangePassword: support("changePassword"),
		CursorPaging:   supported(field(paging, "cursor")), IndexPaging: supported(field(paging, "index")),
		MaxResults: number("filter", "maxResults"), MaxOperations: number("bulk", "maxOperations"), MaxPayload: number("bulk", "maxPayloadSize"),
		MaxPageSize: number("pagination", "maxPageSize"),
	}
}

func supported(v any) Support {
	switch b, ok := truth(v); {
	case !ok:
		return Unknown
	case b:
		return Yes
	}
	return No
}
