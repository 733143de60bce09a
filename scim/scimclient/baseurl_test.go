package scimclient

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestValidateBaseURL(t *testing.T) {
	for _, tt := range []struct {
		raw       string
		allowHTTP bool
		want      string // of the URL
		err       string // part of the message
	}{
		{raw: "https://app.example/api/scim/acme", want: "https://app.example/api/scim/acme"},
		{raw: "  https://app.example/scim/?aadOptscim062020 ", want: "https://app.example/scim/?aadOptscim062020"},
		{raw: "HTTPS://app.example:8443/scim", want: "https://app.example:8443/scim"},
		{raw: "http://localhost:8080/scim", want: "http://localhost:8080/scim"},
		{raw: "http://127.0.0.1/scim", want: "http://127.0.0.1/scim"},
		{raw: "http://[::1]:80/scim", want: "http://[::1]:80/scim"},
		{raw: "http://app.example/scim", allowHTTP: true, want: "http://app.example/scim"},
		{raw: "http://app.example/scim", err: "unencrypted"},
		{raw: "http://localhost.example.com/scim", err: "unencrypted"},
		{raw: "http://127.0.0.1.example.com/scim", err: "unencrypted"},
		{raw: "", err: "is empty"},
		{raw: "   ", err: "is empty"},
		{raw: "app.example/scim", err: "no scheme"},
		{raw: "//app.example/scim", err: "no scheme"},
		{raw: "app.example:8080/scim", err: "scheme"},
		{raw: "localhost:8080/scim", err: "scheme"},
		{raw: "htps://app.example/scim", err: "misspelt"},
		{raw: "httpss://app.example/scim", err: "misspelt"},
		{raw: "https:app.example/scim", err: "slashes"},
		{raw: "https:/app.example/scim", err: "no host"},
		{raw: "https://", err: "no host"},
		{raw: "https:///scim", err: "no host"},
		{raw: "https://https://app.example", err: "twice"},
		{raw: "ftp://app.example", err: `"ftp"`},
		{raw: "javascript:alert(1)", err: "scheme"},
		{raw: "file:///etc/passwd", err: "scheme"},
		{raw: "https://user:pw@app.example/scim", err: "user name or password"},
		{raw: "https://app.example/scim#x", err: "fragment"},
		{raw: "https://app.example/scim#", err: "fragment"},
		{raw: "https://app.example/my scim", err: "contains"},
		{raw: "https://app.example/\nscim", err: "contains"},
		{raw: "https://app.example\\@evil.example/", err: "contains"},
		{raw: "https://app.example:99999/", err: "port"},
		{raw: "https://app.example:0/", err: "port"},
		{raw: "https://app..example/", err: "host name"},
		{raw: "https://" + strings.Repeat("a", 3000), err: "characters"},
	} {
		u, err := ValidateBaseURL(tt.raw, tt.allowHTTP)
		switch {
		case tt.err != "":
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("ValidateBaseURL(%q): got error %v; want one with %q", tt.raw, err, tt.err)
			}
			if err != nil && strings.Contains(err.Error(), ":pw") {
				t.Errorf("ValidateBaseURL(%q) repeats the password: %v", tt.raw, err)
			}
		case err != nil:
			t.Errorf("ValidateBaseURL(%q): %v", tt.raw, err)
		case u.String() != tt.want:
			t.Errorf("ValidateBaseURL(%q) = %s; want %s", tt.raw, u, tt.want)
		}
	}
}

func TestAddress(t *testing.T) {
	for _, tt := range []struct {
		base     string
		segments []string
		query    url.Values
		want     string // "": refused
	}{
		{"https://h/scim", []string{"Users"}, nil, "https://h/scim/Users"},
		{"https://h/scim/", []string{"Users"}, nil, "https://h/scim/Users"},
		{"https://h", []string{"Users"}, nil, "https://h/Users"},
		{"https://h/scim/?aadOptscim062020", []string{"Users"}, nil, "https://h/scim/Users?aadOptscim062020"},
		{"https://h/scim?a=1&b", []string{"Users"}, url.Values{"count": {"5"}}, "https://h/scim/Users?a=1&b&count=5"},
		{"https://h/scim?", []string{"Users"}, nil, "https://h/scim/Users"},
		{"https://h/t%2F1/scim", []string{"Users"}, nil, "https://h/t%2F1/scim/Users"},
		{"https://h/s", []string{"Users", "a/b?c#d e%2e"}, nil, "https://h/s/Users/a%2Fb%3Fc%23d%20e%252e"},
		{"https://h/s", []string{"Users", "Müller+1@x"}, nil, "https://h/s/Users/M%C3%BCller+1@x"},
		{"https://h/s", []string{"Users"}, url.Values{"filter": {`userName eq "a+b c@d.e\"&"`}},
			"https://h/s/Users?filter=userName%20eq%20%22a%2Bb%20c%40d.e%5C%22%26%22"},
		{"https://h/s", []string{"Users", ".."}, nil, ""},
		{"https://h/s", []string{"Users", "."}, nil, ""},
		{"https://h/s", []string{"Users", ""}, nil, ""},
	} {
		base, err := url.Parse(tt.base)
		if err != nil {
			t.Fatal(err)
		}
		u, err := address(base, tt.query, tt.segments...)
		if tt.want == "" {
			if err == nil {
				t.Errorf("address(%s, %q) = %s; want an error", tt.base, tt.segments, u)
			}
			continue
		}
		if err != nil || u.String() != tt.want {
			t.Errorf("address(%s, %q) = %v, %v; want %s", tt.base, tt.segments, u, err, tt.want)
		}
	}
}

func TestGuard(t *testing.T) {
	for _, tt := range []struct {
		guard   Guard
		address string
		allowed bool
	}{
		{Guard{}, "93.184.216.34", true},
		{Guard{}, "2606:2800:220:1::1", true},
		{Guard{}, "127.0.0.1", false},
		{Guard{}, "127.8.8.8", false},
		{Guard{}, "::1", false},
		{Guard{}, "::ffff:127.0.0.1", false},
		{Guard{}, "10.1.2.3", false},
		{Guard{}, "172.16.0.1", false},
		{Guard{}, "172.32.0.1", true},
		{Guard{}, "192.168.1.1", false},
		{Guard{}, "100.64.0.1", false},
		{Guard{}, "169.254.169.254", false},
		{Guard{}, "fe80::1", false},
		{Guard{}, "fd00::1", false},
		{Guard{}, "0.0.0.0", false},
		{Guard{}, "::", false},
		{Guard{}, "255.255.255.255", false},
		{Guard{}, "224.0.0.1", false},
		{Guard{}, "64:ff9b::a9fe:a9fe", false}, // NAT64 of 169.254.169.254
		{Guard{}, "64:ff9b::5db8:d822", true},
		{Guard{}, "2002:a00:1::1", false}, // 6to4 of 10.0.0.1
		{Guard{AllowLoopback: true}, "127.0.0.1", true},
		{Guard{AllowLoopback: true}, "10.0.0.1", false},
		{Guard{AllowPrivate: true}, "10.0.0.1", true},
		{Guard{AllowPrivate: true}, "fd00::1", true},
		{Guard{AllowPrivate: true}, "127.0.0.1", false},
		{Guard{AllowPrivate: true, AllowLoopback: true}, "169.254.169.254", false},
		{Guard{Allow: []netip.Prefix{netip.MustParsePrefix("169.254.10.0/24")}}, "169.254.10.5", true},
	} {
		err := tt.guard.Check(netip.MustParseAddr(tt.address))
		if got := err == nil; got != tt.allowed {
			t.Errorf("%+v: Check(%s) = %v; want allowed %v", tt.guard, tt.address, err, tt.allowed)
		}
	}
	if err := (Guard{}).Control("tcp", "127.0.0.1:80", nil); err == nil {
		t.Error("Control lets loopback through")
	}
	if err := (Guard{}).Control("unix", "/run/x.sock", nil); err == nil {
		t.Error("Control lets a socket file through")
	}
}

func FuzzValidateBaseURL(f *testing.F) {
	for _, s := range []string{"https://a.example/scim?x", "http://localhost:1/", "https://u:p@h/", "https://[::1]:443/%2e%2e/", "https:/x", "ht tp://x", "https://h/%zz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := ValidateBaseURL(raw, false)
		if err != nil {
			return
		}
		if u.Host == "" || u.User != nil || u.Fragment != "" || (u.Scheme != "https" && !IsLoopbackHost(u.Hostname())) {
			t.Fatalf("ValidateBaseURL(%q) accepted %#v", raw, u)
		}
		sub, err := address(u, url.Values{"q": {"1"}}, "Users", "x/y")
		if err != nil {
			return
		}
		if sub.Host != u.Host || sub.Scheme != u.Scheme || !strings.HasSuffix(sub.EscapedPath(), "/Users/x%2Fy") {
			t.Fatalf("address below %q left it: %s", raw, sub)
		}
	})
}
