package server

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/demo"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/source/csv"
)

// startScimmy starts the third-party SCIM service of interop/scimmy, ends it with the test, and returns its base URL and token.
func startScimmy(t *testing.T) (base, token string) {
	t.Helper()
	dir := interopDir(t, "scimmy")
	node, err := exec.LookPath("node")
	needTool(t, "node", err == nil, "node is not installed")
	_, err = os.Stat(filepath.Join(dir, "node_modules", "scimmy"))
	needTool(t, "node", err == nil, "the packages of the third-party SCIM service are not installed: run npm ci in interop/scimmy")

	var secret [16]byte
	rand.Read(secret[:])
	token = hex.EncodeToString(secret[:])
	cmd := exec.Command(node, "server.mjs")
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	cmd.Env = append(os.Environ(), "ROLLCALL_SCIMMY_TOKEN="+token, "ROLLCALL_SCIMMY_EXIT_WITH_STDIN=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		cmd.Process.Kill()
		cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !ok {
		t.Fatalf("the service said %q (%v); want where it listens", line, err)
	}
	return url, token
}

// account is what the comparison looks at: the seed's thirteen attributes, the manager by employee number.
type account struct {
	UserName, DisplayName, Title, Mail, Given, Family, City, Country, Department, Manager string
	Active                                                                                bool
}

// expected is the account that person p should have, worked out from the sample data alone.
func expected(p demo.Person, active bool) account {
	return account{
		UserName: p.UPN, DisplayName: strings.TrimSpace(p.DisplayName), Title: p.Title, Mail: p.Mail, Given: p.GivenName, Family: p.Surname,
		City: p.City, Country: p.Country, Department: p.Department, Manager: p.Manager, Active: active,
	}
}

// accounts reads every account of the service over plain HTTP, by employee number. It uses nothing of Rollcall's client.
func accounts(t *testing.T, base, token string) map[string]account {
	t.Helper()
	type raw struct {
		ID          string
		UserName    string
		DisplayName string
		Title       string
		Active      *bool
		Name        struct{ GivenName, FamilyName string }
		Emails      []struct{ Type, Value string }
		Addresses   []struct{ Type, Locality, Country string }
		Enterprise  struct {
			EmployeeNumber, Department string
			Manager                    struct{ Value string }
		} `json:"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"`
	}
	var all []raw
	for {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("%s/Users?startIndex=%d&count=100", base, len(all)+1), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var page struct {
			TotalResults int
			Resources    []raw
		}
		err = json.NewDecoder(res.Body).Decode(&page)
		res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("list: status %d, %v", res.StatusCode, err)
		}
		all = append(all, page.Resources...)
		if len(page.Resources) == 0 || len(all) >= page.TotalResults {
			break
		}
	}
	number := map[string]string{}
	for _, r := range all {
		number[r.ID] = r.Enterprise.EmployeeNumber
	}
	out := map[string]account{}
	for _, r := range all {
		a := account{
			UserName: r.UserName, DisplayName: r.DisplayName, Title: r.Title, Given: r.Name.GivenName, Family: r.Name.FamilyName,
			Department: r.Enterprise.Department, Manager: number[r.Enterprise.Manager.Value], Active: r.Active == nil || *r.Active,
		}
		for _, e := range r.Emails {
			a.Mail = e.Value
		}
		for _, ad := range r.Addresses {
			a.City, a.Country = ad.Locality, ad.Country
		}
		if _, twice := out[r.Enterprise.EmployeeNumber]; twice {
			t.Errorf("employee %s has more than one account", r.Enterprise.EmployeeNumber)
		}
		out[r.Enterprise.EmployeeNumber] = a
	}
	return out
}

// rig is a directory with a connected application, for tests.
type rig struct {
	t   *testing.T
	sys *System
	org organization.Organization
	app application.Application
}

func newRig(t *testing.T, template, tenantURL, token string) *rig {
	t.Helper()
	sys, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sys.Close(); err != nil {
			t.Error(err)
		}
	})
	return rigOn(t, sys, template, tenantURL, token)
}

// rigOn is newRig in a system that is open already.
func rigOn(t *testing.T, sys *System, template, tenantURL, token string) *rig {
	t.Helper()
	ctx := t.Context()
	r := &rig{t: t, sys: sys}
	var err error
	if r.org, err = sys.CreateOrganization(ctx, "contoso", "Contoso", "", ""); err != nil {
		t.Fatal(err)
	}
	if r.app, err = sys.CreateApplication(ctx, r.org, "App", template); err != nil {
		t.Fatal(err)
	}
	r.app.TenantURL, r.app.Secret = tenantURL, []byte(token)
	test, err := sys.TestConnection(ctx, r.app, false)
	if err != nil || !test.OK {
		t.Fatalf("test connection: %v, %s", err, test.Failure())
	}
	if err := r.app.SetScope(application.ScopeAll); err != nil {
		t.Fatal(err)
	}
	if _, err := sys.Connect(ctx, r.app, r.app); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rig) load(c *demo.Company) csv.Result {
	r.t.Helper()
	got, err := r.sys.Import(r.t.Context(), r.org, csv.File{Name: "people.csv", Data: strings.NewReader(c.PeopleCSV())},
		csv.Options{Key: demo.Key, Yes: true, Groups: &csv.File{Name: "groups.csv", Data: strings.NewReader(c.GroupsCSV())}})
	if err != nil || len(got.Rejected) > 0 {
		r.t.Fatalf("import: %v, rejected %v", err, got.Rejected)
	}
	return got
}

func (r *rig) cycle(ctx context.Context) provisioning.Result {
	r.t.Helper()
	got, err := r.sys.Cycle(ctx, r.app, true, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return got
}

// TestInteropScimmy provisions 200 people into a SCIM service that somebody else wrote: initial, incremental and leaver cycles, then compares person by
// person.
func TestInteropScimmy(t *testing.T) {
	base, token := startScimmy(t)
	for _, template := range []string{"vault-platform", "scim"} {
		t.Run(template, func(t *testing.T) {
			if template == "scim" {
				base, token = startScimmy(t)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
			defer cancel()
			r := newRig(t, template, base, token)
			first := demo.New(200)
			second, _ := first.DayTwo()

			r.load(first.Before())
			if got := r.cycle(ctx); got.Kind != provisioning.KindInitial || got.Failed > 0 || got.Quarantine != nil {
				t.Fatalf("initial cycle: %+v", got)
			}
			compare(t, accounts(t, base, token), first.Before(), nil)

			r.load(first)
			if got := r.cycle(ctx); got.Kind != provisioning.KindIncremental || got.Failed > 0 || got.Users.Disabled != 1 {
				t.Fatalf("cycle with one leaver: %+v", got)
			}
			r.load(second)
			if got := r.cycle(ctx); got.Failed > 0 || got.Users.Restored != 1 || got.Users.Created == 0 || got.Users.Updated == 0 || got.Users.Disabled == 0 {
				t.Fatalf("cycle of the second day: %+v", got)
			}
			compare(t, accounts(t, base, token), second, first)
			if got := r.cycle(ctx); got.Users.Created+got.Updated+got.Disabled+got.Failed > 0 || got.Requests > 3 {
				t.Fatalf("a cycle without changes wrote something or asked more than three times: %+v", got)
			}
		})
	}
}

// compare checks the end state: everybody who is in now has exactly one account as expected; who was in earlier and left has a disabled one.
func compare(t *testing.T, got map[string]account, now, earlier *demo.Company) {
	t.Helper()
	want := map[string]account{}
	if earlier != nil {
		for _, p := range earlier.People {
			if a, ok := got[p.EmployeeID]; ok && p.Enabled {
				a.Active = false
				want[p.EmployeeID] = a // a leaver keeps the values of the last day
			}
		}
	}
	for _, p := range now.People {
		if p.Enabled {
			want[p.EmployeeID] = expected(p, true)
		}
	}
	for _, p := range now.People { // the manager of somebody has no account while the manager is disabled and never was provisioned
		if a, ok := want[p.EmployeeID]; ok && want[a.Manager] == (account{}) {
			a.Manager = ""
			want[p.EmployeeID] = a
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("accounts differ (-want +got):\n%s", diff)
	}
}
