package organization

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"hash/crc32"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rollcall-id/rollcall/internal/fault"
)

// A generated secret is "scim_", 43 characters of base64url (256 random bits) and 6 of a checksum. The prefix lets secret scanners find leaked ones, the
// checksum lets them drop what only looks like one. Here it tells an administrator who sets a damaged one; the endpoint only looks for the hash.
const (
	secretPrefix   = "scim_"
	secretBytes    = 32
	secretText     = 43 // characters of secretBytes
	checksumText   = 6  // characters of a CRC-32
	hintLength     = len(secretPrefix) + 4
	minSecret      = 12      // characters of a chosen secret
	maxSecret      = 1 << 10 // bytes
	minDistinct    = 5       // different characters of a chosen secret
	defaultOverlap = 24 * time.Hour
)

// NewSecret makes a secret of 256 random bits.
func NewSecret() string {
	raw := make([]byte, secretBytes)
	rand.Read(raw) // does not fail
	text := base64.RawURLEncoding.EncodeToString(raw)
	return secretPrefix + text + checksum(text)
}

func checksum(text string) string {
	sum := crc32.ChecksumIEEE([]byte(secretPrefix + text))
	return base64.RawURLEncoding.EncodeToString([]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
}

// Generated reports whether secret has the form of NewSecret, its checksum included. One that has the prefix but not the form was damaged on the way.
func Generated(secret string) bool {
	text, ok := strings.CutPrefix(secret, secretPrefix)
	return ok && len(text) == secretText+checksumText && checksum(text[:secretText]) == text[secretText:]
}

// CheckSecret says whether a chosen secret is fit to be one: at least 12 characters and at most 1 KiB of visible characters, not a few repeated ones.
// The error is fault.ErrInvalid and does not repeat the secret.
func CheckSecret(secret string) error {
	switch {
	case secret == "":
		return fault.Errorf(fault.ErrInvalid, "the secret is empty; choose a complex string of at least %d characters, or let one be generated", minSecret)
	case len(secret) > maxSecret:
		return fault.Errorf(fault.ErrInvalid, "the secret has %d bytes; at most %d are allowed", len(secret), maxSecret)
	case !utf8.ValidString(secret):
		return fault.Errorf(fault.ErrInvalid, "the secret is not valid UTF-8 text; choose letters, digits and punctuation")
	}
	distinct := map[rune]bool{}
	for i, r := range secret {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return fault.Errorf(fault.ErrInvalid, "the secret has white space or an invisible character (%U) at byte %d, which HTTP headers and forms lose; "+
				"choose letters, digits and punctuation", r, i+1)
		}
		distinct[r] = true
	}
	if n := utf8.RuneCountInString(secret); n < minSecret {
		return fault.Errorf(fault.ErrInvalid, "the secret has %d characters; choose a complex string of at least %d, or let one be generated", n, minSecret)
	}
	if len(distinct) < minDistinct {
		return fault.Errorf(fault.ErrInvalid, "the secret has only %d different characters, which is easy to guess; choose a complex string", len(distinct))
	}
	if strings.HasPrefix(secret, secretPrefix) && !Generated(secret) {
		return fault.Errorf(fault.ErrInvalid, "the secret starts like a generated one (%s…) but its checksum is wrong: it was cut off or mistyped",
			secretPrefix)
	}
	return nil
}

// HashSecret is what is kept of a secret. A slow hash is not needed: generated secrets have 256 random bits, and the hash must be an index.
func HashSecret(secret string) [32]byte { return sha256.Sum256([]byte(secret)) }

// newToken makes the token of a secret. Only of a generated secret a part is kept as a hint: four of its 43 characters tell tokens apart and help nobody
// to guess the rest, which is not so of a chosen one.
func newToken(org, id, secret string, generated bool, now time.Time) Token {
	t := Token{ID: id, Organization: org, Hash: HashSecret(secret), Created: now}
	if generated {
		t.Hint = secret[:hintLength]
	}
	return t
}

// Valid reports whether the token opens the endpoint at the time: neither revoked nor expired.
func (t Token) Valid(at time.Time) bool {
	return t.Revoked.IsZero() && (t.Expires.IsZero() || at.Before(t.Expires))
}
