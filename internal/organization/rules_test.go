package organization

import (
	"errors"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/fault"
)

func TestCheckSlug(t *testing.T) {
	for _, c := range []struct{ slug, want string }{
		{"acme", ""}, {"a1", ""}, {"acme-corp-2", ""}, {"xn--bcher-kva", ""}, {strings.Repeat("a", 63), ""},
		{"", "0 characters"}, {"a", "1 characters"}, {strings.Repeat("a", 64), "64 characters"}, {"-acme", "hyphen"}, {"acme-", "hyphen"},
		{"Acme", `"acme"`}, {"acme corp", "byte 5"}, {"acme/x", "byte 5"}, {"acmé", "byte 4"}, {"..", "byte 1"}, {"a%2f", "byte 2"},
	} {
		err := CheckSlug(c.slug)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%q: got %v, want no error", c.slug, err)
		case c.want != "" && (!errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%q: got %v, want %q", c.slug, err, c.want)
		}
	}
}

func FuzzCheckSlug(f *testing.F) {
	f.Add("acme")
	f.Add("-a")
	f.Add("é")
	f.Fuzz(func(t *testing.T, s string) {
		if CheckSlug(s) == nil && (len(s) < 2 || len(s) > 63 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || s[0] == '-') {
			t.Errorf("%q passed", s)
		}
	})
}

func TestCheckName(t *testing.T) {
	for _, c := range []struct {
		name string
		ok   bool
	}{
		{"Acme Örg & Søns", true}, {strings.Repeat("é", 200), true}, {"", false}, {"  ", false}, {strings.Repeat("é", 201), false}, {"a\nb", false},
		{"a\xff", false},
	} {
		if err := CheckName(c.name); (err == nil) != c.ok || err != nil && !errors.Is(err, fault.ErrInvalid) {
			t.Errorf("%q: got %v", c.name, err)
		}
	}
}

func TestFoldEmail(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Ada@Acme.Example", "ada@acme.example"}, {" ada@acme.example ", "ada@acme.example"},
		{"ada", ""}, {"Ada <ada@acme.example>", ""}, {"a@b@c", ""}, {"", ""}, {strings.Repeat("a", 250) + "@x.example", ""},
	} {
		got, err := FoldEmail(c.in)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q: got %q, %v; want %q", c.in, got, err, c.want)
		}
	}
}

func TestTenantURL(t *testing.T) {
	o := Organization{Slug: "acme"}
	for _, base := range []string{"https://app.example", "https://app.example/"} {
		if got, want := o.TenantURL(base), "https://app.example/api/scim/acme"; got != want {
			t.Errorf("%s: got %s, want %s", base, got, want)
		}
	}
}

func TestFoldDomain(t *testing.T) {
	for text, want := range map[string]string{
		"contoso.com": "contoso.com", " Contoso.COM ": "contoso.com", "a.b-c.example": "a.b-c.example", "xn--mnchen-3ya.de": "xn--mnchen-3ya.de",
		"": "", "contoso": "", "contoso.com.": "", "-a.com": "", "a-.com": "", "a..com": "", "münchen.de": "", "a b.com": "", "@contoso.com": "",
		strings.Repeat("a", 64) + ".com": "", strings.Repeat("a.", 127) + "com": "",
	} {
		got, err := FoldDomain(text)
		if got != want || (err == nil) != (want != "") || (err != nil && !errors.Is(err, fault.ErrInvalid)) {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}
