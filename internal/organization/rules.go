package organization

import (
	"net/mail"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

const (
	minSlug  = 2
	maxSlug  = 63 // a DNS label, so that a slug can become a host name
	maxName  = 200
	maxEmail = 254 // RFC 5321 section 4.5.3.1.3, without the angle brackets
)

// CheckSlug says whether s can be the slug of an organization: 2 to 63 lower-case letters, digits and hyphens, the first and the last one not a hyphen.
// The error is fault.ErrInvalid.
func CheckSlug(s string) error {
	if len(s) < minSlug || len(s) > maxSlug {
		return fault.Errorf(fault.ErrInvalid, "the slug %.80q has %d characters; expected %d to %d", s, utf8.RuneCountInString(s), minSlug, maxSlug)
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		case c == '-' && i > 0 && i < len(s)-1:
		case c == '-':
			return fault.Errorf(fault.ErrInvalid, "the slug %q begins or ends with a hyphen; hyphens go between letters and digits", s)
		case c >= 'A' && c <= 'Z':
			return fault.Errorf(fault.ErrInvalid, "the slug %q has capital letters; expected lower-case ones, such as %q", s, strings.ToLower(s))
		default:
			return fault.Errorf(fault.ErrInvalid, "the slug %q has something else than a-z, 0-9 and hyphens at byte %d; it becomes part of a URL, such as "+
				"/api/scim/acme-corp", s, i+1)
		}
	}
	return nil
}

// CheckName says whether s can be the display name of an organization. The error is fault.ErrInvalid.
func CheckName(s string) error {
	n := utf8.RuneCountInString(s)
	if strings.TrimSpace(s) == "" || n > maxName {
		return fault.Errorf(fault.ErrInvalid, "the name of the organization has %d characters; expected 1 to %d that are not only spaces", n, maxName)
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return fault.Errorf(fault.ErrInvalid, "the name of the organization %q has control characters or is not UTF-8", s)
	}
	return nil
}

// maxDomain is the most characters that a domain name can have (RFC 1035 section 2.3.4, without the trailing dot).
const maxDomain = 253

// domainName is a name of at least two labels of letters, digits and inner hyphens (RFC 1123 section 2.1).
var domainName = regexp.MustCompile(`^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$`)

// FoldDomain checks a domain name and returns it in lower case. The error is fault.ErrInvalid.
func FoldDomain(s string) (string, error) {
	folded := strings.ToLower(strings.TrimSpace(s))
	if len(folded) > maxDomain || !domainName.MatchString(folded) {
		return "", fault.Errorf(fault.ErrInvalid, "%q is not a domain name; expected one such as contoso.com, an international one in its xn-- form", s)
	}
	return folded, nil
}

// FoldEmail checks an administrator's address and returns it as it is compared and stored. The error is fault.ErrInvalid.
func FoldEmail(s string) (string, error) {
	s = strings.TrimSpace(s)
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > maxEmail {
		return "", fault.Errorf(fault.ErrInvalid, "%.80q is not an email address; expected one such as admin@acme.example", s)
	}
	return scim.Fold(s), nil
}

// Path is the path of the organization's SCIM endpoint. The tenant URL that an identity provider wants is the server's public URL with this path.
func (o Organization) Path() string { return "/api/scim/" + o.Slug }

// TenantURL is the organization's SCIM base URL at a server whose public URL is base, with or without a slash at its end.
func (o Organization) TenantURL(base string) string { return strings.TrimRight(base, "/") + o.Path() }
