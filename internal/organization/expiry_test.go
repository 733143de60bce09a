package organization_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/organization"
)

const day = 24 * time.Hour

func TestParseLifetime(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"never": organization.Forever, "NEVER": organization.Forever, "365d": 365 * day, "12h": 12 * time.Hour, "1s": time.Second, "3650d": 3650 * day,
	} {
		if got, err := organization.ParseLifetime(text); err != nil || got != want {
			t.Errorf("%q: got %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0", "d", "-1d", "-5h", "0d", "1", "soon", "3651d", "99999999999999999999d", "100000h", "1.5d", "10ms"} {
		if got, err := organization.ParseLifetime(text); !errors.Is(err, fault.ErrInvalid) {
			t.Errorf("%q: got %v, %v; want ErrInvalid", text, got, err)
		}
	}
}

// TestTokensEnd: a new secret ends after a year unless it is said otherwise; one from before, without an end, keeps none.
func TestTokensEnd(t *testing.T) {
	withService(t, func(t *testing.T, s organization.Service, c *clock, org string) {
		set := organization.SetRequest{Organization: org, Provider: "azure", Method: "bearer", Active: true, Generate: true}
		for _, test := range []struct {
			lifetime time.Duration
			want     time.Time
		}{{0, c.at.Add(365 * day)}, {time.Hour, c.at.Add(time.Hour)}, {organization.Forever, time.Time{}}} {
			set.Lifetime = test.lifetime
			out, err := s.Set(t.Context(), set)
			if err != nil || !out.Expires.Equal(test.want) {
				t.Fatalf("set with %v: ends %v, %v; want %v", test.lifetime, out.Expires, err, test.want)
			}
			b, err := s.Store.Bearer(t.Context(), organization.HashSecret(out.Secret))
			if err != nil || !b.Token.Expires.Equal(test.want) {
				t.Errorf("stored with %v: ends %v, %v; want %v", test.lifetime, b.Token.Expires, err, test.want)
			}
		}
		set.Lifetime = time.Millisecond
		if _, err := s.Set(t.Context(), set); !errors.Is(err, fault.ErrInvalid) {
			t.Errorf("a lifetime of a millisecond: got %v, want ErrInvalid", err)
		}
		out, err := s.Rotate(t.Context(), org, time.Hour, 0)
		if err != nil || !out.Expires.Equal(c.at.Add(365*day)) {
			t.Errorf("rotate: ends %v, %v; want in a year", out.Expires, err)
		}
	})
}

func TestTokensEnding(t *testing.T) {
	withService(t, func(t *testing.T, s organization.Service, c *clock, org string) {
		ending := func() int {
			t.Helper()
			found, err := s.Store.TokensEnding(t.Context(), c.at, c.at.Add(organization.WarnBefore))
			if err != nil || len(found) == 1 && found[0].Slug != "acme" {
				t.Fatalf("got %+v, %v", found, err)
			}
			return len(found)
		}
		set := organization.SetRequest{Organization: org, Provider: "azure", Method: "bearer", Active: true, Generate: true, Lifetime: 60 * day}
		if _, err := s.Set(t.Context(), set); err != nil {
			t.Fatal(err)
		}
		if n := ending(); n != 0 {
			t.Errorf("60 days before the end: %d organizations", n)
		}
		c.at = c.at.Add(31 * day)
		if n := ending(); n != 1 {
			t.Errorf("29 days before the end: %d organizations", n)
		}
		c.at = c.at.Add(30 * day)
		if n := ending(); n != 0 {
			t.Errorf("after the end: %d organizations", n)
		}
	})
}

func TestEndingSoon(t *testing.T) {
	now := time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)
	token := func(id string, left time.Duration, used time.Duration) organization.Token {
		k := organization.Token{ID: id}
		if left != organization.Forever {
			k.Expires = now.Add(left)
		}
		if used != 0 {
			k.LastUsed = now.Add(-used)
		}
		return k
	}
	revoked := token("revoked", day, 0)
	revoked.Revoked = now
	for _, c := range []struct {
		name   string
		tokens []organization.Token
		want   string
	}{
		{"far away", []organization.Token{token("a", 31*day, 0), token("b", organization.Forever, 0)}, ""},
		{"soon", []organization.Token{token("a", 29*day, 0)}, "a"},
		{"over, revoked", []organization.Token{token("a", -day, 0), revoked}, ""},
		{"the next one is not in use", []organization.Token{token("new", 300*day, 0), token("old", day, time.Hour)}, "old"},
		{"the next one is in use", []organization.Token{token("new", 300*day, time.Minute), token("old", day, time.Hour)}, ""},
		{"the next one never ends", []organization.Token{token("new", organization.Forever, time.Minute), token("old", day, time.Hour)}, ""},
		{"the next one is not used any more", []organization.Token{token("new", 300*day, time.Hour), token("old", day, time.Minute)}, "old"},
	} {
		var got []string
		for _, k := range organization.EndingSoon(c.tokens, now) {
			got = append(got, k.ID)
			if w := k.Warning("acme", now); !strings.Contains(w, k.ID) || strings.Contains(w, "rotate acme") == strings.Contains(c.name, "next one") {
				t.Errorf("%s: the warning is %q", c.name, w)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %v, want %q", c.name, got, c.want)
		}
	}
}

func FuzzParseLifetime(f *testing.F) {
	for _, seed := range []string{"never", "365d", "12h", "-1d", "99999999999999999999d", "1h1d", "d", "1e9s", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := organization.ParseLifetime(text)
		if err == nil && got != organization.Forever && (got < time.Second || got > 3650*day) {
			t.Errorf("%q is %s", text, got)
		}
		if err != nil && !errors.Is(err, fault.ErrInvalid) {
			t.Errorf("%q: %v", text, err)
		}
	})
}
