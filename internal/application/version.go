package application

import (
	"context"
	"time"

	"github.com/rollcall-id/rollcall/internal/mapping"
)

// MaxVersions is how many versions of its mapping an application keeps. The oldest ones go first.
const MaxVersions = 200

// Change says who changes an application's mapping, and why. SaveApplication keeps it with the version it makes; where the mapping stays as it is, it is
// forgotten.
type Change struct {
	Actor  string // as in directory.Origin
	Reason string // for a person: "import of schema.json", "rollback to version 3"
}

// Version is a mapping that an application has or had. The last one is the one it has.
type Version struct {
	Number  int64 // counted from 1; never used again
	Time    time.Time
	Actor   string
	Reason  string
	Changes string      // what became different, in words (mapping.Difference.Summary); empty: nothing came before
	Set     mapping.Set // empty in lists
}

// VersionStore reads the versions that CreateApplication and SaveApplication make.
type VersionStore interface {
	// MappingVersions lists the versions of an application's mapping without the mappings, the newest first. Of an unknown application there are none.
	MappingVersions(ctx context.Context, app string) ([]Version, error)
	// MappingVersion returns one of them; fault.ErrNotFound when it does not exist, or not any more.
	MappingVersion(ctx context.Context, app string, number int64) (Version, error)
}
