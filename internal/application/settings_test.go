package application

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/fault"
)

func TestSettingsWith(t *testing.T) {
	with := func(change func(*Settings)) Settings {
		s := DefaultSettings()
		change(&s)
		return s
	}
	for _, tt := range []struct {
		pairs []string
		want  Settings
	}{
		{nil, DefaultSettings()},
		{[]string{"interval=5m"}, with(func(s *Settings) { s.Interval = 5 * time.Minute })},
		{[]string{"INTERVAL= 24h "}, with(func(s *Settings) { s.Interval = 24 * time.Hour })},
		{[]string{"deletion-threshold=0"}, with(func(s *Settings) { s.DeletionThreshold = 0 })},
		{[]string{"deletion-threshold=off"}, with(func(s *Settings) { s.DeletionThreshold = ThresholdOff })},
		{[]string{"skip-out-of-scope-deletions=on", "groups=false"}, with(func(s *Settings) { s.SkipOutOfScopeDeletions, s.Groups = true, false })},
		{[]string{"deprovision=Delete"}, with(func(s *Settings) { s.Deprovision = "delete" })},
		{[]string{"when-empty=leave", "append-only=true"}, with(func(s *Settings) { s.WhenEmpty, s.AppendOnly = "leave", true })},
		{[]string{"notification-email=a@example.com, b@example.com,a@example.com"}, with(func(s *Settings) {
			s.NotificationEmail = []string{"a@example.com", "b@example.com"}
		})},
		{[]string{"notification-email="}, DefaultSettings()},
		{[]string{"rate-limit=25/s"}, with(func(s *Settings) { s.RateLimit = 25 })},
		{[]string{"rate-limit=0.5"}, with(func(s *Settings) { s.RateLimit = 0.5 })},
		{[]string{"rate-limit=off", "concurrency=auto"}, DefaultSettings()},
		{[]string{"concurrency=8", "notify-on-failure=on", "nested-groups=on"}, with(func(s *Settings) {
			s.Concurrency, s.NotifyOnFailure, s.NestedGroups = 8, true, true
		})},
	} {
		got, err := DefaultSettings().With(tt.pairs...)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("With(%q) = %+v, %v; want %+v", tt.pairs, got, err, tt.want)
		}
	}
}

func TestSettingsWithRefuses(t *testing.T) {
	for _, tt := range []struct{ pair, want string }{
		{"interval", "KEY=VALUE"},
		{"interval=30s", "from 1m to 24h"},
		{"interval=25h", "from 1m to 24h"},
		{"interval=forty", "from 1m to 24h"},
		{"deletion-threshold=-1", "0 to"},
		{"deletion-threshold=", "or off"},
		{"deprovision=archive", "disable or delete"},
		{"when-empty=maybe", "leave or clear or default"},
		{"groups=yes", "on or off"},
		{"notification-email=Root <root@example.com>", "not an e-mail address"},
		{"notification-email=root", "not an e-mail address"},
		{"rate-limit=0", "requests per second"},
		{"rate-limit=NaN", "requests per second"},
		{"concurrency=0", "1 to 256, or auto"},
		{"concurrency=1000", "1 to 256"},
		{"colour=red", "the settings are interval, deletion-threshold"},
		{"notification-email=" + strings.Repeat("a", 9000), "at most 8192"},
	} {
		before := DefaultSettings()
		got, err := before.With("concurrency=3", tt.pair)
		if tt.pair == "concurrency=0" || tt.pair == "concurrency=1000" {
			got, err = before.With(tt.pair)
		}
		if !errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("With(%.40q) error = %v, want one that says %q", tt.pair, err, tt.want)
		}
		if !reflect.DeepEqual(got, before) {
			t.Errorf("With(%.40q) changed the settings although it failed", tt.pair)
		}
	}
	if _, err := DefaultSettings().With("groups=on", "groups=off"); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("a key given twice: %v", err)
	}
}

func TestPairsReadBack(t *testing.T) {
	s, err := DefaultSettings().With("interval=90m", "deletion-threshold=off", "rate-limit=2.5/s", "concurrency=7", "notification-email=a@example.com,b@example.com")
	if err != nil {
		t.Fatal(err)
	}
	var pairs []string
	for _, p := range s.Pairs() {
		pairs = append(pairs, p.Key+"="+p.Value)
	}
	got, err := DefaultSettings().With(pairs...)
	if err != nil || !reflect.DeepEqual(got, s) {
		t.Errorf("With(Pairs()) = %+v, %v; want %+v", got, err, s)
	}
	if pairs[0] != "interval=1h30m" {
		t.Errorf("interval is written %q", pairs[0])
	}
	if d := durationText(2 * time.Hour); d != "2h" {
		t.Errorf("durationText(2h) = %q", d)
	}
}

func FuzzSettingsWith(f *testing.F) {
	for _, seed := range []string{"interval=5m", "rate-limit=1e9/s", "notification-email=a@b.c,,", "=", "groups", "deletion-threshold=99999999999999999999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pair string) {
		s, err := DefaultSettings().With(pair)
		if err != nil {
			if !errors.Is(err, fault.ErrInvalid) {
				t.Errorf("With(%q): %v is not fault.ErrInvalid", pair, err)
			}
			return
		}
		if s.Interval < MinInterval || s.Interval > MaxInterval || s.Concurrency < 0 || s.RateLimit < 0 || s.DeletionThreshold < ThresholdOff {
			t.Errorf("With(%q) accepted %+v", pair, s)
		}
	})
}
