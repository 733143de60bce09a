package expression

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// number reads a number of exactly width digits; of one or two for width 1.
func (r *exactReader) number(part *int, width int) bool {
	least, most := width, width
	if width == 1 {
		most = 2
	}
	const limit = 100_000 // more than any part can be
	n, end := 0, r.at
	for end < len(r.text) && end-r.at < most && isDigit(r.text[end]) {
		n = min(n*10+int(r.text[end]-'0'), limit)
		end++
	}
	if end-r.at < least || !r.set(part, n) {
		return false
	}
	r.at = end
	return true
}

// named reads the number or the name of a month or a weekday, the first of which has the given number.
func (r *exactReader) named(part *int, names []string, first, count int) bool {
	if count <= 2 {
		return r.number(part, count)
	}
	for i, name := range names {
		if count == 3 {
			name = name[:3]
		}
		if r.word(name) {
			return r.set(part, first+i)
		}
	}
	return false
}

var (
	monthNames = []string{
		"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
	}
	dayNames = []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
)

// word reads a word in any letter case, as a whole.
func (r *exactReader) word(word string) bool {
	end := r.at + len(word)
	if end > len(r.text) || !strings.EqualFold(r.text[r.at:end], word) {
		return false
	}
	if after, _ := utf8.DecodeRuneInString(r.text[end:]); unicode.IsLetter(after) {
		return false
	}
	r.at = end
	return true
}

// fraction reads digits of the second: as many as f's, up to as many as F's.
func (r *exactReader) fraction(f dateField) bool {
	ticks, digits, unit := int64(0), 0, int64(ticksPerSecond)
	for digits < f.count && r.at < len(r.text) && isDigit(r.text[r.at]) {
		unit /= 10
		ticks += int64(r.text[r.at]-'0') * unit
		digits++
		r.at++
	}
	if f.kind == 'f' && digits < f.count {
		return false
	}
	if digits == 0 {
		return true
	}
	r.clash = r.ticks != unset && r.ticks != ticks
	r.ticks = ticks
	return !r.clash
}

// dayHalf reads AM or PM, or with one letter in the format only its first letter.
func (r *exactReader) dayHalf(count int) bool {
	for half, mark := range []string{"AM", "PM"} {
		if count == 1 {
			if r.take(rune(mark[0])) {
				return r.set(&r.afternoon, half)
			}
			continue
		}
		if r.word(mark) {
			return r.set(&r.afternoon, half)
		}
	}
	return false
}

// kind reads a Z, an offset or nothing.
func (r *exactReader) kind() bool {
	if r.next('Z') {
		return r.zulu()
	}
	return !r.next('+') && !r.next('-') || r.offsetField(3)
}

// zulu reads a Z or GMT.
func (r *exactReader) zulu() bool {
	if !r.word("Z") && !r.word("GMT") {
		return false
	}
	r.isUTC = true
	return r.setOffset(0)
}

// offsetField reads a sign and the distance from UTC: hours, and from a count of 3 on minutes, with or without a colon.
func (r *exactReader) offsetField(count int) bool {
	negative := r.next('-')
	if !negative && !r.next('+') {
		return false
	}
	r.at++
	hours, minutes := unset, 0
	if !r.number(&hours, [...]int{1, 2, 1}[min(count, 3)-1]) {
		return false
	}
	if count >= 3 {
		r.take(':')
		minutes = unset
		if !r.number(&minutes, 2) || minutes > 59 {
			return false
		}
	}
	offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if negative {
		offset = -offset
	}
	return r.setOffset(offset)
}

func (r *exactReader) setOffset(offset time.Duration) bool {
	r.clash = r.zoned && r.offset != offset
	r.zoned, r.offset = true, offset
	return !r.clash
}
