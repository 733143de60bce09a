package server

import (
	"context"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/provisioning"
)

// TrialInput says what is tried, and on whom: exactly one of User, Group, Sample and Object.
type TrialInput struct {
	Expression string
	Row        string // instead of Expression: the row of this target attribute
	Attribute  string // the target attribute that the value has to fit; empty: that of Row, if any
	User       string
	Group      string
	Sample     int    // how many people picked at random
	Object     []byte // JSON
}

// TryExpression evaluates an expression, or a row of the application's mapping: once, or once for each person of a sample.
func (s *System) TryExpression(ctx context.Context, app application.Application, in TrialInput) ([]provisioning.Trial, error) {
	typ := directory.User
	if in.Group != "" {
		typ = directory.Group
	}
	r := provisioning.TrialRequest{Expression: in.Expression, Attribute: in.Attribute}
	if in.Row != "" {
		m := app.Mapping.For(typ)
		if m == nil {
			return nil, fault.Errorf(fault.ErrInvalid, "application %s has no mapping of %s objects", app.Name, typ)
		}
		var err error
		if r.Expression, err = provisioning.RowExpression(m, in.Row); err != nil {
			return nil, err
		}
		if r.Attribute == "" {
			r.Attribute = in.Row
		}
	}
	if app.TenantURL != "" && r.Attribute != "" {
		accounts, err := s.target(ctx, app)
		if err == nil { // without it, SelectUniqueValue says that nobody was asked
			defer accounts.Close()
			r.Accounts = accounts
		}
	}
	switch {
	case in.Sample > 0:
		return s.Engine.TrySample(ctx, app, in.Sample, r)
	case in.Object != nil:
		o, err := provisioning.ParseTrialObject(typ, in.Object)
		if err != nil {
			return nil, err
		}
		return one(s.Engine.TryObject(ctx, app, o, r))
	}
	obj, err := s.principal(ctx, app, Principal{User: in.User, Group: in.Group})
	if err != nil {
		return nil, err
	}
	return one(s.Engine.Try(ctx, app, provisioning.Subject{Type: obj.Type, ID: obj.ID}, r))
}

func one(t provisioning.Trial, err error) ([]provisioning.Trial, error) {
	if err != nil {
		return nil, err
	}
	return []provisioning.Trial{t}, nil
}
