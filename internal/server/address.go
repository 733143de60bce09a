package server

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/rollcall-id/rollcall/internal/fault"
)

// proxies are the addresses of the proxies in front of us, whose X-Forwarded-For is believed. Anybody else could write there what they like.
type proxies []netip.Prefix

// maxForwarded is how many entries of X-Forwarded-For are looked at.
const maxForwarded = 32

// parseProxies reads addresses and networks: 10.0.0.0/8, 192.0.2.7, 2001:db8::/32.
func parseProxies(texts []string) (proxies, error) {
	var out proxies
	for _, text := range texts {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			a, addrErr := netip.ParseAddr(text)
			if addrErr != nil {
				return nil, fault.Errorf(fault.ErrInvalid, "%.80q is not a network; --trusted-proxy takes one such as 10.0.0.0/8, or an address", text)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

func (p proxies) trusts(a netip.Addr) bool {
	for _, network := range p {
		if network.Contains(a) {
			return true
		}
	}
	return false
}

// client is the address that a request comes from, as far as it can be known for sure: the nearest one that is not a trusted proxy. The zero address stands
// for what cannot be read.
func (p proxies) client(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	from := peer.Addr().Unmap().WithZone("")
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && len(hops)-i <= maxForwarded && p.trusts(from); i-- {
		hop, ok := parseHop(strings.TrimSpace(hops[i]))
		if !ok {
			break
		}
		from = hop
	}
	return from
}

// parseHop reads an entry of X-Forwarded-For: an address, to which some proxies add the port.
func parseHop(text string) (netip.Addr, bool) {
	hop, err := netip.ParseAddr(text)
	if err != nil {
		withPort, err := netip.ParseAddrPort(text)
		if err != nil {
			return netip.Addr{}, false
		}
		hop = withPort.Addr()
	}
	return hop.Unmap().WithZone(""), true
}

// subscriber is what limits count as one: of IPv6 the network of 64 bits, which is what a single customer gets.
func subscriber(a netip.Addr) netip.Addr {
	const customer = 64
	if !a.Is6() {
		return a
	}
	network, err := a.Prefix(customer)
	if err != nil {
		return a
	}
	return network.Addr()
}
