package bench

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"testing"
	"time"
)

func TestPersonIsTheSameOnEveryRunAndUnique(t *testing.T) {
	seen := map[string]int{}
	for i := range 2000 {
		a, b := person(i), person(i)
		if string(a) != string(b) {
			t.Fatalf("person %d differs between two calls", i)
		}
		var doc struct {
			UserName   string `json:"userName"`
			ExternalID string `json:"externalId"`
		}
		if err := json.Unmarshal(a, &doc); err != nil {
			t.Fatalf("person %d is not JSON: %v", i, err)
		}
		if doc.UserName != userName(i) || doc.ExternalID != externalID(i) {
			t.Fatalf("person %d: %+v, want the names that the phases ask for", i, doc)
		}
		if before, taken := seen[doc.UserName]; taken {
			t.Fatalf("people %d and %d share userName %s", before, i, doc.UserName)
		}
		seen[doc.UserName] = i
	}
}

func TestRunStopsAtItsLimitAndCountsWrongAnswers(t *testing.T) {
	var calls atomic.Int64
	f := run(context.Background(), 4, time.Minute, 100, func(_ context.Context, _, i int) bool {
		calls.Add(1)
		return i%10 != 0
	})
	if calls.Load() != 100 || f.Operations != 100 || f.Errors != 10 {
		t.Errorf("got %d calls, %d operations, %d wrong; want 100, 100, 10", calls.Load(), f.Operations, f.Errors)
	}
	if f.PerSecond <= 0 || f.P99 < f.P50 {
		t.Errorf("rate %f, p50 %f, p99 %f do not fit together", f.PerSecond, f.P50, f.P99)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var calls atomic.Int64
	f := run(ctx, 1, time.Hour, 0, func(context.Context, int, int) bool {
		if calls.Add(1) == 3 {
			cancel()
		}
		return true
	})
	if f.Operations != 3 {
		t.Errorf("%d operations after the context ended at the third", f.Operations)
	}
}
