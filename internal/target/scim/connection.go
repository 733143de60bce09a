package scim

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/scim/scimclient"
)

// Step is one step of a test connection (design/cli.md, `app test --json`).
type Step struct {
	Name       string `json:"name"`
	OK         bool   `json:"ok"`
	Detail     string `json:"detail"`
	DurationMS int64  `json:"durationMs"`
	NotReached bool   `json:"-"` // an earlier step failed
}

const stepTime = 30 * time.Second

// TestConnection walks the way to the service step by step, so that the first step that fails names the cause: the host name, the connection, the
// certificate, the secret token, a filter for a random value for each probe, what the service says of itself, and what it can really do. Discovery is
// optional for a service, so that its absence is reported and does not fail. Steps after a failed one are listed as not reached. Nothing is written:
// whether PATCH is there is asked of an account that does not exist.
func (t *Target) TestConnection(ctx context.Context) []Step {
	r := &connectionTest{target: t, now: time.Now}
	if t.cfg.Client.Now != nil {
		r.now = t.cfg.Client.Now
	}
	r.step(ctx, "dns", r.resolve)
	r.step(ctx, "tcp", r.dial)
	if t.url.Scheme == "https" {
		r.step(ctx, "tls", r.handshake)
	}
	r.step(ctx, "authentication", r.authenticate)
	for _, p := range t.cfg.Probes {
		r.step(ctx, probeName(p), func(ctx context.Context) (string, error) { return r.filter(ctx, p) })
	}
	r.step(ctx, "discovery", r.discover)
	r.step(ctx, "abilities", r.abilities)
	t.found.Store(&r.found)
	return r.steps
}

// OK reports whether all steps succeeded.
func OK(steps []Step) bool {
	for _, s := range steps {
		if !s.OK {
			return false
		}
	}
	return len(steps) > 0
}

func probeName(p Probe) string { return strings.ToLower(p.Type) + " filter" }

type connectionTest struct {
	target  *Target
	now     func() time.Time
	steps   []Step
	failed  string // name of the step that failed
	address []netip.Addr
	first   error // outcome of the first probe, made by authenticate
	found   Found
}

func (r *connectionTest) step(ctx context.Context, name string, do func(context.Context) (string, error)) {
	s := Step{Name: name}
	if r.failed != "" {
		s.NotReached, s.Detail = true, "not reached, because the step "+r.failed+" failed"
		r.steps = append(r.steps, s)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	start := r.now()
	detail, err := do(ctx)
	s.OK, s.Detail, s.DurationMS = err == nil, detail, r.now().Sub(start).Milliseconds()
	if err != nil {
		s.Detail = plain(err)
		r.failed = name
	}
	r.steps = append(r.steps, s)
}

// plain is the detail of an error without its code.
func plain(err error) string {
	if e, ok := errors.AsType[*provisioning.TargetError](err); ok {
		return e.Detail
	}
	return err.Error()
}

// authenticate makes the first probe and looks only at whether the token was accepted; what else is wrong belongs to the step after it.
func (r *connectionTest) authenticate(ctx context.Context) (string, error) {
	r.first = r.target.probe(ctx, r.target.cfg.Probes[0])
	e, ok := errors.AsType[*provisioning.TargetError](r.first)
	switch {
	case ok && (e.Code == unauthorized || e.Code == insufficientRights):
		return "", r.first
	case ok && e.Status == 0:
		return "", r.first
	case r.target.cfg.Token == "":
		return "no secret token is set; the service asks for none", nil
	}
	return "the secret token was accepted", nil
}

func (r *connectionTest) filter(ctx context.Context, p Probe) (string, error) {
	err := r.first
	if p != r.target.cfg.Probes[0] {
		err = r.target.probe(ctx, p)
	}
	if err != nil {
		return "", explainFilter(p, err)
	}
	r.found.Filter = append(r.found.Filter, p.Attribute)
	if strings.EqualFold(p.Type, groupType) {
		r.found.Groups = scimclient.Yes
	}
	return fmt.Sprintf("asked for a %s whose %s is a random value, the service answered with an empty list, as it should", p.Type, p.Attribute), nil
}
