package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// client talks to one SCIM endpoint with one keep-alive connection for each worker.
type client struct {
	base    string
	token   string
	workers []*http.Client
}

func newClient(base, token string, workers int) *client {
	c := &client{base: base, token: token}
	for range workers {
		c.workers = append(c.workers, &http.Client{
			Transport: &http.Transport{MaxConnsPerHost: 1, MaxIdleConnsPerHost: 1, DisableCompression: true},
			Timeout:   time.Minute,
		})
	}
	return c
}

func (c *client) close() {
	for _, w := range c.workers {
		w.CloseIdleConnections()
	}
}

// do sends one request on worker w's connection and returns status and body; status 0: no answer.
func (c *client) do(ctx context.Context, w int, method, path string, body []byte) (int, []byte) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/scim+json")
	}
	res, err := c.workers[w].Do(req)
	if err != nil {
		return 0, nil
	}
	answer, err := io.ReadAll(res.Body)
	if closeErr := res.Body.Close(); err != nil || closeErr != nil {
		return 0, nil
	}
	return res.StatusCode, answer
}

// list is what a phase reads of a list response.
type list struct {
	TotalResults int    `json:"totalResults"`
	NextCursor   string `json:"nextCursor"`
	Resources    []struct {
		ID string `json:"id"`
	} `json:"Resources"`
}

func byName(name string) string {
	return "/Users?filter=" + url.QueryEscape(fmt.Sprintf("userName eq %q", name))
}

// endpoint measures one organization's SCIM endpoint. Person i exists for i < size.
type endpoint struct {
	Config

	server *process
	base   string
	token  string
	size   int
	fresh  atomic.Int64 // numbers for people that phases create and delete again
	deep   string       // cursor of a page behind nine tenths of everybody
	ids    []string     // ids of some people that exist, for the phases that read by id

	mu      sync.Mutex
	created []string // by the create phase, to be deleted again
}

const (
	freshFrom  = 100_000_000 // far above every size, so that fresh people collide with nobody
	sampleIDs  = 2000
	fillWith   = 32
	listCount  = 100
	missOffset = 200_000_000
)

// fill creates people until size exist.
func (e *endpoint) fill(ctx context.Context, size int) (Figure, error) {
	c := newClient(e.base, e.token, fillWith)
	defer c.close()
	from := e.size
	f := run(ctx, fillWith, time.Hour, size-from, func(ctx context.Context, w, i int) bool {
		status, _ := c.do(ctx, w, http.MethodPost, "/Users", person(from+i))
		return status == http.StatusCreated
	})
	if f.Errors > 0 || ctx.Err() != nil {
		return f, fmt.Errorf("fill to %d people: %d of %d creates failed", size, f.Errors, f.Operations)
	}
	e.size = size
	f.Phase, f.Users = "fill", size
	return f, e.sample(ctx, c)
}

// sample looks up the ids of people spread over the whole size.
func (e *endpoint) sample(ctx context.Context, c *client) error {
	n := min(sampleIDs, e.size)
	e.ids = make([]string, n)
	f := run(ctx, fillWith, time.Hour, n, func(ctx context.Context, w, i int) bool {
		var l list
		status, body := c.do(ctx, w, http.MethodGet, byName(userName(i*e.size/n)), nil)
		if status != http.StatusOK || json.Unmarshal(body, &l) != nil || len(l.Resources) != 1 {
			return false
		}
		e.ids[i] = l.Resources[0].ID
		return true
	})
	if f.Errors > 0 {
		return fmt.Errorf("look up %d people: %d failed", n, f.Errors)
	}
	return e.walk(ctx, c)
}

// walk follows cursors through nine tenths of everybody.
func (e *endpoint) walk(ctx context.Context, c *client) error {
	e.deep = ""
	for range e.size * 9 / 10 / listCount {
		var l list
		status, body := c.do(ctx, 0, http.MethodGet, byCursor(e.deep), nil)
		if err := json.Unmarshal(body, &l); err != nil || l.NextCursor == "" {
			return fmt.Errorf("read a page by cursor: status %d, %.200s", status, body)
		}
		e.deep = l.NextCursor
	}
	return nil
}

func byCursor(cursor string) string {
	return fmt.Sprintf("/Users?count=%d&cursor=%s", listCount, cursor)
}

// phase is one kind of request.
type phase struct {
	name string
	op   func(e *endpoint, c *client) operation
}

// phases in the order they run. What create makes, delete takes away again, so that the size holds.
func phases() []phase {
	return []phase{
		{"create", createPhase},
		{"filter hit", func(e *endpoint, c *client) operation {
			return func(ctx context.Context, w, i int) bool {
				status, body := c.do(ctx, w, http.MethodGet, byName(userName(int(mix(uint64(i))%uint64(e.size)))), nil)
				return status == http.StatusOK && total(body) == 1
			}
		}},
		{"filter miss", func(_ *endpoint, c *client) operation {
			return func(ctx context.Context, w, i int) bool {
				status, body := c.do(ctx, w, http.MethodGet, byName(userName(missOffset+i)), nil)
				return status == http.StatusOK && total(body) == 0
			}
		}},
		{"get", func(e *endpoint, c *client) operation {
			return func(ctx context.Context, w, i int) bool {
				status, _ := c.do(ctx, w, http.MethodGet, "/Users/"+pick(e.ids, mix(uint64(i))), nil)
				return status == http.StatusOK
			}
		}},
		{"patch", func(e *endpoint, c *client) operation {
			return func(ctx context.Context, w, i int) bool {
				body := fmt.Appendf(nil, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[`+
					`{"op":"replace","path":"displayName","value":"Name %[1]d"},{"op":"replace","path":"title","value":"Title %[1]d"},`+
					`{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"Part %[1]d"}]}`,
					e.fresh.Add(1))
				status, _ := c.do(ctx, w, http.MethodPatch, "/Users/"+pick(e.ids, mix(uint64(i))), body)
				return status == http.StatusOK || status == http.StatusNoContent
			}
		}},
		{"list first page", func(e *endpoint, c *client) operation {
			return func(ctx context.Context, w, _ int) bool { return e.page(ctx, c, w, 1) }
		}},
		{"list deep page", func(e *endpoint, c *client) operation {
			return func(ctx context.Context, w, i int) bool {
				tenth := e.size / 10
				return e.page(ctx, c, w, 1+e.size-tenth+int(mix(uint64(i))%uint64(max(1, tenth-listCount))))
			}
		}},
		{"list deep page by cursor", func(e *endpoint, c *client) operation {
			return func(ctx context.Context, w, _ int) bool {
				var l list
				status, body := c.do(ctx, w, http.MethodGet, byCursor(e.deep), nil)
				return status == http.StatusOK && json.Unmarshal(body, &l) == nil && l.TotalResults >= e.size && len(l.Resources) > 0
			}
		}},
	}
}

func createPhase(e *endpoint, c *client) operation {
	return func(ctx context.Context, w, _ int) bool {
		status, body := c.do(ctx, w, http.MethodPost, "/Users", person(freshFrom+int(e.fresh.Add(1))))
		var created struct {
			ID string `json:"id"`
		}
		if status != http.StatusCreated || json.Unmarshal(body, &created) != nil || created.ID == "" {
			return false
		}
		e.mu.Lock()
		e.created = append(e.created, created.ID)
		e.mu.Unlock()
		return true
	}
}

// deleteCreated deletes what the create phase made.
func (e *endpoint) deleteCreated(ctx context.Context, c *client, connections int) Figure {
	ids := e.created
	e.created = nil
	f := run(ctx, connections, time.Hour, len(ids), func(ctx context.Context, w, i int) bool {
		status, _ := c.do(ctx, w, http.MethodDelete, "/Users/"+ids[i], nil)
		return status == http.StatusNoContent
	})
	f.Phase, f.Users = "delete", e.size
	return f
}

func (e *endpoint) page(ctx context.Context, c *client, w, start int) bool {
	var l list
	status, body := c.do(ctx, w, http.MethodGet, fmt.Sprintf("/Users?startIndex=%d&count=%d", start, listCount), nil)
	return status == http.StatusOK && json.Unmarshal(body, &l) == nil && l.TotalResults >= e.size && len(l.Resources) > 0
}

func total(body []byte) int {
	var l list
	if json.Unmarshal(body, &l) != nil {
		return -1
	}
	return l.TotalResults
}

// measure runs every phase with so many connections.
func (e *endpoint) measure(ctx context.Context, connections int, show func(Figure)) {
	c := newClient(e.base, e.token, connections)
	defer c.close()
	for _, p := range phases() {
		op := p.op(e, c)
		before := e.server.cpu()
		f := run(ctx, connections, e.PerPhase, 0, op)
		f.Phase, f.Users, f.ServerRSS = p.name, e.size, e.server.rss()
		if f.Operations > 0 {
			f.ServerCPU = float64((e.server.cpu() - before).Microseconds()) / float64(f.Operations)
		}
		show(f)
		if p.name == "create" {
			show(e.deleteCreated(ctx, c, connections))
		}
	}
}
