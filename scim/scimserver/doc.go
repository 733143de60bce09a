// Package scimserver turns a Backend into a SCIM 2.0 service (RFC 7644): routing, query parameters, conditional requests, projections, discovery,
// and errors that are SCIM messages whatever goes wrong. It owns HTTP and nothing else: what resources mean is package scim's, where they are kept is
// the Backend's, who may ask is decided by the Authenticate hook of the embedding program.
//
// The handler never redirects: identity providers lose the body of a redirected POST. It normalises paths itself, so it must not be mounted below an
// http.ServeMux pattern that does. The part of the path before the SCIM endpoints has to be stripped by the embedding program (http.StripPrefix).
//
// A bulk request (RFC 7644, 3.7) is its operations, one after the other in the order of the request: each is checked, charged, observed and atomic as if it
// had been sent alone, and the whole is no transaction. An operation that refers by bulkId to what a later one creates is carried out behind it, as is what
// follows on the same resource. Operations that create and refer to one another in a circle are created without the references that lead nowhere yet and
// patched; they stand or fall together: when one of them fails, the others are deleted again and answered 400. One that cannot be deleted, because it
// brought back a resource that had been there, is answered 409 with the address of the resource.
package scimserver
