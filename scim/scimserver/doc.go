// Package scimserver turns a Backend into a SCIM 2.0 service (RFC 7644): routing, query parameters, conditional requests, projections, discovery,
// and errors that are SCIM messages whatever goes wrong. It owns HTTP and nothing else: what resources mean is package scim's, where they are kept is
// the Backend's, who may ask is decided by the Authenticate hook of the embedding program.
//
// The handler never redirects: identity providers lose the body of a redirected POST. It normalises paths itself, so it must not be mounted below an
// http.ServeMux pattern that does. The part of the path before the SCIM endpoints has to be stripped by the embedding program (http.StripPrefix).
package scimserver
