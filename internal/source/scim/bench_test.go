package scim_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

// benchmarkDirectory is a SQLite directory with people u00000, u00001, …, all in one group.
func benchmarkDirectory(b *testing.B, people int) (s service, ids []string, group string) {
	b.Helper()
	st, err := store.Open(b.Context(), storetest.SQLite(b))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = st.Close() })
	backend := newBackend(b, st)
	err = backend.Directory.Write(b.Context(), backend.Organization, backend.Origin, func(ctx context.Context, w *directory.Writer) error {
		ids = ids[:0]
		for i := range people {
			o, err := w.Create(ctx, directory.User, scim.Resource{"userName": fmt.Sprintf("u%05d", i), "active": true}, nil)
			if err != nil {
				return err
			}
			ids = append(ids, o.ID)
		}
		g, err := w.Create(ctx, directory.Group, scim.Resource{"displayName": "All"}, ids)
		group = g.ID
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return serviceOf(b, backend), ids, group
}

func (s service) bench(b *testing.B, method, target string, want int, body func(i int) string) {
	b.Helper()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		w := httptest.NewRecorder()
		s.h.ServeHTTP(w, httptest.NewRequest(method, target, strings.NewReader(body(i))))
		if w.Code != want {
			b.Fatalf("status %d: %s", w.Code, w.Body)
		}
		i++
	}
}

func nothing(int) string { return "" }

func BenchmarkGetUser(b *testing.B) {
	s, ids, _ := benchmarkDirectory(b, 1000)
	s.bench(b, "GET", "/Users/"+ids[500], 200, nothing)
}

// BenchmarkFindUser is the request that Entra sends first for everybody. It must not depend on how many people there are.
func BenchmarkFindUser(b *testing.B) {
	for _, people := range []int{1000, 20_000} {
		b.Run(fmt.Sprint(people), func(b *testing.B) {
			s, _, _ := benchmarkDirectory(b, people)
			s.bench(b, "GET", "/Users?filter=userName+eq+%22u00500%22", 200, nothing)
		})
	}
}

// BenchmarkChangeOneMember must not depend on the size of the group.
func BenchmarkChangeOneMember(b *testing.B) {
	for _, people := range []int{500, 50_000} {
		b.Run(fmt.Sprint(people), func(b *testing.B) {
			s, ids, group := benchmarkDirectory(b, people)
			s.bench(b, "PATCH", "/Groups/"+group+"?excludedAttributes=members", 200, func(i int) string {
				if i%2 == 1 {
					return addMember(ids[0])
				}
				return `{"Operations":[{"op":"Remove","path":"members","value":[{"value":"` + ids[0] + `"}]}]}`
			})
		})
	}
}
