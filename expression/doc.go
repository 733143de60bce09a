// Package expression is the language in which attribute mappings are written: the one of Microsoft Entra's provisioning service, so that mappings can be
// copied from there and back.
//
//	Switch([IsSoftDeleted], , "False", "True", "True", "False")
//	ToLower(Join(".", NormalizeDiacritics([givenName]), NormalizeDiacritics([surname])))
//
// It owns the grammar, the functions (one table: name, parameters, documentation, examples and implementation together), the checks before and the
// limits during an evaluation. It knows no directory and no target: attributes come from a Source, time and randomness from an Env, and the answer is a
// Value. It refuses everything whose cost cannot be bounded: text over MaxLength characters, nesting over MaxDepth, results over MaxResult bytes, and
// regular expressions that take too long.
//
// Not in the table are the date functions and StringFromSid.
package expression

// The limits. A text or an evaluation beyond them is an error, never a truncated result.
const (
	MaxLength = 10_000   // characters of an expression, as in Entra
	MaxDepth  = 32       // nested function calls and operators
	MaxResult = 64 << 10 // bytes of any value that a function makes
	maxWork   = 100_000  // units of work of one evaluation: one a call, one for each list element and for each 64 bytes made
)
