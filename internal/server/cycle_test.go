package server

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/rollcall-id/rollcall/internal/demo"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/provisioning"
)

// vault is an application side in this process: an organization fed by SCIM, listening on loopback until the test ends.
type vault struct {
	sys    *System
	org    organization.Organization
	url    string // Tenant URL
	secret string
}

func newVault(t testing.TB) *vault {
	t.Helper()
	return openVault(t, Options{Dir: t.TempDir()}, "azure")
}

// openVault is newVault on other data, and for another provider.
func openVault(t testing.TB, o Options, provider string) *vault {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	sys, err := Open(ctx, o)
	if err != nil {
		stop()
		t.Fatal(err)
	}
	v := &vault{sys: sys}
	if v.secret, err = sys.NewSCIMOrganization(ctx, "acme", "Acme", provider); err != nil {
		t.Fatal(err)
	}
	if v.org, err = sys.Organization(ctx, "acme"); err != nil {
		t.Fatal(err)
	}
	ready, done := make(chan string, 1), make(chan error, 1)
	go func() {
		done <- sys.Serve(ctx, ServeOptions{Listen: "127.0.0.1:0", NoSchedule: true, Ready: func(u string) { ready <- u }})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := sys.Close(); err != nil {
			t.Error(err)
		}
	})
	select {
	case base := <-ready:
		v.url = v.org.TenantURL(base)
	case err := <-done:
		done <- err
		t.Fatal(err)
	}
	return v
}

// count is how many accounts there are.
func (v *vault) count(t testing.TB) int {
	t.Helper()
	n, err := v.sys.Store.CountObjects(t.Context(), v.org.ID, directory.User)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestFirstCycleAsksLittle: where nobody has an account yet, a listing of the target replaces the question about each person, and managers who have an
// account are written with their reports' creation. Accounts that exist are found all the same, by either matching attribute.
func TestFirstCycleAsksLittle(t *testing.T) {
	const people, existing = 300, 20
	v := newVault(t)
	company := demo.New(people)
	enabled := 0
	for _, p := range company.People {
		if p.Enabled {
			enabled++
		}
	}
	for _, p := range company.People[30 : 30+existing] {
		status := post(t, v, fmt.Sprintf(`{"userName":%q,"externalId":"before-%s","displayName":"Was here before"}`, p.UPN, p.EmployeeID))
		if status != http.StatusCreated {
			t.Fatalf("create %s at the target: status %d", p.UPN, status)
		}
	}
	r := newRig(t, "vault-platform", v.url, v.secret)
	r.load(company)
	plan, err := r.sys.Plan(t.Context(), r.app, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := r.cycle(t.Context())
	if got.Failed != 0 || got.Linked != existing || got.Created != enabled-existing || v.count(t) != enabled {
		t.Errorf("got %+v and %d accounts; want %d linked, %d created, %d accounts", got.Tally, v.count(t), existing, enabled-existing, enabled)
	}
	if plan.Tally != got.Tally {
		t.Errorf("the plan said %+v, the cycle did %+v", plan.Tally, got.Tally)
	}
	if most := int64(enabled * 2); got.Requests > most {
		t.Errorf("%d requests for %d people; want at most %d", got.Requests, enabled, most)
	}
	if again := r.cycle(t.Context()); again.Kind != provisioning.KindIncremental || again.Evaluated != 0 || again.Requests > 3 {
		t.Errorf("a cycle without changes: %+v, %d requests; want nothing to do and at most three requests", again.Tally, again.Requests)
	}
}

func post(t *testing.T, v *vault, body string) int {
	t.Helper()
	return request(t, http.MethodPost, v.url+"/Users", v.secret, body)
}
