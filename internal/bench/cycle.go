package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/demo"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/server"
)

// Cycle is what one provisioning cycle measured, both sides on this machine.
type Cycle struct {
	Kind            string  `json:"kind"`   // initial, nothing changed, one percent changed
	People          int     `json:"people"` // in the directory
	Seconds         float64 `json:"seconds"`
	PeoplePerSecond float64 `json:"peoplePerSecond"` // objects looked at
	Requests        int64   `json:"requests"`
	Written         int     `json:"written"`    // objects with a write
	Allocations     float64 `json:"allocs"`     // of the directory side, for one object looked at; of the whole cycle where there are none
	AllocatedKB     float64 `json:"allocKb"`    // likewise
	TargetRSS       float64 `json:"serverRssM"` // resident memory of the application side after the cycle, megabytes
	Failed          int     `json:"failed"`
}

const cycleApp = "Vault Platform"

// measureCycles provisions a directory of so many people into a server of its own: everybody, then nothing, then one percent.
func measureCycles(ctx context.Context, dir string, people int) ([]Cycle, error) {
	vault := filepath.Join(dir, "vault")
	token, err := prepare(ctx, vault, "", benchSlug)
	if err != nil {
		return nil, err
	}
	p, err := startServer(ctx, vault, "", "--no-schedule")
	if err != nil {
		return nil, err
	}
	defer p.stop()
	s, err := server.Open(ctx, server.Options{Dir: filepath.Join(dir, "directory")})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	c := &cycles{system: s, server: p, people: people}
	if err := c.connect(ctx, p.url, token); err != nil {
		return nil, err
	}
	return c.all(ctx)
}

type cycles struct {
	system *server.System
	server *process
	people int
	org    organization.Organization
	app    application.Application
}

// connect makes the directory and its connected application, with everybody in scope.
func (c *cycles) connect(ctx context.Context, url, token string) (err error) {
	if c.org, err = c.system.CreateOrganization(ctx, benchSlug, "Bench", "", ""); err != nil {
		return err
	}
	if c.app, err = c.system.CreateApplication(ctx, c.org, cycleApp, "vault-platform"); err != nil {
		return err
	}
	c.app.TenantURL, c.app.Secret = c.org.TenantURL(url), []byte(token)
	if err = c.app.SetScope(application.ScopeAll); err != nil {
		return err
	}
	_, err = c.system.Connect(ctx, c.app, c.app)
	return err
}

func (c *cycles) all(ctx context.Context) ([]Cycle, error) {
	var out []Cycle
	for _, step := range []struct {
		kind   string
		change func(context.Context) error
	}{
		{"initial", func(ctx context.Context) error { return c.load(ctx, 0) }},
		{"nothing changed", func(context.Context) error { return nil }},
		{"one percent changed", func(ctx context.Context) error { return c.load(ctx, max(1, c.people/100)) }},
	} {
		if err := step.change(ctx); err != nil {
			return out, err
		}
		cy, err := c.measure(ctx, step.kind)
		if err != nil {
			return out, err
		}
		out = append(out, cy)
	}
	return out, nil
}

// load imports everybody; the first promoted people have a new title.
func (c *cycles) load(ctx context.Context, promoted int) error {
	company := &demo.Company{}
	for i := range c.people {
		p := demo.PersonAt(i)
		if i < promoted {
			p.Title = "Senior " + p.Title
		}
		company.People = append(company.People, p)
	}
	r, err := c.system.ImportText(ctx, c.org, demo.Key, company.PeopleCSV(), "")
	if err == nil && len(r.Rejected) > 0 {
		err = fmt.Errorf("%d made-up people were rejected, the first because: %s", len(r.Rejected), r.Rejected[0].Reason)
	}
	return err
}

func (c *cycles) measure(ctx context.Context, kind string) (Cycle, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	r, err := c.system.Cycle(ctx, c.app, true, func(provisioning.Progress) {})
	elapsed := time.Since(began)
	if err != nil {
		return Cycle{}, err
	}
	runtime.ReadMemStats(&after)
	per := float64(max(1, r.Evaluated))
	return Cycle{
		Kind: kind, People: c.people, Seconds: elapsed.Seconds(), PeoplePerSecond: float64(r.Evaluated) / elapsed.Seconds(), Requests: r.Requests,
		Written:     r.Created + r.Updated + r.Disabled + r.Restored + r.Deleted,
		Allocations: float64(after.Mallocs-before.Mallocs) / per, AllocatedKB: float64(after.TotalAlloc-before.TotalAlloc) / 1024 / per,
		TargetRSS: c.server.rss(), Failed: r.Failed,
	}, nil
}

// String is a line for a person.
func (c Cycle) String() string {
	return fmt.Sprintf("cycle of %d people, %-20s %8.3f s %9.0f people/s %7d requests %7d written %7.0f allocs %6.0f kB  target %4.0f MB  %d failed",
		c.People, c.Kind, c.Seconds, c.PeoplePerSecond, c.Requests, c.Written, c.Allocations, c.AllocatedKB, c.TargetRSS, c.Failed)
}

// String is a line for a person.
func (f Figure) String() string {
	return fmt.Sprintf("%7d people %3d conn  %-16s %9.0f/s  p50 %7.2f ms  p99 %7.2f ms  server %5.0f µs/op %4.0f MB  %d wrong",
		f.Users, f.Connections, f.Phase, f.PerSecond, f.P50, f.P99, f.ServerCPU, f.ServerRSS, f.Errors)
}
