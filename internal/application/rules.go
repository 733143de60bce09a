package application

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
)

// maxNameRunes bounds an application's name: it is shown in lists, mails and log lines.
const maxNameRunes = 120

// ValidName checks the name of an application. Its error is fault.ErrInvalid.
func ValidName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return fault.Errorf(fault.ErrInvalid, "the application has no name; give one, such as \"Vault Platform\"")
	case strings.TrimSpace(name) != name:
		return fault.Errorf(fault.ErrInvalid, "the application's name %q begins or ends with a space; remove it", name)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, control):
		return fault.Errorf(fault.ErrInvalid, "the application's name %q contains characters that cannot be printed; use letters, digits and spaces", name)
	case utf8.RuneCountInString(name) > maxNameRunes:
		return fault.Errorf(fault.ErrInvalid, "the application's name has %d characters; at most %d are allowed", utf8.RuneCountInString(name), maxNameRunes)
	}
	return nil
}

func control(r rune) bool { return r < ' ' || r == 0x7f }

// New is a new application as a template makes it: not connected, off, scope assigned, default settings.
func New(id, org, name, template string, set mapping.Set, now time.Time) (Application, error) {
	if err := ValidName(name); err != nil {
		return Application{}, err
	}
	return Application{
		ID: id, Organization: org, Name: name, Template: template, Created: now,
		Scope: ScopeAssigned, Mapping: set, Settings: DefaultSettings(), Revision: 1,
	}, nil
}

// SetMapping replaces the mapping. The next cycle is an initial one (spec/entra-provisioning.md 1.4), unless the new mapping does what the one before did:
// what the target's attribute list says of attributes that no row writes is of no consequence.
func (a *Application) SetMapping(set mapping.Set) error {
	before, err := json.Marshal(a.Mapping.Effective())
	if err != nil {
		return err
	}
	after, err := json.Marshal(set.Effective())
	if err != nil {
		return err
	}
	a.Mapping = set
	if !bytes.Equal(before, after) {
		a.Revision++
	}
	return nil
}

// SetScope sets the scope mode. A change makes the next cycle an initial one: it is the one that finds who must leave.
func (a *Application) SetScope(mode string) error {
	if mode != ScopeAssigned && mode != ScopeAll {
		return fault.Errorf(fault.ErrInvalid, "scope %q is not known; expected %s or %s", mode, ScopeAssigned, ScopeAll)
	}
	if a.Scope != mode {
		a.Scope = mode
		a.Revision++
	}
	return nil
}

// SetFilters replaces the scoping filter (JSON as internal/scope reads it, already checked; nil: none) of the mapping of a source object type.
func (a *Application) SetFilters(source string, filter json.RawMessage) error {
	m := a.Mapping.For(source)
	if m == nil {
		return fault.Errorf(fault.ErrInvalid, "application %s has no mapping for %s objects, so they cannot be filtered", a.Name, source)
	}
	if bytes.Equal(m.Scope, filter) {
		return nil
	}
	// The mapping may be shared with a template: copy before writing.
	a.Mapping.Objects = append([]mapping.ObjectMapping(nil), a.Mapping.Objects...)
	a.Mapping.For(source).Scope = filter
	a.Revision++
	return nil
}

// SetSettings replaces the settings. Those that say who is in scope or what flows make the next cycle an initial one.
func (a *Application) SetSettings(s Settings) {
	if a.Settings.Groups != s.Groups || a.Settings.NestedGroups != s.NestedGroups || a.Settings.WhenEmpty != s.WhenEmpty ||
		a.Settings.AppendOnly != s.AppendOnly || a.Settings.SkipOutOfScopeDeletions != s.SkipOutOfScopeDeletions ||
		a.Settings.Deprovision != s.Deprovision {
		a.Revision++
	}
	a.Settings = s
}
