package provisioning

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
)

// MaxSample is how many people an expression is tried on at once.
const MaxSample = 1000

// TrySample evaluates an expression for up to n people of the application's organization, picked at random.
func (e *Engine) TrySample(ctx context.Context, app application.Application, n int, r TrialRequest) ([]Trial, error) {
	if n < 1 || n > MaxSample {
		return nil, fault.Errorf(fault.ErrInvalid, "a sample of %d people; expected 1 to %d", n, MaxSample)
	}
	people, err := e.sample(ctx, app.Organization, n, rand.Int64N)
	if err != nil {
		return nil, err
	}
	if len(people) == 0 {
		return nil, fault.Errorf(fault.ErrNotFound, "the directory has no people yet; import them first, or try the expression on a JSON object")
	}
	return e.tryAll(ctx, app, directory.User, people, r)
}

// sample picks live people. A small directory is read as a whole; in a big one, each of them is the first one after a random place, so that nobody waits for
// the whole directory to be read.
func (e *Engine) sample(ctx context.Context, org string, n int, below func(int64) int64) ([]directory.Object, error) {
	first, err := e.people(ctx, org, 0, 2*MaxSample)
	if err != nil {
		return nil, err
	}
	if len(first) < 2*MaxSample {
		return pickSome(living(first), n, below), nil
	}
	last, err := e.lastPlace(ctx, org, first[len(first)-1].Seq)
	if err != nil {
		return nil, err
	}
	var out []directory.Object
	taken := map[string]bool{}
	for range 4 * n { // places may be empty at the end, or hold who left, or meet
		if len(out) == n {
			break
		}
		near, err := e.people(ctx, org, below(last), 1)
		if err != nil {
			return nil, err
		}
		for _, p := range living(near) {
			if !taken[p.ID] {
				taken[p.ID] = true
				out = append(out, p)
			}
		}
	}
	return out, nil
}

func (e *Engine) people(ctx context.Context, org string, after int64, limit int) ([]directory.Object, error) {
	var all []directory.Object
	for len(all) < limit {
		page, err := e.Directory.Scan(ctx, org, directory.User, after, min(limit-len(all), pageSize))
		if err != nil {
			return nil, fmt.Errorf("scan the directory: %w", err)
		}
		if len(page) == 0 {
			break
		}
		after = page[len(page)-1].Seq
		all = append(all, page...)
	}
	return all, nil
}

// lastPlace finds a place that nobody comes after, by doubling and then halving the distance. from has somebody.
func (e *Engine) lastPlace(ctx context.Context, org string, from int64) (int64, error) {
	low, high := from, 2*from
	for {
		some, err := e.people(ctx, org, high, 1)
		if err != nil {
			return 0, err
		}
		if len(some) == 0 {
			break
		}
		low, high = some[0].Seq, 2*some[0].Seq
	}
	for low < high {
		middle := low + (high-low)/2
		some, err := e.people(ctx, org, middle, 1)
		if err != nil {
			return 0, err
		}
		if len(some) == 0 {
			high = middle
		} else {
			low = some[0].Seq
		}
		if high-low <= 1 {
			break
		}
	}
	return high, nil
}

func living(objects []directory.Object) []directory.Object {
	return slices.DeleteFunc(objects, func(o directory.Object) bool { return !o.Live() })
}

// pickSome moves n random ones to the front and returns them.
func pickSome(objects []directory.Object, n int, below func(int64) int64) []directory.Object {
	n = min(n, len(objects))
	for i := range n {
		j := i + int(below(int64(len(objects)-i)))
		objects[i], objects[j] = objects[j], objects[i]
	}
	return objects[:n]
}
