package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/demo"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/server"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

const (
	killPeople = 500
	kills      = 10
	killRate   = 400 // requests per second: slow enough that a cycle of 500 people lasts longer than killWithin
	killWithin = 1500 * time.Millisecond
)

// TestKilledCyclesLoseNobody kills `rollcall app cycle` with SIGKILL at ten random moments. The next cycle must leave exactly one account for each person.
func TestKilledCyclesLoseNobody(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes for half a minute; runs without -short")
	}
	for _, db := range storetest.Databases() {
		t.Run(db.Name, func(t *testing.T) {
			k := newKillRig(t, db.URL(t))
			random := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
			hit := 0
			for i := range kills {
				if i == kills/2 {
					k.load(t, 1) // the second half kills a cycle of changes
				}
				if i > 0 {
					k.run(t, "app", "restart", killOrg, killApp)
				}
				if k.kill(t, time.Duration(random.Int64N(int64(killWithin)))) {
					hit++
				}
			}
			if hit < kills/2 {
				t.Errorf("only %d of %d cycles were killed before they ended: the test proves too little; lower the rate limit", hit, kills)
			}
			k.run(t, "app", "set", killOrg, killApp, "rate-limit=off")
			out := k.run(t, "app", "cycle", killOrg, killApp, "--json")
			var result struct{ Failed int }
			if err := json.Unmarshal(out, &result); err != nil || result.Failed != 0 {
				t.Fatalf("the cycle after the kills: %s (%v)", out, err)
			}
			k.verify(t)
		})
	}
}

const (
	killOrg = "contoso"
	killApp = "Vault"
)

// killRig is an application side in this process and a directory side that only other processes work on.
type killRig struct {
	vault    *server.System
	org      organization.Organization // at the application side
	dir      string
	database string
	url      string
	token    string
	company  *demo.Company
}

func newKillRig(t *testing.T, database string) *killRig {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	k := &killRig{dir: t.TempDir(), database: database}
	vault, err := server.Open(ctx, server.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	k.vault = vault
	if k.token, err = vault.NewSCIMOrganization(ctx, "vault", "Vault", "azure"); err != nil {
		t.Fatal(err)
	}
	if k.org, err = vault.Organization(ctx, "vault"); err != nil {
		t.Fatal(err)
	}
	ready, done := make(chan string, 1), make(chan error, 1)
	go func() {
		done <- vault.Serve(ctx, server.ServeOptions{Listen: "127.0.0.1:0", NoSchedule: true, Ready: func(u string) { ready <- u }})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := vault.Close(); err != nil {
			t.Error(err)
		}
	})
	select {
	case k.url = <-ready:
	case err := <-done:
		t.Fatal(err)
	}
	k.run(t, "organization", "create", killOrg, "--name", "Contoso")
	k.load(t, 0)
	k.run(t, "app", "create", killOrg, killApp, "--template", "vault-platform")
	k.input(t, k.token, "app", "connect", killOrg, killApp, "--tenant-url", k.org.TenantURL(k.url), "--secret-stdin")
	k.run(t, "app", "scope", killOrg, killApp, "--all", "--yes")
	k.run(t, "app", "set", killOrg, killApp, fmt.Sprintf("rate-limit=%d/s", killRate))
	return k
}

// load imports the company of a day.
func (k *killRig) load(t *testing.T, day int) {
	t.Helper()
	k.company = demo.New(killPeople)
	if day > 0 {
		k.company, _ = k.company.DayTwo()
	}
	file := k.dir + "/people.csv"
	if err := os.WriteFile(file, []byte(k.company.PeopleCSV()), 0o600); err != nil {
		t.Fatal(err)
	}
	k.run(t, "directory", "import", killOrg, file, "--key", demo.Key)
}

func (k *killRig) command(args ...string) *exec.Cmd {
	program, err := exec.LookPath("rollcall")
	if err != nil {
		program = os.Args[0]
	}
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "ROLLCALL_DATA="+k.dir+"/data", "ROLLCALL_DATABASE="+k.database)
	return cmd
}

func (k *killRig) run(t *testing.T, args ...string) []byte {
	t.Helper()
	return k.input(t, "", args...)
}

func (k *killRig) input(t *testing.T, stdin string, args ...string) []byte {
	t.Helper()
	cmd := k.command(args...)
	cmd.Stdin = strings.NewReader(stdin)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("rollcall %s: %v\n%s%s", strings.Join(args, " "), err, out, stderr.String())
	}
	return out
}

// kill starts a cycle and ends its process the hard way after the time. It reports false when the cycle had ended by itself.
func (k *killRig) kill(t *testing.T, after time.Duration) bool {
	t.Helper()
	cmd := k.command("app", "cycle", killOrg, killApp)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Signal(syscall.SIGKILL) })
	defer timer.Stop()
	err := cmd.Wait()
	t.Logf("after %s: %v", after.Round(time.Millisecond), err)
	var exit *exec.ExitError
	return errors.As(err, &exit) && exit.ProcessState.Sys().(syscall.WaitStatus).Signaled()
}

// verify compares the application with the directory: one account for each enabled person, active; nobody else active; managers in place.
func (k *killRig) verify(t *testing.T) {
	t.Helper()
	byNumber := map[string][]directory.Object{}
	numbers := map[string]string{}
	err := k.vault.EachObject(t.Context(), k.org, directory.User, "", func(o directory.Object) error {
		number := fmt.Sprint(enterpriseOf(o)["employeeNumber"])
		byNumber[number] = append(byNumber[number], o)
		numbers[o.ID] = number
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	enabled := map[string]bool{}
	for _, p := range k.company.People {
		enabled[p.EmployeeID] = p.Enabled
	}
	for _, p := range k.company.People {
		accounts := byNumber[p.EmployeeID]
		if !p.Enabled {
			continue
		}
		if len(accounts) != 1 {
			t.Errorf("%s (%s) has %d accounts, want exactly one", p.UPN, p.EmployeeID, len(accounts))
			continue
		}
		a := accounts[0]
		manager, _ := enterpriseOf(a)["manager"].(map[string]any)
		id, _ := manager["value"].(string)
		if a.Name() != p.UPN || !a.Active() || (enabled[p.Manager] && numbers[id] != p.Manager) {
			t.Errorf("%s: account %s, active %v, manager %s; want active, manager %s", p.UPN, a.Name(), a.Active(), numbers[id], p.Manager)
		}
	}
	for number, accounts := range byNumber {
		if !enabled[number] && accounts[0].Active() {
			t.Errorf("%s (%s) is not in the directory, or disabled, and has an active account", accounts[0].Name(), number)
		}
	}
}

func enterpriseOf(o directory.Object) map[string]any {
	m, _ := o.Attributes["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"].(map[string]any)
	return m
}
