// Package scim makes a directory a SCIM service: it implements scimserver.Backend over an organization's directory, so that Entra ID, Okta and every
// other identity provider can write people and groups into it (the "SCIM in" of Rollcall).
//
// It owns the translation between SCIM requests and directory writes, and between directory objects and SCIM resources. It refuses HTTP (scimserver),
// the rules of writes (directory.Writer), SQL (internal/store), and deciding who may ask: a Backend is made for one authenticated request and
// sees one organization.
package scim
