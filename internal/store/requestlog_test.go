package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

// forEachRequestLog runs fn on an empty log of each database.
func forEachRequestLog(t *testing.T, fn func(t *testing.T, l *store.RequestLog)) {
	t.Helper()
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		storetest.Open(t, c)
		fn(t, openRequestLog(t, c))
	})
}

func openRequestLog(t testing.TB, c store.Config) *store.RequestLog {
	t.Helper()
	l, err := store.OpenRequestLog(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func appendRequests(t testing.TB, l *store.RequestLog, requests ...record.Request) {
	t.Helper()
	if err := l.AppendRequests(t.Context(), requests); err != nil {
		t.Fatal(err)
	}
}

func selectRequests(t *testing.T, l *store.RequestLog, q record.RequestQuery) (ids string, position int64) {
	t.Helper()
	q.Organization = "acme"
	if q.Limit == 0 {
		q.Limit = 100
	}
	requests, position, err := l.Requests(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range requests {
		ids += r.ID
	}
	return ids, position
}

func TestRequestLogSelects(t *testing.T) {
	forEachRequestLog(t, func(t *testing.T, l *store.RequestLog) {
		appendRequests(t, l,
			record.Request{ID: "a", Organization: "acme", Time: noon, Method: "GET", Status: 200, Token: "t1", Filter: "userName eq ?"},
			record.Request{ID: "x", Organization: "other", Time: noon, Method: "GET", Status: 500, Token: "t9"},
			record.Request{ID: "b", Organization: "acme", Time: noon.Add(time.Hour), Method: "POST", Status: 409, Token: "t1", Rules: []string{"N1", "N12"}},
			record.Request{
				ID: "c", Organization: "acme", Time: noon.Add(2 * time.Hour), Method: "PATCH", Status: 200, Token: "t2", Resource: "u1", Rules: []string{"N3", "N1"},
				Changes: []record.RequestChange{{Kind: "update", Type: "User", ID: "u1", Paths: []string{"title"}, Count: 1}},
				Bodies:  &record.RequestBodies{Request: `{"op":"add"}`, Response: `{}`},
			},
			record.Request{ID: "d", Organization: "acme", Time: noon.Add(3 * time.Hour), Method: "GET", Status: 404, Resource: "u1"},
		)
		for _, test := range []struct {
			name string
			q    record.RequestQuery
			want string
		}{
			{"all", record.RequestQuery{}, "abcd"},
			{"status", record.RequestQuery{MinStatus: 400}, "bd"},
			{"class", record.RequestQuery{MinStatus: 200, MaxStatus: 299}, "ac"},
			{"method", record.RequestQuery{Method: "get"}, "ad"},
			{"token", record.RequestQuery{Token: "t2"}, "c"},
			{"resource", record.RequestQuery{Resource: "u1"}, "cd"},
			{"rule, whole name only", record.RequestQuery{Rule: "n1"}, "bc"},
			{"since", record.RequestQuery{Since: noon.Add(time.Hour)}, "bcd"},
			{"first two", record.RequestQuery{Limit: 2}, "ab"},
			{"newest two", record.RequestQuery{Limit: 2, Newest: true}, "cd"},
		} {
			if got, _ := selectRequests(t, l, test.q); got != test.want {
				t.Errorf("%s: selected %q; expected %q", test.name, got, test.want)
			}
		}
		found, _, err := l.Requests(t.Context(), record.RequestQuery{Organization: "acme", Token: "t2", Limit: 1})
		if err != nil || len(found) != 1 {
			t.Fatalf("found %d requests, error %v", len(found), err)
		}
		if r := found[0]; !r.Time.Equal(noon.Add(2*time.Hour)) || r.Changes[0].Paths[0] != "title" || r.Bodies == nil || r.Bodies.Request != `{"op":"add"}` {
			t.Errorf("the request came back as %+v", r)
		}
		counts, err := l.RuleCounts(t.Context(), record.RequestQuery{Organization: "acme"})
		if err != nil || len(counts) != 3 || counts["N1"] != 2 || counts["N12"] != 1 || counts["N3"] != 1 {
			t.Errorf("rules are counted as %v, error %v", counts, err)
		}
		if _, _, err := l.Requests(t.Context(), record.RequestQuery{Limit: 100000}); err == nil {
			t.Error("a page of 100,000 requests was not refused")
		}
	})
}

// TestRequestLogIsFollowed: who goes on from the last position misses no request and sees none twice, though several servers write at once.
func TestRequestLogIsFollowed(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		storetest.Open(t, c)
		const writers, batches, size = 4, 12, 7
		var wg sync.WaitGroup
		for w := range writers {
			l := openRequestLog(t, c)
			wg.Go(func() {
				for b := range batches {
					requests := make([]record.Request, size)
					for i := range requests {
						requests[i] = record.Request{ID: fmt.Sprintf("%d-%d-%d", w, b, i), Organization: "acme", Time: noon, Status: 200}
					}
					if err := l.AppendRequests(t.Context(), requests); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { wg.Wait(); close(done) }()
		reader := openRequestLog(t, c)
		seen := map[string]bool{}
		var after int64
		for last := false; ; {
			page, position, err := reader.Requests(t.Context(), record.RequestQuery{Organization: "acme", After: after, Limit: 50})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page {
				if seen[r.ID] {
					t.Fatalf("%s came twice", r.ID)
				}
				seen[r.ID] = true
			}
			after = position
			if last && len(page) == 0 {
				break
			}
			select {
			case <-done:
				last = true
			default:
			}
		}
		if len(seen) != writers*batches*size {
			t.Errorf("%d requests were seen; expected %d", len(seen), writers*batches*size)
		}
	})
}

func TestRequestLogForgets(t *testing.T) {
	forEachRequestLog(t, func(t *testing.T, l *store.RequestLog) {
		bodies := func() *record.RequestBodies { return &record.RequestBodies{Request: "{}"} }
		for i, id := range []string{"a", "b", "c"} {
			appendRequests(t, l, record.Request{ID: id, Organization: "acme", Time: noon.Add(time.Duration(i) * time.Hour), Status: 200, Bodies: bodies()})
		}
		more, err := l.PruneRequests(t.Context(), noon.Add(time.Minute), noon.Add(time.Hour+time.Minute))
		if err != nil || more {
			t.Fatalf("more is %v, error %v", more, err)
		}
		found, _, err := l.Requests(t.Context(), record.RequestQuery{Organization: "acme", Limit: 10})
		if err != nil || len(found) != 2 {
			t.Fatalf("%d requests are left, error %v; expected 2", len(found), err)
		}
		if found[0].Bodies != nil || found[1].Bodies == nil {
			t.Errorf("bodies are left: %v, %v; expected those of the newest only", found[0].Bodies, found[1].Bodies)
		}
		for range 210 {
			appendRequests(t, l, record.Request{Organization: "acme", Time: noon.Add(-time.Hour), Status: 200})
		}
		steps := 0
		for more = true; more; steps++ {
			if more, err = l.PruneRequests(t.Context(), noon.Add(24*time.Hour), noon); err != nil {
				t.Fatal(err)
			}
		}
		if ids, _ := selectRequests(t, l, record.RequestQuery{}); ids != "" || steps != 2 {
			t.Errorf("after %d steps %q is left; expected nothing, in two steps", steps, ids)
		}
	})
}

func BenchmarkRequestLog(b *testing.B) {
	c := storetest.SQLite(b)
	storetest.Open(b, c)
	l := openRequestLog(b, c)
	const batch = 512
	requests := make([]record.Request, batch)
	for i := range requests {
		requests[i] = record.Request{
			ID: "0199e7a2-7f6b-7cc3-98c4-dc0c0c07398f", Organization: "0199e7a2-7f6b-7cc3-98c4-dc0c0c073980", Time: noon, Method: "PATCH",
			Path: "/Users/0199e7a2-7f6b-7cc3-98c4-dc0c0c073981", Resource: "0199e7a2-7f6b-7cc3-98c4-dc0c0c073981", Status: 200, Token: "tok_abcdefgh",
			Address: "192.0.2.1", Rules: []string{"N1"}, Changes: []record.RequestChange{{Kind: "update", Type: "User", Paths: []string{"title"}, Count: 1}},
		}
	}
	for b.Loop() {
		appendRequests(b, l, requests...)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*batch), "µs/request")
}
