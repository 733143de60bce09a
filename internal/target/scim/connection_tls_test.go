package scim

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// authority signs certificates for tests.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Acme Internal CA"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(10 * 365 * 24 * time.Hour)}
	key, der := a.sign(template, nil)
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	a.cert, a.key = cert, key
	return a
}

// sign makes a key and its certificate; by nil: self-signed.
func (a *authority) sign(template *x509.Certificate, by *authority) (*ecdsa.PrivateKey, []byte) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		a.t.Fatal(err)
	}
	return key, der
}

func (a *authority) leaf(signed bool, change func(*x509.Certificate)) tls.Certificate {
	a.t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "scim"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(100 * 24 * time.Hour)}
	if change != nil {
		change(template)
	}
	by := a
	if !signed {
		by = nil
	}
	key, der := a.sign(template, by)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestCertificatesAreExplained(t *testing.T) {
	ca := newAuthority(t)
	roots := x509.NewCertPool()
	roots.AddCert(ca.cert)
	for _, tt := range []struct {
		name   string
		cert   tls.Certificate
		roots  *x509.CertPool
		ok     bool
		detail string
	}{
		{"trusted", ca.leaf(true, nil), roots, true, "TLS 1.3, certificate of Acme Internal CA for 127.0.0.1, valid until "},
		{"ends soon", ca.leaf(true, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(73 * time.Hour) }), roots, true, "in 3 days: its operator should renew it"},
		{"expired", ca.leaf(true, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }), roots, false, "expired on "},
		{"not yet", ca.leaf(true, func(c *x509.Certificate) { c.NotBefore = time.Now().Add(48 * time.Hour) }), roots, false, "check the clock"},
		{"another name", ca.leaf(true, func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"scim.acme.example"} }), roots, false,
			"the certificate is for scim.acme.example and not for 127.0.0.1"},
		{"unknown authority", ca.leaf(true, nil), nil, false, `issued by "Acme Internal CA", which this machine does not trust`},
		{"signed by itself", ca.leaf(false, nil), nil, false, "signed by itself"},
	} {
		s := newService(t)
		server := httptest.NewUnstartedServer(s.Target)
		server.Config.ErrorLog = log.New(io.Discard, "", 0) // refused certificates are what is tested
		server.TLS = &tls.Config{Certificates: []tls.Certificate{tt.cert}, MinVersion: tls.VersionTLS12}
		server.StartTLS()
		t.Cleanup(server.Close)
		target := s.target(func(c *Config) {
			c.TenantURL = server.URL + "/scim"
			if tt.roots != nil {
				c.TLS = &tls.Config{RootCAs: tt.roots, MinVersion: tls.VersionTLS12}
			}
		})
		steps := target.TestConnection(t.Context())
		if steps[2].Name != "tls" || steps[2].OK != tt.ok || OK(steps) != tt.ok || !strings.Contains(steps[2].Detail, tt.detail) {
			t.Errorf("%s: got %+v; want %v with %q", tt.name, steps[2], tt.ok, tt.detail)
		}
		if !tt.ok && !strings.Contains(steps[2].Detail, ": ") {
			t.Errorf("%s: %q does not say what to do", tt.name, steps[2].Detail)
		}
	}
}
