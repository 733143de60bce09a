package expression

import (
	"errors"
	"fmt"
	"time"
)

// The instants that a date can be, those of .NET's DateTime: 100 ns from the beginning of year 1 to the end of year 9999, as a Value counts them.
const (
	minTicks = -62_135_596_800 * ticksPerSecond
	maxTicks = 253_402_300_800*ticksPerSecond - 1

	ticksPerMinute = 60 * ticksPerSecond
	ticksPerHour   = 60 * ticksPerMinute
	ticksPerDay    = 24 * ticksPerHour
)

var errDateRange = errors.New("the date lies outside the years 1 to 9999")

// dateOf returns the instant, if it is one that a date can be.
func dateOf(ticks int64) (Value, error) {
	if ticks < minTicks || ticks > maxTicks {
		return NullValue, errDateRange
	}
	return Value{kind: Time, num: ticks}, nil
}

// timeZone is what a text says about its time zone, .NET's DateTimeKind. The zone of the machine is taken to be UTC, so that a mapping means the same
// everywhere; what is left of the difference is how K writes it.
type timeZone int

const (
	zoneUnsaid timeZone = iota // K writes nothing
	zoneUTC                    // K writes Z
	zoneLocal                  // K writes +00:00
)

// moment is an instant with what was said about its time zone.
type moment struct {
	Time time.Time // in UTC
	Zone timeZone
}

// unset marks a part of a date that the text does not have.
const unset = -1

// civil is a date and a time of day as people write them.
type civil struct {
	year, month, day     int
	hour, minute, second int
	ticks                int64 // 100 ns within the second; ticksPerSecond when rounding filled it up
	weekday              int   // 0 is Sunday; only compared with the date
	afternoon            int   // 0: AM, 1: PM
	zoned                bool  // offset was written
	offset               time.Duration
}

func newCivil() civil {
	return civil{year: unset, month: unset, day: unset, hour: unset, minute: unset, second: unset, ticks: unset, weekday: unset, afternoon: unset}
}

// maxOffset is the largest distance of a time zone from UTC that .NET takes.
const maxOffset = 14 * time.Hour

// complete gives the parts that are missing their defaults, as .NET does: without any date it is today; a missing year is this year, a missing month or
// day the first.
func (c *civil) complete(today func() time.Time) {
	if c.year == unset && c.month == unset && c.day == unset {
		c.year, c.month, c.day = date(today())
	}
	if c.year == unset {
		c.year = today().Year()
	}
	for _, part := range []*int{&c.month, &c.day} {
		if *part == unset {
			*part = 1
		}
	}
	for _, part := range []*int{&c.hour, &c.minute, &c.second} {
		*part = max(*part, 0)
	}
	c.ticks = max(c.ticks, 0)
}

func date(t time.Time) (year, month, day int) {
	y, m, d := t.Date()
	return y, int(m), d
}

// utc returns the instant of a complete date and time.
func (c *civil) utc() (time.Time, error) {
	switch {
	case c.year < 1 || c.year > 9999:
		return time.Time{}, fmt.Errorf("there is no year %d: years are 1 to 9999", c.year)
	case c.month < 1 || c.month > 12:
		return time.Time{}, fmt.Errorf("there is no month %d", c.month)
	case c.day < 1 || c.day > daysIn(c.year, c.month):
		return time.Time{}, fmt.Errorf("%s %d has no day %d", time.Month(c.month), c.year, c.day)
	case c.hour > 23 || c.minute > 59 || c.second > 59:
		return time.Time{}, fmt.Errorf("there is no time %02d:%02d:%02d: it goes from 00:00:00 to 23:59:59", c.hour, c.minute, c.second)
	case c.offset.Abs() > maxOffset:
		return time.Time{}, errors.New("a time zone is at most 14 hours from UTC")
	}
	t := time.Date(c.year, time.Month(c.month), c.day, c.hour, c.minute, c.second, 0, time.UTC)
	if c.weekday != unset && c.weekday != int(t.Weekday()) {
		return time.Time{}, fmt.Errorf("that day is a %s, not a %s", t.Weekday(), time.Weekday(c.weekday))
	}
	t = t.Add(time.Duration(c.ticks) * nanosPerTick).Add(-c.offset)
	if t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, errDateRange
	}
	return t, nil
}

// daysIn returns the number of days of the month.
func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// fullYear turns a year of two digits into one of the years 1950 to 2049, as .NET 8 does.
func fullYear(year int) int {
	if year < 50 {
		return 2000 + year
	}
	return 1900 + year
}

// now returns the current instant.
func (s *state) now() time.Time {
	if s.env.Now == nil {
		return time.Now().UTC()
	}
	return s.env.Now().UTC()
}
