package provisioning

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/scope"
	"github.com/rollcall-id/rollcall/scim"
)

// rules are an application's mapping, scoping filter and policy for one source type, ready for use.
type rules struct {
	attributes *directory.Attributes // of the organization's objects
	mapping    *mapping.ObjectMapping
	compiled   *mapping.Compiled
	filter     *scope.Filter // nil: none
	policy     Policy
	reader     entryReader
	roles      bool                                 // the mapping reads appRoleAssignments
	offered    []application.Role                   // by the application
	domain     string                               // the organization's default domain; empty: none
	unique     string                               // the target path of the row that calls SelectUniqueValue; empty: none
	secret     map[string]*mapping.AttributeMapping // rows with Redact, by target path
	concealer  concealer
	probe      string // the matching attribute that a test connection filters by
	// references are the mapped references to single objects (manager); members is the mapped list of members of a group, nil: none.
	references []*mapping.AttributeMapping
	members    *mapping.AttributeMapping
}

// compileRules prepares what the application provisions, by source type. Groups are left out where they are switched off.
func (e *Engine) compileRules(ctx context.Context, app application.Application) (map[string]*rules, error) {
	types, err := e.Directory.Registry(ctx, app.Organization)
	if err != nil {
		return nil, fmt.Errorf("read the types of the organization: %w", err)
	}

	domain, err := e.domainOf(ctx, app)
	if err != nil {
		return nil, err
	}
	out := map[string]*rules{}
	for _, typ := range []string{directory.User, directory.Group} {
		m := app.Mapping.For(typ)
		if m == nil || !m.Enabled || (typ == directory.Group && !app.Settings.Groups) {
			continue
		}
		r, err := compile(types, app, m)
		if err != nil {
			return nil, err
		}
		r.domain = domain
		if r.concealer, err = e.concealer(app, r); err != nil {
			return nil, err
		}
		out[typ] = r
	}
	if len(out) == 0 {
		return nil, fault.Errorf(fault.ErrInvalid, "application %s has no enabled mapping, so there is nothing to provision; enable the mapping of users", app.Name)
	}
	return out, nil
}

// concealer hides the values of rows with Redact; without such a row no key is asked for.
func (e *Engine) concealer(app application.Application, r *rules) (c concealer, err error) {
	c.app = app.ID
	if len(r.secret) == 0 || e.ConcealKey == nil {
		return c, nil
	}
	if c.key, err = e.ConcealKey(); err != nil {
		return c, fmt.Errorf("the key for values that no log may show: %w", err)
	}
	return c, nil
}

// domainOf is the default domain of the application's organization; empty: none.
func (e *Engine) domainOf(ctx context.Context, app application.Application) (string, error) {
	if e.DefaultDomain == nil {
		return "", nil
	}
	domain, err := e.DefaultDomain(ctx, app.Organization)
	if err != nil {
		return "", fmt.Errorf("read the default domain of the organization: %w", err)
	}
	return domain, nil
}

func compile(types *scim.Registry, app application.Application, m *mapping.ObjectMapping) (*rules, error) {
	compiled, err := CompileMapping(types, *m)
	if err != nil {
		return nil, fmt.Errorf("mapping %q of application %s: %w", m.Name, app.Name, err)
	}
	m = compiled.Mapping() // the rows as the attribute list defines them, with what Compile filled in
	r := &rules{
		attributes: directory.AttributesOf(types, m.Source),
		mapping:    m, compiled: compiled, reader: newEntryReader(m), offered: app.Roles, policy: policyOf(app, m),
		secret: secretRows(compiled),
	}
	if r.filter, err = scope.Compile(m.Scope); err != nil {
		return nil, fmt.Errorf("scoping filter of %q of application %s: %w", m.Name, app.Name, err)
	}
	r.roles = r.filter.Reads(attributeRoles) ||
		slices.ContainsFunc(compiled.Attributes(), func(name string) bool { return strings.EqualFold(name, attributeRoles) })
	first := 0
	for i := range m.Attributes {
		a := &m.Attributes[i]
		if a.Matching > 0 && (first == 0 || a.Matching < first) {
			first, r.probe = a.Matching, a.Target
		}
		if a.Kind == mapping.Expression && strings.Contains(strings.ToLower(a.Value), "selectuniquevalue") {
			r.unique = a.Target
		}
		switch {
		case a.Type != mapping.Reference:
		case strings.EqualFold(a.Target, "members"):
			r.members = a
		default:
			r.references = append(r.references, a)
		}
	}
	return r, nil
}

func policyOf(app application.Application, m *mapping.ObjectMapping) Policy {
	p := Policy{
		Create: m.Create, Update: m.Update, Delete: m.Delete,
		AppendOnly:     app.Settings.AppendOnly,
		SkipOutOfScope: app.Settings.SkipOutOfScopeDeletions,
		WhenEmpty:      mapping.WhenEmpty(app.Settings.WhenEmpty),
	}
	for i := range m.Attributes {
		if isActive(m.Attributes[i].Target) {
			p.SoftDelete = app.Settings.Deprovision != application.DeprovisionDelete
		}
	}
	return p
}

// object is an object as the rules see it.
func (r *rules) object(o directory.Object, e application.Entitlement, k kin) object {
	return object{Object: o, attributes: r.attributes, roles: rolesOf(r.offered, e.Roles), kin: k}
}

// scopeOf judges assignment and filter of a live object.
func (r *rules) scopeOf(app application.Application, o object, e application.Entitlement) Scope {
	if s := r.spared(o); s.Ignored || s.Broken {
		return s
	}
	s := Scope{In: true, Reason: "everybody is in scope"}
	if app.Scope == application.ScopeAssigned {
		switch {
		case e.Direct:
			s.Reason = "assigned to the application"
		case len(e.Groups) > 0 && o.Type == directory.User:
			s.Reason = "assigned to the application through a group"
		case len(e.Disabled) > 0:
			return Scope{Unassigned: true, Reason: "not effectively entitled: the application has disabled the role " + strings.Join(e.Disabled, ", ")}
		default:
			return Scope{Reason: "not assigned to the application", Unassigned: true}
		}
	}
	if r.filter == nil {
		return s
	}
	result, err := r.filter.Evaluate(o, o.kin.at)
	verdict := verdictOf(result, err)
	if verdict.In {
		verdict.Reason = s.Reason + ", " + verdict.Reason
	}
	return verdict
}

// spared asks the input filters, which come before assignment and concern leavers too: whom they do not let in, nobody touches.
func (r *rules) spared(o object) Scope {
	result, err := r.filter.Input(o, o.kin.at)
	if err == nil && !result.Ignored {
		return Scope{}
	}
	return verdictOf(result, err)
}

// verdictOf is what a filter says.
func verdictOf(result scope.Result, err error) Scope {
	if err != nil {
		return Scope{Broken: true, Reason: err.Error()}
	}
	data, err := json.Marshal(result)
	if err != nil {
		return Scope{Broken: true, Reason: err.Error()}
	}
	return Scope{In: result.Passed, Ignored: result.Ignored, Reason: result.Reason(), Data: data}
}

// row returns the mapping of a target path; nil: there is none.
func (r *rules) row(path string) *mapping.AttributeMapping {
	for i := range r.mapping.Attributes {
		if r.mapping.Attributes[i].Target == path {
			return &r.mapping.Attributes[i]
		}
	}
	return nil
}
