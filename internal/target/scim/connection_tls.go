package scim

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"
)

// soon is how long before its end a certificate is worth a word.
const soon = 30 * 24 * time.Hour

// describeTLS is what a successful handshake found.
func describeTLS(state tls.ConnectionState, now time.Time) string {
	leaf := state.PeerCertificates[0]
	detail := fmt.Sprintf("%s, certificate of %s for %s, valid until %s", tls.VersionName(state.Version), issuer(leaf), names(leaf), day(leaf.NotAfter))
	if left := leaf.NotAfter.Sub(now); left < soon {
		detail += fmt.Sprintf(" (in %d days: its operator should renew it now)", int(left.Hours()/24))
	}
	if why := weakKey(leaf); why != "" {
		detail += "; " + why
	}
	return detail
}

// weakKey says what is below the documented minimum (spec/entra-provisioning.md 1.11): RSA 2048, ECC 256.
func weakKey(c *x509.Certificate) string {
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		if n := key.N.BitLen(); n < 2048 {
			return fmt.Sprintf("its RSA key has %d bits, and 2048 are the minimum", n)
		}
	case *ecdsa.PublicKey:
		if n := key.Curve.Params().BitSize; n < 256 {
			return fmt.Sprintf("its elliptic curve key has %d bits, and 256 are the minimum", n)
		}
	}
	return ""
}

// explainTLS says which of the things that can be wrong with a certificate is, and what to do about it.
func explainTLS(err error, host string, now time.Time) error {
	if h, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return fmt.Errorf("the secure connection failed: the service does not speak TLS at this port (%s): check the port, or whether the address starts with http",
			h.Msg)
	}
	v, ok := errors.AsType[*tls.CertificateVerificationError](err)
	if !ok {
		return fmt.Errorf("the secure connection failed: %w: the service must offer TLS 1.2 or newer; ask its operator", err)
	}
	var leaf *x509.Certificate
	if len(v.UnverifiedCertificates) > 0 {
		leaf = v.UnverifiedCertificates[0]
	}
	return &certificateError{explainCertificate(v.Err, leaf, len(v.UnverifiedCertificates), host, now), err}
}

// certificateError is the explanation in place of the library's words.
type certificateError struct {
	text string
	err  error
}

func (e *certificateError) Error() string { return "the secure connection failed: " + e.text }
func (e *certificateError) Unwrap() error { return e.err }

func explainCertificate(err error, leaf *x509.Certificate, chain int, host string, now time.Time) string {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired && invalid.Cert != nil {
		if c := invalid.Cert; now.Before(c.NotBefore) {
			return fmt.Sprintf("the certificate is valid only from %s on, and it is %s here: check the clock of this machine", day(c.NotBefore), day(now))
		}
		return fmt.Sprintf("the certificate of %s expired on %s, and it is %s here: its operator has to renew it (or check the clock of this machine)",
			names(invalid.Cert), day(invalid.Cert.NotAfter), day(now))
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok && leaf != nil {
		return fmt.Sprintf("the certificate is for %s and not for %s: correct the host name in the Tenant URL, or have the certificate issued for it",
			names(leaf), host)
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok && leaf != nil {
		return unknownAuthority(leaf, chain)
	}
	return fmt.Sprintf("the certificate was refused (%v): it must be valid for %s and come with its intermediate certificates", err, host)
}

func unknownAuthority(leaf *x509.Certificate, chain int) string {
	if leaf.Issuer.String() == leaf.Subject.String() {
		return fmt.Sprintf("the certificate of %s is signed by itself: have it issued by an authority, "+
			"or, if it is your own, connect with --ca-file and this certificate", names(leaf))
	}
	what := fmt.Sprintf("the certificate was issued by %q, which this machine does not trust: ", issuer(leaf))
	if chain == 1 {
		what += "either the service does not send its intermediate certificate (its operator has to add it to the chain), or the authority is your own: "
	} else {
		what += "if the authority is your own: "
	}
	return what + "connect with --ca-file and its certificate"
}

func issuer(c *x509.Certificate) string {
	switch {
	case c.Issuer.CommonName != "":
		return c.Issuer.CommonName
	case len(c.Issuer.Organization) > 0:
		return c.Issuer.Organization[0]
	}
	return c.Issuer.String()
}

// names are those that a certificate is valid for, the first few.
func names(c *x509.Certificate) string {
	list := append([]string{}, c.DNSNames...)
	for _, a := range c.IPAddresses {
		list = append(list, a.String())
	}
	switch {
	case len(list) == 0:
		return "no host name at all"
	case len(list) > 3:
		return strings.Join(list[:3], ", ") + fmt.Sprintf(" and %d more", len(list)-3)
	}
	return strings.Join(list, ", ")
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
