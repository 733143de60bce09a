package provisioning_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/record"
)

// mutant is a broken engine, or a broken service, that the simulation has to notice.
type mutant struct {
	commit  func(*provisioning.Batch)                      // what the store forgets or changes
	target  func(provisioning.Target) provisioning.Target  // what the engine does wrong at the target
	service func(r *http.Request, body string) (deaf bool) // writes that the service says it did
}

// wrongTarget does some things otherwise than it is told.
type wrongTarget struct {
	provisioning.Target
	blind  bool // finds nobody
	keeps  bool // does not disable
	hasty  bool // disables whom it updates
	double bool // makes each account two times, the second one under another name
}

func (w wrongTarget) Find(ctx context.Context, typ, attribute, value string) ([]provisioning.Entry, error) {
	found, err := w.Target.Find(ctx, typ, attribute, value)
	if w.blind {
		return nil, err
	}
	return found, err
}

func (w wrongTarget) Create(ctx context.Context, typ string, a []provisioning.Assignment) (provisioning.Entry, error) {
	e, err := w.Target.Create(ctx, typ, a)
	if w.double && err == nil && typ == "User" {
		again := []provisioning.Assignment{{Path: "userName", Value: e.Name + ".2"}, {Path: "displayName", Value: e.Name}}
		if _, err := w.Target.Create(ctx, typ, again); err != nil {
			return e, err
		}
	}
	return e, err
}

func (w wrongTarget) Update(ctx context.Context, typ, id string, changes []provisioning.Assignment) error {
	var out []provisioning.Assignment
	for _, c := range changes {
		switch {
		case c.Path == "active" && w.keeps && c.Value == false:
			continue
		case c.Path == "title" && w.hasty:
			c = provisioning.Assignment{Path: "active", Value: false}
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil
	}
	return w.Target.Update(ctx, typ, id, out)
}

// TestSimulationNoticesBrokenEngines breaks the engine in one way at a time. A few seeds must be enough to show each.
func TestSimulationNoticesBrokenEngines(t *testing.T) {
	t.Parallel()
	wrong := func(w wrongTarget) mutant {
		return mutant{target: func(t provisioning.Target) provisioning.Target { w.Target = t; return w }}
	}
	forget := func(f func(*provisioning.Batch)) mutant { return mutant{commit: f} }
	for name, m := range map[string]mutant{
		"finds nobody":        wrong(wrongTarget{blind: true}),
		"does not disable":    wrong(wrongTarget{keeps: true}),
		"disables by mistake": wrong(wrongTarget{hasty: true}),
		"makes everybody two": wrong(wrongTarget{double: true}),
		"loses records":       forget(func(b *provisioning.Batch) { b.Records = nil }),
		"loses some records": forget(func(b *provisioning.Batch) {
			b.Records = withoutAction(b.Records, record.Disable)
		}),
		"loses links":    forget(func(b *provisioning.Batch) { b.Links = nil }),
		"keeps links":    forget(func(b *provisioning.Batch) { b.Unlink = nil }),
		"loses failures": forget(func(b *provisioning.Batch) { b.Escrows = nil }),
		"members go nowhere": {service: func(r *http.Request, body string) bool {
			return r.Method == http.MethodPatch && strings.Contains(body, "members")
		}},
		"deletions go nowhere": {service: func(r *http.Request, _ string) bool { return r.Method == http.MethodDelete }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(150) {
				if wrong, _ := simulate(t, seed, m); len(wrong) > 0 {
					t.Logf("seed %d shows it: %s", seed, wrong[0])
					return
				}
			}
			t.Error("150 seeds did not show it")
		})
	}
}

func withoutAction(list []record.Record, action record.Action) []record.Record {
	var out []record.Record
	for _, r := range list {
		if r.Action != action {
			out = append(out, r)
		}
	}
	return out
}
