package cli

import (
	"testing"
	"time"
)

func TestPointInTime(t *testing.T) {
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"":                          {},
		"7d":                        time.Date(2026, 3, 24, 12, 0, 0, 0, time.UTC),
		"0d":                        now,
		"24h":                       time.Date(2026, 3, 30, 12, 0, 0, 0, time.UTC),
		"1h30m":                     time.Date(2026, 3, 31, 10, 30, 0, 0, time.UTC),
		"2026-03-01":                time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		"2026-03-01T08:00:00+01:00": time.Date(2026, 3, 1, 7, 0, 0, 0, time.UTC),
	} {
		if got, err := pointInTime("--since", text, now); err != nil || !got.Equal(want) {
			t.Errorf("%q is %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"7", "d", "-1d", "-1h", "99999999999d", "yesterday", "2026-13-01", "0001-01-01"} {
		if got, err := pointInTime("--since", text, now); err == nil {
			t.Errorf("%q is taken for %s", text, got)
		}
	}
}

func FuzzPointInTime(f *testing.F) {
	f.Add("7d")
	f.Add("2026-03-01")
	f.Fuzz(func(t *testing.T, text string) {
		now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
		if got, err := pointInTime("--since", text, now); err == nil && text != "" && got.Year() < 1700 {
			t.Errorf("%q is %s", text, got)
		}
	})
}
