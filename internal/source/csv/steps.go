package csv

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
)

// dismiss soft-deletes the leavers. It also notes who comes and goes, since a dry run leaves the directory as it was.
func (r *run) dismiss(ctx context.Context, leavers []int32) error {
	for _, at := range leavers {
		r.leaving[r.roll.people[at].id] = true
	}
	for i := range r.roll.people {
		if p := &r.roll.people[i]; p.is(left) && p.stays() {
			r.returning[p.id] = true
		}
	}
	if r.options.DryRun {
		return nil
	}
	for chunk := range slices.Chunk(leavers, batchRows) {
		err := r.write(ctx, func(ctx context.Context, w *directory.Writer) error {
			for _, at := range chunk {
				err := w.SoftDelete(ctx, directory.User, r.roll.people[at].id)
				if err != nil && !errors.Is(err, fault.ErrNotFound) { // gone already is what is wanted
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("remove people who are no longer listed: %w", err)
		}
	}
	return nil
}

// park moves people who take over each other's names out of the way, so that even an exchange of two names works. Nobody sees the interim names: they do
// not outlive the transaction.
func (r *run) park(ctx context.Context, w *directory.Writer, items []item) error {
	for _, it := range items {
		p := &r.roll.people[it.person]
		if !p.is(taker) || !p.is(live) {
			continue
		}
		old, err := w.Touch(ctx, r.Organization, directory.User, p.id)
		if err != nil {
			return err
		}
		interim := old.Attributes.Clone()
		interim["userName"] = "import-" + p.id
		if _, _, err := w.Modify(ctx, old, interim); err != nil {
			return err
		}
	}
	return nil
}

// setManagers sets the managers who were not in the directory when their people were written.
func (r *run) setManagers(ctx context.Context) error {
	if r.options.DryRun {
		return nil
	}
	for chunk := range slices.Chunk(r.deferred, batchRows) {
		err := r.write(ctx, func(ctx context.Context, w *directory.Writer) error {
			for _, ref := range chunk {
				old, err := w.Touch(ctx, r.Organization, directory.User, r.roll.people[ref.person].id)
				if err != nil {
					return err
				}
				attributes := old.Attributes.Clone()
				setManager(attributes, r.roll.people[ref.manager].id)
				if _, _, err := w.Modify(ctx, old, attributes); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("set managers: %w", err)
		}
	}
	return nil
}
