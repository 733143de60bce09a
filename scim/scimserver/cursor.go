package scimserver

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/scim"
)

// CursorTimeout is how long a cursor can be used. It is published as pagination.cursorTimeout (RFC 9865, 4).
const CursorTimeout = time.Hour

// maxCursor bounds a cursor that comes in. Ours have less than half of it: a sort key has at most MaxKey bytes.
const maxCursor = 4096

// cursors makes and reads the cursors of RFC 9865. A cursor is a place in a list, encrypted and authenticated: nothing is stored, so that any node that
// has the key goes on where another one stopped. It is bound to what it was given for, as additional data: token, endpoint and query. It grants nothing;
// the request that brings it is authorized like any other.
type cursors struct {
	aead cipher.AEAD
	now  func() time.Time
}

// newCursors derives the key from secret, so that the secret may serve other purposes too. nil: a random one.
func newCursors(secret []byte, now func() time.Time) cursors {
	if len(secret) == 0 {
		secret = make([]byte, sha256.Size)
		_, _ = rand.Read(secret) // never fails: crypto/rand ends the program instead
	}
	aead, err := cursorCipher(secret)
	if err != nil {
		panic("scimserver: " + err.Error()) // sizes are constant: no input leads here
	}
	return cursors{aead: aead, now: now}
}

func cursorCipher(secret []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "scim cursor", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// seal turns a place into the text of a cursor: URI-unreserved characters only.
func (s cursors) seal(p place, binding []byte) string {
	p.issued = s.now().Unix()
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, p.encode(), binding)) //nolint:gosec // the cipher draws the nonce
}

// open reads a cursor. Whatever is wrong with it, the answer is the same: it must not tell whose it is.
func (s cursors) open(text string, binding []byte) (place, error) {
	if len(text) > maxCursor || strings.ContainsAny(text, "\r\n") { // the decoder would skip line breaks
		return place{}, invalidCursor()
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return place{}, invalidCursor()
	}
	plain, err := s.aead.Open(nil, nil, sealed, binding)
	if err != nil {
		return place{}, invalidCursor()
	}
	p, ok := decodePlace(plain)
	if !ok {
		return place{}, invalidCursor()
	}
	if s.now().Sub(time.Unix(p.issued, 0)) > CursorTimeout {
		return place{}, scim.Errorf(http.StatusBadRequest, scim.ExpiredCursor,
			"the cursor was given out more than %d seconds ago; ask for the first page again, with an empty cursor", int(CursorTimeout.Seconds()))
	}
	return p, nil
}

func invalidCursor() error {
	return scim.Errorf(http.StatusBadRequest, scim.InvalidCursor, "the cursor cannot be used here: send it as it was given out, with the same token, to the "+
		"same address, with the same filter, sorting and attributes; or ask for the first page again, with an empty cursor")
}

// binding is what a cursor is good for.
func (c *call) binding(p params) []byte {
	h := sha256.New()
	add := func(s string) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	add(c.tenant.Name)
	add(c.tenant.Principal)
	scope := ""
	if c.route.rt != nil {
		scope = c.route.rt.Name
	}
	add(scope)
	flags := []byte{'-', '-'}
	if p.filtered {
		flags[0] = 'f'
	}
	if p.descending {
		flags[1] = 'd'
	}
	add(string(flags))
	add(p.filter)
	add(p.sortBy)
	add(strings.Join(p.attributes, ","))
	add(strings.Join(p.excluded, ","))
	return h.Sum(nil)
}
