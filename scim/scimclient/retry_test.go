package scimclient

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		value, date string
		want        time.Duration
	}{
		{"", "", 0},
		{"7", "", 7 * time.Second},
		{" 7 ", "", 7 * time.Second},
		{"0.5", "", 500 * time.Millisecond},
		{"-3", "", 0},
		{"NaN", "", 0},
		{"1e300", "", 24 * time.Hour},
		{"99999999999999999999", "", 24 * time.Hour},
		{"soon", "", 0},
		{"Wed, 25 Nov 2026 12:00:30 GMT", "", 30 * time.Second},
		{"Wed, 25 Nov 2026 11:00:00 GMT", "", 0},
		{"Wed, 25 Nov 2026 13:00:10 GMT", "Wed, 25 Nov 2026 13:00:00 GMT", 10 * time.Second}, // its clock is an hour ahead
	} {
		h := http.Header{}
		h.Set("Retry-After", tt.value)
		if tt.date != "" {
			h.Set("Date", tt.date)
		}
		if got := retryAfter(h, now); got != tt.want {
			t.Errorf("retryAfter(%q, Date %q) = %v; want %v", tt.value, tt.date, got, tt.want)
		}
	}
}

func TestBackoff(t *testing.T) {
	r := Retry{}.withDefaults()
	for n, want := range map[int]time.Duration{1: 250 * time.Millisecond, 2: 500 * time.Millisecond, 5: 4 * time.Second, 12: 20 * time.Second, 99: 20 * time.Second} {
		if low, high := r.backoff(n, 0), r.backoff(n, 0.999999); low != want/2 || high <= low || high > want {
			t.Errorf("backoff(%d) is %v to %v; want %v to %v", n, low, high, want/2, want)
		}
	}
}

func TestRetries(t *testing.T) {
	ok := reply{status: 200, body: `{"id":"7"}`}
	status := func(n int) reply { return reply{status: n, body: scimErrorBody(n, "", "words of the service")} }
	after := func(n int, value string) reply {
		r := status(n)
		r.header = map[string]string{"Retry-After": value}
		return r
	}
	broken := reply{broken: "connection reset by peer"}
	for _, tt := range []struct {
		name      string
		method    string
		replies   []reply
		requests  int
		elapsed   time.Duration // jitter is 0: half of the wait
		status    int           // of the error; 0 and no kind: success
		kind      Kind
		ambiguous bool
	}{
		{name: "no trouble", method: "GET", replies: []reply{ok}, requests: 1},
		{name: "a 500 passes", method: "GET", replies: []reply{status(500), ok}, requests: 2, elapsed: 125 * time.Millisecond},
		{name: "a 500 stays", method: "GET", replies: []reply{status(500)}, requests: 4, elapsed: 875 * time.Millisecond, status: 500, kind: KindStatus},
		{name: "PATCH is repeated", method: "PATCH", replies: []reply{status(502), broken, ok}, requests: 3, elapsed: 375 * time.Millisecond},
		{name: "a broken PATCH stays unclear", method: "PATCH", replies: []reply{broken}, requests: 4, elapsed: 875 * time.Millisecond, kind: KindNetwork, ambiguous: true},
		{name: "PUT is repeated", method: "PUT", replies: []reply{status(408), ok}, requests: 2, elapsed: 125 * time.Millisecond},
		{name: "DELETE is repeated", method: "DELETE", replies: []reply{status(504), ok}, requests: 2, elapsed: 125 * time.Millisecond},
		{name: "a broken POST is not repeated", method: "POST", replies: []reply{broken, ok}, requests: 1, kind: KindNetwork, ambiguous: true},
		{name: "a POST with 500 is not repeated", method: "POST", replies: []reply{status(500), ok}, requests: 1, status: 500, kind: KindStatus, ambiguous: true},
		{name: "a POST with 503 is not repeated", method: "POST", replies: []reply{after(503, "1"), ok}, requests: 1, status: 503, kind: KindStatus, ambiguous: true},
		{name: "a POST with 429 was not read: repeated", method: "POST", replies: []reply{after(429, "2"), ok}, requests: 2, elapsed: 2 * time.Second},
		{name: "429 in a row", method: "GET", replies: []reply{after(429, "1"), after(429, "3"), ok}, requests: 3, elapsed: 4 * time.Second},
		{name: "429 without a time", method: "GET", replies: []reply{status(429), ok}, requests: 2, elapsed: 125 * time.Millisecond},
		{name: "429 for ever", method: "GET", replies: []reply{after(429, "1")}, requests: 10, elapsed: 9 * time.Second, status: 429, kind: KindStatus},
		{name: "503 with a time", method: "GET", replies: []reply{after(503, "5"), ok}, requests: 2, elapsed: 5 * time.Second},
		{name: "an hour is too long to wait", method: "GET", replies: []reply{after(429, "3600"), ok}, requests: 1, status: 429, kind: KindStatus},
		{name: "400 is final", method: "PATCH", replies: []reply{status(400), ok}, requests: 1, status: 400, kind: KindStatus},
		{name: "401 is final", method: "GET", replies: []reply{status(401), ok}, requests: 1, status: 401, kind: KindStatus},
		{name: "409 is final", method: "POST", replies: []reply{status(409), ok}, requests: 1, status: 409, kind: KindStatus},
		{name: "412 is final", method: "PUT", replies: []reply{status(412), ok}, requests: 1, status: 412, kind: KindStatus},
		{name: "501 is final", method: "PATCH", replies: []reply{status(501), ok}, requests: 1, status: 501, kind: KindStatus},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{replies: tt.replies}
				c := newClient(t, s, nil)
				start := time.Now()
				_, err := c.do(t.Context(), &request{method: tt.method, segments: []string{"Users", "7"}, body: []byte("{}")})
				if got := len(s.asked); got != tt.requests || c.Requests() != int64(tt.requests) {
					t.Errorf("made %d requests (counted %d); want %d", got, c.Requests(), tt.requests)
				}
				// A wait for the end of a pause begins a hair after the backoff did.
				if got := time.Since(start); got < tt.elapsed || got > tt.elapsed+tt.elapsed/4 {
					t.Errorf("took %v; want about %v", got, tt.elapsed)
				}
				if tt.kind == "" {
					if err != nil {
						t.Fatalf("got %v; want success", err)
					}
					return
				}
				e := asError(t, err)
				if e.Status != tt.status || e.Kind != tt.kind || e.Ambiguous != tt.ambiguous {
					t.Errorf("got status %d, kind %s, ambiguous %v; want %d, %s, %v", e.Status, e.Kind, e.Ambiguous, tt.status, tt.kind, tt.ambiguous)
				}
				if tt.status != 0 && e.Detail != "words of the service" {
					t.Errorf("got detail %q; want the service's own words", e.Detail)
				}
			})
		})
	}
}

// A long pause is not waited for, and while it lasts nothing is sent at all.
func TestPauseStopsTheWholeClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{replies: []reply{{status: 429, header: map[string]string{"Retry-After": "600"}}, {status: 200, body: `{"id":"7"}`}}}
		c := newClient(t, s, nil)
		_, _, err := c.Get(t.Context(), "User", "7")
		if e := asError(t, err); e.RetryAfter != 10*time.Minute || !e.Throttled() {
			t.Fatalf("got %+v; want to be told to wait 10 minutes", e)
		}
		_, _, err = c.Get(t.Context(), "User", "7")
		if e := asError(t, err); e.Kind != KindPaused || e.Status != 429 || e.RetryAfter != 10*time.Minute || len(s.asked) != 1 {
			t.Fatalf("got %+v after %d requests; want a pause without a request", e, len(s.asked))
		}
		time.Sleep(9 * time.Minute)
		if _, _, err := c.Get(t.Context(), "User", "7"); err != nil || len(s.asked) != 2 {
			t.Fatalf("got %v after %d requests; want the last minute to be waited for", err, len(s.asked))
		}
	})
}

func TestOneThrottledCallPausesTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{replies: []reply{{status: 429, header: map[string]string{"Retry-After": "5"}}, {status: 200, body: `{"id":"7"}`}}}
		c := newClient(t, s, nil)
		start := time.Now()
		first := make(chan error)
		go func() { _, _, err := c.Get(t.Context(), "User", "7"); first <- err }()
		synctest.Wait()
		if _, _, err := c.Get(t.Context(), "User", "7"); err != nil {
			t.Fatal(err)
		}
		if err := <-first; err != nil {
			t.Fatal(err)
		}
		for i, at := range s.times[1:] {
			if at.Sub(start) < 5*time.Second {
				t.Errorf("request %d was sent after %v; want none within the pause of 5 s", i+2, at.Sub(start))
			}
		}
	})
}

func TestTimeoutAndCancel(t *testing.T) {
	slow := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, slow, func(cfg *Config) { cfg.Timeout = 10 * time.Second; cfg.Retry.Attempts = 2 })
		start := time.Now()
		err := c.Delete(t.Context(), "User", "7")
		if e := asError(t, err); e.Kind != KindTimeout || !e.Ambiguous || !strings.Contains(e.Detail, "10s") {
			t.Errorf("got %+v; want an ambiguous timeout after 10 s", e)
		}
		if got := time.Since(start); got < 20*time.Second || got > 21*time.Second {
			t.Errorf("two tries took %v; want a little over 20 s", got)
		}

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = c.Create(ctx, "User", nil)
		if e := asError(t, err); e.Kind != KindTimeout || !e.Ambiguous || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %+v; want the caller's deadline, ambiguous", e)
		}

		ctx, cancel = context.WithCancel(t.Context())
		cancel()
		_, err = c.Create(ctx, "User", nil)
		if e := asError(t, err); e.Kind != KindCancelled || e.Ambiguous || !errors.Is(err, context.Canceled) {
			t.Errorf("got %+v; want cancelled before it was sent", e)
		}
	})
}

func TestHeaders(t *testing.T) {
	s := &script{replies: []reply{{status: 201, body: `{"id":"7"}`}}}
	c := newClient(t, s, func(cfg *Config) { cfg.UserAgent = "Rollcall/9" })
	trace := "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	ctx := WithTraceparent(WithTraceparent(t.Context(), trace), "bad\r\nX: y")
	if _, err := c.Create(ctx, "User", nil); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"Authorization": "Bearer " + secret, "User-Agent": "Rollcall/9", "Traceparent": trace,
		"Accept": "application/scim+json, application/json;q=0.9", "Content-Type": "application/scim+json"} {
		if got := s.headers[0].Get(name); got != want {
			t.Errorf("%s is %q; want %q", name, got, want)
		}
	}
	if want := []string{"POST /scim/Users?flag"}; !slices.Equal(s.asked, want) {
		t.Errorf("asked %q; want %q", s.asked, want)
	}
}

func TestRedirects(t *testing.T) {
	ok := reply{status: 200, body: `{"id":"7"}`}
	to := func(status int, location string) reply {
		return reply{status: status, header: map[string]string{"Location": location}}
	}
	for _, tt := range []struct {
		name     string
		method   string
		replies  []reply
		requests int
		kind     Kind
	}{
		{"307 keeps method and body", "PATCH", []reply{to(307, "/other/7"), ok}, 2, ""},
		{"308 absolute, same host", "POST", []reply{to(308, "https://APP.example/x"), ok}, 2, ""},
		{"301 for a read", "GET", []reply{to(301, "/other"), ok}, 2, ""},
		{"301 for a write", "POST", []reply{to(301, "/other"), ok}, 1, KindRedirect},
		{"302 for a write", "PATCH", []reply{to(302, "/other"), ok}, 1, KindRedirect},
		{"303 for a write", "PUT", []reply{to(303, "/other"), ok}, 1, KindRedirect},
		{"another host", "GET", []reply{to(307, "https://evil.example/scim"), ok}, 1, KindRedirect},
		{"another port", "GET", []reply{to(307, "https://app.example:8443/scim"), ok}, 1, KindRedirect},
		{"without TLS", "GET", []reply{to(307, "http://app.example/scim"), ok}, 1, KindRedirect},
		{"with a password", "GET", []reply{to(307, "https://u:p@app.example/scim"), ok}, 1, KindRedirect},
		{"to nowhere", "GET", []reply{{status: 307}, ok}, 1, KindRedirect},
		{"in circles", "GET", []reply{to(307, "/a")}, 5, KindRedirect},
	} {
		s := &script{replies: tt.replies}
		c := newClient(t, s, nil)
		_, err := c.do(t.Context(), &request{method: tt.method, segments: []string{"Users"}, body: []byte(`{"a":1}`)})
		if len(s.asked) != tt.requests {
			t.Errorf("%s: made %d requests; want %d: %q", tt.name, len(s.asked), tt.requests, s.asked)
		}
		if tt.kind == "" {
			if err != nil || s.bodies[1] != `{"a":1}` || !strings.HasPrefix(s.asked[1], tt.method+" ") {
				t.Errorf("%s: got %v, second request %s with %s; want the same request again", tt.name, err, s.asked[1], s.bodies[1])
			}
			continue
		}
		if e := asError(t, err); e.Kind != tt.kind || !e.Incompatible() || strings.Contains(e.Detail, "u:p") {
			t.Errorf("%s: got %+v; want kind %s", tt.name, e, tt.kind)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"1", "-1", "1e400", "Wed, 25 Nov 2026 12:00:30 GMT", "Inf", "0x10"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, value, date string) {
		h := http.Header{"Retry-After": {value}, "Date": {date}}
		if d := retryAfter(h, time.Unix(0, 0)); d < 0 || d > longestRetryAfter {
			t.Fatalf("retryAfter(%q, %q) = %v", value, date, d)
		}
	})
}
