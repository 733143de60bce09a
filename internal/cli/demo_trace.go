package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/rollcall-id/rollcall/internal/demo"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/record"
)

// requestLog remembers the requests that write, by the trace context that they carry, so that the demo can show them. It is bounded.
type requestLog struct {
	mu      sync.Mutex
	byTrace map[string][]string
	count   int
}

const (
	mostRequests = 5000
	mostBody     = 1500
)

func newRequestLog() *requestLog { return &requestLog{byTrace: map[string][]string{}} }

type tap struct {
	next http.RoundTripper
	log  *requestLog
}

func (l *requestLog) wrap(next http.RoundTripper) http.RoundTripper { return tap{next, l} }

// RoundTrip notes a write and passes the request on.
func (t tap) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil && r.Method != http.MethodGet {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, fmt.Errorf("read the request: %w", err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	res, err := t.next.RoundTrip(r)
	if err == nil && r.Method != http.MethodGet {
		if len(body) > mostBody {
			body = append(body[:mostBody:mostBody], "…"...)
		}
		t.log.add(r.Header.Get("Traceparent"), strings.TrimSpace(fmt.Sprintf("%s %s %s → %d", r.Method, r.URL.Path, body, res.StatusCode)))
	}
	return res, err
}

func (l *requestLog) add(trace, line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count < mostRequests {
		l.count++
		l.byTrace[trace] = append(l.byTrace[trace], line)
	}
}

func (l *requestLog) of(trace string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byTrace[trace]
}

// traces prints the way of a joiner, a mover and a leaver: source change → reason → request → row in the application.
func (d *demonstration) traces(ctx context.Context, story demo.Story, before int64, result provisioning.Result) error {
	for _, p := range []struct{ what, name string }{
		{"A joiner", story.Joiner}, {"A mover", story.Mover}, {"A leaver", story.Leaver},
	} {
		if err := d.trace(ctx, p.what, p.name, before, result.CycleID); err != nil {
			return err
		}
	}
	return nil
}

func (d *demonstration) trace(ctx context.Context, what, name string, before int64, cycle string) error {
	d.say("\n%s: %s", what, name)
	person, err := d.source.FindObject(ctx, d.org, name)
	if err != nil {
		return err
	}
	changes, err := d.source.Store.Changes(ctx, d.org.ID, before, mostRequests)
	if err != nil {
		return err
	}
	for _, c := range changes {
		if c.ID == person.ID || c.Member == person.ID {
			d.say("  source       change %d: %s", c.Seq, d.describe(ctx, c))
		}
	}
	records, _, err := d.source.Store.Records(ctx, record.Query{Application: d.target.ID, CycleID: cycle, User: name, Limit: logPage})
	if err != nil {
		return err
	}
	for _, r := range records {
		d.say("  decision     %s, %s: %s", r.Action, r.Status, r.Reason)
		for _, p := range r.Modified {
			d.say("                 %s: %s → %s", p.Name, value(p.Old), value(p.New))
		}
		for _, line := range d.requests.of(r.Traceparent) {
			d.say("  request      %s", line)
		}
	}
	row, err := d.row(ctx, name)
	if err != nil {
		return err
	}
	d.say("  application  %s", row)
	return nil
}

func (d *demonstration) describe(ctx context.Context, c directory.Change) string {
	text := string(c.Kind)
	if c.Member != "" {
		if group, err := d.source.Store.Object(ctx, d.org.ID, directory.Group, c.ID); err == nil {
			text += " " + group.Name()
		}
	}
	if len(c.Paths) > 0 {
		text += " of " + strings.Join(c.Paths, ", ")
	}
	return fmt.Sprintf("%s (by %s, %s)", text, c.Actor, c.Cause)
}

// row is the account as the application has it now.
func (d *demonstration) row(ctx context.Context, name string) (string, error) {
	org, err := d.vault.Organization(ctx, demoSlug)
	if err != nil {
		return "", err
	}
	obj, err := d.vault.FindObject(ctx, org, name)
	if err != nil {
		return "", err
	}
	doc, err := d.vault.ObjectJSON(ctx, obj)
	if err != nil {
		return "", err
	}
	delete(doc, "schemas")
	delete(doc, "meta")
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil {
		return "", fmt.Errorf("print %s: %w", name, err)
	}
	return strings.TrimSpace(b.String()), nil
}

// explore says how to look further.
func (d *demonstration) explore(sourceURL string, story demo.Story) {
	scim := d.vaultURL + d.scimPath()
	d.heading("7. Explore")
	d.say("The application side listens on %s, the directory side on %s; both until Ctrl-C.", d.vaultURL, sourceURL)
	d.say("A change in the directory reaches the application within 5 seconds. In another terminal, in this folder:\n")
	run, vault, source := "go run ./cmd/rollcall", d.folder(demoVault), d.folder(demoSource)
	for _, line := range []string{
		fmt.Sprintf("curl -H 'Authorization: Bearer %s' '%s/Users?count=3'", d.secret, scim),
		fmt.Sprintf("%s directory users %s --data %s --filter 'active eq false'", run, demoSlug, vault),
		fmt.Sprintf("%s app status %s %q --data %s", run, demoSlug, demoApp, source),
		fmt.Sprintf("%s app log %s %q --data %s --user %s", run, demoSlug, demoApp, source, story.Mover),
		fmt.Sprintf("%s app provision %s %q --data %s --user %s --plan", run, demoSlug, demoApp, source, story.Joiner),
		fmt.Sprintf("%s directory purge %s %s --yes --data %s      # then look for the DELETE in the log", run, demoSlug, story.Leaver, source),
	} {
		d.say("  %s", line)
	}
}

func (d *demonstration) folder(name string) string { return d.dir + "/" + name }
