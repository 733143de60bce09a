package application

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/internal/fault"
)

// Profile is what is known of the service behind an application.
type Profile struct {
	Found     map[string]string // by key: what the last successful test connection found
	FoundAt   time.Time         // zero: never
	Overrides map[string]string // by key: what an administrator set
	CA        string            // certificates that are trusted besides the machine's own, PEM; empty: none
}

// ProfileStore keeps profiles. Each part is written by itself, because a test connection may end while an administrator changes the rest.
type ProfileStore interface {
	Profile(ctx context.Context, app string) (Profile, error) // the zero Profile where none was stored
	SaveFound(ctx context.Context, app string, found map[string]string, at time.Time) error
	SaveOverrides(ctx context.Context, app string, overrides map[string]string) error
	SaveCA(ctx context.Context, app, ca string) error
}

// The keys of a profile that others look up.
const (
	ProfilePreset      = "preset"
	ProfileDialect     = "dialect"
	ProfilePatch       = "patch"
	ProfilePut         = "put"
	ProfileETag        = "etag"
	ProfileMemberBatch = "member-batch"
	ProfileRateLimit   = "rate-limit"
	ProfileGroups      = "groups"
	ProfileActive      = "active"
	ProfileFilter      = "filter"
	ProfilePagination  = "pagination"
	ProfilePageSize    = "page-size"
	ProfileBulk        = "bulk"
)

// MaxMemberBatch bounds the members in one PATCH.
const MaxMemberBatch = 1000

// profileKey is one thing to know of a service.
type profileKey struct {
	name  string
	says  string                    // what it means, for people
	check func(text string) error   // of an override; nil: it is only found
	text  func(value string) string // how a checked override is stored; nil: as it came, in lower case
	_     struct{}                  // by name only
}

const profileAuto = "auto"

func profileKeys() []profileKey {
	onOff := func(text string) error {
		_, err := parseSwitch(text)
		return err
	}
	word := func(text string) string {
		if on, _ := parseSwitch(text); on {
			return "on"
		}
		return "off"
	}
	return []profileKey{
		{name: ProfilePreset, says: "what is published about a known service", check: oneOf(PresetNames()...)},
		{name: ProfileDialect, says: "how PATCH is written: rfc, entra, entra-2020", check: oneOf("rfc", "entra", "entra-2020")},
		{name: ProfilePatch, says: "accounts are changed with PATCH", check: onOff, text: word},
		{name: ProfilePut, says: "accounts may be replaced with PUT", check: onOff, text: word},
		{name: ProfileETag, says: "writes of what was read carry If-Match", check: onOff, text: word},
		{name: ProfileMemberBatch, says: "members of a group in one request", check: checkMemberBatch},
		{name: ProfileRateLimit, says: "requests a second, where app set rate-limit is off", check: checkRate, text: rateOf},
		{name: ProfileGroups, says: "it has groups (app set groups=on|off decides)"},
		{name: ProfileActive, says: "its accounts can be disabled"},
		{name: ProfileFilter, says: "attributes that it filters by"},
		{name: ProfilePagination, says: "how lists go on"},
		{name: ProfilePageSize, says: "most resources in one answer"},
		{name: ProfileBulk, says: "it takes several operations in one request (not used)"},
	}
}

func oneOf(words ...string) func(string) error {
	return func(text string) error {
		if !slices.Contains(words, strings.ToLower(text)) {
			return fmt.Errorf("expected %s or auto", strings.Join(words, ", "))
		}
		return nil
	}
}

func checkMemberBatch(text string) error {
	if n, err := strconv.Atoi(text); err != nil || n < 1 || n > MaxMemberBatch {
		return fmt.Errorf("expected a number from 1 to %d, or auto", MaxMemberBatch)
	}
	return nil
}

func checkRate(text string) error { return setRateLimit(&Settings{}, text) }

func rateOf(text string) string {
	var s Settings
	if setRateLimit(&s, text) != nil {
		return ""
	}
	return rateText(s.RateLimit)
}

// With returns the overrides with each KEY=VALUE applied; VALUE auto takes one away. Either all are applied or none: the error, fault.ErrInvalid, says
// which is wrong, what came and what is allowed.
func (p Profile) With(pairs ...string) (map[string]string, error) {
	out := maps.Clone(p.Overrides)
	if out == nil {
		out = map[string]string{}
	}
	seen := map[string]bool{}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		switch {
		case !ok:
			return nil, fault.Errorf(fault.ErrInvalid, "%q is not of the profile: write KEY=VALUE, for example patch=off, or KEY=auto", pair)
		case seen[name]:
			return nil, fault.Errorf(fault.ErrInvalid, "%s was given twice; give it once", name)
		}
		seen[name] = true
		if err := override(out, name, value); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func override(out map[string]string, name, value string) error {
	var settable []string
	for _, k := range profileKeys() {
		if k.check != nil {
			settable = append(settable, k.name)
		}
		if k.name != name {
			continue
		}
		switch {
		case k.check == nil:
			return fault.Errorf(fault.ErrInvalid, "%s is found by a test connection and cannot be set: %s", name, k.says)
		case strings.EqualFold(value, profileAuto):
			delete(out, name)
			return nil
		}
		if err := k.check(value); err != nil {
			return fault.Errorf(fault.ErrInvalid, "%s=%.100s: %w", name, value, err)
		}
		if out[name] = strings.ToLower(value); k.text != nil {
			out[name] = k.text(value)
		}
		return nil
	}
	return fault.Errorf(fault.ErrInvalid, "the profile has no key %.100q; those that can be set are %s", name, strings.Join(settable, ", "))
}

// Fact is one line of a profile.
type Fact struct {
	Key   string `json:"key"`
	Value string `json:"value"` // auto: nothing is known, the service is taken as it turns out
	From  string `json:"from"`  // set, preset, found or default
	Says  string `json:"meaning"`
}

// Where a fact comes from, the strongest first.
const (
	FromSet     = "set"
	FromPreset  = "preset"
	FromFound   = "found"
	FromDefault = "default"
)

// Facts resolves the profile: what was set, else what the preset says, else what was found.
func (p Profile) Facts() []Fact {
	keys := profileKeys()
	out := make([]Fact, 0, len(keys))
	for _, k := range keys {
		value, from := p.Value(k.name)
		out = append(out, Fact{Key: k.name, Value: value, From: from, Says: k.says})
	}
	return out
}

// Value is one fact and where it comes from.
func (p Profile) Value(key string) (value, from string) {
	if v, ok := p.Overrides[key]; ok {
		return v, FromSet
	}
	if v, ok := presets()[p.Overrides[ProfilePreset]][key]; ok {
		return v, FromPreset
	}
	if v, ok := p.Found[key]; ok {
		return v, FromFound
	}
	return profileAuto, FromDefault
}
