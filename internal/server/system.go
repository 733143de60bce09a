// Package server wires everything together and runs it. It is the only package, with the command line above it, that knows the adapters: which store,
// which sources, which targets. It holds no rules: what it does for the command line and for HTTP is to find the parts and hand them to one another.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/notify"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/scim/scimclient"
)

// Options say which data to work on.
type Options struct {
	Dir      string // --data
	Database string // --database; empty: SQLite in Dir
	Key      string // sealing key, as in ROLLCALL_KEY; empty: the key file in Dir
	Logger   *slog.Logger

	Addresses Addresses // that targets may have besides public ones
}

func (o Options) store() store.Config {
	return store.Config{Dir: o.Dir, URL: o.Database, Keys: o.Key, Logger: o.Logger}
}

// System is an opened Rollcall: the store and the parts that work on it.
type System struct {
	Store     *store.Store
	Directory *directory.Directory
	Engine    *provisioning.Engine

	// Transport wraps the transport of requests to targets, for who wants to look at them. nil: nobody does.
	Transport func(http.RoundTripper) http.RoundTripper

	options Options
	now     func() time.Time
	newID   func() string
	logger  *slog.Logger
	woken   woken
}

// Open opens the data, and makes it when the folder is fresh.
func Open(ctx context.Context, o Options) (*System, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	st, err := store.Open(ctx, o.store())
	if err != nil {
		return nil, err
	}
	s := &System{
		Store: st, Directory: &directory.Directory{Store: st}, options: o, now: time.Now, logger: o.Logger,
		newID: directory.NewID,
	}
	s.Engine = &provisioning.Engine{
		Directory: st, Assignments: st, Store: st, Applications: st, Logger: o.Logger, Trace: scimclient.WithTraceparent,
		DefaultDomain: st.DefaultDomain, ConcealKey: func() ([]byte, error) { return st.Derive("values that are redacted") },
		Notifier: notify.Notifier{NewID: s.newID, Organization: s.organizationName},
	}
	return s, nil
}

// Close ends the work on the data.
func (s *System) Close() error { return s.Store.Close() }

// RequestLog opens the log of SCIM requests. The caller closes it.
func (s *System) RequestLog(ctx context.Context) (*store.RequestLog, error) {
	return store.OpenRequestLog(ctx, s.options.store())
}

// Migrate brings a database of an older version up to date and returns the versions before and after.
func Migrate(ctx context.Context, o Options) (before, after int64, err error) {
	c := o.store()
	c.NoMigrate = true
	st, err := store.Open(ctx, c)
	if err != nil {
		return 0, 0, err
	}
	before, after, err = st.Migrate(ctx)
	return before, after, errors.Join(err, st.Close())
}

// Organization finds an organization by its slug.
func (s *System) Organization(ctx context.Context, slug string) (organization.Organization, error) {
	o, err := s.Store.OrganizationBySlug(ctx, slug)
	if errors.Is(err, fault.ErrNotFound) {
		return o, fault.Errorf(fault.ErrNotFound, "there is no organization %q; `rollcall organization list` shows which there are", slug)
	}
	return o, err
}

// CreateOrganization makes an organization, and its first administrator where an e-mail address is given.
func (s *System) CreateOrganization(ctx context.Context, slug, name, admin, password string) (organization.Organization, error) {
	o := organization.Organization{ID: s.newID(), Slug: slug, Name: name, Created: s.now()}
	if err := errors.Join(organization.CheckSlug(slug), organization.CheckName(name)); err != nil {
		return o, err
	}
	owner, err := s.owner(o, admin, password)
	if err != nil {
		return o, err
	}
	if err := s.Store.CreateOrganization(ctx, o); err != nil {
		if errors.Is(err, fault.ErrConflict) {
			return o, fault.Errorf(fault.ErrConflict, "there is an organization %q already; choose another slug", slug)
		}
		return o, err
	}
	if admin == "" {
		return o, nil
	}
	if err := s.Store.AddAdministrator(ctx, owner); err != nil {
		return o, fmt.Errorf("the organization was created, but not its administrator: %w", err)
	}
	return o, nil
}

// AddAdministrator makes somebody an administrator of the organization and returns the address as it is kept.
func (s *System) AddAdministrator(ctx context.Context, o organization.Organization, email, password string) (string, error) {
	if email == "" {
		return "", fault.Errorf(fault.ErrInvalid, "the e-mail address is empty; expected one such as admin@acme.example")
	}
	a, err := s.owner(o, email, password)
	if err != nil {
		return "", err
	}
	return a.Email, s.Store.AddAdministrator(ctx, a)
}

// noDomain takes the default domain away.
const noDomain = "none"

// SetDefaultDomain says which domain expressions of the organization mean by DefaultDomain(); none takes it away. It returns the organization as it is then.
func (s *System) SetDefaultDomain(ctx context.Context, o organization.Organization, domain string) (organization.Organization, error) {
	folded := ""
	if domain != noDomain {
		var err error
		if folded, err = organization.FoldDomain(domain); err != nil {
			return o, err
		}
	}
	if folded == o.DefaultDomain {
		return o, nil
	}
	o.DefaultDomain = folded
	return o, s.Store.SetDefaultDomain(ctx, o.ID, folded)
}

// owner is an administrator of an organization; the zero Administrator where no e-mail address is given.
func (s *System) owner(o organization.Organization, email, password string) (organization.Administrator, error) {
	if email == "" {
		return organization.Administrator{}, nil
	}
	folded, err := organization.FoldEmail(email)
	if err != nil {
		return organization.Administrator{}, err
	}
	hash, err := organization.HashPassword(password)
	if err != nil {
		return organization.Administrator{}, err
	}
	return organization.Administrator{Organization: o.ID, Email: folded, PasswordHash: hash, Role: "owner", Created: s.now()}, nil
}

// Integrations does the work of Administration > Data Integration.
func (s *System) Integrations() organization.Service {
	return organization.Service{Store: s.Store, Now: s.now, NewID: s.newID}
}

// NewSCIMOrganization makes an organization whose SCIM endpoint is open, and returns its secret.
func (s *System) NewSCIMOrganization(ctx context.Context, slug, name, provider string) (secret string, err error) {
	o, err := s.CreateOrganization(ctx, slug, name, "", "")
	if err != nil {
		return "", err
	}
	set, err := s.Integrations().Set(ctx, organization.SetRequest{
		Organization: o.ID, Provider: provider, Method: organization.MethodBearer, Active: true, Generate: true,
	})
	return set.Secret, err
}

// Summary counts what an organization has.
type Summary struct {
	Users        int `json:"users"`
	Groups       int `json:"groups"`
	Applications int `json:"applications"`
}

// Summary counts what the organization has.
func (s *System) Summary(ctx context.Context, o organization.Organization) (Summary, error) {
	users, err := s.Store.CountObjects(ctx, o.ID, directory.User)
	if err != nil {
		return Summary{}, err
	}
	groups, err := s.Store.CountObjects(ctx, o.ID, directory.Group)
	if err != nil {
		return Summary{}, err
	}
	apps, err := s.Store.Applications(ctx, o.ID)
	return Summary{Users: users, Groups: groups, Applications: len(apps)}, err
}
