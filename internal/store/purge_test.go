package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

// purgeRace is a user and a group on PostgreSQL, where two transactions can meet.
type purgeRace struct {
	s   *store.Store
	d   *directory.Directory
	org string
}

func newPurgeRace(t *testing.T) *purgeRace {
	t.Helper()
	s := storetest.Open(t, storetest.Postgres(t))
	org := storetest.Organization(t, s, "acme")
	insert(t, s, user(org, "u1", "ada"), group(org, "g1", "one"))
	return &purgeRace{s: s, d: &directory.Directory{Store: s}, org: org}
}

// add makes the user a member, and calls meanwhile before the commit.
func (r *purgeRace) add(ctx context.Context, meanwhile func() error) error {
	return r.d.Write(ctx, r.org, directory.Origin{}, func(ctx context.Context, w *directory.Writer) error {
		g, err := w.Touch(ctx, r.org, directory.Group, "g1")
		if err != nil {
			return err
		}
		if _, _, err := w.ChangeMembers(ctx, g, []scim.MemberOp{{Kind: scim.MemberAdd, Values: []string{"u1"}}}); err != nil {
			return err
		}
		return meanwhile()
	})
}

func (r *purgeRace) purge(ctx context.Context, meanwhile func() error) error {
	return r.d.Write(ctx, r.org, directory.Origin{}, func(ctx context.Context, w *directory.Writer) error {
		if err := w.Purge(ctx, directory.User, "u1"); err != nil {
			return err
		}
		return meanwhile()
	})
}

// blocked returns once a transaction of this database waits for another one.
func (r *purgeRace) blocked(ctx context.Context) error {
	for {
		n, err := r.s.QueryText(ctx, `select cast(count(*) as text) from pg_stat_activity
			where datname = current_database() and wait_event_type = 'Lock'`)
		if err != nil || n != "0" {
			return err
		}
	}
}

func nothing() error { return nil }

func TestPurgeWaitsForNewMember(t *testing.T) {
	r := newPurgeRace(t)
	done := make(chan error, 1)
	err := r.add(t.Context(), func() error {
		go func() { done <- r.purge(t.Context(), nothing) }()
		return r.blocked(t.Context())
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	changes, err := r.s.Changes(t.Context(), r.org, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, c := range changes {
		kinds = append(kinds, fmt.Sprint(c.Kind))
	}
	if want := []string{"member-add", "member-remove", "purge"}; !slices.Equal(kinds, want) {
		t.Errorf("the feed says %v, want %v", kinds, want)
	}
}

func TestNewMemberIsPurgedMeanwhile(t *testing.T) {
	r := newPurgeRace(t)
	done := make(chan error, 1)
	err := r.purge(t.Context(), func() error {
		go func() { done <- r.add(t.Context(), nothing) }()
		return r.blocked(t.Context())
	})
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, <-done, fault.ErrInvalid)
}
