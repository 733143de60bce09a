// Package filter reads SCIM filters and PATCH paths (RFC 7644 figure 1 and section 3.5.2): a lexer, a recursive parser that counts depth before it
// descends, a closed syntax tree and its printer.
//
// It knows the grammar only. Which attributes exist, which type they have and what a comparison means is the business of package scim, which
// compiles the tree against a schema. The package refuses whatever it cannot parse to the end: a filter whose tail is ignored answers another
// question than the one that was asked.
package filter
