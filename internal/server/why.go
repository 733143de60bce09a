package server

import (
	"context"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
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
	asked, err := s.verify(ctx, app, provisioning.Subject{Type: typ, ID: why.Source.ID})
	switch {
	case ctx.Err() != nil:
		return why, err
	case err != nil: // the answer stands without it
		why.VerifyError = err.Error()
	default:
		why.Verify = &asked
	}
	return why, nil
}

// verify plans for one object, which asks the target and compares.
func (s *System) verify(ctx context.Context, app application.Application, subject provisioning.Subject) (provisioning.OnDemand, error) {
	if subject.ID == "" {
		return provisioning.OnDemand{}, fault.Errorf(fault.ErrNotFound, "there is nobody to ask the target about")
	}
	t, err := s.target(ctx, app)
	if err != nil {
		return provisioning.OnDemand{}, err
	}
	defer t.Close()
	return s.Engine.ProvisionOnDemand(ctx, app, t, subject, true)
}
