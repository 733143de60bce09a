package scim

import (
	"context"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

// Backend is the directory of one organization as a SCIM service. It is a small value: make one for each request.
type Backend struct {
	Directory    *directory.Directory
	Organization string       // id, from the token and never from the path
	Profile      scim.Profile // what the identity provider expects beyond the RFC (rule N16)
	Origin       directory.Origin
	Link         organization.LinkRule   // which local objects a create may take over; "": none
	Changed      func(directory.Effects) // told what each write did, after its commit; nil: nobody
	Everybody    bool                    // also what SCIM does not own: for showing the directory to a person, never for a client
}

var _ scimserver.Backend = Backend{}

// ProfileOf returns the profile for the provider of a data integration. Providers without habits of their own get the RFC's.
func ProfileOf(provider string) scim.Profile {
	switch provider {
	case "azure":
		return scim.ProfileEntra
	case "okta":
		return scim.ProfileOkta
	}
	return scim.ProfileRFC
}

// Actor names a token in the change feed and in logs. The secret cannot be told from it.
func Actor(t organization.Token) string { return "scim token " + t.ID }

func (b Backend) store() directory.Store { return b.Directory.Store }

// owner is whose objects are seen and made.
func (b Backend) owner() directory.Owner {
	if b.Everybody {
		return directory.OwnerLocal
	}
	return directory.OwnerSCIM
}

// visible reports whether the object exists for the client.
func (b Backend) visible(o directory.Object) bool { return o.Visible(b.owner()) }

// write runs fn in one transaction. What it makes is SCIM's.
func (b Backend) write(ctx context.Context, fn func(ctx context.Context, w *directory.Writer) error) error {
	origin := b.Origin
	origin.Owner = b.owner()
	if b.Changed == nil {
		return b.Directory.Write(ctx, b.Organization, origin, fn)
	}
	var effects directory.Effects // of the last run of the transaction: the one that counts
	err := b.Directory.Write(ctx, b.Organization, origin, func(ctx context.Context, w *directory.Writer) error {
		err := fn(ctx, w)
		effects = w.Effects()
		return err
	})
	if err == nil {
		b.Changed(effects)
	}
	return err
}
