package cli

import (
	"strconv"
	"time"
)

// must is for mistakes in our own command definitions, which every test of the command finds.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func decimal(n int) string { return strconv.Itoa(n) }

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// moment is a time for JSON: null when there is none.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// when is a time for a table.
func when(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}
