package application

import (
	"fmt"
	"math"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/internal/fault"
)

// The limits of settings.
const (
	MinInterval         = time.Minute
	MaxInterval         = 24 * time.Hour
	DefaultInterval     = 40 * time.Minute // Entra's (spec/entra-provisioning.md 1.6)
	DefaultThreshold    = 500
	ThresholdOff        = -1
	MaxThreshold        = 10_000_000
	MaxConcurrency      = 256
	MaxRateLimit        = 10_000 // requests per second
	maxRecipients       = 20
	DeprovisionDisable  = "disable"
	DeprovisionDelete   = "delete"
	whenEmptyLeave      = "leave"
	whenEmptyClear      = "clear"
	whenEmptyDefault    = "default"
	maxSettingTextBytes = 8 << 10
)

// DefaultSettings are the settings of a new application.
func DefaultSettings() Settings {
	return Settings{
		Interval:          DefaultInterval,
		DeletionThreshold: DefaultThreshold,
		Deprovision:       DeprovisionDisable,
		WhenEmpty:         whenEmptyClear,
		Groups:            true,
	}
}

// A key is one setting: how its text is read into the settings, and how it is written back.
type key struct {
	name string
	set  func(s *Settings, text string) error
	text func(s Settings) string
}

// keys is the one table of settings, in the order of design/cli.md. It is a function so that nobody can change it.
func keys() []key {
	return []key{
		{"interval", setInterval, func(s Settings) string { return durationText(s.Interval) }},
		{"deletion-threshold", setThreshold, func(s Settings) string { return thresholdText(s.DeletionThreshold) }},
		toggle("skip-out-of-scope-deletions", func(s *Settings) *bool { return &s.SkipOutOfScopeDeletions }),
		choice("deprovision", func(s *Settings) *string { return &s.Deprovision }, DeprovisionDisable, DeprovisionDelete),
		choice("when-empty", func(s *Settings) *string { return &s.WhenEmpty }, whenEmptyLeave, whenEmptyClear, whenEmptyDefault),
		toggle("groups", func(s *Settings) *bool { return &s.Groups }),
		toggle("nested-groups", func(s *Settings) *bool { return &s.NestedGroups }),
		toggle("append-only", func(s *Settings) *bool { return &s.AppendOnly }),
		{"notification-email", setRecipients, func(s Settings) string { return strings.Join(s.NotificationEmail, ",") }},
		toggle("notify-on-failure", func(s *Settings) *bool { return &s.NotifyOnFailure }),
		{"rate-limit", setRateLimit, func(s Settings) string { return rateText(s.RateLimit) }},
		{"concurrency", setConcurrency, func(s Settings) string { return concurrencyText(s.Concurrency) }},
	}
}

// SettingNames lists the keys of With.
func SettingNames() []string {
	names := make([]string, 0, 12)
	for _, k := range keys() {
		names = append(names, k.name)
	}
	return names
}

// Pair is one setting as text.
type Pair struct{ Key, Value string }

// Pairs writes the settings as With reads them.
func (s Settings) Pairs() []Pair {
	pairs := make([]Pair, 0, 12)
	for _, k := range keys() {
		pairs = append(pairs, Pair{Key: k.name, Value: k.text(s)})
	}
	return pairs
}

// With returns the settings with each KEY=VALUE applied. Either all are applied or none: the error, fault.ErrInvalid, says which one is wrong, what
// came and what is allowed. A key given twice is an error.
func (s Settings) With(pairs ...string) (Settings, error) {
	out := s
	out.NotificationEmail = slices.Clone(s.NotificationEmail)
	seen := map[string]bool{}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if !ok {
			return s, fault.Errorf(fault.ErrInvalid, "%q is not a setting: write KEY=VALUE, for example interval=40m", pair)
		}
		if seen[name] {
			return s, fault.Errorf(fault.ErrInvalid, "%s was given twice; give it once", name)
		}
		seen[name] = true
		k, ok := find(name)
		if !ok {
			return s, fault.Errorf(fault.ErrInvalid, "there is no setting %q; the settings are %s", name, strings.Join(SettingNames(), ", "))
		}
		if len(value) > maxSettingTextBytes {
			return s, fault.Errorf(fault.ErrInvalid, "the value of %s has %d bytes; at most %d are allowed", name, len(value), maxSettingTextBytes)
		}
		if err := k.set(&out, strings.TrimSpace(value)); err != nil {
			return s, fault.Errorf(fault.ErrInvalid, "%s=%s: %w", name, value, err)
		}
	}
	return out, nil
}

func find(name string) (key, bool) {
	for _, k := range keys() {
		if k.name == name {
			return k, true
		}
	}
	return key{}, false
}

func toggle(name string, field func(*Settings) *bool) key {
	return key{
		name: name,
		set: func(s *Settings, text string) error {
			on, err := parseSwitch(text)
			if err == nil {
				*field(s) = on
			}
			return err
		},
		text: func(s Settings) string {
			if *field(&s) {
				return "on"
			}
			return "off"
		},
	}
}

func choice(name string, field func(*Settings) *string, allowed ...string) key {
	return key{
		name: name,
		set: func(s *Settings, text string) error {
			word := strings.ToLower(text)
			if !slices.Contains(allowed, word) {
				return fmt.Errorf("expected %s", strings.Join(allowed, " or "))
			}
			*field(s) = word
			return nil
		},
		text: func(s Settings) string { return *field(&s) },
	}
}

func parseSwitch(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "on", "true":
		return true, nil
	case "off", "false":
		return false, nil
	}
	return false, fmt.Errorf("expected on or off")
}

func setInterval(s *Settings, text string) error {
	d, err := time.ParseDuration(text)
	if err != nil || d < MinInterval || d > MaxInterval {
		return fmt.Errorf("expected a time from 1m to 24h, such as 40m or 1h30m")
	}
	s.Interval = d
	return nil
}

func setThreshold(s *Settings, text string) error {
	if strings.EqualFold(text, "off") {
		s.DeletionThreshold = ThresholdOff
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > MaxThreshold {
		return fmt.Errorf("expected a number from 0 to %d, or off", MaxThreshold)
	}
	s.DeletionThreshold = n
	return nil
}

func setRecipients(s *Settings, text string) error {
	var list []string
	for address := range strings.SplitSeq(text, ",") {
		address = strings.TrimSpace(address)
		if address == "" {
			continue
		}
		parsed, err := mail.ParseAddress(address)
		if err != nil || parsed.Address != address {
			return fmt.Errorf("%q is not an e-mail address; expected addresses separated by commas, such as admin@example.com", address)
		}
		if !slices.Contains(list, address) {
			list = append(list, address)
		}
	}
	if len(list) > maxRecipients {
		return fmt.Errorf("%d addresses; at most %d are allowed", len(list), maxRecipients)
	}
	s.NotificationEmail = list
	return nil
}

func setRateLimit(s *Settings, text string) error {
	if strings.EqualFold(text, "off") {
		s.RateLimit = 0
		return nil
	}
	n, err := strconv.ParseFloat(strings.TrimSuffix(text, "/s"), 64)
	if err != nil || math.IsNaN(n) || n <= 0 || n > MaxRateLimit {
		return fmt.Errorf("expected requests per second, more than 0 and up to %d, such as 25/s, or off", MaxRateLimit)
	}
	s.RateLimit = n
	return nil
}

func setConcurrency(s *Settings, text string) error {
	if strings.EqualFold(text, "auto") {
		s.Concurrency = 0
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > MaxConcurrency {
		return fmt.Errorf("expected a number from 1 to %d, or auto", MaxConcurrency)
	}
	s.Concurrency = n
	return nil
}

func durationText(d time.Duration) string {
	text, whole := strings.CutSuffix(d.String(), "m0s")
	if !whole {
		return d.String()
	}
	if hours, ok := strings.CutSuffix(text, "h0"); ok {
		return hours + "h"
	}
	return text + "m"
}

func thresholdText(n int) string {
	if n < 0 {
		return "off"
	}
	return strconv.Itoa(n)
}

func rateText(r float64) string {
	if r <= 0 {
		return "off"
	}
	return strconv.FormatFloat(r, 'g', -1, 64) + "/s"
}

func concurrencyText(n int) string {
	if n <= 0 {
		return "auto"
	}
	return strconv.Itoa(n)
}
