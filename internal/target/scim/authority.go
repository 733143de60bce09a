package scim

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"time"
)

// Limits of a file of authorities.
const (
	maxAuthorityBytes = 256 << 10
	maxAuthorities    = 50
)

// Authority is a certificate that is trusted besides the machine's own, as people see it.
type Authority struct {
	Subject     string    `json:"subject"`
	Fingerprint string    `json:"fingerprint"` // SHA-256 of the certificate, hexadecimal
	NotAfter    time.Time `json:"notAfter"`
}

// ParseAuthorities reads certificates in PEM. A private key among them is refused: it does not belong here.
func ParseAuthorities(text string) ([]Authority, error) {
	certificates, err := parseAuthorities(text)
	if err != nil {
		return nil, err
	}
	out := make([]Authority, len(certificates))
	for i, c := range certificates {
		sum := sha256.Sum256(c.Raw)
		out[i] = Authority{Subject: c.Subject.String(), Fingerprint: hex.EncodeToString(sum[:]), NotAfter: c.NotAfter.UTC()}
	}
	return out, nil
}

func parseAuthorities(text string) ([]*x509.Certificate, error) {
	if len(text) > maxAuthorityBytes {
		return nil, fmt.Errorf("the file has %d bytes; at most %d are read: give only the certificates of the authority", len(text), maxAuthorityBytes)
	}
	var out []*x509.Certificate
	for rest := []byte(text); ; {
		block, more := pem.Decode(rest)
		if block == nil {
			break
		}
		rest = more
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("the file has a block %.40q; expected only BEGIN CERTIFICATE: a private key does not belong here", block.Type)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d of the file cannot be read: %w", len(out)+1, err)
		}
		if out = append(out, c); len(out) > maxAuthorities {
			return nil, fmt.Errorf("the file has more than %d certificates; give only those of the authority", maxAuthorities)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("the file has no certificate: expected PEM, which begins with -----BEGIN CERTIFICATE-----")
	}
	return out, nil
}

// Trusting is a TLS configuration that trusts the machine's authorities and those given as PEM; nil for none.
func Trusting(text string) (*tls.Config, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // no configuration is one: the transport's own
	}
	certificates, err := parseAuthorities(text)
	if err != nil {
		return nil, err
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	for _, c := range certificates {
		roots.AddCert(c)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}, nil
}
