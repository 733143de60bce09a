// Package scim is the SCIM 2.0 protocol as a library (RFC 7643 and 7644): schemas, resources, paths, filters, PATCH, PUT, projection and errors.
// Anyone may import it; it knows nothing of organizations, databases, HTTP or Rollcall.
//
// It has two layers that never mix:
//
//   - The normaliser (normalise_*.go, patch_decode.go) is tolerant. It turns whatever a real identity provider sends into a canonical Resource or
//     Patch typed by the schema. Each tolerance is a named rule (rules.go) and is reported when it was needed.
//   - The engine (patch_apply.go, replace.go, filter_match.go, project.go) is strict, works on canonical values only and knows no identity
//     provider and no attribute by name that a schema could not express.
//
// A Resource is a checked map plus a schema, not an object model. The package refuses HTTP (package scimserver), storage and uniqueness (the caller
// knows the other resources), and everything that is malformed, with an *Error that says what came, what was expected and what to do.
package scim
