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
		if !c.given(1) {
			return Str(titleCase(v.Text(), separatesWords, unicode.IsLetter)), nil
		}
		separators, _, err := c.text(s, 1)
		if err != nil {
			return NullValue, err
		}
		return Str(titleCase(v.Text(), oneOf(separators), notApostrophe)), nil
	}, nil
}

// titleCase writes the first letter of each word in title case and the rest in lower case. What neither separates nor begins stays as it is.
func titleCase(text string, separates, begins func(rune) bool) string {
	var b strings.Builder
	b.Grow(len(text))
	inWord := false
	for _, r := range text {
		switch {
		case separates(r):
			inWord = false
		case inWord:
			r = unicode.ToLower(r)
		case begins(r):
			r = unicode.ToTitle(r)
			inWord = true
		}
		b.WriteRune(r)
	}
	return b.String()
}

// notApostrophe lets a word that stands in apostrophes begin behind the first one: 'quoted' becomes 'Quoted'.
func notApostrophe(r rune) bool { return r != '\'' && r != '’' }

// separatesWords is the word rule of .NET's TextInfo.ToTitleCase: letters, digits, marks and the straight apostrophe continue a word, all else ends it.
func separatesWords(r rune) bool {
	if r == '\'' {
		return false
	}
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.IsPunct(r) || unicode.IsSymbol(r) || unicode.Is(unicode.Cf, r)
}
