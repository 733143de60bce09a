package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/demo"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/server"
	"github.com/rollcall-id/rollcall/internal/source/csv"
)

func (a *app) demoCommand() *cobra.Command {
	d := &demonstration{app: a}
	c := &cobra.Command{
		Use:   "demo",
		Short: "Watch the main job on a sample company: both sides, two cycles, nothing to configure",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			d.keep = c.Flags().Changed("data") || a.Env("ROLLCALL_DATA") != ""
			return d.run(c.Context())
		},
	}
	f := c.Flags()
	f.IntVar(&d.people, "users", demo.DefaultPeople, "people in the sample company")
	f.StringVar(&d.listen, "listen", "127.0.0.1:8080", "address of the application side; when it is taken, a free port is chosen")
	f.BoolVar(&d.once, "once", false, "end after the two cycles")
	return c
}

const (
	demoSlug   = "northwind"
	demoApp    = "Vault Platform"
	leastDemo  = 24
	mostDemo   = 200_000
	demoVault  = "vault"     // folder of the application side
	demoSource = "directory" // folder of the directory side
)

// demonstration is one run of the demo: two systems with a database each.
type demonstration struct {
	app    *app
	people int
	listen string
	once   bool
	keep   bool // the data stay after the end

	dir      string
	vault    *server.System // the application side
	source   *server.System // the directory side
	vaultURL string
	secret   string
	org      organization.Organization // of the directory side
	target   application.Application
	requests *requestLog
}

// run does the whole demo. Servers end with it.
func (d *demonstration) run(ctx context.Context) (err error) {
	if d.people < leastDemo || d.people > mostDemo {
		return usagef("--users is %d; the sample company has %d to %d people", d.people, leastDemo, mostDemo)
	}
	if err := d.open(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	served := make(chan error, 2)
	if d.vaultURL, err = d.serve(ctx, d.vault, d.listen, true, served); err != nil {
		return err
	}
	defer func() { stop(); err = errors.Join(err, <-served) }()

	story, err := d.tell(ctx)
	if err != nil {
		return err
	}
	if d.once {
		d.say("\nDone. Without --once the servers stay up for exploring.")
		return nil
	}
	if err := d.source.Engine.Start(ctx, d.target); err != nil {
		return err
	}
	sourceURL, err := d.serve(ctx, d.source, "127.0.0.1:0", false, served)
	if err != nil {
		return err
	}
	defer func() { stop(); err = errors.Join(err, <-served) }()
	d.explore(sourceURL, story)
	<-ctx.Done()
	if !d.keep {
		d.app.note("Ended. The demo's data are deleted; --data keeps them.")
	}
	return nil
}

// open makes the two databases.
func (d *demonstration) open(ctx context.Context) (err error) {
	d.dir = d.app.data
	if !d.keep {
		if d.dir, err = os.MkdirTemp("", "rollcall-demo-"); err != nil {
			return fmt.Errorf("make a temporary folder: %w", err)
		}
	}
	if _, err := os.Stat(filepath.Join(d.dir, demoVault)); err == nil {
		return usagef("%s holds a demo already: give another folder with --data, or delete it", d.dir)
	}
	if d.vault, err = server.Open(ctx, server.Options{Dir: filepath.Join(d.dir, demoVault), Logger: d.app.logger()}); err != nil {
		return err
	}
	d.source, err = server.Open(ctx, server.Options{Dir: filepath.Join(d.dir, demoSource), Logger: d.app.logger()})
	if err != nil {
		return errors.Join(err, d.vault.Close())
	}
	d.requests = newRequestLog()
	d.source.Transport = d.requests.wrap
	return nil
}

func (d *demonstration) close() error {
	err := errors.Join(d.source.Close(), d.vault.Close())
	if !d.keep {
		err = errors.Join(err, os.RemoveAll(d.dir))
	}
	return err
}

// serve starts a server and waits until it listens. A taken port is no reason to fail a demo: it takes a free one and says so.
func (d *demonstration) serve(ctx context.Context, s *server.System, listen string, quiet bool, served chan<- error) (string, error) {
	if l, err := new(net.ListenConfig).Listen(ctx, "tcp", listen); err != nil {
		d.say("%s is taken, so the demo listens on a free port.", listen)
		listen = "127.0.0.1:0"
	} else if err := l.Close(); err != nil {
		return "", err
	}
	ready := make(chan string, 1)
	failed := make(chan error, 1)
	go func() {
		err := s.Serve(ctx, server.ServeOptions{Listen: listen, NoSchedule: quiet, Ready: func(url string) { ready <- url }})
		failed <- err
		served <- err
	}()
	select {
	case url := <-ready:
		return url, nil
	case err := <-failed:
		return "", err
	}
}

func (d *demonstration) say(format string, args ...any) { d.app.say(format, args...) }

func (d *demonstration) heading(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	d.say("\n%s\n%s", text, strings.Repeat("─", len([]rune(text))))
}

// scimPath is the path of the application side's endpoint.
func (d *demonstration) scimPath() string { return organization.Organization{Slug: demoSlug}.Path() }

// tell is the story: a company, a connection, an initial cycle, a day of changes, an incremental cycle.
func (d *demonstration) tell(ctx context.Context) (demo.Story, error) {
	company := demo.New(d.people)
	next, story := company.DayTwo()
	d.heading("1. Two sides")
	d.say("Application side: %s, SCIM at %s%s", demoApp, d.vaultURL, d.scimPath())
	if err := d.connect(ctx); err != nil {
		return story, err
	}
	d.heading("2. The directory: %s", demo.CompanyName)
	for _, day := range []*demo.Company{company.Before(), company} {
		if _, err := d.load(ctx, day); err != nil {
			return story, err
		}
	}
	if err := d.assign(ctx, company); err != nil {
		return story, err
	}
	d.heading("3. Initial cycle: everybody")
	if _, err := d.cycle(ctx); err != nil {
		return story, err
	}
	d.heading("4. A day later")
	before, err := d.source.Store.Head(ctx, d.org.ID)
	if err != nil {
		return story, err
	}
	loaded, err := d.load(ctx, next)
	if err != nil {
		return story, err
	}
	d.say("%d joined or came back, %d changed, %d left. Among them: %s joined, %s married and was %s before, %s moved, %s left, %s is back.",
		loaded.Added, loaded.Changed, loaded.Left, story.Joiner, story.Renamed, story.RenamedFrom, story.Mover, story.Leaver, story.Returner)
	d.heading("5. Incremental cycle: only what changed")
	result, err := d.cycle(ctx)
	if err != nil {
		return story, err
	}
	d.heading("6. Three people, followed from the source to the application")
	return story, d.traces(ctx, story, before, result)
}

// connect opens the application's SCIM endpoint and connects the directory's enterprise application to it.
func (d *demonstration) connect(ctx context.Context) (err error) {
	if d.secret, err = d.vault.NewSCIMOrganization(ctx, demoSlug, "Northwind at Vault Platform", "azure"); err != nil {
		return err
	}
	if d.org, err = d.source.CreateOrganization(ctx, demoSlug, demo.CompanyName, "", ""); err != nil {
		return err
	}
	if d.target, err = d.source.CreateApplication(ctx, d.org, demoApp, "vault-platform"); err != nil {
		return err
	}
	d.target.TenantURL, d.target.Secret = d.vaultURL+d.scimPath(), []byte(d.secret)
	test, err := d.source.TestConnection(ctx, d.target, false)
	if err != nil {
		return err
	}
	d.say("Directory side:   enterprise application %q from the gallery. Test connection:", demoApp)
	d.app.showTest(test)
	if !test.OK {
		return errors.New("the test connection failed: " + test.Failure())
	}
	_, err = d.source.Connect(ctx, d.target, d.target)
	return err
}

// load imports the company's files with the importer that users have.
func (d *demonstration) load(ctx context.Context, c *demo.Company) (csv.Result, error) {
	r, err := d.source.ImportText(ctx, d.org, demo.Key, c.PeopleCSV(), c.GroupsCSV())
	if err != nil {
		return r, err
	}
	d.say("Imported people.csv and groups.csv: %d people added, %d changed, %d unchanged, %d left; %d groups added, %d memberships added, %d removed.",
		r.Added, r.Changed, r.Unchanged, r.Left, r.Groups.Added, r.Groups.MembersAdded, r.Groups.MembersRemoved)
	for _, n := range append(r.Rejected, r.Groups.Rejected...) {
		d.say("  line %d: %s", n.Line, n.Reason)
	}
	return r, nil
}

// assign puts the departments in scope, as an administrator would: Entra, and so Rollcall, takes the direct members of an assigned group.
func (d *demonstration) assign(ctx context.Context, c *demo.Company) error {
	names := c.Departments()
	for _, name := range names {
		if _, _, err := d.source.Assign(ctx, d.target, server.Principal{Group: name}, true, d.app.origin()); err != nil {
			return err
		}
	}
	d.say("Assigned to %s: the groups %s.", demoApp, strings.Join(names, ", "))
	return nil
}

// cycle runs one cycle with live progress.
func (d *demonstration) cycle(ctx context.Context) (provisioning.Result, error) {
	b := newBar(d.app.Err)
	result, err := d.source.Cycle(ctx, d.target, true, b.progress)
	b.end()
	if err != nil {
		return result, err
	}
	d.app.showResult(result)
	if seconds := float64(result.DurationMS) / 1000; seconds > 0 && result.Kind == provisioning.KindInitial {
		d.say("%.0f people/s over HTTP, both sides on this machine.", float64(result.Users.Evaluated)/seconds)
	}
	return result, d.app.outcome(d.target, result)
}
