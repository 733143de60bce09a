package scim_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
	"github.com/rollcall-id/rollcall/scim/scimtest"
)

// TestSameAnswers sends random sequences of requests to the service over a database and to the one in memory: the answers have to be the same, and none may
// be a 5xx. A sequence that finds a difference is made as short as possible and printed. ROLLCALL_PROPERTY_SEQUENCES asks for more than the usual few.
func TestSameAnswers(t *testing.T) {
	sequences, length := 12, 60
	if testing.Short() {
		sequences = 6
	}
	if n, err := strconv.Atoi(os.Getenv("ROLLCALL_PROPERTY_SEQUENCES")); err == nil {
		sequences = n
	}
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		seen := map[int]int{}
		for seed := range sequences {
			g := &generator{Rand: rand.New(rand.NewPCG(uint64(seed), 7))}
			steps := g.sequence(length)
			problem := compare(t, s, steps, seen)
			if problem == "" {
				continue
			}
			steps, problem = shrink(steps, problem, func(steps []step) string { return compare(t, s, steps, nil) })
			t.Errorf("sequence %d, made short:\n%s%s", seed, script(steps), problem)
		}
		for _, status := range []int{200, 201, 204, 304, 400, 404, 409, 412} {
			if seen[status] == 0 {
				t.Errorf("no answer had status %d (%v): the sequences are worth little", status, seen)
			}
		}
	})
}

// compare sends the steps to both services and returns the first difference, "" when there is none. It counts the statuses in seen.
func compare(t *testing.T, s *store.Store, steps []step, seen map[int]int) string {
	t.Helper()
	ids := 0
	memory := &scimtest.Memory{NewID: func() string { ids++; return fmt.Sprintf("00000000-0000-7000-8000-%012d", ids) }}
	left, right := newWorld(memory), newWorld(newBackend(t, s))
	for _, st := range steps {
		status, a := left.send(st)
		_, b := right.send(st)
		if seen != nil {
			seen[status]++
		}
		switch {
		case status >= 500 && status != http.StatusNotImplemented:
			return fmt.Sprintf("in memory:\n  %s", a)
		case a != b:
			return fmt.Sprintf("in memory:\n  %s\nin the database:\n  %s", a, b)
		}
	}
	return ""
}

// shrink leaves out steps as long as a problem remains.
func shrink(steps []step, problem string, try func([]step) string) ([]step, string) {
	for size := len(steps) / 2; size > 0; size /= 2 {
		for at := 0; at+size <= len(steps); {
			fewer := append(append([]step{}, steps[:at]...), steps[at+size:]...)
			if p := try(fewer); p != "" {
				steps, problem = fewer, p
			} else {
				at += size
			}
		}
	}
	return steps, problem
}

func script(steps []step) string {
	var b strings.Builder
	for _, st := range steps {
		fmt.Fprintf(&b, "%d: %s %s %s %s\n", st.serial, st.method, st.path, strings.Join(st.headers, " "), st.body)
	}
	return b.String()
}

func TestShrinkKeepsOnlyWhatMatters(t *testing.T) {
	var steps []step
	for i := range 40 {
		steps = append(steps, step{serial: i})
	}
	short, _ := shrink(steps, "wrong", func(steps []step) string {
		have := map[int]bool{}
		for _, st := range steps {
			have[st.serial] = true
		}
		if have[3] && have[29] {
			return "wrong"
		}
		return ""
	})
	if len(short) != 2 || short[0].serial != 3 || short[1].serial != 29 {
		t.Errorf("left are %v, want the steps 3 and 29", short)
	}
}

func newWorld(b scimserver.Backend) *world {
	return &world{
		ids: map[string]string{}, refs: map[string]string{}, versions: map[string][]string{},
		h: scimserver.New(scimserver.Config{
			Registry: registry(), Backend: b, Profile: scim.ProfileRFC, Logger: slog.New(slog.DiscardHandler),
			BaseURL: func(*http.Request) string { return "https://app.example/scim" },
		}),
	}
}
