package csv

import (
	"context"
	"fmt"
	"slices"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
)

// applyGroups makes the groups of the directory what the file says: groups that are gone first, then the groups themselves, then who is in them.
func (r *run) applyGroups(ctx context.Context) error {
	if r.groups == nil {
		return nil
	}
	if err := r.dismissGroups(ctx); err != nil {
		return err
	}
	var plain, takers []int32
	for i := range r.groups.groups {
		switch g := &r.groups.groups[i]; {
		case g.line == 0 || g.is(rejected):
		case g.is(taker):
			takers = append(takers, int32(i))
		default:
			plain = append(plain, int32(i))
		}
	}
	changed := map[int32]bool{}
	for chunk := range slices.Chunk(plain, batchRows) {
		if err := r.groupBatch(ctx, chunk, changed); err != nil {
			return err
		}
	}
	if err := r.groupBatch(ctx, takers, changed); err != nil {
		return err
	}
	for _, at := range slices.Concat(plain, takers) {
		if err := r.groupMembers(ctx, at, changed); err != nil {
			return err
		}
		r.countGroup(at, changed)
	}
	return nil
}

// countGroup counts each listed group under one word.
func (r *run) countGroup(at int32, changed map[int32]bool) {
	added, known := changed[at]
	switch {
	case known && added:
		r.result.Groups.Added++
	case known:
		r.result.Groups.Changed++
	default:
		r.result.Groups.Unchanged++
	}
}

// dismissGroups soft-deletes the groups that are not listed.
func (r *run) dismissGroups(ctx context.Context) error {
	var ids []string
	for i := range r.groups.groups {
		switch g := &r.groups.groups[i]; {
		case g.leaves():
			ids = append(ids, g.id)
			r.leaving[g.id] = true
		case g.is(left) && g.line != 0 && !g.is(rejected):
			r.returning[g.id] = true
		}
	}
	r.result.Groups.Left = len(ids)
	if r.options.DryRun {
		return nil
	}
	for chunk := range slices.Chunk(ids, batchRows) {
		err := r.write(ctx, func(ctx context.Context, w *directory.Writer) error {
			for _, id := range chunk {
				if err := w.SoftDelete(ctx, directory.Group, id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("remove groups that are no longer listed: %w", err)
		}
	}
	return nil
}

// groupBatch creates, restores and renames groups in one transaction. changed maps the index of each group that differs to whether it is new.
func (r *run) groupBatch(ctx context.Context, batch []int32, changed map[int32]bool) error {
	current, err := r.currentGroups(ctx, batch)
	if err != nil {
		return err
	}
	var todo []int32
	for _, at := range batch {
		g := &r.groups.groups[at]
		old := current[g.id]
		isNew := old.ID == "" || !old.Live()
		next, err := r.groups.columns.apply(g, old.Attributes)
		if err != nil {
			return fmt.Errorf("%s, line %d: %w", r.groups.file.Name, g.line, err)
		}
		if isNew || !scim.Equal(old.Attributes, next) {
			changed[at] = isNew
			todo = append(todo, at)
		}
	}
	if len(todo) == 0 || r.options.DryRun {
		return nil
	}
	ids := make([]string, len(todo))
	err = r.write(ctx, func(ctx context.Context, w *directory.Writer) error {
		if err := r.parkGroups(ctx, w, todo); err != nil {
			return err
		}
		for i, at := range todo {
			if ids[i], err = r.writeGroup(ctx, w, &r.groups.groups[at]); err != nil {
				return fmt.Errorf("%s, line %d: %w", r.groups.file.Name, r.groups.groups[at].line, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, at := range todo {
		g := &r.groups.groups[at]
		g.id = ids[i]
		g.state = g.state&^left | live
	}
	return nil
}

// currentGroups reads the groups as they are.
func (r *run) currentGroups(ctx context.Context, batch []int32) (map[string]directory.Object, error) {
	ids := make([]string, 0, len(batch))
	for _, at := range batch {
		if id := r.groups.groups[at].id; id != "" {
			ids = append(ids, id)
		}
	}
	out := make(map[string]directory.Object, len(ids))
	for chunk := range slices.Chunk(ids, page) {
		objects, err := r.Directory.Store.ObjectsByID(ctx, r.Organization, directory.Group, chunk)
		if err != nil {
			return nil, fmt.Errorf("read the groups of the directory: %w", err)
		}
		for _, o := range objects {
			out[o.ID] = o
		}
	}
	return out, nil
}

func (r *run) writeGroup(ctx context.Context, w *directory.Writer, g *group) (string, error) {
	var old directory.Object
	var err error
	if g.id != "" {
		if old, err = w.Touch(ctx, r.Organization, directory.Group, g.id); err != nil {
			return "", err
		}
	}
	next, err := r.groups.columns.apply(g, old.Attributes)
	if err != nil {
		return "", err
	}
	if g.id == "" {
		o, err := w.Create(ctx, directory.Group, next, nil)
		return o.ID, err
	}
	_, err = w.RestoreAs(ctx, old, next)
	return g.id, err
}

// parkGroups is park for groups that exchange names.
func (r *run) parkGroups(ctx context.Context, w *directory.Writer, batch []int32) error {
	for _, at := range batch {
		g := &r.groups.groups[at]
		if !g.is(taker) || !g.is(live) {
			continue
		}
		old, err := w.Touch(ctx, r.Organization, directory.Group, g.id)
		if err != nil {
			return err
		}
		interim := old.Attributes.Clone()
		interim["displayName"] = "import-" + g.id
		if _, _, err := w.Modify(ctx, old, interim); err != nil {
			return err
		}
	}
	return nil
}
