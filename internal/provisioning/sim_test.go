package provisioning_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	target "github.com/rollcall-id/rollcall/internal/target/scim"
	"github.com/rollcall-id/rollcall/scim/scimclient"
)

const (
	envSimSeeds = "ROLLCALL_SIM_SEEDS" // how many seeds TestSimulation tries
	envSimSeed  = "ROLLCALL_SIM_SEED"  // the only one it tries, with its trace
)

// TestSimulation lets a small company live through a few weeks of changes while everything goes wrong that can: the node dies between any two steps, answers
// are lost, doubled, cut off and late, the service throttles and fails, the clock jumps. All of it follows from a seed. simcheck_test.go says what must
// hold all the time, and what in the end.
func TestSimulation(t *testing.T) {
	t.Parallel()
	if only := os.Getenv(envSimSeed); only != "" {
		seed, err := strconv.ParseUint(only, 10, 64)
		if err != nil {
			t.Fatalf("%s=%q: want a number", envSimSeed, only)
		}
		wrong, trace := simulate(t, seed, mutant{})
		t.Log(trace)
		if len(wrong) > 0 {
			t.Error(strings.Join(wrong, "\n"))
		}
		return
	}
	for seed := range simSeeds(t) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			if wrong, trace := simulate(t, seed, mutant{}); len(wrong) > 0 {
				t.Errorf("seed %d: %s\nreplay: %s=%d go test ./internal/provisioning -run 'TestSimulation$' -v\n%s",
					seed, strings.Join(wrong, "\n"), envSimSeed, seed, trace)
			}
		})
	}
}

func simSeeds(t *testing.T) uint64 {
	t.Helper()
	if text := os.Getenv(envSimSeeds); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatalf("%s=%q: want a number", envSimSeeds, text)
		}
		return n
	}
	if testing.Short() {
		return 24
	}
	return 200
}

// TestSimulationRepeats holds that a seed is all that a simulation depends on.
func TestSimulationRepeats(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		_, one := simulate(t, seed, mutant{})
		_, two := simulate(t, seed, mutant{})
		if one != two {
			t.Errorf("seed %d went two ways:\n%s\n--- and\n%s", seed, one, two)
		}
	}
}

// emptyDatabase is a database with its tables, copied for each seed: making the tables would take longer than the simulation.
var emptyDatabase = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "rollcall-sim")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // of a test
	s, err := store.Open(context.Background(), store.Config{Dir: dir, Keys: storetest.Key})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "rollcall.db"))
})

// soft is a test that collects what is wrong instead of failing, so that a broken engine can be expected.
type soft struct {
	testing.TB
	wrong []string
}

type stopped struct{}

func (s *soft) Errorf(format string, args ...any) {
	s.wrong = append(s.wrong, fmt.Sprintf(format, args...))
}
func (s *soft) Error(args ...any)                 { s.wrong = append(s.wrong, fmt.Sprint(args...)) }
func (s *soft) Fatalf(format string, args ...any) { s.Errorf(format, args...); panic(stopped{}) }
func (s *soft) Fatal(args ...any)                 { s.Error(args...); panic(stopped{}) }

// sim is the life of a company under one seed.
type sim struct {
	*chaos
	soft    *soft
	net     *simNet
	mutant  mutant
	events  strings.Builder
	last    string            // the last change of the directory
	sources map[string]string // account id → source id, of all accounts that ever had a link
	born    map[string]string // account id → source id, of all accounts that the service made, by the name they were made with
	checked int               // writes that were looked at
	debts   []effect          // writes of a cycle that did not end: a later one has to record them
	// forgotten are the objects whose links a restart dropped: whoever leaves the scope before they are matched again keeps the account (1.4).
	forgotten map[string]bool
}

func simulate(t *testing.T, seed uint64, m mutant) (wrong []string, trace string) {
	dir := t.TempDir()
	db, err := emptyDatabase()
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "rollcall.db"), db, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	s := &sim{soft: &soft{TB: t}, mutant: m, sources: map[string]string{}, born: map[string]string{}, forgotten: map[string]bool{}}
	random := rand.New(rand.NewPCG(seed, 11))
	opened := storetest.Open(t, store.Config{Dir: dir, Keys: storetest.Key})
	s.chaos = &chaos{script: &script{world: newWorld(s.soft, opened, "scim")}, random: random, assigned: map[string]bool{}}
	s.net = &simNet{w: s.world, random: random, trace: s.note, deaf: m.service}
	s.engine.Patience = time.Nanosecond
	func() {
		defer func() {
			if r := recover(); r != nil {
				if _, ours := r.(stopped); !ours {
					panic(r)
				}
			}
		}()
		s.live()
	}()
	return s.soft.wrong, s.events.String()
}

func (s *sim) note(format string, args ...any) {
	fmt.Fprintf(&s.events, format+"\n", args...)
}

// live is a company's life: changes and cycles with mishaps, and then quiet.
func (s *sim) live() {
	threshold := []int{-1, 2, 2, 5}[s.random.IntN(4)]
	s.command(fmt.Sprintf("app deletion-threshold=%s", map[bool]string{true: "off", false: fmt.Sprint(threshold)}[threshold < 0]))
	s.connect(0)
	s.begin()
	for step := range 5 + s.random.IntN(6) {
		s.connect(0)
		for range 1 + s.random.IntN(5) {
			s.do(s.happening())
		}
		chance := []float64{0, 0.02, 0.1, 0.3}[s.random.IntN(4)]
		s.note("step %d, %.2f", step, chance)
		s.connect(chance)
		s.turn(chance > 0)
		if len(s.soft.wrong) > 0 {
			return
		}
	}
	s.quiet()
}

func (s *sim) do(line string) {
	if line != "" {
		s.note("  %s", line)
		s.command(line)
	}
}

// connect gives the engine a new node: the store and the way to the service.
func (s *sim) connect(chance float64) {
	s.net.dead, s.net.chance, s.net.storm, s.net.down = false, chance, 0, 0
	s.engine.Store = &simStore{Store: s.store, net: s.net, random: s.random, chance: chance / 4, trace: s.note, forget: s.mutant.commit}
}

// service is a client of the service for one cycle. It waits by setting the clock.
func (s *sim) client() provisioning.Target {
	t, err := target.New(target.Config{TenantURL: s.url, Token: "secret-token", Concurrency: 1, Client: scimclient.Config{
		HTTP: &http.Client{Transport: s.net}, Now: s.clock, Jitter: func() float64 { return 0.5 }, Retry: scimclient.Retry{Attempts: 2, Throttled: 3},
		Sleep: func(ctx context.Context, d time.Duration) error { s.wait(d); return ctx.Err() },
	}})
	s.must(err)
	if s.mutant.target != nil {
		return s.mutant.target(t)
	}
	return t
}

// turn runs a cycle and looks at what it did.
func (s *sim) turn(rough bool) {
	s.wait(time.Hour)
	s.net.settle() // what is late is not later than a cycle
	allowed := s.decide()
	s.checked = len(s.net.writes)
	s.net.since = s.logged()
	var plan *provisioning.Plan
	opts := provisioning.Options{Foreground: s.random.IntN(3) > 0}
	if !rough {
		p, err := s.engine.Plan(s.t.Context(), s.app, s.client(), opts)
		s.must(err)
		plan = &p
	}
	s.result, s.err = s.engine.RunOnce(s.t.Context(), s.app, s.client(), opts)
	s.note("  %s cycle: %s%v", s.result.Kind, words(s.result.Tally), s.err)
	s.comparePlan(plan)
	s.check(rough, allowed)
}

// logged is the position of the newest record.
func (s *sim) logged() (position int64) {
	for {
		page, next, err := s.store.Records(s.t.Context(), record.Query{Application: s.app.ID, After: position, Limit: 500})
		s.must(err)
		if len(page) == 0 {
			return position
		}
		position = next
	}
}

// decide answers for deletions that are held, sometimes.
func (s *sim) decide() (allowed bool) {
	job, err := s.store.Job(s.t.Context(), s.app.ID)
	s.must(err)
	if job.Held != nil && s.random.IntN(2) == 0 {
		s.do("allow")
		return true
	}
	return job.DeletesOK
}

// happening is a change of the directory, of the application or of its job.
func (s *sim) happening() string {
	switch s.random.IntN(14) {
	case 0:
		return s.rename()
	case 1:
		return s.refilter()
	case 2:
		s.title = []string{"jobTitle", "displayName"}[s.random.IntN(2)]
		return "mapping User title value=" + s.title
	case 4, 5, 6:
		return s.undo()
	case 3:
		if s.random.IntN(4) == 0 {
			return s.restart()
		}
	}
	s.last = s.next()
	return s.last
}

// undo takes the last change back, as far as it can be: what a cycle wrote and could not note must not be taken for never written.
func (s *sim) undo() string {
	words := strings.Fields(s.last)
	if len(words) < 2 {
		return ""
	}
	name := words[1]
	if !slices.Contains(slices.Concat(s.users, s.groups), name) {
		return "" // renamed or purged since
	}
	switch words[0] {
	case "assign", "unassign":
		s.assigned[name] = words[0] == "unassign"
		s.last = map[string]string{"assign": "unassign ", "unassign": "assign "}[words[0]] + name
		return s.last
	case "set":
		if attribute, _, _ := strings.Cut(words[2], "="); attribute == "accountEnabled" && s.find(name).Live() {
			return fmt.Sprintf("set %s accountEnabled=%t", name, !s.find(name).Active())
		}
	}
	return ""
}

func (s *sim) restart() string {
	scope := []string{"watermark", "escrows", "quarantine", "links", "full"}[s.random.IntN(5)]
	if scope == "links" || scope == "full" {
		for _, source := range s.sources {
			s.forgotten[source] = true
		}
	}
	return "restart " + scope
}

func (s *sim) rename() string {
	i := s.random.IntN(len(s.users))
	old := s.users[i]
	if !s.find(old).Live() {
		return ""
	}
	s.hired++
	name := fmt.Sprintf("r%d@x.example", s.hired)
	s.users[i] = name
	s.assigned[name] = s.assigned[old]
	delete(s.assigned, old)
	return "set " + old + " userPrincipalName=" + name
}

// refilter makes a scoping filter, or takes it away: who has the letter in their title is not in scope.
func (s *sim) refilter() string {
	s.spared = nil
	if s.random.IntN(2) == 0 {
		return `filter {"groups":[]}`
	}
	digit := fmt.Sprint(s.random.IntN(10))
	s.spared = func(o directory.Object) bool {
		title, _ := directory.Attribute(o, "jobTitle")
		text, _ := title.(string)
		return strings.Contains(text, digit)
	}
	return `filter {"groups":[{"name":"g","clauses":[{"operatorName":"NOT REGEX MATCH","sourceOperandName":"jobTitle","targetOperand":{"values":[".*` + digit + `.*"]}}]}]}`
}

// quiet lets everything come to rest, and holds that it is as the directory says.
func (s *sim) quiet() {
	s.note("quiet")
	s.connect(0)
	s.net.settle()
	if s.random.IntN(2) == 0 {
		s.do("restart watermark") // what was late may have undone what came after it, and only a look at everybody shows it
	}
	for range 4 {
		s.wait(30 * time.Hour)
		if job, err := s.store.Job(s.t.Context(), s.app.ID); err == nil && job.Held != nil {
			s.do("allow")
		}
		s.turn(false)
	}
	s.end()
}
