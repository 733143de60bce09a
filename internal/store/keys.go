package store

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/rollcall-id/rollcall/internal/fault"
)

const (
	fileKey    = "rollcall.key"
	keyBytes   = 32 // AES-256
	maxKeyFile = 64 << 10
)

// key is one sealing key. Its id is derived from it, so that a sealed value says which key opens it without anybody giving keys names.
type key struct {
	id   string
	raw  []byte
	aead cipher.AEAD
}

// keyRing seals and opens secrets with AES-256-GCM. The first key seals, every key opens: to rotate, put a new key in front, run Reseal, then drop the
// old one. Without keys from the environment, the file is read (or made) when the first secret comes along.
type keyRing struct {
	path string // of the key file

	mu   sync.Mutex
	keys []key
}

// newKeyRing reads keys: base64 of 32 bytes each, separated by commas or white space, the sealing key first. Empty: the file at path.
func newKeyRing(text, path string) (*keyRing, error) {
	keys, err := parseKeys(text)
	if err != nil {
		return nil, fault.Errorf(fault.ErrInvalid, "ROLLCALL_KEY: %w", err)
	}
	return &keyRing{path: path, keys: keys}, nil
}

func parseKeys(text string) ([]key, error) {
	var keys []key
	for _, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		for _, word := range strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\r' }) {
			k, err := parseKey(word)
			if err != nil {
				return nil, fmt.Errorf("key %d: %w", len(keys)+1, err)
			}
			keys = append(keys, k)
		}
	}
	return keys, nil
}

func parseKey(word string) (key, error) {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(word), "="))
	if err != nil || len(raw) != keyBytes {
		return key{}, errors.New("expected 32 bytes in base64, as `openssl rand -base64 32` makes them")
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return key{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return key{}, err
	}
	sum := sha256.Sum256(append([]byte("rollcall key id\x00"), raw...))
	return key{id: hex.EncodeToString(sum[:6]), raw: raw, aead: aead}, nil
}

// ring returns the keys, from the file if there were none. make says whether a missing file may be made.
func (r *keyRing) ring(create bool) ([]key, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.keys) > 0 {
		return r.keys, nil
	}
	text, err := readKeyFile(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		if !create {
			return nil, nil
		}
		text, err = makeKeyFile(r.path)
	}
	if err != nil {
		return nil, err
	}
	keys, err := parseKeys(text)
	if err == nil && len(keys) == 0 {
		err = errors.New("it holds no key")
	}
	if err != nil {
		return nil, fault.Errorf(fault.ErrInvalid, "the key file %q: %w", r.path, err)
	}
	r.keys = keys
	return keys, nil
}

// readKeyFile refuses a file that others may read: it opens every stored secret.
func readKeyFile(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("the key file: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return "", fault.Errorf(fault.ErrInvalid, "the key file %q can be read by others (mode %04o); run `chmod 600 %s`", path, info.Mode().Perm(), path)
	}
	if info.Size() > maxKeyFile {
		return "", fault.Errorf(fault.ErrInvalid, "the key file %q has %d bytes; at most %d are expected", path, info.Size(), maxKeyFile)
	}
	doc, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("the key file: %w", err)
	}
	return string(doc), nil
}

// makeKeyFile writes a new key beside the place and links it there, so that no other process ever reads half a key and two of them agree on one.
func makeKeyFile(path string) (string, error) {
	raw := make([]byte, keyBytes)
	rand.Read(raw)
	doc := "# Seals the secrets of applications in this folder's database. Keep a copy apart from the database; without it they are lost.\n" +
		base64.StdEncoding.EncodeToString(raw) + "\n"
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("make the key file: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".rollcall-key-*") // mode 0600
	if err != nil {
		return "", fmt.Errorf("make the key file: %w", err)
	}
	_, err = f.WriteString(doc)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		if err = os.Link(f.Name(), path); errors.Is(err, fs.ErrExist) {
			err = nil // another process was first; its key counts
		}
	}
	if err = errors.Join(err, os.Remove(f.Name())); err != nil {
		return "", fmt.Errorf("make the key file: %w", err)
	}
	return readKeyFile(path)
}

// seal encrypts plain and returns the id of the key it used. place binds the value to where it is stored: moved elsewhere it does not open.
func (r *keyRing) seal(plain []byte, place string) (sealed []byte, keyID string, err error) {
	keys, err := r.ring(true)
	if err != nil {
		return nil, "", err
	}
	//nolint:gosec // no nonce is passed: the cipher draws one for each value (NewGCMWithRandomNonce)
	return keys[0].aead.Seal(nil, nil, plain, []byte(place)), keys[0].id, nil
}

// open decrypts what seal made.
func (r *keyRing) open(sealed []byte, keyID, place string) ([]byte, error) {
	keys, err := r.ring(false)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if k.id != keyID {
			continue
		}
		plain, err := k.aead.Open(nil, nil, sealed, []byte(place))
		if err != nil {
			return nil, fault.Errorf(fault.ErrInvalid, "a stored secret does not open with its key %s: the database was changed from outside", keyID)
		}
		return bytes.Clone(plain), nil
	}
	return nil, fault.Errorf(fault.ErrForbidden, "a stored secret was sealed with key %s, which is not here (%q, ROLLCALL_KEY): give this node the same "+
		"keys as the node that stored it, or store the secret again", keyID, r.path)
}

// current is the id of the sealing key.
func (r *keyRing) current() (string, error) {
	keys, err := r.ring(true)
	if err != nil {
		return "", err
	}
	return keys[0].id, nil
}

// Derive returns a key of 32 bytes for a purpose other than sealing. Every node with the same sealing key gets the same one, and it tells nothing about that
// key or about those for other purposes.
func (s *Store) Derive(purpose string) ([]byte, error) {
	keys, err := s.keys.ring(true)
	if err != nil {
		return nil, err
	}
	return hkdf.Key(sha256.New, keys[0].raw, nil, "rollcall "+purpose, keyBytes)
}
