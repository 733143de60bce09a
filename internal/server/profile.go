package server

import (
	"context"
	"net/netip"
	"strconv"
	"strings"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/fault"
	target "github.com/rollcall-id/rollcall/internal/target/scim"
	"github.com/rollcall-id/rollcall/scim/scimclient"
)

// Addresses are those that SCIM targets may have besides public ones. The zero value is: private networks, because whoever names a target here administers
// this machine, and private networks are where in-house applications live. Link-local addresses, where cloud machines keep their credentials, are closed.
type Addresses struct {
	listed bool // a list was given: private networks are open only as far as it goes
	allow  []netip.Prefix
}

// noAddresses is the list that allows public addresses only.
const noAddresses = "none"

// ParseAddresses reads a list of addresses and networks, or "none"; an empty list is the zero value.
func ParseAddresses(list []string) (Addresses, error) {
	a := Addresses{listed: len(list) > 0}
	for _, text := range list {
		text = strings.TrimSpace(text)
		if strings.EqualFold(text, noAddresses) && len(list) == 1 {
			continue
		}
		if one, err := netip.ParseAddr(text); err == nil && one.Zone() == "" {
			a.allow = append(a.allow, netip.PrefixFrom(one.Unmap(), one.Unmap().BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(text)
		if err != nil || p != p.Masked() {
			return Addresses{}, fault.Errorf(fault.ErrInvalid,
				"--allow-address %.100q: expected an address or a network such as 10.20.0.0/16, written from its first address, or %s alone", text, noAddresses)
		}
		a.allow = append(a.allow, p)
	}
	return a, nil
}

func (a Addresses) guard() scimclient.Guard {
	return scimclient.Guard{AllowPrivate: !a.listed, Allow: a.allow}
}

// applyProfile turns what is known of a service into how it is spoken to. What was found says only what is missing: that something is there, the service's own
// word is fresher.
func applyProfile(cfg *target.Config, p application.Profile) {
	support := func(key string, believeFound bool) scimclient.Support {
		switch value, from := p.Value(key); {
		case from == application.FromFound && (!believeFound || value != "off"):
			return scimclient.Unknown
		case value == "on":
			return scimclient.Yes
		case value == "off":
			return scimclient.No
		}
		return scimclient.Unknown
	}
	cfg.Patch, cfg.Put, cfg.ETag = support(application.ProfilePatch, true), support(application.ProfilePut, false), support(application.ProfileETag, false)
	if value, from := p.Value(application.ProfileDialect); from != application.FromDefault {
		cfg.Dialect = target.Dialect(value)
	}
	value, _ := p.Value(application.ProfileMemberBatch)
	cfg.MemberBatch, _ = strconv.Atoi(value)
	if value, _ := p.Value(application.ProfileRateLimit); cfg.RateLimit == 0 {
		cfg.RateLimit, _ = strconv.ParseFloat(strings.TrimSuffix(value, "/s"), 64)
	}
}

// foundFacts writes what a test found as a profile keeps it. What could not be found out is left out.
func foundFacts(f *target.Found) map[string]string {
	out := map[string]string{}
	for key, s := range map[string]scimclient.Support{
		application.ProfilePatch: f.Patch, application.ProfileGroups: f.Groups, application.ProfileActive: f.Active,
		application.ProfileETag: f.ETag, application.ProfileBulk: f.Bulk,
	} {
		switch s {
		case scimclient.Yes:
			out[key] = "on"
		case scimclient.No:
			out[key] = "off"
		case scimclient.Unknown:
		}
	}
	if len(f.Filter) > 0 {
		out[application.ProfileFilter] = strings.Join(f.Filter, ",")
	}
	if f.Pagination != "" {
		out[application.ProfilePagination] = f.Pagination
	}
	if f.PageSize > 0 {
		out[application.ProfilePageSize] = strconv.Itoa(f.PageSize)
	}
	return out
}

// SetProfile changes what is known of the application's service: KEY=VALUE, KEY=auto takes one back.
func (s *System) SetProfile(ctx context.Context, app application.Application, pairs []string) (application.Profile, error) {
	p, err := s.Store.Profile(ctx, app.ID)
	if err != nil {
		return p, err
	}
	if p.Overrides, err = p.With(pairs...); err != nil {
		return p, err
	}
	return p, s.Store.SaveOverrides(ctx, app.ID, p.Overrides)
}

// Found remembers what a test connection found.
func (s *System) Found(ctx context.Context, app application.Application, found map[string]string) error {
	return s.Store.SaveFound(ctx, app.ID, found, s.now())
}
