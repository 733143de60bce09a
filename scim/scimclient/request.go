package scimclient

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// request is one call before it is sent. It can be sent several times.
type request struct {
	method   string
	segments []string // path below the base URL, not escaped
	query    url.Values
	body     []byte // nil: none
	ifMatch  string
	list     bool // a list is expected: 404 is then a matter of the service, not of a resource
}

func (r *request) op() string { return r.method + " /" + strings.Join(r.segments, "/") }

// answer is a complete answer.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// do sends the request, again where that is safe, and returns an answer with a 2xx status or an *Error.
func (c *Client) do(ctx context.Context, r *request) (*answer, error) {
	var t tries
	for try := 1; ; try++ {
		epoch, err := c.pace.acquire(ctx)
		if err != nil {
			return nil, c.notSent(r, err)
		}
		a, e := c.once(ctx, r, try)
		if e != nil && e.RetryAfter > 0 && (e.Status == http.StatusTooManyRequests || e.Status == http.StatusServiceUnavailable) {
			c.pace.pause(e.RetryAfter)
			e.Paused = e.RetryAfter > c.cfg.Retry.MaxWait
		}
		c.pace.release(epoch, health(e))
		if e == nil {
			return a, nil
		}
		wait, again := t.again(c.cfg.Retry, r.method, e, c.cfg.Jitter())
		if !again || ctx.Err() != nil {
			return nil, e
		}
		if c.cfg.Sleep(ctx, wait) != nil {
			return nil, e
		}
	}
}

// notSent explains why the pacer did not let the request through.
func (c *Client) notSent(r *request, err error) *Error {
	if p, ok := errors.AsType[*pauseError](err); ok {
		return &Error{Op: r.op(), Kind: KindPaused, Status: http.StatusTooManyRequests, RetryAfter: p.remaining, Paused: true, Err: err,
			Detail: fmt.Sprintf("not sent: the service asked to be left alone for another %s", p.remaining.Round(time.Second))}
	}
	kind, detail := KindCancelled, "not sent: the call was given up"
	if errors.Is(err, context.DeadlineExceeded) {
		kind, detail = KindTimeout, "not sent: the time allowed for the call was over while it waited for its turn"
	}
	return &Error{Op: r.op(), Kind: kind, Detail: detail, Err: err}
}

const maxRedirects = 5

// once sends the request one time, following such redirects as may be followed.
func (c *Client) once(parent context.Context, r *request, try int) (*answer, *Error) {
	u, err := address(c.cfg.BaseURL, r.query, r.segments...)
	if err != nil {
		return nil, &Error{Op: r.op(), Kind: KindRequest, Detail: err.Error(), Err: err}
	}
	ctx, cancel := context.WithTimeout(parent, c.cfg.Timeout)
	defer cancel()
	for range maxRedirects {
		start := c.cfg.Now()
		a, err := c.exchange(ctx, r, u)
		if err != nil {
			e := c.broken(parent, r, err)
			c.observe(r, 0, e, try, c.cfg.Now().Sub(start))
			return nil, e
		}
		c.observe(r, a.status, nil, try, c.cfg.Now().Sub(start))
		if a.status < 300 {
			return a, nil
		}
		next := c.redirect(r, u, a)
		if next == nil {
			return nil, c.refused(r, a)
		}
		u = next
	}
	return nil, &Error{Op: r.op(), Kind: KindRedirect, Detail: fmt.Sprintf("the service redirects in circles (%d times)", maxRedirects)}
}

func (c *Client) observe(r *request, status int, e *Error, try int, d time.Duration) {
	if c.cfg.Observe == nil {
		return
	}
	at := Attempt{Op: r.op(), Status: status, Duration: d, Try: try}
	if e != nil {
		at.Err = e
	}
	c.cfg.Observe(at)
}

// tooLargeError says that an answer was cut off.
type tooLargeError struct{ limit int64 }

func (e *tooLargeError) Error() string {
	return fmt.Sprintf("the answer is larger than %d bytes, the most that is read", e.limit)
}

// exchange is one HTTP request with its complete answer.
func (c *Client) exchange(ctx context.Context, r *request, u *url.URL) (_ *answer, err error) {
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header = c.header(ctx, r)
	c.requests.Add(1)
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() {
		if closeErr := res.Body.Close(); err == nil {
			err = closeErr
		}
	}()
	b, err := io.ReadAll(io.LimitReader(res.Body, c.cfg.MaxBody+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > c.cfg.MaxBody {
		return nil, &tooLargeError{limit: c.cfg.MaxBody}
	}
	return &answer{status: res.StatusCode, header: res.Header, body: b}, nil
}

// redirect decides where a 3xx leads; nil: nowhere. The token goes to the origin of the base URL and nowhere else, and a write is repeated only
// where the status promises that method and body stay the same (RFC 9110 section 15.4): a 301 turned into a GET would look like success.
func (c *Client) redirect(r *request, from *url.URL, a *answer) *url.URL {
	switch a.status {
	case http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	case http.StatusMovedPermanently, http.StatusFound:
		if r.method != http.MethodGet {
			return nil
		}
	default:
		return nil
	}
	location := a.header.Get("Location")
	to, err := from.Parse(location)
	if location == "" || err != nil || to.User != nil || to.Scheme != c.cfg.BaseURL.Scheme || !strings.EqualFold(to.Host, c.cfg.BaseURL.Host) {
		return nil
	}
	return to
}

// broken explains an exchange without an answer. parent is the caller's context: its end is the caller's own doing, not the service's.
func (c *Client) broken(parent context.Context, r *request, err error) *Error {
	e := &Error{Op: r.op(), Err: err, Kind: KindNetwork, Ambiguous: r.method != http.MethodGet, Detail: c.hide(cause(err))}
	switch cancelled := parent.Err(); {
	case cancelled != nil:
		e.Kind, e.Err = KindCancelled, cancelled
		if errors.Is(cancelled, context.DeadlineExceeded) {
			e.Kind, e.Detail = KindTimeout, "the time allowed for the whole call is over"
		}
		return e
	case errors.Is(err, context.Canceled):
		e.Kind, e.Ambiguous = KindCancelled, false
		return e
	}
	unsent(e, err)
	if t, ok := errors.AsType[net.Error](err); (ok && t.Timeout()) || errors.Is(err, context.DeadlineExceeded) {
		e.Kind = KindTimeout
		e.Detail = fmt.Sprintf("no complete answer within %s", c.cfg.Timeout)
	}
	return e
}

// unsent recognises failures that came before a single byte of the request was sent: these are never ambiguous.
func unsent(e *Error, err error) {
	if t, ok := errors.AsType[*tooLargeError](err); ok {
		e.Kind, e.Detail = KindTooLarge, t.Error()
		return
	}
	if a, ok := errors.AsType[*AddressError](err); ok {
		e.Kind, e.Ambiguous, e.Detail = KindAddress, false, a.Error()
		return
	}
	if d, ok := errors.AsType[*net.DNSError](err); ok {
		e.Kind, e.Ambiguous = KindDNS, false
		e.Detail = fmt.Sprintf("the host name %s cannot be resolved (%s): check the tenant URL for typing errors", d.Name, d.Err)
		return
	}
	if o, ok := errors.AsType[*net.OpError](err); ok && o.Op == "dial" {
		e.Ambiguous = false
		e.Detail = fmt.Sprintf("no connection to the service: %v", o)
		return
	}
	if detail := certificate(err); detail != "" {
		e.Kind, e.Ambiguous, e.Detail = KindTLS, false, detail
		return
	}
	if _, ok := errors.AsType[tls.AlertError](err); ok {
		e.Kind = KindTLS // the alert may follow the request: stays ambiguous
	}
}

func certificate(err error) string {
	if h, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return fmt.Sprintf("the service does not speak TLS at this port (%s): check the port, or whether the address should start with http", h.Msg)
	}
	v, ok := errors.AsType[*tls.CertificateVerificationError](err)
	if !ok {
		return ""
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](v.Err); ok {
		return "the service's certificate is not signed by an authority that this machine trusts, or its intermediate certificate is missing: " + v.Err.Error()
	}
	return "the service's certificate was refused: " + v.Err.Error()
}

// cause strips the URL, which holds the filter with a person's data, from what net/http reports.
func cause(err error) string {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "the connection was closed before the answer was complete"
	}
	return err.Error()
}
