package scimclient

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

const maxURL = 2048

// ValidateBaseURL checks what an administrator typed as the address of a SCIM service and returns it parsed. It must be https; http is accepted for
// loopback hosts, and for others only with allowHTTP, because the bearer token would cross the network readable. A path and a query are kept.
func ValidateBaseURL(raw string, allowHTTP bool) (*url.URL, error) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return nil, fmt.Errorf("the tenant URL is empty: give the address of the SCIM service, such as https://app.example.com/scim/v2")
	}
	if len(raw) > maxURL {
		return nil, fmt.Errorf("the tenant URL has %d characters; at most %d are accepted", len(raw), maxURL)
	}
	if i := strings.IndexFunc(raw, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }); i >= 0 {
		return nil, fmt.Errorf("the tenant URL contains %q at position %d: remove it", raw[i], i+1)
	}
	u, err := url.Parse(raw)
	if err != nil {
		// url.Error repeats the whole URL, which may hold a password.
		return nil, fmt.Errorf("the tenant URL cannot be read: %w; expected https://HOST/PATH", unwrapURL(err))
	}
	if err := checkScheme(u, raw); err != nil {
		return nil, err
	}
	if err := checkHost(u); err != nil {
		return nil, err
	}
	if u.User != nil {
		return nil, fmt.Errorf("the tenant URL contains a user name or password before %q: remove it and give the secret token separately", "@"+u.Host)
	}
	if u.Fragment != "" || strings.Contains(raw, "#") {
		return nil, fmt.Errorf("the tenant URL contains a fragment (from # on), which a server never sees: remove it")
	}
	if u.Scheme == "http" && !allowHTTP && !IsLoopbackHost(u.Hostname()) {
		return nil, fmt.Errorf("the tenant URL uses http, which would send the secret token to %s unencrypted: use https "+
			"(http is accepted for loopback addresses, or when unencrypted http is explicitly allowed)", u.Host)
	}
	return u, nil
}

func checkScheme(u *url.URL, raw string) error {
	switch u.Scheme {
	case "https", "http":
		if u.Opaque != "" {
			return fmt.Errorf("the tenant URL lacks the two slashes after %s: — expected %s://HOST/PATH", u.Scheme, u.Scheme)
		}
		return nil
	case "":
		return fmt.Errorf("the tenant URL has no scheme: write https://%s", strings.TrimLeft(raw, "/"))
	}
	if strings.HasPrefix(u.Scheme, "h") && strings.Contains(u.Scheme, "t") && u.Host != "" {
		return fmt.Errorf("the tenant URL starts with %q, which looks like a misspelt https: write https://%s%s", u.Scheme+":", u.Host, u.Path)
	}
	if u.Opaque != "" || u.Host == "" {
		return fmt.Errorf("the tenant URL has no scheme, or an unknown one (%q): write https:// in front of host and port", u.Scheme)
	}
	return fmt.Errorf("the tenant URL has the scheme %q; expected https", u.Scheme)
}

func checkHost(u *url.URL) error {
	host := u.Hostname()
	if host == "" {
		return fmt.Errorf("the tenant URL has no host name: expected https://HOST/PATH")
	}
	if strings.HasPrefix(strings.TrimLeft(u.Path, "/"), "http:/") || strings.HasPrefix(strings.TrimLeft(u.Path, "/"), "https:/") ||
		host == "http" || host == "https" {
		return fmt.Errorf("the tenant URL contains a scheme twice: expected one https:// at the start")
	}
	if p := u.Port(); p != "" {
		var n int
		if _, err := fmt.Sscanf(p, "%d", &n); err != nil || n < 1 || n > 65535 {
			return fmt.Errorf("the tenant URL has the port %s; expected 1 to 65535", p)
		}
	}
	if len(host) > 253 || strings.Contains(host, "..") || strings.HasPrefix(host, ".") {
		return fmt.Errorf("the tenant URL's host name %q is not one that can exist: check it for typing errors", host)
	}
	return nil
}

// IsLoopbackHost reports whether the host of a URL can only mean this machine: localhost, a name below it (RFC 6761), or a loopback address.
func IsLoopbackHost(host string) bool {
	h := strings.ToLower(strings.TrimSuffix(host, "."))
	if h == "localhost" || strings.HasSuffix(h, ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(h)
	return err == nil && a.Unmap().IsLoopback()
}

func unwrapURL(err error) error {
	if e, ok := err.(*url.Error); ok { //nolint:errorlint // url.Parse returns it bare
		return e.Err
	}
	return err
}

// address returns the URL of the segments below the base: the base's path and query stay, further parameters follow. The query of the base is kept
// letter by letter, because a valueless key such as ?aadOptscim062020 would not survive parsing and encoding.
func address(base *url.URL, query url.Values, segments ...string) (*url.URL, error) {
	var b strings.Builder
	b.WriteString(strings.TrimRight(base.EscapedPath(), "/"))
	for _, s := range segments {
		// A dot segment would climb out of the base path on its way through proxies.
		if s == "" || s == "." || s == ".." {
			return nil, fmt.Errorf("%q cannot be part of the address of a resource", s)
		}
		b.WriteByte('/')
		b.WriteString(url.PathEscape(s))
	}
	u := *base
	u.RawPath = b.String()
	path, err := url.PathUnescape(u.RawPath)
	if err != nil {
		return nil, err
	}
	u.Path = path
	u.RawQuery = strings.Trim(base.RawQuery, "&")
	// A space is written %20: every server reads it, while + is a space only to those that parse queries as forms.
	if q := strings.ReplaceAll(query.Encode(), "+", "%20"); q != "" {
		if u.RawQuery != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += q
	}
	u.ForceQuery = false
	return &u, nil
}
