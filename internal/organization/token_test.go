package organization

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/fault"
)

func TestNewSecret(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		s := NewSecret()
		if !Generated(s) || seen[s] || len(s) != 5+43+6 || !strings.HasPrefix(s, "scim_") {
			t.Fatalf("bad or repeated secret %q", s)
		}
		seen[s] = true
		if err := CheckSecret(s); err != nil {
			t.Errorf("a generated secret is refused: %v", err)
		}
		// Every single changed character is noticed.
		for i := 5; i < len(s); i++ {
			other := byte('A')
			if s[i] == other {
				other = 'B'
			}
			if Generated(s[:i] + string(other) + s[i+1:]) {
				t.Fatalf("a mistyped secret passes its checksum at %d", i)
			}
		}
	}
}

func TestCheckSecret(t *testing.T) {
	for _, c := range []struct {
		name, secret, want string // want: a part of the error, "" for none
	}{
		{"complex", "Tr0ub4dor&3-horse", ""},
		{"twelve characters", "abcdefghijkl", ""},
		{"not only ASCII", "пароль-из-слов", ""},
		{"longest", strings.Repeat("abcdefgh", 128), ""},
		{"empty", "", "is empty"},
		{"eleven characters", "abcdefghijk", "11 characters"},
		{"eleven runes, more bytes", "ééééabcdefg", "11 characters"},
		{"too long", strings.Repeat("abcdefgh", 128) + "x", "1025 bytes"},
		{"space", "abcdef ghijklm", "white space"},
		{"newline", "abcdefghijklm\n", "white space"},
		{"NUL", "abcdefghijklm\x00", "invisible"},
		{"zero width", "abcdefghijklm\u200b", "invisible"},
		{"not UTF-8", "abcdefghijklm\xff", "UTF-8"},
		{"repeated", "aaaaaaaaaaaaaaaa", "different characters"},
		{"cut off", NewSecret()[:50], "checksum"},
	} {
		err := CheckSecret(c.secret)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: got %v, want no error", c.name, err)
		case c.want != "" && (!errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		case err != nil && len(c.secret) > 5 && strings.Contains(err.Error(), c.secret):
			t.Errorf("%s: the error repeats the secret", c.name)
		}
	}
}

func TestTokenValid(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		name  string
		token Token
		want  bool
	}{
		{"endless", Token{}, true},
		{"until later", Token{Expires: now.Add(time.Nanosecond)}, true},
		{"until now", Token{Expires: now}, false},
		{"revoked", Token{Revoked: now.Add(-time.Hour)}, false},
		{"revoked, not expired", Token{Expires: now.Add(time.Hour), Revoked: now}, false},
	} {
		if got := c.token.Valid(now); got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

func TestHintOfToken(t *testing.T) {
	secret := NewSecret()
	if got := newToken("o", "t", secret, true, time.Time{}).Hint; got != secret[:9] {
		t.Errorf("hint %q of a generated secret, want %q", got, secret[:9])
	}
	if got := newToken("o", "t", "chosen by hand!", false, time.Time{}).Hint; got != "" {
		t.Errorf("hint %q of a chosen secret, want none", got)
	}
}

func FuzzCheckSecret(f *testing.F) {
	f.Add("Tr0ub4dor&3-horse")
	f.Add(NewSecret())
	f.Add("scim_")
	f.Fuzz(func(t *testing.T, s string) {
		err := CheckSecret(s)
		if err == nil && (len(s) < minSecret || len(s) > maxSecret || strings.ContainsAny(s, " \t\r\n\x00")) {
			t.Errorf("%q passed", s)
		}
		if Generated(s) && err != nil {
			t.Errorf("%q has the form of a generated secret and is refused: %v", s, err)
		}
	})
}
