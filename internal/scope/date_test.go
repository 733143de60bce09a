package scope_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/scope"
)

// TestRelativeDates says for each what it means at a moment; what a day, what an instant.
func TestRelativeDates(t *testing.T) {
	at := func(text string) time.Time {
		moment, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	tests := []struct{ text, now, want string }{
		{"today", "2026-03-10T23:59:59Z", "2026-03-10"}, {"TODAY", "2026-03-11T00:00:00Z", "2026-03-11"},
		{"today", "2026-03-10T23:30:00-01:00", "2026-03-11"}, {"now", "2026-03-10T12:00:00Z", "2026-03-10T12:00:00Z"},
		{"-30d", "2026-03-10T12:00:00Z", "2026-02-08"}, {"+14d", "2026-03-10T12:00:00Z", "2026-03-24"}, {"today+2w", "2026-03-10T12:00:00Z", "2026-03-24"},
		{"today + 2w - 1d", "2026-03-10T12:00:00Z", "2026-03-23"}, {"+1mo", "2026-01-31T12:00:00Z", "2026-02-28"}, {"-1mo", "2026-03-31T12:00:00Z", "2026-02-28"},
		{"+1mo", "2028-01-30T12:00:00Z", "2028-02-29"}, {"-1y", "2028-02-29T12:00:00Z", "2027-02-28"}, {"+1y", "2026-03-10T12:00:00Z", "2027-03-10"},
		{"now-6h", "2026-03-10T12:00:00Z", "2026-03-10T06:00:00Z"}, {"-90min", "2026-03-10T12:00:00Z", "2026-03-10T10:30:00Z"},
		{"today+6h", "2026-03-10T12:00:00Z", "2026-03-10T06:00:00Z"}, {"now-1d", "2026-03-10T12:00:00Z", "2026-03-09T12:00:00Z"},
		{"today+0d", "2026-03-10T12:00:00Z", "2026-03-10"},
	}
	for _, test := range tests {
		f, err := scope.Parse([]byte(filter(group("x", clause("hired", "On_Or_After", test.text)))))
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		r, err := f.Evaluate(person{"hired": expression.Str("2026-03-10")}, at(test.now))
		if err != nil || r.Groups[0].Clauses[0].Meant != test.want {
			t.Errorf("%s at %s: got %q, %v; want %s", test.text, test.now, r.Groups[0].Clauses[0].Meant, err, test.want)
		}
		if !strings.Contains(r.String(), "x hired On_Or_After "+test.text+" ("+test.want+"): ") {
			t.Errorf("%s: %s", test.text, r)
		}
	}
}

// What an attribute may look like, compared with noon of 10 March.
func TestDateValues(t *testing.T) {
	for text, want := range map[string]bool{
		"2026-03-10": true, "2026-03-09T23:59:59Z": false, "2026-03-10T00:00:00Z": true, "2026-03-10T00:00:00": true, "2026-03-10T00:00": true,
		"2026-03-10T00:00:00.123456789Z": true, "2026-03-10T01:00:00+02:00": false, "20260310000000.0Z": true, "20260310000000Z": true, "20260309000000Z": false,
		" 2026-03-10 ": true, "10.3.2026": false, "03/10/2026": false, "soon": false, "2026-13-10": false, "12": false, "True": false,
	} {
		f, err := scope.Parse([]byte(filter(group("x", clause("hired", "On_Or_After", "2026-03-10")))))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := f.Evaluate(person{"hired": expression.Str(text)}, noon); err != nil || got.Passed != want {
			t.Errorf("%q: got %v, %v; want %v", text, got.Passed, err, want)
		}
	}
	f, err := scope.Parse([]byte(filter(group("x", clause("hired", "On", "2026-03-10")))))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := f.Evaluate(person{"hired": expression.TimeOf(noon)}, noon); err != nil || !got.Passed {
		t.Errorf("a time: got %+v, %v", got, err)
	}
}

// Turned is when an incremental cycle must look at people whom nobody changed.
func TestTurned(t *testing.T) {
	midnight := time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		text      string
		then, now time.Time
		want      bool
	}{
		{"today", noon, midnight.Add(-time.Second), false}, {"today", noon, midnight, true}, {"-30d", noon, midnight, true}, {"-30d", noon, noon, false},
		{"now", noon, noon.Add(time.Second), true}, {"now-1d", noon, noon, false}, {"2026-03-10", noon, midnight, false}, {"-1d", time.Time{}, noon, true},
	}
	for _, test := range tests {
		f, err := scope.Parse([]byte(filter(group("x", clause("country", "EQUALS", "DE")), group("y", clause("hired", "Before", test.text)))))
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Turned(test.then, test.now); got != test.want {
			t.Errorf("%s from %s to %s: got %v", test.text, test.then, test.now, got)
		}
	}
	var nobody *scope.Filter
	if nobody.Turned(noon, midnight) {
		t.Error("without a filter nothing depends on time")
	}
	// Without a moment a relative date gives no verdict.
	f, err := scope.Parse([]byte(filter(group("y", clause("hired", "Before", "today")))))
	if err != nil {
		t.Fatal(err)
	}
	if r, err := f.Evaluate(person{"hired": expression.Str("2026-03-10")}, time.Time{}); err == nil || r.Passed {
		t.Errorf("without a moment: got %+v", r)
	}
}
