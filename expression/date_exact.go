package expression

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// read reads a date that has exactly the form of the pattern, by the rules of .NET's DateTime.ParseExact in the invariant culture.
func (p datePattern) read(text string, styles dateStyles, today func() time.Time) (moment, error) {
	if styles&trailingWhite != 0 {
		text = strings.TrimRightFunc(text, unicode.IsSpace)
		for len(p) > 0 && p[len(p)-1].isSpace() {
			p = p[:len(p)-1]
		}
	}
	r := &exactReader{text: text, styles: styles, civil: newCivil()}
	if styles&leadingWhite != 0 {
		r.skipSpace()
		for len(p) > 0 && p[0].isSpace() {
			p = p[1:]
		}
	}
	if len(p) == 0 {
		return moment{}, errors.New("the format has nothing in it that could be read")
	}
	if err := r.fields(p); err != nil {
		return moment{}, err
	}
	if err := r.finish(); err != nil {
		return moment{}, err
	}
	if styles&noCurrentDate != 0 && r.year == unset && r.month == unset && r.day == unset {
		r.year = 1
	}
	r.complete(today)
	t, err := r.utc()
	return moment{Time: t, Zone: styles.zone(r.zoned, r.isUTC)}, err
}

func (f dateField) isSpace() bool { return f.kind == literal && unicode.IsSpace(f.literal) }

// exactReader walks through a text along a pattern.
type exactReader struct {
	civil
	text         string
	at           int // byte of text
	styles       dateStyles
	isUTC        bool // the zone was a Z
	twoDigitYear bool
	twelveHours  bool
	clash        bool // a part came twice with different values
}

func (r *exactReader) fields(p datePattern) error {
	for i, f := range p {
		if r.styles&innerWhite != 0 {
			r.skipSpace()
		}
		if f.literal == '.' && i+1 < len(p) && p[i+1].kind == 'F' && !r.next('.') {
			continue // ".F" may be missing as a whole
		}
		if !r.field(f) {
			if r.clash {
				return fmt.Errorf("%s at character %d contradicts what comes before it", f, r.character())
			}
			return fmt.Errorf("at character %d the format expects %s", r.character(), f)
		}
	}
	if r.at < len(r.text) {
		return fmt.Errorf("the format ends before character %d of the text; a date and time of the directory reads as yyyy-MM-ddTHH:mm:ssZ", r.character())
	}
	return nil
}

func (r *exactReader) character() int { return utf8.RuneCountInString(r.text[:r.at]) + 1 }

func (r *exactReader) skipSpace() {
	r.at = len(r.text) - len(strings.TrimLeftFunc(r.text[r.at:], unicode.IsSpace))
}

// next reports whether the character comes next.
func (r *exactReader) next(char rune) bool { return strings.HasPrefix(r.text[r.at:], string(char)) }

// take reads a character if it comes next.
func (r *exactReader) take(char rune) bool {
	if !r.next(char) {
		return false
	}
	r.at += utf8.RuneLen(char)
	return true
}

func (r *exactReader) field(f dateField) bool {
	switch f.kind {
	case literal:
		return r.literalField(f.literal)
	case 'y':
		r.twoDigitYear = r.twoDigitYear || f.count <= 2
		return r.number(&r.year, f.count)
	case 'M':
		return r.named(&r.month, monthNames, 1, f.count)
	case 'd':
		if f.count <= 2 {
			return r.number(&r.day, f.count)
		}
		return r.named(&r.weekday, dayNames, 0, f.count)
	case 'h', 'H':
		r.twelveHours = r.twelveHours || f.kind == 'h'
		return r.number(&r.hour, min(f.count, 2))
	case 'm':
		return r.number(&r.minute, min(f.count, 2))
	case 's':
		return r.number(&r.second, min(f.count, 2))
	case 'f', 'F':
		return r.fraction(f)
	case 't':
		return r.dayHalf(f.count)
	case 'g':
		return r.word(era)
	case 'z':
		return r.offsetField(f.count)
	case 'K':
		return r.kind()
	case zuluField, greenwichField:
		return r.zulu()
	}
	r.isUTC = true // universalField
	return r.setOffset(0)
}

// literalField reads a character of the format. A space matches one space, any number when inner white space is allowed, and none at all where .NET
// takes it for white space at the end.
func (r *exactReader) literalField(char rune) bool {
	return r.take(char) || char == ' ' && r.styles&(innerWhite|trailingWhite) != 0
}

// set stores a part; the same part may come twice, with the same value.
func (r *exactReader) set(part *int, value int) bool {
	r.clash = *part != unset && *part != value
	*part = value
	return !r.clash
}

// finish turns a year of two digits and an hour of the half day into whole ones.
func (r *exactReader) finish() error {
	if r.twoDigitYear {
		if r.year > 99 {
			return fmt.Errorf("the year %d has more than two digits, and the format expects two", r.year)
		}
		r.year = fullYear(r.year)
	}
	if r.twelveHours {
		if r.hour > 12 {
			return fmt.Errorf("there is no hour %d with h: write H in the format for hours from 0 to 23", r.hour)
		}
		r.hour = r.hour%12 + 12*max(r.afternoon, 0)
		return nil
	}
	if r.afternoon != unset && r.hour/12 != r.afternoon {
		return fmt.Errorf("the hour %d is not in the half of the day that AM or PM says", max(r.hour, 0))
	}
	return nil
}
