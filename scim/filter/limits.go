package filter

// Limits bound the work that one filter can cause. A zero field means the default.
type Limits struct {
	Bytes       int // length of the text; 4,096
	Depth       int // nesting of parentheses and brackets; 32
	Comparisons int // comparisons and pr terms; 64
}

// Defaults for filters that come in a URL. A query in a body may be longer: see BodyLimits.
const (
	DefaultBytes       = 4096
	DefaultDepth       = 32
	DefaultComparisons = 64
)

// BodyLimits are the limits for a filter that came in the body of a search request.
func BodyLimits() Limits { return Limits{Bytes: 2 * DefaultBytes} }

func (l Limits) withDefaults() Limits {
	if l.Bytes == 0 {
		l.Bytes = DefaultBytes
	}
	if l.Depth == 0 {
		l.Depth = DefaultDepth
	}
	if l.Comparisons == 0 {
		l.Comparisons = DefaultComparisons
	}
	return l
}
