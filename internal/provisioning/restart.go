package provisioning

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/record"
)

// RestartScope is what a restart forgets (spec/entra-provisioning.md 1.4). The next cycle is initial in any case.
type RestartScope struct {
	Escrows      bool // failures, and deletions that were rejected
	Quarantine   bool
	Links        bool // whose account is whose is found out again by matching
	ForceDeletes bool // the next cycle carries out what the deletion guard holds at the moment
}

// restartWords are the words of `app restart --scope`.
const restartWords = "watermark, escrows, quarantine, links, full, force-deletes"

// ParseRestartScope reads words separated by commas. Empty: what the portal's button does, everything but the links.
func ParseRestartScope(text string) (RestartScope, error) {
	if strings.TrimSpace(text) == "" {
		return RestartScope{Escrows: true, Quarantine: true}, nil
	}
	var s RestartScope
	for part := range strings.SplitSeq(text, ",") {
		switch strings.ToLower(strings.TrimSpace(part)) {
		case "watermark":
		case "escrows":
			s.Escrows = true
		case "quarantine":
			s.Quarantine = true
		case "links":
			s.Links = true
		case "full":
			s.Escrows, s.Quarantine, s.Links = true, true, true
		case "force-deletes":
			s.ForceDeletes = true
		default:
			return RestartScope{}, fault.Errorf(fault.ErrInvalid, "restart scope %q is not known; expected %s, separated by commas",
				strings.TrimSpace(part), restartWords)
		}
	}
	return s, nil
}

// Restart makes the next cycle an initial one that forgets what the scope says. A cycle that runs at the moment ends within a few seconds.
func (e *Engine) Restart(ctx context.Context, app application.Application, s RestartScope) error {
	err := e.change(ctx, app, func(j *Job) {
		j.Initial, j.Watermark = true, 0
		if s.Quarantine {
			j.Quarantine = nil
		}
		if s.Escrows || s.Links || s.ForceDeletes {
			j.Told.Held = nil // what is held next is news
		}
		if s.Escrows || s.Links {
			j.Held = nil
		}
		j.DeletesOK = s.ForceDeletes
	})
	if err != nil {
		return err
	}
	if !s.Escrows && !s.Links {
		return nil
	}
	b := Batch{ClearEscrows: s.Escrows, ClearExcluded: s.Escrows, ClearLinks: s.Links}
	if s.ForceDeletes {
		if b.Escrows, err = e.staged(ctx, app); err != nil {
			return err
		}
	}
	if err := e.Store.Commit(ctx, app.ID, b); err != nil {
		return fmt.Errorf("restart %s: %w", app.Name, err)
	}
	return nil
}

// Start switches provisioning on. It lifts a quarantine and makes the next cycle due at once, which goes on from where provisioning was stopped.
func (e *Engine) Start(ctx context.Context, app application.Application) error {
	if app.TenantURL == "" {
		return fault.Errorf(fault.ErrInvalid, "application %s is not connected to a target yet; run `rollcall app connect` first", app.Name)
	}
	if err := e.change(ctx, app, func(j *Job) { j.Quarantine = nil }); err != nil {
		return err
	}
	return e.switchOn(ctx, app, true)
}

// Stop switches provisioning off. A cycle that runs at the moment ends within a few seconds; nothing it did is lost.
func (e *Engine) Stop(ctx context.Context, app application.Application) error {
	if err := e.switchOn(ctx, app, false); err != nil {
		return err
	}
	return e.change(ctx, app, func(*Job) {})
}

func (e *Engine) switchOn(ctx context.Context, app application.Application, on bool) error {
	current, err := e.Applications.ApplicationByID(ctx, app.ID)
	if err != nil {
		return err
	}
	current.On = on
	return e.Applications.SaveApplication(ctx, current)
}

// Reconnected lifts a quarantine after new credentials were tried and work.
func (e *Engine) Reconnected(ctx context.Context, app application.Application) error {
	return e.change(ctx, app, func(j *Job) { j.Quarantine = nil })
}

// staged are the objects whose deprovisioning waits for a decision.
func (e *Engine) staged(ctx context.Context, app application.Application) ([]Escrow, error) {
	list, err := e.Store.Escrows(ctx, app.ID)
	if err != nil {
		return nil, fmt.Errorf("read the escrows: %w", err)
	}
	return slices.DeleteFunc(list, func(x Escrow) bool { return x.Code != codeStaged || x.Excluded }), nil
}

// Decide answers a held cycle: allow has the next cycle carry out the held deletions; otherwise those objects are left alone until the cause of their
// deletion changes or the escrows are reset. Nothing held: fault.ErrInvalid.
func (e *Engine) Decide(ctx context.Context, app application.Application, allow bool) error {
	list, err := e.staged(ctx, app)
	if err != nil {
		return err
	}
	job, err := e.Store.Job(ctx, app.ID)
	if err != nil {
		return fmt.Errorf("read the job: %w", err)
	}
	var b Batch
	for _, x := range list {
		x.Excluded = true
		b.Escrows = append(b.Escrows, x)
		b.Records = append(b.Records, e.rejection(app, job, x))
	}
	if job.Held == nil && len(b.Escrows) == 0 {
		return fault.Errorf(fault.ErrInvalid, "application %s holds no deletions, so there is nothing to decide", app.Name)
	}
	if allow {
		return e.change(ctx, app, func(j *Job) { j.DeletesOK, j.Told.Held = true, nil })
	}
	if err := e.Store.Commit(ctx, app.ID, b); err != nil {
		return fmt.Errorf("reject the held deletions: %w", err)
	}
	return e.change(ctx, app, func(j *Job) { j.Held, j.DeletesOK, j.Told.Held = nil, false, nil })
}

// rejection is the log's line of a deletion that somebody rejected. It belongs to the cycle that held it.
func (e *Engine) rejection(app application.Application, job Job, x Escrow) record.Record {
	var last struct {
		CycleID string `json:"cycleId"`
	}
	if err := json.Unmarshal(job.LastCycle, &last); err != nil {
		last.CycleID = "" // the record stands alone
	}
	return record.Record{
		ID: e.newID(), Time: e.now(), Application: app.ID, CycleID: last.CycleID, Kind: kindOf(x.Type), Action: record.NoAction, Status: record.Held,
		Source: record.Identity{ID: x.Source, Name: x.Name}, ErrorCode: codeStaged,
		Reason: x.Message + "; the deprovisioning was rejected: the account is left alone until the cause changes or the escrows are reset",
		Steps:  []record.Step{}, Modified: []record.Property{},
		ChangeID: record.ChangeID(last.CycleID, kindOf(x.Type), x.Source), InitiatedBy: initiator(true),
	}
}

// change alters the job and makes its next cycle due at once. A cycle that runs meanwhile notices by the generation.
func (e *Engine) change(ctx context.Context, app application.Application, alter func(*Job)) error {
	err := e.Store.ChangeJob(ctx, app.ID, func(j *Job) {
		alter(j)
		j.Generation++
		j.LastEnd = time.Time{}
	})
	if err != nil {
		return fmt.Errorf("change the job: %w", err)
	}
	return nil
}
