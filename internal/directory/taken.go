package directory

import (
	"fmt"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// TakenError says that a value that has to be unique is another object's. It is a fault.ErrConflict.
type TakenError struct {
	Type  string // of the object that wanted it
	Value scim.UniqueValue
}

func (e *TakenError) Error() string {
	if e.Value.Secret {
		return fmt.Sprintf("the value of %s is taken by another object of this organization", e.Value.Path)
	}
	return fmt.Sprintf("%s %.200q is taken by another object of this organization", e.Value.Path, fmt.Sprint(e.Value.Value))
}

// Unwrap gives its meaning.
func (e *TakenError) Unwrap() error { return fault.ErrConflict }
