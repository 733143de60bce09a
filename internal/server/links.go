package server

import (
	"context"
	"errors"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/provisioning"
)

// LinkChoice names one link: exactly one of its fields.
type LinkChoice struct {
	User   string // user name of the person, who may be gone
	Group  string // display name of the group
	ID     string // of the source object or else of the account
	Target string // id of the account
}

// Link finds a link; fault.ErrNotFound when there is none.
func (s *System) Link(ctx context.Context, app application.Application, c LinkChoice) (provisioning.Link, error) {
	switch {
	case c.User != "":
		return s.Engine.LinkByName(ctx, app, directory.User, c.User)
	case c.Group != "":
		return s.Engine.LinkByName(ctx, app, directory.Group, c.Group)
	case c.Target != "":
		l, err := s.Engine.LinkByTarget(ctx, app, directory.User, c.Target)
		if errors.Is(err, fault.ErrNotFound) {
			return s.Engine.LinkByTarget(ctx, app, directory.Group, c.Target)
		}
		return l, err
	}
	return s.Engine.LinkByID(ctx, app, c.ID)
}

// Unlinked reports whether the choice names something that has no link because there is none any more: an object of the directory, or an id, which cannot be
// told from one that never was. A name that nobody has is rather a slip of the pen.
func (s *System) Unlinked(ctx context.Context, app application.Application, c LinkChoice) (bool, error) {
	if c.User == "" && c.Group == "" {
		return true, nil
	}
	_, err := s.anyPrincipal(ctx, app, Principal{User: c.User, Group: c.Group})
	if errors.Is(err, fault.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// PlanRematch says what matching anew would do.
func (s *System) PlanRematch(ctx context.Context, app application.Application, l provisioning.Link) (provisioning.OnDemand, error) {
	t, err := s.target(ctx, app)
	if err != nil {
		return provisioning.OnDemand{}, err
	}
	defer t.Close()
	return s.Engine.PlanRematch(ctx, app, t, l)
}

// Rematch breaks a link and matches anew at once; broken is false where the plan would find nothing and the link was left as it is.
func (s *System) Rematch(
	ctx context.Context, app application.Application, l provisioning.Link, by directory.Origin,
) (out provisioning.OnDemand, broken bool, err error) {
	t, err := s.target(ctx, app)
	if err != nil {
		return provisioning.OnDemand{}, false, err
	}
	defer t.Close()
	return s.Engine.Rematch(ctx, app, t, l, by)
}
