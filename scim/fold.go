package scim

import (
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold returns the form in which strings that are not caseExact are compared: canonical decomposition, full Unicode case folding, and composition
// (NFC). Two strings are equal for SCIM when their folded forms are bytewise equal; order, prefixes and substrings are those of the folded
// forms too. It is idempotent. Unique keys and the store's folded copies use the same function, so they agree with Filter.Match.
func Fold(s string) string {
	i := 0
	for ; i < len(s); i++ {
		c := s[i]
		if c >= 0x80 {
			return foldUnicode(s)
		}
		if c >= 'A' && c <= 'Z' {
			break
		}
	}
	if i == len(s) {
		return s // the common case: ASCII without capitals
	}
	lower := make([]byte, len(s))
	copy(lower, s[:i])
	for ; i < len(s); i++ {
		c := s[i]
		if c >= 0x80 {
			return foldUnicode(s)
		}
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	return string(lower)
}

// folder is stateless, and making one costs more than folding a name.
var folder = cases.Fold()

func foldUnicode(s string) string {
	folded := folder.String(norm.NFD.String(strings.ToValidUTF8(s, "\ufffd")))
	if strings.ContainsFunc(folded, smallCherokee) {
		folded = strings.Map(capitalCherokee, folded)
	}
	return norm.NFC.String(folded)
}

// Cherokee folds to its capitals, the only script that does. Package cases swaps the two instead, so one of them has to be put right here.
func smallCherokee(r rune) bool { return r >= 0xab70 && r <= 0xabbf || r >= 0x13f8 && r <= 0x13fd }

func capitalCherokee(r rune) rune {
	switch {
	case r >= 0xab70 && r <= 0xabbf:
		return r - 0xab70 + 0x13a0
	case r >= 0x13f8 && r <= 0x13fd:
		return r - 8
	}
	return r
}
