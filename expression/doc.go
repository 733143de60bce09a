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
// Dates follow .NET's DateTime: its formats, in the invariant culture, its way of reading them and its years 1 to 9999. The time zone of the machine is
// taken to be UTC.
package expression

//go:generate go run ./cmd/reference -output ../docs/expressions.md
