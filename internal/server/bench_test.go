package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/demo"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
)

// BenchmarkSCIM measures the SCIM endpoint over loopback, client and server in one process: requests of one kind, at a size, on so many connections.
// Allocations are of both ends. `rollcall bench` measures the same with a server in a process of its own. -short leaves out 100,000 people.
func BenchmarkSCIM(b *testing.B) {
	sizes := []int{1_000, 10_000, 100_000}
	if testing.Short() {
		sizes = sizes[:2]
	}
	for _, size := range sizes {
		b.Run(fmt.Sprintf("people=%d", size), func(b *testing.B) {
			v := newVault(b)
			ids := v.fill(b, size)
			for _, op := range append(endpointOperations(ids), v.cursorOperations(b, size)...) {
				for _, connections := range []int{1, 8, 32} {
					b.Run(fmt.Sprintf("%s/connections=%d", op.name, connections), func(b *testing.B) { v.drive(b, connections, op) })
				}
			}
		})
	}
}

// BenchmarkEmptyHandler is the yardstick beside BenchmarkSCIM: a net/http handler that does nothing but write an answer of the same size and headers, on the
// same connections. What the endpoint takes beyond it is what Rollcall does.
func BenchmarkEmptyHandler(b *testing.B) {
	for name, size := range map[string]int{"get": 1_500, "list": 150_000} {
		body := bytes.Repeat([]byte{'x'}, size)
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/scim+json")
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			_, _ = w.Write(body)
		}))
		b.Cleanup(srv.Close)
		v := &vault{url: srv.URL}
		op := endpointOperation{name, http.StatusOK, func(int) (string, string, []byte) { return http.MethodGet, "/Users", nil }}
		for _, connections := range []int{1, 8, 32} {
			b.Run(fmt.Sprintf("%s/connections=%d", name, connections), func(b *testing.B) { v.drive(b, connections, op) })
		}
	}
}

// cursorOperations read the first page, and one behind nine tenths of everybody, by cursor.
func (v *vault) cursorOperations(b *testing.B, size int) []endpointOperation {
	b.Helper()
	const path = "/Users?count=100&cursor="
	cursor := ""
	for range size * 9 / 10 / 100 {
		var page struct{ NextCursor string }
		answer, err := v.ask(b.Context(), http.DefaultClient, http.MethodGet, path+cursor, nil, http.StatusOK)
		if err == nil {
			err = json.Unmarshal(answer, &page)
		}
		if err != nil || page.NextCursor == "" {
			b.Fatalf("%v, %.200s", err, answer)
		}
		cursor = page.NextCursor
	}
	return []endpointOperation{
		{"cursor-first", http.StatusOK, func(int) (string, string, []byte) { return http.MethodGet, path, nil }},
		{"cursor-deep", http.StatusOK, func(int) (string, string, []byte) { return http.MethodGet, path + cursor, nil }},
	}
}

func benchName(i int) string { return fmt.Sprintf("Person.P%07d@Bench.example", i) }

func benchPerson(i int) scim.Resource {
	return scim.Resource{
		"userName": benchName(i), "externalId": fmt.Sprintf("ext-%07d", i), "active": true, "displayName": "Person Nº " + fmt.Sprint(i), "title": "Engineer",
		"name":         map[string]any{"givenName": "Person", "familyName": "Nº " + fmt.Sprint(i)},
		"emails":       []any{map[string]any{"type": "work", "value": benchName(i), "primary": true}},
		"addresses":    []any{map[string]any{"type": "work", "locality": "Oslo", "country": "NO", "streetAddress": "Storgata 1", "postalCode": "0123"}},
		"phoneNumbers": []any{map[string]any{"type": "work", "value": "+47 22 123456"}, map[string]any{"type": "mobile", "value": "+47 91234567"}},
		scim.URNEnterpriseUser: map[string]any{
			"employeeNumber": fmt.Sprintf("%07d", i), "department": "Sales", "costCenter": "CC1", "organization": "Bench", "division": "North",
		},
	}
}

// fill puts people into the organization, past HTTP, and returns their ids.
func (v *vault) fill(b *testing.B, size int) []string {
	b.Helper()
	ids := make([]string, 0, size)
	for len(ids) < size {
		var made []string
		err := v.sys.Directory.Write(b.Context(), v.org.ID, directory.Origin{Owner: directory.OwnerSCIM, Actor: "benchmark"}, func(ctx context.Context, w *directory.Writer) error {
			made = made[:0]
			for i := range min(1000, size-len(ids)) {
				o, err := w.Create(ctx, directory.User, benchPerson(len(ids)+i), nil)
				if err != nil {
					return err
				}
				made = append(made, o.ID)
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		ids = append(ids, made...)
	}
	return ids
}

// endpointOperation makes the i-th request of its kind and says which status is right.
type endpointOperation struct {
	name   string
	status int
	make   func(i int) (method, path string, body []byte)
}

func endpointOperations(ids []string) []endpointOperation {
	var fresh atomic.Int64
	find := func(name string) string {
		return "/Users?filter=" + url.QueryEscape(fmt.Sprintf("userName eq %q", name))
	}
	some := func(i int) int { return int(uint64(i) * 2654435761 % uint64(len(ids))) }
	return []endpointOperation{
		{"create", http.StatusCreated, func(int) (string, string, []byte) {
			body, err := json.Marshal(benchPerson(10_000_000 + int(fresh.Add(1))))
			if err != nil {
				panic(err) // strings and bools always marshal
			}
			return http.MethodPost, "/Users", body
		}},
		{"filter-hit", http.StatusOK, func(i int) (string, string, []byte) { return http.MethodGet, find(benchName(some(i))), nil }},
		{"filter-miss", http.StatusOK, func(i int) (string, string, []byte) { return http.MethodGet, find(benchName(90_000_000 + i)), nil }},
		{"get", http.StatusOK, func(i int) (string, string, []byte) { return http.MethodGet, "/Users/" + ids[some(i)], nil }},
		{"patch", http.StatusOK, func(i int) (string, string, []byte) {
			return http.MethodPatch, "/Users/" + ids[some(i)], fmt.Appendf(nil,
				`{"schemas":[%q],"Operations":[{"op":"replace","path":"title","value":"Title %d"}]}`, scim.URNPatchOp, fresh.Add(1))
		}},
		{"list", http.StatusOK, func(i int) (string, string, []byte) {
			return http.MethodGet, fmt.Sprintf("/Users?count=100&startIndex=%d", 1+some(i)), nil
		}},
	}
}

// drive makes b.N requests on so many connections.
func (v *vault) drive(b *testing.B, connections int, op endpointOperation) {
	b.ReportAllocs()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range connections {
		wg.Go(func() {
			client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
			defer client.CloseIdleConnections()
			for {
				i := int(next.Add(1)) - 1
				if i >= b.N {
					return
				}
				method, path, body := op.make(i)
				if err := v.once(b.Context(), client, method, path, body, op.status); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
}

func (v *vault) once(ctx context.Context, client *http.Client, method, path string, body []byte, status int) error {
	_, err := v.ask(ctx, client, method, path, body, status)
	return err
}

func (v *vault) ask(ctx context.Context, client *http.Client, method, path string, body []byte, status int) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, v.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+v.secret)
	req.Header.Set("Content-Type", "application/scim+json")
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != status {
		err = fmt.Errorf("%s %s: status %d, want %d: %s", method, path, res.StatusCode, status, answer)
	}
	return answer, err
}

// BenchmarkCycle measures provisioning over loopback, both sides in one process: a first cycle of a company, then one without changes.
func BenchmarkCycle(b *testing.B) {
	for _, people := range []int{1_000, 10_000} {
		b.Run(fmt.Sprintf("people=%d", people), func(b *testing.B) {
			b.ReportAllocs()
			looked := 0
			for range b.N {
				b.StopTimer()
				sys, app := benchApplication(b, people)
				b.StartTimer()
				got, err := sys.Cycle(b.Context(), app, true, nil)
				if err != nil || got.Failed > 0 {
					b.Fatalf("cycle: %v, %+v", err, got)
				}
				looked += got.Users.Evaluated
			}
			b.ReportMetric(float64(looked)/b.Elapsed().Seconds(), "people/s")
		})
	}
}

// benchApplication is a directory of people, connected to an empty application, with everybody in scope.
func benchApplication(b *testing.B, people int) (*System, application.Application) {
	b.Helper()
	ctx := b.Context()
	v := newVault(b)
	sys, err := Open(ctx, Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := sys.Close(); err != nil {
			b.Error(err)
		}
	})
	org, err := sys.CreateOrganization(ctx, "bench", "Bench", "", "")
	if err != nil {
		b.Fatal(err)
	}
	company := &demo.Company{}
	for i := range people {
		company.People = append(company.People, demo.PersonAt(i))
	}
	if _, err := sys.ImportText(ctx, org, demo.Key, company.PeopleCSV(), ""); err != nil {
		b.Fatal(err)
	}
	app, err := sys.CreateApplication(ctx, org, "Vault", "vault-platform")
	if err != nil {
		b.Fatal(err)
	}
	app.TenantURL, app.Secret = v.url, []byte(v.secret)
	if err := app.SetScope(application.ScopeAll); err != nil {
		b.Fatal(err)
	}
	if _, err := sys.Connect(ctx, app, app); err != nil {
		b.Fatal(err)
	}
	return sys, app
}
