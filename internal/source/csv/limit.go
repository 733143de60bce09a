package csv

import (
	"strconv"
	"strings"

	"github.com/rollcall-id/rollcall/internal/fault"
)

// Default guard: a fifth of the people, and a handful in a small company.
const (
	defaultPercent = 20
	defaultAtLeast = 5
)

// Limit is how many people may leave in one import: a number or a percentage of the people. The zero Limit is 20 %, at least 5.
type Limit struct {
	set     bool
	count   int
	percent bool
}

// ParseLimit reads the value of --max-leavers: "25" people or "10%" of the people. The empty string is the zero Limit.
func ParseLimit(s string) (Limit, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return Limit{}, nil
	}
	number, percent := strings.CutSuffix(s, "%")
	n, err := strconv.Atoi(strings.TrimSpace(number))
	if err != nil || n < 0 || percent && n > 100 {
		return Limit{}, fault.Errorf(fault.ErrInvalid, "the most people who may leave is a number such as 25 or a percentage from 0%% to 100%%, not %q", s)
	}
	return Limit{set: true, count: n, percent: percent}, nil
}

// Of is the number of people who may leave when there are that many, rounded down.
func (l Limit) Of(people int) int {
	switch {
	case !l.set:
		return max(defaultAtLeast, people*defaultPercent/100)
	case l.percent:
		return people * l.count / 100
	}
	return l.count
}

// String is what ParseLimit reads.
func (l Limit) String() string {
	switch {
	case !l.set:
		return ""
	case l.percent:
		return strconv.Itoa(l.count) + "%"
	}
	return strconv.Itoa(l.count)
}
