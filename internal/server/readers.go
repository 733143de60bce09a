package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/scope"
	"github.com/rollcall-id/rollcall/scim"
)

// maxReaders is how many rows and filters a refusal names.
const maxReaders = 10

// defining runs a write that changes what the organization registered. It refuses to take away what an application of the organization reads: each of its
// cycles would end in an error, and nobody who leaves would be deprovisioned any more. That error is fault.ErrConflict and names the applications, with the
// rows and filters that read it.
func (s *System) defining(
	ctx context.Context, o organization.Organization, origin directory.Origin, fn func(ctx context.Context, w *directory.Writer) error,
) error {
	apps, err := s.Store.Applications(ctx, o.ID)
	if err != nil {
		return err
	}
	return s.Directory.Write(ctx, o.ID, origin, func(ctx context.Context, w *directory.Writer) error {
		had, err := w.LockDefinitions(ctx, o.ID)
		if err != nil {
			return err
		}
		if err := fn(ctx, w); err != nil {
			return err
		}
		left, err := w.LockDefinitions(ctx, o.ID)
		if err != nil {
			return err
		}
		return unread(apps, had, left)
	})
}

// unread is an error where an application reads what is no longer defined.
func unread(apps []application.Application, had, left *scim.Definitions) error {
	before, err := directory.RegistryOf(had)
	if err != nil {
		return err
	}
	after, err := directory.RegistryOf(left)
	if err != nil {
		return err
	}
	var readers []string
	for _, app := range apps {
		readers = append(readers, readersIn(app, before, after)...)
	}
	if len(readers) == 0 {
		return nil
	}
	more := ""
	if n := len(readers) - maxReaders; n > 0 {
		readers, more = readers[:maxReaders], fmt.Sprintf("\n  and %d more", n)
	}
	return fault.Errorf(fault.ErrConflict, "nothing was changed: provisioning reads what would be gone, and every cycle would fail. Change these first:\n  %s%s",
		strings.Join(readers, "\n  "), more)
}

// readersIn names what of the application's mappings and scoping filters reads an attribute that goes.
func readersIn(app application.Application, before, after *scim.Registry) []string {
	var out []string
	for i := range app.Mapping.Objects {
		m := &app.Mapping.Objects[i]
		had, has := provisioning.KnownAttribute(before, m.Source), provisioning.KnownAttribute(after, m.Source)
		goes := func(name string) bool { return had(name) && !has(name) }
		for n, target := range mapping.Readers(m, goes) {
			out = append(out, fmt.Sprintf("application %s, %s mapping: row %d (%s)", app.Name, m.Source, n, target))
		}
		f, err := scope.Compile(m.Scope)
		if err != nil {
			continue // it does not work as it is, and names what is wrong
		}
		for place, attribute := range f.Readers(goes) {
			out = append(out, fmt.Sprintf("application %s, %s scoping filter: %s (%s)", app.Name, m.Source, place, attribute))
		}
	}
	return out
}
