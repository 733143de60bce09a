package server

import (
	"context"
	"net/http"
	"sync"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

// typeSource gives the resource types of an organization at a version that its token was looked up with.
type typeSource interface {
	RegistryAt(ctx context.Context, org string, version int64) (*scim.Registry, error)
}

// services are the SCIM services by the resource types that they serve. Organizations that registered none share one.
type services struct {
	config   scimserver.Config
	standard *scimserver.Handler

	mu    sync.Mutex
	byOrg map[string]ownService
}

type ownService struct {
	registry *scim.Registry
	handler  *scimserver.Handler
}

// maxServices bounds what is kept; after that it is made anew.
const maxServices = 1000

func newServices(c scimserver.Config) (*services, error) {
	var err error
	if c.Registry, err = directory.Published(directory.Registry()); err != nil {
		return nil, err
	}
	return &services{config: c, standard: scimserver.New(c), byOrg: map[string]ownService{}}, nil
}

// of is the service of an organization that has the types. The one of types that it had before is forgotten.
func (s *services) of(org string, types *scim.Registry) (*scimserver.Handler, error) {
	if types == directory.Registry() {
		return s.standard, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.byOrg[org]
	if ok && known.registry == types {
		return known.handler, nil
	}
	if !ok && len(s.byOrg) >= maxServices {
		clear(s.byOrg)
	}
	c := s.config
	var err error
	if c.Registry, err = directory.Published(types); err != nil {
		return nil, err
	}
	made := ownService{registry: types, handler: scimserver.New(c)}
	s.byOrg[org] = made
	return made.handler, nil
}

// service is the SCIM service for who asks. The version of the types came with the look-up of the token, so that what is registered counts from the next
// request on, on every node, and asking costs nothing.
func (m *scimMount) service(ctx context.Context, p principal) (*scimserver.Handler, error) {
	types, err := m.types.RegistryAt(ctx, p.organization.ID, p.types)
	var handler *scimserver.Handler
	if err == nil {
		handler, err = m.services.of(p.organization.ID, types)
	}
	if err != nil {
		m.logger.Error("the registered resource types could not be read", "organization", p.organization.Slug, "error", err)
		return nil, scim.Errorf(http.StatusServiceUnavailable, "", "the service cannot answer at the moment; try again later")
	}
	return handler, nil
}
