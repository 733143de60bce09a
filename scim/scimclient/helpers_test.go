package scimclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const secret = "s3cret-token-of-the-test"

// handlerTransport answers without a network, so that tests can run on synctest's clock.
type handlerTransport struct{ handler http.Handler }

func (t handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	t.handler.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil { // the handler took too long
		return nil, err
	}
	if broken, ok := w.Result().Header["Broken"]; ok {
		return nil, errors.New(broken[0])
	}
	return w.Result(), nil
}

// newClient returns a client of a handler at https://app.example/scim?flag.
func newClient(t *testing.T, h http.Handler, change func(*Config)) *Client {
	t.Helper()
	u, err := ValidateBaseURL("https://app.example/scim/?flag", false)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{BaseURL: u, Token: secret, HTTP: &http.Client{Transport: handlerTransport{h}}, Jitter: func() float64 { return 0 }}
	if change != nil {
		change(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// reply is one scripted answer.
type reply struct {
	status int
	header map[string]string
	body   string
	broken string // no answer but this error
}

// script answers with its replies in turn, the last one for ever, and notes what it was asked.
type script struct {
	mu      sync.Mutex
	replies []reply
	asked   []string // method and path with query
	bodies  []string
	headers []http.Header
	times   []time.Time
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(len(s.asked), len(s.replies)-1)
	s.asked = append(s.asked, r.Method+" "+r.URL.RequestURI())
	s.bodies = append(s.bodies, string(body))
	s.headers = append(s.headers, r.Header.Clone())
	s.times = append(s.times, time.Now())
	a := s.replies[n]
	if a.broken != "" {
		w.Header().Set("Broken", a.broken)
		return
	}
	for k, v := range a.header {
		w.Header().Set(k, v)
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/scim+json")
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

func scimErrorBody(status int, scimType, detail string) string {
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"%d","scimType":%q,"detail":%q}`, status, scimType, detail)
}

func listBody(total int, resources ...string) string {
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":%d,"Resources":[%s]}`,
		total, strings.Join(resources, ","))
}

// asError fails the test unless err is an *Error.
func asError(t *testing.T, err error) *Error {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("got error %v (%T); want *Error", err, err)
	}
	if strings.Contains(e.Error(), secret) || strings.Contains(e.Detail, secret) {
		t.Errorf("the error holds the token: %v", e)
	}
	return e
}

// collect lists to the end.
func collect(ctx context.Context, c *Client, q Query) (ids []string, err error) {
	for r, err := range c.List(ctx, "User", q) {
		if err != nil {
			return ids, err
		}
		ids = append(ids, r.ID())
	}
	return ids, nil
}
