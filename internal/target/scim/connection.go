package scim

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/scim/scimclient"
)

// Step is one step of a test connection (design/cli.md, `app test --json`).
type Step struct {
	Name       string `json:"name"`
	OK         bool   `json:"ok"`
	Detail     string `json:"detail"`
	DurationMS int64  `json:"durationMs"`
}

const stepTime = 30 * time.Second

// TestConnection walks the way to the service step by step, so that the first step that fails names the cause: the host name, the connection, the
// certificate, the secret token, a filter for a random value for each probe, and at last what the service says of itself. Discovery is optional for
// a service, so that its absence is reported and does not fail. Steps after a failed one are listed as not reached. Nothing is written.
func (t *Target) TestConnection(ctx context.Context) []Step {
	r := &connectionTest{target: t, now: time.Now}
	if t.cfg.Client.Now != nil {
		r.now = t.cfg.Client.Now
	}
	r.step(ctx, "dns", r.resolve)
	r.step(ctx, "tcp", r.dial)
	if t.url.Scheme == "https" {
		r.step(ctx, "tls", r.handshake)
	}
	r.step(ctx, "authentication", r.authenticate)
	for _, p := range t.cfg.Probes {
		r.step(ctx, probeName(p), func(ctx context.Context) (string, error) { return r.filter(ctx, p) })
	}
	r.step(ctx, "discovery", r.discover)
	return r.steps
}

// OK reports whether all steps succeeded.
func OK(steps []Step) bool {
	for _, s := range steps {
		if !s.OK {
			return false
		}
	}
	return len(steps) > 0
}

func probeName(p Probe) string { return strings.ToLower(p.Type) + " filter" }

type connectionTest struct {
	target  *Target
	now     func() time.Time
	steps   []Step
	failed  string // name of the step that failed
	address []netip.Addr
	first   error // outcome of the first probe, made by authenticate
}

func (r *connectionTest) step(ctx context.Context, name string, do func(context.Context) (string, error)) {
	s := Step{Name: name}
	if r.failed != "" {
		s.Detail = "not reached, because the step " + r.failed + " failed"
		r.steps = append(r.steps, s)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	start := r.now()
	detail, err := do(ctx)
	s.OK, s.Detail, s.DurationMS = err == nil, detail, r.now().Sub(start).Milliseconds()
	if err != nil {
		s.Detail = plain(err)
		r.failed = name
	}
	r.steps = append(r.steps, s)
}

// plain is the detail of an error without its code.
func plain(err error) string {
	if e, ok := errors.AsType[*provisioning.TargetError](err); ok {
		return e.Detail
	}
	return err.Error()
}

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
		return "", refused
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
		return "", fmt.Errorf("the secure connection failed: %w: the certificate must be valid for %s and come with its intermediate certificates",
			err, config.ServerName)
	}
	state := secure.ConnectionState()
	leaf := state.PeerCertificates[0]
	return fmt.Sprintf("%s, certificate of %s, valid until %s",
		tls.VersionName(state.Version), leaf.Issuer.CommonName, leaf.NotAfter.UTC().Format(time.DateOnly)), nil
}

// authenticate makes the first probe and looks only at whether the token was accepted; what else is wrong belongs to the step after it.
func (r *connectionTest) authenticate(ctx context.Context) (string, error) {
	r.first = r.target.probe(ctx, r.target.cfg.Probes[0])
	e, ok := errors.AsType[*provisioning.TargetError](r.first)
	switch {
	case ok && (e.Code == unauthorized || e.Code == insufficientRights):
		return "", r.first
	case ok && e.Status == 0:
		return "", r.first
	case r.target.cfg.Token == "":
		return "no secret token is set; the service asks for none", nil
	}
	return "the secret token was accepted", nil
}

func (r *connectionTest) filter(ctx context.Context, p Probe) (string, error) {
	err := r.first
	if p != r.target.cfg.Probes[0] {
		err = r.target.probe(ctx, p)
	}
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("asked for a %s whose %s is a random value, the service answered with an empty list, as it should", p.Type, p.Attribute), nil
}

func (r *connectionTest) discover(ctx context.Context) (string, error) {
	d, err := r.target.client.Discover(ctx)
	if err != nil {
		return "", targetError(probing, err)
	}
	words := []string{"PATCH " + word(d.Config.Patch), "bulk " + word(d.Config.Bulk), "sorting " + word(d.Config.Sort), "ETag " + word(d.Config.ETag)}
	detail := strings.Join(words, ", ")
	if !d.Complete() {
		detail += "; not offered (what is usual is assumed): " + strings.Join(d.Missing, "; ")
	}
	return detail, nil
}

func word(s scimclient.Support) string {
	switch s {
	case scimclient.Yes:
		return "yes"
	case scimclient.No:
		return "no"
	}
	return "not said"
}
