package scope

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// moment is the instant at which a filter is asked: what relative dates count from. The zero moment is none, and then they give no verdict.
type moment = time.Time

// when is the right side of a clause about dates: a day or an instant, fixed or relative to the moment of evaluation. All days are days of UTC.
type when struct {
	fixed    time.Time // unless relative
	relative bool
	day      bool // compares days: a fixed date, and what counts from today without hours
	today    bool // counts from the beginning of today instead of from now
	steps    []step
}

// step goes back or forth from a moment.
type step struct {
	years, months, days int
	hours               time.Duration
}

// maxSteps is how many terms a relative date may have.
const maxSteps = 4

var (
	relativeDate = regexp.MustCompile(`^(now|today)?((?:[+-][0-9]{1,4}[a-z]+)*)$`)
	dateStep     = regexp.MustCompile(`([+-][0-9]{1,4})([a-z]+)`)
)

var errDate = errors.New("expected a day (2026-03-01), an instant (2026-03-01T08:00:00Z), or a relative date: now, today, -30d, +14d, today+2w, now-6h")

// parseWhen reads the right side of a clause about dates.
func parseWhen(text string) (when, error) {
	text = strings.TrimSpace(text)
	if t, day, ok := parseDate(text); ok {
		return when{fixed: t, day: day}, nil
	}
	m := relativeDate.FindStringSubmatch(strings.ToLower(strings.ReplaceAll(text, " ", "")))
	if m == nil || text == "" {
		return when{}, fmt.Errorf("the value is %q: %w", text, errDate)
	}
	w := when{relative: true, today: m[1] != "now", day: m[1] != "now"}
	parts := dateStep.FindAllStringSubmatch(m[2], -1)
	if len(parts) > maxSteps {
		return when{}, fmt.Errorf("the value %q has %d steps: at most %d are allowed", text, len(parts), maxSteps)
	}
	for _, p := range parts {
		s, err := parseStep(p[1], p[2])
		if err != nil {
			return when{}, fmt.Errorf("the value is %q: %w", text, err)
		}
		if s.hours != 0 {
			w.day = false
			w.today = m[1] == "today" // -6h alone counts from now
		}
		w.steps = append(w.steps, s)
	}
	return w, nil
}

func parseStep(number, unit string) (step, error) {
	n, err := strconv.Atoi(number)
	if err != nil {
		return step{}, errDate
	}
	switch unit {
	case "y":
		return step{years: n}, nil
	case "mo":
		return step{months: n}, nil
	case "w":
		return step{days: 7 * n}, nil
	case "d":
		return step{days: n}, nil
	case "h":
		return step{hours: time.Duration(n) * time.Hour}, nil
	case "min":
		return step{hours: time.Duration(n) * time.Minute}, nil
	}
	return step{}, fmt.Errorf("unknown unit %q: write y (years), mo (months), w (weeks), d (days), h (hours) or min (minutes)", unit)
}

// at is the instant that is meant at a moment.
func (w when) at(now moment) time.Time {
	if !w.relative {
		return w.fixed
	}
	t := now.UTC()
	if w.today {
		t = dayOf(t)
	}
	for _, s := range w.steps {
		t = months(t, 12*s.years+s.months).AddDate(0, 0, s.days).Add(s.hours)
	}
	return t
}

// months goes n months on. A day that the month does not have becomes its last one: a month after 31 January is the end of February.
func months(t time.Time, n int) time.Time {
	if n == 0 {
		return t
	}
	next := t.AddDate(0, n, 0)
	if next.Day() != t.Day() {
		next = next.AddDate(0, 0, -next.Day())
	}
	return next
}

func dayOf(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// compare says where a date lies: before (-1), on or after (1) what is meant.
func (w when) compare(have time.Time, now moment) int {
	want := w.at(now)
	if w.day {
		have, want = dayOf(have), dayOf(want)
	}
	return have.Compare(want)
}

// text shows what a relative date means at a moment.
func (w when) text(now moment) string {
	if w.day {
		return w.at(now).Format(time.DateOnly)
	}
	return w.at(now).Format(time.RFC3339)
}

// turned reports whether the clause may say something else now than then.
func (w when) turned(then, now moment) bool {
	if !w.relative {
		return false
	}
	return !w.at(then).Equal(w.at(now))
}

// parseDate reads a date as directories hold it. A time without a zone is UTC; day reports that there is no time at all.
func parseDate(text string) (t time.Time, day, ok bool) {
	for _, layout := range []string{time.DateOnly, time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "20060102150405.999999999Z"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), layout == time.DateOnly, true
		}
	}
	return time.Time{}, false, false
}

// byDate compares dates. An attribute that is no date makes the clause false.
func byDate(holds func(order int) bool) func([]string) (test, error) {
	return func(values []string) (test, error) {
		want, err := parseWhen(values[0])
		if err != nil {
			return nil, err
		}
		return func(e element, at moment) (bool, error) {
			if want.relative && at.IsZero() {
				return false, errors.New("nobody said what time it is")
			}
			have, _, ok := parseDate(strings.TrimSpace(e.text))
			return ok && holds(want.compare(have, at)), nil
		}, nil
	}
}

// byDay is byDate for what only days can answer.
func byDay(values []string) (test, error) {
	want, err := parseWhen(values[0])
	if err == nil && !want.day {
		err = fmt.Errorf("the value %q is an instant, and this operator compares days: write a day (2026-03-01), today, or a number of days (-30d)", values[0])
	}
	if err != nil {
		return nil, err
	}
	return byDate(func(order int) bool { return order == 0 })(values)
}
