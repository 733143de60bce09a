package scimserver

import "time"

// Event is what an observer learns about a request: enough for a request log and for metrics, and no personal data but the resource id. Literals of
// filters are left out (RFC 7644, 7.5.2).
//
// Each operation of a bulk is an event of its own, as if it had been a request, and comes before the event of the bulk. All have the same *http.Request.
type Event struct {
	Bulk     int // place of the operation in its bulk, from 1; 0: a request
	Method   string
	Endpoint string // /Users, /Users/.search, /Schemas, …; never with an id; "unknown" for a path that is none
	ID       string // of the resource, schema or resource type that the path names, as it came; of what a POST created
	Tenant   string
	Status   int
	ScimType string // of an error
	Detail   string // of an error, as it was sent
	Err      error  // cause of a 5xx, which the client is not told
	Duration time.Duration
	BytesIn  int
	BytesOut int
	Filter   string   // shape of the filter: userName eq ?
	Results  int      // resources in a list, operations of a bulk that were tried
	Rules    []string // tolerance rules that the request needed, each once: N1, N3, …

	Note any // Tenant.Note; nil where the request was refused before it had a tenant

	// The first Tenant.Bodies bytes of the bodies; nil where there were none, and of the operations of a bulk. They are full of personal data.
	Request, Response []byte
}

// note records that a tolerance rule was used.
func (e *Event) note(rule string) {
	for _, r := range e.Rules {
		if r == rule {
			return
		}
	}
	e.Rules = append(e.Rules, rule)
}

func (c *call) note(rule string) { c.event.note(rule) }
