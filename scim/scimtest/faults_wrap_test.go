package scimtest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
)

// requests changes requests before the service sees them. change gets the decoded body, nil where there is none that is an object, and reports whether it
// changed it.
func requests(change func(r *http.Request, body map[string]any) bool) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			raw, err := io.ReadAll(r.Body)
			if err != nil {
				panic(err)
			}
			var body map[string]any
			if json.Unmarshal(raw, &body) != nil {
				body = nil
			}
			if change(r, body) && body != nil {
				raw = encode(body)
			}
			next.ServeHTTP(w, with(r, raw))
		})
	}
}

// with is the request with another body.
func with(r *http.Request, body []byte) *http.Request {
	r = r.Clone(r.Context())
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return r
}

func encode(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

// answer is what the service said. A body that is nil is sent as raw.
type answer struct {
	status int
	header http.Header
	body   map[string]any
	raw    []byte
}

func ask(next http.Handler, r *http.Request) *answer {
	w := httptest.NewRecorder()
	next.ServeHTTP(w, r)
	a := &answer{status: w.Code, header: w.Header(), raw: w.Body.Bytes()}
	if json.Unmarshal(a.raw, &a.body) != nil {
		a.body = nil
	}
	return a
}

func (a *answer) send(w http.ResponseWriter) {
	if a.body != nil {
		a.raw = encode(a.body)
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	switch { // otherwise it is that of a HEAD
	case len(a.raw) > 0:
		w.Header().Set("Content-Length", strconv.Itoa(len(a.raw)))
	case a.status == http.StatusNoContent:
		w.Header().Del("Content-Length")
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.raw)
}

// resources are those of a list, or the one that the answer is; none for an error.
func (a *answer) resources() (out []map[string]any) {
	if list, ok := a.body["Resources"].([]any); ok {
		for _, v := range list {
			if resource, ok := v.(map[string]any); ok {
				out = append(out, resource)
			}
		}
		return out
	}
	if a.status < 300 && a.body["id"] != nil {
		return []map[string]any{a.body}
	}
	return nil
}

// answers changes answers before the client sees them.
func answers(change func(r *http.Request, a *answer)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			a := ask(next, r)
			change(r, a)
			a.send(w)
		})
	}
}

// again asks the service something else after some of its answers, by change, which returns nil where the first answer stands.
func again(change func(r *http.Request, body []byte, a *answer) *http.Request) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			raw, err := io.ReadAll(r.Body)
			if err != nil {
				panic(err)
			}
			a := ask(next, with(r, raw))
			if other := change(with(r, raw), raw, a); other != nil {
				a = ask(next, other)
			}
			a.send(w)
		})
	}
}
