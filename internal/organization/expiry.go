package organization

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/internal/fault"
)

const (
	// DefaultLifetime is how long a new secret is valid when nobody says otherwise. RFC 7644 (7.4) wants an end; identity providers want it far away.
	DefaultLifetime = 365 * day
	// Forever is the lifetime of a secret that does not end by itself.
	Forever = time.Duration(math.MaxInt64)
	// WarnBefore is how long before the end of a token its owner is warned.
	WarnBefore = 30 * day

	day         = 24 * time.Hour
	maxLifetime = 10 * 365 * day
)

// ParseLifetime reads how long a secret is to be valid: 365d, 720h, never. The error is fault.ErrInvalid.
func ParseLifetime(text string) (time.Duration, error) {
	if strings.EqualFold(text, "never") {
		return Forever, nil
	}
	lifetime, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		lifetime = time.Duration(max(0, min(n, int(maxLifetime/day)+1))) * day
	}
	if err != nil || checkLifetime(lifetime) != nil {
		return 0, fault.Errorf(fault.ErrInvalid, "%.40q is not a time after which a secret can end; expected one such as 365d or 12h, at most %dd, or never",
			text, maxLifetime/day)
	}
	return lifetime, nil
}

func checkLifetime(d time.Duration) error {
	if d != Forever && (d < time.Second || d > maxLifetime) {
		return fault.Errorf(fault.ErrInvalid, "a secret cannot be valid for %s; expected a second to %d days, or that it never ends", d, maxLifetime/day)
	}
	return nil
}

// ends is when a secret ends that was made now; the zero time: never.
func ends(now time.Time, lifetime time.Duration) time.Time {
	switch lifetime {
	case Forever:
		return time.Time{}
	case 0:
		lifetime = DefaultLifetime
	}
	return now.Add(lifetime)
}

// Ending is a token that ends soon.
type Ending struct {
	Token

	Next string // id of one that is valid longer, but was not used since; "": there is none
}

// EndingSoon returns those of an organization's tokens that are valid, end within WarnBefore and have no successor: a token that is valid longer and was used
// since.
func EndingSoon(tokens []Token, now time.Time) []Ending {
	var out []Ending
	for _, t := range tokens {
		if !t.Valid(now) || t.Expires.IsZero() || t.Expires.Sub(now) > WarnBefore {
			continue
		}
		ending, succeeded := Ending{Token: t}, false
		for _, o := range tokens {
			if o.ID == t.ID || !o.Valid(now) || !o.Expires.IsZero() && !o.Expires.After(t.Expires) {
				continue
			}
			ending.Next = o.ID
			succeeded = succeeded || !o.LastUsed.IsZero() && !o.LastUsed.Before(t.LastUsed)
		}
		if !succeeded {
			out = append(out, ending)
		}
	}
	return out
}

// Warning says to a person that the token of the organization ends soon, and what to do.
func (e Ending) Warning(slug string, now time.Time) string {
	used := "was never used"
	if !e.LastUsed.IsZero() {
		used = "was last used " + e.LastUsed.UTC().Format(time.RFC3339)
	}
	todo := fmt.Sprintf("make the next one with `rollcall data-integration rotate %s` and give it to the identity provider", slug)
	if e.Next != "" {
		todo = fmt.Sprintf("give the identity provider the token %s, which is valid longer and was not used since", e.Next)
	}
	return fmt.Sprintf("the SCIM token %s of organization %s ends in %s, on %s, and %s; %s",
		e.ID, slug, span(e.Expires.Sub(now)), e.Expires.UTC().Format(time.DateOnly), used, todo)
}

// span is a time for a person, rounded down.
func span(d time.Duration) string {
	switch {
	case d >= 2*day:
		return fmt.Sprintf("%d days", int(d/day))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d/time.Hour))
	}
	return fmt.Sprintf("%d minutes", int(d/time.Minute))
}
