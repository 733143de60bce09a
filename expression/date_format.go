package expression

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// format writes the moment as .NET's DateTime.ToString does, in the invariant culture.
func (p datePattern) format(m moment) string {
	var b []byte
	for _, f := range p {
		b = f.append(b, m)
	}
	return string(b)
}

func (f dateField) append(b []byte, m moment) []byte {
	t := m.Time
	switch f.kind {
	case literal:
		return append(b, string(f.literal)...)
	case zuluField:
		return append(b, 'Z')
	case greenwichField:
		return append(appendPadded(append(b, 'G'), int(t.Month()), 1), 'T')
	case 'y':
		return appendYear(b, t.Year(), f.count)
	case 'M':
		return appendNamed(b, t.Month().String(), int(t.Month()), f.count)
	case 'd':
		return appendNamed(b, t.Weekday().String(), t.Day(), f.count)
	case 'H':
		return appendPadded(b, t.Hour(), min(f.count, 2))
	case 'h':
		return appendPadded(b, (t.Hour()+11)%12+1, min(f.count, 2))
	case 'm':
		return appendPadded(b, t.Minute(), min(f.count, 2))
	case 's':
		return appendPadded(b, t.Second(), min(f.count, 2))
	case 'f', 'F':
		return f.appendFraction(b, t)
	case 't':
		mark := [...]string{"AM", "PM"}[t.Hour()/12]
		return append(b, mark[:min(f.count, len(mark))]...)
	case 'g':
		return append(b, era...)
	case 'z':
		return append(b, [...]string{"+0", "+00", "+00:00"}[min(f.count, 3)-1]...)
	case 'K':
		return append(b, [...]string{zoneUnsaid: "", zoneUTC: "Z", zoneLocal: "+00:00"}[m.Zone]...)
	}
	return b
}

// era is the only one there is.
const era = "A.D."

// appendPadded writes a number with zeros before it up to the width.
func appendPadded(b []byte, n, width int) []byte {
	digits := strconv.Itoa(n)
	for range width - len(digits) {
		b = append(b, '0')
	}
	return append(b, digits...)
}

func appendYear(b []byte, year, count int) []byte {
	if count <= 2 {
		return appendPadded(b, year%100, count)
	}
	return appendPadded(b, year, count)
}

// appendNamed writes a month or a day: a number for one or two letters, the short name for three, the name for more.
func appendNamed(b []byte, name string, number, count int) []byte {
	switch {
	case count <= 2:
		return appendPadded(b, number, count)
	case count == 3:
		return append(b, name[:3]...)
	}
	return append(b, name...)
}

// appendFraction writes digits of the second. F leaves zeros at the end out, and with nothing left the point before them.
func (f dateField) appendFraction(b []byte, t time.Time) []byte {
	digits := fmt.Sprintf("%07d", t.Nanosecond()/nanosPerTick)[:f.count]
	if f.kind == 'f' {
		return append(b, digits...)
	}
	digits = strings.TrimRight(digits, "0")
	if digits == "" && len(b) > 0 && b[len(b)-1] == '.' {
		return b[:len(b)-1]
	}
	return append(b, digits...)
}
