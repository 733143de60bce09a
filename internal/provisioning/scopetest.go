package provisioning

import (
	"context"
	"fmt"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/internal/scope"
)

// ScopeTest is the JSON of `app scope-test`: the verdict on one real object, clause by clause.
type ScopeTest struct {
	Source   record.Identity `json:"source"`
	InScope  bool            `json:"inScope"`
	Ignored  bool            `json:"ignored"` // by an input filter: left alone
	Broken   bool            `json:"broken"`  // the filter gives no verdict: left alone
	Assigned bool            `json:"assigned"`
	Reason   string          `json:"reason"`
	Account  string          `json:"account"` // id at the target; empty: none is linked
	// Filter is what the scoping filters say, also where the object is not assigned and they do not matter.
	Filter scope.Result `json:"filter"`
	Error  string       `json:"error,omitempty"` // why they give no verdict
}

// TestScope judges one object as a cycle of the application would. It writes nothing and asks the target nothing.
func (e *Engine) TestScope(ctx context.Context, app application.Application, s Subject) (ScopeTest, error) {
	all, err := e.compileRules(ctx, app)
	if err != nil {
		return ScopeTest{}, err
	}
	j := judge{app, all[s.Type]}
	if j.rules == nil {
		return ScopeTest{}, fault.Errorf(fault.ErrInvalid, "application %s does not provision %s objects: the mapping is missing or switched off", app.Name, s.Type)
	}
	o, err := e.Directory.Object(ctx, app.Organization, s.Type, s.ID)
	if err != nil {
		return ScopeTest{}, fmt.Errorf("read the object: %w", err)
	}
	seen, err := j.see(ctx, e, []directory.Object{o})
	if err != nil {
		return ScopeTest{}, err
	}
	links, err := e.Store.Links(ctx, app.ID, s.Type, []string{s.ID})
	if err != nil {
		return ScopeTest{}, fmt.Errorf("read the link: %w", err)
	}
	verdict := seen[o.ID].scope
	out := ScopeTest{
		Source: record.Identity{ID: o.ID, Name: o.Name()}, InScope: verdict.In, Ignored: verdict.Ignored, Broken: verdict.Broken,
		Assigned: !verdict.Unassigned, Reason: verdict.Reason, Account: links[s.ID].Target,
	}
	out.Filter, err = j.rules.filter.Evaluate(seen[o.ID].object, seen[o.ID].object.kin.at)
	if err != nil {
		out.Error = err.Error()
	}
	situation := Situation{Source: Source{Type: o.Type, Enabled: o.Type != directory.User || o.Active()}, Scope: verdict, Policy: j.rules.policy}
	if !o.Live() {
		situation.Source.Presence = SoftDeleted
	}
	if cause, byScope := situation.leaving(); cause != "" && !byScope && !verdict.Ignored && !verdict.Broken {
		out.InScope, out.Reason = false, cause
	}
	return out, nil
}
