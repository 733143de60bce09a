package server

import (
	"context"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/provisioning"
)

// Why answers why a person or group is not at the target. With verify the target is asked as well, by a plan for this one object, which compares.
func (s *System) Why(ctx context.Context, app application.Application, p Principal, verify bool) (provisioning.Why, error) {
	typ, name := directory.User, p.User
	if p.Group != "" {
		typ, name = directory.Group, p.Group
	}
	why, err := s.Engine.Why(ctx, app, s.Store, typ, name)
	if err != nil || !verify {
		return why, err
	}
	if why.Source.ID == "" {
		return why, nil // nobody to ask about
	}
	t, err := s.target(app, true)
	if err != nil {
		return why, err
	}
	defer t.Close()
	asked, err := s.Engine.ProvisionOnDemand(ctx, app, t, provisioning.Subject{Type: typ, ID: why.Source.ID}, true)
	if err != nil {
		return why, err
	}
	why.Verify = &asked
	return why, nil
}
