package scim

import (
	"slices"
	"sync/atomic"
)

// MaxOperations is the most operations one PATCH may have; a path-less operation counts once for each of its members.
const MaxOperations = 1000

// MaxPatchWork bounds what one PATCH may cost: each operation on a multi-valued attribute counts its elements, times the comparisons of its filter.
const MaxPatchWork = 2_000_000

// PatchKind is what a PATCH operation does.
type PatchKind uint8

// The kinds of operations (RFC 7644 section 3.5.2).
const (
	PatchAdd PatchKind = iota
	PatchReplace
	PatchRemove
)

// String returns the word in the protocol.
func (k PatchKind) String() string {
	switch k {
	case PatchAdd:
		return "add"
	case PatchReplace:
		return "replace"
	}
	return "remove"
}

// Operation is one canonical step of a patch. Every operation has a path: path-less ones are split into one operation for each attribute.
type Operation struct {
	Kind PatchKind
	Path *Path

	// Value is canonical: for a multi-valued attribute a list, for a complex one an object in which a nil member unassigns that sub-attribute. nil
	// unassigns the target of add and replace. Of a remove it is the list of the elements to drop, nil for all.
	Value any
}

// Patch is a decoded PATCH request. It is immutable and can be applied any number of times.
type Patch struct {
	Operations []Operation
	Profile    Profile
	Report     func(rule string) // told of N8 and N17 while applying; may be nil
	Work       *Work             // what several patches may cost together, beside MaxPatchWork of each; nil: no matter
}

// MaxBulkWork bounds what the patches of one bulk request may cost together, counted as for MaxPatchWork.
const MaxBulkWork = 10 * MaxPatchWork

// Work is what patches that share it may still cost. It is safe for concurrent use.
type Work struct{ left atomic.Int64 }

// NewWork returns an allowance of n, counted as for MaxPatchWork.
func NewWork(n int64) *Work {
	w := new(Work)
	w.left.Store(n)
	return w
}

// spend takes n from the allowance and reports whether it was there.
func (w *Work) spend(n int) bool { return w == nil || w.left.Add(-int64(n)) >= 0 }

// Empty reports whether the patch has no operation, because there was none left after SplitMembers or because all were about ignored attributes.
func (p *Patch) Empty() bool { return len(p.Operations) == 0 }

// Apply runs the operations in order on a copy of r and checks the result once (RFC 7644 section 3.5.2: a patch is atomic). r is not modified. changed
// names what differs afterwards, as ChangedPaths does; when it is empty the patch had no effect and the version must stay. The error is an
// *Error.
//
// Uniqueness, and whether references lead somewhere, are the caller's to check: they depend on other resources.
func (p *Patch) Apply(rt *ResourceType, r Resource) (out Resource, changed []string, err error) {
	x := patcher{rt: rt, r: r.Clone(), profile: p.Profile, report: p.Report, shared: p.Work}
	if x.r == nil {
		x.r = Resource{}
	}
	for _, op := range p.Operations {
		if err := x.apply(op); err != nil {
			return nil, nil, err
		}
	}
	x.dropEmptyExtensions()
	changed = ChangedPaths(r, x.r)
	if err := rt.validateChange(r, x.r, changed); err != nil {
		return nil, nil, err
	}
	x.r["schemas"] = stringsJSON(rt.SchemaURNs(x.r))
	if len(changed) == 0 && len(p.Operations) > 0 && p.Report != nil {
		p.Report(RuleNoEffect)
	}
	return x.r, changed, nil
}

// Names returns the paths the patch writes, without their filters, sorted: for logs.
func (p *Patch) Names() []string {
	var names []string
	for _, op := range p.Operations {
		plain := *op.Path
		plain.Filter = nil
		names = append(names, plain.String())
	}
	slices.Sort(names)
	return slices.Compact(names)
}
