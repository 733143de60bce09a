package store_test

import (
	"sync"
	"testing"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/store"
)

// TestJobIsNotOverwritten: who read the job before somebody else changed it is told, and changes at the same time all count.
func TestJobIsNotOverwritten(t *testing.T) {
	withApplication(t, func(t *testing.T, s *store.Store, _ string) {
		const changes = 12
		var wg sync.WaitGroup
		for range changes {
			wg.Go(func() {
				if err := s.ChangeJob(t.Context(), "app1", func(j *provisioning.Job) { j.Generation++ }); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		job, err := s.Job(t.Context(), "app1")
		if err != nil || job.Generation != changes || job.Application != "app1" {
			t.Fatalf("job %+v, %v; want generation %d", job, err, changes)
		}
		stale := job
		stale.Generation--
		wantError(t, s.SaveJob(t.Context(), stale), fault.ErrConflict)
		job.Watermark = 7
		if err := s.SaveJob(t.Context(), job); err != nil {
			t.Error(err)
		}
		if got, err := s.Job(t.Context(), "app1"); err != nil || got.Watermark != 7 || got.Generation != changes {
			t.Errorf("job %+v, %v", got, err)
		}
		wantError(t, s.ChangeJob(t.Context(), "nobody", func(*provisioning.Job) {}), fault.ErrNotFound)
	})
}
