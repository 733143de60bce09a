// Package scimtest helps to test SCIM services. Memory is a small honest backend that keeps everything in memory; RunBackend is the conformance suite
// that every scimserver.Backend has to pass, over real HTTP. What the suite checks is RFC 7643 and 7644 with the decisions of this library.
//
// The suite itself is tested by services that are broken on purpose, in more than a hundred ways that have mostly been shipped by somebody: each has to fail.
// Memory never misbehaves on purpose: a test that needs a hostile service wraps the handler in front of it.
package scimtest
