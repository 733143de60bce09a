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

// half says which half of the day AM or PM ahead means; unset: neither is there.
func (r *looseReader) half() int {
	word, _ := letters(strings.TrimLeft(r.rest, " "))
	return slices.IndexFunc([]string{"AM", "PM"}, func(mark string) bool { return strings.EqualFold(mark, word) })
}

// letters splits the word at the start off.
func letters(text string) (word, rest string) {
	rest = strings.TrimLeftFunc(text, unicode.IsLetter)
	return text[:len(text)-len(rest)], rest
}

// time reads what follows an hour: minutes, seconds, their fraction, and AM or PM.
func (r *looseReader) time() error {
	for _, part := range []*int{&r.minute, &r.second} {
		if !r.take(':') {
			break
		}
		n, ok := r.digits(2)
		if !ok {
			return errors.New("minutes and seconds have one or two digits")
		}
		*part = n.value
	}
	if r.second != unset && r.take('.') {
		n := len(r.rest) - len(strings.TrimLeft(r.rest, digits))
		if n == 0 {
			return errors.New("digits must follow the point after the seconds")
		}
		r.ticks = fractionTicks(r.rest[:n])
		r.rest = r.rest[n:]
	}
	if r.afternoon = r.half(); r.afternoon == unset {
		return nil
	}
	_, r.rest = letters(strings.TrimLeft(r.rest, " "))
	const morning, hours = 0, 12
	switch {
	case r.hour > hours && r.afternoon == morning:
		return fmt.Errorf("there is no hour %d AM", r.hour)
	case r.hour <= hours:
		r.hour = r.hour%hours + hours*r.afternoon
	}
	return nil
}

// fractionTicks rounds digits after the point of a second to 100 ns.
func fractionTicks(text string) int64 {
	ticks := int64(0)
	for i := range maxFraction {
		ticks *= 10
		if i < len(text) {
			ticks += int64(text[i] - '0')
		}
	}
	if len(text) > maxFraction && text[maxFraction] >= '5' {
		ticks++
	}
	return ticks
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

// zone reads the distance from UTC: +2, +02, +0200 or +02:00.
func (r *looseReader) zone() error {
	negative := r.rest[0] == '-'
	r.rest = r.rest[1:]
	hours, ok := r.digits(4)
	minutes := dateNumber{}
	if ok && hours.digits == 4 {
		hours.value, minutes.value = hours.value/100, hours.value%100
	} else if ok && hours.digits <= 2 && r.take(':') {
		minutes, ok = r.digits(2)
	}
	if !ok || hours.digits == 3 || minutes.value > 59 {
		return errors.New("a time zone is written as Z, +02:00 or -0700")
	}
	r.zoned = true
	r.offset = time.Duration(hours.value)*time.Hour + time.Duration(minutes.value)*time.Minute
	if negative {
		r.offset = -r.offset
	}
	return nil
}

// resolve says which number is the year, which the month and which the day.
func (r *looseReader) resolve() error {
	n := r.numbers
	yearFirst := len(n) > 0 && n[0].long()
	switch {
	case r.named != unset:
		return r.resolveNamed()
	case len(n) == 0 && r.clock:
		return nil
	case len(n) == 0:
		return errors.New("it has no date and no time")
	case len(n) == 1:
		return errors.New("one number is not a date")
	case r.separator == '.' && !yearFirst:
		return errors.New("with points it is not clear whether the day or the month comes first")
	case len(n) == 2 && yearFirst:
		r.year, r.month = n[0].value, n[1].value
	case len(n) == 2 && n[1].long():
		r.month, r.year = n[0].value, n[1].value
	case len(n) == 2:
		r.month, r.day = n[0].value, n[1].value
	case yearFirst:
		r.year, r.month, r.day = n[0].value, n[1].value, n[2].value
	default:
		r.month, r.day, r.year = n[0].value, n[1].value, n[2].year()
	}
	return nil
}

// resolveNamed is resolve for a month that is written as a word.
func (r *looseReader) resolveNamed() error {
	switch n := r.numbers; {
	case len(n) == 0:
		return errors.New("the month has neither a day nor a year")
	case len(n) == 1 && n[0].long():
		r.year = n[0].value
	case len(n) == 1:
		r.day = n[0].value
	case n[0].long():
		r.year, r.day = n[0].value, n[1].value
	default:
		r.day, r.year = n[0].value, n[1].year()
	}
	return nil
}

// year reads the number as a year, which may be short.
func (n dateNumber) year() int {
	if n.long() {
		return n.value
	}
	return fullYear(n.value)
}
