package scimserver

import (
	"context"
	"net/http"
	"time"

	"github.com/rollcall-id/rollcall/scim"
)

// circle are POSTs that refer to one another. Each is created without the references that lead nowhere yet, and these are added when all are there (RFC
// 7644, 3.7.1). They stand or fall together: a circle with a gap is not what was asked for, and nobody would learn of it, since the answer has no
// response for a POST that succeeded.
type circle struct {
	b       *bulkRequest
	jobs    []*job
	changes []change
	later   []*scim.Patch // references to add; nil: none
	fresh   []bool        // the POST made a resource, and did not bring one back
}

func (b *bulkRequest) circle(ctx context.Context, step []int) {
	c := circle{
		b: b, jobs: make([]*job, len(step)),
		changes: make([]change, len(step)), later: make([]*scim.Patch, len(step)), fresh: make([]bool, len(step)),
	}
	for k, i := range step {
		c.jobs[k] = &b.jobs[i]
	}
	if culprit := c.run(ctx); culprit != nil {
		c.abandon(ctx, culprit)
	}
	for _, j := range c.jobs {
		b.settle(j)
	}
}

// run returns the operation that failed, nil when none did.
func (c *circle) run(ctx context.Context) *job {
	for _, part := range []func(ctx context.Context, k int) (outcome, error){c.read, c.create, c.close} {
		for k, j := range c.jobs {
			c.b.attempt(j, func() (outcome, error) { return part(ctx, k) })
			if j.failure != nil {
				return j
			}
		}
	}
	return nil
}

// read decodes before anything is created: most mistakes show here.
func (c *circle) read(_ context.Context, k int) (o outcome, err error) {
	c.changes[k], err = c.b.read(c.jobs[k])
	return o, err
}

func (c *circle) create(ctx context.Context, k int) (outcome, error) {
	x := &c.changes[k]
	c.later[k] = x.rt.DetachReferences(x.resource, c.b.pending)
	if err := c.b.refer(x); err != nil {
		return outcome{}, err
	}
	o, err := x.run(counting(ctx, c.jobs[k].event.note), c.b.c.tenant.Backend, Write{})
	c.fresh[k] = err == nil && isFresh(o.resource, c.b.began)
	o.resource = nil
	*x = change{}
	return o, err
}

// close adds the references that were left out.
func (c *circle) close(ctx context.Context, k int) (outcome, error) {
	j := c.jobs[k]
	o := outcome{status: j.status, id: j.id, version: j.version}
	if c.later[k] == nil {
		return o, nil
	}
	p, err := c.later[k].MapReferences(c.b.resolve)
	if err != nil {
		return o, err
	}
	patched, err := patch(ctx, c.b.c.tenant.Backend, j.rt, j.id, p, Write{Projection: shown()})
	o.version = patched.version
	return o, err
}

// pending reports whether a reference leads to a resource of the circle that is not there yet.
func (b *bulkRequest) pending(text string) bool {
	_, name, ok := bulkID(text)
	return ok && b.byID[name] != nil && b.byID[name].status == 0
}

// isFresh reports whether a POST made the resource, and did not bring back one that had been there (rule N16). In doubt it did not: what had been there
// must not be deleted.
func isFresh(r scim.Resource, since time.Time) bool {
	meta, _ := r["meta"].(map[string]any)
	text, _ := meta["created"].(string)
	created, err := scim.ParseTime(text)
	return err == nil && !created.Before(since.Truncate(time.Millisecond)) && meta["lastModified"] == text
}

// abandon takes back what there is of the circle. A resource that had been there before stays, and the answer says so.
func (c *circle) abandon(ctx context.Context, culprit *job) {
	name := clip(culprit.op.BulkID)
	for k, j := range c.jobs {
		switch {
		case !c.undo(ctx, k):
			cause := j.failure
			j.failure = scim.Errorf(http.StatusConflict, "", "the circle of references through the bulkId %s could not be closed. The resource is there, at %s, "+
				"maybe without all of its references; add them with a PATCH", name, c.b.c.location(j.rt, j.id))
			if cause != nil {
				j.failure.Detail += ": " + cause.Detail
			}
		case j != culprit:
			j.failure = scim.Errorf(http.StatusBadRequest, scim.InvalidValue, "this operation and the one with the bulkId %s, which failed, refer to each other "+
				"in a circle. Nothing of the circle was kept; mend that operation and send all of them again", name)
		}
	}
}

// undo deletes what a POST of the circle created, also when the client has gone meanwhile, and reports whether nothing of it is left.
func (c *circle) undo(ctx context.Context, k int) bool {
	j := c.jobs[k]
	if j.id == "" || !c.fresh[k] {
		return j.id == ""
	}
	_, err := guard(func() (outcome, error) {
		return remove(context.WithoutCancel(ctx), c.b.c.tenant.Backend, j.rt, j.id, Write{})
	})
	return err == nil
}
