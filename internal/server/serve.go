package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/notify"
	"github.com/rollcall-id/rollcall/internal/record"
)

// ServeOptions are the flags of `rollcall serve`.
type ServeOptions struct {
	Listen        string  // host:port; port 0 picks a free one
	PublicURL     string  // how clients reach us, without a trailing slash; empty: as each request says
	TLSCert       string  // PEM files; both or none
	TLSKey        string  //
	SCIMRateLimit float64 // requests per second and token, at least those that are guaranteed; 0: no limit
	// AddressRateLimit is requests per second and client address with no valid token behind them; 0: no limit.
	AddressRateLimit float64
	TrustedProxies   []string // addresses and networks whose X-Forwarded-For is believed
	// RequestLogRetention is how long requests to SCIM endpoints are kept; 0: they are not logged.
	RequestLogRetention time.Duration
	// ProvisioningLogRetention is how long records of provisioning are kept; 0: for ever.
	ProvisioningLogRetention time.Duration
	NoSchedule               bool          // run no cycles of our own
	AllowHTTP                bool          // plain HTTP on other addresses than loopback: a proxy in front ends TLS
	patience                 patience      // zero: the usual one
	Mail                     notify.Sender // nil: mails are not sent
	// Ready is called once with the base URL when the server accepts connections.
	Ready func(url string)
}

// patience is how long a client may take over its headers, and over a whole request.
type patience struct{ header, request time.Duration }

func (p patience) orUsual() patience {
	if p.header == 0 {
		p.header = 10 * time.Second
	}
	if p.request == 0 {
		p.request = 2 * time.Minute
	}
	return p
}

const (
	drainTime      = 20 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 64 << 10
)

// Serve runs the server until the context ends, then drains: open requests are answered, running cycles end after their current request.
func (s *System) Serve(ctx context.Context, o ServeOptions) (err error) {
	listener, scheme, err := listen(ctx, o)
	if err != nil {
		return err
	}
	recorder, stopRecorder, err := s.startRecorder(ctx, o.RequestLogRetention)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, stopRecorder()) }()
	handler, err := s.handler(o, recorder)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	patience := o.patience.orUsual()
	srv := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: patience.header,
		ReadTimeout:       patience.request,
		WriteTimeout:      patience.request,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.logger.Handler(), slog.LevelDebug),
	}
	var stopSchedule func(context.Context) error
	if !o.NoSchedule {
		if stopSchedule, err = s.startSchedule(ctx); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	defer s.watchTokens(ctx)()
	defer s.purgeLog(ctx, o.ProvisioningLogRetention)()
	defer s.deliverMails(ctx, o.Mail)()
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	if o.Ready != nil {
		o.Ready(scheme + "://" + listener.Addr().String())
	}
	select {
	case err = <-served:
	case <-ctx.Done():
		err = nil
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	// Side by side, so that a cycle that waits for its target does not use up the time of open requests.
	stopped := make(chan error, 1)
	go func() {
		if stopSchedule == nil {
			stopped <- nil
			return
		}
		stopped <- stopSchedule(drain)
	}()
	err = errors.Join(err, srv.Shutdown(drain))
	return errors.Join(err, <-stopped)
}

// listen opens the socket. Plain HTTP is for loopback, where nobody else listens in, and for a proxy in front that ends TLS.
func listen(ctx context.Context, o ServeOptions) (net.Listener, string, error) {
	if (o.TLSCert == "") != (o.TLSKey == "") {
		return nil, "", fault.Errorf(fault.ErrInvalid, "TLS needs both --tls-cert and --tls-key, and only one was given")
	}
	if o.TLSCert == "" && !o.AllowHTTP && !loopback(o.Listen) {
		return nil, "", fault.Errorf(fault.ErrInvalid, "%q can be reached by others, and without TLS they can read the secret tokens on the way: give "+
			"--tls-cert and --tls-key, or --allow-http when a proxy in front ends TLS", o.Listen)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", o.Listen)
	if err != nil {
		return nil, "", fmt.Errorf("listen on %q: %w; choose another address with --listen HOST:PORT (port 0 picks a free one)", o.Listen, err)
	}
	if o.TLSCert == "" {
		return l, "http", nil
	}
	cert, err := tls.LoadX509KeyPair(o.TLSCert, o.TLSKey)
	if err != nil {
		return nil, "", errors.Join(fmt.Errorf("load the TLS certificate %q with key %q: %w", o.TLSCert, o.TLSKey, err), l.Close())
	}
	return tls.NewListener(l, &tls.Config{
		Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
	}), "https", nil
}

// loopback reports whether only this machine can reach the address.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return true // listening says what is wrong with it
	}
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || (ip != nil && ip.IsLoopback())
}

// Handler is the whole HTTP surface.
func (s *System) Handler(o ServeOptions) (http.Handler, error) { return s.handler(o, nil) }

// handler is Handler with a log of requests; nil: none.
func (s *System) handler(o ServeOptions, recorder *record.Recorder) (http.Handler, error) {
	scim, err := newSCIMMount(s, o, recorder)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		plain(w, http.StatusOK, "Rollcall is running. SCIM endpoints are at /api/scim/{organization-slug}.")
	})
	// The standard mux would answer a doubled slash with a redirect, which loses the body of a POST: SCIM paths never reach it.
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if scim.owns(r.URL.Path) {
			scim.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}), nil
}

// ready answers whether the database does.
func (s *System) ready(w http.ResponseWriter, r *http.Request) {
	if _, err := s.Store.Organizations(r.Context()); err != nil {
		s.logger.Error("not ready", "error", err)
		plain(w, http.StatusServiceUnavailable, "the database does not answer")
		return
	}
	plain(w, http.StatusOK, "ready")
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
}
