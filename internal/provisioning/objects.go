package provisioning

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/rollcall-id/rollcall/internal/directory"
)

// page is some objects to look at: those the directory has, and those that are gone from it while a link or an escrow still names them.
type page struct {
	objects []directory.Object
	gone    []Key
}

// pages yields the objects of one type that this cycle looks at. An initial cycle looks at the whole directory, and at every link whose object is gone;
// an incremental one at what is due. It ends after an error.
func (c *cycle) pages(ctx context.Context, typ string) iter.Seq2[page, error] {
	if c.kind == KindInitial {
		return joined(c.scan(ctx, typ), c.linkedOnly(ctx, typ, true))
	}
	if c.due.sweep && typ == directory.User {
		return joined(c.dueObjects(ctx, typ), c.linkedOnly(ctx, typ, false))
	}
	return c.dueObjects(ctx, typ)
}

func joined(parts ...iter.Seq2[page, error]) iter.Seq2[page, error] {
	return func(yield func(page, error) bool) {
		for _, part := range parts {
			for p, err := range part {
				if !yield(p, err) {
					return
				}
			}
		}
	}
}

// scan yields every object of the directory, soft-deleted ones included.
func (c *cycle) scan(ctx context.Context, typ string) iter.Seq2[page, error] {
	return func(yield func(page, error) bool) {
		for after := int64(0); ; {
			objects, err := c.engine.Directory.Scan(ctx, c.app.Organization, typ, after, pageSize)
			if err != nil {
				yield(page{}, fmt.Errorf("scan the directory: %w", err))
				return
			}
			if len(objects) == 0 || !yield(page{objects: objects}, nil) {
				return
			}
			after = objects[len(objects)-1].Seq
		}
	}
}

// linkedOnly yields the objects of links: with gone, only those that the directory no longer has, otherwise those that are not due anyway.
func (c *cycle) linkedOnly(ctx context.Context, typ string, gone bool) iter.Seq2[page, error] {
	return func(yield func(page, error) bool) {
		for after := ""; ; {
			links, err := c.store.ScanLinks(ctx, c.app.ID, typ, after, pageSize)
			if err != nil {
				yield(page{}, fmt.Errorf("scan the links: %w", err))
				return
			}
			if len(links) == 0 {
				return
			}
			after = links[len(links)-1].Source
			ids := make([]string, 0, len(links))
			for _, l := range links {
				if gone || !c.due.seen[Key{typ, l.Source}] {
					ids = append(ids, l.Source)
				}
			}
			p, err := c.fetch(ctx, typ, ids)
			if gone {
				p.objects = nil
			}
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// dueObjects yields what is due, those with a link first: a name that somebody gives up is free before somebody new asks for it.
func (c *cycle) dueObjects(ctx context.Context, typ string) iter.Seq2[page, error] {
	return func(yield func(page, error) bool) {
		var have, need []string
		for ids := range slices.Chunk(c.due.objects[typ], 2*pageSize) {
			links, err := c.store.Links(ctx, c.app.ID, typ, ids)
			if err != nil {
				yield(page{}, fmt.Errorf("read the links: %w", err))
				return
			}
			for _, id := range ids {
				if _, ok := links[id]; ok {
					have = append(have, id)
				} else {
					need = append(need, id)
				}
			}
		}
		for ids := range slices.Chunk(append(have, need...), pageSize) {
			p, err := c.fetch(ctx, typ, ids)
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// fetch reads the objects of the ids and tells which are gone.
func (c *cycle) fetch(ctx context.Context, typ string, ids []string) (page, error) {
	if len(ids) == 0 {
		return page{}, nil
	}
	objects, err := c.engine.Directory.ObjectsByID(ctx, c.app.Organization, typ, ids)
	if err != nil {
		return page{}, fmt.Errorf("read %d objects: %w", len(ids), err)
	}
	p := page{objects: objects}
	found := make(map[string]bool, len(objects))
	for _, o := range objects {
		found[o.ID] = true
	}
	for _, id := range ids {
		if !found[id] {
			p.gone = append(p.gone, Key{typ, id})
		}
	}
	return p, nil
}
