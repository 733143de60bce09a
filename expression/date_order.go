package expression

import "errors"

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
