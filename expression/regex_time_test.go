package expression

import (
	"strings"
	"testing"
	"time"
)

// Many regular expressions, each just quick enough, must not add up to a long evaluation.
func TestRegularExpressionsShareTheirTime(t *testing.T) {
	s := &state{}
	for range 5 {
		if err := s.matched(time.Now().Add(-matchTimes / 6)); err != nil {
			t.Fatalf("got %v after %s", err, s.matching)
		}
	}
	if err := s.matched(time.Now().Add(-matchTimes / 4)); err == nil || !strings.Contains(err.Error(), "longer than 500ms") {
		t.Errorf("got %v after %s", err, s.matching)
	}
}
