package scim

import (
	"slices"
	"strings"
)

// Equal compares two JSON values deeply. Whole numbers equal floats of the same value; the order of lists matters.
func Equal(a, b any) bool { return equal(a, b, Equal) }

// EqualUnordered compares like Equal, but lists are equal when they hold the same elements in any order: the order of a multi-valued attribute carries
// no meaning (RFC 7643 section 2.4).
func EqualUnordered(a, b any) bool {
	x, ok1 := a.([]any)
	y, ok2 := b.([]any)
	if !ok1 || !ok2 {
		return equal(a, b, EqualUnordered)
	}
	if len(x) != len(y) {
		return false
	}
	i := 0
	for i < len(x) && EqualUnordered(x[i], y[i]) {
		i++
	}
	if i == len(x) {
		return true // the usual case: same order
	}
	if len(x)-i > 16 {
		return slices.Equal(sortedTexts(x[i:]), sortedTexts(y[i:]))
	}
	rest := slices.Clone(y[i:])
	for _, e := range x[i:] {
		j := slices.IndexFunc(rest, func(o any) bool { return EqualUnordered(e, o) })
		if j < 0 {
			return false
		}
		rest = slices.Delete(rest, j, j+1)
	}
	return true
}

// sortedTexts makes long lists comparable in n log n.
func sortedTexts(list []any) []string {
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = string(AppendJSON(nil, e))
	}
	slices.Sort(texts)
	return texts
}

func equal(a, b any, elements func(a, b any) bool) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case string:
		s, ok := b.(string)
		return ok && a == s
	case bool:
		t, ok := b.(bool)
		return ok && a == t
	case int64:
		order, ok := compareNumbers(b, Literal{Kind: LiteralInt, Int: a})
		return ok && order == 0
	case float64:
		order, ok := compareNumbers(b, Literal{Kind: LiteralFloat, Float: a})
		return ok && order == 0
	case []any:
		list, ok := b.([]any)
		return ok && slices.EqualFunc(a, list, elements)
	}
	x, ok1 := asMap(a)
	y, ok2 := asMap(b)
	if !ok1 || !ok2 || len(x) != len(y) {
		return false
	}
	for k, v := range x {
		w, ok := y[k]
		if !ok || !elements(v, w) {
			return false
		}
	}
	return true
}

// ChangedPaths names what differs between two states of a resource: top-level names, and URN:name for attributes of extensions, sorted. Lists are
// compared without regard to order. schemas, id and meta follow from the rest and are left out.
func ChangedPaths(before, after Resource) []string {
	var paths []string
	for _, k := range unionKeys(before, after) {
		switch k {
		case "schemas", "id", "meta":
			continue
		}
		a, b := before[k], after[k]
		x, isX := asMap(a)
		y, isY := asMap(b)
		if !strings.Contains(k, ":") || !isX && !isY {
			if !EqualUnordered(a, b) {
				paths = append(paths, k)
			}
			continue
		}
		for _, name := range unionKeys(x, y) {
			if !EqualUnordered(x[name], y[name]) {
				paths = append(paths, k+":"+name)
			}
		}
	}
	return paths
}

func unionKeys(a, b map[string]any) []string {
	keys := make([]string, 0, len(a)+4)
	for k := range a {
		keys = append(keys, k)
	}
	for k := range b {
		if _, both := a[k]; !both {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys
}
