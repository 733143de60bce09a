package expression

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxDateText is how many bytes a text may have that is read as a date.
const maxDateText = 100

// parseDate reads a date and time in any of the forms that people and programs commonly write, as .NET's DateTime.Parse does in the invariant culture,
// and returns the instant in UTC. Without a time zone it is UTC, without a time midnight, without a date today, without a year this year. Numbers with
// slashes or hyphens are month, day and year unless they begin with the year.
func parseDate(text string, today func() time.Time) (time.Time, error) {
	if len(text) > maxDateText {
		return time.Time{}, fmt.Errorf("it has %d bytes; at most %d are allowed", len(text), maxDateText)
	}
	r := &looseReader{rest: text, civil: newCivil(), named: unset}
	for r.skip(); r.rest != ""; r.skip() {
		if err := r.part(); err != nil {
			return time.Time{}, err
		}
	}
	if err := r.resolve(); err != nil {
		return time.Time{}, err
	}
	r.complete(today)
	return r.utc()
}

// looseReader collects the parts of a date as they come.
type looseReader struct {
	civil
	rest      string
	numbers   []dateNumber // of the date, without the time
	named     int          // how many numbers came before the name of the month; unset: there is no name
	separator byte         // between the numbers
	joined    bool         // the separator came last, so that a part of the date must follow
	clock     bool         // there is a time of day
}

type dateNumber struct{ value, digits int }

// long reports whether the number can only be a year.
func (n dateNumber) long() bool { return n.digits > 2 }

// skip passes over spaces and commas.
func (r *looseReader) skip() {
	r.rest = strings.TrimLeftFunc(r.rest, func(c rune) bool { return c == ',' || unicode.IsSpace(c) })
}

// part reads the next number, time, word or time zone.
func (r *looseReader) part() error {
	switch c := r.rest[0]; {
	case isDigit(c):
		return r.number()
	case isLetter(c):
		return r.word()
	case (c == '+' || c == '-') && (r.clock || r.hasDate()) && !r.zoned:
		return r.zone()
	}
	c, _ := utf8.DecodeRuneInString(r.rest)
	return fmt.Errorf("%q is not expected there", c)
}

// hasDate reports whether year, month and day are there.
func (r *looseReader) hasDate() bool {
	if r.named != unset {
		return len(r.numbers) == 2
	}
	return len(r.numbers) == 3
}

// digits reads a number of at most so many digits.
func (r *looseReader) digits(most int) (dateNumber, bool) {
	n := len(r.rest) - len(strings.TrimLeft(r.rest, digits))
	if n == 0 || n > most {
		return dateNumber{}, false
	}
	value, err := strconv.Atoi(r.rest[:n])
	r.rest = r.rest[n:]
	return dateNumber{value: value, digits: n}, err == nil
}

func (r *looseReader) take(char byte) bool {
	if r.rest == "" || r.rest[0] != char {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

// number reads a part of the date, or a time of day if a colon or AM or PM follows.
func (r *looseReader) number() error {
	const yearDigits = 4
	n, ok := r.digits(yearDigits)
	if !ok {
		return errors.New("a number has more than four digits and nothing to part it")
	}
	switch half := r.half(); {
	case strings.HasPrefix(r.rest, ":") || half != unset:
		if r.clock || r.joined || n.long() {
			return errors.New("the time is not where one is expected")
		}
		r.clock, r.hour = true, n.value
		return r.time()
	case r.hasDate():
		return errors.New("it has more numbers than a date needs")
	}
	r.numbers = append(r.numbers, n)
	return r.between()
}

// between takes the separator behind a part of the date.
func (r *looseReader) between() error {
	r.joined = false
	if len(r.rest) < 2 || !strings.Contains("-/.", r.rest[:1]) || r.hasDate() {
		return nil
	}
	if next := r.rest[1]; !isDigit(next) && !isLetter(next) {
		return nil
	}
	if r.separator != 0 && r.separator != r.rest[0] {
		return fmt.Errorf("%c and %c separate parts of one date", r.separator, r.rest[0])
	}
	r.separator, r.rest, r.joined = r.rest[0], r.rest[1:], true
	return nil
}

// letters splits the word at the start off.
func letters(text string) (word, rest string) {
	rest = strings.TrimLeftFunc(text, unicode.IsLetter)
	return text[:len(text)-len(rest)], rest
}

// word reads the name of a month or a day, the T between date and time, or a time zone.
func (r *looseReader) word() error {
	var word string
	word, r.rest = letters(r.rest)
	if month := nameIndex(monthNames, word); month >= 0 {
		if r.named != unset {
			return errors.New("it has two months")
		}
		r.named, r.month = len(r.numbers), month+1
		return r.between()
	}
	if day := nameIndex(dayNames, word); day >= 0 && r.weekday == unset && !r.joined {
		r.weekday = day
		return nil
	}
	switch strings.ToUpper(word) {
	case "T":
		if r.rest != "" && isDigit(r.rest[0]) && r.hasDate() && !r.clock {
			return nil
		}
	case "Z", "GMT", "UTC":
		if (r.clock || r.hasDate()) && !r.zoned {
			r.zoned = true
			return nil
		}
	}
	return fmt.Errorf("%s is not expected there", quote(word))
}

// nameIndex finds a name that is written out or shortened to three letters.
func nameIndex(names []string, word string) int {
	return slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, word) || strings.EqualFold(name[:3], word) })
}
