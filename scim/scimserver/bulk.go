package scimserver

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/rollcall-id/rollcall/scim"
)

// bulkRequest is one bulk request on its way (RFC 7644, 3.7). Its operations are carried out one after the other, each as the single request would be; what
// was done stays done, whatever fails later.
type bulkRequest struct {
	c       *call
	jobs    []job
	byID    map[string]*job // POSTs by their bulkId
	limit   int             // errors that end it; 0: none do
	errors  int
	work    *scim.Work
	began   time.Time
	until   time.Time
	touched map[string]int // the last operation so far on a resource, while the order is found
}

// bulk answers POST /Bulk.
func (c *call) bulk() error {
	if c.h.cfg.NoBulk {
		return scim.Errorf(http.StatusNotImplemented, "", "bulk operations are not offered (see /ServiceProviderConfig); send the operations one by one")
	}
	return c.withBody(func(body []byte) error {
		message, err := scim.DecodeBulk(body, c.h.cfg.MaxBulkOperations, c.decodeOptions())
		if err != nil {
			return err
		}
		if more := len(message.Operations) - 1; more > 0 && c.tenant.Charge != nil {
			c.tenant.Charge(more)
		}
		b := &bulkRequest{
			c: c, limit: message.FailOnErrors, byID: make(map[string]*job), touched: make(map[string]int),
			work: scim.NewWork(scim.MaxBulkWork), began: c.h.cfg.Now(), until: time.Now().Add(c.h.cfg.MaxBulkTime),
		}
		b.prepare(message.Operations)
		if err := b.run(c.context()); err != nil {
			return err
		}
		c.sendBulk(b.jobs)
		return nil
	})
}

// run carries the operations out until the client has gone or errors end it.
func (b *bulkRequest) run(ctx context.Context) error {
	order := schedule(len(b.jobs), func(i int) []int { return b.jobs[i].after })
	for _, step := range order {
		if err := ctx.Err(); err != nil {
			return err
		}
		first := &b.jobs[step[0]]
		if len(step) > 1 || slices.Contains(first.after, step[0]) {
			b.circle(ctx, step)
		} else {
			b.attempt(first, func() (outcome, error) { return b.perform(ctx, first) })
			b.settle(first)
		}
		if b.limit > 0 && b.errors >= b.limit {
			return nil
		}
	}
	return nil
}

// perform is one operation that is no part of a circle: all that it refers to has been tried.
func (b *bulkRequest) perform(ctx context.Context, j *job) (outcome, error) {
	x, err := b.read(j)
	if err != nil {
		return outcome{}, err
	}
	if err := b.refer(&x); err != nil {
		return outcome{}, err
	}
	return x.run(counting(ctx, j.event.note), b.c.tenant.Backend, j.write())
}

// read turns an operation into a change, with references as they came.
func (b *bulkRequest) read(j *job) (x change, err error) {
	switch {
	case j.wrong != nil:
		return x, j.wrong
	case time.Now().After(b.until):
		return x, scim.Errorf(http.StatusServiceUnavailable, "", "the bulk request took longer than %v; this operation was not carried out. Send it again",
			b.c.h.cfg.MaxBulkTime)
	}
	if j.named {
		if j.id, err = b.created(j.target); err != nil {
			return x, err
		}
		j.event.ID = j.id
	}
	x, err = decode(j.method, j.rt, j.id, j.op.Data, scim.DecodeOptions{Profile: b.c.tenant.Profile, Report: j.event.note})
	if x.patch != nil {
		x.patch.Work = b.work
	}
	return x, err
}

// refer puts the ids of created resources in the place of their bulkIds.
func (b *bulkRequest) refer(x *change) (err error) {
	switch {
	case x.resource != nil:
		return x.rt.MapReferences(x.resource, b.resolve)
	case x.patch != nil:
		x.patch, err = x.patch.MapReferences(b.resolve)
	}
	return err
}

// resolve returns what a reference means: the text itself when it has no bulkId.
func (b *bulkRequest) resolve(text string) (string, error) {
	before, name, ok := bulkID(text)
	if !ok {
		return text, nil
	}
	id, err := b.created(name)
	return before + id, err
}

// created returns the id of what the operation with a bulkId created.
func (b *bulkRequest) created(name string) (string, error) {
	j := b.byID[name]
	switch {
	case j == nil:
		return "", scim.Errorf(http.StatusBadRequest, scim.InvalidValue,
			"the bulkId %q leads nowhere: no POST operation of this bulk request has that bulkId. Refer to what is there already by its id", clip(name))
	case j.id == "":
		return "", scim.Errorf(http.StatusBadRequest, scim.InvalidValue,
			"the operation with the bulkId %q failed, so that there is nothing to refer to. Mend it and send both again", clip(name))
	}
	return j.id, nil
}
