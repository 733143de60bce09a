package record

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Request is one request to the SCIM endpoint of an organization, or one operation of a bulk. It holds no values of people: filters are shapes, details
// are masked, and bodies are kept only where somebody asked for them, redacted.
type Request struct {
	ID           string    `json:"id"` // ours, answered in the header X-Request-Id; of the operations of a bulk the bulk's
	Time         time.Time `json:"time"`
	Organization string    `json:"-"`
	ClientID     string    `json:"clientRequestId,omitempty"` // as the client named it
	Traceparent  string    `json:"traceparent,omitempty"`
	Bulk         int       `json:"bulkOperation,omitempty"` // place in its bulk, from 1

	Method     string `json:"method"`
	Path       string `json:"path"`             // below the organization's address
	Resource   string `json:"resource"`         // id of what the request was about; "" for a list
	Query      string `json:"query,omitempty"`  // parameters that say nothing of people: startIndex=1&count=100
	Filter     string `json:"filter,omitempty"` // shape: userName eq ?
	Status     int    `json:"status"`           // 0: not a request but a remark of the log about itself, in Detail
	ScimType   string `json:"scimType,omitempty"`
	Detail     string `json:"detail,omitempty"` // of an error, with quoted values masked
	DurationUS int64  `json:"durationUs"`
	BytesIn    int    `json:"bytesIn"`
	BytesOut   int    `json:"bytesOut"`
	Results    int    `json:"results"` // resources in a list

	Token     string `json:"token,omitempty"` // id; "" where none was accepted
	Address   string `json:"address"`         // of the client, as far as it is known
	UserAgent string `json:"userAgent,omitempty"`

	Changes []RequestChange `json:"changes,omitempty"`
	More    int             `json:"moreChanges,omitempty"` // changes that are not in Changes
	Rules   []string        `json:"rules,omitempty"`       // tolerance rules that were needed: N1, N3, …

	Bodies *RequestBodies `json:"bodies,omitempty"` // only where the organization has switched them on
}

// RequestChange is what the request did to one object. The change feed has every detail, under the cause "scim request ID".
type RequestChange struct {
	Kind  string   `json:"kind"` // create, update, delete, …
	Type  string   `json:"type"`
	ID    string   `json:"id"`
	Paths []string `json:"paths,omitempty"`
	Count int      `json:"count"` // of members added or removed; else 1
}

// RequestBodies are the redacted bodies: their structure, and of their values the kind and the length.
type RequestBodies struct {
	Request  string `json:"request,omitempty"`
	Response string `json:"response,omitempty"`
}

// RequestQuery selects requests of one organization.
type RequestQuery struct {
	Organization string
	MinStatus    int       // 0: any
	MaxStatus    int       // 0: any
	Method       string    // "": any
	Token        string    // id; "": any
	Resource     string    // id; "": any
	Rule         string    // "": any
	Since        time.Time // zero: any

	After  int64 // position of the last request already seen
	Limit  int   // at most 1,000
	Newest bool  // the last ones that match instead of the first ones; oldest first all the same
}

// Matches reports whether the query selects the request. Organization, After, Limit and Newest are not its business.
func (q RequestQuery) Matches(r Request) bool {
	return (q.MinStatus == 0 || r.Status >= q.MinStatus) && (q.MaxStatus == 0 || r.Status <= q.MaxStatus) &&
		(q.Method == "" || strings.EqualFold(r.Method, q.Method)) && (q.Token == "" || r.Token == q.Token) &&
		(q.Resource == "" || r.Resource == q.Resource) && !r.Time.Before(q.Since) &&
		(q.Rule == "" || slices.ContainsFunc(r.Rules, func(rule string) bool { return strings.EqualFold(rule, q.Rule) }))
}

// RequestLog keeps requests. A position is the order of writing: what is written later has a greater one, on every node.
type RequestLog interface {
	AppendRequests(ctx context.Context, requests []Request) error
	Requests(ctx context.Context, q RequestQuery) (requests []Request, position int64, err error)
	// RuleCounts tells for each tolerance rule how many of the selected requests needed it. Limit and Newest are ignored.
	RuleCounts(ctx context.Context, q RequestQuery) (map[string]int, error)
	// PruneRequests removes requests older than before, and bodies older than bodiesBefore, a limited number in each call; more says that some are left.
	PruneRequests(ctx context.Context, before, bodiesBefore time.Time) (more bool, err error)
}
