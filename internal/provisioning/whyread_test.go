package provisioning_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/internal/target/scim/scimfake"
)

// why requires the answer, and words in its sentence.
func (w *world) why(name, want string, words ...string) provisioning.Why {
	w.t.Helper()
	got, err := w.engine.Why(w.t.Context(), w.app, w.store, "User", name)
	w.must(err)
	if got.Answer.Answer != want {
		w.t.Errorf("%s: %s, want %s: %s", name, got.Answer.Answer, want, got.Sentence)
	}
	for _, text := range words {
		if !strings.Contains(got.Sentence, text) {
			w.t.Errorf("%s: %q does not say %q", name, got.Sentence, text)
		}
	}
	return got
}

// TestWhyAfterCycles: what real cycles leave behind is told, and nothing is asked of the target.
func TestWhyAfterCycles(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, "vault-platform")
		join := func(name, title string) {
			w.user(name, map[string]string{"jobTitle": title})
			w.assign(name, "", true)
		}
		w.account("User", `{"userName":"one","title":"Nurse"}`)
		w.account("User", `{"userName":"two","title":"Nurse"}`)
		w.app = remapped(w.app, func(m *mapping.ObjectMapping) {
			for i := range m.Attributes {
				m.Attributes[i].Matching = 0
			}
			setRow(m, mapping.AttributeMapping{Target: "title", Kind: mapping.Direct, Value: "jobTitle", Apply: mapping.Always, Type: mapping.String, Matching: 1})
		})
		w.save()
		join("nurse@x.example", "Nurse")
		join("first@x.example", "Cook")
		join("second@x.example", "Cook")
		join("none@x.example", "")
		join("refused@x.example", "Clerk")
		w.proxy.Rules(scimfake.Rule{Fault: scimfake.ServerError, Match: func(q scimfake.Request) bool {
			return q.Method == http.MethodPost && strings.Contains(q.Body, "refused@x.example")
		}})
		w.once(t)
		w.proxy.Forget()
		w.why("nurse@x.example", provisioning.WhyAmbiguous, "2 accounts have", "once since 2026-01-05 09:00 UTC", "in the next cycle")
		w.why("second@x.example", provisioning.WhyConflict, "first@x.example")
		w.why("none@x.example", provisioning.WhyNoMatching, "every matching attribute is empty")
		if got := w.why("refused@x.example", provisioning.WhyEscrowed, "the next cycle is at"); got.Escrow == nil || got.Escrow.Attempts != 1 || got.Last == nil {
			t.Errorf("evidence of a failure: %+v", got)
		}
		if got := w.why("first@x.example", provisioning.WhyDone, "the last action was create"); got.Done == nil || got.Done.Traceparent == "" || got.Pending != nil {
			t.Errorf("evidence of an account: %+v", got)
		}
		w.change("none@x.example", map[string]string{"jobTitle": "Porter"})
		if got := w.why("none@x.example", provisioning.WhyWaiting, "a change (update of title"); got.Pending == nil || got.Job.Watermark >= got.Job.Head {
			t.Errorf("evidence of a change: %+v", got)
		}
		w.proxy.Rules(scimfake.Rule{Fault: scimfake.Unauthorized})
		w.wait(time.Hour)
		if _, err := w.cycle(provisioning.Options{}); err != nil {
			t.Fatal(err)
		}
		w.proxy.Forget()
		w.why("none@x.example", provisioning.WhyQuarantine, "tries again at 2026-01-05 10:30 UTC")
		if got := w.why("nurse@x.example", provisioning.WhyAmbiguous); len(got.Also) != 1 || !strings.Contains(got.Also[0], "quarantine") {
			t.Errorf("what else stands in the way: %q", got.Also)
		}
		if n := len(w.proxy.Requests()); n != 0 {
			t.Errorf("%d requests to the target, want none", n)
		}
	})
}

// TestWhyOfAGroupsAssignment: the change that waits may be one of a group.
func TestWhyOfAGroupsAssignment(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "vault-platform")
	w.user("anna@x.example", nil)
	w.group("Nurses", "anna@x.example")
	w.once(t)
	if got := w.why("anna@x.example", provisioning.WhyNotAssigned); got.Pending != nil {
		t.Errorf("a change waits: %+v", got.Pending)
	}
	w.assign("Nurses", "", true)
	if got := w.why("anna@x.example", provisioning.WhyWaiting); got.Pending == nil || got.Pending.Kind != string(directory.Assigned) {
		t.Errorf("the change that waits is %+v, want the assignment of the group", got.Pending)
	}
}

// TestWhyWithoutUsableMapping: what keeps every cycle from running is an answer too, and so is a mapping that is switched off.
func TestWhyWithoutUsableMapping(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "vault-platform")
	w.user("anna@x.example", nil)
	whole := w.app
	w.app = remapped(whole, func(m *mapping.ObjectMapping) { setRow(m, expressionRow("title", "[nobodyHasThis]")) })
	w.why("anna@x.example", provisioning.WhyMisconfigured, "nobodyHasThis")
	w.app = remapped(whole, func(m *mapping.ObjectMapping) { m.Enabled = false })
	w.why("anna@x.example", provisioning.WhyNotProvisioned)
}
