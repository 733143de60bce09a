package expression

import (
	"strings"
	"unicode"
)

func buildPCase(c *call) (code, error) {
	return func(s *state) (Value, error) {
		v, err := c.scalar(s, 0)
		if err != nil || v.IsNull() {
			return v, err
		}
		separates := separatesWords
		if c.given(1) {
			separators, _, err := c.text(s, 1)
			if err != nil {
				return NullValue, err
			}
			separates = func(r rune) bool { return strings.ContainsRune(separators, r) }
		}
		return Str(titleCase(v.Text(), separates)), nil
	}, nil
}

// titleCase writes the first letter of each word in title case and the rest in lower case.
func titleCase(text string, separates func(rune) bool) string {
	var b strings.Builder
	b.Grow(len(text))
	inWord := false
	for _, r := range text {
		switch {
		case separates(r):
			inWord = false
		case r == '\'' || r == '’':
			// An apostrophe that does not separate does not begin a word either: 'quoted' becomes 'Quoted'.
		case inWord:
			r = unicode.ToLower(r)
		default:
			r = unicode.ToTitle(r)
			inWord = true
		}
		b.WriteRune(r)
	}
	return b.String()
}

// separatesWords is the word rule of .NET's TextInfo.ToTitleCase: letters, digits, marks and an apostrophe continue a word, all else ends it.
func separatesWords(r rune) bool {
	if r == '\'' || r == '’' {
		return false
	}
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.IsPunct(r) || unicode.IsSymbol(r) || unicode.Is(unicode.Cf, r)
}
