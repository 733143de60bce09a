// Package scimclient speaks SCIM 2.0 (RFC 7643, 7644, 9865) to somebody else's service: discovery, lookups, paging, and writes, with the retries,
// the pacing and the distrust that real services need.
//
// It owns HTTP: one base URL whose path and query are kept, one bearer token that never leaves the base URL's origin, limits on everything that is
// read, and the question whether a failed write may have happened. It refuses to decide what to write: it knows no people, no mappings and no
// provisioning jobs, and it never repeats a POST whose fate is unknown. internal/target/scim builds the requests a provisioning cycle needs on it.
//
// What is read is believed only as far as it can be checked: a filtered answer is compared with the filter, an HTML page is not taken for an empty
// list, and letter case, numeric statuses, string booleans and missing totals are put right (spec/scim.md section 9).
package scimclient
