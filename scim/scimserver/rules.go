package scimserver

import "context"

// The tolerance rules that this package and backends apply; package scim has the others.
const (
	RuleLoosePath  = "N14" // path or query string not written canonically
	RuleMediaType  = "N15" // Content-Type other than application/scim+json
	RuleReturning  = "N16" // POST that brings an inactive user back; a Backend counts it with Used
	RuleManager    = "N20" // manager who does not exist; not counted, since nobody looks for one
	RuleMethodCase = "X3"  // method of a bulk operation not in capital letters
)

type rulesKey struct{}

// counting returns a context in which Used tells note.
func counting(ctx context.Context, note func(rule string)) context.Context {
	return context.WithValue(ctx, rulesKey{}, note)
}

// Used is for a Writer that needed a tolerance rule in order to create: it is counted with the rules of the request. The context is that of Create.
func Used(ctx context.Context, rule string) {
	if note, ok := ctx.Value(rulesKey{}).(func(string)); ok {
		note(rule)
	}
}
