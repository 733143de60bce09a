package expression

import (
	"errors"
	"fmt"
	"time"
)

// interval is a unit of DateAdd and DateDiff, in the words of VBA.
type interval string

const (
	years   interval = "yyyy"
	months  interval = "m"
	weeks   interval = "ww"
	days    interval = "d"
	hours   interval = "h"
	minutes interval = "n"
	seconds interval = "s"
)

func parseInterval(text string) (interval, error) {
	switch i := interval(text); i {
	case years, months, weeks, days, hours, minutes, seconds:
		return i, nil
	}
	return "", fmt.Errorf("is %s: expected yyyy (years), m (months), ww (weeks), d (days), h (hours), n (minutes) or s (seconds)", quote(text))
}

// ticks is how long the interval is; 0 for months and years, whose lengths differ.
func (i interval) ticks() int64 {
	switch i {
	case weeks:
		return 7 * ticksPerDay
	case days:
		return ticksPerDay
	case hours:
		return ticksPerHour
	case minutes:
		return ticksPerMinute
	case seconds:
		return ticksPerSecond
	}
	return 0
}

// addDate adds n intervals. A month or year later is the same day of that month, or its last one where it is shorter.
func addDate(v Value, i interval, n int64) (Value, error) {
	if unit := i.ticks(); unit > 0 {
		if most := (maxTicks - minTicks) / unit; n > most || n < -most {
			return NullValue, errDateRange
		}
		return dateOf(v.num + n*unit)
	}
	const monthsPerYear, mostMonths = 12, 12 * 9999
	if n > mostMonths || n < -mostMonths {
		return NullValue, errDateRange
	}
	if i == years {
		n *= monthsPerYear
	}
	t := v.time()
	year, month, day := date(t)
	total := int64(year)*monthsPerYear + int64(month-1) + n
	if total < monthsPerYear || total >= (9999+1)*monthsPerYear {
		return NullValue, errDateRange
	}
	year, month = int(total/monthsPerYear), int(total%monthsPerYear)+1
	midnight := time.Date(year, time.Month(month), min(day, daysIn(year, month)), 0, 0, 0, 0, time.UTC)
	return dateOf(TimeOf(midnight).num + (v.num-minTicks)%ticksPerDay)
}

// dateDiff returns how many intervals lie between two dates, less than zero when b is the earlier one. Days and smaller are whole elapsed ones, as in
// VB.NET; weeks, months and years are steps on the calendar, where a week begins on Sunday.
func dateDiff(i interval, a, b Value) int64 {
	switch i {
	case years:
		return int64(b.time().Year() - a.time().Year())
	case months:
		yearA, monthA, _ := date(a.time())
		yearB, monthB, _ := date(b.time())
		return int64(12*(yearB-yearA) + monthB - monthA)
	case weeks:
		return week(b) - week(a)
	}
	return (b.num - a.num) / i.ticks()
}

// week numbers the weeks from Sunday to Saturday. The first day of year 1 is a Monday.
func week(v Value) int64 { return ((v.num-minTicks)/ticksPerDay + 1) / 7 }

// The Windows file time counts 100 ns from the beginning of 1601.
const fileTimeZero = -11_644_473_600 * ticksPerSecond

// dateFromFileTime makes a date of a Windows file time, as Active Directory stores it.
func dateFromFileTime(n int64) (Value, error) {
	const never = 1<<63 - 1
	switch {
	case n == never:
		return NullValue, errors.New("is 9223372036854775807: that stands for never in Active Directory: handle it first, for example with Switch")
	case n < 0 || n > maxTicks-fileTimeZero:
		return NullValue, fmt.Errorf("is %d: expected 0 (the beginning of 1601) to %d (the end of 9999)", n, int64(maxTicks-fileTimeZero))
	}
	return dateOf(n + fileTimeZero)
}

// fileTime is the way back.
func fileTime(v Value) (int64, error) {
	if v.num < fileTimeZero {
		return 0, fmt.Errorf("is %s: a file time begins with the year 1601", v.Text())
	}
	return v.num - fileTimeZero, nil
}
