package organization

import (
	"errors"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/fault"
)

func TestPassword(t *testing.T) {
	phc, err := HashPassword("caf\u00e9-horse-battery")
	if err != nil {
		t.Fatal(err)
	}
	if want := "$argon2id$v=19$m=65536,t=3,p=2$"; !strings.HasPrefix(phc, want) {
		t.Errorf("got %s, want it to begin with %s", phc, want)
	}
	for _, c := range []struct {
		name, password string
		want           bool
	}{
		{"the same", "caf\u00e9-horse-battery", true},
		{"typed with a combining accent", "cafe\u0301-horse-battery", true},
		{"another", "cafe-horse-battery", false},
		{"empty", "", false},
		{"too long", strings.Repeat("x", 2000), false},
	} {
		if got := CheckPassword(phc, c.password); got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
	again, err := HashPassword("caf\u00e9-horse-battery")
	if err != nil || again == phc {
		t.Errorf("two hashes of one password are equal (no salt): %v", err)
	}
}

func TestHashPasswordRefuses(t *testing.T) {
	for _, p := range []string{"", "elevenchars", strings.Repeat("x", 1025), "twelve chars\xff"} {
		if _, err := HashPassword(p); !errors.Is(err, fault.ErrInvalid) {
			t.Errorf("%.20q: got %v, want ErrInvalid", p, err)
		}
	}
}

func TestParsePHC(t *testing.T) {
	const salt, key = "c2FsdHNhbHQ", "MDEyMzQ1Njc4OWFiY2RlZg"
	for _, c := range []struct {
		name, phc string
		ok        bool
	}{
		{"good", "$argon2id$v=19$m=65536,t=3,p=2$" + salt + "$" + key, true},
		{"other order of costs", "$argon2id$v=19$p=1,t=1,m=8$" + salt + "$" + key, true},
		{"empty", "", false},
		{"other function", "$argon2i$v=19$m=65536,t=3,p=2$" + salt + "$" + key, false},
		{"other version", "$argon2id$v=16$m=65536,t=3,p=2$" + salt + "$" + key, false},
		{"a terabyte", "$argon2id$v=19$m=1073741824,t=3,p=2$" + salt + "$" + key, false},
		{"endless", "$argon2id$v=19$m=65536,t=4000000000,p=2$" + salt + "$" + key, false},
		{"no memory", "$argon2id$v=19$t=3,p=2$" + salt + "$" + key, false},
		{"zero", "$argon2id$v=19$m=0,t=3,p=2$" + salt + "$" + key, false},
		{"twice", "$argon2id$v=19$m=8,m=8,t=3,p=2$" + salt + "$" + key, false},
		{"too many lanes", "$argon2id$v=19$m=65536,t=3,p=257$" + salt + "$" + key, false},
		{"short salt", "$argon2id$v=19$m=65536,t=3,p=2$c2Fs$" + key, false},
		{"short key", "$argon2id$v=19$m=65536,t=3,p=2$" + salt + "$c2Fs", false},
		{"not base64", "$argon2id$v=19$m=65536,t=3,p=2$" + salt + "$!!!!", false},
	} {
		if _, err := parsePHC(c.phc); (err == nil) != c.ok {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=65536,t=3,p=2$c2FsdHNhbHQ$MDEyMzQ1Njc4OWFiY2RlZg")
	f.Add("$argon2id$v=19$$$")
	f.Fuzz(func(t *testing.T, s string) {
		h, err := parsePHC(s)
		if err == nil && (h.memory == 0 || h.memory > maxMemory || h.time == 0 || h.time > maxTime || h.lanes == 0 || len(h.key) > 64) {
			t.Errorf("%q costs too much: %+v", s, h)
		}
	})
}
