package scim

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// MaxSortKey is how many characters of a text count when resources are sorted. Texts that agree so far are ordered by id. It keeps a place in the order
// (Position) small enough for a cursor, whatever people write into their attributes.
const MaxSortKey = 256

// Position is a place in a sorted list: the sort key and the id of the resource that stands there, or stood there when the list was read. Key is what
// SortKey returns; without a sort path it is what the order of creation is kept by.
type Position struct {
	Key any // nil, string, bool, int64 or float64
	ID  string
}

// ParseSortPath reads the attribute of sortBy (RFC 7644 section 3.4.2.3). The error is an *Error 400 invalidValue.
func (rt *ResourceType) ParseSortPath(s string) (*Path, error) {
	p, err := rt.ParsePath(s)
	if err != nil {
		return nil, bad(InvalidValue, "sortBy cannot be used: %s", detailOf(err))
	}
	if p.Attribute == nil || p.Filter != nil {
		return nil, bad(InvalidValue, "sortBy is %s; expected the name of one attribute", quote(s))
	}
	if p.Leaf().Returned == ReturnedNever || p.Attribute.Returned == ReturnedNever {
		return nil, bad(InvalidValue, "sortBy is %s, which is never returned, so nothing can be sorted by it", quote(s))
	}
	if p.Leaf().Type == TypeComplex {
		value := p.Attribute.Sub("value")
		if value == nil {
			return nil, bad(InvalidValue, "sortBy is %s, which is complex; name one of its sub-attributes%s", quote(s), subList(p.Attribute))
		}
		p.Sub = value
	}
	return p, nil
}

func detailOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Detail
	}
	return err.Error()
}

// SortKey returns what the resource is sorted by: a string (folded unless caseExact, its first MaxSortKey characters), bool, int64 or float64; of a time
// the microseconds since 1970 UTC; of a multi-valued attribute the primary element's value, else the first's. nil: no value.
func (p *Path) SortKey(r Resource) any {
	v := p.container(r)[p.Attribute.Name]
	if list, ok := v.([]any); ok {
		v = preferred(list)
	}
	if p.Sub != nil {
		m, _ := asMap(v)
		v = m[p.Sub.Name]
	}
	key := searchValue(p.Leaf(), v)
	if s, ok := key.(string); ok {
		return CutSortKey(s)
	}
	return key
}

// CutSortKey returns the first MaxSortKey characters of a text.
func CutSortKey(s string) string {
	if len(s) <= MaxSortKey {
		return s
	}
	end := 0
	for range MaxSortKey {
		if end == len(s) {
			return s
		}
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	return s[:end]
}

// ComparePositions orders two places as CompareSort orders the resources that stand there.
func ComparePositions(a, b Position, descending bool) int {
	order := compareKeysForSort(a.Key, b.Key)
	if descending {
		order = -order
	}
	if order == 0 {
		return strings.Compare(a.ID, b.ID)
	}
	return order
}

func preferred(list []any) any {
	for _, e := range list {
		if m, ok := asMap(e); ok && m["primary"] == true {
			return e
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// CompareSort orders two resources by the path: resources without a value come last when ascending and first when descending; what is equal is ordered
// by id, ascending in both cases, so that pages are stable.
func (p *Path) CompareSort(a, b Resource, descending bool) int {
	return ComparePositions(Position{p.SortKey(a), a.ID()}, Position{p.SortKey(b), b.ID()}, descending)
}

func compareKeysForSort(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	switch a := a.(type) {
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(a, b)
		}
	case bool:
		if b, ok := b.(bool); ok && a != b {
			if b {
				return -1
			}
			return 1
		}
	case int64:
		order, _ := compareNumbers(b, Literal{Kind: LiteralInt, Int: a})
		return -order
	case float64:
		order, _ := compareNumbers(b, Literal{Kind: LiteralFloat, Float: a})
		return -order
	}
	return 0
}
