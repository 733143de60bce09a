package scimserver_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
	"github.com/rollcall-id/rollcall/scim/scimtest"
)

func benchmarkService(b *testing.B, people int) (h http.Handler, id string) {
	b.Helper()
	memory := new(scimtest.Memory)
	h = scimserver.New(scimserver.Config{Registry: scim.Core(), Backend: memory})
	for i := range people {
		body := fmt.Sprintf(`{"schemas":["%s"],"userName":"user%d@example.com","externalId":"%d","active":true,"displayName":"User %d",
			"name":{"givenName":"User","familyName":"%d"},"emails":[{"value":"user%d@example.com","type":"work","primary":true}]}`,
			scim.URNUser, i, i, i, i, i)
		if w := ask(h, "POST", "/Users", body); w.Code != 201 {
			b.Fatalf("status %d: %s", w.Code, w.Body)
		}
	}
	all := memory.All("User")
	return h, all[len(all)/2].ID()
}

// discard is a ResponseWriter without the cost of a recorder.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}

func benchmarkRequest(b *testing.B, h http.Handler, target string) {
	r := httptest.NewRequest("GET", target, nil)
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		h.ServeHTTP(&discard{header: make(http.Header, 8)}, r)
	}
}

func BenchmarkGetUser(b *testing.B) {
	h, id := benchmarkService(b, 1000)
	benchmarkRequest(b, h, "/Users/"+id)
}

func BenchmarkFindUser(b *testing.B) {
	h, _ := benchmarkService(b, 1000)
	benchmarkRequest(b, h, "/Users?filter="+url.QueryEscape(`userName eq "user500@example.com"`))
}

func BenchmarkListHundred(b *testing.B) {
	h, _ := benchmarkService(b, 1000)
	benchmarkRequest(b, h, "/Users?startIndex=401&count=100")
}
