package expression

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxDatePattern is how many bytes a date format may have.
const maxDatePattern = 200

// datePattern is a parsed .NET date format, of the custom kind ("yyyy-MM-dd") or a standard one ("o").
type datePattern []dateField

// dateField is a run of one specifier, such as yyyy, or one literal character.
type dateField struct {
	kind    byte // one of dateSpecifiers, Z, U, G, or literal
	count   int
	literal rune
}

const (
	literal        = 0
	dateSpecifiers = "dfFghHKmMstyz"
	maxFraction    = 7 // digits of a second

	zuluField      = 'Z' // when reading, a Z that is not quoted stands for UTC; it is written as it is
	universalField = 'U' // takes no text: the standard format U says that the time is in UTC
	greenwichField = 'G' // GMT without quotes: UTC when reading; .NET writes G, the month and T
)

// String returns the field as it is written in a format.
func (f dateField) String() string {
	switch f.kind {
	case literal:
		return string(f.literal)
	case greenwichField:
		return "GMT"
	}
	return strings.Repeat(string(rune(f.kind)), f.count)
}

// standardDate returns the custom form of a standard format in .NET's invariant culture; "" for none.
func standardDate(letter byte) string {
	switch letter {
	case 'd':
		return "MM/dd/yyyy"
	case 'D':
		return "dddd, dd MMMM yyyy"
	case 'f':
		return "dddd, dd MMMM yyyy HH:mm"
	case 'F', 'U':
		return "dddd, dd MMMM yyyy HH:mm:ss"
	case 'g':
		return "MM/dd/yyyy HH:mm"
	case 'G':
		return "MM/dd/yyyy HH:mm:ss"
	case 'M', 'm':
		return "MMMM dd"
	case 'O', 'o':
		return "yyyy-MM-dd'T'HH:mm:ss.fffffffK"
	case 'R', 'r':
		return "ddd, dd MMM yyyy HH:mm:ss 'GMT'"
	case 's':
		return "yyyy-MM-dd'T'HH:mm:ss"
	case 't':
		return "HH:mm"
	case 'T':
		return "HH:mm:ss"
	case 'u':
		return "yyyy-MM-dd HH:mm:ss'Z'"
	case 'Y', 'y':
		return "yyyy MMMM"
	}
	return ""
}

// parseDatePattern reads a format. An empty one is G, as in .NET.
func parseDatePattern(text string) (datePattern, error) {
	switch {
	case len(text) > maxDatePattern:
		return nil, fmt.Errorf("has %d bytes; at most %d are allowed", len(text), maxDatePattern)
	case text == "":
		text = "G"
	}
	if utf8.RuneCountInString(text) > 1 {
		return parseCustomDate(text)
	}
	custom := standardDate(text[0])
	if custom == "" {
		return nil, fmt.Errorf("is %s: a single letter is a standard format, and .NET has none of that name: "+
			"write a custom format of one letter as in \"%%d\"", quote(text))
	}
	p, err := parseCustomDate(custom)
	if text == "U" {
		p = append(p, dateField{kind: universalField, count: 1})
	}
	return p, err
}

func parseCustomDate(text string) (datePattern, error) {
	var p datePattern
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case strings.ContainsRune(dateSpecifiers, r):
			f := dateField{kind: text[i], count: runLength(text[i:])}
			if r == 'K' {
				f.count = 1
			}
			if (r == 'f' || r == 'F') && f.count > maxFraction {
				return nil, fmt.Errorf("has %d times %c; at most %d are allowed", f.count, r, maxFraction)
			}
			p, size = append(p, f), f.count
		case r == zuluField:
			p = append(p, dateField{kind: zuluField, count: 1})
		case strings.HasPrefix(text[i:], "GMT"):
			p, size = append(p, dateField{kind: greenwichField, count: 1}), len("GMT")
		case r == '\'' || r == '"':
			quoted, length, err := quotedDate(text[i:])
			if err != nil {
				return nil, err
			}
			p, size = append(p, quoted...), length
		case r == '%':
			if i+1 == len(text) || text[i+1] == '%' {
				return nil, fmt.Errorf("is %s: a %% must be followed by a specifier, as in %%d", quote(text))
			}
		case r == '\\' && i+1 == len(text):
			return nil, fmt.Errorf("is %s: a backslash must be followed by the character to write as it is", quote(text))
		case r == '\\':
			next, length := utf8.DecodeRuneInString(text[i+1:])
			p, size = append(p, dateField{literal: next}), 1+length
		default:
			p = append(p, dateField{literal: r})
		}
		i += size
	}
	return p, nil
}

// runLength is how often the first byte comes at the start of the text.
func runLength(text string) int { return len(text) - len(strings.TrimLeft(text, text[:1])) }

// quotedDate reads a literal in quotes; a backslash in it takes the next character as it is. length is in bytes, both quotes included.
func quotedDate(text string) (p datePattern, length int, err error) {
	escaped := false
	for i, r := range text[1:] {
		switch {
		case escaped:
			escaped = false
		case r == '\\':
			escaped = true
			continue
		case r == rune(text[0]):
			return p, i + len("''"), nil
		}
		p = append(p, dateField{literal: r})
	}
	return nil, 0, fmt.Errorf("has a quotation mark %c without its partner", text[0])
}
