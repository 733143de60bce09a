package expression

import "fmt"

// The limits. A text or an evaluation beyond them is an error, never a truncated result.
const (
	MaxLength = 10_000   // characters of an expression, as in Entra
	MaxDepth  = 32       // nested function calls and operators
	MaxResult = 64 << 10 // bytes of any value that a function makes
	maxWork   = 100_000  // units of work of one evaluation: one a call or attribute, one for each list element and for each 64 bytes that are read or made
)

// Limit is one of the limits, for people.
type Limit struct{ Name, Value string }

// Limits returns what bounds an expression and its evaluation.
func Limits() []Limit {
	return []Limit{
		{"length of an expression", fmt.Sprintf("%d characters", MaxLength)},
		{"functions inside one another, and operators in a row", fmt.Sprint(MaxDepth)},
		{"any value that a function makes", fmt.Sprintf("%d bytes", MaxResult)},
		{"work of one evaluation", fmt.Sprintf("%d steps: one for each call and attribute, one for each value of a list and for each %d bytes that are read or made", maxWork, bytesPerUnit)},
		{"a regular expression", fmt.Sprintf("%d bytes", maxPattern)},
		{"time of one `Replace` with a regular expression", matchTime.String()},
		{"time of all of them in one evaluation", matchTimes.String()},
		{"a text that is read as a date", fmt.Sprintf("%d bytes", maxDateText)},
		{"a date format", fmt.Sprintf("%d bytes", maxDatePattern)},
		{"dates", "the years 1 to 9999"},
		{"length of a `RandomString`", fmt.Sprintf("%d characters", maxRandomLength)},
	}
}
