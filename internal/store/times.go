package store

import "time"

// micros is a time as it is stored: microseconds since 1970 UTC, 0 for the zero time. Drivers disagree about time.Time, integers are the same
// everywhere.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
