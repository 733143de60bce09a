package cli

import (
	"strconv"
	"strings"
	"time"
)

// maxAgo bounds how far back a flag may reach: further, the time of a file is not stored.
const maxAgo = 100 * 365

// pointInTime reads when something was: an age such as 7d or 24h, a day (its beginning in UTC), or a moment. Empty: the zero time.
func pointInTime(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n >= 0 && n <= maxAgo {
			return now.AddDate(0, 0, -n), nil
		}
	}
	if age, err := time.ParseDuration(text); err == nil && age >= 0 {
		return now.Add(-age), nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() > 1970 {
			return t, nil
		}
	}
	return time.Time{}, usagef("%s is %q; it takes an age such as 7d or 24h, a day such as 2026-03-01, or a moment such as 2026-03-01T08:00:00Z", flag, text)
}
