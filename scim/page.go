package scim

import (
	"errors"
	"strconv"
)

// ParsePage reads startIndex and count of a query as they were sent ("" when absent): start counts from 1, count is at most maximum, and values out of
// bounds are moved into them (N19). defaultCount applies when count is absent. The error is an *Error 400 invalidValue.
func ParsePage(startIndex, count string, defaultCount, maximum int, report func(rule string)) (start, size int, err error) {
	start, size = 1, min(defaultCount, maximum)
	moved := false
	if startIndex != "" {
		if start, err = pageNumber("startIndex", startIndex); err != nil {
			return 0, 0, err
		}
		if start < 1 {
			start, moved = 1, true
		}
	}
	if count != "" {
		if size, err = pageNumber("count", count); err != nil {
			return 0, 0, err
		}
		if size < 0 || size > maximum {
			size, moved = max(0, min(size, maximum)), true
		}
	}
	if moved && report != nil {
		report(RulePageBounds)
	}
	return start, size, nil
}

// pageNumber accepts numbers of any size, because a huge startIndex is an honest question with an empty answer.
func pageNumber(name, text string) (int, error) {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, bad(InvalidValue, "%s is %s; expected a whole number", name, quote(text))
	}
	return int(n), nil // out of range: ParseInt gives the nearest bound
}
