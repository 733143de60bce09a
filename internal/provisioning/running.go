package provisioning

import (
	"context"
	"fmt"

	"github.com/rollcall-id/rollcall/internal/application"
)

// Running reports whether a cycle of the application runs now, here or elsewhere.
func (e *Engine) Running(ctx context.Context, app application.Application) (bool, error) {
	job, err := e.Store.Job(ctx, app.ID)
	if err != nil {
		return false, fmt.Errorf("read the job: %w", err)
	}
	return e.running(ctx, app, job)
}
