package scim

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"net/http/httptest"
	"strings"
	"testing"

	"crypto/tls"
)

func pemOf(typ string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: typ, Bytes: der}))
}

func TestAnAuthorityOfOnesOwn(t *testing.T) {
	ca := newAuthority(t)
	text := pemOf("CERTIFICATE", ca.cert.Raw)
	list, err := ParseAuthorities("# our authority\n" + text)
	sum := sha256.Sum256(ca.cert.Raw)
	if err != nil || len(list) != 1 || list[0].Subject != "CN=Acme Internal CA" || list[0].Fingerprint != hex.EncodeToString(sum[:]) {
		t.Fatalf("got %+v, %v", list, err)
	}
	s := newService(t)
	server := httptest.NewUnstartedServer(s.Target)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{ca.leaf(true, nil)}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	roots, err := Trusting(text)
	if err != nil {
		t.Fatal(err)
	}
	target := s.target(func(c *Config) { c.TenantURL, c.TLS = server.URL+"/scim", roots })
	if steps := target.TestConnection(t.Context()); !OK(steps) {
		t.Errorf("got %+v; want the authority to be trusted", steps)
	}
}

func TestBadAuthorities(t *testing.T) {
	ca := newAuthority(t)
	good := pemOf("CERTIFICATE", ca.cert.Raw)
	for name, c := range map[string][2]string{
		"empty":        {"", "no certificate"},
		"not PEM":      {"hello", "-----BEGIN CERTIFICATE-----"},
		"a key":        {good + pemOf("PRIVATE KEY", []byte("x")), "does not belong here"},
		"broken":       {pemOf("CERTIFICATE", []byte("x")), "certificate 1 of the file"},
		"too large":    {strings.Repeat("x", maxAuthorityBytes+1), "at most"},
		"far too many": {strings.Repeat(good, maxAuthorities+1), "more than 50"},
	} {
		if _, err := ParseAuthorities(c[0]); err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%s: got %v; want %q in it", name, err, c[1])
		}
	}
	if config, err := Trusting(""); config != nil || err != nil {
		t.Errorf("no authority: got %v, %v", config, err)
	}
}

func FuzzParseAuthorities(f *testing.F) {
	f.Add("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ParseAuthorities(text)
		if (err == nil) != (len(list) > 0) {
			t.Errorf("got %d authorities and %v", len(list), err)
		}
	})
}
