package expression

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// normalizeDiacritics follows the table of Entra's NormalizeDiacritics (spec/entra-provisioning.md 4.3). Nearly all of it is "the letter without its
// accents", which Unicode decomposition gives, for accents the table forgot as well; the rest is plainLetter. Only the accents of the Latin, Greek and
// Cyrillic scripts go: what looks like an accent in Arabic, Devanagari or Japanese is a part of the letter.
func normalizeDiacritics(s string) string {
	if isASCII(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	decomposed := norm.NFD.String(s)
	for i, r := range decomposed {
		switch {
		case isAccent(r):
		case r == 'œ' || r == 'Œ':
			// The table has this letter with a macron only; alone it stays.
			if next, _ := utf8.DecodeRuneInString(decomposed[i+utf8.RuneLen(r):]); next != '\u0304' {
				b.WriteRune(r)
			} else if r == 'œ' {
				b.WriteString("oe")
			} else {
				b.WriteString("OE")
			}
		default:
			writePlain(&b, r)
		}
	}
	return norm.NFC.String(b.String())
}

// isAccent reports whether r is of the block Combining Diacritical Marks.
func isAccent(r rune) bool { return 0x0300 <= r && r <= 0x036f }

// writePlain writes the letters that do not decompose.
func writePlain(b *strings.Builder, r rune) {
	switch r {
	case 'æ':
		b.WriteString("ae")
	case 'Æ':
		b.WriteString("AE")
	case 'ø':
		b.WriteString("oe")
	case 'Ø':
		b.WriteString("OE")
	case 'ß':
		b.WriteString("ss")
	case 'ł':
		b.WriteByte('l')
	case 'Ł':
		b.WriteByte('L')
	case 'ı':
		b.WriteByte('i')
	default:
		b.WriteRune(r)
	}
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
