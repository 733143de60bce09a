package provisioning

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/record"
)

// Plan is what the next cycle would do: the same code over a target that is only read and a store that keeps everything in memory. So a plan cannot say
// anything else than what the cycle does, as long as nothing changes in between.
type Plan struct {
	Result
	// Records are the actions, failures, warnings and held objects, worst consequence first; what would be left alone is only counted.
	Records []record.Record `json:"records"`
}

// Plan returns what the next cycle would do. It writes nothing, takes no lease, and changes neither watermark nor quarantine.
func (e *Engine) Plan(ctx context.Context, app application.Application, target Target, o Options) (Plan, error) {
	store := newPlanStore(e, app.Organization)
	planner := *e
	planner.Store = store
	c, err := planner.open(ctx, app, newPlanTarget(target, app.Mapping), o)
	if err != nil {
		return Plan{}, err
	}
	c.plan = true
	err = c.run(ctx)
	var stop *stopError
	switch {
	case errors.As(err, &stop):
		c.job.Quarantine = quarantined(c.job.Quarantine, e.now(), reasonException, stop.target.Code, stop.target.Detail)
	case err != nil:
		return Plan{Result: c.result(), Records: store.ordered()}, err
	default:
		c.complete(&c.job)
	}
	return Plan{Result: c.result(), Records: store.ordered()}, nil
}

// ordered orders the records by consequence, then by name.
func (s *planStore) ordered() []record.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	records := slices.Clone(s.records)
	slices.SortStableFunc(records, func(a, b record.Record) int {
		return cmp.Or(
			cmp.Compare(record.Severity(a), record.Severity(b)),
			-cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(a.Source.Name, b.Source.Name),
			cmp.Compare(a.Source.ID, b.Source.ID),
		)
	})
	return records
}
