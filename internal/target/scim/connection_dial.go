package scim

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
)

func (r *connectionTest) resolve(ctx context.Context) (string, error) {
	host := r.target.url.Hostname()
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return "", fmt.Errorf("%s cannot be resolved: %w: check the tenant URL for typing errors", host, err)
	}
	var texts []string
	var refused error
	for _, a := range addresses {
		a = a.Unmap()
		if err := r.target.cfg.Guard.Check(a); err != nil {
			refused = err
			continue
		}
		r.address = append(r.address, a)
		texts = append(texts, a.String())
	}
	if len(r.address) == 0 && refused != nil {
		return "", fmt.Errorf("%w: %s", refused, allowAddress)
	}
	if len(r.address) == 0 {
		return "", fmt.Errorf("%s has no address", host)
	}
	return host + " is " + strings.Join(texts, ", "), nil
}

// connect dials the addresses in turn, as the transport would.
func (r *connectionTest) connect(ctx context.Context) (net.Conn, error) {
	port := r.target.url.Port()
	if port == "" {
		port = "443"
		if r.target.url.Scheme == "http" {
			port = "80"
		}
	}
	var last error
	for _, a := range r.address {
		conn, err := r.target.cfg.Guard.Dialer().DialContext(ctx, "tcp", net.JoinHostPort(a.String(), port))
		if err == nil {
			return conn, nil
		}
		last = err
	}
	return nil, fmt.Errorf("no connection to port %s: %w: check the port, and the firewall between here and the service", port, last)
}

func (r *connectionTest) dial(ctx context.Context) (string, error) {
	conn, err := r.connect(ctx)
	if err != nil {
		return "", err
	}
	remote := conn.RemoteAddr().String()
	return "connected to " + remote, conn.Close()
}

func (r *connectionTest) handshake(ctx context.Context) (detail string, err error) {
	conn, err := r.connect(ctx)
	if err != nil {
		return "", err
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if r.target.cfg.TLS != nil {
		config = r.target.cfg.TLS.Clone()
	}
	if config.ServerName == "" {
		config.ServerName = r.target.url.Hostname()
	}
	secure := tls.Client(conn, config)
	defer func() {
		if closeErr := secure.Close(); err == nil && !errors.Is(closeErr, net.ErrClosed) {
			err = closeErr
		}
	}()
	if err := secure.HandshakeContext(ctx); err != nil {
		return "", explainTLS(err, config.ServerName, r.now())
	}
	return describeTLS(secure.ConnectionState(), r.now()), nil
}
