package server

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

const (
	maxLoggedBody = 64 << 10 // bytes; a longer body is not kept
	maxHeaderText = 200      // bytes of what a client says about itself
	maxRequestID  = 128
)

// requestNote is what authentication learns about a request and what the directory tells about its write, for the request log.
type requestNote struct {
	organization string // id
	token        string // id
	effects      directory.Effects
}

func (n *requestNote) add(e directory.Effects) {
	n.effects.List = append(n.effects.List, e.List...)
	n.effects.More += e.More
}

// take returns the effects since the last time: those of one operation of a bulk, or of the request.
func (n *requestNote) take() directory.Effects {
	e := n.effects
	n.effects = directory.Effects{}
	return e
}

// requestLog turns what the SCIM handler observes into records.
type requestLog struct {
	recorder      *record.Recorder
	proxies       proxies
	redactor      *record.Redactor
	organizations *slugs

	mu      sync.Mutex
	refused map[string]*bucket // by organization: refused requests that get a record of their own
}

// refusedRate bounds the records of requests without a valid token and of those that were told to wait: they cost nothing to send, and must not fill the disk.
func refusedRate() refill { return refill{perSecond: 10, burst: 200} }

func newRequestLog(recorder *record.Recorder, organizations organization.Store, p proxies) *requestLog {
	return &requestLog{
		recorder: recorder, proxies: p, redactor: record.NewRedactor(directory.Registry()), organizations: &slugs{store: organizations},
		refused: map[string]*bucket{},
	}
}

// add records a request, or an operation of a bulk.
func (l *requestLog) add(r *http.Request, e scimserver.Event, now time.Time) {
	note, ok := e.Note.(*requestNote)
	if !ok && e.Status == http.StatusTooManyRequests {
		return // refused by the limit of the client's address, which is there so that a flood costs nothing: not even the look-up of a slug
	}
	if !ok {
		note = &requestNote{organization: l.organizations.id(r.Context(), r.PathValue(scimSlug), now)}
		if note.organization == "" {
			return // nobody's request: the program's log has it
		}
	}
	// Whoever has no token, or is told to wait, can send any number of requests.
	if (!ok || e.Status == http.StatusTooManyRequests) && !l.listed(note.organization, now) {
		l.recorder.Omit(note.organization)
		return
	}
	l.recorder.Add(l.request(r, e, note, now))
}

// listed reports whether one more refused request may have a record.
func (l *requestLog) listed(org string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.refused[org]
	if b == nil {
		b = new(bucket)
		l.refused[org] = b
	}
	return b.take(refusedRate(), now) == 0
}

func (l *requestLog) request(r *http.Request, e scimserver.Event, note *requestNote, now time.Time) record.Request {
	q := record.Request{
		ID: r.PathValue(scimID), Time: now.Add(-e.Duration).UTC(), Organization: note.organization, ClientID: clientID(r),
		Traceparent: headerText(r.Header.Get("Traceparent")), Bulk: e.Bulk,
		Method: methodName(e.Method), Path: e.Endpoint, Resource: l.resource(e.ID), Filter: e.Filter, Status: e.Status, ScimType: e.ScimType,
		Detail: record.MaskDetail(e.Detail), DurationUS: e.Duration.Microseconds(), BytesIn: e.BytesIn, BytesOut: e.BytesOut, Results: e.Results,
		Token: note.token, Rules: slices.Clone(e.Rules),
	}
	if q.Resource != "" && e.Method != http.MethodPost {
		q.Path += "/" + q.Resource
	}
	if from := l.proxies.client(r); from.IsValid() {
		q.Address = from.String()
	}
	if e.Bulk == 0 {
		q.Query, q.UserAgent = l.query(r.URL.RawQuery), headerText(r.UserAgent())
	}
	effects := note.take()
	q.More = effects.More
	for _, c := range effects.List {
		q.Changes = append(q.Changes, record.RequestChange{Kind: string(c.Kind), Type: c.Type, ID: c.ID, Paths: c.Paths, Count: c.Count})
	}
	if e.Request != nil || e.Response != nil {
		q.Bodies = &record.RequestBodies{
			Request:  l.redactor.Redact(e.Request, len(e.Request) == e.BytesIn),
			Response: l.redactor.Redact(e.Response, len(e.Response) < maxLoggedBody),
		}
	}
	return q
}

// resource is the id in a path, as far as it is one: a client may put anything there.
func (l *requestLog) resource(id string) string {
	if id == "" || isID(id) || l.redactor.Knows(id) {
		return id
	}
	return "‹not an id›"
}

// isID reports whether text has the form of the ids that we make.
func isID(s string) bool {
	const length = 36
	return len(s) == length && strings.Trim(s, "0123456789abcdefABCDEF-") == ""
}

// methodName keeps what a client sent for a method from being anything but a method.
func methodName(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "OTHER"
}

// query keeps those parameters that say nothing of people. The filter is in the record as a shape.
func (l *requestLog) query(raw string) string {
	var out []string
	for pair := range strings.SplitSeq(raw, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if value, err := url.QueryUnescape(value); err == nil {
			if shown := l.parameter(key, value); shown != "" {
				out = append(out, shown)
			}
		}
	}
	return strings.Join(out, "&")
}

func (l *requestLog) parameter(key, value string) string {
	switch strings.ToLower(key) {
	case "startindex", "count":
		if len(value) <= len("-2147483648") && strings.Trim(value, "-0123456789") == "" {
			return key + "=" + value
		}
	case "sortby", "sortorder", "attributes", "excludedattributes":
		return key + "=" + l.redactor.Path(value)
	case "cursor":
		if value == "" {
			return key
		}
	case "aadoptscim062020":
		return key
	default:
		return ""
	}
	return key + "=…"
}

// clientID is how the client named the request.
func clientID(r *http.Request) string {
	for _, h := range []string{"Client-Request-Id", "X-Request-Id"} {
		if id := r.Header.Get(h); id != "" && len(id) <= maxRequestID && !strings.ContainsFunc(id, unprintable) {
			return id
		}
	}
	return ""
}

func unprintable(c rune) bool { return c <= ' ' || c > '~' }

// headerText is one short line.
func headerText(s string) string {
	s = strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, s)
	return s[:min(len(s), maxHeaderText)]
}

// slugs finds organizations by the slug of a path, for requests that nobody is known to have sent. It asks the store for each slug at most once a minute.
type slugs struct {
	store organization.Store
	mu    sync.Mutex
	known map[string]slugEntry
}

type slugEntry struct {
	id string // "": there is none
	at time.Time
}

const (
	slugLife = time.Minute
	maxSlugs = 4096
)

func (s *slugs) id(ctx context.Context, slug string, now time.Time) string {
	s.mu.Lock()
	e, ok := s.known[slug]
	s.mu.Unlock()
	if ok && now.Sub(e.at) < slugLife {
		return e.id
	}
	e = slugEntry{at: now}
	if o, err := s.store.OrganizationBySlug(context.WithoutCancel(ctx), slug); err == nil {
		e.id = o.ID
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || len(s.known) >= maxSlugs {
		s.known = map[string]slugEntry{}
	}
	s.known[slug] = e
	return e.id
}
