// Package store keeps everything Rollcall knows, on SQLite (the embedded default, one file) or PostgreSQL (any number of nodes). It implements the
// Store interfaces of the domain packages: directory, organization, application, provisioning and record.
//
// It owns the schema, its migrations, transactions, the order of the change feed, the rendering of SCIM filters to SQL, and the encryption of the
// targets' secrets at rest. It refuses to own rules: what a write means (versions, feed entries, who may be a member) is decided by the domain
// packages, which call it; it only guarantees what a database must: all or nothing, durable before answered, unique names, no view into another
// organization. Every statement on an organization's data carries the organization's id.
//
// There is one SQL text for both databases, with $N placeholders. What differs is in dialect.go; each driver is imported in one file (sqlite.go,
// postgres.go), so that it can be swapped. Times are integers of microseconds since 1970 UTC, 0 for "none"; texts compare bytewise.
package store
