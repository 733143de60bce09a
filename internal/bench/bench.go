// Package bench measures Rollcall on the machine it runs on: the SCIM endpoint of a `rollcall serve` of its own, and provisioning cycles over loopback.
// Its data come from a generator with a fixed seed, so that two runs do the same work. It judges nothing: figures are for people and for
// docs/performance.md. Everything happens in a temporary folder and on loopback addresses.
package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/server"
)

// Config says what to measure.
type Config struct {
	Sizes       []int         // people in the service; ascending
	Connections []int         // for each size
	PerPhase    time.Duration // of measuring
	People      []int         // of the directories whose cycles are measured; empty: none
	Database    string        // PostgreSQL URL of an empty database for the endpoint; empty: SQLite
	Show        func(Figure)  // called with each figure as it comes; may be nil
	ShowCycle   func(Cycle)   // the same for cycles
	Progress    func(string)  // what happens now, for a person; may be nil
}

// Report is all that was measured.
type Report struct {
	Machine string   `json:"machine"`
	Figures []Figure `json:"endpoint"`
	Cycles  []Cycle  `json:"cycles"`
}

// Run measures everything that c asks for.
func Run(ctx context.Context, c Config) (Report, error) {
	r := Report{Machine: Machine()}
	dir, err := os.MkdirTemp("", "rollcall-bench-")
	if err != nil {
		return r, fmt.Errorf("make a folder for the measurement: %w", err)
	}
	defer os.RemoveAll(dir)
	if len(c.Sizes) > 0 {
		show := func(f Figure) {
			r.Figures = append(r.Figures, f)
			if c.Show != nil {
				c.Show(f)
			}
		}
		if err := measureEndpoint(ctx, c, filepath.Join(dir, "endpoint"), show); err != nil {
			return r, err
		}
	}
	for i, people := range c.People {
		c.say("cycles of %d people", people)
		cycles, err := measureCycles(ctx, filepath.Join(dir, fmt.Sprintf("cycle-%d", i)), people)
		r.Cycles = append(r.Cycles, cycles...)
		for _, cy := range cycles {
			if c.ShowCycle != nil {
				c.ShowCycle(cy)
			}
		}
		if err != nil {
			return r, err
		}
	}
	return r, nil
}

func (c Config) say(format string, args ...any) {
	if c.Progress != nil {
		c.Progress(fmt.Sprintf(format, args...))
	}
}

const benchSlug = "bench"

// measureEndpoint starts a server with one organization and runs every phase at every size.
func measureEndpoint(ctx context.Context, c Config, dir string, show func(Figure)) error {
	token, err := prepare(ctx, dir, c.Database, benchSlug)
	if err != nil {
		return err
	}
	p, err := startServer(ctx, dir, c.Database, "--no-schedule")
	if err != nil {
		return err
	}
	defer p.stop()
	e := &endpoint{Config: c, server: p, base: organization.Organization{Slug: benchSlug}.TenantURL(p.url), token: token}
	for _, size := range c.Sizes {
		c.say("fill to %d people", size)
		f, err := e.fill(ctx, size)
		f.ServerRSS = p.rss()
		show(f)
		if err != nil {
			return err
		}
		for _, n := range c.Connections {
			c.say("%d people, %d connections", size, n)
			e.measure(ctx, n, show)
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("measuring was stopped: %w", err)
			}
		}
	}
	return nil
}

// prepare makes an organization with an active integration and returns its secret.
func prepare(ctx context.Context, dir, database, slug string) (token string, err error) {
	s, err := server.Open(ctx, server.Options{Dir: dir, Database: database})
	if err != nil {
		return "", err
	}
	defer func() {
		if closeErr := s.Close(); err == nil {
			err = closeErr
		}
	}()
	return s.NewSCIMOrganization(ctx, slug, "Bench", "generic")
}
