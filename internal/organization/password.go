package organization

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/rollcall-id/rollcall/internal/fault"
)

// Argon2id with 64 MiB and three passes (RFC 9106 section 4, second recommended option, with fewer lanes for small machines). Each HashPassword and
// CheckPassword takes that much memory and about 0.1 s of a core: whoever offers a sign-in bounds how many run at once.
const (
	argonMemory  = 64 << 10 // KiB
	argonTime    = 3
	argonLanes   = 2
	argonSalt    = 16
	argonKey     = 32
	maxMemory    = 256 << 10 // KiB; a stored hash that asks for more is refused
	maxTime      = 16
	minPassword  = 12 // characters
	maxPassword  = 1 << 10
	maxPHCLength = 512
)

// HashPassword returns the PHC string ($argon2id$v=19$m=65536,t=3,p=2$salt$hash) of a password of 12 characters to 1 KiB. It takes 64 MiB of memory.
// The error is fault.ErrInvalid and does not repeat the password.
func HashPassword(password string) (string, error) {
	if n := utf8.RuneCountInString(password); n < minPassword || len(password) > maxPassword {
		return "", fault.Errorf(fault.ErrInvalid, "the password has %d characters; expected at least %d and at most %d bytes", n, minPassword, maxPassword)
	}
	if !utf8.ValidString(password) {
		return "", fault.Errorf(fault.ErrInvalid, "the password is not valid UTF-8 text")
	}
	salt := make([]byte, argonSalt)
	rand.Read(salt)
	key := argon2.IDKey(normal(password), salt, argonTime, argonMemory, argonLanes, argonKey)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes,
		b64.EncodeToString(salt), b64.EncodeToString(key)), nil
}

// normal gives one byte sequence to a text that keyboards enter in several.
func normal(password string) []byte { return norm.NFC.Bytes([]byte(password)) }

// CheckPassword reports whether the password is the one of the PHC string. A string that is not one of ours matches nothing. It takes the memory that the
// string names, 64 MiB for those of HashPassword.
func CheckPassword(phc, password string) bool {
	h, err := parsePHC(phc)
	if err != nil || len(password) > maxPassword {
		return false
	}
	got := argon2.IDKey(normal(password), h.salt, h.time, h.memory, h.lanes, uint32(len(h.key)))
	return subtle.ConstantTimeCompare(got, h.key) == 1
}

type phcHash struct {
	memory, time uint32
	lanes        uint8
	salt, key    []byte
}

// parsePHC reads a PHC string of argon2id.
func parsePHC(s string) (h phcHash, err error) {
	parts := strings.Split(s, "$")
	if len(s) > maxPHCLength || len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return h, fault.Errorf(fault.ErrInvalid, "the password hash is not a PHC string of argon2id version 19")
	}
	if err := h.readCosts(parts[3]); err != nil {
		return h, err
	}
	b64 := base64.RawStdEncoding.Strict()
	if h.salt, err = b64.DecodeString(parts[4]); err != nil || len(h.salt) < 8 {
		return h, fault.Errorf(fault.ErrInvalid, "the salt of the password hash is not base64 of at least 8 bytes")
	}
	if h.key, err = b64.DecodeString(parts[5]); err != nil || len(h.key) < 16 || len(h.key) > 64 {
		return h, fault.Errorf(fault.ErrInvalid, "the password hash itself is not base64 of 16 to 64 bytes")
	}
	return h, nil
}

// readCosts reads the costs of a PHC string: m=65536,t=3,p=2. They have limits: whoever can write the database must not be able to take all memory with
// a hash.
func (h *phcHash) readCosts(text string) error {
	costs := map[string]uint64{"m": 0, "t": 0, "p": 0}
	for _, cost := range strings.Split(text, ",") {
		name, value, _ := strings.Cut(cost, "=")
		n, err := strconv.ParseUint(value, 10, 32)
		if old, known := costs[name]; err != nil || n == 0 || !known || old != 0 {
			return fault.Errorf(fault.ErrInvalid, "the password hash has the cost %.20q; expected m, t and p, each once, with a number", cost)
		}
		costs[name] = n
	}
	h.memory, h.time, h.lanes = uint32(costs["m"]), uint32(costs["t"]), uint8(min(costs["p"], 255))
	if h.memory == 0 || h.memory > maxMemory || h.time == 0 || h.time > maxTime || h.lanes == 0 || costs["p"] > 16 {
		return fault.Errorf(fault.ErrInvalid, "the costs of the password hash are missing or beyond m=%d,t=%d,p=16", maxMemory, maxTime)
	}
	return nil
}
