package provisioning

import (
	"context"

	"github.com/rollcall-id/rollcall/internal/mapping"
)

// Describer is a Target that says which attributes its objects have.
type Describer interface {
	// Describe asks the target for its schemas. An error says why there are none: many services publish nothing.
	Describe(ctx context.Context) ([]Description, error)
}

// Description is what a target says of one of its object types.
type Description struct {
	Type       string // User or Group
	Attributes []mapping.Definition
	Remarks    []string // what it has besides, and why that is no target attribute
}
