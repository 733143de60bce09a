package scimserver

import (
	"context"

	"github.com/rollcall-id/rollcall/scim"
)

// Backend keeps resources. Every method may be called concurrently.
//
// Resources come in decoded and normalised, without id and meta, and for Create checked by ValidateNew. Resources go out canonical with id and
// meta{resourceType, created, lastModified, version}; the handler adds meta.location. A returned resource belongs to the caller: it is changed.
// A reference to another resource of the service is given as "../Endpoint/id" in $ref and is made absolute by the handler.
//
// Errors are *scim.Error, with the status and scimType of RFC 7644 table 9; anything else is answered with status 500 and reported to the observer.
// A missing resource is status 404 (see NotFound), an unmet Precondition status 412 (see Precondition.Check).
type Backend interface {
	Reader
	Writer
}

// Reader is the reading half of a Backend. A projection tells what will be shown: what it does not want need not be read. Returning more than the
// projection wants is harmless, since the handler projects every answer.
type Reader interface {
	Get(ctx context.Context, rt *scim.ResourceType, id string, p scim.Projection) (scim.Resource, error)
	List(ctx context.Context, rt *scim.ResourceType, q Query) (Page, error)
}

// DocumentReader is what a Backend may implement in addition, to answer reads of the default representation without decoding what it has stored. It is asked
// only for types that have a scim.Splicer; what it returns shows the same as what Get and List return.
type DocumentReader interface {
	// Document is Get with the zero projection.
	Document(ctx context.Context, rt *scim.ResourceType, id string) (*scim.Document, error)
	// Documents is List with the zero projection, with Page.Documents instead of Page.Resources.
	Documents(ctx context.Context, rt *scim.ResourceType, q Query) (Page, error)
}

// Writer is the writing half. Each method is atomic, and a *scim.Error means that nothing has changed; any other error may also come from reading the
// answer after the write. A write that changes nothing keeps the version.
type Writer interface {
	Create(ctx context.Context, rt *scim.ResourceType, r scim.Resource) (scim.Resource, error)
	Replace(ctx context.Context, rt *scim.ResourceType, id string, r scim.Resource, w Write) (scim.Resource, error)
	Patch(ctx context.Context, rt *scim.ResourceType, id string, p *scim.Patch, w Write) (Patched, error)
	Delete(ctx context.Context, rt *scim.ResourceType, id string, w Write) error
}

// Write is how a resource is changed: under which condition, by which profile, and what of the result will be shown.
type Write struct {
	If         Precondition
	Projection scim.Projection
	// Explicit says that the client named attributes or excludedAttributes, so that a PATCH has to be answered with a body (RFC 7644, 3.5.2).
	Explicit bool
}

// Patched is the outcome of a PATCH.
type Patched struct {
	Resource scim.Resource
	// Brief says that something wanted is missing from Resource because it is too big to be returned unasked (the members of a big group). The
	// handler then answers 204 No Content, which RFC 7644 allows (3.5.2), instead of showing less than there is. Never set when Write.Explicit is.
	Brief bool
}

// Query selects, orders and pages resources of one type.
type Query struct {
	Filter     *scim.Filter // nil: all
	SortBy     *scim.Path   // nil: created, then id, both ascending
	Descending bool         // only with SortBy
	Start      int          // 0-based offset
	Count      int          // most resources to return; 0: only the total
	Projection scim.Projection

	// Keyset pages by position instead of by Start: the Count resources that follow From in the order of the query, or with Backward the Count ones right
	// before it, in the same order. A nil From is the beginning, with Backward the end. What stood at From need not exist any more.
	Keyset   bool
	From     *scim.Position
	Backward bool
}

// Page is the answer to a Query. It may hold fewer resources than were asked for, but none only past the end.
type Page struct {
	Total     int // all matches, each resource counted once
	Resources []scim.Resource
	Documents []*scim.Document // of a DocumentReader, instead of Resources

	// Of a Keyset query: where the first and the last resource stand, nil when there are none, and whether there are more in the direction of the query. Text
	// in a Key has at most MaxKey bytes.
	First, Last *scim.Position
	More        bool
}

// Len returns how many resources the page holds, in whichever form.
func (p Page) Len() int { return len(p.Resources) + len(p.Documents) }

// MaxKey is how many bytes the text in the Key of a Position may have: what scim.MaxSortKey characters have at most.
const MaxKey = 4 * scim.MaxSortKey

// NotFound is the error for an id that names no resource of the type.
func NotFound(rt *scim.ResourceType, id string) error {
	return scim.Errorf(404, "", "there is no %s with the id %q here; it may have been deleted. Look it up again with a filter", rt.Name, clip(id))
}

// Conflict is the error for a value that has to be unique and is taken (RFC 7644, 3.3).
func Conflict(rt *scim.ResourceType, attribute, value string) error {
	return scim.Errorf(409, "uniqueness", "another %s already has the %s %q; find it with the filter %s eq %q and update it instead",
		rt.Name, attribute, clip(value), attribute, clip(value))
}

// clip keeps what is quoted in an error message short.
func clip(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && s[cut]&0xC0 == 0x80 { // never in the middle of a character
		cut--
	}
	return s[:cut] + "…"
}
