package directory

import "github.com/google/uuid"

// NewID returns a UUID version 7 (RFC 9562, section 5.7): its first 48 bits are the time, so that new rows of an index on ids go to the index's end.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }
