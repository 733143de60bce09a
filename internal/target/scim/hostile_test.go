package scim

import (
	"fmt"
	"testing"

	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/target/scim/scimfake"
)

// What a target promises is enough for a caller to be safe: whoever looks again after an ambiguous error, and only then creates again, ends up with
// everybody once, whatever the service does in between.
func TestLookingAgainAfterAmbiguousErrorsNeverMakesTwo(t *testing.T) {
	const people = 40
	for seed := range uint64(6) {
		s := newSeededService(t, seed)
		s.Rules(byChance()...)
		target := s.target(func(c *Config) { c.Client.Retry.Attempts = 2; c.Client.Retry.Throttled = 3 })
		for i := range people {
			settle(t, target, fmt.Sprintf("u%d@x", i))
		}
		seen := map[string]bool{}
		for _, r := range s.memory.All("User") {
			name, _ := r["userName"].(string)
			seen[name] = true
		}
		if got := s.memory.Len("User"); got != people || len(seen) != people {
			t.Errorf("seed %d: %d accounts of %d people; want %d", seed, got, len(seen), people)
		}
	}
}

// byChance are faults that strike one request in ten each.
func byChance() []scimfake.Rule {
	var rules []scimfake.Rule
	for _, f := range []scimfake.Fault{scimfake.ResetAfterWrite, scimfake.ResetBefore, scimfake.ErrorAfterWrite, scimfake.Throttle, scimfake.Unavailable} {
		rules = append(rules, scimfake.Rule{Fault: f, Probability: 0.1})
	}
	return rules
}

// settle makes sure that there is an account, as the engine does: look, create, and after an error look again.
func settle(t *testing.T, target *Target, name string) {
	t.Helper()
	for range 50 {
		found, err := target.Find(t.Context(), "User", "userName", name)
		if err != nil {
			asTargetError(t, err)
			continue
		}
		if len(found) > 0 {
			return
		}
		_, err = target.Create(t.Context(), "User", []provisioning.Assignment{set("userName", name)})
		if err == nil {
			return
		}
		if e := asTargetError(t, err); e.Code == conflict && !e.Ambiguous {
			t.Fatalf("%s: conflict although the lookup found nobody", name)
		}
	}
	t.Fatalf("%s is still not there", name)
}
