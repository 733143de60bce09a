package scimclient

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// Guard decides which addresses may be connected to, so that the address of a SCIM service, which a tenant's administrator types, cannot be used to
// reach into the network this process runs in (server-side request forgery). It is asked about the resolved address at the moment of dialling: a
// name that resolves differently on second sight gains nothing. The zero Guard allows public addresses only.
type Guard struct {
	AllowLoopback bool           // 127.0.0.0/8, ::1
	AllowPrivate  bool           // RFC 1918, RFC 6598 (shared), RFC 4193 (unique local)
	Allow         []netip.Prefix // more, whatever they are: the only way to a link-local address
}

// AddressError says that the guard refused an address.
type AddressError struct {
	Address netip.Addr
	Why     string
}

func (e *AddressError) Error() string {
	return fmt.Sprintf("the host resolves to %s, %s, and connections there are not allowed for this application", e.Address, e.Why)
}

// Control is for net.Dialer.Control: it refuses the connection before a packet is sent.
func (g Guard) Control(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("dial %s: not an address and port: %w", address, err)
	}
	return g.Check(ap.Addr())
}

// Check returns *AddressError for an address that is not allowed.
func (g Guard) Check(a netip.Addr) error {
	a = embedded(a.WithZone("").Unmap())
	for _, p := range g.Allow {
		if p.Contains(a) {
			return nil
		}
	}
	if why := g.refuses(a); why != "" {
		return &AddressError{Address: a, Why: why}
	}
	return nil
}

func (g Guard) refuses(a netip.Addr) string {
	switch {
	case a.IsLoopback():
		if g.AllowLoopback {
			return ""
		}
		return "a loopback address (this machine itself)"
	case a.IsLinkLocalUnicast(), a.IsLinkLocalMulticast():
		return "a link-local address (where cloud machines keep their metadata service)"
	case a.IsPrivate(), within(a, "100.64.0.0/10"):
		if g.AllowPrivate {
			return ""
		}
		return "an address of a private network"
	case a.IsUnspecified(), a.IsMulticast(), reserved(a):
		return "an address that belongs to no host on the Internet"
	}
	return ""
}

// embedded unwraps addresses that carry an IPv4 address a translator would connect to: NAT64 (RFC 6052) and 6to4 (RFC 3056).
func embedded(a netip.Addr) netip.Addr {
	b := a.As16()
	switch {
	case within(a, "64:ff9b::/96"):
		return netip.AddrFrom4([4]byte(b[12:16]))
	case within(a, "2002::/16"):
		return netip.AddrFrom4([4]byte(b[2:6]))
	}
	return a
}

func reserved(a netip.Addr) bool {
	for _, p := range []string{"0.0.0.0/8", "192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4", "64:ff9b:1::/48", "100::/64", "fec0::/10"} {
		if within(a, p) {
			return true
		}
	}
	return false
}

func within(a netip.Addr, prefix string) bool {
	p, err := netip.ParsePrefix(prefix)
	return err == nil && p.Contains(a)
}

// Dialer returns a dialer that keeps to the guard.
func (g Guard) Dialer() *net.Dialer {
	return &net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second, Control: g.Control}
}

// Transport returns a transport for one service: guarded, TLS 1.2 at least, certificates always verified, as many idle connections kept as there
// may be requests in flight. It uses no proxy, because a proxy would connect on our behalf without asking the guard. config may be nil.
func (g Guard) Transport(config *tls.Config, connections int) *http.Transport {
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return &http.Transport{
		DialContext:            g.Dialer().DialContext,
		TLSClientConfig:        config,
		TLSHandshakeTimeout:    15 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    max(2, connections),
		IdleConnTimeout:        90 * time.Second,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}
