// Package requirements is what this library promises, as data: each requirement of RFC 7643, 7644 and 9865, each tolerance rule, each lesson from bugs that
// others shipped and each limit, with the names of the tests that prove it. Coverage counts them; a test of this package fails when a requirement names
// a test that does not exist, and when fewer MUSTs are proven than before.
//
// The package reads test files and runs nothing: that the named tests pass is the business of go test.
package requirements
